//! A call that is being read: each parameter by the rules for its value. What
//! breaks one is a flaw, and gives no value.

use super::parameter::{Parameter, Value};
use super::refused::Flaw;
use crate::manifest::{Breach, FieldRules, Severity, check_token};
use crate::model::{AppName, Field, Function, GroupId, Link, NameError, Secret, UserName};
use crate::plan::Address;
use std::collections::BTreeMap;

/// How the app of a menu group begins.
const GROUP: &str = "group_";

/// A call that is being read.
pub(super) struct Reading {
    pub(super) function: Function,
    pub(super) rules: FieldRules,
    pub(super) values: BTreeMap<Parameter, Value>,
    pub(super) flaws: Vec<Flaw>,
    pub(super) warnings: Vec<Flaw>,
}

impl Reading {
    /// The fields of a link. One that cannot be read is a flaw, and no field.
    pub(super) fn link(&mut self) -> Link {
        let urls = [Parameter::Url, Parameter::AutologinTokenUrl];
        if !urls.iter().any(|url| self.values.contains_key(url)) {
            let message = "neither it nor `autologin_token_url` is given";
            self.flaws.push(Flaw::of(Parameter::Url, message));
        } else if !self.values.contains_key(&Parameter::Url) {
            self.note(Parameter::AutologinTokenUrl, FieldRules::no_fallback());
        }
        Link {
            label: self.field(Parameter::Label, Field::Label),
            implements: self.field(Parameter::Implements, Field::Implements),
            url: self.field(Parameter::Url, Field::Url),
            autologin_token_url: self.field(Parameter::AutologinTokenUrl, Field::AutologinTokenUrl),
            subscriber_unique_id: self
                .field(Parameter::SubscriberUniqueId, Field::SubscriberUniqueId),
            group_id: self.field(Parameter::GroupId, Field::GroupId),
            order: self.read(Parameter::Order, FieldRules::link_order),
            hide: self
                .read(Parameter::Hide, |text| {
                    FieldRules::hide(text).map(|hide| (hide, None))
                })
                .is_some_and(|hide| hide),
            icon: self.read(Parameter::Icon, FieldRules::icon),
        }
    }

    /// The text of a parameter; a secret is none.
    pub(super) fn text(&mut self, parameter: Parameter) -> Option<String> {
        match self.values.get(&parameter)? {
            Value::Text(text) | Value::Read(text) => Some(text.clone()),
            Value::Secret(_) => {
                let message = "is given as a secret, which only a token is";
                self.flaws.push(Flaw::of(parameter, message));
                None
            }
        }
    }

    pub(super) fn version(&mut self) {
        if let Some(version) = self.text(Parameter::ApiVersion)
            && version != "1"
        {
            let message = "only version 1 of the API is spoken here";
            self.flaws.push(Flaw::of(Parameter::ApiVersion, message));
        }
    }

    pub(super) fn name<T>(
        &mut self,
        parameter: Parameter,
        parse: fn(&str) -> Result<T, NameError>,
    ) -> Option<T> {
        let text = self.text(parameter)?;
        self.parsed(parameter, parse(&text))
    }

    pub(super) fn parsed<T>(
        &mut self,
        parameter: Parameter,
        name: Result<T, NameError>,
    ) -> Option<T> {
        name.map_err(|error| {
            let flaw = Flaw::of(parameter, format!("the name {error}"));
            self.flaws.push(flaw);
        })
        .ok()
    }

    /// The link that an app is, or the group that it stands for.
    pub(super) fn address(&mut self, user: Option<UserName>) -> Option<Address> {
        let text = self.text(Parameter::App)?;
        Some(match text.strip_prefix(GROUP) {
            None => {
                let app = self.parsed(Parameter::App, AppName::parse(&text));
                Address::Link(user?, app?)
            }
            Some(id) => {
                let id = self.parsed(Parameter::App, GroupId::parse(id));
                Address::Group(user?, id?)
            }
        })
    }

    pub(super) fn field(&mut self, parameter: Parameter, field: Field) -> Option<String> {
        let text = self.text(parameter)?;
        for breach in self.rules.text(field, &text) {
            self.note(parameter, breach);
        }
        Some(text)
    }

    pub(super) fn read<T>(
        &mut self,
        parameter: Parameter,
        read: impl FnOnce(&str) -> Result<(T, Option<Breach>), Breach>,
    ) -> Option<T> {
        let text = self.text(parameter)?;
        match read(&text) {
            Ok((value, warning)) => {
                if let Some(warning) = warning {
                    self.note(parameter, warning);
                }
                Some(value)
            }
            Err(breach) => {
                self.note(parameter, breach);
                None
            }
        }
    }

    pub(super) fn note(&mut self, parameter: Parameter, breach: Breach) {
        let into = match breach.severity {
            Severity::Error => &mut self.flaws,
            Severity::Warning => &mut self.warnings,
        };
        into.push(match self.values.get(&parameter) {
            // What is wrong with an image is told without a word of it.
            Some(Value::Read(_)) if parameter != Parameter::Icon => {
                let message = format!("what was read is against the rule `{}`", breach.rule);
                Flaw {
                    hint: breach.hint.map(str::to_owned),
                    ..Flaw::of(parameter, message)
                }
            }
            Some(Value::Text(_) | Value::Read(_) | Value::Secret(_)) | None => {
                Flaw::broken(parameter, breach)
            }
        });
    }

    pub(super) fn token(&mut self) -> Option<Secret> {
        let secret = match self.values.get(&Parameter::Token)? {
            Value::Secret(secret) => secret.clone(),
            Value::Text(_) | Value::Read(_) => {
                let message = "is given as text, and a token is a secret";
                self.flaws.push(Flaw::of(Parameter::Token, message));
                return None;
            }
        };
        match check_token(secret.expose()) {
            Ok(()) => Some(secret),
            Err(why) => {
                self.flaws.push(Flaw::of(Parameter::Token, why));
                None
            }
        }
    }
}

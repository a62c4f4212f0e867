//! One link at a time: layers merged, templates filled in, and the rules that
//! hold between fields.

use super::check::Breach;
use super::findings::Findings;
use super::layer::{Key, Layer, TokenWish, Value, check_text, check_token_path, finding};
use super::merge::Manifest;
use super::part::{LinkPart, UserPart};
use super::problem::{At, Finding, On, show};
use super::template::{LONGEST, Template, Unfilled, Values};
use crate::model::{AppName, Group, GroupId, Link, STOCK_GROUPS, Secret, TokenRef, UserName};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A link with everything in its place, its token still to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expanded {
    pub(super) link: Link,
    pub(super) token: ExpandedToken,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExpandedToken {
    None,
    Keep,
    Literal(Secret),
    /// A reference, and the source whose folder it is relative to.
    Reference(TokenRef, usize),
}

/// Where a layer stands.
#[derive(Clone, Copy)]
enum Level {
    Defaults,
    App,
    Link,
}

/// A value of a link, and the layer that gives it. Its place is worked out
/// only for a finding: there are millions of values, and few findings.
#[derive(Clone, Copy)]
struct Given<'m> {
    layer: &'m Layer,
    level: Level,
    name: &'static str,
    value: &'m Value,
}

/// One link of the manifest that is being put together.
#[derive(Clone, Copy)]
pub(super) struct Expansion<'m> {
    manifest: &'m Manifest,
    user: &'m UserName,
    app: &'m AppName,
    part: &'m LinkPart,
    layers: [Option<(&'m Layer, Level)>; 3],
    values: Values<'m>,
}

impl<'m> Expansion<'m> {
    /// `None` for a link that is to be absent.
    pub(super) fn new(
        manifest: &'m Manifest,
        user: &'m UserName,
        of: &'m UserPart,
        app: &'m AppName,
        part: &'m LinkPart,
    ) -> Option<Self> {
        let link = part.layer.as_ref()?;
        Some(Self {
            manifest,
            user,
            app,
            part,
            layers: [
                Some((link, Level::Link)),
                manifest.apps.get(app).map(|layer| (layer, Level::App)),
                manifest
                    .defaults
                    .as_ref()
                    .map(|layer| (layer, Level::Defaults)),
            ],
            values: Values {
                user,
                app,
                vars: &of.vars,
            },
        })
    }

    /// Puts the link together. What cannot be filled in is left out; nothing is
    /// held against a rule, which is done once, when a manifest is loaded.
    pub(super) fn expand(&self) -> Expanded {
        let text = |key| self.text(key).map(Cow::into_owned);
        let link = Link {
            label: text(Key::Label),
            implements: text(Key::Implements),
            url: text(Key::Url),
            autologin_token_url: text(Key::AutologinTokenUrl),
            subscriber_unique_id: text(Key::SubscriberUniqueId),
            group_id: text(Key::GroupId),
            order: match self.value(Key::Order) {
                Some(Value::Order(order)) => Some(order.clone()),
                _ => None,
            },
            hide: matches!(self.value(Key::Hide), Some(Value::Hide(true))),
            icon: match self.value(Key::Icon) {
                Some(Value::Icon(icon)) => Some(icon.clone()),
                _ => None,
            },
        };
        Expanded {
            link,
            token: self.token(),
        }
    }

    /// Holds the link, which has this token, against the rules: what breaks one
    /// is a finding. Only texts that have holes are filled in for it.
    pub(super) fn check(&self, token: &ExpandedToken, findings: &mut Findings) {
        for key in [
            Key::Label,
            Key::Implements,
            Key::Url,
            Key::AutologinTokenUrl,
            Key::SubscriberUniqueId,
            Key::GroupId,
        ] {
            self.check_text(key, findings);
        }
        self.check_token(token, findings);
        self.check_together(token, findings);
    }

    /// The manifest that it is of.
    pub(super) fn manifest(&self) -> &'m Manifest {
        self.manifest
    }

    /// The place that says which host its token would be posted to.
    pub(super) fn autologin_place(&self) -> Option<At> {
        self.given(Key::AutologinTokenUrl)
            .map(|given| self.place(given))
    }

    /// What the nearest layer gives for a key.
    fn given(&self, key: Key) -> Option<Given<'m>> {
        let mut layers = self.layers.iter().flatten();
        let given = layers.find_map(|(layer, level)| {
            let (name, value) = layer.value(key)?;
            Some(Given {
                layer,
                level: *level,
                name,
                value,
            })
        })?;
        (*given.value != Value::Clear).then_some(given)
    }

    fn value(&self, key: Key) -> Option<&'m Value> {
        self.given(key).map(|given| given.value)
    }

    /// Where a value stands.
    fn place(&self, given: Given<'_>) -> At {
        let Given {
            layer, level, name, ..
        } = given;
        let (user, app) = (self.user.as_str(), self.app.as_str());
        match level {
            Level::Defaults => At::value(layer.source, &["defaults", name]),
            Level::App => At::value(layer.source, &["apps", app, name]),
            Level::Link => At::value(layer.source, &["users", user, "links", app, name]),
        }
    }

    /// The URL that its token would be posted to.
    pub(super) fn autologin_token_url(&self) -> Option<Cow<'m, str>> {
        self.text(Key::AutologinTokenUrl)
    }

    fn text(&self, key: Key) -> Option<Cow<'m, str>> {
        match self.value(key)? {
            Value::Text(template) => template.fill(self.values).ok(),
            _ => None,
        }
    }

    fn check_text(&self, key: Key, findings: &mut Findings) {
        let Some(given) = self.given(key) else { return };
        let Value::Text(template) = given.value else {
            return;
        };
        match template.fill(self.values) {
            // A text without holes was checked where it stands.
            Ok(Cow::Borrowed(_)) => {}
            Ok(Cow::Owned(text)) => {
                for breach in check_text(key, &text, &self.manifest.settings) {
                    findings.push(finding(breach, self.place(given)).label(&self.for_link()));
                }
            }
            Err(unfilled) => self.note_unfilled(unfilled, given, findings),
        }
    }

    fn for_link(&self) -> String {
        format!("for {}/{}", self.user, self.app)
    }

    /// Says why a template cannot be filled in.
    fn note_unfilled(&self, unfilled: Unfilled, given: Given<'_>, findings: &mut Findings) {
        let name = match unfilled {
            Unfilled::Undefined(name) => name,
            Unfilled::TooLong => {
                let message = format!("filled in, the text is longer than {LONGEST} bytes");
                let finding = Finding::error("text", self.place(given), message);
                findings.push(finding.label(&self.for_link()));
                return;
            }
        };
        let message = format!(
            "the user {} has no variable {}",
            show(self.user.as_str()),
            show(&name)
        );
        let finding = Finding::error("undefined", self.place(given), message);
        let known = self.values.vars.keys().map(|name| &**name);
        let near = findings.nearest(&format!("variable of {}", self.user), &name, known);
        findings.push(match near {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("add it to `users.{}.vars`", self.user)),
        });
    }

    /// Its token, as far as the manifest says it.
    pub(super) fn token(&self) -> ExpandedToken {
        let Some(given) = self.given(Key::Token) else {
            return ExpandedToken::None;
        };
        let Value::Token(wish) = given.value else {
            return ExpandedToken::None;
        };
        let fill = |template: &Template| template.fill(self.values).ok().map(Cow::into_owned);
        let reference = match wish {
            TokenWish::Keep => return ExpandedToken::Keep,
            TokenWish::Literal(secret) => return ExpandedToken::Literal(secret.clone()),
            TokenWish::Env(name) => Some(TokenRef::Env(name.to_string())),
            TokenWish::Secret(template) => fill(template).map(TokenRef::Secret),
            TokenWish::File(template) => fill(template).map(TokenRef::File),
        };
        match reference {
            Some(reference) => ExpandedToken::Reference(reference, given.layer.source),
            None => ExpandedToken::None,
        }
    }

    fn check_token(&self, token: &ExpandedToken, findings: &mut Findings) {
        let Some(given) = self.given(Key::Token) else {
            return;
        };
        let Value::Token(TokenWish::Secret(template) | TokenWish::File(template)) = given.value
        else {
            return;
        };
        match token {
            ExpandedToken::Reference(TokenRef::File(path), _) => {
                if let Some(breach) = check_token_path(path, &self.manifest.settings) {
                    findings.push(finding(breach, self.place(given)));
                }
            }
            ExpandedToken::None => {
                if let Err(unfilled) = template.fill(self.values) {
                    self.note_unfilled(unfilled, given, findings);
                }
            }
            ExpandedToken::Keep | ExpandedToken::Literal(_) | ExpandedToken::Reference(..) => {}
        }
    }

    /// Where a missing field is best added: the template, if there is one.
    fn home(&self) -> At {
        match self.manifest.apps.get(self.app) {
            Some(layer) => At::key(layer.source, &["apps", self.app.as_str()]),
            None => self.link_key(),
        }
    }

    fn link_key(&self) -> At {
        At::key(
            self.part.source,
            &["users", self.user.as_str(), "links", self.app.as_str()],
        )
    }

    /// Whether something else stands in the link's place than a link: then it
    /// has no fields that could be missing.
    pub(super) fn is_unread(&self, findings: &Findings) -> bool {
        let mut at = self.link_key();
        at.on = On::Value;
        findings.count() > 0 && findings.is_unread(&at)
    }

    /// The rules that hold between fields.
    fn check_together(&self, token: &ExpandedToken, findings: &mut Findings) {
        // A value that broke its own rule is not missing.
        let is_given = |key| self.given(key).is_some();
        let mut missing = |at: At, what: &'static str| {
            let message = format!("the link {} has no {what}", show(self.app.as_str()));
            let finding = Finding::error("required", at, message)
                .aspect(what)
                .label(&self.for_link());
            let hint = self.template_hint(findings);
            findings.push(match hint {
                Some(hint) => finding.hint(hint),
                None => finding,
            });
        };
        for (key, what) in [(Key::Label, "`label`"), (Key::Implements, "`implements`")] {
            if !is_given(key) {
                missing(self.home(), what);
            }
        }
        let has_autologin = is_given(Key::AutologinTokenUrl);
        if !has_autologin && !is_given(Key::Url) {
            missing(self.home(), "`url` and no `autologin_token_url`");
        }
        if has_autologin {
            if !is_given(Key::SubscriberUniqueId) {
                missing(
                    self.link_key(),
                    "`subscriber_unique_id`, which auto-login needs",
                );
            }
            if !is_given(Key::Token) {
                missing(self.home(), "`token`, which auto-login needs");
            }
        }
        if let (Some(given), false) = (self.given(Key::AutologinTokenUrl), is_given(Key::Url)) {
            findings.push(finding(Breach::no_fallback(), self.place(given)));
        }
        if let (Some(id), Some(given)) = (self.text(Key::GroupId), self.given(Key::GroupId)) {
            self.check_group(&id, given, findings);
        }
        if *token != ExpandedToken::None
            && !has_autologin
            && let Some(given) = self.given(Key::Token)
        {
            let message = "a token without `autologin_token_url` is never used";
            findings.push(Finding::warning("token-unused", self.place(given), message));
        }
    }

    fn check_group(&self, id: &str, given: Given<'_>, findings: &mut Findings) {
        let is_declared = GroupId::parse(id).is_ok_and(|id| self.manifest.groups.contains_key(&id));
        if is_declared || STOCK_GROUPS.contains(&id) {
            return;
        }
        let message = format!(
            "the group {} is neither declared nor one of the panel's own",
            show(id)
        );
        let declared = self.manifest.groups.keys().map(GroupId::as_str);
        let hint = match findings.nearest("group", id, declared.chain(STOCK_GROUPS)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "declare it under `groups`, or use one of {}",
                STOCK_GROUPS.join(", ")
            ),
        };
        let finding = Finding::warning("unknown-group", self.place(given), message).hint(hint);
        // One line mends it for all links: the group's own declaration.
        findings.push(finding.about(At::key(0, &["groups", id])));
    }

    /// An app without a template is often a misspelt one.
    fn template_hint(&self, findings: &mut Findings) -> Option<String> {
        if self.manifest.apps.contains_key(self.app) {
            return None;
        }
        let apps = self.manifest.apps.keys().map(AppName::as_str);
        let near = findings.nearest("app", self.app.as_str(), apps)?;
        Some(format!(
            "there is no template for it; did you mean `{near}`?"
        ))
    }
}

impl Manifest {
    /// The groups that links of a user stand in, of those declared.
    pub(super) fn groups_of<'l>(
        &self,
        links: impl Iterator<Item = &'l Link>,
    ) -> BTreeMap<GroupId, Group> {
        links
            .filter_map(|link| link.group_id.as_deref())
            .filter_map(|id| GroupId::parse(id).ok())
            .filter_map(|id| {
                let group = self.groups.get(&id)?.clone();
                Some((id, group))
            })
            .collect()
    }
}

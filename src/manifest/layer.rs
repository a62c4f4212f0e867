//! One layer of a link's fields, with every value that can be checked on its
//! own checked: from the wire's texts to templates, numbers, switches, icons.

use super::check::{self, Breach};
use super::findings::Findings;
use super::icons::Icons;
use super::problem::{At, Finding, On, Severity, Step, show};
use super::settings::Settings;
use super::template::Template;
use super::values::{Switch, Text};
use super::wire::TokenSpec;
use super::written::{Written, WrittenFields};
use crate::model::{GroupId, Icon, NameError, Order, PngError, PngSize, Secret};
use std::sync::Arc;

/// The size icons should have, in pixels.
const ICON_SIDE: u32 = 48;

/// A field of a layer. `Icon` stands for both ways to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Label,
    Implements,
    Url,
    AutologinTokenUrl,
    SubscriberUniqueId,
    GroupId,
    Order,
    Hide,
    Icon,
    Token,
}

/// A value of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// `null`: takes away what a lower layer gave.
    Clear,
    /// Something that breaks its own rule: given, but of no use.
    Broken,
    Text(Template),
    Order(Order),
    Hide(bool),
    Icon(Icon),
    Token(TokenWish),
}

/// A token reference that may hold a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenWish {
    Keep,
    Literal(Secret),
    Secret(Template),
    Env(Arc<str>),
    File(Template),
}

/// The values of one layer, and the source they are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) source: usize,
    values: Box<[(Key, &'static str, Value)]>,
}

impl Layer {
    /// The value of a key and the name it is written under.
    pub(super) fn value(&self, key: Key) -> Option<(&'static str, &Value)> {
        self.values
            .iter()
            .find(|(k, _, _)| *k == key)
            .map(|(_, name, value)| (*name, value))
    }
}

impl Layer {
    /// The keys it has, by the names they are written under.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().map(|(_, name, _)| *name)
    }

    /// Whether another layer has the same values, wherever it stands.
    pub(super) fn has_values_of(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

/// What layers are read with.
pub(super) struct Reader<'a> {
    pub(super) settings: &'a Settings,
    pub(super) icons: &'a Icons,
    pub(super) findings: &'a mut Findings,
    /// How many tokens stand in the manifest as text, and the first place.
    pub(super) literal_tokens: (usize, Option<At>),
}

impl Reader<'_> {
    /// Reads a layer; values that break a rule are findings and left out.
    pub(super) fn layer(&mut self, source: usize, path: &[&str], fields: &WrittenFields) -> Layer {
        let place = Layering {
            source,
            path,
            reader: self,
            values: Vec::with_capacity(fields.iter().len()),
        };
        place.read(fields)
    }
}

struct Layering<'r, 'a, 'p> {
    source: usize,
    path: &'p [&'p str],
    reader: &'r mut Reader<'a>,
    values: Vec<(Key, &'static str, Value)>,
}

impl Layering<'_, '_, '_> {
    fn read(mut self, fields: &WrittenFields) -> Layer {
        for field in fields.iter() {
            self.add(field, fields);
        }
        Layer {
            source: self.source,
            values: self.values.into_boxed_slice(),
        }
    }

    fn add(&mut self, field: &Written, all: &WrittenFields) {
        match field {
            Written::Label(text) => self.set_text(Key::Label, "label", text.as_ref()),
            Written::Implements(text) => {
                self.set_text(Key::Implements, "implements", text.as_ref());
            }
            Written::Url(text) => self.set_text(Key::Url, "url", text.as_ref()),
            Written::AutologinTokenUrl(text) => {
                self.set_text(Key::AutologinTokenUrl, "autologin_token_url", text.as_ref());
            }
            Written::SubscriberUniqueId(text) => {
                self.set_text(
                    Key::SubscriberUniqueId,
                    "subscriber_unique_id",
                    text.as_ref(),
                );
            }
            Written::GroupId(text) => self.set_text(Key::GroupId, "group_id", text.as_ref()),
            Written::Order(text) => {
                self.set(Key::Order, "order", text.as_ref(), |this, Text(text)| {
                    this.order(text)
                });
            }
            Written::Hide(hide) => {
                self.set(Key::Hide, "hide", hide.as_ref(), |_, Switch(hide)| {
                    Some(Value::Hide(*hide))
                });
            }
            Written::Token(spec) => {
                self.set(Key::Token, "token", spec.as_deref(), Self::token);
            }
            Written::Icon(path) => {
                self.check_one_icon(all);
                self.set(Key::Icon, "icon", path.as_ref(), |this, Text(path)| {
                    this.icon_file(path)
                });
            }
            Written::Base64PngImage(text) => {
                let text = text.as_ref();
                self.set(Key::Icon, "base64_png_image", text, |this, Text(text)| {
                    this.icon_text(text)
                });
            }
        }
    }

    /// A field that is a plain text.
    fn set_text(&mut self, key: Key, name: &'static str, text: Option<&Text>) {
        self.set(key, name, text, |this, Text(text)| {
            this.text(key, name, text)
        });
    }

    /// Beside a named icon there may be none that is written out.
    fn check_one_icon(&mut self, all: &WrittenFields) {
        let is_inline = |field: &Written| matches!(field, Written::Base64PngImage(_));
        if all.iter().any(is_inline) {
            let message = "`icon` and `base64_png_image` are two ways to write one field";
            let finding = Finding::error("icon", self.at("base64_png_image", On::Key), message)
                .also(self.at("icon", On::Key), "the other one");
            self.reader.findings.push(finding);
        }
    }

    /// Keeps a value, which is `None` where `null` was written.
    fn set<T>(
        &mut self,
        key: Key,
        name: &'static str,
        field: Option<&T>,
        read: impl FnOnce(&mut Self, &T) -> Option<Value>,
    ) {
        let value = match field {
            None => Value::Clear,
            Some(value) => read(self, value).unwrap_or(Value::Broken),
        };
        self.values.push((key, name, value));
    }

    fn at(&self, name: &str, on: On) -> At {
        let mut at = At::key(self.source, self.path);
        at.path.push(Step::key(name));
        at.on = on;
        at
    }

    fn breaches(&mut self, name: &str, breaches: impl IntoIterator<Item = Breach>) {
        for breach in breaches {
            let at = self.at(name, On::Value);
            self.reader.findings.push(finding(breach, at));
        }
    }

    fn text(&mut self, key: Key, name: &'static str, text: &Arc<str>) -> Option<Value> {
        let template = self.template(name, text)?;
        if let Some(text) = template.plain() {
            let breaches = check_text(key, text, self.reader.settings);
            self.breaches(name, breaches);
        }
        Some(Value::Text(template))
    }

    fn template(&mut self, name: &str, text: &Arc<str>) -> Option<Template> {
        Template::parse(text)
            .map_err(|error| {
                let shown = match name {
                    "url" | "autologin_token_url" => check::shown_url(text),
                    _ => show(text),
                };
                let finding = Finding::error(
                    "template",
                    self.at(name, On::Value),
                    format!("{shown}: {error}"),
                )
                .hint("templates are `{{ user }}`, `{{ app }}` and `{{ vars.NAME }}`, each with an optional `| urlencode`");
                self.reader.findings.push(finding);
            })
            .ok()
    }

    fn order(&mut self, text: &str) -> Option<Value> {
        match check::link_order(text) {
            Ok((order, breach)) => {
                self.breaches("order", breach);
                Some(Value::Order(Order::from(order)))
            }
            Err(breach) => {
                self.breaches("order", Some(breach));
                None
            }
        }
    }

    fn token(&mut self, spec: &TokenSpec) -> Option<Value> {
        let wish = match spec {
            TokenSpec::Keep => TokenWish::Keep,
            TokenSpec::Literal(secret) => {
                let at = self.at("token", On::Key);
                self.reader.literal_tokens.0 += 1;
                self.reader.literal_tokens.1.get_or_insert(at);
                if let Err(why) = check_token(secret.expose()) {
                    let finding = Finding::error("token", self.at("token", On::Key), why);
                    self.reader.findings.push(finding);
                }
                TokenWish::Literal(secret.clone())
            }
            TokenSpec::Secret(name) => TokenWish::Secret(self.template("token", name)?),
            TokenSpec::File(path) => {
                let template = self.template("token", path)?;
                if let Some(path) = template.plain() {
                    let breach = check_token_path(path, self.reader.settings);
                    self.breaches("token", breach);
                }
                TokenWish::File(template)
            }
            TokenSpec::Env(name) => {
                if let Some(hint) = self.reader.settings.host.refusal_of_env(name) {
                    let message = format!("tokens are not read from the variable {}", show(name));
                    let finding = Finding::error("token-env", self.at("token", On::Value), message)
                        .hint(hint);
                    self.reader.findings.push(finding);
                }
                TokenWish::Env(name.clone())
            }
        };
        Some(Value::Token(wish))
    }

    fn icon_file(&mut self, path: &str) -> Option<Value> {
        match self.reader.icons.get(&(self.source, path.to_owned())) {
            Some(Ok((icon, size))) => {
                let (icon, size) = (icon.clone(), *size);
                self.icon_size("icon", size);
                Some(Value::Icon(icon))
            }
            Some(Err(why)) => {
                let message = format!("the icon {} {why}", show(path));
                let finding = Finding::error("icon", self.at("icon", On::Value), message);
                self.reader.findings.push(finding);
                None
            }
            None => {
                let message = format!("the icon {} was not read", show(path));
                let finding = Finding::error("icon", self.at("icon", On::Value), message);
                self.reader.findings.push(finding);
                None
            }
        }
    }

    fn icon_text(&mut self, text: &str) -> Option<Value> {
        match Icon::from_base64(text) {
            Ok((icon, size)) => {
                self.icon_size("base64_png_image", size);
                Some(Value::Icon(icon))
            }
            Err(error) => {
                let why = icon_error(error.as_ref());
                let message = format!("the inline icon {why}");
                let at = self.at("base64_png_image", On::Value);
                self.reader
                    .findings
                    .push(Finding::error("icon", at, message));
                None
            }
        }
    }

    fn icon_size(&mut self, name: &str, size: PngSize) {
        self.breaches(name, check_icon_size(size));
    }
}

/// Whether an icon is as large as menus show it.
pub(super) fn check_icon_size(size: PngSize) -> Option<Breach> {
    let is_right = (size.width, size.height) == (ICON_SIDE, ICON_SIDE);
    (!is_right).then(|| {
        let message = format!(
            "the icon is {}×{} pixels, menus show {ICON_SIDE}×{ICON_SIDE}",
            size.width, size.height
        );
        Breach::icon_size(message)
    })
}

pub(super) fn icon_error(error: Option<&PngError>) -> String {
    error.map_or_else(|| "is not base64".to_owned(), ToString::to_string)
}

/// A breach at a place.
pub(super) fn finding(breach: Breach, at: At) -> Finding {
    let Breach {
        rule,
        severity,
        message,
        hint,
    } = breach;
    let finding = match severity {
        Severity::Error => Finding::error(rule, at, message),
        Severity::Warning => Finding::warning(rule, at, message),
    };
    Finding {
        hint: hint.map(str::to_owned),
        ..finding
    }
}

/// The rules for one text field.
pub(super) fn check_text(key: Key, text: &str, settings: &Settings) -> Vec<Breach> {
    match key {
        Key::Label => check::label(text),
        Key::Url => check_url(text, settings).1,
        Key::AutologinTokenUrl => {
            let (host, mut breaches) = check_url(text, settings);
            if let Some(host) = host {
                breaches.extend(settings.check_autologin_host(&host));
            }
            breaches.extend(check::plain_http(text));
            breaches
        }
        Key::SubscriberUniqueId => check::opaque("subscriber id", text),
        Key::Implements if text.is_empty() => Vec::new(),
        Key::Implements => check_word("implements", text, GroupId::parse(text).err()),
        Key::GroupId => check_word("group id", text, GroupId::parse(text).err()),
        Key::Order | Key::Hide | Key::Icon | Key::Token => Vec::new(),
    }
}

/// A host that the host's policy lists may be a local one.
fn check_url(text: &str, settings: &Settings) -> (Option<String>, Vec<Breach>) {
    let (host, mut breaches) = check::url(text);
    if host.as_ref().is_some_and(|host| settings.host.lists(host)) {
        breaches.retain(|breach| !check::is_about_reach(breach));
    }
    (host, breaches)
}

fn check_word(what: &str, text: &str, error: Option<NameError>) -> Vec<Breach> {
    error
        .map(|error| Breach::name(format!("the {what} {} {error}", show(text))))
        .into_iter()
        .collect()
}

/// Where a token file may be: below the manifest's folder, below the folder
/// systemd passes credentials in, or in one that the host's policy lists.
pub(super) fn check_token_path(path: &str, settings: &Settings) -> Option<Breach> {
    let relative = match settings.host.below_secrets(path) {
        Some((_, rest)) if rest.as_os_str().is_empty() => "",
        // All of it, so that the folder has one spelling too.
        Some(_) => path.strip_prefix('/').unwrap_or(path),
        None => path
            .strip_prefix(super::tokens::CREDENTIALS)
            .unwrap_or(path),
    };
    check::relative_path(relative).map(|why| {
        Breach::path(format!(
            "the token file {} {why}; token files lie below the manifest's folder, in `$CREDENTIALS_DIRECTORY/` or in a folder that the policy of this host lists",
            show(path)
        ))
    })
}

/// Longest token, in bytes.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

/// What any token must be; the message never holds it.
pub fn check_token(token: &str) -> Result<(), String> {
    if token.is_empty() {
        Err("the token is empty".to_owned())
    } else if token.len() > MAX_TOKEN {
        Err(format!("the token is longer than {MAX_TOKEN} bytes"))
    } else if token.chars().any(char::is_control) {
        Err("the token holds control characters or line breaks".to_owned())
    } else {
        Ok(())
    }
}

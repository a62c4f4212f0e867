//! The manifest as it is written: one struct for each kind of map, with the
//! keys it knows. The reader and the JSON Schema are both made from these
//! definitions, so that they cannot drift apart.
#![expect(
    clippy::doc_markdown,
    reason = "these docs are the descriptions in the JSON Schema, which is no Markdown"
)]

use super::budget::text_limit;
use super::look::{Look, Shape, look};
use super::read::{Keyed, Read, Reading, Seed, TOKEN_REFERENCE, read_keyed};
use super::schema;
use super::values::{Entries, Gathered, Layered, Switch, Text, Texts};
use super::written::WrittenFields;
use serde::de::{Deserializer, Error, MapAccess};
use std::sync::Arc;

macro_rules! wire {
    (
        $(#[doc = $doc:literal])*
        $name:ident, expected $expected:expr, empty $empty:literal, required $required:expr,
        hint $hint:expr;
        $( $(#[doc = $key_doc:literal])* $key:ident: $type:ty => $schema:expr, )*
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct $name {
            $( $(#[doc = $key_doc])* pub(super) $key: $type, )*
            /// The keys that were given.
            pub(super) given: Given,
        }

        impl Keyed for $name {
            const EXPECTED: &'static str = $expected;
            const MAY_BE_EMPTY: bool = $empty;
            const HINT: Option<&'static str> = $hint;
            const KNOWN: Option<&'static [&'static str]> = Some(&[$(stringify!($key)),*]);

            fn has(&self, key: &str) -> bool {
                self.given.has(Self::KNOWN.unwrap_or_default(), key)
            }

            fn take<'de, A: MapAccess<'de>>(
                &mut self,
                key: String,
                map: &mut A,
                reading: &mut Reading,
            ) -> Result<(), A::Error> {
                self.given.add(Self::KNOWN.unwrap_or_default(), &key);
                $( if key == stringify!($key) {
                    self.$key = map.next_value_seed(Seed::new(reading))?;
                    return Ok(());
                } )*
                Ok(())
            }
        }

        impl Read for $name {
            fn read<'de, D: Deserializer<'de>>(
                from: D,
                reading: &mut Reading,
            ) -> Result<Self, D::Error> {
                read_keyed(from, reading)
            }
        }

        impl $name {
            /// The JSON Schema of this map.
            pub(super) fn schema() -> serde_json::Value {
                schema::object(
                    concat!($($doc),*),
                    $required,
                    [$( (stringify!($key), concat!($($key_doc),*), $schema) ),*],
                )
            }
        }
    };
}

/// Which of a map's keys were given, as bits: a map may be one of 300,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Given(u16);

impl Given {
    fn bit(known: &[&str], key: &str) -> u16 {
        let position = known.iter().position(|k| *k == key);
        position.map_or(0, |at| 1 << at)
    }

    fn has(self, known: &[&str], key: &str) -> bool {
        self.0 & Self::bit(known, key) != 0
    }

    fn add(&mut self, known: &[&str], key: &str) {
        self.0 |= Self::bit(known, key);
    }
}

wire! {
    /// A cplinks manifest: which integration links each cPanel user should have.
    ManifestFile, expected "a manifest (a map with `version`, `apps`, `users`)", empty false,
    required &["version"], hint Some("a manifest begins with `version: 1`");
    /// The version of the manifest format: 1.
    version: Option<Text> => schema::version(),
    /// Rules for the whole manifest; given once.
    settings: Option<Settings> => schema::nullable(&Settings::schema()),
    /// Fields merged under every link; given once.
    defaults: Option<WrittenFields> => LinkFields::schema(),
    /// Menu groups, by id; given to every listed user that has a link in them.
    groups: Entries<GroupFields> => schema::nullable(&schema::entries(schema::WORD, &GroupFields::schema())),
    /// Templates for links, by app name.
    apps: Entries<WrittenFields> => schema::nullable(&schema::entries(schema::WORD, &LinkFields::schema())),
    /// The cPanel accounts and their links, by user name.
    users: Entries<UserFields> => schema::nullable(&schema::entries(schema::USER, &UserFields::schema())),
}

wire! {
    /// Rules for the whole manifest.
    Settings, expected "a map of settings", empty true, required &[], hint None;
    /// What happens to links on disk that the manifest does not name: hide-owned (default), hide-all, remove-owned or keep.
    unlisted: Option<Text> => schema::unlisted(),
    /// Apps that cplinks may ever touch, as globs; default all.
    manage: Option<Texts> => schema::texts(),
    /// Apps that cplinks never touches, as globs; wins over manage.
    ignore: Option<Texts> => schema::texts(),
    /// Shares of links that may change in one run, such as `20%`; can only be stricter than the host's.
    guards: Option<GuardFields> => schema::nullable(&GuardFields::schema()),
    /// The only hosts an autologin_token_url may have.
    autologin_hosts: Option<Texts> => schema::texts(),
}

wire! {
    /// What this host lets any manifest do. A manifest can only be stricter.
    PolicyFile, expected "a policy (a map with `manage`, `guards`, `autologin_hosts`)", empty false,
    required &[], hint Some("write `{}` for a policy without rules");
    /// Apps that cplinks may ever touch, as globs; default all.
    manage: Option<Texts> => schema::texts(),
    /// Apps that cplinks never touches, as globs; wins over manage.
    ignore: Option<Texts> => schema::texts(),
    /// Shares of links that may change in one run, such as `20%`; may be looser than the built-in ones.
    guards: Option<GuardFields> => schema::nullable(&GuardFields::schema()),
    /// The only hosts an autologin_token_url may have; trusted by the guard new-host, and allowed even if local.
    autologin_hosts: Option<Texts> => schema::texts(),
    /// The only environment variables that tokens are read from; default those that begin with CPLINKS_.
    env: Option<Texts> => schema::texts(),
    /// Folders that token files may come from, as absolute paths.
    secrets: Option<Texts> => schema::texts(),
}

wire! {
    /// Shares of links that may change in one run.
    GuardFields, expected "a map of guards", empty true, required &[], hint None;
    /// Largest share of links hidden or removed (built in: 30%).
    hide: Option<Text> => schema::percent(),
    /// Largest share of links replaced (built in: 50%).
    replace: Option<Text> => schema::percent(),
    /// Largest share of owned users that may vanish whole (built in: 5%).
    user_gone: Option<Text> => schema::percent(),
}

wire! {
    /// A menu group (create_integration_group).
    GroupFields, expected "a group (a map with `label` and `order`)", empty false,
    required &["label"], hint None;
    /// The heading over the group's icons.
    label: Option<Text> => schema::text(),
    /// Its place in the menu, 1 to 99999.
    order: Option<Text> => schema::order(1),
}

wire! {
    /// The fields of a link, by the parameter names of create_integration_link.
    LinkFields, expected "the fields of a link (a map)", empty false, required &[],
    hint Some("write `{}` to take everything from the template");
    /// The text under the icon, 1 to 128 characters.
    label: Layered<Text> => schema::nullable(&schema::text()),
    /// The service it stands for, such as billing, support or upgrade; may be empty.
    implements: Layered<Text> => schema::nullable(&schema::text()),
    /// Where the customer goes when auto-login is not set or fails.
    url: Layered<Text> => schema::nullable(&schema::text()),
    /// Where the server posts the token for automatic log-in.
    autologin_token_url: Layered<Text> => schema::nullable(&schema::text()),
    /// The subscriber's id at that endpoint.
    subscriber_unique_id: Layered<Text> => schema::nullable(&schema::text()),
    /// The token: a reference, `keep`, or (discouraged) the text itself.
    token: Layered<TokenSpec> => schema::nullable(&schema::token(TokenFields::schema())),
    /// The menu group: files, databases, domains, email, metrics, security, software, advanced, pref, or a declared one.
    group_id: Layered<Text> => schema::nullable(&schema::text()),
    /// The place inside the group, -99999 to 99999.
    order: Layered<Text> => schema::nullable(&schema::order(-99999)),
    /// Whether the menu leaves the link out.
    hide: Layered<Switch> => schema::nullable(&schema::switch()),
    /// The path of a PNG, relative to this manifest.
    icon: Layered<Text> => schema::nullable(&schema::text()),
    /// The icon as base64 of a PNG.
    base64_png_image: Layered<Text> => schema::nullable(&schema::text()),
}

wire! {
    /// One cPanel account.
    UserFields, expected "a user (a map with `links`)", empty false, required &["links"],
    hint Some("write `links: {}` for a user that should have no links");
    /// Variables for templates: `{{ vars.NAME }}`.
    vars: Entries<Text> => schema::nullable(&schema::entries(schema::VARIABLE, &schema::text())),
    /// The links of this user, by app name.
    links: Option<Links> => schema::entries(schema::WORD, &schema::link(&LinkFields::schema())),
}

impl ManifestFile {
    /// How many links it names, `absent` ones too.
    pub(super) fn links(&self) -> usize {
        let links = self.users.0.values().flat_map(|user| &user.links);
        links.map(|links| links.0.0.len()).sum()
    }
}

/// The links of one user. Nothing there is refused: a file cut off behind
/// `links:` must not mean "none".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links(pub(super) Entries<LinkEntry>);

/// Links while they are read.
#[derive(Default)]
struct GatheredLinks(Gathered<LinkEntry>);

impl Keyed for GatheredLinks {
    const EXPECTED: &'static str = "a map of links";
    const MAY_BE_EMPTY: bool = false;
    const HINT: Option<&'static str> =
        Some("write `links: {}` for a user that should have no links");
    const KNOWN: Option<&'static [&'static str]> = None;

    fn has(&self, key: &str) -> bool {
        self.0.has(key)
    }

    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: String,
        map: &mut A,
        reading: &mut Reading,
    ) -> Result<(), A::Error> {
        self.0.take(key, map, reading)
    }
}

impl Read for Links {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        let GatheredLinks(links) = read_keyed(from, reading)?;
        Ok(Self(links.into()))
    }
}

/// What a user's map says about one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LinkEntry {
    Absent,
    Fields(WrittenFields),
}

impl Default for LinkEntry {
    fn default() -> Self {
        Self::Fields(WrittenFields::default())
    }
}

impl Read for LinkEntry {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        Ok(match read_keyed(from, reading)? {
            GatheredLink::Absent => Self::Absent,
            GatheredLink::Fields(fields) => Self::Fields((*fields).into()),
        })
    }
}

/// A [`LinkEntry`] while it is read.
enum GatheredLink {
    Absent,
    Fields(Box<LinkFields>),
}

impl Default for GatheredLink {
    fn default() -> Self {
        Self::Fields(Box::default())
    }
}

impl Keyed for GatheredLink {
    const EXPECTED: &'static str = "the fields of a link, or `absent`";
    const MAY_BE_EMPTY: bool = false;
    const HINT: Option<&'static str> = LinkFields::HINT;
    const WORDS: &'static [&'static str] = &["absent"];
    const KNOWN: Option<&'static [&'static str]> = LinkFields::KNOWN;

    fn has(&self, key: &str) -> bool {
        match self {
            Self::Absent => false,
            Self::Fields(fields) => fields.has(key),
        }
    }

    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: String,
        map: &mut A,
        reading: &mut Reading,
    ) -> Result<(), A::Error> {
        let mut fields = match std::mem::take(self) {
            Self::Absent => Box::default(),
            Self::Fields(fields) => fields,
        };
        fields.take(key, map, reading)?;
        *self = Self::Fields(fields);
        Ok(())
    }

    fn from_text(text: &str) -> Option<Self> {
        (text == "absent").then_some(Self::Absent)
    }
}

wire! {
    /// Where a token comes from: exactly one of these.
    TokenFields, expected TOKEN_REFERENCE, empty false, required &[], hint None;
    /// A name in the secrets given with --secrets; may be a template.
    secret: Option<Text> => schema::text(),
    /// An environment variable whose name begins with CPLINKS_, or that the host's policy lists.
    env: Option<Text> => schema::text(),
    /// A file below the manifest's folder, or in one that the host's policy lists; may be a template.
    file: Option<Text> => schema::text(),
}

/// A token as it is written.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) enum TokenSpec {
    /// `keep`.
    #[default]
    Keep,
    /// The token itself.
    Literal(crate::model::Secret),
    Secret(Arc<str>),
    Env(Arc<str>),
    File(Arc<str>),
}

impl std::fmt::Debug for TokenSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSpec(…)")
    }
}

const TOKEN_FORMS: &str = "`{ secret: NAME }`, `{ env: NAME }`, `{ file: PATH }`, `keep` or a text";

impl Read for TokenSpec {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        look(from, TokenLook { reading })
    }
}

struct TokenLook<'r> {
    reading: &'r mut Reading,
}

impl<'de> Look<'de> for TokenLook<'_> {
    type Value = TokenSpec;

    fn map<A: MapAccess<'de>>(self, map: A) -> Result<TokenSpec, A::Error> {
        let from = serde::de::value::MapAccessDeserializer::new(map);
        let found_before = self.reading.findings.count();
        let TokenFields {
            secret,
            env,
            file,
            given: _,
        } = TokenFields::read(from, self.reading)?;
        let mut specs = [
            secret.map(|Text(name)| TokenSpec::Secret(name)),
            env.map(|Text(name)| TokenSpec::Env(name)),
            file.map(|Text(path)| TokenSpec::File(path)),
        ]
        .into_iter()
        .flatten();
        let is_misspelt = self.reading.findings.count() > found_before;
        match (specs.next(), specs.next()) {
            (Some(spec), None) => return Ok(spec),
            // The key that is not known is the one that is missing.
            (None, _) if is_misspelt => return Ok(TokenSpec::default()),
            _ => {}
        }
        let expected = "exactly one of `secret`, `env` and `file`";
        self.reading
            .wrong_type(expected, "another number of them", None);
        Ok(TokenSpec::default())
    }

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<TokenSpec, E> {
        if let Shape::Text(text) = shape {
            self.reading.budget.spend(text.len())?;
            let limit = text_limit(&self.reading.path);
            if text.len() > limit {
                self.reading.too_long(text.len(), limit);
                return Ok(TokenSpec::default());
            }
        }
        Ok(match shape {
            Shape::Text("keep") => TokenSpec::Keep,
            Shape::Text(text) => TokenSpec::Literal(crate::model::Secret::new(text.to_owned())),
            Shape::Number(_) | Shape::Bool(_) => {
                let hint = "put quotes around a token, so that it is text";
                self.reading
                    .wrong_type("a token as text", shape.name(), Some(hint));
                TokenSpec::default()
            }
            Shape::Null | Shape::List | Shape::Map | Shape::Tag => {
                let hint = format!("write one of {TOKEN_FORMS}");
                self.reading
                    .wrong_type("a token", shape.name(), Some(&hint));
                TokenSpec::default()
            }
        })
    }
}

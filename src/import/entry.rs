//! One link as one line of YAML: what it says beyond its template.

use super::candidate::{Fields, Token};
use super::yaml;
use crate::model::{AppName, Field, FieldValue, UserName};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How the token of a link is called in an imported manifest.
const SECRET: &str = "{ secret: \"{{ user }}/{{ app }}\" }";

/// What stands for the user's name.
const USER: &str = "{{ user }}";

/// A key of a link in a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// A field; the icon stands as its hash until it has a file.
    Field(Field),
    /// Whether there is a token.
    Token,
}

impl Slot {
    /// All keys, in the order in which they are written.
    pub(super) const ALL: [Self; 10] = [
        Self::Field(Field::Implements),
        Self::Field(Field::Label),
        Self::Field(Field::Url),
        Self::Field(Field::AutologinTokenUrl),
        Self::Field(Field::SubscriberUniqueId),
        Self::Token,
        Self::Field(Field::GroupId),
        Self::Field(Field::Order),
        Self::Field(Field::Icon),
        Self::Field(Field::Hide),
    ];

    /// The key as a manifest has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            // A file's path stands for the image.
            Self::Field(Field::Icon) => "icon",
            Self::Field(field) => field.name(),
        }
    }

    /// All names that the key may be written under.
    pub(super) fn names(self) -> [&'static str; 2] {
        match self {
            Self::Token => [self.name(); 2],
            Self::Field(field) => [self.name(), field.name()],
        }
    }

    /// What a link has there.
    pub(super) fn of(self, fields: &Fields) -> Option<Cow<'_, str>> {
        match self {
            Self::Token => match fields.token {
                Token::None => None,
                Token::Known(_) | Token::Asked => Some(Cow::Borrowed(SECRET)),
            },
            Self::Field(field) => match fields.link.value(field)? {
                FieldValue::Text(text) => Some(text),
                FieldValue::Bool(is_so) => {
                    Some(Cow::Borrowed(if is_so { "true" } else { "false" }))
                }
                FieldValue::Icon(icon) => Some(icon.hash()),
            },
        }
    }

    /// What it would be with the user's name as a template.
    pub(super) fn templated(self, value: &str, user: &UserName) -> Option<String> {
        match self {
            Self::Field(Field::Url | Field::AutologinTokenUrl) => url(value, user.as_str()),
            Self::Field(Field::SubscriberUniqueId) => {
                (value == user.as_str()).then(|| USER.to_owned())
            }
            Self::Field(
                Field::Label
                | Field::Implements
                | Field::GroupId
                | Field::Order
                | Field::Hide
                | Field::Icon,
            )
            | Self::Token => None,
        }
    }

    /// Whether a value may be shared as it is. A subscriber is somebody: the
    /// next user of the app must not become the same one.
    pub(super) fn is_shared(self) -> bool {
        self != Self::Field(Field::SubscriberUniqueId)
    }

    /// A value as YAML holds it; of an icon it is the path of its file.
    pub(super) fn yaml(self, value: &str) -> Cow<'_, str> {
        match self {
            Self::Token | Self::Field(Field::Hide) => Cow::Borrowed(value),
            // A number, unless it is none: then it is only ever a comment.
            Self::Field(Field::Order) if value.parse::<i64>().is_ok() => Cow::Borrowed(value),
            Self::Field(
                Field::Order
                | Field::Label
                | Field::Implements
                | Field::Url
                | Field::AutologinTokenUrl
                | Field::SubscriberUniqueId
                | Field::GroupId
                | Field::Icon,
            ) => yaml::text(value),
        }
    }

    /// What takes an inherited value away.
    pub(super) fn nothing(self) -> &'static str {
        match self {
            Self::Field(Field::Hide) => "false",
            Self::Field(_) | Self::Token => "null",
        }
    }
}

/// What a template says of a user.
pub(super) fn fill(template: &str, user: &UserName) -> String {
    template.replace(USER, user.as_str())
}

/// A URL in which whole parts behind the host that are the user's name are a
/// template; `None` where there is none.
fn url(value: &str, user: &str) -> Option<String> {
    const ENDS: [char; 6] = ['/', '?', '#', '&', '=', ';'];
    let (scheme, rest) = value.split_once("://")?;
    let end = rest.find(['/', '?', '#'])?;
    let (host, parts) = rest.split_at(end);
    let mut out = format!("{scheme}://{host}");
    for part in parts.split_inclusive(ENDS) {
        let name = part.trim_end_matches(ENDS);
        match part.strip_prefix(user) {
            Some(end) if name == user => {
                out.push_str(USER);
                out.push_str(end);
            }
            Some(_) | None => out.push_str(part),
        }
    }
    out.contains(USER).then_some(out)
}

/// A map of a link's own keys on one line.
pub(super) fn map(entries: &[(&str, String)]) -> String {
    let mut out = String::from("{");
    for (n, (name, value)) in entries.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        out.extend([comma, " ", name, ": ", value]);
    }
    out.push_str(if entries.is_empty() { "}" } else { " }" });
    out
}

/// A manifest of some links of one user, each whole and without its icon, for
/// the loader to judge under these settings: `keep` stands for every token
/// that is known.
pub fn document(settings: &str, user: &UserName, links: &BTreeMap<&AppName, &Fields>) -> String {
    let mut out = format!(
        "version: 1\n{settings}users:\n  {}:\n    links:\n",
        yaml::text(user.as_str())
    );
    for (app, fields) in links {
        let mut entries = Vec::new();
        for slot in Slot::ALL {
            let Some(value) = slot.of(fields) else {
                continue;
            };
            match slot {
                Slot::Token if matches!(fields.token, Token::Known(_)) => {
                    entries.push((slot.name(), "keep".to_owned()));
                }
                Slot::Field(Field::Icon) => {}
                Slot::Token | Slot::Field(_) => {
                    entries.push((slot.name(), slot.yaml(&value).into_owned()));
                }
            }
        }
        let app = yaml::text(app.as_str());
        out.extend(["      ", &*app, ": ", &map(&entries), "\n"]);
    }
    out
}

/// What settings say of which links a manifest may hold, for [`document`].
pub fn settings<'a>(
    manage: Option<impl Iterator<Item = &'a str>>,
    ignore: impl Iterator<Item = &'a str>,
    hosts: Option<impl Iterator<Item = &'a str>>,
) -> String {
    fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
        let items: Vec<_> = items.map(yaml::text).collect();
        format!("[{}]", items.join(", "))
    }
    let mut out = format!("settings:\n  ignore: {}\n", list(ignore));
    for (key, list) in [
        ("manage", manage.map(list)),
        ("autologin_hosts", hosts.map(list)),
    ] {
        if let Some(list) = list {
            out.extend(["  ", key, ": ", &list, "\n"]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_parts_behind_the_host_are_the_user() {
        for (value, expect) in [
            (
                "https://x.example/ann",
                Some("https://x.example/{{ user }}"),
            ),
            (
                "https://x.example/a?user=ann&b=annie#ann",
                Some("https://x.example/a?user={{ user }}&b=annie#{{ user }}"),
            ),
            (
                "https://x.example/ann/ann/",
                Some("https://x.example/{{ user }}/{{ user }}/"),
            ),
            ("https://ann.example/", None),
            ("https://ann", None),
            ("ann", None),
            ("https://x.example/anna", None),
        ] {
            assert_eq!(url(value, "ann").as_deref(), expect, "{value}");
        }
    }

    #[test]
    fn a_template_says_what_it_was_made_of() {
        let user = UserName::parse("ann").unwrap();
        let value = "https://x.example/ann/x?ann=ann;ann";
        assert_eq!(fill(&url(value, "ann").unwrap(), &user), value);
    }
}

//! One change as JSON: the object that Terraform calls a resource change.

use crate::model::{ActualGroup, ActualLink, Field, FieldValue, Group, GroupConfig, Link, masked};
use crate::plan::{
    Change, FileChange, GroupAction, GroupChange, LinkAction, LinkChange, TokenAfter, TokenDiff,
    Touch,
};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::{Map, Value};

/// What stands in the place of a token.
const SENSITIVE: &str = "(sensitive)";

/// A change.
#[derive(Serialize)]
pub(super) struct Entry<'c> {
    address: String,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    change: Sides<'c>,
    action_reason: String,
    x_cplinks: Own,
}

/// Both sides of it.
#[derive(Serialize)]
struct Sides<'c> {
    actions: [&'static str; 1],
    before: Option<Side<'c>>,
    after: Option<Side<'c>>,
    before_sensitive: Sensitive,
    after_sensitive: Sensitive,
}

/// One side. There may be hundreds of thousands of links: they are written as
/// they are read.
#[derive(Serialize)]
#[serde(untagged)]
enum Side<'c> {
    Link(Fields<'c>),
    Group(Map<String, Value>),
}

/// What Terraform has no word for.
#[derive(Serialize)]
struct Own {
    action: &'static str,
    user: String,
    reasons: Vec<&'static str>,
    files: Files,
    /// Whether the digest is about it: a token, mode or owner put right is
    /// not.
    in_digest: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
}

/// What becomes of the token.
#[derive(Serialize)]
struct Token {
    change: &'static str,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

impl<'c> Entry<'c> {
    pub(super) fn of(change: &'c Change) -> Self {
        let reasons: Vec<_> = change
            .reasons()
            .iter()
            .map(|reason| reason.name())
            .collect();
        let address = change.address();
        let (kind, action, sides, token, touch) = match change {
            Change::Link(link) => {
                let (action, sides) = link_sides(link);
                let token = link.action.after().map(|after| token(link, &after.token));
                ("cplinks_link", action, sides, token, link.touch)
            }
            Change::Group(group) => {
                let (action, sides) = group_sides(group);
                ("cplinks_group", action, sides, None, group.touch)
            }
        };
        Self {
            kind,
            name: address.thing(),
            change: sides,
            action_reason: reasons.join(","),
            x_cplinks: Own {
                action,
                user: address.user().to_string(),
                reasons,
                files: Files(touch),
                in_digest: change.changes_content(),
                token,
            },
            address: address.to_string(),
        }
    }
}

fn link_sides(change: &LinkChange) -> (&'static str, Sides<'_>) {
    let (action, verb) = match &change.action {
        LinkAction::Create { .. } => ("create", "create"),
        LinkAction::Replace { .. } => ("update", "replace"),
        LinkAction::Hide { .. } => ("update", "hide"),
        LinkAction::Remove { .. } => ("delete", "remove"),
    };
    let before = change.action.before();
    let had_token = before.is_some_and(has_token);
    let after = change.action.after();
    let has_token = after.is_some_and(|after| match &after.token {
        TokenAfter::Keep => had_token,
        TokenAfter::None => false,
        TokenAfter::Set { .. } | TokenAfter::Restore { .. } | TokenAfter::NotCompared { .. } => {
            true
        }
    });
    let sides = Sides {
        actions: [action],
        before: before.map(|before| {
            Side::Link(Fields {
                link: before.userconfig.value().map(|found| &found.link),
                has_token: had_token,
            })
        }),
        after: after.map(|after| {
            Side::Link(Fields {
                link: Some(&after.link),
                has_token,
            })
        }),
        before_sensitive: Sensitive::of(before.is_some(), had_token),
        after_sensitive: Sensitive::of(after.is_some(), has_token),
    };
    (verb, sides)
}

fn has_token(link: &ActualLink) -> bool {
    let found = link.adminconfig.value();
    found.is_some_and(|found| found.token.is_there())
}

/// The fields by their API names, those that are there.
#[derive(Clone, Copy)]
pub(super) struct Fields<'l> {
    /// Nothing is known of a file that does not parse.
    link: Option<&'l Link>,
    has_token: bool,
}

impl<'l> Fields<'l> {
    /// Those of a link, without a word on its token.
    pub(super) fn of(link: &'l Link) -> Self {
        Self {
            link: Some(link),
            has_token: false,
        }
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let fields = Field::ALL.into_iter();
        for (field, value) in fields.filter_map(|field| Some((field, self.link?.value(field)?))) {
            let name = field.name();
            match (field, value) {
                (Field::Url | Field::AutologinTokenUrl, FieldValue::Text(url)) => {
                    map.serialize_entry(name, &masked(&url))?;
                }
                (_, FieldValue::Text(text)) => map.serialize_entry(name, &text)?,
                (_, FieldValue::Bool(is_so)) => map.serialize_entry(name, &is_so)?,
                (_, FieldValue::Icon(icon)) => {
                    map.serialize_entry(name, &format_args!("sha256:{}", icon.hash()))?;
                }
            }
        }
        if self.has_token {
            map.serialize_entry("token", SENSITIVE)?;
        }
        map.end()
    }
}

/// Which values are not shown, as Terraform has it.
#[derive(Clone, Copy)]
enum Sensitive {
    /// There is no link, which is `false`.
    Nothing,
    /// None of its values.
    None,
    Token,
}

impl Sensitive {
    fn of(is_there: bool, has_token: bool) -> Self {
        match (is_there, has_token) {
            (false, _) => Self::Nothing,
            (true, false) => Self::None,
            (true, true) => Self::Token,
        }
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_bool(false),
            Self::None => serializer.serialize_map(None)?.end(),
            Self::Token => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("token", &true)?;
                map.end()
            }
        }
    }
}

fn token(change: &LinkChange, after: &TokenAfter) -> Token {
    let word = match change.token_diff() {
        TokenDiff::Same => "same",
        TokenDiff::Added => "added",
        TokenDiff::Changed => "changed",
        TokenDiff::Dropped => "dropped",
        TokenDiff::NotCompared => "not-compared",
    };
    Token {
        change: word,
        reference: match after {
            TokenAfter::Set { reference, .. } | TokenAfter::NotCompared { reference } => {
                Some(reference.to_string())
            }
            TokenAfter::Keep | TokenAfter::None | TokenAfter::Restore { .. } => None,
        },
    }
}

fn group_sides(change: &GroupChange) -> (&'static str, Sides<'_>) {
    let (action, verb) = match &change.action {
        GroupAction::Create { .. } => ("create", "create"),
        GroupAction::Replace { .. } => ("update", "replace"),
        GroupAction::Remove { .. } => ("delete", "remove"),
    };
    let (before, after) = (change.action.before(), change.action.after());
    let sides = Sides {
        actions: [action],
        before: before.map(|before| Side::Group(group_config(before))),
        after: after.map(|after| Side::Group(group_fields(after))),
        before_sensitive: Sensitive::of(before.is_some(), false),
        after_sensitive: Sensitive::of(after.is_some(), false),
    };
    (verb, sides)
}

fn group_config(group: &ActualGroup) -> Map<String, Value> {
    let found = group.userconfig.value();
    found.map_or_else(Map::new, |GroupConfig { group, .. }| group_fields(group))
}

fn group_fields(group: &Group) -> Map<String, Value> {
    let Group { label, order } = group;
    let label = label.as_ref().map(|label| Value::from(label.clone()));
    let order = order.as_ref().map(|order| Value::from(order.to_string()));
    [("label", label), ("order", order)]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// Which files are written or removed.
struct Files(Touch);

impl Serialize for Files {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Touch {
            userconfig,
            adminconfig,
            menu,
        } = self.0;
        let mut map = serializer.serialize_map(None)?;
        for (name, change) in [
            ("userconfig", userconfig),
            ("adminconfig", adminconfig),
            ("dynamicui", menu),
        ] {
            match change {
                FileChange::Keep => {}
                FileChange::Write => map.serialize_entry(name, "write")?,
                FileChange::Remove => map.serialize_entry(name, "remove")?,
            }
        }
        map.end()
    }
}

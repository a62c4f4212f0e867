//! One change as JSON: the object that Terraform calls a resource change.

use crate::model::{
    ActualGroup, ActualLink, Field, FieldValue, Group, GroupConfig, Lies, Link, UserConfig, masked,
};
use crate::plan::{
    Change, FileChange, GroupAction, GroupChange, LinkAction, LinkChange, TokenAfter, TokenDiff,
    Touch,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What stands in the place of a token.
const SENSITIVE: &str = "(sensitive)";

/// A change.
#[derive(Serialize)]
pub(super) struct Entry {
    address: String,
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    change: Sides,
    action_reason: String,
    x_cplinks: Own,
}

/// Both sides of it.
#[derive(Serialize)]
struct Sides {
    actions: [&'static str; 1],
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
    before_sensitive: Value,
    after_sensitive: Value,
}

/// What Terraform has no word for.
#[derive(Serialize)]
struct Own {
    action: &'static str,
    user: String,
    reasons: Vec<&'static str>,
    /// Which files are written or removed.
    files: Map<String, Value>,
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

impl Entry {
    pub(super) fn of(change: &Change) -> Self {
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
                files: files(touch),
                in_digest: change.changes_content(),
                token,
            },
            address: address.to_string(),
        }
    }
}

fn link_sides(change: &LinkChange) -> (&'static str, Sides) {
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
        before: before.map(|before| with_token(config(&before.userconfig), had_token)),
        after: after.map(|after| with_token(fields(&after.link), has_token)),
        before_sensitive: sensitive(before.is_some(), had_token),
        after_sensitive: sensitive(after.is_some(), has_token),
    };
    (verb, sides)
}

fn has_token(link: &ActualLink) -> bool {
    let found = link.adminconfig.value();
    found.is_some_and(|found| found.token.is_there())
}

fn config(userconfig: &Lies<UserConfig>) -> Map<String, Value> {
    userconfig
        .value()
        .map_or_else(Map::new, |found| fields(&found.link))
}

/// The fields by their API names. Nothing is known of a file that does not
/// parse.
pub(super) fn fields(link: &Link) -> Map<String, Value> {
    let shown = |field| {
        Some(match (field, link.value(field)?) {
            (Field::Url | Field::AutologinTokenUrl, FieldValue::Text(url)) => {
                Value::from(masked(&url).into_owned())
            }
            (_, FieldValue::Text(text)) => Value::from(text.into_owned()),
            (_, FieldValue::Bool(is_so)) => Value::from(is_so),
            (_, FieldValue::Icon(icon)) => Value::from(format!("sha256:{}", icon.hash())),
        })
    };
    let named = |field: Field| Some((field.name().to_owned(), shown(field)?));
    Field::ALL.into_iter().filter_map(named).collect()
}

fn with_token(mut fields: Map<String, Value>, has_token: bool) -> Map<String, Value> {
    if has_token {
        fields.insert("token".to_owned(), Value::from(SENSITIVE));
    }
    fields
}

/// As Terraform has it: `false` where there is nothing, else the keys whose
/// values are not shown.
fn sensitive(is_there: bool, has_token: bool) -> Value {
    match (is_there, has_token) {
        (false, _) => Value::from(false),
        (true, false) => json!({}),
        (true, true) => json!({ "token": true }),
    }
}

fn token(change: &LinkChange, after: &TokenAfter) -> Token {
    let word = match change.diff().token {
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

fn group_sides(change: &GroupChange) -> (&'static str, Sides) {
    let (action, verb) = match &change.action {
        GroupAction::Create { .. } => ("create", "create"),
        GroupAction::Replace { .. } => ("update", "replace"),
        GroupAction::Remove { .. } => ("delete", "remove"),
    };
    let (before, after) = (change.action.before(), change.action.after());
    let sides = Sides {
        actions: [action],
        before: before.map(group_config),
        after: after.map(group_fields),
        before_sensitive: sensitive(before.is_some(), false),
        after_sensitive: sensitive(after.is_some(), false),
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

fn files(touch: Touch) -> Map<String, Value> {
    let Touch {
        userconfig,
        adminconfig,
        menu,
    } = touch;
    [
        ("userconfig", userconfig),
        ("adminconfig", adminconfig),
        ("dynamicui", menu),
    ]
    .into_iter()
    .filter_map(|(name, change)| {
        let word = match change {
            FileChange::Keep => return None,
            FileChange::Write => "write",
            FileChange::Remove => "remove",
        };
        Some((name.to_owned(), Value::from(word)))
    })
    .collect()
}

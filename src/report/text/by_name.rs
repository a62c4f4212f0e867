//! Changes of many users that are the same but for the user's own name: a URL
//! with `user=alice` in it, and with `user=bob` in Bob's. No other difference
//! is one of these.

use super::create;
use super::row::field_name;
use crate::model::{Field, FieldValue, Link};
use crate::plan::{LinkAction, LinkChange};

/// Fields that templates write.
const FIELDS: [Field; 4] = [
    Field::Label,
    Field::Url,
    Field::AutologinTokenUrl,
    Field::SubscriberUniqueId,
];

/// Whether the lines of this name are told apart by [`texts`].
pub(super) fn is_of(name: &str) -> bool {
    FIELDS.into_iter().any(|field| field_name(field) == name)
}

/// What an existing link's fields are and become, with a gap where its user's
/// name stands; two that are equal differ in nothing but that name. Hosts are
/// in it whole, also where they have the name: no row may hide one. `None`
/// where nothing says what is there.
pub(super) fn texts(change: &LinkChange) -> Option<Vec<String>> {
    let (before, after) = match &change.action {
        LinkAction::Replace { before, after } | LinkAction::Hide { before, after } => {
            (&before.userconfig.value()?.link, &after.link)
        }
        LinkAction::Create { .. } | LinkAction::Remove { .. } => return None,
    };
    let mut texts = Vec::new();
    for field in FIELDS {
        if before.value(field) == after.value(field) {
            continue;
        }
        texts.push(field_name(field).to_owned());
        for side in [before, after] {
            texts.extend(pieces(side, field, change.user.as_str()));
        }
        if matches!(field, Field::Url | Field::AutologinTokenUrl) {
            texts.extend([before, after].into_iter().flat_map(create::origins));
        }
    }
    Some(texts)
}

/// A value cut where the name stands. Their number comes first, so that no
/// other value has the same pieces.
fn pieces(link: &Link, field: Field, name: &str) -> Vec<String> {
    let Some(FieldValue::Text(text)) = link.value(field) else {
        return vec!["none".to_owned()];
    };
    let pieces: Vec<String> = text.split(name).map(str::to_owned).collect();
    let count = pieces.len().to_string();
    std::iter::once(count).chain(pieces).collect()
}

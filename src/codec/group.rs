//! `group_ID.userconfig`: a menu group's label and order.

use super::agree::{self, Say};
use super::json::{self, FormatError};
use crate::model::{Group, GroupConfig, Order};

/// Reads a group's userconfig.
///
/// # Errors
/// When the bytes are not one strict JSON object.
pub fn parse(bytes: &[u8]) -> Result<GroupConfig, FormatError> {
    let mut object = json::parse_object(bytes)?;
    let mut take = |key: &str| object.remove(key).and_then(|raw| json::as_text(&raw));
    let group = Group {
        label: take("label"),
        order: take("order").map(|text| Order::from_disk(&text)),
    };
    Ok(GroupConfig {
        group,
        unknown: object,
    })
}

/// Whether a group's userconfig surely says just this. A no says nothing.
pub fn says(bytes: &[u8], group: &Group) -> bool {
    let order = group.order.as_ref().map(Order::as_str);
    agree::object_says(
        bytes,
        &[
            ("label", Say::text(group.label.as_deref())),
            ("order", order.map_or(Say::Nothing, Say::Integer)),
        ],
    )
}

/// Writes a group's userconfig.
pub fn render(group: &Group, before: Option<&GroupConfig>) -> Vec<u8> {
    let mut object = before.map(|b| b.unknown.clone()).unwrap_or_default();
    if let Some(label) = &group.label {
        object.insert("label".to_owned(), json::quote(label));
    }
    if let Some(order) = &group.order {
        object.insert("order".to_owned(), json::quote(order.as_str()));
    }
    json::render_object(&object)
}

//! `dynamicui_*.conf`: the menu entry, an array of one object.

use super::agree::{self, Say};
use super::json::{self, FormatError};
use crate::model::{AppName, Group, GroupId, Icon, Link, MenuEntry, MenuFile, Order, neutral_icon};

/// Icon sizes of a new entry, in pixels; an existing entry keeps its own.
const SIZES: [&str; 2] = ["width", "height"];

/// Whether entries of this kind carry an icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictured {
    /// A link's entry: always one, our neutral icon if nothing else.
    Yes,
    /// A group's entry: none.
    No,
}

/// Reads a menu entry.
///
/// # Errors
/// When the bytes are not an array of one strict JSON object.
pub fn parse(bytes: &[u8]) -> Result<MenuFile, FormatError> {
    let mut object = json::parse_single(bytes)?;
    let mut entry = MenuEntry {
        icon: object
            .remove(json::ICON)
            .and_then(|raw| json::as_text(&raw))
            .map(|text| Icon::from_disk(&text)),
        ..MenuEntry::default()
    };
    for key in MenuEntry::KEYS {
        if let Some(text) = object.remove(key).and_then(|raw| json::as_text(&raw)) {
            let text = match key {
                "itemorder" | "grouporder" => Order::from_disk(&text).as_str().to_owned(),
                _ => text,
            };
            entry.fields.insert(key.to_owned(), text);
        }
    }
    Ok(MenuFile {
        entry,
        kept: object,
    })
}

/// Whether a menu entry is surely the one of this link, so that nothing is to
/// be done for it. A no says nothing: then it must be read.
pub fn is_of_link(bytes: &[u8], app: &AppName, link: &Link) -> bool {
    let icon = match &link.icon {
        Some(icon) => Say::icon(icon),
        None => Say::SomeText,
    };
    is(bytes, MenuEntry::keys_of_link(app, link), icon)
}

/// Whether a menu entry is surely the one of this group. A no says nothing.
pub fn is_of_group(bytes: &[u8], id: &GroupId, group: &Group) -> bool {
    is(bytes, MenuEntry::keys_of_group(id, group), Say::Anything)
}

fn is<'a>(
    bytes: &[u8],
    derived: impl Iterator<Item = (&'static str, [&'a str; 3])>,
    icon: Say<'a>,
) -> bool {
    // Keys that may be derived and are not here must not be there either: as
    // any other key, they are a no.
    let derived = derived.map(|(key, parts)| match (key, parts) {
        ("itemorder" | "grouporder", [order, ..]) => (key, Say::Integer(order)),
        _ => (key, Say::Text(parts)),
    });
    let sizes = SIZES.map(|key| (key, Say::Anything));
    let keys: Vec<_> = derived.chain([(json::ICON, icon)]).chain(sizes).collect();
    agree::single_says(bytes, &keys)
}

/// Writes a menu entry: the derived keys of `entry`, the icon it declares or
/// else the one that is there, and all other keys as they were.
pub fn render(entry: &MenuEntry, pictured: Pictured, before: Option<&MenuFile>) -> Vec<u8> {
    let mut object = before.map_or_else(
        || {
            SIZES
                .into_iter()
                .map(|key| (key.to_owned(), json::quote("48")))
                .collect()
        },
        |b| b.kept.clone(),
    );
    for (key, value) in &entry.fields {
        object.insert(key.clone(), json::quote(value));
    }
    let there = || before.and_then(|b| b.entry.icon.clone());
    let icon = match pictured {
        Pictured::Yes => Some(
            entry
                .icon
                .clone()
                .or_else(there)
                .unwrap_or_else(neutral_icon),
        ),
        Pictured::No => there(),
    };
    if let Some(icon) = icon {
        object.insert(json::ICON.to_owned(), json::quote(&icon.to_base64()));
    }
    json::render_single(&object)
}

//! The icons of a page. Each is in it once, as a symbol of an SVG element, and
//! is shown by reference as often as it is wanted, without a script. Only
//! whole PNGs are shown: what else lies on a disk is described in words, as
//! are icons for which there is no room.

use super::escape::{escape_html, push};
use crate::model::{Icon, PngSize, neutral_icon};
use crate::plan::{Change, LinkAction};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Largest icon that is shown, in bytes of base64.
const MOST_ICON: usize = 100_000;
/// Room for all icons, in bytes of base64.
const ROOM: usize = 1_000_000;
/// Pixels a side in the panel's menu.
const SIDE: usize = 48;

/// The icons that are shown so far.
#[derive(Debug, Default)]
pub(super) struct Icons {
    shown: BTreeMap<String, Entry>,
    used: usize,
}

#[derive(Debug)]
struct Entry {
    picture: Option<Picture>,
    words: String,
}

#[derive(Debug)]
struct Picture {
    id: usize,
    size: PngSize,
    base64: String,
}

impl Icons {
    /// An icon at menu size; `None` is the sign for none.
    pub(super) fn push(&mut self, icon: Option<&Icon>, out: &mut String) {
        let Some(icon) = icon else {
            out.push_str("<span class=\"no-icon\">no icon</span>");
            return;
        };
        let entry = self.entry(icon);
        let words = escape_html(&entry.words);
        match &entry.picture {
            Some(Picture { id, .. }) => push(
                out,
                format_args!(
                    "<svg class=\"icon\" width=\"{SIDE}\" height=\"{SIDE}\" role=\"img\" aria-label=\"icon {words}\"><use href=\"#i{id}\"/></svg>"
                ),
            ),
            None => push(out, format_args!("<span class=\"no-icon\">{words}</span>")),
        }
    }

    /// An icon on light and on dark, with its size and hash.
    pub(super) fn push_swatch(&mut self, icon: Option<&Icon>, out: &mut String) {
        let Some(entry) = icon.map(|icon| self.entry(icon)) else {
            self.push(None, out);
            return;
        };
        let words = escape_html(&entry.words).into_owned();
        if entry.picture.is_some() {
            out.push_str("<span class=\"swatch\"><span class=\"light\">");
            self.push(icon, out);
            out.push_str("</span><span class=\"dark\">");
            self.push(icon, out);
            out.push_str("</span></span>");
        }
        push(out, format_args!("<span class=\"dim\">{words}</span>"));
    }

    fn entry(&mut self, icon: &Icon) -> &Entry {
        let (id, used) = (self.shown.len(), &mut self.used);
        let entry = self.shown.entry(icon.hash().into_owned());
        entry.or_insert_with(|| Entry::of(icon, id, used))
    }

    /// Writes the symbols that the page refers to.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<svg class=\"symbols\" width=\"0\" height=\"0\" aria-hidden=\"true\">"
        )?;
        let pictures = self.shown.values().filter_map(|e| e.picture.as_ref());
        for Picture { id, size, base64 } in pictures {
            let PngSize { width, height } = size;
            writeln!(
                out,
                "<symbol id=\"i{id}\" viewBox=\"0 0 {width} {height}\"><image width=\"{width}\" height=\"{height}\" href=\"data:image/png;base64,{base64}\"/></symbol>"
            )?;
        }
        writeln!(out, "</svg>")
    }
}

impl Entry {
    fn of(icon: &Icon, id: usize, used: &mut usize) -> Self {
        let words = icon.describe().into_owned();
        let size = match icon {
            Icon::Image(bytes) => Icon::from_png(bytes.to_vec()).ok().map(|(_, size)| size),
            Icon::Damaged(_) => None,
        };
        let Some(size) = size else {
            return Self {
                picture: None,
                words,
            };
        };
        let base64 = icon.to_base64();
        if base64.len() > MOST_ICON || *used + base64.len() > ROOM {
            return Self {
                picture: None,
                words: format!("{words} (no room to show it)"),
            };
        }
        *used += base64.len();
        Self {
            picture: Some(Picture { id, size, base64 }),
            words,
        }
    }
}

/// What a link's icon does.
pub(super) enum Look {
    /// It comes, goes, or stays as it is.
    One(Icon),
    /// It becomes another one.
    Two(Option<Icon>, Icon),
}

/// The icons of a change, as the menu shows them before and after; `None` for
/// groups, and for links that have no icon.
pub(super) fn look(change: &Change) -> Option<Look> {
    let Change::Link(link) = change else {
        return None;
    };
    let before = link.action.before().and_then(|before| {
        let of_menu = before.menu.value().and_then(|m| m.entry.icon.clone());
        of_menu.or_else(|| before.userconfig.value()?.link.icon.clone())
    });
    match &link.action {
        LinkAction::Remove { .. } | LinkAction::Hide { .. } => before.map(Look::One),
        LinkAction::Create { .. } => Some(Look::One(after(change)?)),
        LinkAction::Replace { .. } => {
            let after = after(change)?;
            Some(if before.as_ref() == Some(&after) {
                Look::One(after)
            } else {
                Look::Two(before, after)
            })
        }
    }
}

/// The icon a link has in the menu once the change is done.
pub(super) fn after(change: &Change) -> Option<Icon> {
    let Change::Link(link) = change else {
        return None;
    };
    let menu = &link.action.after()?.menu;
    let kept = || {
        let before = link.action.before()?;
        before.menu.value()?.entry.icon.clone()
    };
    // A new entry gets our own where none is declared.
    Some(menu.icon.clone().or_else(kept).unwrap_or_else(neutral_icon))
}

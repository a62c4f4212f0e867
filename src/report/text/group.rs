//! The lines of a change to a menu group: label and order, and what is wrong
//! with its two files.

use super::line::{self, Line};
use super::row::{broken_line, kept_line, menu_line, ownership_lines};
use super::value::{self, Shown};
use crate::model::{ActualGroup, FileKind, Group, Lies, MenuEntry};
use crate::plan::{FileChange, GroupAction, GroupChange};
use crate::report::style::{GREEN, styled};
use std::collections::{BTreeMap, BTreeSet};

/// The lines of a group, new or not.
pub(super) fn lines(change: &GroupChange, width: usize) -> Vec<Line> {
    match &change.action {
        GroupAction::Create { after } => fields(after)
            .into_iter()
            .filter_map(|(name, shown)| Some(Line::new(name, styled(GREEN, shown?.line()))))
            .collect(),
        GroupAction::Replace { before, after } => differences(change, before, after, width),
        GroupAction::Remove { .. } => Vec::new(),
    }
}

fn fields(group: &Group) -> [(&'static str, Option<Shown>); 2] {
    let Group { label, order } = group;
    [
        ("label", label.as_deref().map(Shown::text)),
        ("order", order.as_ref().map(|o| Shown::order(o.as_str()))),
    ]
}

fn differences(
    change: &GroupChange,
    before: &ActualGroup,
    after: &Group,
    width: usize,
) -> Vec<Line> {
    let ActualGroup { userconfig, menu } = before;
    let mut lines = Vec::new();
    if change.touch.userconfig == FileChange::Write {
        let found = userconfig.value().map(|found| fields(&found.group));
        let found = found.unwrap_or([("label", None), ("order", None)]);
        let width = line::room(width, "label".len());
        for ((name, old), (_, new)) in found.into_iter().zip(fields(after)) {
            if old != new {
                let text = value::change(old.as_ref(), new.as_ref(), width);
                lines.push(Line { name, text });
            }
        }
    }
    // Where the fields differ the entry just follows them.
    if let (Some(found), true) = (menu.value(), lines.is_empty()) {
        let wanted = MenuEntry::of_group(&change.id, after);
        let keys: BTreeSet<_> = found
            .entry
            .fields
            .keys()
            .chain(wanted.fields.keys())
            .collect();
        for key in keys {
            let old = found.entry.fields.get(key);
            let new = wanted.fields.get(key);
            if old != new {
                let (old, new) = (old.map(String::as_str), new.map(String::as_str));
                lines.push(menu_line(key, old, new));
            }
        }
    }
    let touch = change.touch;
    let files = [
        (FileKind::Userconfig, touch.userconfig, userconfig.stamp()),
        (FileKind::Menu, touch.menu, menu.stamp()),
    ];
    lines.extend(ownership_lines(&change.reasons, &files));
    let unknown = |keys: &BTreeMap<String, String>| keys.keys().cloned().collect();
    file(
        FileKind::Userconfig,
        userconfig,
        touch.userconfig,
        |u| unknown(&u.unknown),
        &mut lines,
    );
    file(
        FileKind::Menu,
        menu,
        touch.menu,
        |d| {
            let mut keys: Vec<String> = unknown(&d.kept);
            keys.retain(|key| !matches!(key.as_str(), "width" | "height"));
            keys
        },
        &mut lines,
    );
    lines
}

fn file<T>(
    kind: FileKind,
    found: &Lies<T>,
    change: FileChange,
    unknown: impl Fn(&T) -> Vec<String>,
    lines: &mut Vec<Line>,
) {
    match change {
        FileChange::Keep | FileChange::Remove => return,
        FileChange::Write => {}
    }
    match found {
        Lies::Absent => lines.push(broken_line(kind, "is missing")),
        Lies::Broken(found) => lines.push(broken_line(kind, &found.value)),
        Lies::File(found) => {
            lines.extend(unknown(&found.value).iter().map(|key| kept_line(kind, key)));
        }
        Lies::Obstacle(_) => {}
    }
}

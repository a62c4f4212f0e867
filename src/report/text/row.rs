//! What a change does, as rows say it: the verb with its mark, what it is
//! about, and the lines below it. The words and marks carry the meaning;
//! colour only repeats it.

use super::line::{self, Line};
use super::value::{self, Shown};
use super::{create, group};
use crate::model::{Field, FieldValue, FileKind, Ownership, Stamp};
use crate::plan::{
    Change, FieldDiff, FileChange, GroupAction, LinkAction, LinkChange, LinkDiff, Reason, TokenDiff,
};
use crate::report::escape::{escaped, quoted};
use crate::report::style::{DIM, GREEN, PLAIN, RED, REFUSED, YELLOW, styled};
use anstyle::Style;
use std::collections::BTreeSet;

/// What happens, or why nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::report) enum Verb {
    Create,
    Replace,
    Hide,
    Remove,
    Blocked,
    Mend,
    /// It would happen, and is held.
    Wait,
    Skip,
}

impl Verb {
    /// The sign, the word, and the style of both.
    pub(in crate::report) fn parts(self) -> (char, &'static str, Style) {
        match self {
            Self::Create => ('+', "create", GREEN),
            Self::Replace => ('~', "replace", YELLOW),
            Self::Hide => ('-', "hide", RED),
            Self::Remove => ('-', "remove", RED),
            Self::Blocked => ('!', "blocked", REFUSED),
            Self::Mend => ('~', "mend", YELLOW),
            Self::Wait => ('.', "waits", DIM),
            Self::Skip => (' ', "skip", PLAIN),
        }
    }

    /// The sign and the word, padded to one width.
    pub(super) fn mark(self) -> String {
        let (sign, word, style) = self.parts();
        styled(style, format_args!("{sign} {word:7}"))
    }

    /// The sign alone.
    pub(super) fn sign(self) -> String {
        let (sign, _, style) = self.parts();
        styled(style, sign)
    }

    /// The word alone.
    pub(super) fn word(self) -> &'static str {
        self.parts().1
    }

    /// The verb of a change.
    pub(in crate::report) fn of(change: &Change) -> Self {
        match change {
            Change::Group(change) => match change.action {
                GroupAction::Create { .. } => Self::Create,
                GroupAction::Replace { .. } => Self::Replace,
                GroupAction::Remove { .. } => Self::Remove,
            },
            Change::Link(change) => match change.action {
                LinkAction::Create { .. } => Self::Create,
                LinkAction::Replace { .. } => Self::Replace,
                LinkAction::Hide { .. } => Self::Hide,
                LinkAction::Remove { .. } => Self::Remove,
            },
        }
    }
}

/// The reasons in brackets.
pub(super) fn reasons(change: &Change) -> String {
    styled(DIM, bare_reasons(change))
}

/// The same without a style.
pub(in crate::report) fn bare_reasons(change: &Change) -> String {
    let names: Vec<&str> = change.reasons().iter().map(|r| r.name()).collect();
    format!("[{}]", names.join(", "))
}

/// The lines below a change.
pub(in crate::report) fn lines(change: &Change, width: usize) -> Vec<Line> {
    match change {
        Change::Group(change) => group::lines(change, width),
        Change::Link(link) => match &link.action {
            LinkAction::Create { after } => create::lines(after),
            LinkAction::Remove { .. } => Vec::new(),
            LinkAction::Replace { .. } | LinkAction::Hide { .. } => differences(link, width),
        },
    }
}

/// The name of a field in plans: the API's own, but for the icon, of which no
/// base64 is shown.
pub(super) fn field_name(field: Field) -> &'static str {
    match field {
        Field::Icon => "icon",
        Field::Label
        | Field::Implements
        | Field::Url
        | Field::AutologinTokenUrl
        | Field::SubscriberUniqueId
        | Field::GroupId
        | Field::Order
        | Field::Hide => field.name(),
    }
}

fn differences(change: &LinkChange, width: usize) -> Vec<Line> {
    let LinkDiff {
        fields,
        token,
        menu,
        menu_icon,
        broken,
        kept,
    } = change.diff();
    let names = fields.iter().map(|diff| field_name(diff.field));
    let width = line::room(width, line::name_width(names));
    let mut lines = stated_names(change);
    for FieldDiff {
        field,
        before,
        after,
    } in &fields
    {
        // On disk, absent and "0" are one: the link shows.
        let shown = |value: &Option<FieldValue<'_>>| match (field, value) {
            (Field::Hide, None) => Some(Shown::bare("false")),
            (_, value) => value.as_ref().map(|v| Shown::field(*field, v)),
        };
        lines.push(Line {
            name: field_name(*field),
            text: value::change(shown(before).as_ref(), shown(after).as_ref(), width),
        });
    }
    lines.extend(token_line(token));
    lines.extend(
        menu.iter()
            .map(|(key, before, after)| menu_line(key, before.as_deref(), after.as_deref())),
    );
    if let Some((before, after)) = menu_icon {
        let (before, after) = (before.map(Shown::icon), after.map(Shown::icon));
        lines.push(Line {
            name: "menu",
            text: value::change(before.as_ref(), after.as_ref(), width)
                .into_iter()
                .map(|text| format!("icon {text}"))
                .collect(),
        });
    }
    if let Some(found) = change.action.before() {
        let touch = change.touch;
        let files = [
            (
                FileKind::Userconfig,
                touch.userconfig,
                found.userconfig.stamp(),
            ),
            (
                FileKind::Adminconfig,
                touch.adminconfig,
                found.adminconfig.stamp(),
            ),
            (FileKind::Menu, touch.menu, found.menu.stamp()),
        ];
        lines.extend(ownership_lines(&change.reasons, &files));
    }
    for (file, why) in &broken {
        lines.push(broken_line(*file, why));
    }
    for (file, key) in &kept {
        lines.push(kept_line(*file, key));
    }
    lines
}

/// `app` and `user` as a userconfig states them, where they are wrong.
fn stated_names(change: &LinkChange) -> Vec<Line> {
    let found = change.action.before().and_then(|b| b.userconfig.value());
    let (Some(found), FileChange::Write) = (found, change.touch.userconfig) else {
        return Vec::new();
    };
    [
        ("app", &found.stated_app, change.app.as_str()),
        ("user", &found.stated_user, change.user.as_str()),
    ]
    .into_iter()
    .filter_map(|(name, stated, truth)| {
        let stated = stated.as_deref().filter(|stated| *stated != truth)?;
        let (before, after) = (Shown::text(stated), Shown::text(truth));
        Some(Line::new(
            name,
            format!(
                "{} → {}",
                styled(RED, before.line()),
                styled(GREEN, after.line())
            ),
        ))
    })
    .collect()
}

/// What happens to the token, in words.
pub(super) fn token_line(token: TokenDiff) -> Option<Line> {
    let (style, words): (Style, _) = match token {
        TokenDiff::Same => return None,
        TokenDiff::Added => (GREEN, "(added)"),
        TokenDiff::Changed => (YELLOW, "(changed)"),
        TokenDiff::Dropped => (RED, "(dropped)"),
        TokenDiff::NotCompared => (DIM, "not compared"),
    };
    Some(Line::new("token", styled(style, words)))
}

/// A key of the menu entry. Its `url` is masked like any other.
pub(super) fn menu_line(key: &str, before: Option<&str>, after: Option<&str>) -> Line {
    let shown = |text: &str| match key {
        "url" => Shown::url(text),
        _ => Shown::text(text),
    };
    let side = |text: Option<&str>, style| match text {
        Some(text) => styled(style, shown(text).line()),
        None => styled(DIM, "(none)"),
    };
    Line::new(
        "menu",
        format!("{key} {} → {}", side(before, RED), side(after, GREEN)),
    )
}

/// A file that may be written, with its stamp if it is there.
pub(super) type Stamped<'a> = (FileKind, FileChange, Option<&'a Stamp>);

/// The modes of files that are put right; where none is wrong and the reason
/// still says so, it is their owners. Files belong to `root:root`.
pub(super) fn ownership_lines(reasons: &BTreeSet<Reason>, files: &[Stamped<'_>]) -> Vec<Line> {
    if !reasons.contains(&Reason::Mode) {
        return Vec::new();
    }
    let written = || {
        files
            .iter()
            .filter_map(|&(file, change, stamp)| match change {
                FileChange::Write => Some((file, stamp?.ownership)),
                FileChange::Keep | FileChange::Remove => None,
            })
    };
    let modes: Vec<Line> = written()
        .filter(|(file, found)| found.mode != file.mode())
        .map(|(file, found)| {
            let (name, mode, wanted) = (file.name(), found.mode, file.mode());
            Line::new("mode", format!("{name} {mode:04o} → {wanted:04o}"))
        })
        .collect();
    if !modes.is_empty() {
        return modes;
    }
    written()
        .filter(|(_, found)| (found.uid, found.gid) != (0, 0))
        .map(|(file, found)| {
            let Ownership { mode: _, uid, gid } = found;
            Line::new("owner", format!("{} {uid}:{gid} → 0:0", file.name()))
        })
        .collect()
}

/// A file that is written anew, and why.
pub(super) fn broken_line(file: FileKind, why: &str) -> Line {
    Line::new("broken", format!("{} {}", file.name(), escaped(why)))
}

/// A key that is not ours and stays.
pub(super) fn kept_line(file: FileKind, key: &str) -> Line {
    let text = format!("unknown key {} of its {}", quoted(key), file.name());
    Line::new("keeps", styled(DIM, text))
}

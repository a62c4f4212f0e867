//! Drift as text: which file of which link is not as it was left, one line a
//! link, in words and without any value. Of what was written there are only
//! fingerprints, so there is no old value to show.

use crate::model::FileKind;
use crate::plan::{Departure, Drift, DriftTotal, FileDrift};
use crate::report::escape::escaped;
use crate::report::style::{BOLD, DIM, RED, REFUSED, YELLOW, styled};
use anstyle::Style;
use std::io::{self, Write};

/// What stands above a list of drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftHeader {
    /// The root that was read.
    pub root: String,
    /// What this run is limited to, in words; `None` is everything.
    pub scope: Option<String>,
    /// Sentences that a reader should know of first.
    pub notes: Vec<String>,
}

/// Writes what has drifted.
///
/// # Errors
/// Those of `out`.
pub fn drift(total: &DriftTotal, header: &DriftHeader, out: &mut dyn Write) -> io::Result<()> {
    let DriftHeader { root, scope, notes } = header;
    let summary = styled(BOLD, format_args!("Drift: {}", counts(total)));
    writeln!(out, "{summary}")?;
    if let Some(beside) = beside(total) {
        writeln!(out, "{}", styled(DIM, beside))?;
    }
    let scope = match scope {
        Some(scope) => format!(" · only {}", escaped(scope)),
        None => String::new(),
    };
    let line = format!("drift of {}{scope}", escaped(root));
    writeln!(out, "{}", styled(DIM, line))?;
    for note in notes {
        writeln!(out, "note: {}", escaped(note))?;
    }
    if total.drifts.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for drift in &total.drifts {
        let (kind, words) = (Kind::of(&drift.departure), words(&drift.departure));
        let mark = format!("{} {:7}", kind.sign(), kind.name());
        let mark = styled(kind.style(), mark);
        writeln!(out, "{mark}  {}: {}", about(drift), escaped(&words))?;
    }
    writeln!(out)?;
    writeln!(out, "{summary}")
}

/// What it is about: a link, a group, or all of a user.
fn about(drift: &Drift) -> String {
    let Drift { user, address, .. } = drift;
    address
        .as_ref()
        .map_or_else(|| user.to_string(), ToString::to_string)
}

/// What a row of drift says first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Changed,
    Gone,
    Unreadable,
}

impl Kind {
    pub(super) fn of(departure: &Departure) -> Self {
        match departure {
            _ if departure.is_unreadable() => Self::Unreadable,
            Departure::Gone => Self::Gone,
            Departure::Files(_) | Departure::Folder(..) => Self::Changed,
        }
    }

    pub(super) fn sign(self) -> char {
        match self {
            Self::Changed => '~',
            Self::Gone => '-',
            Self::Unreadable => '!',
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Changed => YELLOW,
            Self::Gone => RED,
            Self::Unreadable => REFUSED,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Unreadable => "error",
        }
    }
}

/// How many there are of each kind, in words.
pub(super) fn counts(total: &DriftTotal) -> String {
    let count = |wanted: Kind| {
        let is_it = |drift: &&Drift| Kind::of(&drift.departure) == wanted;
        total.drifts.iter().filter(is_it).count()
    };
    let parts: Vec<String> = [
        (count(Kind::Changed), "changed"),
        (count(Kind::Gone), "gone"),
        (count(Kind::Unreadable), "not readable"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if parts.is_empty() {
        "none".to_owned()
    } else {
        parts.join(", ")
    }
}

/// What has not drifted, or not that anybody knows.
pub(super) fn beside(total: &DriftTotal) -> Option<String> {
    let parts: Vec<String> = [
        (total.same, "as cplinks left them"),
        (total.unknown, "not known"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What is not as it was left. Not escaped yet.
pub(super) fn words(departure: &Departure) -> String {
    match departure {
        Departure::Gone => "none of its files is there".to_owned(),
        Departure::Folder(tree, obstacle) => {
            format!("the user's folder in `{}` {obstacle}", tree.name())
        }
        Departure::Files(files) => {
            let words: Vec<_> = files.iter().map(|(file, d)| file_words(*file, d)).collect();
            words.join(", ")
        }
    }
}

fn file_words(file: FileKind, drift: &FileDrift) -> String {
    let name = file.name();
    match drift {
        FileDrift::Changed => match file {
            FileKind::Userconfig => "fields changed".to_owned(),
            FileKind::Adminconfig => "token changed".to_owned(),
            FileKind::Menu => "menu entry changed".to_owned(),
        },
        FileDrift::Missing => format!("{name} missing"),
        FileDrift::Added => format!("{name} added"),
        FileDrift::Broken(why) => format!("{name} {why}"),
        FileDrift::Obstacle(obstacle) => format!("{name} {obstacle}"),
        FileDrift::Mode(mode) => format!("{name} mode {mode:04o}, not {:04o}", file.mode()),
        FileDrift::Owner { uid, gid } => format!("{name} owner {uid}:{gid}, not 0:0"),
    }
}

//! The words of a run's record: what was begun, what came of it, and which
//! version each file had before and after. Holds no bytes of any file.

use super::edit::{KINDS, Trio};
use super::key::{RunKey, Version};
use crate::model::{FileKind, Function};
use crate::plan::Address;
use std::fmt;

/// The number of a run, which is also the name of its folder. No number is
/// used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub(super) u64);

impl RunId {
    /// Reads a folder's name: six digits, more only from a million on.
    pub fn parse(name: &str) -> Option<Self> {
        // Twelve digits last for ever, and leave room to count on.
        if name.len() > 12 || !name.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let id = Self(name.parse().ok()?);
        (id.to_string() == name).then_some(id)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// What a run was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// To make the links what a manifest says.
    Apply,
    /// To bring back what this earlier run changed.
    Undo(RunId),
    /// To do what a call of this function of WHM's API asked for.
    Call(Function),
}

/// What is known of a run when it begins. All of it is the caller's word: the
/// store asks neither clock nor environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHeader {
    /// What it is for.
    pub kind: RunKind,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// Who began it, for people.
    pub who: String,
    /// The manifest's revision, where it has one.
    pub revision: Option<String>,
    /// The plan's digest, where it has one.
    pub digest: Option<String>,
}

/// What a change does to a link or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Nothing of it was there.
    Create,
    /// It is rewritten in place.
    Replace,
    /// It leaves the menu.
    Hide,
    /// Its files go.
    Remove,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is live, or was when the run ended. No promise that it was on the
    /// disk by then.
    Done,
    /// It is not live as planned: never begun, undone, or half of it could not
    /// be undone.
    NotDone,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// In order, or it was brought in order later.
    Finished,
    /// It is still going on, or was killed: its last changes may be half done.
    Interrupted,
}

/// One file of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileRecord {
    /// Which file.
    pub kind: FileKind,
    /// What was there; `None` is nothing.
    pub before: Option<Version>,
    /// What is there if the change was done; `None` is nothing. The same as
    /// before where the file was left alone.
    pub after: Option<Version>,
}

/// One change of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// The link or group.
    pub address: Address,
    /// What was to be done.
    pub verb: Verb,
    /// What came of it.
    pub outcome: Recorded,
    /// Where the token that was written came from; `None` if none was.
    pub token_reference: Option<String>,
    /// The host that the token goes to.
    pub autologin_host: Option<String>,
    /// Where the token came from that it had before, as far as is known.
    pub old_token_reference: Option<String>,
    /// Whether it was recorded as ours before.
    pub was_ours: bool,
    /// Whether it is ours if the change was done.
    pub is_ours: bool,
    /// The files that were there before or are after.
    pub files: Vec<FileRecord>,
}

/// All that a run's folder says about it.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// What was known when it began.
    pub header: RunHeader,
    /// Its changes, in the order in which they were made. Those that failed
    /// before anything was live are not among them.
    pub changes: Vec<ChangeRecord>,
    /// How it ended.
    pub state: RunState,
    /// What the fingerprints of its versions were made with.
    pub key: RunKey,
}

/// What the store is told about an edit, only to write it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// What is done.
    pub(crate) verb: Verb,
    /// Where the token comes from.
    pub(crate) token_reference: Option<String>,
    /// The host it goes to.
    pub(crate) autologin_host: Option<String>,
    /// Where the token came from that it had before, as far as is known.
    pub(crate) old_token_reference: Option<String>,
    /// Whether it was recorded as ours before.
    pub(crate) was_ours: bool,
    /// Whether it is ours once that is done.
    pub(crate) is_ours: bool,
}

/// One file of an edit in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct WrittenFile {
    /// Its name in the stage; `None` if nothing of it was written.
    pub(super) staged: Option<String>,
    pub(super) before: Option<Version>,
    pub(super) after: Option<Version>,
}

/// One edit in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenEdit {
    pub(super) address: Address,
    pub(super) note: Note,
    pub(super) steps: Vec<super::steps::Step>,
    pub(super) files: Trio<WrittenFile>,
}

impl WrittenEdit {
    pub(super) fn recorded(self, outcome: Recorded) -> ChangeRecord {
        let file = |kind| {
            let WrittenFile { before, after, .. } = self.files.of(kind);
            let (before, after) = (*before, *after);
            let is_there = before.is_some() || after.is_some();
            is_there.then_some(FileRecord {
                kind,
                before,
                after,
            })
        };
        ChangeRecord {
            files: KINDS.into_iter().filter_map(file).collect(),
            address: self.address,
            verb: self.note.verb,
            outcome,
            token_reference: self.note.token_reference,
            autologin_host: self.note.autologin_host,
            old_token_reference: self.note.old_token_reference,
            was_ours: self.note.was_ours,
            is_ours: self.note.is_ours,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_number_is_written_as_is_a_run() {
        for (name, expect) in [
            ("000001", Some(1)),
            ("999999", Some(999_999)),
            ("1000000", Some(1_000_000)),
            ("999999999999", Some(999_999_999_999)),
            ("1000000000000", None),
            ("18446744073709551615", None),
            ("0000001", None),
            ("1", None),
            ("", None),
            ("+00001", None),
            ("00000a", None),
            ("notes", None),
        ] {
            assert_eq!(RunId::parse(name).map(|id| id.0), expect, "{name}");
        }
    }
}

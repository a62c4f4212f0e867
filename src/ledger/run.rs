//! A run to record, in words of its own: what an apply has just done, or what
//! a finished run's journal says.

use super::fingerprint::Fingerprints;
use crate::model::Function;
use crate::plan::{Address, RecordAfter};

/// What kind of run it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An apply.
    Apply,
    /// An undo of the run with this number.
    Undo(String),
    /// A call of this function of WHM's API.
    Call(Function),
}

impl Kind {
    /// The run that was undone.
    pub(super) fn undone(&self) -> Option<&str> {
        match self {
            Self::Apply | Self::Call(_) => None,
            Self::Undo(run) => Some(run),
        }
    }

    /// The function that was called.
    pub(super) fn called(&self) -> Option<Function> {
        match self {
            Self::Apply | Self::Undo(_) => None,
            Self::Call(function) => Some(*function),
        }
    }
}

/// What is known of a run as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunHeader {
    /// Its number, as its folder is named.
    pub id: String,
    /// What kind of run it was.
    pub kind: Kind,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// Who started it, as far as that is known.
    pub who: String,
    /// The manifest's revision, if it is under version control.
    pub revision: Option<String>,
    /// The plan's digest, if it has one.
    pub digest: Option<String>,
}

/// What was done to a link or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Made.
    Create,
    /// Rewritten.
    Replace,
    /// Taken out of the menu.
    Hide,
    /// Its files went.
    Remove,
    /// Found as wanted and taken up as ours.
    Adopt,
    /// Found gone, and no longer counted as ours.
    Forget,
}

impl Verb {
    /// All verbs.
    pub(super) const ALL: [Self; 6] = [
        Self::Create,
        Self::Replace,
        Self::Hide,
        Self::Remove,
        Self::Adopt,
        Self::Forget,
    ];

    /// The word for it, as the state holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Hide => "hide",
            Self::Remove => "remove",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
        }
    }
}

/// Whether it came out as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is live and on the disk.
    Done,
    /// Anything else: then nothing is owned by it.
    NotDone,
}

impl Recorded {
    /// Both outcomes.
    pub(super) const ALL: [Self; 2] = [Self::Done, Self::NotDone];

    /// The word for it, as the state holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not done",
        }
    }
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// To what.
    pub address: Address,
    /// What.
    pub verb: Verb,
    /// How it came out.
    pub outcome: Recorded,
    /// The host a link's token is posted to; `None` without auto-login.
    pub host: Option<String>,
    /// The reference of the token that was written, where one was: never the
    /// token.
    pub token: Option<String>,
    /// Whose it is from then on, if it came out.
    pub record: RecordAfter,
    /// What the files mean now. Unknown ones are left out.
    pub fingerprints: Fingerprints,
}

/// All that a run did, to be recorded at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunToRecord {
    /// The run; `None` where nothing on the disk was changed and there is
    /// only something to remember.
    pub header: Option<RunHeader>,
    /// What was done, in order.
    pub deeds: Vec<Deed>,
}

//! Where a change comes from: what decides whose bytes are written, and whose
//! the link or group is then.

/// What a change follows from: that decides whose bytes are written, and what
/// the state learns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin<T> {
    /// What is wanted, by a manifest or by an undo that takes something away:
    /// what is written is ours from then on, what is removed is so no more.
    Wanted,
    /// What an undone run found: it comes back, and is whose it was.
    Restored(Restore<T>),
    /// Somebody called a function of WHM's API: whatever it does, the record
    /// stays as it is. To a manifest that is a change by somebody else.
    Called,
}

impl<T> Origin<T> {
    /// What an undo brings back, if this is one.
    pub fn restored(&self) -> Option<&Restore<T>> {
        match self {
            Self::Restored(restore) => Some(restore),
            Self::Wanted | Self::Called => None,
        }
    }

    /// Whose a link or group is after a change that leaves this of it.
    pub(super) fn record_after(&self, left: Left) -> RecordAfter {
        let was_owned = match self {
            Self::Called => return RecordAfter::AsBefore,
            Self::Wanted => true,
            Self::Restored(restore) => restore.was_owned,
        };
        match left {
            Left::Files if was_owned => RecordAfter::Ours,
            Left::Files | Left::Nothing => RecordAfter::NotOurs,
        }
    }
}

/// What a change leaves of a link or group.
#[derive(Clone, Copy)]
pub(super) enum Left {
    Files,
    Nothing,
}

/// What the state says of a link or group once a change is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordAfter {
    /// That it is ours, and how we left it.
    Ours,
    /// Nothing.
    NotOurs,
    /// What it said before.
    AsBefore,
}

/// What an undo brings back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore<T> {
    /// The files as the run found them. Their very bytes are written back; they
    /// are not in here, but in the run's folder.
    pub files: Box<T>,
    /// Whether it was recorded as ours when the run found it.
    pub was_owned: bool,
}

//! What happened to one change: the words a report is made of. Holds no bytes
//! of any file.

use super::record::Recorded;
use crate::plan::Address;
use std::fmt;

/// What happened to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is live and on the disk.
    Done,
    /// A file was not what the plan was made from. It was left, or put back,
    /// as it is, and so was the rest.
    ChangedBySomeoneElse {
        /// The file, below the root.
        file: String,
    },
    /// It went wrong.
    Failed {
        /// What went wrong, with the path.
        error: String,
        /// How the files lie now.
        live: Live,
    },
    /// It is live, but not known to be on the disk: a power cut could still
    /// undo it.
    NotDurable {
        /// What went wrong, with the path.
        error: String,
    },
    /// It was not begun, since the run ended before.
    NotBegun,
    /// It was not begun, since something it waits for went wrong: the group
    /// a link stands in, or a link that was to leave a group that goes.
    Blocked {
        /// What went wrong, of the same user.
        by: Address,
    },
}

impl Outcome {
    /// Whether it came out as planned.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// What the journal says of it: what matters there is what is live.
    pub(super) fn recorded(&self) -> Recorded {
        match self {
            Self::Done
            | Self::NotDurable { .. }
            | Self::Failed {
                live: Live::New, ..
            } => Recorded::Done,
            Self::ChangedBySomeoneElse { .. }
            | Self::Failed {
                live: Live::Old | Live::Mixed(_),
                ..
            }
            | Self::NotBegun
            | Self::Blocked { .. } => Recorded::NotDone,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::ChangedBySomeoneElse { file } => {
                write!(
                    f,
                    "`{file}` was changed by someone else, and is left as it is"
                )
            }
            Self::Failed { error, live } => write!(f, "{error}; {live}"),
            Self::NotDurable { error } => {
                write!(f, "written, but not known to be on the disk: {error}")
            }
            Self::NotBegun => f.write_str("not begun, since the run ended early"),
            Self::Blocked { by } => match by {
                Address::Group(_, id) => {
                    write!(f, "not begun, since its group `{id}` went wrong")
                }
                Address::Link(_, app) => write!(
                    f,
                    "not begun, since `{app}`, which was to leave it first, went wrong"
                ),
            },
        }
    }
}

/// How the files of a change that failed lie now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    /// As before.
    Old,
    /// As planned.
    New,
    /// Each in its own state, since undoing went wrong too.
    Mixed(Vec<(String, FileState)>),
}

impl fmt::Display for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Old => f.write_str("its files are as before"),
            Self::New => f.write_str("its files are as planned"),
            Self::Mixed(files) => {
                f.write_str("it could not be undone:")?;
                for (index, (file, state)) in files.iter().enumerate() {
                    let separator = if index == 0 { " " } else { ", " };
                    write!(f, "{separator}`{file}` {state}")?;
                }
                Ok(())
            }
        }
    }
}

/// How one file lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// As before.
    Old,
    /// As planned.
    New,
    /// Not there; what was there is in the run's folder.
    Gone,
    /// As someone else made it since.
    Foreign,
    /// It could not be looked at.
    Unknown,
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Old => "is as before",
            Self::New => "is as planned",
            Self::Gone => "is gone, its bytes are in the run's folder",
            Self::Foreign => "was changed by someone else",
            Self::Unknown => "could not be looked at",
        })
    }
}

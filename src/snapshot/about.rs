//! What a snapshot says of itself.

use crate::plan::{FileOwner, Pause};
use jiff::Timestamp;

/// Where, when and how a snapshot was taken. The texts come from whoever wrote
/// the file, so they are shown escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The version of cplinks that took it.
    pub cplinks: String,
    /// When.
    pub taken: Timestamp,
    /// The host's name.
    pub host: String,
    /// The root that was read.
    pub root: String,
    /// Who should own files there. With `Root`, accounts were looked up; with
    /// `Keep`, nothing is known of them.
    pub owners: FileOwner,
    /// Where the host's policy lies, if there is one. What it says is not in
    /// the snapshot.
    pub policy: Option<String>,
    /// How many accounts the server has; `None` where it has no list of them.
    pub accounts: Option<usize>,
    /// Whether there is a record of what is ours.
    pub has_record: bool,
    /// The pauses that were in force then. Some may be over by now.
    pub pauses: Vec<Pause>,
}

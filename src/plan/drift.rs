//! Drift as a value: how what we own is not as we last wrote it. It compares
//! nothing itself, since what was written is the ledger's word; and it says
//! nothing of what is wanted, which is the plan's.

use super::address::Address;
use super::folder::Tree;
use crate::model::{FileKind, Obstacle, UserName};
use std::collections::BTreeSet;

/// All that we own of one user, held against how we left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserDrift {
    /// Links and groups that are just as we left them.
    pub same: usize,
    /// Links and groups of which nobody knows how we left them: neither same
    /// nor drifted.
    pub unknown: BTreeSet<Address>,
    /// What is not as we left it, sorted by address.
    pub drifts: Vec<Drift>,
}

impl UserDrift {
    /// Whether to record the files as they are now would teach the state
    /// something. A wrong mode would stay one, and that a file is missing or
    /// broken is nothing to get used to.
    pub fn is_news(&self, address: &Address) -> bool {
        self.unknown.contains(address)
            || self
                .of(address)
                .is_some_and(|drift| match &drift.departure {
                    Departure::Gone | Departure::Folder(..) => false,
                    Departure::Files(files) => files.iter().all(|(_, drift)| match drift {
                        FileDrift::Changed | FileDrift::Added => true,
                        FileDrift::Missing
                        | FileDrift::Broken(_)
                        | FileDrift::Obstacle(_)
                        | FileDrift::Mode(_)
                        | FileDrift::Owner { .. } => false,
                    }),
                })
    }

    /// How one link or group has drifted, if it has.
    pub fn of(&self, address: &Address) -> Option<&Drift> {
        let found = self
            .drifts
            .binary_search_by(|drift| drift.address.as_ref().cmp(&Some(address)));
        self.drifts.get(found.ok()?)
    }
}

/// Something of ours that is not as we left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The account.
    pub user: UserName,
    /// The link or group; `None` where the user's folder says it of all.
    pub address: Option<Address>,
    /// In which way.
    pub departure: Departure,
}

/// In which way a link, a group or a user's folder is not as we left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departure {
    /// None of its files is there.
    Gone,
    /// Some of its files are not as they were; never empty, in the order of
    /// the files.
    Files(Vec<(FileKind, FileDrift)>),
    /// The user's folder in one of the trees is none, or may not be trusted.
    Folder(Tree, Obstacle),
}

impl Departure {
    /// What kept us from looking, if something did: then it is not known
    /// whether anything drifted, and that is an error.
    pub fn is_unreadable(&self) -> bool {
        match self {
            Self::Gone => false,
            Self::Folder(_, obstacle) => hides_content(obstacle),
            Self::Files(files) => files.iter().any(|(_, drift)| match drift {
                FileDrift::Obstacle(obstacle) => hides_content(obstacle),
                FileDrift::Changed
                | FileDrift::Missing
                | FileDrift::Added
                | FileDrift::Broken(_)
                | FileDrift::Mode(_)
                | FileDrift::Owner { .. } => false,
            }),
        }
    }
}

/// Whether what we wrote may still lie there, unseen.
fn hides_content(obstacle: &Obstacle) -> bool {
    match obstacle {
        Obstacle::Unreadable(_) | Obstacle::Unsafe { .. } => true,
        Obstacle::Symlink | Obstacle::Directory | Obstacle::Special(_) | Obstacle::TooLarge(_) => {
            false
        }
    }
}

/// How one file is not as we left it. There are no values in it: of what we
/// wrote only a fingerprint is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileDrift {
    /// It means something else.
    Changed,
    /// It was there and is not.
    Missing,
    /// It was not there and is.
    Added,
    /// It does not parse, and why.
    Broken(String),
    /// Something else lies there.
    Obstacle(Obstacle),
    /// It has these permission bits, and not those that we write.
    Mode(u32),
    /// It belongs to somebody else than root.
    Owner {
        /// Its user.
        uid: u32,
        /// Its group.
        gid: u32,
    },
}

/// What came of looking at everything of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriftTotal {
    /// Links and groups that are just as we left them.
    pub same: usize,
    /// Links and groups of which nobody knows how we left them.
    pub unknown: usize,
    /// What is not as we left it, in the order in which users were added.
    pub drifts: Vec<Drift>,
}

impl DriftTotal {
    /// Adds what came of one user.
    pub fn add(&mut self, user: UserDrift) {
        self.same += user.same;
        self.unknown += user.unknown.len();
        self.drifts.extend(user.drifts);
    }

    /// How many could not be looked at.
    pub fn unreadable(&self) -> usize {
        let unreadable = |drift: &&Drift| drift.departure.is_unreadable();
        self.drifts.iter().filter(unreadable).count()
    }
}

//! The plan as a value: an ordered set of changes that turns what is there
//! into what is wanted, and what stands beside them.

use super::blocked::Blocked;
use super::change::Change;
use super::folder::FolderMend;
use super::guard::GuardCheck;
use super::hold::{Held, Pause};
use super::unrecorded::Unrecorded;
use crate::model::UserName;

/// Everything a round found out, sorted by user; of one user first the groups
/// that are written, then links by app, then the groups that go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What would be done, in the order in which it is done.
    pub changes: Vec<Change>,
    /// User folders with a wrong mode or owner.
    pub folders: Vec<FolderMend>,
    /// What should change but cannot be handled; left byte for byte as it is.
    pub blocked: Vec<Blocked>,
    /// What would be done too, and waits. An apply leaves it as it is.
    pub held: Vec<Held>,
    /// The pauses that are in force, whether they hold something or not.
    pub pauses: Vec<Pause>,
    /// What needs no change, as numbers.
    pub counts: Counts,
    /// Accounts that the manifest names and this host does not have.
    pub missing_accounts: Vec<UserName>,
    /// Whether the plan is too much, and how much room was left.
    pub guards: GuardCheck,
    /// What the state should learn beside the changes.
    pub unrecorded: Unrecorded,
}

impl Plan {
    /// Whether an apply would write nothing. Says nothing of
    /// blocked links, and of what waits.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.folders.is_empty()
    }

    /// The accounts with a change or a folder to mend, each once: those with a
    /// change in the order of their names, then the others.
    pub fn touched(&self) -> impl Iterator<Item = &UserName> {
        // Both are sorted by user.
        let is_new = |last: &mut Option<_>, name| last.replace(name) != Some(name);
        let mut last = None;
        let changed = self.changes.iter().map(Change::user);
        let changed = changed.filter(move |user| is_new(&mut last, *user));
        let mut last = None;
        let mended = self.folders.iter().map(|mend| &mend.user);
        let mended = mended.filter(move |user| is_new(&mut last, *user));
        let mended = mended.filter(|user| {
            let found = self
                .changes
                .binary_search_by(|change| change.user().cmp(user));
            found.is_err()
        });
        changed.chain(mended)
    }
}

/// Numbers beside the changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users looked at.
    pub users: usize,
    /// Links and groups that are just as wanted.
    pub in_sync: usize,
    /// Of those, links and groups that are named and not ours yet: an apply
    /// takes them up.
    pub adopted: usize,
    /// Links on disk that are not ours and not named: left alone.
    pub foreign: usize,
    /// Links of ours that are not named and left alone: by the rule for them,
    /// or since their app may not be touched.
    pub ours_left: usize,
    /// Of those in sync, links whose token could not be resolved here.
    pub tokens_not_compared: usize,
    /// Files that belong to no link: a crash's leftovers, impossible names.
    pub strays: usize,
}

impl Counts {
    /// Counts a link that is not named and left alone.
    pub(super) fn leave(&mut self, is_owned: bool) {
        if is_owned {
            self.ours_left += 1;
        } else {
            self.foreign += 1;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        let Self {
            users,
            in_sync,
            adopted,
            foreign,
            ours_left,
            tokens_not_compared,
            strays,
        } = other;
        self.users += users;
        self.in_sync += in_sync;
        self.adopted += adopted;
        self.foreign += foreign;
        self.ours_left += ours_left;
        self.tokens_not_compared += tokens_not_compared;
        self.strays += strays;
    }
}

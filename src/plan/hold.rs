//! Holds: changes that wait, and why. A change that is held is taken out of a
//! plan and stands beside it: it is not applied, not counted by a guard, and
//! not in the digest.
//!
//! | held | by |
//! |---|---|
//! | a link | a pause of its user, or of its app of that user; an exact hold; its user, not named any more |
//! | a group, a folder put right | a pause of its user that names no apps; a group also by an exact hold |
//! | a link that newly goes into a group | what holds the group's create or replace |
//! | the removal of a group | what holds a link that has to leave it first |

use super::address::Address;
use super::change::{Change, GroupAction, LinkAction, Turn};
use super::folder::{FolderMend, Tree};
use super::policy::GlobSet;
use crate::model::{AppName, UserName};
use std::collections::BTreeMap;

/// Why a change waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// A person asked for it, for a time.
    Paused {
        /// The number of the pause: [`Pause::number`].
        pause: u64,
        /// When the pause ends, in seconds since 1970.
        until: u64,
        /// What the person said. It is text like any other: shown escaped.
        reason: String,
    },
    /// Somebody else keeps undoing it, and a watch leaves it alone for a
    /// while.
    Contested,
    /// A guard refused it, and it waits for a person who lets it through.
    Refused,
    /// Its user is not in the manifest any more, which a watch never takes for
    /// a wish.
    UserGone,
}

impl Hold {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Paused { .. } => "paused",
            Self::Contested => "contested",
            Self::Refused => "refused",
            Self::UserGone => "user-gone",
        }
    }
}

/// A pause that is in force: what it covers is not changed until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// By which it is known; no two have the same.
    pub number: u64,
    /// Users it covers; empty means all, also those that are yet to come.
    pub users: GlobSet,
    /// Apps it covers, and then nothing but links; empty means everything of
    /// the users.
    pub apps: GlobSet,
    /// When it began, in seconds since 1970.
    pub since: u64,
    /// When it ends, in seconds since 1970. At that second it is over.
    pub until: u64,
    /// Who asked for it, as the host knows them.
    pub who: String,
    /// Why, in one line. Shown escaped.
    pub reason: String,
}

impl Pause {
    /// Most globs of users and apps that one may have.
    pub const MOST_GLOBS: usize = 100;
    /// Most pauses that may be in force at once.
    pub const MOST: usize = 100;

    /// Whether it is in force at that second since 1970. A clock that stands
    /// before its beginning ends no pause.
    pub fn is_active(&self, now: u64) -> bool {
        now < self.until
    }

    fn has_user(&self, user: &UserName) -> bool {
        self.users.is_empty() || self.users.matches(user.as_str())
    }

    fn has_link(&self, user: &UserName, app: &AppName) -> bool {
        self.has_user(user) && (self.apps.is_empty() || self.apps.matches(app.as_str()))
    }

    fn has_all_of(&self, user: &UserName) -> bool {
        self.has_user(user) && self.apps.is_empty()
    }

    fn hold(&self) -> Hold {
        Hold::Paused {
            pause: self.number,
            until: self.until,
            reason: self.reason.clone(),
        }
    }
}

/// The rules under which changes wait. Empty, none does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// Pauses that are in force. The one that lasts longest is why a change
    /// waits.
    pub paused: Vec<Pause>,
    /// Links and groups that wait by their address. A pause goes first.
    pub exact: BTreeMap<Address, Hold>,
    /// Whether everything of users waits that the manifest does not name.
    pub users_gone: bool,
}

impl Holds {
    /// Why a link or group waits; `None` if it does not.
    pub fn of(&self, address: &Address) -> Option<Hold> {
        let paused = match address {
            Address::Link(user, app) => self.longest(|pause| pause.has_link(user, app)),
            Address::Group(user, _) => self.longest(|pause| pause.has_all_of(user)),
        };
        paused.or_else(|| self.exact.get(address).cloned())
    }

    /// Why a user's folders wait to be put right; `None` if they do not.
    pub fn of_folders(&self, user: &UserName) -> Option<Hold> {
        self.longest(|pause| pause.has_all_of(user))
    }

    fn longest(&self, covers: impl Fn(&Pause) -> bool) -> Option<Hold> {
        let pauses = self.paused.iter().filter(|pause| covers(pause));
        // Of two that end at once the older one.
        let longest = pauses.max_by_key(|pause| (pause.until, std::cmp::Reverse(pause.number)));
        longest.map(Pause::hold)
    }
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// A change to a link or group.
    Change(Change),
    /// A folder to be put right.
    Folder(FolderMend),
}

/// What is done once a hold ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldVerb {
    /// A link or group is made.
    Create,
    /// A link or group is rewritten.
    Replace,
    /// A link leaves its menu.
    Hide,
    /// The files of a link or group go.
    Remove,
    /// A folder's mode or owner is put right.
    Mend,
}

impl HeldVerb {
    /// All verbs.
    pub const ALL: [Self; 5] = [
        Self::Create,
        Self::Replace,
        Self::Hide,
        Self::Remove,
        Self::Mend,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Hide => "hide",
            Self::Remove => "remove",
            Self::Mend => "mend",
        }
    }
}

/// A change that waits, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What would be done.
    pub what: Waiting,
    /// Why it is not.
    pub why: Hold,
}

impl Held {
    /// The account.
    pub fn user(&self) -> &UserName {
        match &self.what {
            Waiting::Change(Change::Link(change)) => &change.user,
            Waiting::Change(Change::Group(change)) => &change.user,
            Waiting::Folder(folder) => &folder.user,
        }
    }

    /// What follows the user and a slash in its name: the app, `group:` and
    /// the id, or `folder:` and the tree.
    pub fn thing(&self) -> String {
        match &self.what {
            Waiting::Change(change) => change.address().thing(),
            Waiting::Folder(folder) => format!("folder:{}", folder.tree.name()),
        }
    }

    /// The link or group; `None` for a folder.
    pub fn address(&self) -> Option<Address> {
        match &self.what {
            Waiting::Change(change) => Some(change.address()),
            Waiting::Folder(_) => None,
        }
    }

    /// What would be done.
    pub fn verb(&self) -> HeldVerb {
        match &self.what {
            Waiting::Folder(_) => HeldVerb::Mend,
            Waiting::Change(Change::Link(change)) => match &change.action {
                LinkAction::Create { .. } => HeldVerb::Create,
                LinkAction::Replace { .. } => HeldVerb::Replace,
                LinkAction::Hide { .. } => HeldVerb::Hide,
                LinkAction::Remove { .. } => HeldVerb::Remove,
            },
            Waiting::Change(Change::Group(change)) => match &change.action {
                GroupAction::Create { .. } => HeldVerb::Create,
                GroupAction::Replace { .. } => HeldVerb::Replace,
                GroupAction::Remove { .. } => HeldVerb::Remove,
            },
        }
    }

    /// Its place among what is held: of a user first the folders, then as in a
    /// plan.
    pub(super) fn place(&self) -> (UserName, Option<(Turn, Address)>, Option<Tree>) {
        match &self.what {
            Waiting::Folder(folder) => (folder.user.clone(), None, Some(folder.tree)),
            Waiting::Change(change) => {
                let (user, turn, address) = change.place();
                (user, Some((turn, address)), None)
            }
        }
    }
}

//! The plan as a value: an ordered set of changes that turns what is there
//! into what is wanted, and what stands beside them.

use super::diff::{self, LinkDiff};
use super::guard::GuardCheck;
use super::unrecorded::Unrecorded;
use crate::model::{
    ActualGroup, ActualLink, AppName, FileKind, Group, GroupId, Link, MenuEntry, Obstacle, Secret,
    TokenRef, UserName,
};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

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
    /// Whether an apply would write nothing. Says nothing of blocked links.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.folders.is_empty()
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
    /// Of those in sync, links whose token could not be resolved here.
    pub tokens_not_compared: usize,
    /// Files that belong to no link: a crash's leftovers, impossible names.
    pub strays: usize,
}

/// What a change is about: `user/app` or `user/group:id`. Ordered by user,
/// groups before links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A menu group.
    Group(UserName, GroupId),
    /// A link.
    Link(UserName, AppName),
}

impl Address {
    /// The account.
    pub fn user(&self) -> &UserName {
        match self {
            Self::Group(user, _) | Self::Link(user, _) => user,
        }
    }

    /// What follows the slash: the app, or `group:` and the id.
    pub fn thing(&self) -> String {
        match self {
            Self::Group(_, id) => format!("group:{id}"),
            Self::Link(_, app) => app.to_string(),
        }
    }
}

impl Ord for Address {
    /// Not derived: that would put the groups of all users before all links.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_user = self.user().cmp(other.user());
        by_user.then_with(|| match (self, other) {
            (Self::Group(_, id), Self::Group(_, other)) => id.cmp(other),
            (Self::Link(_, app), Self::Link(_, other)) => app.cmp(other),
            (Self::Group(..), Self::Link(..)) => Ordering::Less,
            (Self::Link(..), Self::Group(..)) => Ordering::Greater,
        })
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.user(), self.thing())
    }
}

/// Why a change is there, for people; nothing is decided from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing of it is on disk.
    New,
    /// It was on disk, and cplinks has no record of writing it.
    Adopt,
    /// Fields differ.
    Fields,
    /// The token differs.
    Token,
    /// A file has another mode or owner than it must have.
    Mode,
    /// The menu entry is missing or not what the link's own fields make it.
    Menu,
    /// A file does not parse, or one of the set is missing.
    Broken,
    /// It was hidden and is to show.
    Unhide,
    /// The manifest does not name it.
    Unlisted,
    /// The manifest says `hide`.
    DeclaredHidden,
    /// The manifest says `absent`.
    DeclaredAbsent,
    /// A run that changed it is undone.
    Undo,
}

impl Reason {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Adopt => "adopt",
            Self::Fields => "fields",
            Self::Token => "token",
            Self::Mode => "mode",
            Self::Menu => "menu",
            Self::Broken => "broken",
            Self::Unhide => "unhide",
            Self::Unlisted => "unlisted",
            Self::DeclaredHidden => "declared-hidden",
            Self::DeclaredAbsent => "declared-absent",
            Self::Undo => "undo",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// To a menu group.
    Group(Box<GroupChange>),
    /// To a link.
    Link(Box<LinkChange>),
}

impl Change {
    /// What it is about.
    pub fn address(&self) -> Address {
        match self {
            Self::Group(change) => Address::Group(change.user.clone(), change.id.clone()),
            Self::Link(change) => Address::Link(change.user.clone(), change.app.clone()),
        }
    }

    /// Whether it is recorded as ours.
    pub fn is_owned(&self) -> bool {
        match self {
            Self::Group(change) => change.is_owned,
            Self::Link(change) => change.is_owned,
        }
    }

    /// Whether it is ours once the change is done: what an apply writes is,
    /// and what an undo brings back is whose it was.
    pub fn is_ours_after(&self) -> bool {
        match self {
            Self::Group(change) => match &change.action {
                GroupAction::Remove { .. } => false,
                GroupAction::Create { .. } | GroupAction::Replace { .. } => {
                    change.restore.as_ref().is_none_or(|r| r.was_owned)
                }
            },
            Self::Link(change) => match change.action {
                LinkAction::Remove { .. } => false,
                LinkAction::Create { .. }
                | LinkAction::Replace { .. }
                | LinkAction::Hide { .. } => change.restore.as_ref().is_none_or(|r| r.was_owned),
            },
        }
    }

    /// Its place in a plan, which is the order in which changes are made.
    pub(super) fn place(&self) -> (UserName, Turn, Address) {
        let turn = match self {
            Self::Group(change) => match &change.action {
                GroupAction::Create { .. } | GroupAction::Replace { .. } => Turn::InOrder,
                GroupAction::Remove { .. } => Turn::Last,
            },
            Self::Link(_) => Turn::InOrder,
        };
        let address = self.address();
        (address.user().clone(), turn, address)
    }

    /// Why it is there.
    pub fn reasons(&self) -> &BTreeSet<Reason> {
        match self {
            Self::Group(change) => &change.reasons,
            Self::Link(change) => &change.reasons,
        }
    }
}

/// When a change is made among those of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// In the order of addresses.
    InOrder,
    /// After all others: it waits for links.
    Last,
}

/// A change to a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkChange {
    /// The account.
    pub user: UserName,
    /// The app.
    pub app: AppName,
    /// The verb, with what it needs.
    pub action: LinkAction,
    /// Which of the three files are written or removed.
    pub touch: Touch,
    /// Why, for people.
    pub reasons: BTreeSet<Reason>,
    /// Whether it is recorded as ours.
    pub is_owned: bool,
    /// Set where an undo brings it back.
    pub restore: Option<Restore<ActualLink>>,
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

/// What happens to a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkAction {
    /// Nothing of it is there yet.
    Create {
        /// What will be there.
        after: LinkAfter,
    },
    /// Rewrite it in place.
    Replace {
        /// What is there.
        before: ActualLink,
        /// What will be there.
        after: LinkAfter,
    },
    /// It leaves the customer's menu; its files and token stay.
    Hide {
        /// What is there.
        before: ActualLink,
        /// What will be there.
        after: LinkAfter,
    },
    /// Its files go.
    Remove {
        /// What is there.
        before: ActualLink,
    },
}

impl LinkAction {
    /// What is there now.
    pub fn before(&self) -> Option<&ActualLink> {
        match self {
            Self::Create { .. } => None,
            Self::Replace { before, .. } | Self::Hide { before, .. } | Self::Remove { before } => {
                Some(before)
            }
        }
    }

    /// What will be there.
    pub fn after(&self) -> Option<&LinkAfter> {
        match self {
            Self::Create { after } | Self::Replace { after, .. } | Self::Hide { after, .. } => {
                Some(after)
            }
            Self::Remove { .. } => None,
        }
    }
}

impl LinkChange {
    /// How the two versions differ, for the eye.
    pub fn diff(&self) -> LinkDiff<'_> {
        diff::of_link(self)
    }
}

/// A link as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAfter {
    /// The fields of the userconfig.
    pub link: Link,
    /// The token.
    pub token: TokenAfter,
    /// The menu entry.
    pub menu: MenuEntry,
}

/// What becomes of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenAfter {
    /// What is on disk stays.
    Keep,
    /// There is none.
    None,
    /// This one.
    Set {
        /// Where it came from.
        reference: TokenRef,
        /// The token.
        secret: Secret,
    },
    /// The one that a run replaced: an undo brings it back.
    Restore {
        /// The token.
        secret: Secret,
    },
    /// Not known here; such a change is shown, never applied.
    NotCompared {
        /// Where it would come from.
        reference: TokenRef,
    },
}

/// What happens to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileChange {
    /// It stays as it is, or stays away.
    #[default]
    Keep,
    /// It is written.
    Write,
    /// It goes.
    Remove,
}

/// What happens to each file of a link or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touch {
    /// The fields.
    pub userconfig: FileChange,
    /// The token; always `Keep` for groups.
    pub adminconfig: FileChange,
    /// The menu entry.
    pub menu: FileChange,
}

/// A change to a menu group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChange {
    /// The account.
    pub user: UserName,
    /// The group.
    pub id: GroupId,
    /// The verb, with what it needs.
    pub action: GroupAction,
    /// Which of the two files are written or removed.
    pub touch: Touch,
    /// Why, for people.
    pub reasons: BTreeSet<Reason>,
    /// Whether it is recorded as ours.
    pub is_owned: bool,
    /// Set where an undo brings it back.
    pub restore: Option<Restore<ActualGroup>>,
}

/// What happens to a menu group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupAction {
    /// Nothing of it is there yet.
    Create {
        /// What will be there.
        after: Group,
    },
    /// Rewrite it in place.
    Replace {
        /// What is there.
        before: Box<ActualGroup>,
        /// What will be there.
        after: Group,
    },
    /// Its files go.
    Remove {
        /// What is there.
        before: Box<ActualGroup>,
        /// Links that stand in it, or may do so, until this plan changes or
        /// removes them. If one of them goes wrong the group must stay.
        leaving: BTreeSet<AppName>,
    },
}

impl GroupAction {
    /// What is there now.
    pub fn before(&self) -> Option<&ActualGroup> {
        match self {
            Self::Create { .. } => None,
            Self::Replace { before, .. } | Self::Remove { before, .. } => Some(before),
        }
    }

    /// What will be there.
    pub fn after(&self) -> Option<&Group> {
        match self {
            Self::Create { after } | Self::Replace { after, .. } => Some(after),
            Self::Remove { .. } => None,
        }
    }
}

/// One of the two trees under the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// `links/`: userconfig and adminconfig.
    Links,
    /// `dynamicui/`: menu entries.
    Menu,
}

impl Tree {
    /// The folder's name under the root.
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Menu => "dynamicui",
        }
    }
}

/// A user folder whose mode or owner is put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderMend {
    /// The account.
    pub user: UserName,
    /// Which tree the folder is in.
    pub tree: Tree,
    /// Permission bits found and wanted.
    pub mode: (u32, u32),
    /// Owner and group found and wanted, where they are compared.
    pub owner: Option<((u32, u32), (u32, u32))>,
}

/// Something that should change but cannot be handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// What it is about; the whole user has no app.
    pub user: UserName,
    /// The link or group; `None` blocks the whole user.
    pub address: Option<Address>,
    /// Why.
    pub why: Why,
}

/// Why something is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Something at a file's path is no readable regular file.
    Obstacle(FileKind, Obstacle),
    /// A user's folder is no readable directory.
    Folder(Tree, Obstacle),
    /// `token: keep`, and there is none.
    NothingToKeep,
    /// `token: keep`, and the adminconfig does not parse.
    KeepBroken(String),
    /// The token to write could not be resolved.
    TokenUnknown {
        /// Its reference.
        reference: TokenRef,
        /// Why there is no value.
        why: String,
    },
    /// It is to be hidden, but its userconfig does not parse.
    HideBroken(String),
    /// The group it stands in is blocked.
    Group(GroupId),
    /// It is to be brought back, but a file is not as the run left it.
    ChangedSince(FileKind),
    /// It is to be brought back, but what the run found is kept no more.
    Lost(String),
    /// It is to be brought back, but the file that a run replaced is no use.
    WasBroken(FileKind, String),
    /// It is to be brought back, but would show without this file.
    WasIncomplete(FileKind),
    /// A run made the group that is to go, and links still stand in it.
    GroupStays,
    /// The host's policy does not let cplinks touch the app.
    NotManaged,
    /// The account's look-up failed, which is not "no such account".
    Account(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obstacle(file, obstacle) => write!(f, "its {} {obstacle}", file.name()),
            Self::Folder(tree, obstacle) => {
                write!(f, "the user's folder in `{}` {obstacle}", tree.name())
            }
            Self::NothingToKeep => {
                f.write_str("`token: keep`, but there is no token on disk to keep")
            }
            Self::KeepBroken(why) => write!(
                f,
                "`token: keep`, but the adminconfig that should hold it {why}"
            ),
            Self::TokenUnknown { reference, why } => {
                write!(f, "its token ({reference}) is not known here: {why}")
            }
            Self::HideBroken(why) => write!(
                f,
                "it should be hidden, but its userconfig {why}; name it `absent` to remove it"
            ),
            Self::Group(id) => write!(f, "the group `{id}` it stands in is blocked"),
            Self::ChangedSince(file) => write!(
                f,
                "its {} is not as that run left it; later runs are undone first, the newest before \
                 the others, and what others changed stays",
                file.name()
            ),
            Self::Lost(why) => write!(f, "what that run found is kept no more: {why}"),
            Self::WasBroken(file, why) => write!(
                f,
                "its {} before that run {why}, and so does not come back",
                file.name()
            ),
            Self::WasIncomplete(file) => write!(
                f,
                "it would show without its {}, as it did before that run",
                file.name()
            ),
            Self::GroupStays => f.write_str("that run made it, and other links stand in it by now"),
            Self::NotManaged => {
                f.write_str("the policy of this host does not let cplinks touch this app")
            }
            Self::Account(error) => write!(f, "the account could not be looked up: {error}"),
        }
    }
}

//! One change to a link or group: the verb with what it needs, and which files
//! it touches.

use super::address::Address;
use super::origin::{Left, Origin, RecordAfter};
use super::reason::Reason;
use crate::model::{
    ActualGroup, ActualLink, AppName, Group, GroupId, Link, MenuEntry, Secret, TokenRef, UserName,
};
use std::collections::BTreeSet;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// To a menu group.
    Group(Box<GroupChange>),
    /// To a link.
    Link(Box<LinkChange>),
}

impl Change {
    /// Whose menu it changes.
    pub fn user(&self) -> &UserName {
        match self {
            Self::Group(change) => &change.user,
            Self::Link(change) => &change.user,
        }
    }

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

    /// Whose it is once the change is done.
    ///
    /// | origin | removed | written |
    /// |---|---|---|
    /// | wanted | not ours | ours |
    /// | restored | not ours | whose it was |
    /// | called | as before | as before |
    pub fn record_after(&self) -> RecordAfter {
        match self {
            Self::Group(change) => change.origin.record_after(match &change.action {
                GroupAction::Remove { .. } => Left::Nothing,
                GroupAction::Create { .. } | GroupAction::Replace { .. } => Left::Files,
            }),
            Self::Link(change) => change.origin.record_after(match &change.action {
                LinkAction::Remove { .. } => Left::Nothing,
                LinkAction::Create { .. }
                | LinkAction::Replace { .. }
                | LinkAction::Hide { .. } => Left::Files,
            }),
        }
    }

    /// Whether it is recorded as ours once the change is done.
    pub fn is_ours_after(&self) -> bool {
        match self.record_after() {
            RecordAfter::Ours => true,
            RecordAfter::NotOurs => false,
            RecordAfter::AsBefore => self.is_owned(),
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
    /// The reference of the token that it was last written with, as recorded.
    pub owned_token: Option<String>,
    /// Where what is written comes from, and with that whose it is then.
    pub origin: Origin<ActualLink>,
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
        /// The text of the reference that it came from, where that is known.
        reference: Option<String>,
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
    /// Where what is written comes from, and with that whose it is then.
    pub origin: Origin<ActualGroup>,
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

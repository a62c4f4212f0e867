//! What a change is about.

use crate::model::{AppName, GroupId, UserName};
use std::cmp::Ordering;
use std::fmt;

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

//! Which links are ours: written by cplinks and recorded in the state.

use crate::model::{AppName, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// The links and groups cplinks has a record of writing. Empty, everything on
/// disk is foreign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owned {
    links: BTreeMap<UserName, BTreeSet<AppName>>,
}

impl Owned {
    /// Records a link as ours.
    pub fn insert(&mut self, user: UserName, app: AppName) {
        self.links.entry(user).or_default().insert(app);
    }

    /// Whether the link is ours.
    pub fn has(&self, user: &UserName, app: &AppName) -> bool {
        self.links.get(user).is_some_and(|apps| apps.contains(app))
    }

    /// All users we own links of.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &UserName> {
        self.links.keys()
    }
}

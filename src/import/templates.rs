//! What stands once in the manifest for all users.

use super::entry::Slot;
use super::group::OddGroup;
use crate::model::{AppName, Field, Group, GroupId};
use std::collections::BTreeMap;

/// What the links of one app share; an icon stands as its hash.
pub(super) type Shared = BTreeMap<Slot, String>;

/// Templates by app, and the groups that are declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    pub(super) apps: BTreeMap<AppName, Shared>,
    pub(super) groups: BTreeMap<GroupId, Group>,
    /// Groups that links stand in and that cannot be declared.
    pub(super) odd_groups: BTreeMap<GroupId, OddGroup>,
}

impl Templates {
    /// How many apps have a template, and how many groups are declared.
    pub fn counts(&self) -> (usize, usize) {
        (self.apps.len(), self.groups.len())
    }

    /// The hash of each icon that templates name, with its file below the
    /// manifest's folder. Apps that share one share its file.
    pub fn icons(&self) -> BTreeMap<&str, String> {
        let mut files = BTreeMap::new();
        for (app, shared) in &self.apps {
            if let Some(hash) = shared.get(&Slot::Field(Field::Icon)) {
                let file = || format!("icons/{app}.png");
                files.entry(hash.as_str()).or_insert_with(file);
            }
        }
        files
    }
}

//! Icons that differ from their app's template: files beside the files of
//! users, named by the first app that has one.

use crate::model::{AppName, Icon};
use std::collections::BTreeMap;

/// The folder of users' files, in which the icons that they name must lie.
pub(super) const USERS: &str = "users";

/// The files that icons of single links have.
#[derive(Debug, Default)]
pub struct UserIcons {
    by_hash: BTreeMap<String, String>,
    by_app: BTreeMap<AppName, usize>,
    fresh: Vec<(String, Icon)>,
}

impl UserIcons {
    /// The path of an icon's file, as a file of users names it.
    pub(super) fn path(&mut self, app: &AppName, icon: &Icon) -> String {
        let hash = icon.hash().into_owned();
        if let Some(path) = self.by_hash.get(&hash) {
            return path.clone();
        }
        let number = self.by_app.entry(app.clone()).or_default();
        *number += 1;
        // No app's name holds a dot, so no two files have one name.
        let path = match number {
            1 => format!("icons/{app}.png"),
            number => format!("icons/{app}.{number}.png"),
        };
        self.by_hash.insert(hash, path.clone());
        self.fresh.push((format!("{USERS}/{path}"), icon.clone()));
        path
    }

    /// The files that were named since the last time, below the manifest's
    /// folder.
    pub fn take_fresh(&mut self) -> Vec<(String, Icon)> {
        std::mem::take(&mut self.fresh)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }
}

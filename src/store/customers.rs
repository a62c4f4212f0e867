//! The server's own list of its accounts: the folder `users` beside the root,
//! with a file for each. It is optional and only ever read, for numbers that
//! people are shown; no link depends on it.

use super::Store;
use super::disk::{Dir, Disk, PathError, Reach};
use super::error::StoreError;
use super::owners::Sticky;
use super::read::{Seen, SeenDir, open_dir, read_within};
use super::root::check_owner;
use crate::codec;
use crate::model::{Customer, UserName};
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// The folder's name.
const USERS: &str = "users";
/// The largest file of an account that is read, in bytes.
const MAX_ACCOUNT: usize = 1024 * 1024;

/// The accounts of a server, by the names in its list.
#[derive(Debug)]
pub struct AccountList {
    dir: Dir,
    names: BTreeSet<UserName>,
}

impl AccountList {
    /// All accounts. A name in the list that no account may have is none.
    pub fn names(&self) -> &BTreeSet<UserName> {
        &self.names
    }
}

impl<D: Disk> Store<D> {
    /// The list of this root's server; `None` if it has none.
    ///
    /// # Errors
    /// Something is there and cannot be listed, is no folder, or may be
    /// changed by others than root where that matters.
    pub fn account_list(&self) -> Result<Option<AccountList>, StoreError> {
        let path = self.path().parent().map(|parent| parent.join(USERS));
        // Beside the file system's own root is nothing.
        let Some(path) = path else {
            return Ok(None);
        };
        // Named by the path that people know it by.
        let failed = |error| {
            let path = path.clone();
            StoreError::from(PathError { path, ..error })
        };
        // By what is held open, and not by a path that may lead elsewhere now.
        let parent = self
            .disk
            .open_dir(&self.root, OsStr::new(".."), Reach::Pass)
            .map_err(failed)?;
        let (dir, stat) = match open_dir(&self.disk, &parent, USERS.as_ref(), Reach::Full) {
            Ok(SeenDir::Dir(dir, stat)) => (dir, stat),
            Ok(SeenDir::Absent) => return Ok(None),
            Ok(SeenDir::Obstacle(obstacle)) => {
                return Err(StoreError::NotADirectory { path, obstacle });
            }
            Err(error) => return Err(failed(error)),
        };
        check_owner(&dir, &stat, self.owners.check, Sticky::Unsafe)?;
        let names = self.disk.list(&dir).map_err(failed)?;
        let names = names.iter().filter_map(|name| name.to_str());
        let names = names.filter_map(|name| UserName::parse(name).ok());
        let names = names.collect();
        Ok(Some(AccountList { dir, names }))
    }

    /// An account of the list; `None` if it is not in it. Of a file that cannot
    /// be read, or is none, nothing is known but its name.
    pub fn customer(&self, list: &AccountList, user: &UserName) -> Option<Customer> {
        if !list.names.contains(user) {
            return None;
        }
        let seen = read_within(&self.disk, &list.dir, user.as_str(), MAX_ACCOUNT);
        let reseller = match seen {
            Ok(Seen::File(contents)) => codec::account::reseller(&contents.bytes),
            Ok(Seen::Absent | Seen::Obstacle(_)) | Err(_) => None,
        };
        Some(Customer { reseller })
    }
}

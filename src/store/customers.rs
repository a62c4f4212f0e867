//! The server's own list of its accounts: the folder `users` beside the root,
//! with a file for each. It is optional and only ever read, for numbers that
//! people are shown; no link depends on it.

use super::Store;
use super::disk::{Dir, Disk, PathError, Reach};
use super::error::StoreError;
use super::owners::{Sticky, is_unsafe};
use super::read::{Seen, SeenDir, open_dir, read_within};
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
        if is_unsafe(&stat, self.owners.check, Sticky::Unsafe) {
            let (mode, uid) = (stat.mode, stat.uid);
            return Err(StoreError::Unsafe { path, mode, uid });
        }
        let names = self.disk.list(&dir).map_err(failed)?;
        let names = names.iter().filter_map(|entry| entry.name.to_str());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::OwnersCheck;
    use crate::store::testing::scratch;
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    #[test]
    fn a_list_that_others_could_change_is_not_used_where_that_matters() {
        let scratch = scratch();
        let top = scratch.path();
        let users = top.join("users");
        for folder in ["root", "users", "users/alice", "users/a b"] {
            let mut builder = std::fs::DirBuilder::new();
            builder.mode(0o755).create(top.join(folder)).unwrap();
        }
        let mode = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&users, mode).unwrap();
        let mut store = Store::open(&top.join("root")).unwrap();
        let list = store.account_list().unwrap().unwrap();
        let names: Vec<&str> = list.names().iter().map(UserName::as_str).collect();
        assert_eq!(names, ["alice"]);
        store.owners.check = OwnersCheck::Strict;
        match store.account_list() {
            Err(StoreError::Unsafe { path, mode, .. }) => {
                assert_eq!((path, mode), (users, 0o777));
            }
            other => panic!("{other:?}"),
        }
    }
}

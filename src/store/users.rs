//! Which users there are: those with a folder in one of the two trees, and
//! the accounts of this host.

use super::Store;
use super::disk::{Disk, Reach};
use super::error::StoreError;
use super::read::{Obstructed, open_regular};
use crate::model::{Obstacle, UserName};
use crate::plan::Tree;
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// The largest account file, in bytes: some million accounts.
const MAX_PASSWD: usize = 128 * 1024 * 1024;

impl<D: Disk> Store<D> {
    /// The users of whom anything lies in `links` or `dynamicui`, whatever it
    /// is. A name that no account may have is nobody's.
    ///
    /// # Errors
    /// A tree cannot be listed.
    pub fn users(&self) -> Result<BTreeSet<UserName>, StoreError> {
        let mut users = BTreeSet::new();
        for tree in [Tree::Links, Tree::Menu] {
            let Some(dir) = self.tree(tree)? else {
                continue;
            };
            let names = self.disk.list(&dir)?;
            let names = names.iter().filter_map(|entry| entry.name.to_str());
            users.extend(names.filter_map(|name| UserName::parse(name).ok()));
        }
        Ok(users)
    }

    /// The accounts in `/etc/passwd`, where `cPanel` makes all of its own. They
    /// are names to be looked up: what is known of each is
    /// [`Store::account`]'s to say.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn accounts(&self) -> Result<BTreeSet<UserName>, StoreError> {
        let etc = self
            .disk
            .open_dir(&self.disk.open_top()?, OsStr::new("etc"), Reach::Pass)?;
        let obstructed = |obstacle| StoreError::NotAFile {
            path: etc.path().join("passwd"),
            obstacle,
        };
        let file = match open_regular(&self.disk, &etc, "passwd") {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(BTreeSet::new()),
            Err(Obstructed::By(obstacle)) => return Err(obstructed(obstacle)),
            Err(Obstructed::Io(error)) => return Err(error.into()),
        };
        let bytes = self.disk.read(&file, MAX_PASSWD + 1)?;
        if bytes.len() > MAX_PASSWD {
            return Err(obstructed(Obstacle::TooLarge(bytes.len() as u64)));
        }
        let names = bytes.split(|b| *b == b'\n').filter_map(|line| {
            let name = line.split(|b| *b == b':').next()?;
            UserName::parse(std::str::from_utf8(name).ok()?).ok()
        });
        Ok(names.collect())
    }
}

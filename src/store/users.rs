//! Which users there are: those with a folder in one of the two trees, and
//! the accounts of this host.

use super::Store;
use super::disk::{Disk, Reach};
use super::error::StoreError;
use super::read::{Obstructed, open_regular};
use crate::model::{Obstacle, UserName};
use crate::plan::Tree;
use std::collections::{BTreeMap, BTreeSet};
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
    /// are names to be looked up: what is known of each is told by
    /// [`super::Accounts`].
    ///
    /// # Errors
    /// It cannot be read.
    pub fn accounts(&self) -> Result<BTreeSet<UserName>, StoreError> {
        Ok(entries(&self.passwd()?).map(|(name, _)| name).collect())
    }

    /// Who those are, each with the id of its primary group.
    pub(super) fn primary_groups(&self) -> Result<BTreeMap<UserName, u32>, StoreError> {
        let mut groups = BTreeMap::new();
        let passwd = self.passwd()?;
        let whole = entries(&passwd).filter_map(|(name, gid)| Some((name, gid?)));
        for (name, gid) in whole {
            // Of two lines for one name the first counts.
            groups.entry(name).or_insert(gid);
        }
        Ok(groups)
    }

    /// The account file; empty if there is none.
    fn passwd(&self) -> Result<Vec<u8>, StoreError> {
        let etc = self
            .disk
            .open_dir(&self.disk.open_top()?, OsStr::new("etc"), Reach::Pass)?;
        let obstructed = |obstacle| StoreError::NotAFile {
            path: etc.path().join("passwd"),
            obstacle,
        };
        let file = match open_regular(&self.disk, &etc, "passwd") {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(Vec::new()),
            Err(Obstructed::By(obstacle)) => return Err(obstructed(obstacle)),
            Err(Obstructed::Io(error)) => return Err(error.into()),
        };
        let mut bytes = self.disk.read(&file, MAX_PASSWD + 1)?;
        if bytes.len() > MAX_PASSWD {
            return Err(obstructed(Obstacle::TooLarge(bytes.len() as u64)));
        }
        Ok(std::mem::take(&mut *bytes))
    }
}

/// Each line of an account file: the name, and the id of the primary group
/// where both ids can be read: of a line that the system may not take it is
/// asked. A name that no account may have is nobody's.
fn entries(passwd: &[u8]) -> impl Iterator<Item = (UserName, Option<u32>)> {
    passwd.split(|b| *b == b'\n').filter_map(|line| {
        let mut parts = line.split(|b| *b == b':').map(std::str::from_utf8);
        let name = UserName::parse(parts.next()?.ok()?).ok()?;
        // name:password:uid:gid:…
        let mut id = |place| parts.nth(place)?.ok()?.parse::<u32>().ok();
        let (uid, gid) = (id(1), id(0));
        Some((name, uid.and(gid)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_account_with_its_group() {
        let text = b"root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001::/home/ann:\n\
            bob:x:5\nann:x:7:8::/:\ncid:x:1:+2::/:\ndan:x:abc:4::/:\neve:x::5::/:\n#x:y:1:2\n\xff:x:1:1\n\n";
        let found: Vec<_> = entries(text)
            .map(|(name, gid)| (name.to_string(), gid))
            .collect();
        let ann = |gid| ("ann".to_owned(), Some(gid));
        let none = |name: &str| (name.to_owned(), None);
        let cid = ("cid".to_owned(), Some(2));
        let expect = [
            ann(1001),
            none("bob"),
            ann(8),
            cid,
            none("dan"),
            none("eve"),
        ];
        assert_eq!(found, expect);
    }
}

//! The host's account database: whether a user exists, and the primary group
//! that a user's folders belong to.

use super::disk::Disk;
use super::{Store, StoreError};
use crate::model::{Account, UserName};
use crate::plan::FileOwner;
use std::collections::BTreeMap;

/// Looks accounts up where it says who should own folders. For many of them
/// the account file is read once: the system reads all of it for each look-up.
#[derive(Debug, Clone)]
pub struct Accounts {
    owner: FileOwner,
    /// What the file says. Who is not in it may still be known elsewhere.
    groups: BTreeMap<UserName, u32>,
    /// Why the file could not be read, if a call failed: the system's own
    /// readers take a file that breaks off for one that ends.
    unread: Option<String>,
}

impl Accounts {
    /// For one user or a few.
    pub fn for_few(owner: FileOwner) -> Self {
        Self {
            owner,
            groups: BTreeMap::new(),
            unread: None,
        }
    }

    /// For many users, as the file says at this moment. One that cannot be
    /// read, or leaves a user out, makes each look-up a question to the system,
    /// whose "no such account" counts only where the file could be read.
    pub fn for_many<D: Disk>(store: &Store<D>, owner: FileOwner) -> Self {
        let mut accounts = Self::for_few(owner);
        match owner {
            FileOwner::Keep => {}
            FileOwner::Root => match store.primary_groups() {
                Ok(groups) => accounts.groups = groups,
                Err(error) => {
                    // Of what is no file to read, the system may know more.
                    if let StoreError::Io(error) = error {
                        accounts.unread = Some(error.text());
                    }
                }
            },
        }
        accounts
    }

    /// What is known of an account.
    pub fn look_up(&self, user: &UserName) -> Account {
        match self.owner {
            FileOwner::Keep => Account::NotAsked,
            FileOwner::Root => match self.groups.get(user) {
                Some(gid) => Account::Known { gid: *gid },
                None => match (ask(user), &self.unread) {
                    (Account::Missing, Some(why)) => Account::LookupFailed(why.clone()),
                    (answer, _) => answer,
                },
            },
        }
    }
}

/// Asks the system. A look-up that failed is not "no such account".
fn ask(user: &UserName) -> Account {
    match nix::unistd::User::from_name(user.as_str()) {
        Ok(Some(found)) => Account::Known {
            gid: found.gid.as_raw(),
        },
        Ok(None) => Account::Missing,
        Err(error) => Account::LookupFailed(error.desc().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Fixture;

    #[test]
    fn an_account_nobody_made_is_missing() {
        let user = UserName::parse("no-such-account-here").unwrap();
        let store = Fixture::new().store();
        for accounts in [
            Accounts::for_few(FileOwner::Root),
            Accounts::for_many(&store, FileOwner::Root),
        ] {
            assert_eq!(accounts.look_up(&user), Account::Missing);
        }
        let unasked = Accounts::for_many(&store, FileOwner::Keep);
        assert_eq!(unasked.look_up(&user), Account::NotAsked);
    }

    #[test]
    fn the_file_says_of_each_account_what_the_system_says() {
        let store = Fixture::new().store();
        let accounts = Accounts::for_many(&store, FileOwner::Root);
        for (user, gid) in &accounts.groups {
            assert_eq!(ask(user), Account::Known { gid: *gid }, "{user}");
        }
    }
}

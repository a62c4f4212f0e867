//! The host's account database: whether a user exists, and the primary group
//! that a user's folders belong to.

use super::Store;
use super::disk::Disk;
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
}

impl Accounts {
    /// For one user or a few.
    pub fn for_few(owner: FileOwner) -> Self {
        Self {
            owner,
            groups: BTreeMap::new(),
        }
    }

    /// For many users, as the file says at this moment. One that cannot be
    /// read, or leaves a user out, makes each look-up a question to the system.
    pub fn for_many<D: Disk>(store: &Store<D>, owner: FileOwner) -> Self {
        let groups = match owner {
            FileOwner::Keep => BTreeMap::new(),
            FileOwner::Root => store.primary_groups().unwrap_or_else(|_| BTreeMap::new()),
        };
        Self { owner, groups }
    }

    /// What is known of an account.
    pub fn look_up(&self, user: &UserName) -> Account {
        match self.owner {
            FileOwner::Keep => Account::NotAsked,
            FileOwner::Root => match self.groups.get(user) {
                Some(gid) => Account::Known { gid: *gid },
                None => ask(user),
            },
        }
    }
}

/// Asks the system. A look-up that failed is not "no such account".
pub(super) fn ask(user: &UserName) -> Account {
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

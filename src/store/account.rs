//! The host's account database: whether a user exists, and the primary group
//! that a user's folders belong to.

use crate::model::{Account, UserName};

/// Looks an account up. A look-up that failed is not "no such account".
pub(super) fn look_up(user: &UserName) -> Account {
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

    #[test]
    fn an_account_nobody_made_is_missing() {
        let user = UserName::parse("no-such-account-here").unwrap();
        assert_eq!(look_up(&user), Account::Missing);
    }
}

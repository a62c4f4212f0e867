//! The *baseline*: how we left each link and group of ours, as far as the
//! state knows. What drift is measured from.

use super::database::Ledger;
use super::drift;
use super::error::LedgerError;
use super::fingerprint::{Fingerprints, Maker};
use super::key::Key;
use crate::model::{ActualUser, FileKind, GroupId, UserName};
use crate::plan::{Address, FileOwner, Scope, UserDrift};
use std::collections::BTreeMap;

/// What is ours of one user, each with what we last wrote of it.
pub type Left = BTreeMap<Address, Fingerprints>;

/// What of it is looked at. A group is, where a link that is looked at stands
/// in it now.
pub fn left_in_scope(mut left: Left, actual: &ActualUser, scope: &Scope) -> Left {
    if scope.has_all_apps() {
        return left;
    }
    let has_group = |id: &GroupId| {
        actual.links.iter().any(|(app, link)| {
            let fields = link.userconfig.value().map(|found| &found.link);
            let group = fields.and_then(|link| link.group_id.as_deref());
            scope.has_app(app) && group == Some(id.as_str())
        })
    };
    left.retain(|address, _| match address {
        Address::Link(_, app) => scope.has_app(app),
        Address::Group(_, id) => has_group(id),
    });
    left
}

/// Whether the state's fingerprints say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// They were made with the key that is there.
    Yes,
    /// There is no key.
    NoKey,
    /// They were made with another key.
    OtherKey,
    /// There are none: the state is what the runs' journals say, and those
    /// have none that last.
    RunsOnly,
}

/// The state and its key, to be asked user by user.
#[derive(Debug)]
pub struct Baseline {
    ledger: Ledger,
    /// The key, where it is the right one.
    key: Option<Key>,
    known: Known,
}

impl Baseline {
    /// Takes a state, and the key that lies beside it if there is one.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn new(ledger: Ledger, key: Option<Key>) -> Result<Self, LedgerError> {
        let known = match &key {
            _ if !ledger.has_any_key()? => Known::RunsOnly,
            None => Known::NoKey,
            Some(key) if ledger.has_key(key)? => Known::Yes,
            Some(_) => Known::OtherKey,
        };
        let key = key.filter(|_| known == Known::Yes);
        Ok(Self { ledger, key, known })
    }

    /// Whether the fingerprints say anything.
    pub fn known(&self) -> Known {
        self.known
    }

    /// The state itself.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How we left everything of one user; empty where nothing is ours.
    ///
    /// # Errors
    /// The state cannot be read, or holds something odd.
    pub fn of_user(&self, user: &UserName) -> Result<Left, LedgerError> {
        self.ledger.left(user)
    }

    /// The same of each of these users, in their order, asked for together.
    ///
    /// # Errors
    /// Those of [`Baseline::of_user`], of any of them.
    pub fn of_users(&self, users: &[&UserName]) -> Result<Vec<Left>, LedgerError> {
        self.ledger.left_of_each(users)
    }

    /// Whether it can be told from the bytes of files alone that they are as
    /// they were left: of each it is known how that was.
    pub fn tells(&self, left: &Left) -> bool {
        let is_known = |prints: &Fingerprints| self.key.is_some() && !prints.are_unknown();
        left.values().all(is_known)
    }

    /// Whether a file that has the mode it must have says what we left there. A
    /// yes is certain, a no is not. Of what is not ours nothing was left.
    pub fn is_as_left(&self, left: &Left, address: &Address, file: FileKind, bytes: &[u8]) -> bool {
        let Some(prints) = left.get(address) else {
            return true;
        };
        match (&self.key, prints.of(file)) {
            (Some(key), Some(print)) => Maker::new(key, address).is_of(address, file, print, bytes),
            (None, _) | (_, None) => false,
        }
    }

    /// How what is there departs from how it was left. Only what is in `left`
    /// is looked at.
    pub fn drift(&self, left: &Left, actual: &ActualUser, owner: FileOwner) -> UserDrift {
        drift::of_user(self.key.as_ref(), left, actual, owner)
    }
}

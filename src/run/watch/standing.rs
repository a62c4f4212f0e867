//! How things stand: what of each user is not as it should be. A round of a
//! few users puts theirs in the place of what was known of them; users with
//! nothing to tell take no memory.

use crate::model::UserName;
use crate::plan::{Address, Change, Hold, Plan};
use crate::report::Figures;
use std::collections::{BTreeMap, BTreeSet};

/// What of one user is not as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct OfUser {
    pending: BTreeSet<Address>,
    folders: u64,
    drifted: u64,
    /// When the first pause ends that something waits for.
    paused_until: Option<u64>,
    held: BTreeMap<&'static str, u64>,
    blocked: Vec<String>,
    /// Whether there is no such account.
    is_missing: bool,
}

/// How things stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    users: BTreeMap<UserName, OfUser>,
}

/// What a round found of the users it looked at.
#[derive(Debug)]
pub(super) struct Seen<'s> {
    /// `None` if it was all of them.
    pub(super) users: Option<&'s BTreeSet<UserName>>,
    /// What should be changed.
    pub(super) plan: &'s Plan,
    /// What drifted, by user.
    pub(super) drifted: BTreeMap<UserName, u64>,
}

impl Standing {
    /// Takes up what a round found, before it changed anything. Gives what is
    /// pending and was not before.
    pub(super) fn see(&mut self, seen: Seen<'_>) -> BTreeSet<Address> {
        let before = match seen.users {
            None => std::mem::take(&mut self.users),
            Some(users) => users
                .iter()
                .filter_map(|user| self.users.remove_entry(user))
                .collect(),
        };
        for change in &seen.plan.changes {
            let address = change.address();
            let user = self.users.entry(address.user().clone()).or_default();
            user.pending.insert(address);
        }
        for mend in &seen.plan.folders {
            self.users.entry(mend.user.clone()).or_default().folders += 1;
        }
        for held in &seen.plan.held {
            let user = self.users.entry(held.user().clone()).or_default();
            *user.held.entry(held.why.name()).or_default() += 1;
            match held.why {
                Hold::Paused { until, .. } => {
                    let known = user.paused_until.get_or_insert(until);
                    *known = until.min(*known);
                }
                Hold::Contested | Hold::Refused | Hold::UserGone => {}
            }
        }
        for blocked in &seen.plan.blocked {
            let name = blocked.address.as_ref();
            let name = name.map_or_else(|| blocked.user.to_string(), ToString::to_string);
            let user = self.users.entry(blocked.user.clone()).or_default();
            user.blocked.push(format!("{name}: {}", blocked.why));
        }
        for user in &seen.plan.missing_accounts {
            self.users.entry(user.clone()).or_default().is_missing = true;
        }
        for (user, drifted) in seen.drifted {
            if drifted > 0 {
                self.users.entry(user).or_default().drifted = drifted;
            }
        }
        let changes = seen.plan.changes.iter().map(Change::address);
        let is_new = |address: &Address| {
            let before = before.get(address.user());
            !before.is_some_and(|user| user.pending.contains(address))
        };
        changes.filter(is_new).collect()
    }

    /// Users something waits of for a pause, and when the first one ends, in
    /// seconds since 1970.
    pub(super) fn ends_of_pauses(&self) -> Vec<(UserName, u64)> {
        let users = self.users.iter();
        let ends = users.filter_map(|(name, user)| Some((name.clone(), user.paused_until?)));
        ends.collect()
    }

    /// It is as it should be now.
    pub(super) fn done(&mut self, address: &Address) {
        if let Some(user) = self.users.get_mut(address.user()) {
            user.pending.remove(address);
            // What we wrote ourselves is no drift.
            user.drifted = user.drifted.min(user.pending.len() as u64);
        }
        self.forget_if_right(address.user());
    }

    /// A folder is as it should be now.
    pub(super) fn mended(&mut self, user: &UserName) {
        if let Some(user) = self.users.get_mut(user) {
            user.folders = user.folders.saturating_sub(1);
        }
        self.forget_if_right(user);
    }

    /// After a round that repaired everybody there would else be an empty
    /// entry of each, to be gone through at the end of every round.
    fn forget_if_right(&mut self, user: &UserName) {
        let is_right = |known: &OfUser| *known == OfUser::default();
        if self.users.get(user).is_some_and(is_right) {
            self.users.remove(user);
        }
    }

    /// What cannot be handled, and why.
    pub(super) fn blocked(&self) -> impl Iterator<Item = &String> {
        self.users.values().flat_map(|user| &user.blocked)
    }

    /// Accounts that the manifest names and this host does not have.
    pub(super) fn missing(&self) -> impl Iterator<Item = &UserName> {
        let users = self.users.iter();
        users.filter_map(|(name, user)| user.is_missing.then_some(name))
    }

    /// Puts all of it into figures.
    pub(super) fn count(&self, figures: &mut Figures) {
        let users = || self.users.values();
        figures.pending = users().map(|u| u.pending.len() as u64 + u.folders).sum();
        figures.drifted = users().map(|u| u.drifted).sum();
        figures.blocked = users().map(|u| u.blocked.len() as u64).sum();
        figures.held.clear();
        for (why, count) in users().flat_map(|user| &user.held) {
            *figures.held.entry(why).or_default() += count;
        }
    }

    /// How much waits for one reason.
    pub(super) fn held(&self, why: &Hold) -> u64 {
        let held = self.users.values().filter_map(|u| u.held.get(why.name()));
        held.sum()
    }

    /// Users something waits of for one reason.
    pub(super) fn users_held<'s>(&'s self, why: &'s Hold) -> impl Iterator<Item = &'s UserName> {
        let users = self.users.iter();
        users.filter_map(|(name, user)| user.held.contains_key(why.name()).then_some(name))
    }
}

//! `Plan::between`: everything wanted against everything there. It is made
//! one user at a time, so that a caller need not hold all users at once.

mod groups;
mod holds;
mod links;

use super::Owned;
use super::address::Address;
use super::blocked::{Blocked, Why};
use super::change::Change;
use super::drift::UserDrift;
use super::folder::{Tree, folder_mend};
use super::hold::Held;
use super::policy::Policy;
use super::tally::{Census, Tally};
use super::unrecorded::Unrecorded;
use super::value::{Counts, Plan};
use crate::model::{Account, ActualUser, AppName, DesiredUser, Folder, GroupId, UserName, Wanted};

impl Plan {
    /// Compares everything at once: the plan that turns `actual` into
    /// `desired`. The order of the arguments' users does not matter.
    pub fn between<'a>(
        desired: impl IntoIterator<Item = &'a DesiredUser>,
        actual: impl IntoIterator<Item = &'a ActualUser>,
        owned: &Owned,
        policy: &Policy,
    ) -> Self {
        let desired: std::collections::BTreeMap<_, _> =
            desired.into_iter().map(|user| (&user.name, user)).collect();
        let mut planner = Planner::new(owned, policy);
        for actual in actual {
            let desired = desired.get(&actual.name).copied();
            planner.add(desired, actual, &UserDrift::default());
        }
        planner.finish()
    }
}

/// Whether a user can be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// All of it.
    Whole,
    /// There is no such account.
    Gone,
    /// Nothing of it: something is in the way.
    Blocked,
}

/// A plan in the making: users go in one by one, in any order.
pub struct Planner<'p> {
    pub(super) owned: &'p Owned,
    pub(super) policy: &'p Policy,
    pub(super) plan: Plan,
    pub(super) tally: Tally,
    /// How much was held before the user in hand.
    pub(super) held_before: usize,
    /// Whether the user in hand is not named, and waits for that.
    pub(super) is_gone: bool,
    pub(super) news: News,
}

/// Whether a planner notes what the state should learn beside the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Noted,
    Left,
}

impl<'p> Planner<'p> {
    /// Starts with nothing.
    pub fn new(owned: &'p Owned, policy: &'p Policy) -> Self {
        Self {
            owned,
            policy,
            plan: Plan {
                changes: Vec::new(),
                folders: Vec::new(),
                blocked: Vec::new(),
                held: Vec::new(),
                pauses: policy.holds.paused.clone(),
                counts: Counts::default(),
                missing_accounts: Vec::new(),
                guards: super::GuardCheck::default(),
                unrecorded: Unrecorded::default(),
            },
            tally: Tally::new(owned.users().len(), &policy.scope),
            held_before: 0,
            is_gone: false,
            news: News::Noted,
        }
    }

    /// Starts with nothing, to plan a run back: no manifest says how much there
    /// should be.
    pub fn of_run(owned: &'p Owned, policy: &'p Policy) -> Self {
        let mut planner = Self::new(owned, policy);
        planner.tally.named = None;
        planner
    }

    /// The plan is only shown: nothing is noted of what the state should learn
    /// beside its changes.
    #[must_use]
    pub fn to_show(mut self) -> Self {
        self.news = News::Left;
        self
    }

    /// The users that go in are some among many: the guards hold what is done
    /// to them against all.
    #[must_use]
    pub fn among(mut self, census: Census) -> Self {
        self.tally.among(census);
        self
    }

    /// Compares one user; `desired` is `None` where the manifest does not
    /// name the user. Of `drift` nothing is decided but what the state should
    /// learn: where it is empty, the state knows how the user's files are.
    pub fn add(&mut self, desired: Option<&DesiredUser>, actual: &ActualUser, drift: &UserDrift) {
        let user = &actual.name;
        if !self.policy.scope.has_user(user) {
            return;
        }
        self.plan.counts.users += 1;
        self.held_before = self.plan.held.len();
        self.is_gone = desired.is_none() && self.policy.holds.users_gone;
        self.tally.name(desired.map_or(0, |d| d.links.len()));
        match self.access(actual, desired.is_some()) {
            Access::Whole => {}
            Access::Gone => return self.note_gone(desired, actual),
            Access::Blocked => return,
        }
        self.plan.counts.strays += actual.strays.len();
        let blocked_groups = self.add_groups(desired, actual, drift);
        let before_links = self.plan.changes.len();
        self.add_links(desired, actual, &blocked_groups, drift);
        self.add_unlisted_groups(desired, actual, before_links);
        self.note_gone(desired, actual);
    }

    /// Takes up what another planner made of other users, as if they had gone
    /// in here, after those that did.
    pub fn absorb(&mut self, other: Self) {
        let Plan {
            changes,
            folders,
            blocked,
            held,
            pauses: _,
            counts,
            missing_accounts,
            guards: _,
            unrecorded,
        } = other.plan;
        self.plan.changes.extend(changes);
        self.plan.folders.extend(folders);
        self.plan.blocked.extend(blocked);
        self.plan.held.extend(held);
        self.plan.counts.add(&counts);
        self.plan.missing_accounts.extend(missing_accounts);
        self.plan.unrecorded.adopted.extend(unrecorded.adopted);
        self.plan.unrecorded.gone.extend(unrecorded.gone);
        self.tally.absorb(other.tally);
    }

    /// Whether a user can be handled at all; notes it where not, and what has
    /// to be put right first. One that is not named and has no account is
    /// nobody's concern.
    pub(super) fn access(&mut self, actual: &ActualUser, is_named: bool) -> Access {
        let user = &actual.name;
        match &actual.account {
            Account::Missing => {
                if is_named {
                    self.plan.missing_accounts.push(user.clone());
                }
                return Access::Gone;
            }
            Account::LookupFailed(error) => {
                self.block_user(user, Why::Account(error.clone()));
                return Access::Blocked;
            }
            Account::NotAsked | Account::Known { .. } => {}
        }
        for (tree, folder) in [
            (Tree::Links, &actual.links_folder),
            (Tree::Menu, &actual.menu_folder),
        ] {
            match folder {
                Folder::Obstacle(obstacle) => {
                    self.block_user(user, Why::Folder(tree, obstacle.clone()));
                    return Access::Blocked;
                }
                Folder::Present(found) if is_named => {
                    let (account, owner) = (&actual.account, self.policy.owner);
                    if let Some(mend) = folder_mend(user, tree, *found, account, owner) {
                        self.push_folder(mend);
                    }
                }
                Folder::Present(_) | Folder::Absent => {}
            }
        }
        Access::Whole
    }

    /// Sorts what was found and holds it against the guards.
    pub fn finish(self) -> Plan {
        let mut plan = self.plan;
        plan.changes.sort_by_cached_key(Change::place);
        plan.folders.sort();
        plan.held.sort_by_cached_key(Held::place);
        plan.blocked
            .sort_by(|a, b| (&a.user, &a.address).cmp(&(&b.user, &b.address)));
        plan.missing_accounts.sort();
        plan.unrecorded
            .adopted
            .sort_by(|a, b| a.address.cmp(&b.address));
        plan.unrecorded.gone.sort();
        plan.guards = self
            .tally
            .check(self.policy.limits, &self.policy.allowances);
        plan
    }

    fn block_user(&mut self, user: &UserName, why: Why) {
        self.plan.blocked.push(Blocked {
            user: user.clone(),
            address: None,
            why,
        });
    }

    pub(super) fn block(&mut self, address: Address, why: Why) {
        self.plan.blocked.push(Blocked {
            user: address.user().clone(),
            address: Some(address),
            why,
        });
    }

    /// Notes what is recorded as ours, and is neither wanted nor there.
    fn note_gone(&mut self, desired: Option<&DesiredUser>, actual: &ActualUser) {
        let user = &actual.name;
        let is_wanted = |app: &AppName| {
            let wanted = desired.and_then(|d| d.links.get(app));
            matches!(wanted, Some(Wanted::Link(_)))
        };
        let links = self
            .owned
            .apps(user)
            .filter(|app| self.policy.scope.has_app(app))
            .filter(|app| !actual.links.contains_key(*app) && !is_wanted(app))
            .map(|app| Address::Link(user.clone(), app.clone()));
        let is_declared = |id: &GroupId| desired.is_some_and(|d| d.groups.contains_key(id));
        let groups = self
            .owned
            .groups(user)
            .filter(|id| !actual.groups.contains_key(*id) && !is_declared(id))
            .map(|id| Address::Group(user.clone(), id.clone()));
        for address in links.chain(groups).collect::<Vec<_>>() {
            self.forget(address);
        }
    }
}

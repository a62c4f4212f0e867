//! `Plan::between`: everything wanted against everything there. It is made
//! one user at a time, so that a caller need not hold all users at once.

use super::address::Address;
use super::blocked::{Blocked, Why};
use super::change::{Change, LinkAction};
use super::drift::UserDrift;
use super::folder::{FolderMend, Tree};
use super::host::new_host;
use super::link::{self, Outcome, Rules};
use super::policy::{FileOwner, Policy, Unlisted};
use super::reason::Reason;
use super::tally::Tally;
use super::unrecorded::{Adoption, Unrecorded};
use super::value::{Counts, Plan};
use super::{Owned, group};
use crate::model::{Account, ActualUser, AppName, DesiredUser, Folder, GroupId, UserName, Wanted};
use std::collections::BTreeSet;

/// The mode of a user's folder in either tree (`cpanel-links.md` 1.1).
const FOLDER_MODE: u32 = 0o750;

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
                counts: Counts::default(),
                missing_accounts: Vec::new(),
                guards: super::GuardCheck::default(),
                unrecorded: Unrecorded::default(),
            },
            tally: Tally::new(owned.users().len(), &policy.scope),
        }
    }

    /// Starts with nothing, to plan a run back: no manifest says how much there
    /// should be.
    pub fn of_run(owned: &'p Owned, policy: &'p Policy) -> Self {
        let mut planner = Self::new(owned, policy);
        planner.tally.named = None;
        planner
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
                    self.mend_folder(user, tree, *found, &actual.account);
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

    fn mend_folder(
        &mut self,
        user: &UserName,
        tree: Tree,
        found: crate::model::Ownership,
        account: &Account,
    ) {
        let owner = match (self.policy.owner, account) {
            (FileOwner::Root, Account::Known { gid }) => Some(((found.uid, found.gid), (0, *gid))),
            (FileOwner::Root | FileOwner::Keep, _) => None,
        };
        let owner_differs = owner.is_some_and(|(found, wanted)| found != wanted);
        if found.mode != FOLDER_MODE || owner_differs {
            self.plan.folders.push(FolderMend {
                user: user.clone(),
                tree,
                mode: (found.mode, FOLDER_MODE),
                owner,
            });
        }
    }

    /// Groups come before the links that stand in them; a group that cannot
    /// be handled blocks those links.
    fn add_groups(
        &mut self,
        desired: Option<&DesiredUser>,
        actual: &ActualUser,
        drift: &UserDrift,
    ) -> BTreeSet<GroupId> {
        let mut blocked = BTreeSet::new();
        let Some(desired) = desired else {
            return blocked;
        };
        for (id, wanted) in &desired.groups {
            if !self.is_group_in_scope(desired, id) {
                continue;
            }
            let user = &actual.name;
            let is_owned = self.owned.has_group(user, id);
            let found = actual.groups.get(id);
            match group::declared(user, id, wanted, found, is_owned, self.policy.owner) {
                Ok(None) => {
                    self.plan.counts.in_sync += 1;
                    self.plan.counts.adopted += usize::from(!is_owned);
                    let address = Address::Group(user.clone(), id.clone());
                    if !is_owned || drift.is_news(&address) {
                        let adoption = Adoption::of_group(address);
                        self.plan.unrecorded.adopted.push(adoption);
                    }
                }
                Ok(Some(change)) => self.plan.changes.push(Change::Group(Box::new(change))),
                Err(why) => {
                    self.block(Address::Group(user.clone(), id.clone()), why);
                    blocked.insert(id.clone());
                }
            }
        }
        blocked
    }

    fn is_group_in_scope(&self, desired: &DesiredUser, id: &GroupId) -> bool {
        desired.links.iter().any(|(app, wanted)| {
            self.policy.scope.has_app(app)
                && match wanted {
                    Wanted::Link(link) => link.link.group_id.as_deref() == Some(id.as_str()),
                    Wanted::Absent => false,
                }
        })
    }

    fn add_links(
        &mut self,
        desired: Option<&DesiredUser>,
        actual: &ActualUser,
        blocked_groups: &BTreeSet<GroupId>,
        drift: &UserDrift,
    ) {
        let user = &actual.name;
        let named = desired.map(|d| &d.links);
        let apps: BTreeSet<&AppName> = actual
            .links
            .keys()
            .chain(named.into_iter().flat_map(|links| links.keys()))
            .filter(|app| self.policy.scope.has_app(app))
            .collect();
        let mut is_gone = false;
        for app in apps {
            let found = actual.links.get(app);
            let is_owned = self.owned.has(user, app);
            let wanted = named.and_then(|links| links.get(app));
            let outcome = match (wanted, found) {
                (Some(Wanted::Link(wanted)), found) => {
                    let group = wanted.link.group_id.as_deref();
                    if let Some(id) = blocked_groups.iter().find(|id| Some(id.as_str()) == group) {
                        Some(Outcome::Blocked(Why::Group(id.clone())))
                    } else {
                        let rules = Rules {
                            owner: self.policy.owner,
                            unknown_tokens: self.policy.unknown_tokens,
                        };
                        Some(link::declared(user, app, wanted, found, is_owned, rules))
                    }
                }
                (Some(Wanted::Absent), found) => {
                    let reason = Reason::DeclaredAbsent;
                    Some(link::removal(user, app, found, is_owned, reason))
                }
                (None, Some(found)) => {
                    let outcome = self.unlisted(user, app, found, is_owned, desired.is_some());
                    if outcome.is_none() {
                        self.plan.counts.foreign += 1;
                    }
                    outcome
                }
                (None, None) => None,
            };
            let Some(outcome) = outcome else { continue };
            if found.is_some() {
                self.tally.in_reach += 1;
                let leaves = matches!(&outcome, Outcome::Change(change) if leaves_menu(change));
                let shows = found.is_some_and(crate::model::ActualLink::is_visible);
                self.tally.showing += usize::from(shows || leaves);
            }
            if desired.is_none() && matches!(outcome, Outcome::Change(_)) {
                is_gone = true;
            }
            let address = Address::Link(user.clone(), app.clone());
            if let (Outcome::InSync { .. }, Some(found)) = (&outcome, found) {
                let adoption = match wanted {
                    Some(Wanted::Link(wanted)) => {
                        self.plan.counts.adopted += usize::from(!is_owned);
                        Adoption::of_link(user, app, wanted, self.owned, drift)
                    }
                    Some(Wanted::Absent) => None,
                    None => Adoption::of_hidden(&address, app, found, self.owned, drift),
                };
                self.plan.unrecorded.adopted.extend(adoption);
            }
            self.add_outcome(address, outcome, desired.is_some());
        }
        if is_gone {
            self.tally.user_gone(user);
        }
    }

    /// Groups of ours that go, after the links that leave them. Where the
    /// scope leaves apps out, not all that may change is known.
    fn add_unlisted_groups(
        &mut self,
        desired: Option<&DesiredUser>,
        actual: &ActualUser,
        before_links: usize,
    ) {
        let is_asked = match self.policy.unlisted {
            Unlisted::RemoveOwned => self.policy.scope.has_all_apps(),
            Unlisted::HideOwned | Unlisted::HideAll | Unlisted::Keep => false,
        };
        let owned = self.owned;
        let mut ids = owned.groups(&actual.name).peekable();
        if !is_asked || ids.peek().is_none() {
            return;
        }
        let changes = self.plan.changes.iter().skip(before_links);
        let changed: BTreeSet<AppName> = changes
            .filter_map(|change| match change {
                Change::Link(link) => Some(link.app.clone()),
                Change::Group(_) => None,
            })
            .collect();
        for id in ids {
            match group::unlisted(desired, actual, id, &changed) {
                Ok(None) => {}
                Ok(Some(change)) => self.plan.changes.push(Change::Group(Box::new(change))),
                Err(why) => self.block(Address::Group(actual.name.clone(), id.clone()), why),
            }
        }
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
        self.plan.unrecorded.gone.extend(links);
        let is_declared = |id: &GroupId| desired.is_some_and(|d| d.groups.contains_key(id));
        let groups = self
            .owned
            .groups(user)
            .filter(|id| !actual.groups.contains_key(*id) && !is_declared(id))
            .map(|id| Address::Group(user.clone(), id.clone()));
        self.plan.unrecorded.gone.extend(groups);
    }

    /// What the rule for unlisted links makes of one; `None` leaves it alone.
    fn unlisted(
        &self,
        user: &UserName,
        app: &AppName,
        found: &crate::model::ActualLink,
        is_owned: bool,
        user_is_named: bool,
    ) -> Option<Outcome> {
        if !self.policy.apps.allow(app) {
            return None;
        }
        match self.policy.unlisted {
            Unlisted::HideAll if is_owned || user_is_named => {
                Some(link::hiding(user, app, found, is_owned))
            }
            Unlisted::HideOwned if is_owned => Some(link::hiding(user, app, found, is_owned)),
            Unlisted::RemoveOwned if is_owned => {
                let reason = Reason::Unlisted;
                Some(link::removal(user, app, Some(found), is_owned, reason))
            }
            Unlisted::HideAll | Unlisted::HideOwned | Unlisted::RemoveOwned | Unlisted::Keep => {
                None
            }
        }
    }

    pub(super) fn add_outcome(&mut self, address: Address, outcome: Outcome, user_is_named: bool) {
        match outcome {
            Outcome::InSync { token_not_compared } => {
                self.plan.counts.in_sync += 1;
                self.plan.counts.tokens_not_compared += usize::from(token_not_compared);
            }
            Outcome::Blocked(why) => self.block(address, why),
            Outcome::Change(change) => {
                if let Some(hosts) = new_host(&change, self.owned)
                    && !self.policy.allowances.hosts.contains(&hosts.to)
                {
                    self.tally.new_host(&address, &hosts);
                }
                match &change.action {
                    // Links of users that vanished whole are a class of their own.
                    LinkAction::Hide { .. } | LinkAction::Remove { .. } if user_is_named => {
                        self.tally.hide(&address);
                    }
                    LinkAction::Replace { .. } if changes_content(&change.reasons) => {
                        self.tally.replace(&address);
                    }
                    LinkAction::Hide { .. }
                    | LinkAction::Replace { .. }
                    | LinkAction::Remove { .. }
                    | LinkAction::Create { .. } => {}
                }
                self.plan.changes.push(Change::Link(change));
            }
        }
    }
}

/// Whether a replace is more than a file's mode or owner put right, which no
/// customer sees and which a restored backup needs everywhere at once.
fn changes_content(reasons: &BTreeSet<Reason>) -> bool {
    reasons
        .iter()
        .any(|reason| !matches!(reason, Reason::Mode | Reason::Adopt))
}

/// Whether a change takes a link out of its menu.
fn leaves_menu(change: &super::change::LinkChange) -> bool {
    match &change.action {
        LinkAction::Hide { .. } | LinkAction::Remove { .. } => true,
        LinkAction::Create { .. } | LinkAction::Replace { .. } => false,
    }
}

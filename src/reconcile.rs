//! One round: the manifest, what is there or what a snapshot says of it, and
//! the plan between them. The only place where the order of a round is written
//! down.

mod reading;

pub use reading::{Ahead, Looked, Looker, plan, plan_and_look, plan_users};

use crate::manifest::{Manifest, Tokens};
use crate::model::{AppName, UserName};
use crate::plan::{Address, Owned, Plan, Planner, Policy, Scope, UserDrift};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::store::{Accounts, ChangeRecord, Disk, Recorded, RunRecord, Store};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// A scope that is about nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// No user of that name.
    #[error("no user in the manifest matches {0}")]
    NoUser(String),
    /// Nothing of ours is of a user of that name.
    #[error("cplinks owns nothing of a user that matches {0}")]
    NoOwnedUser(String),
    /// Nothing of ours is of an app of that name.
    #[error("cplinks owns no link of an app that matches {0}")]
    NoOwnedApp(String),
    /// No app of that name.
    #[error("no app in the manifest or on disk matches {0}")]
    NoApp(String),
    /// Nothing of that name in the run that is undone.
    #[error("nothing that the run changed matches {0}")]
    NotInRun(String),
}

impl ScopeError {
    fn in_run(self) -> Self {
        match self {
            Self::NoUser(glob)
            | Self::NoApp(glob)
            | Self::NoOwnedUser(glob)
            | Self::NoOwnedApp(glob)
            | Self::NotInRun(glob) => Self::NotInRun(glob),
        }
    }
}

/// Plans one round against a snapshot in place of a disk.
///
/// # Errors
/// Those of [`plan`], and when the snapshot cannot be read.
pub fn plan_against<E: From<ScopeError> + From<SnapshotError>>(
    manifest: &Manifest,
    tokens: &Tokens,
    snapshot: &Snapshot,
    policy: &Policy,
) -> Result<Plan, E> {
    let owned = snapshot.owned();
    let mut planner = Planner::new(owned, policy);
    let mut apps: BTreeSet<AppName> = BTreeSet::new();
    for user in users_of(manifest, owned, policy)? {
        let desired = manifest.desired(user, tokens);
        let actual = snapshot.user(user, desired.as_ref(), policy.owner)?;
        if !policy.scope.has_all_apps() {
            apps.extend(actual.links.keys().cloned());
        }
        planner.add(desired.as_ref(), &actual, &UserDrift::default());
    }
    check_round_apps(manifest, &apps, policy)?;
    Ok(planner.finish())
}

/// The users that a round is about, in order: those that are named, and those
/// that something of ours is of.
fn users_of<'a>(
    manifest: &'a Manifest,
    owned: &'a Owned,
    policy: &Policy,
) -> Result<Vec<&'a UserName>, ScopeError> {
    let ours = owned.users().chain(owned.users_with_groups());
    let users: BTreeSet<&UserName> = manifest.users().chain(ours).collect();
    check_users(&users, policy)?;
    let users = users.into_iter();
    Ok(users.filter(|user| policy.scope.has_user(user)).collect())
}

fn check_round_apps(
    manifest: &Manifest,
    on_disk: &BTreeSet<AppName>,
    policy: &Policy,
) -> Result<(), ScopeError> {
    if policy.scope.has_all_apps() {
        return Ok(());
    }
    let apps = manifest.apps().chain(on_disk);
    check_apps(&apps.map(ToString::to_string).collect(), policy)
}

/// What a host says to an undo.
pub struct UndoHost<'h> {
    /// Links and groups that nothing wrote or recorded since the run.
    pub last: BTreeSet<Address>,
    /// Why a token must not be posted to a URL; `None` if it may.
    pub refusal: &'h dyn Fn(&str) -> Option<String>,
}

/// Plans a run back. The users we own links of are read too, since the guards
/// ask how much of it all is changed.
///
/// # Errors
/// When a glob of the scope matches nothing in the run.
pub fn undo<D: Disk>(
    run: &RunRecord,
    store: &Store<D>,
    owned: &Owned,
    policy: &Policy,
    host: &UndoHost<'_>,
) -> Result<Plan, ScopeError> {
    let mut by_user: BTreeMap<&UserName, Vec<&ChangeRecord>> = BTreeMap::new();
    for change in &run.changes {
        if change.outcome == Recorded::Done {
            by_user
                .entry(change.address.user())
                .or_default()
                .push(change);
        }
    }
    let in_run = ScopeError::in_run;
    check_users(&by_user.keys().copied().collect(), policy).map_err(in_run)?;
    let apps = run
        .changes
        .iter()
        .filter_map(|change| match &change.address {
            Address::Link(_, app) => Some(app.to_string()),
            Address::Group(..) => None,
        });
    check_apps(&apps.collect(), policy).map_err(in_run)?;
    let mut planner = Planner::of_run(owned, policy);
    let users: BTreeSet<&UserName> = by_user.keys().copied().chain(owned.users()).collect();
    let accounts = Accounts::for_many(store, policy.owner);
    for user in users {
        let actual = store.read_user(user, accounts.look_up(user));
        let changes = by_user.get(user).into_iter().flatten();
        let changes = changes.map(|change| {
            let mut undoable = store.undoable(run, change, &actual);
            undoable.is_last = host.last.contains(&change.address);
            undoable.refusal = undoable.autologin_url().and_then(host.refusal);
            undoable
        });
        planner.undo(&actual, changes.collect());
    }
    Ok(planner.finish())
}

fn check_users(users: &BTreeSet<&UserName>, policy: &Policy) -> Result<(), ScopeError> {
    let names = users.iter().map(|user| user.as_str());
    unmatched_user(&policy.scope, &names).map_or(Ok(()), |glob| Err(ScopeError::NoUser(glob)))
}

fn check_apps(apps: &BTreeSet<String>, policy: &Policy) -> Result<(), ScopeError> {
    let names = apps.iter().map(String::as_str);
    unmatched_app(&policy.scope, &names).map_or(Ok(()), |glob| Err(ScopeError::NoApp(glob)))
}

/// Checks a scope that is only about what we own.
///
/// # Errors
/// When a glob matches nothing of it.
pub fn check_owned(scope: &Scope, users: &[UserName], apps: &[AppName]) -> Result<(), ScopeError> {
    if let Some(glob) = unmatched_user(scope, &users.iter().map(UserName::as_str)) {
        return Err(ScopeError::NoOwnedUser(glob));
    }
    match unmatched_app(scope, &apps.iter().map(AppName::as_str)) {
        Some(glob) => Err(ScopeError::NoOwnedApp(glob)),
        None => Ok(()),
    }
}

fn unmatched_user<'n>(
    scope: &Scope,
    names: &(impl Iterator<Item = &'n str> + Clone),
) -> Option<String> {
    let unmatched = scope.users.unmatched(names).into_iter();
    unmatched.chain(scope.exclude_users.unmatched(names)).next()
}

fn unmatched_app<'n>(
    scope: &Scope,
    names: &(impl Iterator<Item = &'n str> + Clone),
) -> Option<String> {
    let unmatched = scope.apps.unmatched(names).into_iter();
    unmatched.chain(scope.exclude_apps.unmatched(names)).next()
}

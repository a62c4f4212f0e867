//! One round: the manifest, what is there, and the plan between them. The
//! only place where the order of a round is written down.

use crate::manifest::{Manifest, Tokens};
use crate::model::{Account, UserName};
use crate::plan::{Address, FileOwner, Owned, Plan, Planner, Policy};
use crate::store::{ChangeRecord, Disk, Recorded, RunRecord, Store};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// A scope that is about nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// No user of that name.
    #[error("no user in the manifest matches {0}")]
    NoUser(String),
    /// No app of that name.
    #[error("no app in the manifest or on disk matches {0}")]
    NoApp(String),
}

/// Plans one round: reads one user after the other and drops what is as it
/// should be, so that memory grows with the changes and not with the files.
///
/// # Errors
/// When a glob of the scope matches nothing, since then it is misspelt.
pub fn plan<D: Disk>(
    manifest: &Manifest,
    tokens: &Tokens,
    store: &Store<D>,
    owned: &Owned,
    policy: &Policy,
) -> Result<Plan, ScopeError> {
    let ours = owned.users().chain(owned.users_with_groups());
    let users: BTreeSet<&UserName> = manifest.users().chain(ours).collect();
    check_users(&users, policy)?;
    let needs_apps = !policy.scope.apps.is_empty() || !policy.scope.exclude_apps.is_empty();
    let mut apps: BTreeSet<String> = BTreeSet::new();
    if needs_apps {
        apps.extend(manifest.apps().map(ToString::to_string));
    }
    let mut planner = Planner::new(owned, policy);
    for user in users {
        if !policy.scope.has_user(user) {
            continue;
        }
        let actual = store.read_user(user, account(store, user, policy));
        if needs_apps {
            apps.extend(actual.links.keys().map(ToString::to_string));
        }
        planner.add(manifest.desired(user, tokens).as_ref(), &actual);
    }
    check_apps(&apps, policy)?;
    Ok(planner.finish())
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
    check_users(&by_user.keys().copied().collect(), policy)?;
    let apps = run
        .changes
        .iter()
        .filter_map(|change| match &change.address {
            Address::Link(_, app) => Some(app.to_string()),
            Address::Group(..) => None,
        });
    check_apps(&apps.collect(), policy)?;
    let mut planner = Planner::of_run(owned, policy);
    let users: BTreeSet<&UserName> = by_user.keys().copied().chain(owned.users()).collect();
    for user in users {
        let actual = store.read_user(user, account(store, user, policy));
        let changes = by_user.get(user).into_iter().flatten();
        let changes = changes.map(|change| store.undoable(run, change, &actual));
        planner.undo(&actual, changes.collect());
    }
    Ok(planner.finish())
}

fn account<D: Disk>(store: &Store<D>, user: &UserName, policy: &Policy) -> Account {
    match policy.owner {
        FileOwner::Keep => Account::NotAsked,
        FileOwner::Root => store.account(user),
    }
}

fn check_users(users: &BTreeSet<&UserName>, policy: &Policy) -> Result<(), ScopeError> {
    let names = users.iter().map(|user| user.as_str());
    let scope = &policy.scope;
    let mut unmatched = scope.users.unmatched(&names);
    unmatched.extend(scope.exclude_users.unmatched(&names));
    match unmatched.into_iter().next() {
        None => Ok(()),
        Some(glob) => Err(ScopeError::NoUser(glob)),
    }
}

fn check_apps(apps: &BTreeSet<String>, policy: &Policy) -> Result<(), ScopeError> {
    let names = apps.iter().map(String::as_str);
    let scope = &policy.scope;
    let mut unmatched = scope.apps.unmatched(&names);
    unmatched.extend(scope.exclude_apps.unmatched(&names));
    match unmatched.into_iter().next() {
        None => Ok(()),
        Some(glob) => Err(ScopeError::NoApp(glob)),
    }
}

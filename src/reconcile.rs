//! One round: the manifest, what is there or what a snapshot says of it, and
//! the plan between them. The only place where the order of a round is written
//! down.

use crate::manifest::{Manifest, Tokens};
use crate::model::{ActualUser, AppName, DesiredUser, UserName};
use crate::plan::{Address, Census, Glance, Owned, Plan, Planner, Policy, Scope, UserDrift};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::spread::Spread;
use crate::store::{Accounts, Buffer, ChangeRecord, Disk, Met, Recorded, RunRecord, Store};
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

/// How many threads read at once. Reading waits for the disk more than for a
/// processor: where nothing is cached this is several times faster than one,
/// and where all is no slower than two.
const READERS: usize = 16;
/// Users that one thread takes at a time.
const PORTION: usize = 32;
/// Room for the files of a user, in bytes; more is made where it is needed.
const ROOM: usize = 32 * 1024;

/// Plans one round to show it: reads the users' files with many threads at
/// once, and drops what is as it should be, so that memory grows with the
/// changes and not with the files. What the state should learn beside them is
/// not in the plan.
///
/// # Errors
/// When a glob of the scope matches nothing, since then it is misspelt.
pub fn plan<D: Disk + Sync>(
    manifest: &Manifest,
    tokens: &Tokens,
    store: &Store<D>,
    owned: &Owned,
    policy: &Policy,
) -> Result<Plan, ScopeError> {
    let users = users_of(manifest, owned, policy)?;
    let accounts = Accounts::for_many(store, policy.owner);
    let portion = |users: &[&UserName]| {
        let mut planner = Planner::new(owned, policy).to_show();
        let mut apps = BTreeSet::new();
        let mut buffer = Buffer::with_room(ROOM);
        for user in users {
            let desired = manifest.desired(user, tokens);
            let account = accounts.look_up(user);
            let glance = desired.as_ref().and_then(|d| Glance::at(d, owned, policy));
            let actual = match &glance {
                None => store.read_user(user, account),
                Some(glance) => match store.meet_user(account, glance, &mut buffer) {
                    Met::Whole(actual) => *actual,
                    Met::AsWanted(found) => {
                        planner.add_as_wanted(glance, found);
                        continue;
                    }
                },
            };
            if !policy.scope.has_all_apps() {
                apps.extend(actual.links.keys().cloned());
            }
            planner.add(desired.as_ref(), &actual, &UserDrift::default());
        }
        (planner, apps)
    };
    let mut planner = Planner::new(owned, policy).to_show();
    let mut apps: BTreeSet<AppName> = BTreeSet::new();
    let spread = if users.len() > PORTION {
        Spread::over(READERS)
    } else {
        Spread::alone()
    };
    spread.each(&users, PORTION, portion, |(part, found)| {
        planner.absorb(part);
        apps.extend(found);
    });
    check_round_apps(manifest, &apps, policy)?;
    Ok(planner.finish())
}

/// Plans one round to carry it out, and lets somebody look at each user that is
/// read: what drifted of it, which the plan then knows of too.
///
/// # Errors
/// Those of [`plan`], and of who looks.
pub fn plan_and_look<D: Disk, E: From<ScopeError>>(
    manifest: &Manifest,
    tokens: &Tokens,
    store: &Store<D>,
    owned: &Owned,
    policy: &Policy,
    look: &mut dyn FnMut(&ActualUser) -> Result<UserDrift, E>,
) -> Result<Plan, E> {
    let accounts = Accounts::for_many(store, policy.owner);
    let mut read = |user: &UserName, _: Option<&DesiredUser>| {
        let actual = store.read_user(user, accounts.look_up(user));
        let drift = look(&actual)?;
        Ok((actual, drift))
    };
    round(manifest, tokens, owned, policy, &mut read)
}

/// Plans a round for a few users among many; no other is read. `owned` need
/// hold no more than what is ours of them. The guards hold what is done
/// against the census of all.
///
/// # Errors
/// Those of who looks.
pub fn plan_users<D: Disk, E>(
    manifest: &Manifest,
    tokens: &Tokens,
    store: &Store<D>,
    owned: &Owned,
    policy: &Policy,
    (users, census): (&BTreeSet<UserName>, Census),
    look: &mut dyn FnMut(&ActualUser) -> Result<UserDrift, E>,
) -> Result<Plan, E> {
    let mut planner = Planner::new(owned, policy).among(census);
    let accounts = Accounts::for_few(policy.owner);
    for user in users.iter().filter(|user| policy.scope.has_user(user)) {
        let desired = manifest.desired(user, tokens);
        let actual = store.read_user(user, accounts.look_up(user));
        let drift = look(&actual)?;
        planner.add(desired.as_ref(), &actual, &drift);
    }
    Ok(planner.finish())
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
    let mut read = |user: &UserName, desired: Option<&DesiredUser>| {
        let actual = snapshot.user(user, desired, policy.owner)?;
        Ok((actual, UserDrift::default()))
    };
    round(manifest, tokens, snapshot.owned(), policy, &mut read)
}

/// Gives what is there of a user, of whom this is wanted, and its drift.
type Read<'r, E> =
    dyn FnMut(&UserName, Option<&DesiredUser>) -> Result<(ActualUser, UserDrift), E> + 'r;

fn round<E: From<ScopeError>>(
    manifest: &Manifest,
    tokens: &Tokens,
    owned: &Owned,
    policy: &Policy,
    read: &mut Read<'_, E>,
) -> Result<Plan, E> {
    let mut planner = Planner::new(owned, policy);
    let mut apps: BTreeSet<AppName> = BTreeSet::new();
    for user in users_of(manifest, owned, policy)? {
        let desired = manifest.desired(user, tokens);
        let (actual, drift) = read(user, desired.as_ref())?;
        if !policy.scope.has_all_apps() {
            apps.extend(actual.links.keys().cloned());
        }
        planner.add(desired.as_ref(), &actual, &drift);
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

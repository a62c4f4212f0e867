//! The rounds that read a disk: many users with many threads at once, and what
//! is as it should be dropped, so that memory grows with the changes and not
//! with the files.

use super::{ScopeError, check_round_apps, users_of};
use crate::ledger::{Baseline, LedgerError, Left, left_in_scope};
use crate::manifest::{Manifest, Tokens};
use crate::model::{Account, AppName, FileKind, UserName};
use crate::plan::{Address, AsWanted, Census, Glance, Owned, Plan, Planner, Policy, UserDrift};
use crate::spread::Spread;
use crate::store::{Accounts, Buffer, Disk, Met, Store};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many threads read at once. Reading waits for the disk more than for a
/// processor: where nothing is cached this is several times faster than one,
/// and where all is no slower than two.
const READERS: usize = 16;
/// Users that one thread takes at a time.
const PORTION: usize = 32;
/// Fewer users are read by one thread in a round that changes something: its
/// calls come in the same order each time, by which tests find the one that
/// they strike at.
const READ_IN_TURN: usize = 64;
/// Room for the files of a user, in bytes; more is made where it is needed.
const ROOM: usize = 32 * 1024;
/// Most files of a link.
const FILES_OF_LINK: usize = 3;
/// Most files of a group.
const FILES_OF_GROUP: usize = 2;

/// How far the reading may run ahead of who looks at what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    /// By some thousand users, which many threads read.
    Far,
    /// Not at all: who looks may have to wait before more is read.
    Never,
}

/// Who looks at each user that is read.
pub struct Looker<'l, E> {
    /// How what is ours was left.
    pub baseline: &'l Baseline,
    /// Called in the order of users, by the thread that plans.
    pub look: &'l mut dyn FnMut(Looked<'_>) -> Result<(), E>,
}

/// What there is to look at of a user that was read.
#[derive(Debug)]
pub struct Looked<'u> {
    /// The account.
    pub user: &'u UserName,
    /// What drifted of it, which the plan knows of too.
    pub drift: UserDrift,
    /// How many files were opened for it, at most.
    pub files: usize,
}

/// Plans one round to show it: reads the users' files with many threads at
/// once. What the state should learn beside them is not in the plan.
///
/// # Errors
/// When a glob of the scope matches nothing, since then it is misspelt.
pub fn plan<'r, D: Disk>(
    manifest: &'r Manifest,
    tokens: &'r Tokens,
    store: &'r Store<D>,
    owned: &'r Owned,
    policy: &'r Policy,
) -> Result<Plan, ScopeError> {
    let users = users_of(manifest, owned, policy)?;
    let reading = Reading::of_many(manifest, tokens, store, owned, policy);
    let mut planner = reading.planner(None);
    let mut apps: BTreeSet<AppName> = BTreeSet::new();
    let spread = if users.len() > PORTION {
        Spread::over(READERS)
    } else {
        Spread::alone()
    };
    let portion = |users: &[&'r UserName]| reading.portion(users.iter().map(|user| (*user, None)));
    spread.each(&users, PORTION, portion, |part| {
        planner.absorb(part.planner);
        apps.extend(part.apps);
    });
    check_round_apps(manifest, &apps, policy)?;
    Ok(planner.finish())
}

/// Plans one round to carry it out, and lets somebody look at each user that is
/// read: what drifted of it, which the plan then knows of too.
///
/// # Errors
/// Those of [`plan`], when the state cannot be read, and those of who looks.
pub fn plan_and_look<'r, D: Disk, E: From<ScopeError> + From<LedgerError>>(
    manifest: &'r Manifest,
    tokens: &'r Tokens,
    store: &'r Store<D>,
    owned: &'r Owned,
    policy: &'r Policy,
    ahead: Ahead,
    looker: Looker<'_, E>,
) -> Result<Plan, E> {
    let Looker { baseline, look } = looker;
    let users = users_of(manifest, owned, policy)?;
    let reading = Reading::of_many(manifest, tokens, store, owned, policy);
    let mut planner = reading.planner(Some(baseline));
    let mut apps: BTreeSet<AppName> = BTreeSet::new();
    let (spread, size) = match ahead {
        Ahead::Far if users.len() > READ_IN_TURN => (Spread::over(READERS), PORTION),
        Ahead::Far | Ahead::Never => (Spread::alone(), 1),
    };
    // What is still to be read is not read any more once something failed.
    let is_over = AtomicBool::new(false);
    // The first of those users of whom the state could not be read. It is not
    // asked for those behind: each would wait as long for whoever has locked it.
    let failed: Mutex<Option<&UserName>> = Mutex::new(None);
    let left_of = |users: &[&'r UserName]| {
        let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
        let first = users.first().copied();
        if failed.is_some() && *failed < first {
            return Ok(Vec::new());
        }
        let left = baseline.of_users(users);
        if left.is_err() {
            *failed = first;
        }
        left
    };
    let portion = |users: &[&'r UserName]| {
        let left = if is_over.load(Ordering::Relaxed) {
            Vec::new()
        } else {
            left_of(users)?
        };
        let held = users.iter().zip(left);
        let held = held.map(|(user, left)| (*user, Some((baseline, left))));
        Ok::<_, LedgerError>(reading.portion(held))
    };
    let mut outcome = Ok(());
    spread.each(&users, size, portion, |part| {
        if outcome.is_ok() {
            outcome = part.map_err(E::from).and_then(|part| {
                planner.absorb(part.planner);
                apps.extend(part.apps);
                part.looked.into_iter().try_for_each(&mut *look)
            });
            is_over.store(outcome.is_err(), Ordering::Relaxed);
        }
    });
    outcome?;
    check_round_apps(manifest, &apps, policy)?;
    Ok(planner.finish())
}

/// Plans a round for a few users among many; no other is read. `owned` need
/// hold no more than what is ours of them. The guards hold what is done
/// against the census of all.
///
/// # Errors
/// When the state cannot be read, and those of who looks.
pub fn plan_users<D: Disk, E: From<LedgerError>>(
    manifest: &Manifest,
    tokens: &Tokens,
    store: &Store<D>,
    owned: &Owned,
    policy: &Policy,
    (users, census): (&BTreeSet<UserName>, Census),
    looker: Looker<'_, E>,
) -> Result<Plan, E> {
    let Looker { baseline, look } = looker;
    let mut planner = Planner::new(owned, policy).among(census);
    let accounts = Accounts::for_few(policy.owner);
    for user in users.iter().filter(|user| policy.scope.has_user(user)) {
        let desired = manifest.desired(user, tokens);
        let actual = store.read_user(user, accounts.look_up(user));
        let left = left_in_scope(baseline.of_user(user)?, &actual, &policy.scope);
        let drift = baseline.drift(&left, &actual, policy.owner);
        planner.add(desired.as_ref(), &actual, &drift);
        look(Looked {
            user,
            drift,
            files: files(actual.links.len(), actual.groups.len()),
        })?;
    }
    Ok(planner.finish())
}

fn files(links: usize, groups: usize) -> usize {
    FILES_OF_LINK * links + FILES_OF_GROUP * groups
}

/// How what is ours of a user was left; `None` where nobody asks.
type Held<'b> = Option<(&'b Baseline, Left)>;

/// What came of some users.
struct Part<'r> {
    planner: Planner<'r>,
    /// The apps that were found, where the scope asks for that.
    apps: BTreeSet<AppName>,
    /// Each of them, where how it was left is known.
    looked: Vec<Looked<'r>>,
}

/// What users are read for.
struct Reading<'r, D: Disk> {
    manifest: &'r Manifest,
    tokens: &'r Tokens,
    store: &'r Store<D>,
    owned: &'r Owned,
    policy: &'r Policy,
    accounts: Accounts,
}

impl<'r, D: Disk> Reading<'r, D> {
    fn of_many(
        manifest: &'r Manifest,
        tokens: &'r Tokens,
        store: &'r Store<D>,
        owned: &'r Owned,
        policy: &'r Policy,
    ) -> Self {
        Self {
            manifest,
            tokens,
            store,
            owned,
            policy,
            accounts: Accounts::for_many(store, policy.owner),
        }
    }

    fn planner(&self, baseline: Option<&Baseline>) -> Planner<'r> {
        let planner = Planner::new(self.owned, self.policy);
        match baseline {
            Some(_) => planner,
            None => planner.to_show(),
        }
    }

    /// Reads some users and plans for them.
    fn portion<'b>(&self, users: impl IntoIterator<Item = (&'r UserName, Held<'b>)>) -> Part<'r> {
        let mut users = users.into_iter().peekable();
        let first = users.peek().and_then(|(_, held)| held.as_ref());
        let mut part = Part {
            planner: self.planner(first.map(|(baseline, _)| *baseline)),
            apps: BTreeSet::new(),
            looked: Vec::new(),
        };
        let mut buffer = Buffer::with_room(ROOM);
        for (user, held) in users {
            self.read(user, held, &mut buffer, &mut part);
        }
        part
    }

    /// Reads one user. What is as wanted, and as we left it, is not decoded.
    fn read(&self, user: &'r UserName, held: Held<'_>, buffer: &mut Buffer, part: &mut Part<'r>) {
        let (owned, policy) = (self.owned, self.policy);
        let desired = self.manifest.desired(user, self.tokens);
        let account = self.accounts.look_up(user);
        let glance = desired.as_ref().and_then(|d| Glance::at(d, owned, policy));
        let is_enough = |glance: &Glance<'_>| match &held {
            None => true,
            Some((baseline, left)) => {
                let mut addresses = left.keys();
                glance.names_all_of_ours()
                    && addresses.all(|address| glance.names(address))
                    && baseline.tells(left)
            }
        };
        let actual = match glance.filter(is_enough) {
            None => self.store.read_user(user, account),
            Some(glance) => match self.meet(account, &glance, &held, buffer) {
                Met::Whole(actual) => *actual,
                Met::AsWanted(found) => {
                    part.planner.add_as_wanted(&glance, found);
                    part.looked.extend(held.map(|(_, left)| Looked {
                        user,
                        drift: UserDrift {
                            same: left.len(),
                            ..UserDrift::default()
                        },
                        files: opened(&glance, found),
                    }));
                    return;
                }
            },
        };
        if !policy.scope.has_all_apps() {
            part.apps.extend(actual.links.keys().cloned());
        }
        let drift = held.map(|(baseline, left)| {
            let left = left_in_scope(left, &actual, &policy.scope);
            baseline.drift(&left, &actual, policy.owner)
        });
        match drift {
            None => {
                let nothing = UserDrift::default();
                part.planner.add(desired.as_ref(), &actual, &nothing);
            }
            Some(drift) => {
                part.planner.add(desired.as_ref(), &actual, &drift);
                part.looked.push(Looked {
                    user,
                    drift,
                    files: files(actual.links.len(), actual.groups.len()),
                });
            }
        }
    }

    fn meet(
        &self,
        account: Account,
        glance: &Glance<'_>,
        held: &Held<'_>,
        buffer: &mut Buffer,
    ) -> Met {
        let Some((baseline, left)) = held else {
            return self.store.meet_user(account, glance, None, buffer);
        };
        let is_as_left = |address: &Address, file: FileKind, bytes: &[u8]| {
            baseline.is_as_left(left, address, file, bytes)
        };
        let also = Some(&is_as_left as _);
        self.store.meet_user(account, glance, also, buffer)
    }
}

/// How many files were opened of a user that is as wanted, at most.
fn opened(glance: &Glance<'_>, found: AsWanted) -> usize {
    let wanted = glance.desired();
    files(wanted.links.len() + found.foreign, wanted.groups.len())
}

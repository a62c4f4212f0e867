//! A plan that is made at a glance, by many threads, is the plan that is made
//! by reading all there is; and so is what it tells of drift.

use super::generate::world;
use super::world::{Order, World};
use super::{apply, config};
use crate::support::Sandbox;
use cplinks::ledger::{Baseline, Key, Ledger, LedgerError};
use cplinks::manifest::{HostPolicy, Manifest, OwnerCheck, Tokens, load};
use cplinks::model::{AppName, GroupId, UserName};
use cplinks::plan::{
    AppRules, Census, Limits, Owned, Plan, Policy, UnknownTokens, Unlisted, Unrecorded, UserDrift,
};
use cplinks::reconcile::{self, Ahead, Looker, ScopeError};
use cplinks::store::{RealDisk, Store};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

fn manifest(sandbox: &Sandbox) -> Manifest {
    let files = [sandbox.path("links.yaml")];
    let host = HostPolicy::default();
    let loaded = load(&files, std::io::empty(), OwnerCheck::default(), &host);
    loaded.manifest.unwrap()
}

fn policy(unlisted: Unlisted, unknown_tokens: UnknownTokens) -> Policy {
    Policy {
        unknown_tokens,
        ..Policy::of_rules(unlisted, AppRules::default(), Limits::BUILT_IN)
    }
}

/// Some of a world's links and a group of it are ours, and some that are not.
fn owned(world: &World) -> Owned {
    let mut owned = Owned::default();
    for (index, (user, app)) in world.cells.keys().enumerate() {
        if index % 3 != 0 {
            let user = UserName::parse(user).unwrap();
            owned.insert_group(user.clone(), GroupId::parse("g").unwrap());
            owned.insert(user, AppName::parse(app).unwrap());
        }
    }
    owned.insert(
        UserName::parse("gone").unwrap(),
        AppName::parse("A_one").unwrap(),
    );
    owned
}

/// What the state should learn is not asked of a plan that is only shown.
fn shown(plan: Plan) -> Plan {
    Plan {
        unrecorded: Unrecorded::default(),
        ..plan
    }
}

/// Its state and key, which a later apply that is not told of does not touch.
fn baseline(sandbox: &Sandbox) -> Baseline {
    let state = sandbox.path("kept.db");
    fs::copy(sandbox.path("root/.cplinks/state.db"), &state).unwrap();
    let key = fs::read(sandbox.path("root/.cplinks/key")).unwrap();
    let ledger = Ledger::open_read_only(&state).unwrap().unwrap();
    Baseline::new(ledger, Key::parse(&key)).unwrap()
}

/// All users, those that something of ours is of too.
fn users(manifest: &Manifest, owned: &Owned) -> BTreeSet<UserName> {
    let ours = owned.users().chain(owned.users_with_groups());
    manifest.users().chain(ours).cloned().collect()
}

/// What somebody who looks is told.
#[derive(Debug, Default, PartialEq)]
struct Told(BTreeMap<UserName, UserDrift>);

/// How a world is held against what lies on disk.
#[derive(Clone, Copy)]
struct Ground<'g> {
    baseline: &'g Baseline,
    owned: &'g Owned,
    policy: &'g Policy,
}

fn check_plans(
    manifest: &Manifest,
    tokens: &Tokens,
    store: &Store<RealDisk>,
    ground: Ground<'_>,
) -> Result<(), TestCaseError> {
    let Ground {
        baseline,
        owned,
        policy,
    } = ground;
    let users = users(manifest, owned);
    let (mut told, mut whole_told) = (Told::default(), Told::default());
    let among = (&users, Census::default());
    let looker = Looker::<Failed> {
        baseline,
        look: &mut |looked| {
            whole_told.0.insert(looked.user.clone(), looked.drift);
            Ok(())
        },
    };
    let whole = reconcile::plan_users(manifest, tokens, store, owned, policy, among, looker);
    let whole = whole.unwrap();
    let looker = Looker::<Failed> {
        baseline,
        look: &mut |looked| {
            let last = told.0.last_key_value();
            assert!(last.is_none_or(|(user, _)| user < looked.user), "in order");
            told.0.insert(looked.user.clone(), looked.drift);
            Ok(())
        },
    };
    let ahead = Ahead::Far;
    let met = reconcile::plan_and_look(manifest, tokens, store, owned, policy, ahead, looker);
    prop_assert_eq!(&met.unwrap(), &whole);
    prop_assert_eq!(told, whole_told);
    let glance = reconcile::plan(manifest, tokens, store, owned, policy).unwrap();
    prop_assert_eq!(glance, shown(whole));
    Ok(())
}

#[derive(Debug)]
struct Failed;

impl From<ScopeError> for Failed {
    fn from(_: ScopeError) -> Self {
        Self
    }
}

impl From<LedgerError> for Failed {
    fn from(_: LedgerError) -> Self {
        Self
    }
}

fn check(first: &World, second: &World, unlisted: Unlisted) -> Result<(), TestCaseError> {
    let sandbox = first.sandbox();
    apply(&sandbox, &[]);
    let of_first = baseline(&sandbox);
    let none = Baseline::new(Ledger::in_memory().unwrap(), None).unwrap();
    sandbox.write("links.yaml", second.manifest(Order::Forth));
    let store = Store::open(&sandbox.path("root")).unwrap();
    let secrets = [sandbox.path("secrets.yaml")];
    let secrets = Tokens::load(&secrets, OwnerCheck::default()).unwrap();
    for is_changed_by_others in [false, true] {
        if is_changed_by_others {
            // What we know is how it was before: to us all of this is drift.
            apply(&sandbox, &[]);
        }
        let manifest = manifest(&sandbox);
        for (baseline, owned) in [
            (&of_first, &of_first.ledger().owned().unwrap()),
            (&none, &owned(second)),
        ] {
            for tokens in [&Tokens::default(), &secrets] {
                for unknown in [UnknownTokens::NotCompared, UnknownTokens::Block] {
                    let policy = &policy(unlisted, unknown);
                    let ground = Ground {
                        baseline,
                        owned,
                        policy,
                    };
                    check_plans(&manifest, tokens, &store, ground)?;
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_state_that_is_locked_meanwhile_is_waited_for_once() {
    let sandbox = Sandbox::with_root();
    let links = |count: usize| {
        let link = "{ links: { A: { label: L, implements: \"\", url: \"https://a.example/\" } } }";
        let users: Vec<String> = (0..count).map(|n| format!("  u{n:04}: {link}\n")).collect();
        format!("version: 1\nusers:\n{}", users.concat())
    };
    sandbox.write("links.yaml", links(1));
    sandbox.write("secrets.yaml", "{}");
    apply(&sandbox, &[]);
    // More portions than threads.
    sandbox.write("links.yaml", links(1_000));
    let manifest = manifest(&sandbox);
    let baseline = &baseline(&sandbox);
    let owned = &baseline.ledger().owned().unwrap();
    let other = rusqlite::Connection::open(sandbox.path("kept.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let looker = Looker::<Failed> {
        baseline,
        look: &mut |_| Ok(()),
    };
    let store = &Store::open(&sandbox.path("root")).unwrap();
    let policy = &policy(Unlisted::HideOwned, UnknownTokens::NotCompared);
    let tokens = &Tokens::default();
    let start = Instant::now();
    reconcile::plan_and_look(&manifest, tokens, store, owned, policy, Ahead::Far, looker)
        .unwrap_err();
    // It waits for 5 s: 15 threads behind each other would take longer.
    assert!(start.elapsed() < Duration::from_secs(20));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_glance_tells_what_a_whole_look_tells(
        first in world(),
        second in world(),
        is_applied in any::<bool>(),
        unlisted in prop::sample::select(vec![
            Unlisted::HideOwned,
            Unlisted::HideAll,
            Unlisted::RemoveOwned,
            Unlisted::Keep,
        ]),
    ) {
        // Half of the time most is in sync.
        let second = if is_applied { &first } else { &second };
        check(&first, second, unlisted)?;
    }
}

//! What an apply costs, what it needs, and how it ends early.

use super::faults::one;
use super::world::{Wish, World, link};
use crate::apply::{Outcome, apply};
use crate::model::UserName;
use crate::store::testing::{header, mode, user};
use crate::store::{Recorded, Room, StoreError};
use std::cell::Cell;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

/// Applies to 256 users at once and counts the syncs.
fn syncs(world: &World, wish: Wish) -> usize {
    let users: Vec<UserName> = (0..256).map(|n| user(&format!("user{n}"))).collect();
    let plan = world.plan_for(&users, &[wish]);
    assert_eq!(plan.changes.len(), users.len());
    world.disk.take_calls();
    assert!(world.apply(&plan).is_done());
    let calls = world.disk.take_calls();
    calls.iter().filter(|c| c.starts_with("sync ")).count()
}

#[test]
fn a_batch_stays_within_its_budget_of_syncs() {
    let world = World::new();
    let created = syncs(&world, one());
    let replaced = syncs(
        &world,
        link("Invoices").url("https://one.example/").token("one"),
    );
    let paired = syncs(
        &world,
        link("Invoices").url("https://two.example/").token("two"),
    );
    for (name, count, each) in [
        ("created", created, 5),
        ("replaced", replaced, 4),
        ("URL and token", paired, 7),
    ] {
        let limit = 256 * each + 16;
        assert!(count <= limit, "{name}: {count} syncs, at most {limit}");
    }
}

#[test]
fn a_plan_that_does_not_fit_is_refused_before_anything_is_made() {
    let world = World::new();
    let plan = world.plan(&[one()]);
    drop(world.store.lock_exclusive(Duration::ZERO).unwrap());
    let room = Room {
        bytes: 1 << 30,
        files: Some(1 << 20),
        block: 4096,
    };
    let attempt = |room| {
        world.disk.pretend_room(room);
        let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
        apply(
            &plan,
            &world.store,
            &lock,
            &header(),
            &|| false,
            &mut |_, _| {},
        )
    };
    let refused = |room, expect: &str| match attempt(room) {
        Err(StoreError::NoRoom { what, .. }) => assert_eq!(what, expect),
        outcome => panic!("{outcome:?}"),
    };
    refused(Room { bytes: 0, ..room }, "bytes");
    refused(
        Room {
            bytes: 1 << 16,
            ..room
        },
        "bytes",
    );
    refused(
        Room {
            files: Some(3),
            ..room
        },
        "files",
    );
    assert_eq!(world.fixture.live(), []);
    assert!(!world.fixture.path(".cplinks/runs/000001").exists());
    let uncounted = Room {
        files: None,
        ..room
    };
    assert!(attempt(uncounted).unwrap().is_done());
}

#[test]
fn an_apply_interrupted_before_it_mends_a_folder_is_not_done() {
    let world = World::new();
    world.round(&[one()]);
    let folder = world.fixture.path("links/alice");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let plan = world.plan(&[one()]);
    let report = world.apply_until(&plan, &|| true);
    assert_eq!((report.is_done(), report.counts.not_begun), (false, 1));
    assert_eq!(mode(&folder), 0o700);
    assert!(world.round(&[one()]).is_done());
    assert_eq!(mode(&folder), 0o750);
}

#[test]
fn an_interrupted_apply_finishes_the_link_in_hand_and_begins_no_other() {
    let before: Vec<_> = ["a", "b", "c"].map(|name| one().app(name)).into();
    let after: Vec<_> = ["a", "b", "c"].map(|name| one().app(name).hide()).into();
    let mut ends = Vec::new();
    for asked in 0..20_usize {
        let world = World::new();
        world.round(&before);
        let left = Cell::new(asked);
        let interrupt = || {
            let is_now = left.get() == 0;
            left.set(left.get().saturating_sub(1));
            is_now
        };
        let plan = world.plan(&after);
        let report = world.apply_until(&plan, &interrupt);
        let done = report.outcomes.iter().take_while(|(_, o)| o.is_done());
        let done = done.count();
        let rest = &report.outcomes[done..];
        assert!(rest.iter().all(|(_, o)| *o == Outcome::NotBegun));
        assert_eq!(report.outcomes.len(), 3);
        assert_eq!(report.counts.not_begun, 3 - done);
        assert_eq!(world.store.interrupted(), Ok(None));
        let record = world.store.run_record(&report.run.unwrap()).unwrap();
        let recorded = record.changes.iter();
        let recorded = recorded.filter(|c| c.outcome == Recorded::Done).count();
        assert_eq!(recorded, done);
        assert!(world.round(&after).is_done());
        assert!(world.plan(&after).is_empty());
        ends.push(done);
    }
    ends.dedup();
    assert_eq!(ends, [0, 1, 2, 3]);
}

//! A disk that takes nothing more: the batch that meets it leaves no trace in
//! the live trees, later ones are not begun, and the next apply goes on.

use super::faults::one;
use super::world::{Wish, World, link};
use crate::apply::{Live, Outcome, Report, apply};
use crate::model::UserName;
use crate::store::RunId;
use crate::store::faulty::Fault;
use crate::store::testing::{header, user};
use rustix::io::Errno;
use std::time::Duration;

/// The live trees: folders and files with their modes and sizes, and bytes.
type Trees = (Vec<String>, Vec<(String, u32, Vec<u8>)>);

fn trees(world: &World) -> Trees {
    let tree = world.fixture.tree();
    let folders = tree
        .lines()
        .filter(|line| line.ends_with('/') && !line.contains(".cplinks"));
    (folders.map(str::to_owned).collect(), world.fixture.live())
}

fn users() -> [UserName; 2] {
    ["alice", "bruno"].map(user)
}

/// Applies to two users, of which only alice has a link before if any has.
/// Says how it came out, unless nothing was begun at all.
fn attempt(world: &World, wishes: &[Wish], calls: usize, fault: Fault) -> (bool, Option<Report>) {
    let plan = world.plan_for(&users(), wishes);
    let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
    world.disk.take_calls();
    world.disk.arm(calls, fault);
    let heard = &mut |_, _| {};
    let report = apply(&plan, &world.store, &lock, &header(), &|| false, heard);
    (world.disk.disarm(), report.ok())
}

/// The disk fills up at each call in turn. Says at how many of them the batch
/// was stopped, and at how many the run could not even be closed.
fn fill_up(before: &[Wish], after: &[Wish]) -> (usize, usize) {
    let (mut stopped, mut unclosed) = (0, 0);
    for calls in 0.. {
        let world = World::new();
        world.round(before);
        let old = trees(&world);
        let (has_fired, report) = attempt(&world, after, calls, Fault::Full);
        let trace = world.disk.take_calls();
        let told = format!("full from {:?} on: {report:?}", trace.get(calls));
        match &report {
            // Nothing was begun.
            None => assert_eq!(trees(&world), old, "{told}"),
            Some(report) if report.stopped.is_some() => {
                assert_eq!(trees(&world), old, "{told}");
                for (_, outcome) in &report.outcomes {
                    let Outcome::Failed { error, live } = outcome else {
                        panic!("{told}");
                    };
                    assert!(error.contains("No space left"), "{told}");
                    assert_eq!(*live, Live::Old, "{told}");
                }
                stopped += 1;
                unclosed += usize::from(report.unclosed.is_some());
            }
            Some(report) => {
                let is_done = |(_, outcome): &(_, Outcome)| outcome.is_done();
                assert!(report.outcomes.iter().all(is_done), "{told}");
            }
        }
        world.recover();
        let plan = world.plan_for(&users(), after);
        assert!(world.apply(&plan).is_done(), "{told}");
        assert!(world.plan_for(&users(), after).is_empty(), "{told}");
        let left = world.fixture.tree();
        assert!(!left.contains("/stage/"), "{told}: {left}");
        if !has_fired {
            break;
        }
    }
    (stopped, unclosed)
}

#[test]
fn a_disk_that_fills_up_leaves_neither_links_nor_folders_behind() {
    let wishes = [one(), one().app("b").group("g")];
    let (stopped, unclosed) = fill_up(&[], &wishes);
    // Eight files and folders each are staged or made, for each of the users.
    assert!(stopped > 16, "{stopped}");
    assert!(unclosed > 0, "a full journal cannot be closed");
}

#[test]
fn a_disk_that_fills_up_while_links_are_replaced_changes_none() {
    let before = [one(), one().app("b")];
    let after = [
        link("Invoices").url("https://two.example/").token("two"),
        one().app("b").hide(),
    ];
    let (stopped, _) = fill_up(&before, &after);
    assert!(stopped > 8, "{stopped}");
}

/// One call that is refused for want of something all calls need, and works
/// when it is made again: still nothing of the batch, or all of it.
#[test]
fn what_concerns_all_links_stops_all_of_a_batch() {
    for errno in [
        Errno::NOSPC,
        Errno::DQUOT,
        Errno::ROFS,
        Errno::NOMEM,
        Errno::MFILE,
        Errno::NFILE,
    ] {
        let mut stopped = 0;
        for calls in 0.. {
            let world = World::new();
            let before = trees(&world);
            let (has_fired, report) = attempt(&world, &[one()], calls, Fault::Once(errno));
            let trace = world.disk.take_calls();
            let told = format!("{errno} from {:?}: {report:?}", trace.get(calls));
            if let Some(report) = report
                && report.stopped.is_some()
            {
                let is_failed = |(_, o): &(_, Outcome)| {
                    matches!(
                        o,
                        Outcome::Failed {
                            live: Live::Old,
                            ..
                        }
                    )
                };
                assert!(report.outcomes.iter().all(is_failed), "{told}");
                assert_eq!(trees(&world), before, "{told}");
                assert_eq!(report.counts.failed, 2, "{told}");
                stopped += 1;
            }
            world.recover();
            let plan = world.plan_for(&users(), &[one()]);
            assert!(world.apply(&plan).is_done(), "{told}");
            if !has_fired {
                break;
            }
        }
        assert!(stopped > 10, "{errno}: {stopped}");
    }
}

#[test]
fn an_error_of_one_link_alone_does_not_stop_the_others() {
    let world = World::new();
    let plan = world.plan_for(&users(), &[one()]);
    let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
    let disk = world.disk.clone();
    world
        .disk
        .meanwhile("create", "stage/000001-a.userconfig", move || {
            disk.arm(0, Fault::Once(Errno::IO));
        });
    let heard = &mut |_, _| {};
    let report = apply(&plan, &world.store, &lock, &header(), &|| false, heard).unwrap();
    assert_eq!((report.counts.failed, report.counts.created), (1, 1));
    assert_eq!(report.stopped, None);
}

#[test]
fn batches_before_a_full_disk_stay_and_those_after_it_are_not_begun() {
    let world = World::new();
    let all: Vec<UserName> = (0..600).map(|n| user(&format!("user{n:03}"))).collect();
    let plan = world.plan_for(&all, &[one()]);
    let disk = world.disk.clone();
    // In the middle of the second batch of 256.
    world
        .disk
        .meanwhile("create", "stage/000300-a.adminconfig", move || {
            disk.arm(0, Fault::Full);
        });
    let report = world.apply(&plan);
    world.disk.disarm();
    let counts = report.counts;
    assert_eq!(
        (counts.created, counts.failed, counts.not_begun),
        (256, 256, 88)
    );
    assert_eq!(report.outcomes.len(), 600);
    assert!(!report.is_done());
    assert_eq!(world.fixture.live().len(), 256 * 3);
    let folders = world.fixture.tree();
    let folders = folders
        .lines()
        .filter(|line| line.contains(" links/user") && line.ends_with('/'));
    assert_eq!(folders.count(), 256);
    world.recover();
    assert!(world.apply(&world.plan_for(&all, &[one()])).is_done());
    assert_eq!(world.fixture.live().len(), 600 * 3);
}

/// Room comes back with the staged files, so the run can be closed, and what
/// it says of itself is whole although half a line of it is not.
#[test]
fn a_journal_that_found_no_room_for_a_batch_can_still_be_closed() {
    let world = World::new();
    let plan = world.plan(&[one()]);
    let disk = world.disk.clone();
    // The first line is there already: a link that is about to be made.
    world.disk.meanwhile("sync", "/stage", move || {
        disk.arm(1, Fault::Once(Errno::NOSPC));
    });
    let report = world.apply(&plan);
    let why = report.stopped.as_deref().unwrap();
    assert!(why.contains("journal`"), "{why}");
    assert_eq!(report.unclosed, None);
    assert_eq!(world.store.interrupted(), Ok(None));
    let record = world
        .store
        .run_record(&RunId::parse("000001").unwrap())
        .unwrap();
    assert_eq!(record.changes, []);
    assert_eq!(world.fixture.live(), []);
    assert!(world.round(&[one()]).is_done());
}

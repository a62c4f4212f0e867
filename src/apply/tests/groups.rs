//! A group that goes waits for the links that leave it: if one of them goes
//! wrong, in whatever way, the group stays and the report says so.

use super::faults::one;
use super::world::{Wish, World, absent, app, link};
use crate::apply::{DoneCounts, Live, Outcome, Report};
use crate::model::GroupId;
use crate::plan::Address;
use crate::store::faulty::Fault;
use crate::store::testing::user;
use rustix::io::Errno;

const GROUP: [&str; 2] = [
    "links/alice/group_g.userconfig",
    "dynamicui/alice/dynamicui_group_g.conf",
];

fn of_link(name: &str) -> Address {
    Address::Link(user("alice"), app(name))
}

fn of_group() -> Address {
    Address::Group(user("alice"), GroupId::parse("g").unwrap())
}

fn has_group(world: &World) -> [bool; 2] {
    GROUP.map(|file| world.fixture.path(file).exists())
}

/// What became of the group, which comes last.
#[track_caller]
fn check_blocked(report: &Report, by: &str) {
    let expect = (of_group(), Outcome::Blocked { by: of_link(by) });
    assert_eq!(report.outcomes.last(), Some(&expect), "{report:?}");
    assert!(!report.is_done());
}

/// The next round removes it, and the one after finds nothing to do.
#[track_caller]
fn check_next(world: &World, wishes: &[Wish]) {
    let report = world.round(wishes);
    assert!(report.is_done(), "{report:?}");
    assert_eq!(has_group(world), [false; 2]);
    assert!(world.plan(wishes).is_empty());
}

#[test]
fn a_group_goes_last_and_its_bytes_are_kept() {
    let world = World::new();
    world.round(&[one().group("g"), one().app("z").group("g")]);
    let old = GROUP.map(|file| world.fixture.read(file));
    let wishes = [one(), one().app("z")];
    let report = world.round(&wishes);
    let order: Vec<_> = report.outcomes.iter().map(|(a, _)| a.clone()).collect();
    assert_eq!(order, [of_link("a"), of_link("z"), of_group()]);
    let expect = DoneCounts {
        replaced: 2,
        groups: 1,
        ..DoneCounts::default()
    };
    assert_eq!(report.counts, expect);
    for (file, old) in GROUP.iter().zip(old) {
        let name = file.rsplit('/').next().unwrap();
        let kept = format!(".cplinks/runs/000002/old/alice/{name}");
        assert_eq!(world.fixture.read(&kept), old);
    }
    check_next(&world, &wishes);
}

#[test]
fn its_menu_entry_goes_first_and_after_the_links_are_on_the_disk() {
    let world = World::new();
    world.round(&[one().group("g")]);
    world.disk.take_calls();
    world.round(&[one()]);
    let root = world.fixture.path("").display().to_string();
    let calls: Vec<_> = world.disk.take_calls();
    let calls: Vec<_> = calls.iter().map(|call| call.replace(&root, "")).collect();
    let live = calls
        .iter()
        .skip_while(|call| *call != "exchange dynamicui/alice/dynamicui_a.conf")
        .filter(|call| call.contains("alice") && !call.contains("/a."))
        .filter(|call| call.starts_with("sync ") || call.starts_with("rename "));
    assert_eq!(
        live.collect::<Vec<_>>(),
        [
            // Out of the way for good, and then:
            "rename .cplinks/runs/000002/old/alice/dynamicui_a.conf",
            "sync links/alice",
            "sync dynamicui/alice",
            "rename .cplinks/runs/000002/old/alice/dynamicui_group_g.conf",
            "sync dynamicui/alice",
            "rename .cplinks/runs/000002/old/alice/group_g.userconfig",
            "sync links/alice",
        ]
    );
}

#[test]
fn a_group_stays_if_a_link_was_changed_by_someone_else() {
    for wishes in [[one()], [absent()]] {
        let world = World::new();
        world.round(&[one().group("g")]);
        let plan = world.plan(&wishes);
        let theirs = b"{\"label\":\"Theirs\",\"group_id\":\"g\"}";
        world.fixture.write("links/alice/a.userconfig", theirs);
        let report = world.apply(&plan);
        check_blocked(&report, "a");
        assert_eq!(report.counts.blocked, 1);
        assert_eq!(has_group(&world), [true; 2]);
        check_next(&world, &wishes);
    }
}

#[test]
fn a_group_stays_if_a_link_could_not_be_written() {
    let world = World::new();
    world.round(&[one().group("g")]);
    // Its token is not known, and the plan was not made for an apply.
    let report = world.apply(&world.plan(&[link("Billing").unknown_token()]));
    check_blocked(&report, "a");
    let Outcome::Failed { live, .. } = &report.outcomes[0].1 else {
        panic!("{report:?}");
    };
    assert_eq!(*live, Live::Old);
    assert_eq!(has_group(&world), [true; 2]);
    check_next(&world, &[one()]);
}

#[test]
fn a_group_in_a_later_batch_waits_for_links_in_an_earlier_one() {
    let wishes: Vec<_> = (0..300)
        .map(|n| link("Billing").app(&format!("a{n:03}")))
        .collect();
    let before: Vec<_> = wishes.iter().map(|w| w.clone().group("g")).collect();
    // The first fails at once; the last of the first batch only by the sync at
    // its end, of which all in it hear.
    for is_synced in [true, false] {
        let world = World::new();
        assert!(world.round(&before).is_done());
        let plan = world.plan(&wishes);
        if is_synced {
            let theirs = b"{\"group_id\":\"g\"}";
            world.fixture.write("links/alice/a000.userconfig", theirs);
        } else {
            let folder = world.fixture.path("links/alice").display().to_string();
            let call = format!("sync {folder}");
            fail_at(&world, &plan, &before, &call);
        }
        let report = world.apply(&plan);
        world.disk.disarm();
        check_blocked(&report, "a000");
        assert_eq!(has_group(&world), [true; 2]);
        check_next(&world, &wishes);
    }
}

/// Lets the first such call of the plan's apply fail, found by an apply to
/// another root just like it.
fn fail_at(world: &World, plan: &crate::plan::Plan, before: &[Wish], call: &str) {
    let twin = World::new();
    twin.round(before);
    let of_twin = |path: &str| {
        let from = world.fixture.path("").display().to_string();
        path.replace(&from, &twin.fixture.path("").display().to_string())
    };
    twin.disk.take_calls();
    twin.apply(plan);
    let calls = twin.disk.take_calls();
    let place = calls.iter().position(|c| *c == of_twin(call)).unwrap();
    world.disk.take_calls();
    world.disk.arm(place, Fault::Once(Errno::IO));
}

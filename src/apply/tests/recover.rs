//! Power loss at every call of an apply, and again at every call of the
//! recovery after it: what is live is safe at each point, and the next round
//! puts the rest right.

use super::faults::{Sweep, one};
use super::world::{Wish, World, absent, link};
use crate::apply::apply;
use crate::store::faulty::Fault;
use crate::store::testing::header;
use crate::store::{Recovered, RunState};
use std::time::Duration;

/// An apply of these wishes that loses power after so many calls; says
/// whether it came so far.
fn cut(world: &World, after: &[Wish], calls: usize) -> bool {
    let plan = world.plan(after);
    let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
    world.disk.arm(calls, Fault::PowerLoss);
    apply(
        &plan,
        &world.store,
        &lock,
        &header(),
        &|| false,
        &mut |_, _| {},
    )
    .ok();
    world.disk.disarm()
}

/// Cuts an apply at each call, then the recovery at every `stride`-th.
fn sweep(before: &[Wish], after: &[Wish], stride: usize) {
    let sweep = Sweep::new(before, after);
    for calls in 0.. {
        let mut is_cut = false;
        for again in (calls % stride..).step_by(stride) {
            let world = World::new();
            world.round(before);
            is_cut = cut(&world, after, calls);
            let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
            world.disk.arm(again, Fault::PowerLoss);
            world.store.recover(&lock).ok();
            let is_cut_again = world.disk.disarm();
            drop(lock);
            let told = format!("cut at call {calls}, and at {again} of the recovery");
            sweep.check(&world, &told);
            let recovery = world.recover();
            sweep.check(&world, &told);
            for (address, recovered) in &recovery.links {
                assert!(
                    !matches!(
                        recovered,
                        Recovered::Stuck { .. } | Recovered::ChangedBySomeoneElse { .. }
                    ),
                    "{address} {recovered}; {told}"
                );
            }
            assert_eq!(world.store.interrupted(), Ok(None), "{told}");
            for run in world.store.runs().unwrap() {
                let record = world.store.run_record(&run).unwrap();
                assert_eq!(record.state, RunState::Finished, "{told}");
            }
            let report = world.round(after);
            assert!(report.is_done(), "{told}: {report:?}");
            assert_eq!(super::faults::files(&world), sweep.new, "{told}");
            assert!(world.plan(after).is_empty(), "{told}");
            if !is_cut_again {
                break;
            }
        }
        if !is_cut {
            break;
        }
    }
}

#[test]
fn url_and_token_together_survive_a_cut_and_a_cut_of_the_recovery() {
    sweep(
        &[one()],
        &[link("Invoices").url("https://two.example/").token("two")],
        17,
    );
}

#[test]
fn creating_in_a_group_survives_a_cut_and_a_cut_of_the_recovery() {
    sweep(&[], &[one().group("g")], 29);
}

#[test]
fn removing_survives_a_cut_and_a_cut_of_the_recovery() {
    sweep(&[one()], &[absent()], 19);
}

#[test]
fn replacing_several_survives_a_cut_and_a_cut_of_the_recovery() {
    let wish = |label: &str, app: &str| link(label).app(app).token("one");
    sweep(
        &[one(), wish("Billing", "b"), wish("Billing", "c")],
        &[
            one().hide(),
            wish("Invoices", "b").token("two"),
            wish("Invoices", "d"),
        ],
        53,
    );
}

/// Cuts an apply just before the call that ends so, lets somebody else act,
/// and recovers.
fn recover_after(
    before: &[Wish],
    after: &[Wish],
    call: (&str, &str),
    act: impl FnOnce(&World),
) -> (World, Vec<String>) {
    for calls in 0.. {
        let world = World::new();
        world.round(before);
        world.disk.take_calls();
        let planning = {
            world.plan(after);
            drop(world.store.lock_exclusive(Duration::ZERO).unwrap());
            world.disk.take_calls().len()
        };
        assert!(cut(&world, after, calls), "no call {call:?}");
        let trace = world.disk.take_calls();
        let missed = &trace[planning + calls];
        if !(missed.starts_with(call.0) && missed.ends_with(call.1)) {
            continue;
        }
        act(&world);
        let links = world.recover().links;
        let told = links.iter().map(|(a, r)| format!("{a} {r}")).collect();
        return (world, told);
    }
    panic!("no call {call:?}");
}

#[test]
fn a_link_that_was_half_done_is_completed() {
    let (world, told) = recover_after(
        &[one()],
        &[link("Invoices").url("https://one.example/").token("one")],
        ("exchange", "dynamicui/alice/dynamicui_a.conf"),
        |_| {},
    );
    assert_eq!(told, ["alice/a was half done, and was completed"]);
    let old = ".cplinks/runs/000002/old/alice/a.userconfig";
    let old = String::from_utf8(world.fixture.read(old)).unwrap();
    assert!(old.contains("Billing"), "{old}");
    assert_eq!(
        world.shown().userconfig.value().unwrap().link.label,
        Some("Invoices".to_owned())
    );
}

#[test]
fn a_link_whose_staged_file_is_not_whole_is_taken_back() {
    let (world, told) = recover_after(
        &[one()],
        &[link("Invoices").url("https://one.example/").token("one")],
        ("exchange", "dynamicui/alice/dynamicui_a.conf"),
        |world| {
            let staged = ".cplinks/runs/000002/stage/000001-dynamicui_a.conf";
            world.fixture.write(staged, b"torn");
        },
    );
    assert_eq!(told, ["alice/a was half done, and is as before again"]);
    assert_eq!(
        world.shown().userconfig.value().unwrap().link.label,
        Some("Billing".to_owned())
    );
    let left = ".cplinks/runs/000002/old/alice/dynamicui_a.conf.undone";
    assert_eq!(world.fixture.read(left), b"torn");
}

#[test]
fn what_somebody_else_wrote_before_the_recovery_stays() {
    let (world, told) = recover_after(
        &[one()],
        &[link("Invoices").url("https://two.example/").token("two")],
        ("exchange", "links/alice/a.userconfig"),
        |world| world.fixture.write("links/alice/a.userconfig", b"theirs"),
    );
    assert_eq!(
        told,
        [
            "alice/a `links/alice/a.userconfig` was changed by someone else, and is left as it \
             is"
        ]
    );
    assert_eq!(world.fixture.read("links/alice/a.userconfig"), b"theirs");
    // Entry and token had been withdrawn, and are back.
    let shown = world.shown();
    assert_eq!(super::token(&shown).as_deref(), Some("one"));
    assert!(shown.menu.value().is_some());
}

#[test]
fn a_token_that_somebody_replaced_before_the_recovery_meets_no_other_url() {
    let after = [link("Invoices").url("https://two.example/one").token("one")];
    let meddle = |world: &World| world.fixture.write("links/alice/a.adminconfig", b"theirs");
    // Before the URL is live, between URL and menu entry, and when all is.
    for (call, url) in [
        (("exchange", "links/alice/a.userconfig"), "one.example/"),
        (
            ("exchange", "dynamicui/alice/dynamicui_a.conf"),
            "one.example/",
        ),
        (("rename", "old/alice/a.userconfig"), "two.example/one"),
    ] {
        let (world, told) = recover_after(&[one()], &after, call, meddle);
        assert_eq!(
            told,
            [
                "alice/a `links/alice/a.adminconfig` was changed by someone else, and is left as \
                 it is"
            ],
            "{call:?}"
        );
        assert_eq!(world.fixture.read("links/alice/a.adminconfig"), b"theirs");
        let shown = world.shown();
        let live = &shown.userconfig.value().unwrap().link.autologin_token_url;
        assert_eq!(live.as_deref(), Some(format!("https://{url}").as_str()));
    }
    let (world, told) = recover_after(
        &[one()],
        &after,
        ("exchange", "dynamicui/alice/dynamicui_a.conf"),
        |_| {},
    );
    assert_eq!(told, ["alice/a was half done, and was completed"]);
    assert!(world.plan(&after).is_empty());
}

#[test]
fn a_foreign_file_that_was_swapped_out_is_given_back() {
    let world = World::new();
    world.round(&[one()]);
    let wanted = [link("Billing").url("https://one.example/").token("one2")];
    let plan = world.plan(&wanted);
    world.fixture.write("links/alice/a.adminconfig", b"theirs");
    let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
    // Just when theirs is out and ours is live.
    let disk = world.disk.clone();
    world
        .disk
        .meanwhile("read", "stage/000001-a.adminconfig", move || {
            disk.arm(0, Fault::PowerLoss);
        });
    apply(
        &plan,
        &world.store,
        &lock,
        &header(),
        &|| false,
        &mut |_, _| {},
    )
    .ok();
    drop(lock);
    assert!(world.disk.disarm());
    assert_ne!(world.fixture.read("links/alice/a.adminconfig"), b"theirs");
    let links = world.recover().links;
    assert_eq!(
        links[0].1.to_string(),
        "`links/alice/a.adminconfig` was changed by someone else, and is left as it is"
    );
    assert_eq!(world.fixture.read("links/alice/a.adminconfig"), b"theirs");
}

#[test]
fn nothing_begins_while_a_run_is_interrupted_and_reading_says_so() {
    let wanted = [one().hide()];
    let interrupted = |calls| {
        let world = World::new();
        world.round(&[one()]);
        let plan = world.plan(&wanted);
        cut(&world, &wanted, calls);
        let run = world.store.interrupted().unwrap();
        run.map(|run| (world, plan, run))
    };
    let (world, plan, run) = (0..).find_map(interrupted).unwrap();
    let is_hidden = |world: &World| world.shown().menu.value().unwrap().entry.is_hidden();
    assert!(!is_hidden(&world));
    let record = world.store.run_record(&run).unwrap();
    assert_eq!(record.state, RunState::Interrupted);
    let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
    let refused = apply(
        &plan,
        &world.store,
        &lock,
        &header(),
        &|| false,
        &mut |_, _| {},
    );
    let error = refused.unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("cplinks recover"));
    world.store.recover(&lock).unwrap();
    drop(lock);
    assert!(world.round(&wanted).is_done());
    assert!(is_hidden(&world));
}

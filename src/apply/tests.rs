//! Whole rounds on real folders: read, plan, apply, and what is there then.

mod cuts;
mod faults;
mod foreign;
mod full;
mod groups;
mod limits;
mod order;
mod record;
mod recover;
mod world;

use super::*;
use crate::plan::FileOwner;
use crate::store::testing::{header, mode};
use crate::store::{Owners, OwnersCheck, RealDisk, RunId};
use std::time::Duration;
use world::{World, absent, link, token};

#[test]
fn a_link_is_created_with_exact_bytes_and_modes() {
    let world = World::new();
    let report = world.round(&[link("Billing").token("s3cret")]);
    assert!(report.is_done(), "{report:?}");
    assert_eq!(report.counts.created, 1);
    assert!(!report.has_old, "nothing was there to keep");
    let tree = world.fixture.tree();
    let sizes = tree.lines().map(|line| line.rsplit_once(' ').unwrap());
    let modes: Vec<_> = sizes
        .map(|(most, last)| {
            if last.ends_with('/') {
                format!("{most} {last}")
            } else {
                most.to_owned()
            }
        })
        .collect();
    assert_eq!(
        modes,
        [
            "0700 .cplinks/",
            "0600 .cplinks/lock",
            "0700 .cplinks/runs/",
            "0700 .cplinks/runs/000001/",
            "0600 .cplinks/runs/000001/journal",
            "0600 .cplinks/runs/000001/key",
            "0751 dynamicui/",
            "0750 dynamicui/alice/",
            "0644 dynamicui/alice/dynamicui_a.conf",
            "0751 links/",
            "0750 links/alice/",
            "0600 links/alice/a.adminconfig",
            "0644 links/alice/a.userconfig",
        ]
    );
    assert_eq!(
        world.fixture.read("links/alice/a.adminconfig"),
        b"{\n   \"token\" : \"s3cret\"\n}\n"
    );
    let world = World::new();
    world.round(&[link("Billing").url("https://b.example/sso").token("s3cret")]);
    assert_eq!(
        String::from_utf8(world.fixture.read("links/alice/a.userconfig")).unwrap(),
        "{\n   \"app\" : \"a\",\n   \"autologin_token_url\" : \"https://b.example/sso\",\n   \
         \"label\" : \"Billing\",\n   \"user\" : \"alice\"\n}\n"
    );
}

#[test]
fn a_second_round_plans_nothing_and_makes_no_mutating_call() {
    let world = World::new();
    let wanted = [link("Billing").token("s3cret")];
    world.round(&wanted);
    world.disk.take_calls();
    let report = world.round(&wanted);
    assert_eq!(report, Report::default());
    let reads = [
        "open-top",
        "open-dir",
        "open-file",
        "list",
        "stat",
        "read",
        "lock",
    ];
    for call in world.disk.take_calls() {
        let verb = call.split(' ').next().unwrap();
        assert!(reads.contains(&verb), "{call}");
    }
}

#[test]
fn what_was_replaced_hidden_or_removed_is_in_the_backup() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    let old = world.fixture.read("links/alice/a.userconfig");
    let report = world.round(&[link("Invoices").token("one")]);
    assert_eq!(
        (report.counts.replaced, report.run),
        (1, RunId::parse("000002"))
    );
    assert_eq!(
        world
            .fixture
            .read(".cplinks/runs/000002/old/alice/a.userconfig"),
        old
    );
    let report = world.round(&[link("Invoices").token("one").hide()]);
    assert_eq!(
        (report.counts.hidden, report.run),
        (1, RunId::parse("000003"))
    );
    assert!(world.shown().menu.value().unwrap().entry.is_hidden());
    let report = world.round(&[absent()]);
    assert_eq!(
        (report.counts.removed, report.run),
        (1, RunId::parse("000004"))
    );
    assert_eq!(world.fixture.live(), []);
    let kept = world
        .fixture
        .path(".cplinks/runs/000004/old/alice/a.adminconfig");
    assert_eq!(mode(&kept), 0o600);
    assert_eq!(
        world
            .fixture
            .read(".cplinks/runs/000004/old/alice/a.adminconfig"),
        b"{\n   \"token\" : \"one\"\n}\n"
    );
    let stage = world.fixture.path(".cplinks/runs/000004/stage");
    assert!(!stage.exists(), "nothing is left in the stage");
}

#[test]
fn links_of_a_group_that_failed_are_not_begun() {
    let world = World::new();
    let plan = world.plan(&[
        link("Billing").token("one").group("g"),
        link("Other").app("b").token("one"),
    ]);
    world
        .fixture
        .write("dynamicui/alice/dynamicui_group_g.conf", b"theirs");
    let report = world.apply(&plan);
    let outcomes: Vec<_> = report
        .outcomes
        .iter()
        .map(|(a, o)| format!("{a}: {o}"))
        .collect();
    assert_eq!(
        outcomes,
        [
            "alice/group:g: `dynamicui/alice/dynamicui_group_g.conf` was changed by someone else, \
             and is left as it is",
            "alice/a: not begun, since its group `g` went wrong",
            "alice/b: done",
        ]
    );
    assert_eq!((report.counts.blocked, report.counts.created), (1, 1));
}

#[test]
fn a_token_that_is_not_known_fails_its_link_alone() {
    let world = World::new();
    let unknown = link("Billing").unknown_token();
    let plan = world.plan(&[unknown, link("Other").app("b").token("one")]);
    let report = world.apply(&plan);
    assert_eq!(
        report.outcomes[0].1.to_string(),
        "its token (secret alice/a) is not known here, so nothing of it is written; its files \
         are as before"
    );
    assert_eq!(report.outcomes[1].1, Outcome::Done);
}

#[test]
fn a_token_that_stays_is_written_back_where_only_the_mode_is_wrong() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    world
        .fixture
        .write("links/alice/a.adminconfig", b"{\"token\":\"mine\",\"x\":1}");
    let report = world.round(&[link("Billing").keep_token()]);
    assert!(report.is_done(), "{report:?}");
    let live = world.fixture.path("links/alice/a.adminconfig");
    assert_eq!(mode(&live), 0o600);
    assert_eq!(token(&world.shown()).as_deref(), Some("mine"));
}

#[test]
fn a_new_folder_needs_an_account_where_owners_are_set() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let world = World::new();
    let plan = world.plan(&[link("Billing").token("one")]);
    let owners = Owners {
        check: OwnersCheck::Off,
        set: FileOwner::Root,
    };
    let store = Store::open_with(RealDisk, &world.fixture.path(""), owners).unwrap();
    let lock = store.lock_exclusive(Duration::ZERO).unwrap();
    let report = apply(&plan, &store, &lock, &header(), &|| false, &mut |_, _| {}).unwrap();
    assert_eq!(
        report.outcomes[0].1.to_string(),
        "there is no account `alice` that its folder could belong to; its files are as before"
    );
    assert_eq!(world.fixture.live(), []);
}

#[test]
fn a_batch_is_cut_at_256_edits_and_all_of_them_are_done() {
    let world = World::new();
    let wanted: Vec<_> = (0..300)
        .map(|n| link("Billing").app(&format!("a{n}")).token("one"))
        .collect();
    let plan = world.plan(&wanted);
    let mut heard = Vec::new();
    let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
    let report = apply(
        &plan,
        &world.store,
        &lock,
        &header(),
        &|| false,
        &mut |done, total| {
            heard.push((done, total));
        },
    )
    .unwrap();
    assert!(report.is_done());
    assert_eq!(report.counts.created, 300);
    assert_eq!(heard, [(256, 300), (300, 300)]);
}

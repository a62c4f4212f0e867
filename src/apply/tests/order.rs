//! The order of calls, which no test can see from the files.

use super::faults::one;
use super::world::{Wish, World, link};
use crate::model::Lies;
use crate::store::faulty::Fault;
use crate::store::testing::user;
use rustix::io::Errno;

#[test]
fn a_token_and_its_url_that_change_together_leave_one_backup_of_each_file() {
    let world = World::new();
    world.round(&[link("Billing").url("https://one.example/").token("one")]);
    let before = world.fixture.live();
    world.disk.take_calls();
    let report = world.round(&[link("Billing").url("https://two.example/").token("two")]);
    assert!(report.is_done(), "{report:?}");
    for (path, _, bytes) in before {
        let name = path.rsplit('/').next().unwrap();
        let kept = world
            .fixture
            .read(&format!(".cplinks/runs/000002/old/alice/{name}"));
        assert_eq!(kept, bytes, "{path}");
    }
    let moves: Vec<_> = world
        .disk
        .take_calls()
        .into_iter()
        .filter(|call| !call.contains("probe") && !call.contains("/stage"))
        .filter(|call| {
            ["rename ", "exchange ", "sync "]
                .iter()
                .any(|verb| call.starts_with(verb))
        })
        .map(|call| call.replace(&world.fixture.path("").display().to_string(), ""))
        .skip_while(|call| !call.contains("old/alice/"))
        .collect();
    let run = ".cplinks/runs/000002";
    assert_eq!(
        moves,
        [
            &format!("rename {run}/old/alice/dynamicui_a.conf"),
            "sync dynamicui/alice",
            &format!("rename {run}/old/alice/a.adminconfig"),
            "sync links/alice",
            "exchange links/alice/a.userconfig",
            "rename links/alice/a.adminconfig",
            "sync links/alice",
            "rename dynamicui/alice/dynamicui_a.conf",
            "sync dynamicui/alice",
            &format!("rename {run}/old/alice/a.userconfig"),
            &format!("sync {run}/journal"),
        ]
    );
}

#[test]
fn each_file_is_written_and_synced_before_it_is_live_and_its_folder_after() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    world.disk.take_calls();
    world.round(&[link("Invoices").token("two")]);
    let calls = world.disk.take_calls();
    let place = |needle: &str| {
        let place = calls.iter().position(|call| call.contains(needle));
        place.unwrap_or_else(|| panic!("no `{needle}` in {calls:#?}"))
    };
    let exactly = |verb: &str, path: &str| {
        let needle = format!("{verb} {}", world.fixture.path(path).display());
        calls.iter().position(|call| *call == needle).unwrap()
    };
    let last = |needle: &str| {
        calls
            .iter()
            .rposition(|call| call.contains(needle))
            .unwrap()
    };
    for (name, folder) in [
        ("a.userconfig", "links/alice"),
        ("a.adminconfig", "links/alice"),
        ("dynamicui_a.conf", "dynamicui/alice"),
    ] {
        let staged = format!("stage/000001-{name}");
        let live = format!(
            "exchange {}",
            world.fixture.path(folder).join(name).display()
        );
        let order = [
            place(&format!("create {}", world.staged(name))),
            place(&format!("write {}", world.staged(name))),
            place(&format!("chmod {}", world.staged(name))),
            place(&format!("sync {}", world.staged(name))),
            exactly("sync", ".cplinks/runs/000002/stage"),
            place(&live),
            last(&format!("sync {}", world.fixture.path(folder).display())),
        ];
        assert!(order.is_sorted(), "{staged}: {order:?} in {calls:#?}");
        let journal = world.fixture.path(".cplinks/runs/000002/journal");
        let journaled = format!("sync {}", journal.display());
        let before = calls.iter().take(place(&live));
        // The header, and the batch.
        assert_eq!(before.filter(|call| **call == journaled).count(), 2);
    }
}

#[test]
fn a_visible_link_without_its_token_leaves_the_menu_until_it_is_whole() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    let live = world.fixture.path("links/alice/a.adminconfig");
    rustix::fs::rename(&live, world.fixture.path("lost")).unwrap();
    world.disk.take_calls();
    let report = world.round(&[link("Billing").token("one")]);
    assert!(report.is_done(), "{report:?}");
    let calls = world.disk.take_calls();
    let place = |needle: String| calls.iter().position(|call| *call == needle).unwrap();
    let kept = world
        .fixture
        .path(".cplinks/runs/000002/old/alice/dynamicui_a.conf");
    assert!(
        place(format!("rename {}", kept.display())) < place(format!("rename {}", live.display()))
    );
    assert!(matches!(world.shown().menu, Lies::File(_)));
}

/// Applies to alice and bruno, who then have the links `a` and `b`, and says
/// what was moved and synced in the live trees.
fn moves(world: &World, wishes: &[Wish]) -> Vec<String> {
    let plan = world.plan_for(&["alice", "bruno"].map(user), wishes);
    world.disk.take_calls();
    let report = world.apply(&plan);
    assert!(report.is_done(), "{report:?}");
    let top = world.fixture.path("").display().to_string();
    world
        .disk
        .take_calls()
        .into_iter()
        .filter(|call| {
            ["rename ", "exchange ", "sync "]
                .iter()
                .any(|v| call.starts_with(v))
        })
        .map(|call| call.replace(&top, ""))
        .filter(|call| !call.contains(".cplinks"))
        .filter(|call| call.contains("/alice") || call.contains("/bruno"))
        .collect()
}

#[test]
fn new_links_wait_for_the_disk_together_and_show_when_all_of_them_are_on_it() {
    let world = World::new();
    let moves = moves(&world, &[one(), one().app("b")]);
    let expect = [
        "rename links/alice",
        "rename links/bruno",
        "rename dynamicui/alice",
        "rename dynamicui/bruno",
        "rename links/alice/a.userconfig",
        "rename links/alice/a.adminconfig",
        "rename links/alice/b.userconfig",
        "rename links/alice/b.adminconfig",
        "rename links/bruno/a.userconfig",
        "rename links/bruno/a.adminconfig",
        "rename links/bruno/b.userconfig",
        "rename links/bruno/b.adminconfig",
        "sync links/alice",
        "sync links/bruno",
        "rename dynamicui/alice/dynamicui_a.conf",
        "rename dynamicui/alice/dynamicui_b.conf",
        "rename dynamicui/bruno/dynamicui_a.conf",
        "rename dynamicui/bruno/dynamicui_b.conf",
        "sync dynamicui/alice",
        "sync dynamicui/bruno",
    ];
    assert_eq!(moves, expect);
}

#[test]
fn a_link_that_leaves_the_menu_meanwhile_is_back_before_the_next_one_goes() {
    let world = World::new();
    assert!(!moves(&world, &[one(), one().app("b")]).is_empty());
    let two = link("Billing").url("https://two.example/").token("two");
    let moves = moves(&world, &[two.clone(), two.app("b")]);
    let place = |call: &str| moves.iter().position(|c| c == call).unwrap();
    let back = "rename dynamicui/alice/dynamicui_a.conf";
    let next = "exchange links/alice/b.userconfig";
    assert!(place(back) < place(next), "{moves:#?}");
    assert_eq!(moves[place(back) + 1], "sync dynamicui/alice");
}

/// Applies two new links of alice while one sync of a folder fails.
fn two_while_a_sync_fails(folder: &'static str) -> (World, Vec<String>) {
    let world = World::new();
    world.round(&[one().app("z")]);
    let plan = world.plan(&[one(), one().app("b")]);
    let disk = world.disk.clone();
    world.disk.meanwhile("sync", folder, move || {
        disk.arm(0, Fault::Once(Errno::IO));
    });
    let report = world.apply(&plan);
    assert!(world.disk.disarm());
    let outcomes = report.outcomes.iter();
    let told = outcomes.map(|(address, outcome)| format!("{address}: {outcome}"));
    let top = world.fixture.path("").display().to_string();
    let told = told.map(|told| told.replace(&top, "")).collect();
    (world, told)
}

#[test]
fn all_links_that_waited_for_a_folder_fail_with_it() {
    let (world, told) = two_while_a_sync_fails("/links/alice");
    let expect = |app: &str| {
        format!(
            "alice/{app}: cannot sync `links/alice`: Input/output error (os error 5); its files \
             are as before"
        )
    };
    assert_eq!(told, ["a", "b"].map(expect));
    let live = world.fixture.live();
    assert!(
        live.iter().all(|(path, ..)| path.contains("z.")),
        "{live:?}"
    );
    let (_, told) = two_while_a_sync_fails("/dynamicui/alice");
    let expect = |app: &str| {
        format!(
            "alice/{app}: written, but not known to be on the disk: cannot sync \
             `dynamicui/alice`: Input/output error (os error 5)"
        )
    };
    assert_eq!(told, ["a", "b"].map(expect));
}

//! The order of calls, which no test can see from the files.

use super::world::{World, link};
use crate::model::Lies;

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

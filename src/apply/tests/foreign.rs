//! Somebody else writes between plan and apply: theirs stays.

use super::faults::one;
use super::world::{Wish, World, link};
use crate::apply::{FolderError, Live, Outcome};
use crate::store::faulty::Fault;
use crate::store::testing::mode;
use rustix::io::Errno;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_file_changed_since_the_plan_stays_and_the_others_go_on() {
    for at in 0..3 {
        let world = World::new();
        world.round(&[
            link("Billing").token("one"),
            link("Billing").app("b").token("one"),
        ]);
        let wanted = [
            link("Invoices").token("two"),
            link("Invoices").app("b").token("two"),
        ];
        let plan = world.plan(&wanted);
        let path = [
            "links/alice/a.userconfig",
            "links/alice/a.adminconfig",
            "dynamicui/alice/dynamicui_a.conf",
        ][at];
        world.fixture.write(path, b"theirs");
        let before = world.fixture.live();
        let report = world.apply(&plan);
        let expect = Outcome::ChangedBySomeoneElse {
            file: path.to_owned(),
        };
        assert_eq!(report.outcomes[0].1, expect);
        assert_eq!(report.outcomes[1].1, Outcome::Done);
        let ours =
            |(path, _, _): &(String, u32, Vec<u8>)| !path.contains("b.") && !path.contains("_b");
        let after = world.fixture.live();
        let before: Vec<_> = before.into_iter().filter(ours).collect();
        let after: Vec<_> = after.into_iter().filter(ours).collect();
        assert_eq!(after, before, "{path}");
    }
}

#[test]
fn a_file_that_came_up_since_the_plan_stays() {
    let world = World::new();
    let plan = world.plan(&[link("Billing").token("one")]);
    world.fixture.write("links/alice/a.adminconfig", b"theirs");
    let report = world.apply(&plan);
    let expect = Outcome::ChangedBySomeoneElse {
        file: "links/alice/a.adminconfig".to_owned(),
    };
    assert_eq!(report.outcomes[0].1, expect);
    assert_eq!(world.fixture.live().len(), 1);
    assert_eq!(world.fixture.read("links/alice/a.adminconfig"), b"theirs");
}

#[test]
fn a_file_or_folder_that_went_away_since_the_plan_stays_away() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    let plan = world.plan(&[link("Invoices").token("one")]);
    let folder = world.fixture.path("dynamicui/alice");
    rustix::fs::rename(&folder, world.fixture.path("away")).unwrap();
    let report = world.apply(&plan);
    let expect = Outcome::ChangedBySomeoneElse {
        file: "dynamicui/alice/dynamicui_a.conf".to_owned(),
    };
    assert_eq!(report.outcomes[0].1, expect);
    assert!(!folder.exists());
}

#[test]
fn a_link_put_in_place_of_a_file_is_put_back_unfollowed() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    let plan = world.plan(&[link("Billing").token("two")]);
    let target = world.fixture.path("target");
    let live = world.fixture.path("links/alice/a.adminconfig");
    rustix::fs::rename(&live, &target).unwrap();
    std::os::unix::fs::symlink(&target, &live).unwrap();
    let report = world.apply(&plan);
    let expect = Outcome::ChangedBySomeoneElse {
        file: "links/alice/a.adminconfig".to_owned(),
    };
    assert_eq!(report.outcomes[0].1, expect);
    assert_eq!(std::fs::read_link(&live).unwrap(), target);
    assert_eq!(
        world.fixture.read("target"),
        b"{\n   \"token\" : \"one\"\n}\n"
    );
}

#[test]
fn a_folder_with_a_wrong_mode_is_mended_unless_it_changed_again() {
    let world = World::new();
    let wanted = [link("Billing").token("one")];
    world.round(&wanted);
    let folder = world.fixture.path("links/alice");
    let set = |mode| {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o700);
    let plan = world.plan(&wanted);
    set(0o711);
    let report = world.apply(&plan);
    assert!(matches!(report.folders[0].1, Err(FolderError::Changed(_))));
    assert_eq!(mode(&folder), 0o711);
    let report = world.round(&wanted);
    assert!(report.is_done() && report.folders.len() == 1);
    assert_eq!(mode(&folder), 0o750);
}

/// Writes a file as others do: whole, by a rename.
fn replace(world: &World, path: &str, bytes: &[u8]) -> impl FnOnce() + 'static {
    world.fixture.write("theirs", bytes);
    let (from, to) = (world.fixture.path("theirs"), world.fixture.path(path));
    move || rustix::fs::rename(from, to).unwrap()
}

#[test]
fn a_file_replaced_while_an_older_one_is_put_back_stays_and_both_are_kept() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    let plan = world.plan(&[link("Invoices").token("one")]);
    world.fixture.write("links/alice/a.userconfig", b"first");
    let second = replace(&world, "links/alice/a.userconfig", b"second");
    // Ours is live for an instant, while what came out is read.
    world
        .disk
        .meanwhile("read", "stage/000001-a.userconfig", second);
    let report = world.apply(&plan);
    let expect = Outcome::ChangedBySomeoneElse {
        file: "links/alice/a.userconfig".to_owned(),
    };
    assert_eq!(report.outcomes[0].1, expect);
    assert_eq!(world.fixture.read("links/alice/a.userconfig"), b"second");
    let kept = ".cplinks/runs/000002/old/alice/a.userconfig.undone";
    assert_eq!(world.fixture.read(kept), b"first");
}

#[test]
fn a_file_removed_while_ours_is_live_stays_away_and_the_old_one_is_kept() {
    let world = World::new();
    world.round(&[link("Billing").token("one")]);
    let plan = world.plan(&[link("Invoices").token("one")]);
    world
        .fixture
        .write("dynamicui/alice/dynamicui_a.conf", b"theirs");
    let old = world.fixture.read("links/alice/a.userconfig");
    let live = world.fixture.path("links/alice/a.userconfig");
    // The menu entry fails, so the userconfig is to be put back.
    world
        .disk
        .meanwhile("exchange", "alice/dynamicui_a.conf", move || {
            rustix::fs::unlink(live).unwrap();
        });
    let report = world.apply(&plan);
    assert!(matches!(report.outcomes[0].1, Outcome::Failed { .. }));
    assert!(!world.fixture.path("links/alice/a.userconfig").exists());
    let kept = ".cplinks/runs/000002/old/left:000001-a.userconfig";
    assert_eq!(world.fixture.read(kept), old);
}

/// A link whose token stays while its URL becomes another.
fn moved() -> Wish {
    link("Billing").url("https://two.example/one").token("one")
}

const TOKEN: &str = "links/alice/a.adminconfig";

/// Applies [`moved`] to the link it was before. Says how the link came out,
/// and which calls were made.
fn move_url(meddle: impl FnOnce(&World)) -> (World, Outcome, Vec<String>) {
    let world = World::new();
    world.round(&[one()]);
    let plan = world.plan(&[moved()]);
    meddle(&world);
    world.disk.take_calls();
    let report = world.apply(&plan);
    let outcome = report.outcomes[0].1.clone();
    let calls = world.disk.take_calls();
    (world, outcome, calls)
}

fn is_url_live(calls: &[String]) -> bool {
    let live = |call: &String| call.starts_with("exchange") && call.ends_with("/a.userconfig");
    calls.iter().any(live)
}

fn url(world: &World) -> Option<String> {
    let shown = world.shown();
    shown.userconfig.value()?.link.autologin_token_url.clone()
}

#[test]
fn a_url_is_not_put_beside_a_token_that_somebody_else_replaced() {
    let theirs = Outcome::ChangedBySomeoneElse {
        file: TOKEN.to_owned(),
    };
    // Not changed at all.
    let (world, outcome, calls) = move_url(|_| {});
    assert_eq!(outcome, Outcome::Done);
    assert!(is_url_live(&calls));
    assert_eq!(url(&world).as_deref(), Some("https://two.example/one"));
    // Before we begin: the URL is not live for an instant.
    let (world, outcome, calls) = move_url(|world| world.fixture.write(TOKEN, b"theirs"));
    assert_eq!(outcome, theirs);
    assert!(!is_url_live(&calls));
    assert_eq!(url(&world).as_deref(), Some("https://one.example/"));
    assert_eq!(world.fixture.read(TOKEN), b"theirs");
    // After we looked, and before the URL is live.
    let (world, outcome, calls) = move_url(|world| {
        let act = replace(world, TOKEN, b"theirs");
        world.disk.meanwhile("exchange", "alice/a.userconfig", act);
    });
    assert_eq!(outcome, theirs);
    assert!(is_url_live(&calls));
    assert_eq!(url(&world).as_deref(), Some("https://one.example/"));
    assert_eq!(world.fixture.read(TOKEN), b"theirs");
    // Removed, so that the next one is yet to come.
    let (world, outcome, _) = move_url(|world| {
        let live = world.fixture.path(TOKEN);
        let act = move || rustix::fs::unlink(live).unwrap();
        world.disk.meanwhile("exchange", "alice/a.userconfig", act);
    });
    assert_eq!(outcome, theirs);
    assert_eq!(url(&world).as_deref(), Some("https://one.example/"));
}

#[test]
fn where_the_url_stays_somebody_elses_token_is_no_matter() {
    let world = World::new();
    world.round(&[one()]);
    let plan = world.plan(&[link("Invoices").url("https://one.example/").token("one")]);
    world.fixture.write(TOKEN, b"theirs");
    assert_eq!(world.apply(&plan).outcomes[0].1, Outcome::Done);
    assert_eq!(world.fixture.read(TOKEN), b"theirs");
}

#[test]
fn a_token_that_cannot_be_looked_at_keeps_the_old_url() {
    for (nth, verb) in [(1, "open-file"), (2, "open-file"), (1, "read"), (2, "read")] {
        let world = World::new();
        world.round(&[one()]);
        let plan = world.plan(&[moved()]);
        world.disk.take_calls();
        let end = "links/alice/a.adminconfig";
        let disk = world.disk.clone();
        let fail = move || disk.arm(0, Fault::Once(Errno::IO));
        if nth == 1 {
            world.disk.meanwhile(verb, end, fail);
        } else {
            let disk = world.disk.clone();
            world
                .disk
                .meanwhile("exchange", "alice/a.userconfig", move || {
                    disk.meanwhile(verb, end, fail);
                });
        }
        let outcome = world.apply(&plan).outcomes[0].1.clone();
        assert!(world.disk.disarm(), "{nth} {verb}");
        let Outcome::Failed { live, .. } = &outcome else {
            panic!("{nth} {verb}: {outcome}");
        };
        assert_eq!(*live, Live::Old, "{nth} {verb}");
        assert_eq!(url(&world).as_deref(), Some("https://one.example/"));
        assert!(world.round(&[moved()]).is_done());
    }
}

//! Folders of many users, which two threads open and make, and those of few.

use super::*;
use crate::store::Need;
use crate::store::faulty::{Fault, Faulty};
use crate::store::run::Run;
use crate::store::testing::{Fixture, header, mode, user};
use std::time::Duration;

/// Enough in both trees for a thread each, and too few.
const COUNTS: [usize; 2] = [OPENED_IN_TURN, OPENED_IN_TURN / 2 - 1];

/// Begins a run in a store, and does something with it.
fn in_run<D: Disk>(store: &Store<D>, act: impl FnOnce(&Run<'_, D>)) {
    let lock = store.lock_exclusive(Duration::ZERO).unwrap();
    let run = store.begin(&lock, &header(), Need::default()).unwrap();
    act(&run);
    assert_eq!(run.finish().unclosed, None);
}

/// What so many users need in both trees, all of it made where it is missing.
fn needs(count: usize) -> Vec<(Tree, Needed)> {
    let users = (0..count).map(|index| (user(&format!("user{index:03}")), Missing::Make));
    let users: Needed = users.collect();
    [Tree::Links, Tree::Menu]
        .map(|tree| (tree, users.clone()))
        .into()
}

#[test]
fn each_folder_is_found_or_made_or_has_its_error_at_its_place() {
    for count in COUNTS {
        let fixture = Fixture::new();
        let store = fixture.store();
        fixture.make_dir("links/user001");
        fixture.write("dynamicui/user002", b"a file");
        let mut needs = needs(count);
        needs[1].1.insert(user("user003"), Missing::Leave);
        in_run(&store, |run| {
            let opened = store.open_folders(&needs, &run.dir);
            let [links, menu] = opened.try_into().unwrap();
            assert_eq!((&links.ended, &menu.ended), (&None, &None));
            let names = |opened: &OpenedTree| -> Vec<UserName> {
                opened
                    .folders
                    .iter()
                    .map(|(user, _)| user.clone())
                    .collect()
            };
            let expect: Vec<UserName> = needs[0].1.keys().cloned().collect();
            assert_eq!((names(&links), names(&menu)), (expect.clone(), expect));
            for (user, folder) in &links.folders {
                let dir = &folder.as_ref().unwrap().as_ref().unwrap().dir;
                let path = fixture.path(&format!("links/{user}"));
                assert_eq!(dir.path(), path);
                let was_there = user.as_str() == "user001";
                assert_eq!(mode(&path), if was_there { 0o751 } else { USER_MODE });
                let made = Made::Folder(Tree::Links, user.clone());
                assert_eq!(links.made.contains(&made), !was_there);
            }
            for (user, folder) in &menu.folders {
                match user.as_str() {
                    "user002" => assert!(matches!(folder, Err(FolderError::Obstacle { .. }))),
                    "user003" => assert!(matches!(folder, Ok(None))),
                    _ => assert!(matches!(folder, Ok(Some(_)))),
                }
            }
            assert_eq!(links.made.len(), count - 1);
            assert_eq!(menu.made.len(), count - 2);
        });
        let left = fixture.tree();
        assert!(
            !left.contains("nursery") && !left.contains("new-"),
            "{left}"
        );
    }
}

/// Whichever call finds the disk full: it ends all, and nothing that was made
/// stays.
#[test]
fn what_concerns_all_ends_all_and_what_was_made_goes_again() {
    let mut ended = 0;
    for calls in 0.. {
        let fixture = Fixture::new();
        let disk: Faulty = Faulty::default();
        let store = fixture.store_on(disk.clone());
        let before = ["links", "dynamicui"].map(|tree| fixture.path(tree).exists());
        let mut has_fired = true;
        in_run(&store, |run| {
            disk.arm(calls, Fault::Full);
            let opened = store.open_folders(&needs(3), &run.dir);
            has_fired = disk.disarm();
            let made: Vec<_> = opened.iter().flat_map(|tree| tree.made.clone()).collect();
            let has_ended = opened.iter().any(|tree| tree.ended.is_some());
            assert_eq!(has_ended, has_fired, "call {calls}");
            if has_ended {
                ended += 1;
                store.unmake(&made);
                let after = ["links", "dynamicui"].map(|tree| fixture.path(tree).exists());
                assert_eq!(after, before, "call {calls}");
            }
        });
        if !has_fired {
            break;
        }
    }
    assert!(ended > 10, "{ended}");
}

/// Whoever was killed may have left folders that never came to their place.
#[test]
fn a_run_that_is_over_keeps_no_nursery() {
    let fixture = Fixture::new();
    let store = fixture.store();
    in_run(&store, |run| {
        let nursery = run.dir.path().join(nursery_name(Tree::Menu));
        for private in ["new-ann", "new-bob"] {
            let below = nursery
                .strip_prefix(fixture.path(""))
                .unwrap()
                .join(private);
            fixture.make_dir(below.to_str().unwrap());
        }
    });
    let left = fixture.tree();
    assert!(!left.contains("nursery"), "{left}");
}

#[test]
fn a_folder_that_cannot_be_opened_once_it_is_made_goes_again() {
    let fixture = Fixture::new();
    let disk: Faulty = Faulty::default();
    let store = fixture.store_on(disk.clone());
    in_run(&store, |run| {
        let armed = disk.clone();
        disk.meanwhile("open-dir", "/new-user001", move || {
            armed.arm(0, Fault::Once(Errno::IO));
        });
        let opened = store.open_folders(&needs(3), &run.dir);
        assert!(disk.disarm());
        let failed = opened[0]
            .folders
            .iter()
            .filter(|(_, folder)| folder.is_err());
        assert_eq!(failed.count(), 1);
        let left = fixture.tree();
        assert!(!left.contains("new-user"), "{left}");
    });
}

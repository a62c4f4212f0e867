//! Disks of every size from too small to enough, in bytes and in files: an
//! apply that does not fit says so, breaks no promise, and finishes once there
//! is room. Needs root, since each try mounts a file system of its own.

use crate::invariants::half_done;
use crate::recovery::{Judge, Next};
use crate::sandbox::{Outcome, Sandbox};
use crate::sweep::{Sample, Tried, sample, say, sweep};
use crate::tree::Tree;
use crate::world::{World, version};
use rustix::fs::statvfs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether a disk that fills up stops a batch before its first change, and not
/// only the links that found no room.
const STOPS_WHOLE_BATCHES: bool = false;

/// Links in a batch.
const BATCH: usize = 256;

/// A page, by which these file systems count.
const PAGE: u64 = 4096;

/// How much a disk holds.
#[derive(Debug, Clone, Copy)]
enum Room {
    Bytes(u64),
    Files(u64),
}

impl Room {
    fn option(self) -> String {
        match self {
            Self::Bytes(bytes) => format!("size={bytes}"),
            Self::Files(files) => format!("size=1g,nr_inodes={files}"),
        }
    }
}

/// A small file system, unmounted when it is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, options: &str) -> Result<Self, String> {
        mount(at, &["-t", "tmpfs", "-o", options, "tmpfs"])?;
        Ok(Self(at.to_owned()))
    }

    fn grow(&self) {
        mount(&self.0, &["-o", "remount,size=1g,nr_inodes=1000000"]).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since a process that another test starts just now may hold
        // our files open until it becomes the program it is to be.
        Command::new("umount")
            .arg("--lazy")
            .arg(&self.0)
            .status()
            .ok();
    }
}

fn mount(at: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("mount").args(arguments).arg(at).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// Whether file systems can be mounted here. If not, says what is skipped.
fn can_mount(test: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    match Disk::mount(folder.path(), "size=64k") {
        Ok(_) => true,
        Err(why) => {
            say(&format!(
                "SKIPPED {test}: no file system can be mounted here: {why}"
            ));
            false
        }
    }
}

/// How much room a world takes before its apply, and at most in the course of
/// it.
fn needs(world: &World) -> [(u64, u64); 2] {
    let sandbox = Sandbox::of(&World::default());
    let root = sandbox.root();
    clear(&root);
    let _disk = Disk::mount(&root, "size=1g,nr_inodes=1000000").unwrap();
    let used = || {
        let stat = statvfs(&root).unwrap();
        let bytes = (stat.f_blocks - stat.f_bfree) * stat.f_frsize;
        (bytes, stat.f_files - stat.f_ffree)
    };
    sandbox.fill_root(world);
    sandbox.set_manifest(world);
    let before = used();
    sandbox.apply().expect(0);
    [before, used()]
}

/// Empties the root of a sandbox, so that something can be mounted there.
fn clear(root: &Path) {
    for name in ["links", "dynamicui"] {
        std::fs::remove_dir_all(root.join(name)).ok();
    }
}

/// Applies a world on a disk of some size, then gives it room. Says what was
/// wrong, and whether the disk was too small.
fn try_room(judge: &Judge<'_>, world: &World, room: Room, batch: usize) -> (Vec<String>, bool) {
    let sandbox = Sandbox::of(&World::default());
    sandbox.set_manifest(world);
    clear(&sandbox.root());
    let disk = Disk::mount(&sandbox.root(), &room.option()).unwrap();
    sandbox.fill_root(world);
    let outcome = sandbox.apply();
    let mut found = end_of(world, &sandbox.tree(), &outcome, batch);
    disk.grow();
    found.extend(judge.check(&sandbox, Next::Apply));
    (found, outcome.code == Some(1))
}

/// What is wrong with how it ended.
fn end_of(world: &World, tree: &Tree, outcome: &Outcome, batch: usize) -> Vec<String> {
    let changed = world
        .items
        .iter()
        .filter(|item| item.in_tree(tree) != item.old)
        .count();
    let is_complete = world.after().live_differences(tree).is_empty();
    match outcome.code {
        Some(0) if is_complete => Vec::new(),
        Some(1) if STOPS_WHOLE_BATCHES && !changed.is_multiple_of(batch) => {
            vec![format!("half a batch is live: {}", outcome.shown())]
        }
        Some(1) => half_done(world, tree),
        _ => vec![format!("it ended with {}", outcome.shown())],
    }
}

/// Tries disks of these sizes; some of them must be too small.
fn sweep_rooms(title: &str, world: &World, rooms: &Sample<Room>, batch: usize) {
    let stopped = AtomicUsize::new(0);
    let judge = Judge::of(world);
    let name = |room: &Room| format!("{room:?}");
    sweep(title, rooms, name, |_, room| {
        let (violations, is_stopped) = try_room(&judge, world, *room, batch);
        stopped.fetch_add(usize::from(is_stopped), Ordering::Relaxed);
        Tried {
            is_reached: true,
            violations,
        }
    });
    let stopped = stopped.into_inner();
    say(&format!("of these, {stopped} were too small"));
    assert!(stopped > 0);
}

#[test]
fn on_a_disk_of_any_size_every_promise_holds() {
    if !can_mount("disks of every size") {
        return;
    }
    let world = World::of_all_transitions();
    let [(from, _), (to, _)] = needs(&world);
    let sizes = (from / PAGE..=to / PAGE + 1).map(|pages| Room::Bytes(pages * PAGE));
    let sizes = sample(sizes.collect(), 12);
    sweep_rooms("full disks", &world, &sizes, usize::MAX);
}

#[test]
fn on_a_disk_for_any_number_of_files_every_promise_holds() {
    if !can_mount("disks for any number of files") {
        return;
    }
    let world = World::of_all_transitions();
    let [(_, from), (_, to)] = needs(&world);
    // Staging needs some that are gone again afterwards.
    let counts: Vec<_> = (from..=to + 8).map(Room::Files).collect();
    let counts = sample(counts, 12);
    sweep_rooms("disks without inodes", &world, &counts, usize::MAX);
}

/// Two batches, of which the disk has room for one and a part.
#[test]
fn a_disk_that_fills_up_in_the_second_batch_keeps_the_first() {
    if !can_mount("a disk that fills up in the second batch") {
        return;
    }
    let mut world = World::default();
    for index in 0..BATCH + 40 {
        let app = format!("link{index:04}");
        let old = version(("alba", &app), "Old", "two", "old");
        world.add_link("alba", &app, Some(old), |v| v);
    }
    world.add_group("alba", Some("Acme Hosting"));
    let [(from, _), (to, _)] = needs(&world);
    let second = from + (to - from) * 256 / 296;
    let sizes = (second / PAGE..to / PAGE).step_by(10);
    let sizes = sizes.map(|pages| Room::Bytes(pages * PAGE));
    let sizes = sample(sizes.collect(), 3);
    sweep_rooms("full disks in the second batch", &world, &sizes, BATCH);
}

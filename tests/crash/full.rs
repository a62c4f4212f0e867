//! Disks of every size from too small to enough, in bytes and in files: an
//! apply that does not fit says so, breaks no promise, and finishes once there
//! is room. A disk that is too small from the start is met by the sum before
//! anything is made, so there are disks too that others fill just after that.
//! Needs root, since each try mounts a file system of its own.

use crate::invariants::half_done;
use crate::recovery::{Judge, Next};
use crate::sandbox::{Outcome, Sandbox};
use crate::strace;
use crate::sweep::{Sample, Tried, sample, say, sweep};
use crate::tree::Tree;
use crate::world::{World, version};
use rustix::fs::statvfs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// More pages than an apply takes in the end: what the sum adds for safety.
const ENOUGH_PAGES: u64 = 200;

/// The same in files.
const ENOUGH_FILES: u64 = 100;

/// When a disk has become too small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shrinks {
    /// Before the apply.
    Before,
    /// After the apply has asked how much room there is.
    OnTheWay,
}

/// A disk with all the room there can be.
const ROOMY: &str = "size=1g,nr_inodes=1000000";

/// A small file system, unmounted when it is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, options: &str) -> Result<Self, String> {
        mount(at, &["-t", "tmpfs", "-o", options, "tmpfs"])?;
        Ok(Self(at.to_owned()))
    }

    fn resize(&self, options: &str) {
        let options = format!("remount,{options}");
        mount(&self.0, &["-o", &options]).unwrap();
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
    let _disk = Disk::mount(&root, ROOMY).unwrap();
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
/// wrong, and how the apply ended.
fn try_room(
    judge: &Judge<'_>,
    world: &World,
    (room, shrinks): (Room, Shrinks),
    batch: usize,
) -> (Vec<String>, Outcome) {
    let sandbox = Sandbox::of(&World::default());
    sandbox.set_manifest(world);
    clear(&sandbox.root());
    let first = match shrinks {
        Shrinks::Before => room.option(),
        Shrinks::OnTheWay => ROOMY.to_owned(),
    };
    let disk = Disk::mount(&sandbox.root(), &first).unwrap();
    sandbox.fill_root(world);
    let outcome = match shrinks {
        Shrinks::Before => sandbox.apply(),
        Shrinks::OnTheWay => strace::pause(&sandbox, "fstatfs", || disk.resize(&room.option())),
    };
    let mut found = end_of(world, &sandbox.tree(), &outcome, batch);
    disk.resize(ROOMY);
    found.extend(judge.check(&sandbox, Next::Apply));
    (found, outcome)
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
        // All links are done, and what came after them found no room.
        Some(1) if is_complete && outcome.says_why() => Vec::new(),
        Some(1) if changed == 0 => world.before().live_differences(tree),
        Some(1) if changed.is_multiple_of(batch) => half_done(world, tree),
        Some(1) => vec![format!("half a batch is live: {}", outcome.shown())],
        _ => vec![format!("it ended with {}", outcome.shown())],
    }
}

/// Tries disks of these sizes; some of them must be too small, and fill up if
/// they shrink on the way.
fn sweep_rooms(title: &str, world: &World, rooms: &Sample<(Room, Shrinks)>, batch: usize) {
    let too_small = AtomicUsize::new(0);
    let filled = AtomicUsize::new(0);
    let judge = Judge::of(world);
    let name = |(room, shrinks): &(Room, Shrinks)| format!("{room:?}, {shrinks:?}");
    sweep(title, rooms, name, |_, room| {
        let (violations, outcome) = try_room(&judge, world, *room, batch);
        let is_too_small = usize::from(outcome.code == Some(1));
        too_small.fetch_add(is_too_small, Ordering::Relaxed);
        let is_filled = usize::from(outcome.stdout.contains("the run ended early"));
        filled.fetch_add(is_filled, Ordering::Relaxed);
        Tried {
            is_reached: true,
            violations,
        }
    });
    let (too_small, filled) = (too_small.into_inner(), filled.into_inner());
    say(&format!(
        "of these, {too_small} were too small, and {filled} filled up on the way"
    ));
    assert!(too_small > 0);
    let shrink = rooms.points.iter().any(|(_, s)| *s == Shrinks::OnTheWay);
    assert!(!shrink || filled > 0, "no disk filled up on the way");
}

/// Each size, for disks that are small from the start and, if that can be
/// done here, for those that shrink.
fn both(rooms: &[Room]) -> Vec<(Room, Shrinks)> {
    let mut all: Vec<_> = rooms.iter().map(|r| (*r, Shrinks::Before)).collect();
    if strace::is_usable("disks that shrink on the way") {
        all.extend(rooms.iter().map(|r| (*r, Shrinks::OnTheWay)));
    }
    all
}

/// What an apply makes before it asks for room, with some to spare: pages, and
/// files. A disk cannot shrink below what it holds.
const BEGUN: u64 = 4;

#[test]
fn on_a_disk_of_any_size_every_promise_holds() {
    if !can_mount("disks of every size") {
        return;
    }
    let world = World::of_all_transitions();
    let [(from, _), (to, _)] = needs(&world);
    let sizes = from / PAGE + BEGUN..=to / PAGE + ENOUGH_PAGES;
    let sizes: Vec<_> = sizes.map(|pages| Room::Bytes(pages * PAGE)).collect();
    let sizes = sample(both(&sizes), 24);
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
    let counts: Vec<_> = (from + BEGUN..=to + ENOUGH_FILES)
        .map(Room::Files)
        .collect();
    let counts = sample(both(&counts), 24);
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
    let sizes: Vec<_> = sizes.map(|pages| Room::Bytes(pages * PAGE)).collect();
    let sizes = sample(both(&sizes), 6);
    sweep_rooms("full disks in the second batch", &world, &sizes, BATCH);
}

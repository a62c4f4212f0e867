//! The laws at volume: 256 random worlds, or as many as `CPLINKS_WORLDS` says
//! (100,000 before a release), on all processors, in memory and in this
//! process, since the binary would take longer to start than to work.

use super::disk::files;
use super::generate::world;
use super::world::{USERS, World};
use super::{ALLOW, apply, cplinks, in_process, plan};
use crate::support::{Sandbox, say};
use cplinks::run::Exit;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Worlds of an ordinary run.
const WORLDS: u32 = 256;

/// What came of all worlds.
#[derive(Debug, Default)]
struct Tally {
    worlds: AtomicUsize,
    /// Links that an undo brought back as they were, and that had changed.
    undone: AtomicUsize,
    /// Links that an undo left, saying so.
    left: AtomicUsize,
}

/// The files at these places, each with what lies there.
type Bytes = BTreeMap<String, Option<Vec<u8>>>;

fn lies_at(sandbox: &Sandbox, files: &[String]) -> Bytes {
    let read = |file: &String| fs::read(sandbox.path("root").join(file)).ok();
    files.iter().map(|f| (f.clone(), read(f))).collect()
}

/// Mode, user id and group id of what lies there.
type Ownership = (u32, u32, u32);

fn owned_at(sandbox: &Sandbox, files: &[String]) -> BTreeMap<String, Ownership> {
    let look = |file: &String| {
        let found = fs::symlink_metadata(sandbox.path("root").join(file)).ok()?;
        Some((
            file.clone(),
            (found.mode() & 0o7777, found.uid(), found.gid()),
        ))
    };
    files.iter().filter_map(look).collect()
}

/// Everything below a folder but the two trees and the work folder, with all
/// that changes if it is written to, and the files that hold a token and are
/// not there for that.
fn around(top: &Path, folder: &Path, into: &mut (String, Vec<PathBuf>)) {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().collect();
    names.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
    for entry in names {
        let path = entry.unwrap().path();
        let below = path.strip_prefix(top).unwrap().to_owned();
        let found = fs::symlink_metadata(&path).unwrap();
        let ours = ["root/links", "root/dynamicui", "root/.cplinks"];
        let is_ours = ours.iter().any(|ours| below.starts_with(ours));
        if found.is_file() {
            let holds = |name: &str| below.file_name().is_some_and(|file| file == name);
            let is_meant =
                holds("secrets.yaml") || below.extension().is_some_and(|end| end == "adminconfig");
            let bytes = fs::read(&path).unwrap();
            // The space keeps apart what stands in a URL.
            let has_token = (0..4).any(|n| {
                let token = format!("canary-{n} ");
                bytes
                    .windows(token.len())
                    .any(|part| part == token.as_bytes())
            });
            if has_token && !is_meant {
                into.1.push(below.clone());
            }
        }
        if !is_ours && below != Path::new("root") {
            let times = (
                found.mtime(),
                found.mtime_nsec(),
                found.ctime(),
                found.ctime_nsec(),
            );
            let owner = (found.uid(), found.gid(), found.mode(), found.ino());
            let shown = (below.display(), found.len());
            writeln!(into.0, "{} {} {owner:?} {times:?}", shown.0, shown.1).unwrap();
        }
        if found.is_dir() {
            around(top, &path, into);
        }
    }
}

fn surroundings(sandbox: &Sandbox) -> (String, Vec<PathBuf>) {
    let mut found = (String::new(), Vec::new());
    let top = sandbox.path("");
    around(&top, &top, &mut found);
    found
}

/// Neighbours that nobody has business with.
fn with_neighbours(world: &World) -> Sandbox {
    let sandbox = world.fill(Sandbox::in_memory());
    sandbox.write("outside/links/ann/A_one.userconfig", "{}");
    sandbox.write("root/notes/links/ann/A_one.userconfig", "{}");
    sandbox.write("root/readme", "theirs");
    sandbox
}

/// All users at once, or one by one in any order: the same comes of it.
fn check_order(world: &World, order: &[&str], at_once: &Sandbox) -> Result<(), TestCaseError> {
    let sandbox = with_neighbours(world);
    let named = world.named();
    for user in order.iter().filter(|user| named.contains(*user)) {
        apply(&sandbox, &["--user", user]);
    }
    for tree in ["root/links", "root/dynamicui"] {
        prop_assert_eq!(sandbox.tree(tree), at_once.tree(tree), "{:?}", order);
    }
    Ok(())
}

/// Each link is as before, or is as the apply left it and told of.
fn check_undo(
    world: &World,
    sandbox: &Sandbox,
    (before, owned): (&Bytes, &BTreeMap<String, Ownership>),
    tally: &Tally,
) -> Result<(), TestCaseError> {
    let all: Vec<String> = before.keys().cloned().collect();
    let applied = lies_at(sandbox, &all);
    let root = sandbox.path("root").to_str().unwrap().to_owned();
    let words = ["cplinks", "undo", "--root", &root, "--yes", "--expand"];
    let (exit, text) = in_process(&[&words[..], &ALLOW].concat());
    let undone = lies_at(sandbox, &all);
    // A mode that was wrong is put right and does not come back.
    for (file, now) in owned_at(sandbox, &all) {
        let right = if file.ends_with(".adminconfig") {
            0o600
        } else {
            0o644
        };
        if let Some(then) = owned.get(&file).filter(|then| **then != now) {
            prop_assert_eq!(now, (right, then.1, then.2), "{}: {:?}", file, then);
        }
    }
    let mut is_left = false;
    for (user, app) in world.cells.keys() {
        let files = files(user, app);
        let is_as = |state: &Bytes| files.iter().all(|f| undone[f] == state[f]);
        if is_as(before) {
            let has_changed = files.iter().any(|f| applied[f] != before[f]);
            tally
                .undone
                .fetch_add(has_changed.into(), Ordering::Relaxed);
            continue;
        }
        is_left = true;
        tally.left.fetch_add(1, Ordering::Relaxed);
        prop_assert!(is_as(&applied), "{}/{} is neither: {}", user, app, text);
        let address = format!("{user}/{app}");
        prop_assert!(
            text.contains(&address),
            "{} is not told of: {}",
            address,
            text
        );
    }
    prop_assert!(exit != Exit::Done || !is_left, "{}", text);
    Ok(())
}

fn check(world: &World, order: &[&str], tally: &Tally) -> Result<(), TestCaseError> {
    let sandbox = with_neighbours(world);
    let all: Vec<String> = world.cells.keys().flat_map(|(u, a)| files(u, a)).collect();
    let (before, owned) = (lies_at(&sandbox, &all), owned_at(&sandbox, &all));
    let (neighbours, _) = surroundings(&sandbox);
    apply(&sandbox, &[]);
    let (_, text) = plan(&sandbox);
    prop_assert!(text.contains("Plan: no changes"), "{}", text);
    check_order(world, order, &sandbox)?;
    check_undo(world, &sandbox, (&before, &owned), tally)?;
    let root = sandbox.path("root").to_str().unwrap().to_owned();
    for command in [&["history", "1"][..], &["history"], &["drift"], &["list"]] {
        in_process(&[&["cplinks"], command, &["--root", &root]].concat());
    }
    cplinks(&sandbox, "status", &[]);
    let (now, holders) = surroundings(&sandbox);
    prop_assert_eq!(now, neighbours);
    prop_assert!(holders.is_empty(), "a token is in {:?}", holders);
    tally.worlds.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

#[test]
fn random_worlds_keep_every_law() {
    let worlds = std::env::var("CPLINKS_WORLDS").ok();
    let worlds: u32 = worlds.map_or(WORLDS, |worlds| worlds.parse().expect("a number"));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let cases = worlds.div_ceil(u32::try_from(threads).unwrap());
    let tally = Tally::default();
    let users: Vec<&str> = USERS.into_iter().chain(["zed"]).collect();
    let try_some = || {
        let config = ProptestConfig {
            cases,
            ..super::config()
        };
        let worlds = (world(), Just(users.clone()).prop_shuffle());
        TestRunner::new(config).run(&worlds, |(world, order)| check(&world, &order, &tally))
    };
    let found: Vec<TestError<_>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(try_some)).collect();
        let ended = running.into_iter().map(|thread| thread.join().unwrap());
        ended.filter_map(Result::err).collect()
    });
    assert!(found.is_empty(), "{}", found[0]);
    say(&format!("random worlds: {tally:?}"));
    let (tried, undone) = (tally.worlds.into_inner(), tally.undone.into_inner());
    assert!(
        tried >= worlds as usize && undone >= tried,
        "{tried}, {undone}"
    );
    assert!(tally.left.into_inner() > 0 || tried < 100);
}

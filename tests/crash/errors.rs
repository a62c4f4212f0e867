//! Each I/O call of an apply failing with each error it can plausibly have:
//! no panic, no silent failure, no success that is none; and what cannot be
//! read is never taken for absent.

use crate::invariants::half_done;
use crate::recovery::{Judge, Next};
use crate::sandbox::{Outcome, Sandbox};
use crate::strace::{self, Call, Fault};
use crate::sweep::{Tried, sample, say, sweep};
use crate::world::World;
use std::collections::BTreeSet;

/// What an I/O call may fail with. Calls that are none have nothing here.
///
/// | calls that | can fail for |
/// |---|---|
/// | look | the disk, rights, memory, descriptors, a signal |
/// | change | those, and room, quota, a read-only file system |
fn errors(call: &Call) -> &'static [&'static str] {
    let line = &call.line;
    match call.name.as_str() {
        "openat" | "open" | "openat2" if line.contains("O_CREAT") => &[
            "EIO", "ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EMFILE", "ENFILE", "ENOMEM",
            "EINTR",
        ],
        "openat" | "open" | "openat2" => &[
            "EIO", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM", "EINTR",
        ],
        "read" | "pread64" => &["EIO", "ENOMEM", "EINTR"],
        "getdents64" | "readlink" | "getcwd" => &["EIO", "ENOMEM"],
        "newfstatat" | "fstat" | "statx" | "statfs" | "fstatfs" | "access" | "faccessat2" => {
            &["EIO", "EACCES", "ENOMEM"]
        }
        "write" | "pwrite64" | "writev" | "ftruncate" | "fallocate" => {
            &["EIO", "ENOSPC", "EDQUOT", "EPERM", "EINTR"]
        }
        "fsync" | "fdatasync" | "syncfs" | "sync_file_range" => &["EIO", "ENOSPC", "EDQUOT"],
        "fchmod" | "fchmodat" | "fchown" | "fchownat" | "utimensat" => {
            &["EIO", "ENOSPC", "EDQUOT", "EPERM", "EROFS", "ENOMEM"]
        }
        "mkdir" | "mkdirat" | "rename" | "renameat" | "renameat2" | "unlink" | "unlinkat"
        | "rmdir" | "link" | "linkat" => &[
            "EIO", "ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "ENOMEM",
        ],
        "flock" => &["EIO", "ENOLCK", "ENOMEM", "EINTR"],
        // Standard library builds with assertions ask `F_GETFD` of each
        // descriptor they close; only locks are I/O.
        "fcntl" if line.contains("F_SETLK") || line.contains("F_OFD") => {
            &["EIO", "ENOLCK", "EACCES", "EINTR"]
        }
        "close" => &["EIO", "ENOSPC", "EDQUOT", "EINTR"],
        _ => &[],
    }
}

#[test]
fn no_error_of_any_call_goes_unnoticed_or_does_harm() {
    if !strace::is_usable("errors of every call") {
        return;
    }
    let world = World::of_all_transitions();
    let points: Vec<(Call, &str)> = strace::calls(&Sandbox::of(&world))
        .into_iter()
        .flat_map(|call| {
            errors(&call)
                .iter()
                .map(move |error| (call.clone(), *error))
        })
        .collect();
    let points = sample(points, 120);
    let created = world.created();
    let judge = Judge::of(&world);
    let name = |(call, error): &(Call, &str)| format!("{error} from {call}");
    sweep("errors", &points, name, |_, (call, error)| {
        let sandbox = Sandbox::of(&world);
        let (outcome, is_reached) = strace::strike(&sandbox, call, Fault::Error(error));
        let mut violations = end_of(&world, &sandbox, &outcome, call);
        violations.extend(taken_for_absent(&outcome, &created));
        violations.extend(judge.check(&sandbox, Next::Apply));
        Tried {
            is_reached,
            violations,
        }
    });
    say(&format!(
        "of these, {} left different states",
        judge.states()
    ));
}

/// What is wrong with how it ended.
fn end_of(world: &World, sandbox: &Sandbox, outcome: &Outcome, call: &Call) -> Vec<String> {
    let mut found = Vec::new();
    if outcome.stderr.contains("panicked") || !matches!(outcome.code, Some(0 | 1)) {
        found.push(format!("it broke down: {}", outcome.shown()));
    }
    // One error alone must not keep a link from being undone.
    found.extend(half_done(world, &sandbox.tree()));
    let is_complete = world.after().live_differences(&sandbox.tree()).is_empty();
    // All of it is one batch.
    if outcome.stdout.contains("the run ended early") {
        found.extend(world.before().live_differences(&sandbox.tree()));
    }
    if outcome.code == Some(0) && !is_complete {
        found.push(format!("success, but it is not done: {}", outcome.shown()));
    }
    let is_about_output = call.line.starts_with("write(1,") || call.line.starts_with("write(2,");
    if outcome.code == Some(1) && !is_about_output && !outcome.says_why() {
        found.push(format!(
            "it failed and does not say why: {}",
            outcome.shown()
        ));
    }
    found
}

/// Links that are there and were planned as if they were not.
fn taken_for_absent(outcome: &Outcome, created: &BTreeSet<String>) -> Vec<String> {
    outcome
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("+ create")?.split_whitespace().next())
        .filter(|address| !created.contains(*address))
        .map(|address| format!("{address} is there and was taken for absent"))
        .collect()
}

//! What must write nothing makes no call that could: read from the trace of a
//! run, whatever it is said to do.

use crate::sandbox::{APPLY, Outcome, Sandbox};
use crate::strace::{self, Call};
use crate::world::World;

/// Calls that change names, modes, owners, times or lengths, or make an earlier
/// change durable.
const CHANGES: &[&str] = &[
    "rename",
    "unlink",
    "rmdir",
    "mkdir",
    "mknod",
    "link",
    "symlink",
    "chmod",
    "chown",
    "utime",
    "truncate",
    "fallocate",
    "setxattr",
    "removexattr",
    "fsync",
    "fdatasync",
    "sync",
    "creat",
    "pwrite",
    "sendfile",
    "copy_file_range",
];

/// Flags with which a file is opened to be changed.
const WRITES: &[&str] = &["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];

/// Calls that change something on the disk. What goes to standard output and
/// standard error does not.
fn changes(calls: &[Call]) -> Vec<String> {
    calls
        .iter()
        .filter(|call| {
            let Call { name, line, .. } = call;
            let is_output = line.starts_with("write(1,") || line.starts_with("write(2,");
            match name.as_str() {
                "open" | "openat" | "openat2" => WRITES.iter().any(|flag| line.contains(flag)),
                "readlink" | "readlinkat" => false,
                "write" | "writev" => !is_output,
                name => CHANGES.iter().any(|change| name.contains(change)),
            }
        })
        .map(ToString::to_string)
        .collect()
}

/// Runs the binary and expects that it changes nothing, neither by its calls
/// nor to be seen.
fn check(sandbox: &Sandbox, arguments: &[&str]) {
    check_with(sandbox, arguments, 0);
}

fn check_with(sandbox: &Sandbox, arguments: &[&str], code: i32) {
    let before = sandbox.tree();
    let (outcome, calls) = strace::calls_of(sandbox, arguments);
    outcome.expect(code);
    assert_eq!(changes(&calls), Vec::<String>::new(), "{arguments:?}");
    assert_eq!(before.differences(&sandbox.tree()), Vec::<String>::new());
}

const PLAN: [&str; 6] = [
    "plan",
    "manifest.yaml",
    "--root=root",
    "--secrets=secrets.yaml",
    "--allow-replace=100000",
    "--allow-hide=100000",
];

#[test]
fn validate_and_plan_make_no_call_that_changes_anything() {
    if !strace::is_usable("calls of plan") {
        return;
    }
    let sandbox = Sandbox::of(&World::of_all_transitions());
    check(&sandbox, &["validate", "manifest.yaml"]);
    check(&sandbox, &PLAN);
    sandbox.apply().expect(0);
    check(&sandbox, &["validate", "manifest.yaml"]);
    check(&sandbox, &PLAN);
}

#[test]
fn drift_and_status_make_no_call_that_changes_anything() {
    if !strace::is_usable("calls of drift and status") {
        return;
    }
    let status = PLAN.map(|argument| {
        if argument == "plan" {
            "status"
        } else {
            argument
        }
    });
    let drift = ["drift", "--root=root"];
    let sandbox = Sandbox::of(&World::of_all_transitions());
    check(&sandbox, &drift);
    check(&sandbox, &status);
    sandbox.apply().expect(0);
    check(&sandbox, &drift);
    check(&sandbox, &status);
    // Nor where there is something to say, or nothing is known.
    let links = std::fs::read_dir(sandbox.path("root/links")).unwrap();
    for user in links {
        std::fs::remove_dir_all(user.unwrap().path()).unwrap();
    }
    check_with(&sandbox, &drift, 2);
    check(&sandbox, &status);
    std::fs::remove_file(sandbox.path("root/.cplinks/key")).unwrap();
    check(&sandbox, &drift);
    check(&sandbox, &status);
}

fn trace_apply(sandbox: &Sandbox) -> (Outcome, Vec<String>) {
    let (outcome, calls) = strace::calls_of(sandbox, &APPLY);
    (outcome, changes(&calls))
}

#[test]
fn an_apply_that_finds_nothing_new_changes_nothing() {
    if !strace::is_usable("calls of an apply without work") {
        return;
    }
    // All is as wanted. The first apply takes it up as its own, once.
    let mut world = World::of_all_transitions();
    for item in &mut world.items {
        item.old = item.new.clone();
    }
    let sandbox = Sandbox::of(&world);
    sandbox.apply().expect(0);
    let tree = sandbox.tree();
    let ours: Vec<_> = tree.ours().map(|(path, _)| path).collect();
    assert_eq!(
        ours,
        [
            ".cplinks",
            ".cplinks/key",
            ".cplinks/lock",
            ".cplinks/state.db"
        ]
    );
    let (outcome, changes) = trace_apply(&sandbox);
    outcome.expect(0);
    assert_eq!(changes, Vec::<String>::new());
    assert_eq!(tree.differences(&sandbox.tree()), Vec::<String>::new());
}

#[test]
fn an_apply_that_finds_work_makes_calls_that_are_seen_here() {
    if !strace::is_usable("calls of an apply") {
        return;
    }
    let sandbox = Sandbox::of(&World::of_all_transitions());
    let (outcome, changes) = trace_apply(&sandbox);
    outcome.expect(0);
    for name in ["openat", "write", "fchmod", "fsync", "renameat2", "mkdirat"] {
        let is_seen = changes.iter().any(|change| change.starts_with(name));
        assert!(is_seen, "no {name} among {changes:#?}");
    }
}

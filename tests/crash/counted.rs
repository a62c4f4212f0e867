//! What a plan asks of the kernel, counted, which never depends on the
//! machine: so many calls for a file, so many for a user, and none for a user
//! that it is not about.

use crate::fleet::{Fleet, Share};
use crate::sandbox::Sandbox;
use crate::strace::{self, Call};
use std::fs;

/// Most calls for a file: it is opened, looked at and read.
const FILE: usize = 3;
/// Most calls for a user: two folders are opened, looked at and listed, and a
/// listing is at its end when it gives nothing more.
const USER: usize = 8;

/// Users in the smaller of two plans; so many more in the larger one.
const USERS: usize = 100;
/// What a longer manifest takes, and threads that come into being in another
/// order: the allocator asks for the processors then. Not one for each user.
const LONGER: usize = 60;

/// Calls that reach no file: memory, threads, signals. Closing is not counted
/// either, as nothing waits for it and what is opened must be closed.
const OTHERS: [&str; 28] = [
    "brk",
    "clone",
    "clone3",
    "close",
    "exit",
    "exit_group",
    "futex",
    "getpid",
    "getrandom",
    "gettid",
    "madvise",
    "membarrier",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "poll",
    "prctl",
    "prlimit64",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "sched_getaffinity",
    "sched_yield",
    "set_robust_list",
    "sigaltstack",
    "write",
];

/// The calls of a plan that finds nothing to do, for so many users with so
/// many links each.
fn calls(users: usize, links: usize, more: &[&str]) -> (Sandbox, Vec<Call>) {
    let sandbox = Sandbox::new();
    let fleet = Fleet {
        users,
        links,
        groups: 0,
        icons: 0,
        cpanel: Share::percent(50),
        ..Fleet::default()
    };
    fleet.write(&sandbox.path("fleet")).unwrap();
    let arguments = [
        "plan",
        "fleet/manifest",
        "--secrets=fleet/secrets.yaml",
        "--root=fleet/root",
        "--detailed-exitcode",
    ];
    let arguments: Vec<_> = arguments.iter().chain(more).copied().collect();
    let (outcome, calls) = strace::calls_of(&sandbox, &arguments);
    outcome.expect(0);
    // Builds of the standard library with assertions ask this of each
    // descriptor that they close.
    let closes = |call: &Call| call.name == "fcntl" && call.line.contains("F_GETFD");
    let reach = |call: &Call| !OTHERS.contains(&call.name.as_str()) && !closes(call);
    (sandbox, calls.into_iter().filter(reach).collect())
}

#[test]
fn a_plan_asks_for_each_file_and_each_user_as_little_as_it_can() {
    if !strace::is_usable("calls of a plan") {
        return;
    }
    let count = |users, links| calls(users, links, &[]).1.len();
    // Few enough links that a folder is listed in one piece.
    let least = count(USERS, 2);
    let of_files = count(USERS, 4) - least;
    // As many users more come with as many files.
    let of_users = count(2 * USERS, 2) - least - of_files;
    let files = USERS * 2 * 3;
    assert!(
        of_files <= FILE * files + LONGER && of_users <= USER * USERS + LONGER,
        "{of_files} calls for {files} files, {of_users} for {USERS} users"
    );
}

#[test]
fn a_plan_of_one_user_looks_at_no_other() {
    if !strace::is_usable("calls of a plan of one user") {
        return;
    }
    let (sandbox, all) = calls(12, 2, &[]);
    let links = fs::read_dir(sandbox.path("fleet/root/links")).unwrap();
    let users = links.map(|user| user.unwrap().file_name().into_string().unwrap());
    let users: Vec<_> = users.collect();
    // What is read names users too, but not what is opened.
    let named = |calls: &[Call]| -> Vec<_> {
        let mut named = users.clone();
        named.retain(|user| {
            let user = format!("\"{user}\"");
            let names = |call: &Call| call.name != "read" && call.line.contains(&user);
            calls.iter().any(names)
        });
        named
    };
    assert_eq!(named(&all), users);
    let one = users[4].clone();
    let (_, calls) = calls(12, 2, &[&format!("--user={one}")]);
    assert_eq!(named(&calls), [one]);
}

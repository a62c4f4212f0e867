//! Several applies at once: one writes at a time, and a lock dies with the
//! process that held it.

use crate::invariants::violations;
use crate::recovery::{Judge, Next};
use crate::sandbox::{APPLY, BINARY, Outcome, Sandbox};
use crate::strace;
use crate::sweep::tries_all;
use crate::world::World;
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest wait for another process.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    sandbox
        .command(BINARY, arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts so many applies at once; exactly one finds work, and it is done.
fn check_at_once(count: usize) {
    let world = World::of_all_transitions();
    let sandbox = Sandbox::of(&world);
    let children: Vec<_> = (0..count).map(|_| start(&sandbox, &APPLY)).collect();
    let outcomes: Vec<_> = children
        .into_iter()
        .map(|child| Outcome::of(&child.wait_with_output().unwrap()).expect(0))
        .collect();
    let writers = outcomes
        .iter()
        .filter(|outcome| outcome.stdout.contains("\nApply: "))
        .count();
    assert_eq!(writers, 1, "{}", outcomes[0].shown());
    let tree = sandbox.tree();
    assert_eq!(violations(&world, &tree), Vec::<String>::new());
    assert_eq!(world.after().live_differences(&tree), Vec::<String>::new());
    let runs = tree.ours().filter(|(path, node)| {
        node.bytes.is_none() && path.starts_with(".cplinks/runs/") && path.matches('/').count() == 2
    });
    assert_eq!(runs.count(), 1);
}

#[test]
fn of_two_applies_at_once_one_writes() {
    for _ in 0..if tries_all() { 50 } else { 5 } {
        check_at_once(2);
    }
}

#[test]
fn of_fifty_applies_at_once_one_writes() {
    check_at_once(50);
}

/// Two manifests that want different things never make a mixture.
#[test]
fn two_applies_that_want_different_things_follow_one_another() {
    let world = World::of_all_transitions();
    for _ in 0..if tries_all() { 30 } else { 3 } {
        let sandbox = Sandbox::of(&world);
        let other = other_manifest(&sandbox);
        let children = [start(&sandbox, &APPLY), other];
        for child in children {
            Outcome::of(&child.wait_with_output().unwrap()).expect(0);
        }
        let tree = sandbox.tree();
        let label = |path: &str| {
            let text = String::from_utf8_lossy(tree.bytes(path).unwrap()).into_owned();
            let line = text
                .lines()
                .find(|line| line.contains("\"label\""))
                .unwrap();
            line.to_owned()
        };
        let bruno =
            ["fields", "token", "url"].map(|app| label(&format!("links/bruno/{app}.userconfig")));
        assert!(bruno.iter().all(|label| *label == bruno[0]), "{bruno:?}");
    }
}

/// Starts an apply that wants other labels for the same links.
fn other_manifest(sandbox: &Sandbox) -> Child {
    let world = World::of_all_transitions();
    let text = world.manifest().replace("label: New", "label: Other");
    std::fs::write(sandbox.path("other.yaml"), text).unwrap();
    start(sandbox, &with("manifest.yaml", "other.yaml"))
}

/// The arguments of an apply with one of them changed.
fn with(one: &str, other: &'static str) -> [&'static str; APPLY.len()] {
    APPLY.map(|argument| if argument == one { other } else { argument })
}

#[test]
fn the_lock_of_a_killed_apply_is_free_at_once() {
    if !strace::is_usable("SIGKILL of the lock's holder") {
        return;
    }
    let world = World::of_all_transitions();
    let sandbox = Sandbox::of(&world);
    // Held up in the middle of its changes, for as long as we like.
    let inject = "inject=renameat2:delay_enter=60000000:when=12";
    let mut holder = sandbox
        .apply_under("strace", &["-f", "-qq", "-o", "trace.log", "-e", inject])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !is_held_up(&sandbox) {
        assert!(start.elapsed() < PATIENCE, "the holder never got there");
        sleep(Duration::from_millis(20));
    }
    let outcome = sandbox.run(&with("--lock-timeout=60", "--lock-timeout=0"));
    let group = Pid::from_child(&holder);
    kill_process_group(group, Signal::KILL).unwrap();
    holder.wait().unwrap();
    let outcome = outcome.expect(5);
    assert!(
        outcome.stderr.contains("is locked by process"),
        "{}",
        outcome.stderr
    );
    // The kernel ends it in its own time, so this may wait for that; but
    // nobody need unlock anything.
    assert_eq!(
        Judge::of(&world).check(&sandbox, Next::Apply),
        Vec::<String>::new()
    );
}

/// Whether a link is half changed: then the holder waits before its next step.
fn is_held_up(sandbox: &Sandbox) -> bool {
    let log = std::fs::read(sandbox.path("trace.log")).unwrap_or_default();
    let text = String::from_utf8_lossy(&log);
    text.matches("renameat2(").count() >= 12
}

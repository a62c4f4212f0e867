//! Signals in the middle of an apply: the first is heard between two links,
//! the second ends it at once, and the next apply does the rest.

use crate::support::Sandbox;
use rustix::process::{Pid, Signal, kill_process};
use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// So many links that an apply takes a while: eight batches.
const MANY: usize = 2000;

/// What must follow within two seconds has that long, on a machine that may
/// be busy with other tests.
const PROMPT: Duration = Duration::from_secs(8);

fn large() -> Sandbox {
    let sandbox = Sandbox::in_memory();
    let mut manifest = "version: 1\nusers:\n  alice:\n    links:\n".to_owned();
    for app in 0..MANY {
        writeln!(
            manifest,
            "      A{app}: {{ label: L, implements: '', url: 'https://a.example/' }}"
        )
        .unwrap();
    }
    sandbox.write("m.yaml", manifest);
    sandbox
}

/// Starts an apply under this line of shell, and waits for its first link.
fn begin(sandbox: &Sandbox, line: &str) -> (Child, Pid) {
    let mut command = std::process::Command::new("bash");
    let line = format!("{line} exec \"$0\" apply m.yaml --root root --yes --color never");
    let child = command
        .args(["-euc", &line, env!("CARGO_BIN_EXE_cplinks")])
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(fs::File::create(sandbox.path("said")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let first = sandbox.path("root/dynamicui/alice/dynamicui_A0.conf");
    let start = Instant::now();
    while !first.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "no link comes");
        sleep(Duration::from_millis(2));
    }
    let pid = Pid::from_child(&child);
    (child, pid)
}

/// Links that show and links that are there.
fn links(sandbox: &Sandbox) -> (usize, usize) {
    let count = |tree: &str, end: &str| sandbox.names(tree).matches(end).count();
    (
        count("root/dynamicui", ".conf"),
        count("root/links", ".userconfig"),
    )
}

#[track_caller]
fn finish(sandbox: &Sandbox) {
    let again = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox.run(&again).expect(0);
    assert_eq!(links(sandbox), (MANY, MANY));
    sandbox.run(&again).expect(0).says("Plan: no changes");
}

#[test]
fn each_signal_to_end_is_heard_between_two_links() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let sandbox = large();
        let (mut child, pid) = begin(&sandbox, "");
        let asked = Instant::now();
        kill_process(pid, signal).unwrap();
        let status = child.wait().unwrap();
        let took = asked.elapsed();
        assert_eq!(status.code(), Some(code), "{signal:?}");
        assert!(took < PROMPT, "{signal:?}: {took:?}");
        let (shown, there) = links(&sandbox);
        assert!(shown == there && there < MANY, "{shown} of {there}");
        let said = sandbox.read("said");
        assert!(said.contains("note: a signal asked it to end"), "{said}");
        // Nothing is half done: a plan needs no recovery.
        sandbox.run(&["plan", "m.yaml", "--root", "root"]).expect(0);
        finish(&sandbox);
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let sandbox = large();
        let (mut child, pid) = begin(&sandbox, "");
        let asked = Instant::now();
        // One that is still pending takes the next one of its kind in: until
        // it has ended, it is asked again.
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            kill_process(pid, signal).unwrap();
            sleep(Duration::from_millis(1));
        };
        assert_eq!(status.code(), Some(code), "{signal:?}");
        assert!(asked.elapsed() < PROMPT, "{:?}", asked.elapsed());
        finish(&sandbox);
    }
}

#[test]
fn a_hangup_that_is_ignored_stays_ignored() {
    let sandbox = large();
    let (mut child, pid) = begin(&sandbox, "trap '' HUP;");
    kill_process(pid, Signal::HUP).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(links(&sandbox), (MANY, MANY));
}

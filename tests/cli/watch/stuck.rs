//! Others who do not take what a watch gives them: it goes on without them.

use super::world::{LONG, NEVER, PROMPT, Watch, applied, assert_is_as_applied, manifest, steal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, mknodat};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

/// A pipe by this name.
fn pipe(path: &Path) {
    let mode = Mode::from_raw_mode(0o600);
    mknodat(rustix::fs::CWD, path, FileType::Fifo, mode, 0).unwrap();
}

/// Both ends of it, which never wait.
fn ends(path: &Path) -> File {
    File::options()
        .read(true)
        .write(true)
        .custom_flags(i32::try_from(OFlags::NONBLOCK.bits()).unwrap())
        .open(path)
        .unwrap()
}

fn fill(mut pipe: &File) {
    let now = Timespec::default();
    while poll(&mut [PollFd::new(&pipe, PollFlags::OUT)], Some(&now)).unwrap() > 0 {
        pipe.write_all(&[b' '; 4096]).unwrap();
    }
}

/// What is in it.
fn drain(mut pipe: &File) -> String {
    let (mut text, mut part) = (Vec::new(), [0; 4096]);
    // It ends with the error that there is no more just now.
    while let Ok(length) = pipe.read(&mut part) {
        text.extend_from_slice(&part[..length]);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn a_log_that_nobody_reads_stops_nothing() {
    let sandbox = applied();
    let path = sandbox.path("log.pipe");
    pipe(&path);
    let log = ends(&path);
    fill(&log);
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$@\" 2>log.pipe", "sh"])
        .args([env!("CARGO_BIN_EXE_cplinks"), "watch", "conf"])
        .args(["--root=root", "--mode=apply", "--log-format=json"])
        .args(["--metrics-file=out/w.prom", "--health-file=out/w.health"])
        .args(NEVER)
        .current_dir(sandbox.path(""));
    let mut watch = Watch::spawn(&sandbox, "w", &mut command);
    watch.wait_until_settled();
    for (round, user) in (1..).zip(["alice", "bob"]) {
        steal(&sandbox, user, "Billing");
        watch.wait_until("a repair that nobody hears of", LONG, |watch| {
            watch.shows("changes_total", round)
        });
    }
    // Who reads again is told that something is missing, and then the rest.
    assert_eq!(drain(&log).trim(), "");
    steal(&sandbox, "carol", "Billing");
    watch.wait_until("a repair", LONG, |watch| watch.shows("changes_total", 3));
    let heard = drain(&log);
    let lines: Vec<serde_json::Value> = heard
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["event"], "failed", "{heard}");
    // That it began, what it read, and two repairs with their rounds.
    assert_eq!(lines[0]["lost"], 6, "{heard}");
    assert_eq!(lines[1]["address"], "carol/Billing", "{heard}");
    assert_eq!(
        (lines[2]["event"].as_str(), lines.len()),
        (Some("round"), 3)
    );
    // It ends as well, although nobody hears of it.
    fill(&log);
    watch.signal(rustix::process::Signal::TERM);
    assert_eq!(watch.wait_for_end().code, Some(0));
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn a_pipe_for_its_figures_that_nobody_reads_stops_nothing() {
    let sandbox = applied();
    sandbox.folder("pipes");
    for name in ["pipes/prom", "pipes/health"] {
        pipe(&sandbox.path(name));
    }
    let mut command = sandbox.command(&[
        "watch",
        "conf",
        "--root=root",
        "--mode=apply",
        "--log-format=json",
        "--every=365d",
        "--metrics-file=pipes/prom",
        "--health-file=pipes/health",
    ]);
    let mut watch = Watch::spawn(&sandbox, "watch", &mut command);
    watch.wait_until("it is told", PROMPT, |watch| {
        watch.told("failed").len() == 2
    });
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair", PROMPT, |watch| watch.told("round").len() == 1);
    // One that is read is written to.
    let health = ends(&sandbox.path("pipes/health"));
    steal(&sandbox, "bob", "Billing");
    watch.wait_until("a repair", PROMPT, |watch| watch.told("round").len() == 2);
    watch.stop();
    assert!(drain(&health).starts_with("ok "));
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

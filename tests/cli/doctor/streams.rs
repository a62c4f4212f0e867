//! Findings are written as they are made, and nothing of them is kept.

use super::world::healthy;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

/// Two findings each: a wrong mode, and no folder in the other tree.
const USERS: usize = 4_000;
/// What the memory may differ by, in KiB. All findings at once would be three
/// times as much.
const SLACK: u64 = 512;

/// The most memory that a process had so far, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let line = line.expect("a process that runs has memory");
    line.trim_end_matches(" kB").trim().parse().unwrap()
}

#[test]
fn memory_does_not_grow_with_what_is_found() {
    let sandbox = healthy();
    for user in 0..USERS {
        sandbox.folder(&format!("root/links/user{user:05}"));
    }
    let arguments = ["doctor", "--root", "root", "--format", "json"];
    let mut command = sandbox.command(&arguments);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::with_capacity(4096, child.stdout.take().unwrap());
    let mut text = String::new();
    let mut read = 0;
    let mut peaks = Vec::new();
    // It waits for its reader, so it is still on its way at both points.
    for lines in [USERS / 10, USERS * 8 / 5] {
        while read < lines {
            assert_ne!(out.read_line(&mut text).unwrap(), 0, "{text}");
            read += 1;
        }
        peaks.push(peak(child.id()));
    }
    out.read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["findings"].as_array().unwrap().len(), 2 * USERS);
    assert!(peaks[1] <= peaks[0] + SLACK, "{peaks:?} KiB");
}

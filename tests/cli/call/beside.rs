//! What stands beside a call: the lock, a signal, a run that was cut off.

use super::{LINK, call, create, links, reason, world};
use cplinks::store::Store;
use serde_json::json;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

/// How long a lock is waited for here: a process that another test has just
/// begun may hold it for a moment.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn a_lock_is_waited_for_and_then_answered() {
    let sandbox = world();
    create(&sandbox, &[]);
    let store = Store::open(&sandbox.path("root")).unwrap();
    let lock = store.lock_exclusive(PATIENCE).unwrap();
    for (function, parameters) in [
        ("list_integration_links", &["user=alice"][..]),
        ("get_integration_link_user_config", &LINK[..2]),
        ("remove_integration_link", &LINK[..2]),
    ] {
        let parameters = [parameters, &["--lock-timeout", "0"]].concat();
        let outcome = call(&sandbox, function, &parameters).expect(5);
        let answer: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let metadata = &answer["metadata"];
        assert_eq!(
            (&metadata["command"], &metadata["result"]),
            (&json!(function), &json!(0))
        );
        let reason = metadata["reason"].as_str().unwrap();
        assert!(reason.contains("is locked by"), "{reason}");
        assert!(
            reason.ends_with("(wait for it, or give it longer with --lock-timeout)"),
            "{reason}"
        );
    }
    drop(lock);
    // Readers do not wait for each other.
    let lock = store.lock_shared(PATIENCE).unwrap();
    links(&sandbox);
    drop(lock);
}

/// Whether a process has a handler for SIGTERM.
fn listens(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & (1 << 14) != 0)
}

#[test]
fn a_signal_before_the_change_leaves_everything_as_it_was() {
    let sandbox = world();
    create(&sandbox, &[]);
    let before = sandbox.tree("root");
    let store = Store::open(&sandbox.path("root")).unwrap();
    let lock = store.lock_exclusive(PATIENCE).unwrap();
    let fixed = [
        "call",
        "--root",
        "root",
        "--output=json",
        "remove_integration_link",
    ];
    let mut command = sandbox.command(&[&fixed, &LINK[..2]].concat());
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    while !listens(child.id()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    drop(lock);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let metadata = &answer["metadata"];
    assert_eq!(metadata["result"], json!(0));
    assert_eq!(
        metadata["reason"],
        json!("interrupted before anything was changed")
    );
    assert_eq!(sandbox.tree("root"), before);
}

#[test]
fn a_run_that_was_cut_off_is_put_in_order_first() {
    let sandbox = world();
    create(&sandbox, &[]);
    let journal = "root/.cplinks/runs/000001/journal";
    let whole = sandbox.read(journal);
    assert!(
        whole.contains("\"function\":\"create_integration_link\""),
        "{whole}"
    );
    sandbox.write(journal, whole.replace("{\"done\":{}}\n", ""));
    let said = reason(call(&sandbox, "list_integration_links", &["user=alice"]));
    assert!(said.contains("cplinks recover"), "{said}");
    sandbox.write("other", "canary-2");
    let parameters = ["user=alice", "app=ACME_billing", "token=@other"];
    call(&sandbox, "update_integration_link_token", &parameters)
        .expect(0)
        .says("Run 000001 was interrupted; it is put in order first.");
    assert_eq!(sandbox.read(journal), whole);
    links(&sandbox);
}

#[test]
fn a_root_that_there_is_not_is_told_in_the_answer() {
    let sandbox = world();
    let fixed = [
        "call",
        "list_integration_links",
        "--output=json",
        "user=alice",
    ];
    let outcome = sandbox.run(&[&fixed[..], &["--root", "nowhere"]].concat());
    let said = reason(outcome);
    assert!(said.contains("nowhere` does not exist"), "{said}");
}

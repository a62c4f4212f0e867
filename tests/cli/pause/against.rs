//! Pauses in a snapshot: its plan is that of the server, until they end.

use super::{Outcome, Sandbox, manifest, pause, pending, plan, resume};
use std::time::{Duration, Instant};

fn take(sandbox: &Sandbox) {
    let take = ["snapshot", "--root", "root", "-o", "snapshot.json"];
    sandbox.run(&take).expect(0);
}

fn against(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let plan = ["plan", "m.yaml", "--against", "snapshot.json"];
    sandbox.run(&[&plan, more].concat())
}

/// A plan but for where it was made.
fn body(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.stdout.lines().filter(|line| {
        !line.starts_with("plan ") && !line.starts_with("note: ") && !line.contains("\"title\":")
    });
    lines.collect()
}

#[test]
fn the_plan_from_a_snapshot_waits_as_that_of_the_server() {
    let sandbox = pending();
    let expected = |sandbox: &Sandbox| {
        for format in ["text", "json"] {
            let more = ["--format", format, "--detailed-exitcode"];
            let (here, there) = (plan(sandbox, &more), against(sandbox, &more));
            assert_eq!(body(&here), body(&there));
            assert_eq!(here.code, there.code);
        }
    };
    take(&sandbox);
    assert!(!sandbox.read("snapshot.json").contains("pauses"));
    pause(
        &sandbox,
        &["--for", "2h", "--user", "acme*", "--app", "Supp?rt"],
    )
    .expect(0);
    pause(&sandbox, &["--for", "3h", "--user", "other"]).expect(0);
    take(&sandbox);
    expected(&sandbox);
    against(&sandbox, &[])
        .expect(0)
        .says("Plan: 2 to replace, 4 wait");
    // It says what was so when it was taken.
    resume(&sandbox, &["--all"]).expect(0);
    against(&sandbox, &[]).expect(0).says("4 wait");
    take(&sandbox);
    expected(&sandbox);
    against(&sandbox, &[]).expect(0).is_silent_about("wait");
}

#[test]
fn a_pause_in_a_snapshot_ends_when_it_does_on_the_server() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "1s"]).expect(0);
    let began = Instant::now();
    take(&sandbox);
    assert!(
        sandbox
            .read("snapshot.json")
            .contains("\"reason\":\"ticket 4711\"")
    );
    while against(&sandbox, &[]).expect(0).stdout.contains("wait") {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(began.elapsed() >= Duration::from_millis(900));
}

#[test]
fn a_pause_that_nobody_made_is_refused_or_shown_escaped() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "1h", "--user", "acme*"]).expect(0);
    take(&sandbox);
    let text = sandbox.read("snapshot.json");
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        sandbox.write("snapshot.json", text.replacen(from, to, 1));
        against(&sandbox, &[])
    };
    let many = format!("[{}]", vec!["\"x\""; 101].join(","));
    for (from, to, says) in [
        (
            "[\"acme*\"]",
            "[\"[\"]",
            "line 2: the glob `[` of a pause is none",
        ),
        (
            "[\"acme*\"]",
            many.as_str(),
            "line 2: a pause of more than 100 globs",
        ),
        ("\"number\":1", "\"number\":-1", "line 2 cannot be read"),
        ("\"until\":", "\"x\":1,\"until\":", "unknown field `x`"),
        (
            "\"pauses\":[",
            "\"pauses\":null,\"x\":[",
            "line 2 cannot be read",
        ),
    ] {
        with(from, to).expect(1).says(says);
    }
    let (before, pauses) = text.split_once("\"pauses\":[").unwrap();
    let (pauses, after) = pauses.split_once("],\"salt\"").unwrap();
    let pauses = vec![pauses; 101].join(",");
    let hostile = format!("{before}\"pauses\":[{pauses}],\"salt\"{after}");
    sandbox.write("snapshot.json", hostile);
    against(&sandbox, &[])
        .expect(1)
        .says("line 2: more than 100 pauses");
    with("ticket 4711", "\\u001b[2J\\n::error::x")
        .expect(0)
        .says("by ")
        .says("\\u{1b}[2J\\n::error::x (--user 'acme*')")
        .is_silent_about("\u{1b}[2J");
    // A user of a plan that asks for nothing is told of no pause.
    sandbox.write("snapshot.json", text);
    sandbox.write("m.yaml", manifest("Old"));
    against(&sandbox, &[]).expect(0).is_silent_about("paused");
}

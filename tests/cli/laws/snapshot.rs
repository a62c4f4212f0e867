//! A plan from a snapshot is the plan of the disk it was taken of.

use super::generate::world;
use super::world::{Order, World};
use super::{apply, config, in_process};
use crate::support::Sandbox;
use cplinks::run::Exit;
use proptest::prelude::*;

/// A command in a sandbox, whose paths are left out of what it says.
fn cplinks(sandbox: &Sandbox, arguments: &[&str]) -> (Exit, String) {
    let top = sandbox.path("");
    let top = top.to_str().unwrap();
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| argument.replace("TOP/", top))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (exit, out) = in_process(&arguments);
    (exit, out.replace(top, "TOP/"))
}

/// A plan without the lines that say what it was made from.
fn body(text: &str) -> Vec<&str> {
    let lines = text.lines();
    let is_header = |line: &&str| {
        line.starts_with("plan of ")
            || line.starts_with("plan against ")
            || line.starts_with("note: a snapshot holds no tokens")
            || line.starts_with("\"x_cplinks\": {")
    };
    lines.filter(|line| !is_header(line)).collect()
}

/// Two worlds: what the first asks for was applied, and what the second asks
/// for is planned.
fn check(first: &World, second: &World, owners: &str) -> Result<(), TestCaseError> {
    let sandbox = first.sandbox();
    apply(&sandbox, &[]);
    sandbox.write("links.yaml", second.manifest(Order::Forth));
    // The server's own list, in which not all of them are.
    for (user, text) in [("ann", "OWNER=rita\n"), ("bob", ""), ("other", "OWNER=x\n")] {
        sandbox.write(&format!("users/{user}"), text);
    }
    let before = sandbox.fingerprint();
    let taken = [
        "cplinks", "snapshot", "--root", "TOP/root", "--owners", owners,
    ];
    let (exit, document) = cplinks(&sandbox, &taken);
    prop_assert_eq!(exit, Exit::Done);
    prop_assert!(!document.contains("canary"), "{}", document);
    prop_assert_eq!(sandbox.fingerprint(), before);
    sandbox.write("snapshot.json", document);
    let plan = ["cplinks", "plan", "TOP/links.yaml", "--detailed-exitcode"];
    let zed = ["--user", "zed", "--app", "A_*"];
    let json = ["--format", "json"];
    for more in [&["--expand"][..], &zed, &json] {
        let here = ["--root", "TOP/root", "--owners", owners];
        let (here_exit, here) = cplinks(&sandbox, &[&plan[..], &here, more].concat());
        let there = ["--against", "TOP/snapshot.json"];
        let (there_exit, there) = cplinks(&sandbox, &[&plan[..], &there, more].concat());
        prop_assert_eq!(body(&here), body(&there), "{}", there);
        prop_assert_eq!(here_exit, there_exit);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_plan_from_a_snapshot_is_that_of_the_disk(
        first in world(),
        second in world(),
        owners in prop::sample::select(vec!["keep", "set"]),
    ) {
        check(&first, &second, owners)?;
    }
}

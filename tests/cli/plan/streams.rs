//! What a plan depends on and where it goes: the environment, colours, pipes,
//! full disks, and roots that cannot be used.

use super::{SECRETS, acme, manifest};
use crate::support::{Outcome, Sandbox};
use std::os::unix::fs::symlink;

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let mut sandbox = Sandbox::with_examples();
    let first = acme(&sandbox, &SECRETS).expect(0).stdout;
    assert_eq!(acme(&sandbox, &SECRETS).stdout, first);
    let (links, users) = (
        "examples/acme/10-links.yaml",
        "examples/acme/20-users-berlin.yaml",
    );
    for files in [[links, users], [users, links]] {
        let arguments = [&["plan", "--root", "root"][..], &files, &SECRETS].concat();
        assert_eq!(sandbox.run(&arguments).expect(0).stdout, first);
    }
    for (name, value) in [
        ("LANG", "tr_TR.UTF-8"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("TZ", "Pacific/Kiritimati"),
        ("COLUMNS", "20"),
        ("HOME", "/nonexistent"),
    ] {
        sandbox.env(name, value);
    }
    assert_eq!(acme(&sandbox, &SECRETS).expect(0).stdout, first);
}

#[test]
fn the_root_and_the_secrets_may_come_from_the_environment() {
    let mut sandbox = Sandbox::with_examples();
    let first = acme(&sandbox, &SECRETS).expect(0).stdout;
    sandbox.env("CPLINKS_ROOT", "root");
    sandbox.env("CPLINKS_SECRETS", "examples/acme-secrets.yaml");
    let outcome = sandbox.run(&["plan", "examples/acme"]).expect(0);
    assert_eq!(outcome.stdout, first);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let escape = '\u{1b}';
    let is_coloured = |variables: &[(&str, &str)], more: &[&str]| {
        let mut sandbox = Sandbox::with_examples();
        for (name, value) in variables {
            sandbox.env(name, value);
        }
        let outcome = acme(&sandbox, more).expect(0);
        let plain = anstream::adapter::strip_str(&outcome.stdout).to_string();
        assert!(plain.contains("- remove   harborcf/ACME_billing_old"));
        outcome.stdout.contains(escape)
    };
    let force = ("CLICOLOR_FORCE", "1");
    let none = ("NO_COLOR", "1");
    assert!(!is_coloured(&[], &[]));
    assert!(is_coloured(&[], &["--color", "always"]));
    assert!(is_coloured(&[none], &["--color", "always"]));
    assert!(is_coloured(&[force], &[]));
    assert!(!is_coloured(&[none], &[]));
    assert!(!is_coloured(&[force], &["--color", "never"]));
    assert!(!is_coloured(
        &[none, ("TERM", "xterm")],
        &["--color", "auto"]
    ));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let sandbox = Sandbox::with_root();
    sandbox.write("new.yaml", manifest(0..5000, "Label", ""));
    let line =
        "set +e; cplinks plan new.yaml --root root --expand | head -1; echo ${PIPESTATUS[0]}";
    let outcome = sandbox.shell(line).expect(0);
    assert_eq!(outcome.stdout, "Plan: 5000 to create\n0\n");
    assert_eq!(outcome.stderr, "");
    let outcome = sandbox
        .shell("cplinks plan new.yaml --root root >&-")
        .expect(0);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn output_that_cannot_be_written_is_an_error_and_no_panic() {
    let sandbox = Sandbox::with_examples();
    for line in [
        "cplinks plan examples/acme --root root > /dev/full",
        "cplinks validate examples/acme > /dev/full",
        "cplinks schema > /dev/full",
        "cplinks --help > /dev/full",
        "cplinks --version > /dev/full",
    ] {
        sandbox
            .shell(line)
            .expect(1)
            .says("error: standard output cannot be written: No space left on device")
            .is_silent_about("panicked");
    }
    sandbox
        .shell("cplinks plan examples/acme --root missing 2> /dev/full")
        .expect(1);
}

#[test]
fn a_root_that_cannot_be_used_is_said_with_what_to_do() {
    let sandbox = Sandbox::with_examples();
    let with_root = |root: &str| {
        sandbox
            .run(&["plan", "examples/acme", "--root", root])
            .expect(1)
    };
    let shown = |outcome: Outcome| format!("{}{}", outcome.stdout, outcome.stderr);
    insta::assert_snapshot!(shown(with_root("missing")), @r"
    error: the root `[SANDBOX]/missing` does not exist
    hint: mkdir -m 0751 [SANDBOX]/missing
    ");
    insta::assert_snapshot!(shown(with_root("missing/below")), @r"
    error: the root `[SANDBOX]/missing/below` does not exist
    hint: mkdir -p -m 0751 [SANDBOX]/missing/below
    ");
    insta::assert_snapshot!(shown(with_root("examples/minimal.yaml")), @r"error: `[SANDBOX]/examples/minimal.yaml` is a regular file, a directory was expected");
    symlink("root", sandbox.path("link")).unwrap();
    insta::assert_snapshot!(shown(with_root("link")), @r"
    error: `[SANDBOX]/link` is a symbolic link, and the root is opened without following any
    hint: pass the real path, `realpath [SANDBOX]/link` prints that of the link
    ");
    sandbox.folder("real/root");
    symlink("real", sandbox.path("above")).unwrap();
    insta::assert_snapshot!(shown(with_root("above/root")), @r"
    error: `[SANDBOX]/above` is a symbolic link, and the root is opened without following any
    hint: pass the real path, `realpath [SANDBOX]/above` prints that of the link
    ");
    sandbox.folder("other").write("other/links", "");
    insta::assert_snapshot!(shown(with_root("other")), @r"error: `[SANDBOX]/other/links` is a regular file, a directory was expected");
    // An empty root is no error: nobody has a link yet.
    sandbox
        .run(&["plan", "examples/acme", "--root", "real/root"])
        .expect(0);
}

#[test]
fn in_one_log_an_error_stands_below_the_plan_that_it_is_about() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest(0..1, "Label", ""));
    let digest = "0".repeat(64);
    let apply = format!("cplinks apply m.yaml --root root --expect {digest} 2>&1");
    let outcome = sandbox.shell(&apply).expect(4);
    let place = |text: &str| outcome.stdout.find(text).unwrap();
    assert!(place("digest: ") < place("error: the plan is another one"));
    assert!(outcome.stdout.starts_with("Plan: 1 to create\n"));
}

//! Who may say yes: a person at a terminal, or `--yes`, and nobody else.

use super::{ACME, SECRETS, one_link};
use crate::support::Sandbox;
use cplinks::run::{Exit, World, run};
use std::ffi::OsString;
use std::io::{self, Read};

/// Runs `apply` in this process, with a person who types `input`.
fn answer(sandbox: &Sandbox, input: impl Read, more: &[&str]) -> (Exit, String, String) {
    let path = |name: &str| sandbox.path(name).to_str().unwrap().to_owned();
    let (links, root) = (path("links.yaml"), path("root"));
    let arguments = [&["cplinks", "apply", &links, "--root", &root], more].concat();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(
        arguments.into_iter().map(OsString::from),
        &mut World {
            stdin: Box::new(input),
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            is_interactive: true,
            shows_progress: true,
            colored: (false, false),
            github: None,
        },
    );
    // Colours are the stream's business, and these streams know none.
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    };
    (exit, text(out), text(err))
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("links.yaml", one_link(""));
    sandbox
}

#[test]
fn without_a_terminal_only_yes_on_the_command_line_counts() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    let arguments = [&ACME[..4], &SECRETS].concat();
    sandbox
        .run(&arguments)
        .expect(1)
        .says("error: there is no terminal to ask at\nhint: give --yes to apply without asking");
    assert_eq!(sandbox.fingerprint(), before);
    sandbox.run_with_input(&arguments, "yes\n").expect(1);
    assert!(!sandbox.path("root/.cplinks").exists());
}

#[test]
fn yes_applies_what_was_shown() {
    let sandbox = sandbox();
    let (exit, out, err) = answer(&sandbox, &b"yes\n"[..], &[]);
    assert_eq!(exit, Exit::Done, "{out}{err}");
    assert!(
        err.ends_with("Apply these changes? Only `yes` is accepted: "),
        "{err}"
    );
    // The plan was approved, so it is shown once.
    assert_eq!(out.matches("+ create").count(), 1, "{out}");
    assert!(out.ends_with("Apply: 1 created, 0 failed\n"), "{out}");
    assert!(sandbox.path("root/links/alice/ACME.userconfig").exists());
}

#[test]
fn anything_else_declines_and_writes_nothing() {
    for input in [
        "no\n",
        "",
        "y\n",
        "YES\n",
        "yes please\n",
        "\nyes\n",
        "n",
        "\u{0}",
    ] {
        let sandbox = sandbox();
        let before = sandbox.fingerprint();
        let (exit, out, err) = answer(&sandbox, input.as_bytes(), &[]);
        assert_eq!(exit, Exit::Failed, "{input:?}: {out}{err}");
        assert!(err.ends_with("Nothing was applied.\n"), "{input:?}: {err}");
        assert_eq!(sandbox.fingerprint(), before, "{input:?}");
    }
    let (exit, ..) = answer(&sandbox(), &b"\xff\xfe\n"[..], &[]);
    assert_eq!(exit, Exit::Failed);
}

#[test]
fn where_there_is_nothing_to_do_nobody_is_asked() {
    let sandbox = sandbox();
    answer(&sandbox, &b""[..], &["--yes"]);
    let before = sandbox.fingerprint();
    let (exit, out, err) = answer(&sandbox, &b""[..], &[]);
    assert_eq!(exit, Exit::Done, "{out}{err}");
    assert!(
        out.contains("Plan: no changes") && err.is_empty(),
        "{out}{err}"
    );
    assert_eq!(sandbox.fingerprint(), before);
}

fn pause(sandbox: &Sandbox) {
    let pause = [
        "pause", "--root", "root", "--for", "1h", "--reason", "by hand",
    ];
    sandbox.run(&pause).expect(0);
}

#[test]
fn where_everything_waits_nobody_is_asked() {
    let sandbox = sandbox();
    pause(&sandbox);
    let before = sandbox.fingerprint();
    let (exit, out, err) = answer(&sandbox, &b"yes\n"[..], &[]);
    assert_eq!(exit, Exit::Done, "{out}{err}");
    assert!(out.contains("Plan: no changes, 1 waits"), "{out}");
    assert_eq!(
        err,
        "Nothing was changed: 1 change waits, as shown above.\n"
    );
    assert_eq!(sandbox.fingerprint(), before);
}

/// A person who says yes after somebody else paused everything.
struct Slow<'s>(&'s Sandbox, &'static [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.1.is_empty() {
            pause(self.0);
        }
        self.1.read(buffer)
    }
}

#[test]
fn a_pause_that_comes_during_the_question_is_met() {
    let sandbox = sandbox();
    let (exit, out, err) = answer(&sandbox, Slow(&sandbox, b"yes\n"), &[]);
    assert_eq!(exit, Exit::Stale, "{out}{err}");
    assert!(
        err.contains("the plan has changed since it was shown"),
        "{err}"
    );
    assert!(!sandbox.path("root/links").exists());
}

#[test]
fn a_refused_plan_is_not_asked_about() {
    let sandbox = sandbox();
    let links = |hide| {
        let link =
            format!("{{ label: L, implements: '', url: 'https://x.example/', hide: {hide} }}");
        format!("version: 1\nusers:\n  alice:\n    links: {{ A: {link}, B: {link}, C: {link} }}\n")
    };
    sandbox.write("links.yaml", links(false));
    answer(&sandbox, &b"yes\n"[..], &[]);
    sandbox.write("links.yaml", links(true));
    let before = sandbox.fingerprint();
    let (exit, out, err) = answer(&sandbox, &b"yes\n"[..], &[]);
    assert_eq!(exit, Exit::Refused, "{out}{err}");
    assert!(out.contains("refused by guard hide: all 3 links"), "{out}");
    assert_eq!(err, "");
    assert_eq!(sandbox.fingerprint(), before);
    let (exit, out, err) = answer(&sandbox, &b"yes\n"[..], &["--allow-hide", "3"]);
    assert_eq!(exit, Exit::Done, "{out}{err}");
}

#[test]
fn a_manifest_from_standard_input_leaves_no_answer_to_read() {
    let sandbox = sandbox();
    let root = sandbox.path("root");
    let mut out = Vec::new();
    let mut err = Vec::new();
    let arguments = ["cplinks", "apply", "-", "--root", root.to_str().unwrap()];
    let exit = run(
        arguments.into_iter().map(OsString::from),
        &mut World {
            stdin: Box::new(one_link("").as_bytes()),
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            is_interactive: true,
            shows_progress: true,
            colored: (false, false),
            github: None,
        },
    );
    assert_eq!(exit, Exit::Failed);
    let arguments = ["apply", "-", "--root", "root", "--yes"];
    sandbox
        .run_with_input(&arguments, &one_link(""))
        .expect(0)
        .says("Apply: 1 created");
}

//! The runs there were, and what one of them did.

use crate::support::{Outcome, Sandbox};
use std::fs;

fn manifest(links: &str) -> String {
    format!("version: 1\nusers:\n  alice:\n    links:\n{links}")
}

fn link(app: &str, label: &str) -> String {
    format!("      {app}: {{ label: {label}, implements: \"\", url: \"https://a.example/\" }}\n")
}

/// A root with three runs: two applies and an undo.
fn world() -> Sandbox {
    let sandbox = Sandbox::with_root();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    sandbox.write(".git/HEAD", commit);
    let (a, b) = (link("A", "One"), link("B", "One"));
    sandbox.write("m.yaml", manifest(&format!("{a}{b}")));
    apply(&sandbox).expect(0);
    fs::remove_dir_all(sandbox.path(".git")).unwrap();
    sandbox.write("m.yaml", manifest(&format!("{a}{}", link("B", "Two"))));
    apply(&sandbox).expect(0);
    sandbox.run(&["undo", "--root", "root", "--yes"]).expect(0);
    sandbox
}

fn apply(sandbox: &Sandbox) -> Outcome {
    sandbox.run(&["apply", "m.yaml", "--root", "root", "--yes"])
}

/// Output without what differs from run to run: times, who, and digests, each
/// checked for its form.
fn steady(outcome: &Outcome) -> String {
    let is_time = |word: &str| word.len() == 20 && word.starts_with("20") && word.ends_with('Z');
    let is_digest =
        |word: &str| [12, 64].contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = |line: &str| {
        let words = line.split(' ').map(|word| match word {
            word if is_time(word) => "TIME",
            word if is_digest(word) && !word.starts_with("0123456789ab") => "DIGEST",
            word => word,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let who = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
    let lines = outcome
        .stdout
        .lines()
        .map(|line| words(line).replace(&who, "WHO"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn where_nothing_was_changed_there_is_no_run() {
    let sandbox = Sandbox::with_root();
    let before = sandbox.fingerprint();
    sandbox
        .run(&["history", "--root", "root"])
        .expect(0)
        .says("No run has changed anything here.");
    sandbox
        .run(&["history", "1", "--root", "root"])
        .expect(1)
        .says("there is no record of a run 1");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn the_newest_run_stands_first_and_each_says_what_it_did() {
    let sandbox = world();
    let before = sandbox.fingerprint();
    let list = sandbox.run(&["history", "--root", "root"]).expect(0);
    insta::assert_snapshot!(steady(&list));
    let short = sandbox
        .run(&["history", "--root", "root", "--limit", "1"])
        .expect(0);
    insta::assert_snapshot!(steady(&short));
    let one = sandbox.run(&["history", "2", "--root", "root"]).expect(0);
    insta::assert_snapshot!(steady(&one));
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn the_commit_of_the_manifest_is_told_where_git_says_it() {
    let sandbox = world();
    sandbox
        .run(&["history", "1", "--root", "root"])
        .expect(0)
        .says("commit  0123456789abcdef0123456789abcdef01234567");
    sandbox
        .run(&["history", "2", "--root", "root"])
        .expect(0)
        .says("commit  -");
}

#[test]
fn without_a_state_the_runs_tell_it_themselves() {
    let sandbox = world();
    let list = sandbox.run(&["history", "--root", "root"]).expect(0);
    fs::remove_file(sandbox.path("root/.cplinks/state.db")).unwrap();
    let before = sandbox.fingerprint();
    let rebuilt = sandbox.run(&["history", "--root", "root"]).expect(0);
    assert_eq!(list.stdout, rebuilt.stdout);
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn a_run_whose_folder_is_gone_is_told_and_cannot_be_undone() {
    let sandbox = world();
    fs::remove_dir_all(sandbox.path("root/.cplinks/runs/000002")).unwrap();
    sandbox
        .run(&["history", "2", "--root", "root"])
        .expect(0)
        .says("what it replaced is kept no more")
        .says("~ replace  alice/B");
    sandbox
        .run(&["undo", "2", "--root", "root", "--yes"])
        .expect(1)
        .says("what run 2 replaced is not kept");
}

#[test]
fn the_same_plan_has_the_same_digest_with_and_without_secrets() {
    let digest = |outcome: Outcome| {
        let line = outcome
            .stdout
            .lines()
            .find(|l| l.contains("digest"))
            .unwrap()
            .to_owned();
        line.split_whitespace().last().unwrap().to_owned()
    };
    let make = |token: &str, label: &str| {
        let sandbox = Sandbox::with_root();
        let fields = format!(
            "label: {label}, implements: \"\", url: \"https://a.example/\", subscriber_unique_id: s, \
             autologin_token_url: \"https://a.example/sso\", token: {{ secret: t }}"
        );
        sandbox.write("m.yaml", manifest(&format!("      A: {{ {fields} }}\n")));
        sandbox.write("s.yaml", format!("t: {token}\n"));
        let arguments = [
            "apply",
            "m.yaml",
            "--root",
            "root",
            "--yes",
            "--secrets",
            "s.yaml",
        ];
        sandbox.run(&arguments).expect(0);
        digest(sandbox.run(&["history", "1", "--root", "root"]).expect(0))
    };
    assert_eq!(make("one", "L"), make("two", "L"));
    assert_ne!(make("one", "L"), make("one", "M"));
}

#[test]
fn no_number_is_used_twice_even_if_all_run_folders_are_gone() {
    let sandbox = world();
    fs::remove_dir_all(sandbox.path("root/.cplinks/runs")).unwrap();
    sandbox.write("m.yaml", manifest(&link("C", "One")));
    sandbox
        .run(&[
            "apply",
            "m.yaml",
            "--root",
            "root",
            "--yes",
            "--allow-hide",
            "9",
        ])
        .expect(0);
    sandbox
        .run(&["history", "--root", "root"])
        .expect(0)
        .says("\n000003")
        .says("000004  ");
}

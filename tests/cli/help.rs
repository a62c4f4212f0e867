//! What `--help` says, whole: a changed word is a changed promise.

use crate::support::Sandbox;

fn help(command: &[&str]) -> String {
    let mut arguments = command.to_vec();
    arguments.push("--help");
    let mut sandbox = Sandbox::new();
    sandbox.env("COLUMNS", "100");
    let outcome = sandbox.run(&arguments).expect(0);
    assert_eq!(outcome.stderr, "");
    outcome.stdout
}

#[test]
fn the_overview() {
    insta::assert_snapshot!(help(&[]));
}

#[test]
fn validate() {
    insta::assert_snapshot!(help(&["validate"]));
}

#[test]
fn plan() {
    insta::assert_snapshot!(help(&["plan"]));
}

#[test]
fn apply() {
    insta::assert_snapshot!(help(&["apply"]));
}

#[test]
fn history() {
    insta::assert_snapshot!(help(&["history"]));
}

#[test]
fn undo() {
    insta::assert_snapshot!(help(&["undo"]));
}

#[test]
fn pause() {
    insta::assert_snapshot!(help(&["pause"]));
}

#[test]
fn resume() {
    insta::assert_snapshot!(help(&["resume"]));
}

#[test]
fn import() {
    insta::assert_snapshot!(help(&["import"]));
}

#[test]
fn list() {
    insta::assert_snapshot!(help(&["list"]));
}

#[test]
fn doctor() {
    insta::assert_snapshot!(help(&["doctor"]));
}

#[test]
fn get() {
    insta::assert_snapshot!(help(&["get"]));
}

#[test]
fn login() {
    insta::assert_snapshot!(help(&["login"]));
}

#[test]
fn unmanaged() {
    insta::assert_snapshot!(help(&["unmanaged"]));
}

#[test]
fn snapshot() {
    insta::assert_snapshot!(help(&["snapshot"]));
}

#[test]
fn drift() {
    insta::assert_snapshot!(help(&["drift"]));
}

#[test]
fn status() {
    insta::assert_snapshot!(help(&["status"]));
}

#[test]
fn wrong_usage_is_exit_code_1_and_not_claps_2() {
    let sandbox = Sandbox::new();
    sandbox.run(&["plan"]).expect(1).says("required");
    sandbox.run(&["paln", "x.yaml"]).expect(1).says("plan");
    sandbox.run(&[]).expect(1).says("Usage");
    sandbox
        .run(&["plan", "x.yaml", "--user", "[", "--root", "."])
        .expect(1)
        .says("not a glob");
}

#[test]
fn the_version_is_the_packages() {
    let version = format!("cplinks {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(Sandbox::new().run(&["--version"]).expect(0).stdout, version);
}

#[test]
fn watch() {
    insta::assert_snapshot!(help(&["watch"]));
}

#[test]
fn call() {
    insta::assert_snapshot!(help(&["call"]));
}

//! `cplinks snapshot` and `plan --against`: what is in the file and what is
//! not, that a plan from it is the plan of the server, and what is refused.

mod hostile;

use crate::support::{Outcome, Sandbox};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

const PLAN: [&str; 2] = ["plan", "examples/acme"];
const AGAINST: [&str; 2] = ["--against", "snapshot.json"];

fn take(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let taken = ["snapshot", "--root", "root", "-o", "snapshot.json"];
    sandbox.run(&[&taken, more].concat())
}

fn plan_here(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&PLAN, &["--root", "root"][..], more].concat())
}

fn plan_against(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&PLAN, &AGAINST[..], more].concat())
}

/// What a plan says but for its header.
fn body(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.stdout.lines().filter(|line| {
        !line.starts_with("plan of ")
            && !line.starts_with("plan against ")
            && !line.starts_with("note: ")
            && !line.starts_with("\"x_cplinks\": {")
    });
    lines.collect()
}

/// The plan from a snapshot that is taken now is the plan of the root.
#[track_caller]
fn check_equal(sandbox: &Sandbox, owners: &str, more: &[&str]) {
    take(sandbox, &["--owners", owners]).expect(0);
    for format in ["text", "json"] {
        let more = [&["--format", format], more].concat();
        check_plans(sandbox, owners, &more);
    }
}

#[track_caller]
fn check_plans(sandbox: &Sandbox, owners: &str, more: &[&str]) {
    let here = plan_here(sandbox, &[&["--owners", owners], more].concat());
    let there = plan_against(sandbox, more);
    assert!(here.stdout.contains("digest"), "{}", here.shown());
    assert_eq!(body(&here), body(&there));
    assert_eq!((here.code, &here.stderr), (there.code, &there.stderr));
}

/// One user with one link, and what is asked for is on disk.
fn one_link(more: &str) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest(more));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    sandbox
}

fn manifest(more: &str) -> String {
    format!(
        "version: 1\nusers:\n  alice:\n    links:\n      \
         App: {{ label: L, implements: '', url: 'https://x.example/'{more} }}\n"
    )
}

/// A file whose time, salt and version are always the same.
fn settled(document: &str) -> String {
    let head = document.lines().nth(1).unwrap();
    let mut fixed = head.to_owned();
    for (key, value) in [
        ("cplinks", "0.0.0"),
        ("taken", "2026-01-01T00:00:00Z"),
        ("host", "web1"),
        ("root", "/root"),
        ("salt", "00"),
    ] {
        let (front, rest) = fixed.split_once(&format!("\"{key}\":\"")).unwrap();
        let (_, back) = rest.split_once('"').unwrap();
        fixed = format!("{front}\"{key}\":\"{value}\"{back}");
    }
    document.replace(head, &fixed)
}

#[test]
fn the_file_holds_one_user_a_line_and_no_token() {
    let sandbox = one_link(
        ", autologin_token_url: 'https://sso.example/?k=1', subscriber_unique_id: '7', \
         token: canary-token",
    );
    sandbox.set_mode("root/links/alice/App.userconfig", 0o640);
    sandbox.write("root/dynamicui/alice/stray", "canary-stray");
    sandbox.write("root/links/bob/Broken.userconfig", "{ canary-broken");
    sandbox.folder("root/links/bob/Folder.adminconfig");
    sandbox.write("root/links/Not a user/x", "");
    sandbox.write(
        "root/links/bob/Key.adminconfig",
        r#"{ "token": null, "x-key": "canary-key" }"#,
    );
    for (path, mode) in [
        ("", 0o755),
        ("/Broken.userconfig", 0o644),
        ("/Key.adminconfig", 0o644),
    ] {
        sandbox.set_mode(&format!("root/links/bob{path}"), mode);
    }
    // Whose they are differs from machine to machine.
    let anonymous = |text: String| {
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        text.replace(
            &format!("\"uid\":{},\"gid\":{}", uid.as_raw(), gid.as_raw()),
            "\"uid\":1,\"gid\":1",
        )
    };
    let outcome = sandbox.run(&["snapshot", "--root", "root"]).expect(0);
    assert_eq!(outcome.stderr, "");
    assert!(!outcome.stdout.contains("canary"), "{}", outcome.stdout);
    insta::assert_snapshot!(anonymous(settled(&outcome.stdout)));
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["snapshot"]["version"], 1);
}

#[test]
fn it_is_a_file_for_its_owner_alone_and_nothing_else_is_written() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.tree("root");
    sandbox.folder("out");
    let to = |path: &str| sandbox.run(&["snapshot", "--root", "root", "--output", path]);
    let outcome = to("out/s.json").expect(0);
    assert_eq!(outcome.stdout + &outcome.stderr, "");
    assert_eq!(sandbox.names("out"), "0600 s.json\n");
    // One that others may read is replaced, and not written into.
    sandbox
        .write("out/s.json", "old")
        .set_mode("out/s.json", 0o644);
    to("out/s.json").expect(0);
    assert_eq!(sandbox.names("out"), "0600 s.json\n");
    assert!(sandbox.read("out/s.json").ends_with("]\n}\n"));
    assert_eq!(sandbox.tree("root"), before);

    to("root/s.json")
        .expect(1)
        .says("`root/s.json` is below the root, where only links may lie");
    symlink("root/links", sandbox.path("way")).unwrap();
    to("way/s.json").expect(1).says("is below the root");
    to("out").expect(1).says("cannot write `out`");
    to("none/s.json")
        .expect(1)
        .says("cannot write `none/s.json`");
    assert_eq!(sandbox.tree("root"), before);
    assert_eq!(sandbox.names("out"), "0600 s.json\n");
}

#[test]
fn the_plan_from_it_is_that_of_the_server() {
    let sandbox = Sandbox::with_examples();
    check_equal(&sandbox, "keep", &["--detailed-exitcode"]);
    check_equal(&sandbox, "keep", &["--expand", "--user", "north*"]);
    let secrets = ["--secrets", "examples/acme-secrets.yaml"];
    let apply = ["apply", "examples/acme", "--root", "root", "--yes"];
    sandbox.run(&[&apply[..], &secrets].concat()).expect(0);
    check_equal(&sandbox, "keep", &["--detailed-exitcode"]);
    // Guards decide as on the server: users that are gone, hosts that are new.
    let manifest = sandbox.read("examples/acme/10-links.yaml");
    sandbox.write(
        "examples/acme/10-links.yaml",
        manifest.replace("sso.acme.example", "sso.thief.example"),
    );
    check_equal(&sandbox, "keep", &["--expand"]);
    plan_against(&sandbox, &[])
        .expect(3)
        .says("refused by guard new-host");
    plan_against(&sandbox, &["--allow-new-host", "99"])
        .says("token")
        .is_silent_about("refused by guard new-host");
}

#[test]
fn users_that_left_the_manifest_are_hidden_from_a_snapshot_too() {
    let sandbox = one_link("");
    let other = manifest("").replace("alice", "bob");
    sandbox.write("examples/acme/m.yaml", other);
    check_equal(&sandbox, "keep", &["--expand"]);
    plan_against(&sandbox, &[]).says("alice/App");
}

#[test]
fn what_the_plan_is_made_from_is_said() {
    let sandbox = one_link("");
    take(&sandbox, &[]).expect(0);
    let text = sandbox.read("snapshot.json");
    let (_, host) = text.split_once("\"host\":\"").unwrap();
    let (host, _) = host.split_once('"').unwrap();
    let (_, taken) = text.split_once("\"taken\":\"").unwrap();
    let (taken, _) = taken.split_once('"').unwrap();
    let plan = ["plan", "m.yaml", "--against", "snapshot.json"];
    let outcome = sandbox.run(&plan).expect(0);
    assert_eq!(
        outcome.stdout,
        format!(
            "Plan: no changes\n1 in sync\nplan against snapshot of {host} taken {taken}, \
             of [SANDBOX]/root · unlisted: hide-owned\n\
             note: a snapshot holds no tokens, so those on the server are not compared\n\
             {}\n",
            outcome.stdout.lines().last().unwrap()
        )
    );
    // Neither the root of this host nor its secrets are needed.
    fs::remove_dir_all(sandbox.path("root")).unwrap();
    sandbox.run(&plan).expect(0).says("Plan: no changes");
    sandbox
        .run(&[&plan[..], &["--root", "root"]].concat())
        .expect(1)
        .says("the argument '--against <FILE>' cannot be used with '--root <DIR>'")
        .says("Usage: cplinks plan");
    // The environment is there for other commands.
    let mut sandbox = sandbox;
    sandbox.env("CPLINKS_ROOT", "root");
    sandbox.run(&plan).expect(0).says("Plan: no changes");
}

#[test]
fn a_token_that_cannot_be_seen_is_not_compared_and_still_there() {
    let login = ", autologin_token_url: 'https://sso.example/', subscriber_unique_id: '7'";
    let sandbox = one_link(&format!("{login}, token: one"));
    take(&sandbox, &[]).expect(0);
    let plan = |more: &str| {
        sandbox.write("m.yaml", manifest(more));
        sandbox.run(&["plan", "m.yaml", "--against", "snapshot.json"])
    };
    for token in ["one", "two", "{ secret: x }"] {
        plan(&format!("{login}, token: {token}"))
            .expect(0)
            .says("Plan: no changes")
            .says("1 token not compared");
    }
    plan(&format!("{login}, token: keep"))
        .expect(0)
        .says("Plan: no changes")
        .is_silent_about("1 token not compared");
    plan("").expect(0).says("token                 (dropped)");
}

#[test]
fn what_is_masked_in_a_url_is_compared_and_not_in_the_file() {
    let sandbox = one_link("");
    let with = |key: &str| manifest("").replace("x.example/", &format!("x.example/?key={key}"));
    sandbox.write("m.yaml", with("canary-one"));
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox.run(&apply).expect(0);
    take(&sandbox, &[]).expect(0);
    let text = sandbox.read("snapshot.json");
    assert!(text.contains("https://x.example/?key=***"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    let plan = ["plan", "m.yaml", "--against", "snapshot.json"];
    sandbox.run(&plan).expect(0).says("Plan: no changes");
    for key in ["canary-two", "***", ""] {
        sandbox.write("m.yaml", with(key));
        let here = sandbox.run(&["plan", "m.yaml", "--root", "root"]).expect(0);
        let there = sandbox.run(&plan).expect(0).says("~ replace  alice/App");
        assert_eq!(body(&here), body(&there));
    }
}

#[test]
fn accounts_count_where_the_snapshot_was_taken_with_them() {
    let sandbox = one_link("");
    // Users that this host knows and does not, with and without links.
    let known = sandbox.shell(
        "cut -d: -f1 /etc/passwd | grep -Ex 'www-data|backup|proxy|news|uucp|list' | head -n1",
    );
    let known = known.stdout.trim().to_owned();
    let more = ["no-such-account", &known].map(|user| {
        let (_, links) = manifest("")
            .split_once("alice")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        format!("  {user}{links}")
    });
    sandbox.write("examples/acme/m.yaml", manifest("") + &more.concat());
    check_equal(&sandbox, "set", &["--expand"]);
    plan_against(&sandbox, &[]).says("no-such-account");
    assert!(
        sandbox
            .read("snapshot.json")
            .contains("\"account\":{\"known\":")
    );
    // It can be planned without them, but not the other way round.
    let here = plan_here(&sandbox, &["--owners", "keep"]);
    let there = plan_against(&sandbox, &["--owners", "keep"]);
    assert_eq!(body(&here), body(&there));
    take(&sandbox, &["--owners", "keep"]).expect(0);
    plan_against(&sandbox, &["--owners", "set"])
        .expect(1)
        .says("the snapshot does not say which accounts there are")
        .says("hint: take it with `cplinks snapshot --owners set`");
}

#[test]
fn the_policy_is_that_of_the_server_and_has_to_be_given() {
    let sandbox = one_link("");
    sandbox.write("policy.yaml", "guards: { hide: 10% }\n");
    sandbox.set_mode("policy.yaml", 0o600);
    let policy = ["--policy", "policy.yaml"];
    take(&sandbox, &policy).expect(0);
    let plan = ["plan", "m.yaml", "--against", "snapshot.json"];
    sandbox
        .run(&plan)
        .expect(0)
        .says("note: the server has a policy, policy.yaml, and none is given here");
    sandbox
        .run(&[&plan[..], &policy].concat())
        .expect(0)
        .says("note: this policy holds: policy.yaml")
        .is_silent_about("none is given");
    sandbox.write("policy.yaml", "guards: { hide: 10 }\n");
    fs::remove_file(sandbox.path("snapshot.json")).unwrap();
    take(&sandbox, &policy).expect(1).says("error[");
    assert!(!sandbox.path("snapshot.json").exists());
}

#[test]
fn half_an_apply_is_never_taken() {
    let sandbox = one_link("");
    let lock = fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    take(&sandbox, &["--lock-timeout", "0"])
        .expect(5)
        .says("is locked by process");
    lock.unlock().unwrap();
    lock.lock_shared().unwrap();
    take(&sandbox, &["--lock-timeout", "0"]).expect(0);
    lock.unlock().unwrap();
    // A run that did not end.
    sandbox
        .folder("root/.cplinks/runs/000009")
        .set_mode("root/.cplinks/runs/000009", 0o700);
    let plan = sandbox.run(&["plan", "m.yaml", "--root", "root"]);
    let taken = take(&sandbox, &[]);
    assert_eq!(plan.code, taken.code);
    assert_eq!(plan.stderr, taken.stderr);
}

#[test]
fn where_nothing_may_be_written_it_is_taken_all_the_same() {
    let sandbox = Sandbox::with_examples();
    let mode = |mode| fs::set_permissions(sandbox.path("root"), fs::Permissions::from_mode(mode));
    mode(0o555).unwrap();
    take(&sandbox, &[]).expect(0);
    mode(0o751).unwrap();
    sandbox
        .run(&["snapshot", "--root", "none"])
        .expect(1)
        .says("does not exist");
}

#[test]
fn a_full_output_is_an_error_and_a_closed_one_is_none() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .shell("cplinks snapshot --root root > /dev/full")
        .expect(1)
        .says("error: standard output cannot be written");
    sandbox
        .shell("cplinks snapshot --root root | true")
        .expect(0);
}

#[test]
fn its_age_is_held() {
    let sandbox = one_link("");
    take(&sandbox, &[]).expect(0);
    let text = sandbox.read("snapshot.json");
    let (front, rest) = text.split_once("\"taken\":\"").unwrap();
    let (_, back) = rest.split_once('"').unwrap();
    let taken = |minutes: i64| {
        let now = jiff::Timestamp::now().as_second();
        let taken = jiff::Timestamp::from_second(now + minutes * 60).unwrap();
        sandbox.write(
            "snapshot.json",
            format!("{front}\"taken\":\"{taken}\"{back}"),
        );
    };
    let plan = |more: &[&str]| {
        let plan = ["plan", "m.yaml", "--against", "snapshot.json"];
        sandbox.run(&[&plan, more].concat())
    };
    taken(-23 * 60);
    plan(&[]).expect(0);
    plan(&["--max-age", "90m"])
        .expect(1)
        .says("error: the snapshot `snapshot.json` is refused")
        .says("caused by: it was taken 23h ago, at ")
        .says("; the most is 1h 30m")
        .says("hint: take a new one with `cplinks snapshot`, or allow it with --max-age");
    taken(-25 * 60);
    plan(&[]).expect(1).says("it was taken 1d 1h ago");
    plan(&["--max-age", "36h"]).expect(0);
    plan(&["--max-age", "7d"]).expect(0);
    taken(4);
    plan(&[]).expect(0);
    taken(7);
    plan(&["--max-age", "7d"])
        .expect(1)
        .says("from now")
        .says("hint: set the clocks of both hosts, and take a new one");
    for age in ["", "7", "1w", "+1h", "1.5h"] {
        plan(&["--max-age", age])
            .expect(1)
            .says("expected a whole number and one of s, m, h, d");
    }
    sandbox
        .run(&["plan", "m.yaml", "--root", "root", "--max-age", "1h"])
        .expect(1)
        .says("--against <FILE>");
    sandbox
        .run(&["plan", "m.yaml", "--max-age", "1h"])
        .expect(1)
        .says("--against <FILE>");
}

//! `plan --against`: the plan from a snapshot is the plan of the server, and
//! what has to hold for one to be planned from.

use super::{manifest, one_link, take};
use crate::support::{Outcome, Sandbox};
use std::fs;

const PLAN: [&str; 2] = ["plan", "examples/acme"];
const AGAINST: [&str; 2] = ["--against", "snapshot.json"];

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
            && !line.starts_with("- plan of ")
            && !line.starts_with("- plan against ")
            && !line.starts_with("note: ")
            && !line.starts_with("- Note: ")
            && !line.starts_with("\"x_cplinks\": {")
    });
    lines.collect()
}

/// The plan from a snapshot that is taken now is the plan of the root.
#[track_caller]
fn check_equal(sandbox: &Sandbox, owners: &str, more: &[&str]) {
    take(sandbox, &["--owners", owners]).expect(0);
    for format in ["text", "json", "markdown"] {
        let more = [&["--format", format], more].concat();
        check_plans(sandbox, owners, &more);
    }
}

#[track_caller]
fn check_plans(sandbox: &Sandbox, owners: &str, more: &[&str]) {
    let here = plan_here(sandbox, &[&["--owners", owners], more].concat());
    let there = plan_against(sandbox, more);
    let is_whole = here.stdout.to_lowercase().contains("digest");
    assert!(is_whole, "{}", here.shown());
    assert_eq!(body(&here), body(&there));
    assert_eq!((here.code, &here.stderr), (there.code, &there.stderr));
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
fn it_knows_the_accounts_of_the_server_and_whose_they_are() {
    let sandbox = Sandbox::with_examples();
    // Of some there are links, of some not; one file names nobody.
    for (user, text) in [
        ("harborcf", "OWNER=alice\n"),
        ("northsea", "OWNER=bob\n"),
        ("kaffeeha", "OWNER=alice\n"),
        ("lindenst", "RS=jupiter\n"),
        ("other", "OWNER=carol\n"),
    ] {
        sandbox.write(&format!("users/{user}"), text);
    }
    for owners in ["keep", "set"] {
        check_equal(&sandbox, owners, &[]);
        check_equal(&sandbox, owners, &["--user", "[hk]*", "--expand"]);
    }
    take(&sandbox, &[]).expect(0);
    plan_against(&sandbox, &[])
        .expect(0)
        .says(" of 5 accounts on the server (80 %) and 2 that it does not have")
        .says("of 2 resellers: alice 2, bob 1 · the reseller of 3 is not known");
    // One that says nothing of it still is a snapshot.
    let text = sandbox.read("snapshot.json");
    let without = text
        .replace("\"accounts\":5,", "")
        .replace(",\"listed\":{\"reseller\":\"alice\"}", "")
        .replace(",\"listed\":{\"reseller\":\"bob\"}", "")
        .replace(",\"listed\":{\"reseller\":\"carol\"}", "")
        .replace(",\"listed\":{}", "");
    assert!(!without.contains("listed"), "{without}");
    sandbox.write("snapshot.json", &without);
    plan_against(&sandbox, &[])
        .expect(0)
        .says("accounts looked at")
        .is_silent_about("reseller");
    // One whose numbers do not agree is none.
    let fewer = text.replace("\"accounts\":5,", "\"accounts\":4,");
    for (edited, why) in [
        (fewer, "another number of accounts than its head says"),
        (
            text.replace("\"reseller\":\"bob\"", "\"reseller\":\"b b\""),
            "the reseller `b b` holds a space",
        ),
    ] {
        sandbox.write("snapshot.json", edited);
        plan_against(&sandbox, &[]).expect(1).says(why);
    }
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
        "cut -d: -f1 /etc/passwd | grep -Ex '[a-z]{2,12}' | grep -vEx \
         'root|bin|daemon|adm|lp|sync|shutdown|halt|mail|operator|games|ftp|nobody|sshd|named|toor|system' \
         | tail -n1",
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

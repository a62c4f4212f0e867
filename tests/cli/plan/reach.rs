//! What a plan means for customers, on top of each form: what is done to each
//! app, how many of the server's accounts are touched, and whose they are.

use crate::support::{Outcome, Sandbox};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;

/// A manifest in which the user of each number has the first so many of the
/// apps `APP_0`, `APP_1`, …
fn manifest(users: &[usize]) -> String {
    let mut text =
        "version: 1\ndefaults: { implements: '', label: L, url: 'https://x.example/' }\napps:\n"
            .to_owned();
    for app in 0..users.iter().copied().max().unwrap() {
        writeln!(text, "  APP_{app}: {{}}").unwrap();
    }
    text.push_str("users:\n");
    for (user, apps) in users.iter().enumerate() {
        writeln!(text, "  user{user}:\n    links:").unwrap();
        for app in 0..*apps {
            writeln!(text, "      APP_{app}: {{}}").unwrap();
        }
    }
    text
}

fn plan(sandbox: &Sandbox, manifest: &str, format: &str, more: &[&str]) -> Outcome {
    sandbox.write("m.yaml", manifest);
    let plan = ["plan", "m.yaml", "--root", "root", "--format", format];
    sandbox.run(&[&plan, more].concat())
}

/// The lines above the rows of a text.
fn top(outcome: &Outcome) -> String {
    let (top, _) = outcome.stdout.split_once("\n\n").unwrap();
    top.to_owned()
}

#[test]
fn what_is_done_to_each_app_stands_on_top_of_the_text() {
    let sandbox = Sandbox::with_root();
    let outcome = plan(&sandbox, &manifest(&[9, 7, 3, 1]), "text", &[]).expect(0);
    insta::assert_snapshot!(top(&outcome), @r"
Plan: 20 to create
touches 4 of 4 accounts looked at
by app: APP_0 4 to create · APP_1 3 to create · APP_2 3 to create · APP_3 2 to create ·
    APP_4 2 to create … and 4 more apps
plan of root · unlisted: hide-owned
note: unlisted links are not hidden yet: there is no record of what cplinks owns
");
    let longest = outcome.stdout.lines().map(|line| line.chars().count());
    assert!(longest.max().unwrap() <= 100, "{}", outcome.stdout);
    // What the summary or the rows say is not said twice.
    for users in [&[1][..], &[1, 1, 1], &[4]] {
        plan(&sandbox, &manifest(users), "text", &[])
            .expect(0)
            .is_silent_about("by app");
    }
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox.write("m.yaml", manifest(&[3, 2, 2]));
    sandbox.run(&apply).expect(0);
    let changed = manifest(&[1, 2, 3])
        .replace("APP_1: {}\n", "APP_1: { label: M }\n")
        .replace("users:\n", "users:\n  user9: { links: { APP_0: {} } }\n");
    let outcome = plan(&sandbox, &changed, "text", &[]).expect(0);
    insta::assert_snapshot!(top(&outcome), @r"
Plan: 2 to create, 2 to replace, 2 to hide
3 in sync
touches 4 of 4 accounts looked at
by app: APP_1 2 to replace, 1 to hide · APP_2 1 to create, 1 to hide · APP_0 1 to create
plan of root · unlisted: hide-owned
");
}

#[test]
fn what_is_done_to_each_app_is_a_table_in_markdown_at_any_limit() {
    let sandbox = Sandbox::with_root();
    let table = |outcome: &Outcome| {
        let lines = outcome.stdout.lines().filter(|line| line.starts_with('|'));
        lines.collect::<Vec<_>>().join("\n")
    };
    let manifest = manifest(&[14, 12, 3, 1]);
    let outcome = plan(&sandbox, &manifest, "markdown", &[]).expect(0);
    insta::assert_snapshot!(table(&outcome), @r"
| app | to create | to replace | to hide | to remove |
|---|--:|--:|--:|--:|
| `APP_0` | 4 |  |  |  |
| `APP_1` | 3 |  |  |  |
| `APP_2` | 3 |  |  |  |
| `APP_10` | 2 |  |  |  |
| `APP_11` | 2 |  |  |  |
| `APP_3` | 2 |  |  |  |
| `APP_4` | 2 |  |  |  |
| `APP_5` | 2 |  |  |  |
| `APP_6` | 2 |  |  |  |
| `APP_7` | 2 |  |  |  |
| … and 4 more apps | | | | |
");
    let limit = ["--markdown-limit", "2000"];
    let outcome = plan(&sandbox, &manifest, "markdown", &limit).expect(0);
    assert!(outcome.stdout.chars().count() <= 2000);
    assert!(outcome.stdout.contains("Digest: `"), "{}", outcome.stdout);
    insta::assert_snapshot!(table(&outcome), @r"
| app | to create | to replace | to hide | to remove |
|---|--:|--:|--:|--:|
| `APP_0` | 4 |  |  |  |
| `APP_1` | 3 |  |  |  |
| `APP_2` | 3 |  |  |  |
| `APP_10` | 2 |  |  |  |
| `APP_11` | 2 |  |  |  |
| `APP_3` | 2 |  |  |  |
| `APP_4` | 2 |  |  |  |
| `APP_5` | 2 |  |  |  |
| `APP_6` | 2 |  |  |  |
| `APP_7` | 2 |  |  |  |
| … and 4 more apps | | | | |
");
    // Names that are as long as they may be leave room for the digest too.
    let long = "A".repeat(63);
    let outcome = plan(
        &sandbox,
        &manifest.replace("APP_", &long[2..]),
        "markdown",
        &limit,
    );
    let outcome = outcome.expect(0).says("and 9 more apps").says("Digest: `");
    assert!(outcome.stdout.chars().count() <= 2000);
}

/// A root whose server has these accounts, each with what its file says.
fn server(accounts: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.folder("users");
    for (name, text) in accounts {
        sandbox.write(&format!("users/{name}"), text);
    }
    sandbox
}

fn radius(sandbox: &Sandbox, manifest: &str) -> Value {
    let plan = plan(sandbox, manifest, "json", &[]).expect(0).stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let schema = sandbox.run(&["schema", "--plan"]).expect(0).stdout;
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors = validator.iter_errors(&plan).map(|error| error.to_string());
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new());
    plan["blast_radius"].clone()
}

fn digest(outcome: &Outcome) -> String {
    let line = outcome.stdout.lines().find(|l| l.starts_with("digest: "));
    line.unwrap().to_owned()
}

#[test]
fn where_the_server_has_no_list_the_share_is_of_the_accounts_looked_at() {
    let sandbox = Sandbox::with_root();
    let manifest = manifest(&[1, 1]);
    plan(&sandbox, &manifest, "text", &[])
        .expect(0)
        .says("\ntouches 2 of 2 accounts looked at\n")
        .is_silent_about("reseller");
    plan(&sandbox, &manifest, "markdown", &[])
        .expect(0)
        .says("\n- Touches 2 of 2 accounts looked at\n")
        .is_silent_about("reseller");
    plan(&sandbox, &manifest, "html", &[])
        .expect(0)
        .says("<p>Touches <b>2 of 2 accounts looked at</b></p>")
        .is_silent_about("reseller");
    let radius = radius(&sandbox, &manifest);
    assert_eq!(radius.get("accounts_on_server"), None);
    assert_eq!(radius["resellers"], json!({}));
    assert_eq!(radius["reseller_not_known"], 2);
}

#[test]
fn the_share_is_of_the_servers_accounts_and_their_resellers_are_named() {
    let owners = [
        "alice", "bob", "alice", "carol", "dave", "erin", "frank", "frank", "root",
    ];
    let sandbox = server(&[]);
    for (user, owner) in owners.iter().enumerate() {
        let text = format!("DNS=u{user}.example\nOWNER={owner}\nRS=jupiter\n");
        sandbox.write(&format!("users/user{user}"), text);
    }
    for user in owners.len()..40 {
        sandbox.write(&format!("users/user{user}"), "OWNER=gina\n");
    }
    // No accounts: their names could be none's.
    for name in ["system", ".lock", "a b", "root"] {
        sandbox.write(&format!("users/{name}"), "OWNER=mallory\n");
    }
    let manifest = manifest(&[1; 9]);
    let before = sandbox.tree("users");
    let with = plan(&sandbox, &manifest, "text", &[]).expect(0);
    insta::assert_snapshot!(top(&with), @r"
Plan: 9 to create
touches 9 of 40 accounts on the server (22.5 %)
of 7 resellers: alice 2, frank 2, bob 1, carol 1, dave 1 and 2 more
plan of root · unlisted: hide-owned
note: unlisted links are not hidden yet: there is no record of what cplinks owns
");
    let markdown = plan(&sandbox, &manifest, "markdown", &[]).expect(0);
    let about = markdown
        .stdout
        .lines()
        .filter(|line| line.starts_with("- "));
    insta::assert_snapshot!(about.collect::<Vec<_>>().join("\n"), @r"
- Touches 9 of 40 accounts on the server (22.5 %)
- Touched accounts of 7 resellers: `alice` 2, `frank` 2, `bob` 1, `carol` 1, `dave` 1 and 2 more
- plan of `root`
");
    plan(&sandbox, &manifest, "html", &[])
        .expect(0)
        .says("<p>Touches <b>9 of 40 accounts on the server (22.5 %)</b></p>")
        .says("<p>Touched accounts of 7 resellers: alice 2, frank 2, bob 1, carol 1, dave 1 and 2 more.</p>");
    let radius = radius(&sandbox, &manifest);
    assert_eq!(radius["accounts_on_server"], 40);
    let expect = json!({
        "alice": 2, "bob": 1, "carol": 1, "dave": 1, "erin": 1, "frank": 2, "root": 1
    });
    assert_eq!(radius["resellers"], expect);
    assert_eq!(radius["reseller_not_known"], 0);
    // An apply shows the same, and writes nothing there.
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0)
        .says("touches 9 of 40 accounts on the server (22.5 %)\nof 7 resellers: alice 2");
    sandbox
        .run(&["undo", "--root", "root", "--dry-run"])
        .says("touches 9 of 40 accounts on the server");
    assert_eq!(sandbox.tree("users"), before);
    // What it is known by is what it does, and nothing of this.
    fs::remove_dir_all(sandbox.path("root")).unwrap();
    sandbox.folder("root");
    fs::remove_dir_all(sandbox.path("users")).unwrap();
    let without = plan(&sandbox, &manifest, "text", &[]).expect(0);
    assert_eq!(digest(&with), digest(&without));
}

#[test]
fn what_is_no_file_or_names_no_reseller_is_not_known() {
    let sandbox = server(&[
        ("user0", "OWNER=alice\n"),
        ("user1", "OWNER=\u{1b}[31mmallory\n"),
        ("user2", ""),
        ("user3", "OWNER=alice\nOWNER=bob\n"),
    ]);
    sandbox.write("elsewhere", "OWNER=mallory\n");
    symlink("../elsewhere", sandbox.path("users/user4")).unwrap();
    sandbox.folder("users/user5");
    let fifo = sandbox.shell("mkfifo users/user6");
    assert_eq!(fifo.code, 0);
    let large = format!("OWNER=mallory\n{}\n", "x".repeat(1024 * 1024));
    sandbox.write("users/user7", large);
    // The last is no account of this server at all.
    let outcome = plan(&sandbox, &manifest(&[1; 9]), "text", &[]).expect(0);
    insta::assert_snapshot!(top(&outcome), @r"
Plan: 9 to create
touches 8 of 8 accounts on the server (100 %) and 1 that it does not have
of 1 reseller: alice 1 · the reseller of 8 is not known
plan of root · unlisted: hide-owned
note: unlisted links are not hidden yet: there is no record of what cplinks owns
");
    let radius = radius(&sandbox, &manifest(&[1; 9]));
    assert_eq!(radius["accounts"], 9);
    assert_eq!(radius["accounts_on_server"], 8);
    assert_eq!(radius["resellers"], json!({ "alice": 1 }));
    assert_eq!(radius["reseller_not_known"], 8);
}

#[test]
fn a_list_that_cannot_be_used_is_a_note_and_no_error() {
    let sandbox = Sandbox::with_root();
    let says = |note: &str| {
        for (format, touched) in [("text", "touches"), ("markdown", "Touches")] {
            plan(&sandbox, &manifest(&[1]), format, &[])
                .expect(0)
                .says("how many accounts the server has is not known: ")
                .says(note)
                .says(&format!("{touched} 1 of 1 account looked at"));
        }
        let taken = sandbox.run(&["snapshot", "--root", "root"]).expect(0);
        assert!(taken.stderr.contains(note), "{}", taken.stderr);
    };
    sandbox.write("users", "");
    says("`[SANDBOX]/users` is a regular file, a directory was expected");
    fs::remove_file(sandbox.path("users")).unwrap();
    sandbox.write("elsewhere/user0", "OWNER=alice\n");
    symlink("elsewhere", sandbox.path("users")).unwrap();
    says("`[SANDBOX]/users` is a symbolic link, which is never followed, a directory was expected");
}

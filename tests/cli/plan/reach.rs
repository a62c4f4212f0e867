//! What a plan means for customers, on top of each form: what is done to each
//! app, how many of the server's accounts are touched, and whose they are.

use crate::support::{Outcome, Sandbox};
use std::fmt::Write as _;

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
touches 4 of 4 accounts
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
touches 4 of 4 accounts
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

//! `cplinks pause` and `resume`: what a person works on by hand is left alone
//! for a while, and everybody is told. Here: making and ending a pause, and
//! what it does to an apply.

mod against;
mod shown;

use crate::support::{Outcome, Sandbox};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Three users with two links each, and a group.
fn manifest(label: &str) -> String {
    let users = ["acme1", "acme2", "other"].map(|user| {
        format!("  {user}:\n    links:\n      Billing: {{ group_id: shop }}\n      Support: {{}}\n")
    });
    format!(
        "version: 1\n\
         defaults: {{ implements: '', label: '{label}', url: 'https://a.example/' }}\n\
         groups:\n  shop: {{ label: Shop, order: 1 }}\n\
         apps:\n  Billing: {{}}\n  Support: {{}}\n\
         users:\n{}",
        users.concat()
    )
}

/// A root where the manifest was applied once, and then asks for other labels.
fn pending() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest("Old"));
    apply(&sandbox, &[]).expect(0);
    sandbox.write("m.yaml", manifest("New"));
    sandbox
}

fn plan(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&["plan", "m.yaml", "--root", "root"], more].concat())
}

fn apply(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = [
        "apply",
        "m.yaml",
        "--root",
        "root",
        "--yes",
        "--allow-replace",
        "99",
    ];
    sandbox.run(&[&arguments, more].concat())
}

fn pause(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = ["pause", "--root", "root", "--reason", "ticket 4711"];
    sandbox.run(&[&arguments, more].concat())
}

fn resume(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&["resume", "--root", "root"], more].concat())
}

/// A text with its times, and who runs this, made the same everywhere.
fn settled(text: &str) -> String {
    let is_time = |text: &str| {
        let shape = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c });
        shape.eq("0000-00-00T00:00:00Z".chars())
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (settled, length) = match rest.get(..20) {
            Some(time) if is_time(time) => ("[TIME]".to_owned(), time.len()),
            Some(_) | None => (next.to_string(), next.len_utf8()),
        };
        out.push_str(&settled);
        rest = &rest[length..];
    }
    let id = std::process::Command::new("id")
        .arg("-un")
        .output()
        .unwrap();
    let who = String::from_utf8(id.stdout).unwrap();
    out.replace(&format!("by {}:", who.trim()), "by [WHO]:")
}

/// The label that a link has on disk.
fn label(sandbox: &Sandbox, user: &str, app: &str) -> String {
    let fields = sandbox.read(&format!("root/links/{user}/{app}.userconfig"));
    let fields: serde_json::Value = serde_json::from_str(&fields).unwrap();
    fields["label"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_paused_waits_and_the_rest_is_applied() {
    let sandbox = pending();
    let before = sandbox.tree("root/links/acme1");
    let outcome = pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    assert_eq!(
        settled(&outcome.stdout),
        "Paused until [TIME] by [WHO]: ticket 4711 (--user 'acme*')\n\
         To end it before: cplinks resume --user 'acme*' --root root\n"
    );
    assert_eq!(outcome.stderr, "");
    apply(&sandbox, &[])
        .expect(0)
        .says("4 changes wait: paused until ")
        .says("Apply: 2 replaced")
        .says("4 changes wait, as shown above");
    assert_eq!(sandbox.tree("root/links/acme1"), before);
    assert_eq!(label(&sandbox, "acme2", "Support"), "Old");
    assert_eq!(label(&sandbox, "other", "Support"), "New");
    let before = sandbox.fingerprint();
    apply(&sandbox, &[])
        .expect(0)
        .says("Plan: no changes, 4 wait")
        .says("Nothing was changed: 4 changes wait, as shown above.");
    assert_eq!(sandbox.fingerprint(), before);
    let outcome = resume(&sandbox, &["--user", "acme*"]).expect(0);
    assert_eq!(
        settled(&outcome.stdout),
        "No longer paused until [TIME] by [WHO]: ticket 4711 (--user 'acme*')\n"
    );
    apply(&sandbox, &[])
        .expect(0)
        .says("Apply: 4 replaced")
        .is_silent_about("wait");
    assert_eq!(label(&sandbox, "acme1", "Billing"), "New");
}

#[test]
fn a_pause_of_apps_leaves_groups_and_other_links_to_go_on() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest("Old"));
    pause(
        &sandbox,
        &["--for", "1h", "--app", "Bill*", "--user", "acme1"],
    )
    .expect(0);
    apply(&sandbox, &[])
        .expect(0)
        .says("1 change waits: paused until ")
        .says("5 created, 3 groups created");
    let names = sandbox.names("root/links/acme1");
    assert!(names.contains("group_shop.userconfig"), "{names}");
    assert!(names.contains("Support.userconfig"), "{names}");
    assert!(!names.contains("Billing"), "{names}");
}

#[test]
fn a_pause_of_everything_holds_folders_and_groups_too() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest("Old"));
    sandbox
        .folder("root/links/acme1")
        .set_mode("root/links/acme1", 0o700);
    pause(&sandbox, &["--for", "1h"])
        .expect(0)
        .says("ticket 4711 (everything)")
        .says("cplinks resume --root root\n");
    plan(&sandbox, &["--detailed-exitcode"])
        .expect(0)
        .says("Plan: no changes, 10 wait")
        .says("10 changes wait: paused until ")
        .says(". waits    acme1: mend the folder in `links` mode 0700 → 0750, paused until ")
        .says(". waits    Support on 3 users: acme1, acme2, other: create [new], paused until ");
    apply(&sandbox, &[]).expect(0).says("Nothing was changed");
    assert_eq!(sandbox.names("root/links"), "0700 acme1/\n");
    resume(&sandbox, &[]).expect(0);
    apply(&sandbox, &[])
        .expect(0)
        .says("6 created, 3 groups created, 1 folder mended");
}

#[test]
fn a_pause_ends_by_itself() {
    let sandbox = pending();
    let began = Instant::now();
    pause(&sandbox, &["--for", "1s"]).expect(0);
    pause(&sandbox, &["--for", "1h", "--user", "other"]).expect(0);
    // It lasts at least as long as was asked for.
    let shown = plan(&sandbox, &[]).expect(0);
    if began.elapsed() < Duration::from_secs(1) {
        shown.says("Plan: no changes, 6 wait");
    }
    let deadline = began + Duration::from_secs(20);
    while plan(&sandbox, &[]).stdout.contains("(everything)") {
        assert!(Instant::now() < deadline, "it does not end");
        sleep(Duration::from_millis(100));
    }
    assert!(began.elapsed() >= Duration::from_secs(1));
    plan(&sandbox, &[]).expect(0).says("2 changes wait");
    // Nothing but the time passed: it is forgotten by the next write.
    assert_eq!(stored(&sandbox), 2);
    resume(&sandbox, &[]).expect(1).says("(--user other)");
    apply(&sandbox, &[]).expect(0).says("4 replaced");
    assert_eq!(stored(&sandbox), 1);
}

/// How many pauses the state holds.
fn stored(sandbox: &Sandbox) -> i64 {
    let state = rusqlite::Connection::open(sandbox.path("root/.cplinks/state.db")).unwrap();
    state
        .query_row("SELECT count(*) FROM pause", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn resume_ends_just_what_was_paused_with_the_same_globs() {
    let sandbox = pending();
    resume(&sandbox, &[])
        .expect(1)
        .says("error: nothing is paused\n");
    for globs in [
        &["--user", "acme*"][..],
        &["--user", "acme*", "--app", "Billing", "--app", "S?pport"],
        &[],
        &["--user", "acme*"],
    ] {
        pause(&sandbox, &[&["--for", "1h"], globs].concat()).expect(0);
    }
    let outcome = resume(&sandbox, &["--user", "acme1"]).expect(1);
    assert_eq!(outcome.stdout, "");
    let listed = "paused until [TIME] by [WHO]: ticket 4711 (--user 'acme*')\n\
                  \x20 to end it: cplinks resume --user 'acme*' --root root\n";
    assert_eq!(
        settled(&outcome.stderr),
        format!(
            "{listed}paused until [TIME] by [WHO]: ticket 4711 (--user 'acme*' --app Billing \
             --app 'S?pport')\n  to end it: cplinks resume --user 'acme*' --app Billing --app \
             'S?pport' --root root\npaused until [TIME] by [WHO]: ticket 4711 (everything)\n  to \
             end it: cplinks resume --root root\n{listed}error: no pause was made with just \
             --user acme1\nhint: give the globs of one of those above, or --all\n"
        )
    );
    // In any order, and all that were made with them.
    let globs = ["--app", "S?pport", "--app", "Billing", "--user", "acme*"];
    let ended = |outcome: Outcome| outcome.expect(0).stdout.lines().count();
    assert_eq!(ended(resume(&sandbox, &globs)), 1);
    assert_eq!(ended(resume(&sandbox, &["--user", "acme*"])), 2);
    resume(&sandbox, &["--app", "Billing"])
        .expect(1)
        .says("(everything)");
    assert_eq!(ended(resume(&sandbox, &[])), 1);
    resume(&sandbox, &["--all"])
        .expect(1)
        .says("error: nothing is paused\n");
    pause(&sandbox, &["--for", "1h", "--user", "x"]).expect(0);
    pause(&sandbox, &["--for", "1h"]).expect(0);
    assert_eq!(ended(resume(&sandbox, &["--all"])), 2);
    plan(&sandbox, &[]).expect(0).is_silent_about("wait");
}

#[test]
fn what_a_pause_cannot_be_made_with_is_said() {
    let sandbox = Sandbox::with_root();
    let pause = |more: &[&str]| {
        let outcome = sandbox.run(&[&["pause", "--root", "root"], more].concat());
        assert_eq!(outcome.code, 1, "{}", outcome.shown());
        assert!(!sandbox.path("root/.cplinks").exists());
        outcome
    };
    pause(&["--for", "1h"]).says("--reason <TEXT>");
    pause(&["--reason", "x"]).says("--for <DURATION>");
    for (duration, says) in [
        ("0s", "at least 1s"),
        ("366d", "at most 365d"),
        ("2", "such as 24h"),
        ("1h30m", "such as 24h"),
    ] {
        pause(&["--reason", "x", "--for", duration]).says(says);
    }
    for (reason, says) in [
        ("", "at least one character"),
        (&"x".repeat(201), "at most 200 characters"),
        ("a\nb", "one line, without control characters"),
        ("a\u{1b}[2J", "one line, without control characters"),
    ] {
        pause(&["--for", "1h", "--reason", reason])
            .says(says)
            .is_silent_about("\u{1b}[2J");
    }
    let paused = ["--for", "1h", "--reason", "x"];
    pause(&[&paused[..], &["--app", "x"].repeat(101)].concat()).says("at most 100 globs");
    for (glob, says) in [
        ("[", "--user [ is not a glob: "),
        ("", "--user `` matches no name there can be"),
        ("a\nb", "--user `a\\nb` matches no name there can be"),
    ] {
        pause(&[&paused[..], &["--user", glob]].concat()).says(says);
    }
}

#[test]
fn a_pause_is_the_first_thing_that_is_remembered() {
    let sandbox = Sandbox::with_root();
    pause(&sandbox, &["--for", "1h", "--user", "acme*"]).expect(0);
    insta::assert_snapshot!(sandbox.names("root"), @r"
    0700 .cplinks/
    0600 .cplinks/key
    0600 .cplinks/lock
    0600 .cplinks/state.db
    ");
    sandbox.write("m.yaml", manifest("Old"));
    apply(&sandbox, &[])
        .expect(0)
        .says("2 created, 1 group created");
}

#[test]
fn a_pause_waits_for_an_apply_and_is_turned_away_in_the_end() {
    let sandbox = pending();
    let before = sandbox.tree("root");
    let lock = fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    let hasty = ["--for", "1h", "--lock-timeout", "0"];
    pause(&sandbox, &hasty).expect(5).says("is locked by");
    resume(&sandbox, &["--all", "--lock-timeout", "0"])
        .expect(5)
        .says("is locked by");
    assert_eq!(sandbox.tree("root"), before);
    let outcome = std::thread::scope(|scope| {
        let patient = scope.spawn(|| pause(&sandbox, &["--for", "1h", "--lock-timeout", "60"]));
        sleep(Duration::from_millis(300));
        assert!(!patient.is_finished());
        lock.unlock().unwrap();
        patient.join().unwrap()
    });
    outcome.expect(0).says("Paused until ");
    plan(&sandbox, &[])
        .expect(0)
        .says("Plan: no changes, 6 wait");
}

#[test]
fn an_undo_waits_too() {
    let sandbox = pending();
    apply(&sandbox, &[]).expect(0);
    pause(&sandbox, &["--for", "1h", "--user", "acme1"]).expect(0);
    let undo = |more: &[&str]| {
        let undo = ["undo", "--root", "root", "--allow-replace", "99"];
        sandbox.run(&[&undo, more].concat())
    };
    undo(&["--dry-run"])
        .expect(0)
        .says("2 changes wait: paused until ")
        .says(". waits    acme1/Billing: replace [undo], paused until ");
    undo(&["--yes"]).expect(0).says("Undo: 4 replaced");
    assert_eq!(label(&sandbox, "acme1", "Billing"), "New");
    assert_eq!(label(&sandbox, "acme2", "Billing"), "Old");
    resume(&sandbox, &["--all"]).expect(0);
    // What waited was not undone, and still can be.
    undo(&["2", "--yes"]).expect(0).says("Undo: 2 replaced");
    assert_eq!(label(&sandbox, "acme1", "Billing"), "Old");
}

#[test]
fn what_is_paused_is_not_forgotten_while_it_is_away() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest("Old"));
    apply(&sandbox, &[]).expect(0);
    pause(&sandbox, &["--for", "1h", "--user", "acme1"]).expect(0);
    // A person moves a link away that the manifest stops to name meanwhile.
    let files = [
        "links/acme1/Support.userconfig",
        "links/acme1/Support.adminconfig",
    ];
    let menu = "dynamicui/acme1/dynamicui_Support.conf";
    for file in files.into_iter().chain([menu]) {
        let path = sandbox.path("root").join(file);
        fs::rename(&path, sandbox.path(&file.replace('/', "+"))).unwrap();
    }
    let without = manifest("Old").replacen("      Support: {}\n", "", 1);
    sandbox.write("m.yaml", without);
    apply(&sandbox, &[]).expect(0);
    for file in files.into_iter().chain([menu]) {
        let path = sandbox.path("root").join(file);
        fs::rename(sandbox.path(&file.replace('/', "+")), path).unwrap();
    }
    resume(&sandbox, &["--user", "acme1"]).expect(0);
    plan(&sandbox, &[])
        .expect(0)
        .says("- hide     acme1/Support [unlisted]");
}

#[test]
fn a_state_of_the_version_before_has_no_pauses_until_it_is_given_one() {
    let sandbox = pending();
    let path = sandbox.path("root/.cplinks/state.db");
    let state = rusqlite::Connection::open(&path).unwrap();
    state
        .execute_batch("DROP TABLE pause; DROP TABLE call; PRAGMA user_version = 1")
        .unwrap();
    drop(state);
    let before = fs::read(&path).unwrap();
    plan(&sandbox, &[]).expect(0).says("Plan: 6 to replace");
    resume(&sandbox, &["--all"])
        .expect(1)
        .says("nothing is paused");
    assert_eq!(fs::read(&path).unwrap(), before);
    pause(&sandbox, &["--for", "1h", "--user", "acme*"]).expect(0);
    plan(&sandbox, &[])
        .expect(0)
        .says("Plan: 2 to replace, 4 wait");
    sandbox
        .run(&["history", "--root", "root"])
        .expect(0)
        .says("9 created");
}

#[test]
fn a_pause_that_cannot_be_read_stops_everything() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "1h"]).expect(0);
    let state = rusqlite::Connection::open(sandbox.path("root/.cplinks/state.db")).unwrap();
    state
        .execute("UPDATE pause SET users = '[\"[\"]'", [])
        .unwrap();
    drop(state);
    let before = sandbox.tree("root");
    for outcome in [
        plan(&sandbox, &[]),
        apply(&sandbox, &[]),
        resume(&sandbox, &["--all"]),
    ] {
        outcome
            .expect(1)
            .says("holds a pause, number 1, that makes no sense")
            .says("hint: run `cplinks recover`");
    }
    assert_eq!(sandbox.tree("root"), before);
}

#[test]
fn a_pause_needs_no_recovery_to_be_made() {
    let sandbox = pending();
    // As if the power had gone before the last line of the journal.
    let journal = "root/.cplinks/runs/000001/journal";
    let text = sandbox.read(journal);
    let cut = text.trim_end().rsplit_once('\n').unwrap().0;
    sandbox.write(journal, format!("{cut}\n"));
    plan(&sandbox, &[]).expect(1).says("cplinks recover");
    pause(&sandbox, &["--for", "1h"]).expect(0);
    resume(&sandbox, &[]).expect(0);
    pause(&sandbox, &["--for", "1h"]).expect(0);
    sandbox.run(&["recover", "--root", "root"]).expect(0);
    plan(&sandbox, &[])
        .expect(0)
        .says("Plan: no changes, 6 wait");
}

#[test]
fn there_are_never_more_pauses_than_a_person_can_read() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "1h", "--user", "acme*"]).expect(0);
    let state = rusqlite::Connection::open(sandbox.path("root/.cplinks/state.db")).unwrap();
    let copy = "INSERT INTO pause (users, apps, since, until, reason, who) \
                SELECT users, apps, since, until, reason, who FROM pause WHERE number = 1";
    for _ in 0..99 {
        state.execute(copy, []).unwrap();
    }
    drop(state);
    pause(&sandbox, &["--for", "1h"])
        .expect(1)
        .says("error: 100 pauses are in force, which is the most there may be\nhint: ");
    assert_eq!(stored(&sandbox), 100);
    resume(&sandbox, &["--user", "acme*"]).expect(0);
    pause(&sandbox, &["--for", "1h"]).expect(0);
}

#[test]
fn pauses_are_lost_with_the_state_and_a_recovery_says_so() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "1h"]).expect(0);
    sandbox.write("root/.cplinks/state.db", "not a database");
    plan(&sandbox, &[])
        .expect(1)
        .says("hint: run `cplinks recover`");
    let recover = ["recover", "--root", "root"];
    sandbox
        .run(&recover)
        .expect(0)
        .says("Pauses are in no run: whatever was paused is not any more.");
    plan(&sandbox, &[])
        .expect(0)
        .says("Plan: 6 to replace")
        .is_silent_about("wait");
}

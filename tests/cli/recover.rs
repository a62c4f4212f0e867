//! `cplinks recover` where there is nothing to do, and what it makes of a
//! state that cannot be used; `tests/crash` interrupts real applies and
//! recovers from each.

use crate::support::{Outcome, Sandbox};
use rusqlite::Connection;
use std::fs;

/// A server after the first apply of the examples, which made all its links:
/// of what it found as it should be the runs would know nothing.
fn applied() -> Sandbox {
    let sandbox = Sandbox::with_examples();
    fs::remove_dir_all(sandbox.path("root")).unwrap();
    sandbox.folder("root");
    let arguments = ["examples/acme", "--root", "root"];
    let secrets = ["--secrets", "examples/acme-secrets.yaml", "--yes"];
    let apply = [&["apply"], &arguments[..], &secrets].concat();
    sandbox.run(&apply).expect(0);
    sandbox
}

fn plan(sandbox: &Sandbox) -> Outcome {
    let secrets = "examples/acme-secrets.yaml";
    sandbox.run(&[
        "plan",
        "examples/acme",
        "--root",
        "root",
        "--secrets",
        secrets,
    ])
}

fn recover(sandbox: &Sandbox) -> Outcome {
    sandbox.run(&["recover", "--root", "root"])
}

/// Recovers a state, after which nothing is foreign that was not before, and
/// there is nothing more to do.
fn check(sandbox: &Sandbox, says: &str) {
    let live = || sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    let before = live();
    recover(sandbox)
        .expect(0)
        .says(says)
        .says("Recovered; `plan` shows what is still to do.");
    assert_eq!(live(), before);
    assert!(sandbox.names("root/.cplinks").contains("0600 state.db\n"));
    plan(sandbox)
        .expect(0)
        .says("Plan: no changes")
        .is_silent_about("adopted");
    let after = sandbox.fingerprint();
    recover(sandbox).expect(0).says("Nothing to recover.");
    assert_eq!(sandbox.fingerprint(), after);
}

#[test]
fn a_state_that_is_missing_is_made_anew_from_the_runs() {
    let sandbox = applied();
    fs::remove_file(sandbox.path("root/.cplinks/state.db")).unwrap();
    check(
        &sandbox,
        "There was no state; it is made anew from 1 finished run.",
    );
}

#[test]
fn a_state_that_is_damaged_is_kept_and_made_anew_from_the_runs() {
    let sandbox = applied();
    let state = "root/.cplinks/state.db";
    let whole = fs::read(sandbox.path(state)).unwrap();
    let mut torn = whole.clone();
    // The pages behind the first: it opens, and holds nonsense.
    torn[4096..].fill(0x55);
    let noise = b"no database at all".repeat(99);
    for (damaged, aside) in [
        (noise, "state.db.damaged"),
        (whole[..whole.len() / 2].to_vec(), "state.db.damaged2"),
        (torn, "state.db.damaged3"),
    ] {
        sandbox.write(state, &damaged);
        plan(&sandbox)
            .expect(1)
            .says("is damaged")
            .says("hint: run `cplinks recover`");
        let aside = format!("root/.cplinks/{aside}");
        let kept = format!("it is kept as `[SANDBOX]/{aside}`, and is made anew from 1 finished");
        check(&sandbox, &kept);
        assert_eq!(fs::read(sandbox.path(&aside)).unwrap(), damaged);
    }
}

#[test]
fn a_write_of_the_state_that_was_cut_off_is_taken_back() {
    let sandbox = applied();
    let crashed = "root/.cplinks/state.db";
    sandbox.write("copy.db", fs::read(sandbox.path(crashed)).unwrap());
    let connection = Connection::open(sandbox.path("copy.db")).unwrap();
    // With no room to keep pages, they are written before the commit.
    connection.pragma_update(None, "cache_size", 1).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sql = "INSERT INTO owned (user, thing) VALUES ('mallory', 'A' || ?1)";
    for n in 0..2000 {
        connection.execute(sql, [n]).unwrap();
    }
    let half = fs::read(sandbox.path("copy.db")).unwrap();
    sandbox.write(crashed, half);
    let journal = fs::read(sandbox.path("copy.db-journal")).unwrap();
    sandbox.write("root/.cplinks/state.db-journal", journal);
    plan(&sandbox)
        .expect(1)
        .says("was left in the middle of a write");
    check(
        &sandbox,
        "The state was left in the middle of a write, which is taken back.",
    );
    assert!(!sandbox.names("root/.cplinks").contains("state.db-journal"));
}

#[test]
fn a_state_of_a_newer_cplinks_is_left_to_that() {
    let sandbox = applied();
    let connection = Connection::open(sandbox.path("root/.cplinks/state.db")).unwrap();
    connection.pragma_update(None, "user_version", 4).unwrap();
    drop(connection);
    let before = sandbox.tree("root");
    recover(&sandbox)
        .expect(1)
        .says("has version 4")
        .says("hint: use the newer cplinks");
    assert_eq!(sandbox.tree("root"), before);
}

#[test]
fn where_nothing_was_interrupted_it_writes_nothing() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    sandbox
        .run(&["recover", "--root", "root"])
        .expect(0)
        .says("Nothing to recover.");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn the_unit_that_runs_at_boot_calls_it() {
    let sandbox = Sandbox::with_examples();
    let unit = sandbox.read("examples/systemd/cplinks-recover.service");
    assert!(unit.contains("ExecStart=/usr/local/bin/cplinks recover\n"));
}

#[test]
fn an_interrupted_run_is_named_by_plan_and_put_in_order() {
    let sandbox = Sandbox::with_examples();
    let target = [
        "examples/acme",
        "--root",
        "root",
        "--secrets",
        "examples/acme-secrets.yaml",
    ];
    let apply = [&["apply", "--yes"], &target[..]].concat();
    sandbox.run(&apply).expect(0);
    // As if the power had gone before the last line of the journal.
    let journal = "root/.cplinks/runs/000001/journal";
    let text = sandbox.read(journal);
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(last.contains("done"), "{last}");
    sandbox.write(journal, format!("{kept}\n"));
    let plan = [&["plan"], &target[..]].concat();
    sandbox.run(&plan).expect(1).says("cplinks recover");
    sandbox
        .run(&["recover", "--root", "root"])
        .expect(0)
        .says("Run 000001 was interrupted")
        .says("Recovered");
    sandbox.run(&plan).expect(0).says("no changes");
}

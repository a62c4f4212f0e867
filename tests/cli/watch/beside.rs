//! Other commands, and other watches, beside a watch.

use super::world::{
    LONG, NEVER, PROMPT, USERS, Watch, applied, assert_is_as_applied, has_label, manifest, steal,
    usual,
};
use rustix::process::Signal;

#[test]
fn of_two_watches_of_a_root_the_second_is_turned_away() {
    let sandbox = usual();
    let mut first = Watch::start(&sandbox, &NEVER);
    first.wait_until_settled();
    let pid = first.pid().as_raw_nonzero();
    let second = Watch::start_as(&sandbox, "second", &["conf"]).wait_for_end();
    assert_eq!(second.code, Some(5), "{}", second.log);
    for words in [
        "another watch keeps this root",
        &format!("process {pid} (cplinks)"),
        "hint: ",
    ] {
        assert!(second.log.contains(words), "no {words:?} in {}", second.log);
    }
    // Of another root it is nobody's business.
    sandbox.folder("other");
    let mut command = sandbox.command(&[
        "watch",
        "conf",
        "--root=other",
        "--health-file=out/other.health",
        "--metrics-file=out/other.prom",
    ]);
    let mut other = Watch::spawn(&sandbox, "other", &mut command);
    other.wait_until("it works", PROMPT, |watch| watch.health() == "ok");
    other.stop();
    first.stop();
    // And of this one it is no more.
    let mut next = Watch::start_as(&sandbox, "next", &["conf"]);
    next.wait_until_settled();
    next.stop();
}

#[test]
fn after_one_was_killed_the_next_begins_at_once() {
    let sandbox = usual();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    watch.signal(Signal::KILL);
    assert_eq!(watch.wait_for_end().code, None);
    steal(&sandbox, "bob", "Billing");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until("what happened meanwhile is repaired", PROMPT, |_| {
        has_label(&sandbox, "bob", "Billing", "Old")
    });
    watch.wait_until_settled();
    assert!(watch.told("interrupted").is_empty(), "{}", watch.log());
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn other_commands_work_beside_it() {
    let sandbox = usual();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    for command in [
        &["plan", "conf", "--detailed-exitcode", "--lock-timeout=0"][..],
        &["drift", "--lock-timeout=0"],
        &["status", "conf", "--lock-timeout=0"],
        &["history"],
    ] {
        sandbox.run(&[command, &["--root=root"]].concat()).expect(0);
    }
    // By hand something that the watch does not know of yet: it comes to the
    // same, whoever is first.
    sandbox.write("hand/m.yaml", manifest("Hand"));
    sandbox
        .run(&["apply", "hand", "--root=root", "--yes", "--user=carol"])
        .expect(0)
        .says("2 replaced");
    // What the watch is told to keep it keeps.
    watch.wait_until("it is as the watch's manifest says", PROMPT, |_| {
        USERS
            .iter()
            .all(|user| has_label(&sandbox, user, "Billing", "Old"))
    });
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn an_apply_that_holds_the_lock_is_waited_for() {
    let sandbox = usual();
    let mut watch = Watch::start(&sandbox, &["--every=365d", "--lock-timeout=1"]);
    watch.wait_until_settled();
    let lock = std::fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    steal(&sandbox, "alice", "Support");
    watch.wait_until("it says why it waits", PROMPT, |watch| {
        watch.told("locked").len() == 1
    });
    // It goes on trying, and does not go on telling.
    let tries = |watch: &Watch<'_>| watch.figure("rounds_total").unwrap();
    let before = tries(&watch);
    watch.wait_until("two more tries", PROMPT, |watch| {
        tries(watch) >= before + 2.0
    });
    assert_eq!(watch.told("locked").len(), 1, "{}", watch.log());
    assert!(watch.told("failed").is_empty(), "{}", watch.log());
    assert!(!has_label(&sandbox, "alice", "Support", "Old"));
    lock.unlock().unwrap();
    watch.wait_until("it is repaired", PROMPT, |_| {
        has_label(&sandbox, "alice", "Support", "Old")
    });
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn a_lock_that_was_removed_with_its_folder_is_taken_again() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    std::fs::remove_dir_all(sandbox.path("root/.cplinks")).unwrap();
    watch.wait_until("the lock is there", LONG, |_| {
        sandbox.path("root/.cplinks/watch.lock").exists()
    });
    watch.wait_until_settled();
    sandbox
        .run(&["watch", "conf", "--root=root"])
        .expect(5)
        .says("another watch keeps this root");
    watch.stop();
}

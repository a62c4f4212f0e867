//! What a watch, and others beside it, say so that nobody is surprised.

use super::world::{LONG, NEVER, Watch, steal, usual};

#[test]
fn an_undo_beside_a_watch_says_that_it_will_not_last() {
    let sandbox = usual();
    let said = "a watch keeps this root";
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let undo = ["undo", "--dry-run", "--root=root"];
    sandbox.run(&undo).says(said).says("(cplinks)");
    watch.stop();
    let outcome = sandbox.run(&undo);
    assert!(!outcome.stdout.contains(said), "{}", outcome.stdout);
}

#[test]
fn accounts_that_are_not_here_are_told_of_once() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: owners are only set by root");
        return;
    }
    let sandbox = usual();
    let more = ["--owners=set", "--every=1s"];
    let mut watch = Watch::start(&sandbox, &more);
    watch.wait_until("it is told", LONG, |watch| {
        watch.told("no-account").len() == 1 && watch.figure("rounds_total") > Some(2.0)
    });
    assert!(
        watch
            .log()
            .contains("3 accounts of the manifest are not on this host")
    );
    watch.wait_until("all is well", LONG, |watch| watch.health() == "ok");
    watch.stop();
    // As in apply, it is an error where that is asked for.
    let strict = ["--owners=set", "--strict", "--every=1s"];
    let mut watch = Watch::start(&sandbox, &strict);
    watch.wait_until("it fails", LONG, |watch| {
        !watch.told("failed").is_empty() && watch.health() == "failing"
    });
    watch.stop();
}

#[test]
fn in_the_mode_report_nothing_is_written() {
    let sandbox = usual();
    let args = ["conf", "--mode=report", "--every=1s"];
    let mut watch = Watch::start_as(&sandbox, "report", &args);
    watch.wait_until("it is told", LONG, |watch| {
        watch.log().contains("6 changes are pending, 6 new")
    });
    // Not again by the rounds that follow.
    watch.assert_stays("told once", std::time::Duration::from_secs(3), |watch| {
        watch.log().matches("are pending").count() == 1
    });
    watch.stop();
    assert_eq!(
        sandbox.tree("root"),
        ".cplinks/ 0700\n.cplinks/watch.lock 0600\n\n"
    );
    sandbox
        .run(&["apply", "conf", "--root=root", "--yes"])
        .expect(0);
    let mut watch = Watch::start_as(&sandbox, "again", &args);
    std::thread::sleep(std::time::Duration::from_millis(500));
    steal(&sandbox, "bob", "Support");
    watch.wait_until("the edit is told", LONG, |watch| {
        watch.log().contains("bob/Support would be replaced")
    });
    watch.stop();
}

#[test]
fn folders_that_are_too_many_to_be_watched_are_told_of() {
    let sandbox = usual();
    for number in 0..10_001 {
        std::fs::create_dir(sandbox.path(&format!("conf/{number}"))).unwrap();
    }
    let mut watch = Watch::start(&sandbox, &["--every=1s"]);
    watch.wait_until("it is told", LONG, |watch| {
        watch
            .log()
            .contains("more than 10000 folders beside the manifest")
            && watch.figure("rounds_total") > Some(2.0)
    });
    assert_eq!(watch.told("polling").len(), 1, "{}", watch.log());
    // The manifest's own folder is not among those that are left out.
    sandbox.write("conf/m.yaml", super::world::manifest("New"));
    watch.wait_until("it is read", LONG, |_| {
        super::world::all_have_label(&sandbox, "New")
    });
    watch.stop();
}

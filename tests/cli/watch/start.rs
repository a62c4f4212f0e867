//! A watch begins with work to do, and ends when it is asked to.

use super::world::{
    LONG, NEVER, PROMPT, Watch, all_have_label, assert_is_as_applied, manifest, usual,
};
use rustix::process::Signal;

#[test]
fn it_begins_dirty_and_ends_on_either_signal() {
    for signal in [Signal::TERM, Signal::INT] {
        let sandbox = usual();
        let mut watch = Watch::start(&sandbox, &NEVER);
        watch.wait_until("the links are there", PROMPT, |_| {
            all_have_label(&sandbox, "Old")
        });
        watch.wait_until_settled();
        let log = watch.stop_by(signal);
        assert_is_as_applied(&sandbox, &manifest("Old"));
        // One run, whole, and nothing of it left open.
        sandbox
            .run(&["history", "--root", "root"])
            .expect(0)
            .says("6 created");
        let first = log.lines().next().unwrap();
        assert!(first.contains("\"event\":\"started\""), "{log}");
    }
}

#[test]
fn for_people_there_is_a_log_and_nothing_else() {
    let sandbox = usual();
    // A folder that comes would be told of, or not, as it is seen or not.
    sandbox.folder("root/links").folder("root/dynamicui");
    let mut watch = Watch::start_as(&sandbox, "human", &["conf", "--mode=apply"]);
    watch.wait_until_settled();
    let log = watch.stop();
    // Each line without the time it begins with.
    let lines: Vec<_> = log.lines().map(|line| line.split_at(21).1).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    started: root is watched, in mode apply
    manifest-read: the manifest, its policy and its secrets were read
    change: alice/Billing created
    change: alice/Support created
    change: bob/Billing created
    change: bob/Support created
    change: carol/Billing created
    change: carol/Support created
    round: 6 changed, in run 000001
    stopping: the watch ends
    ");
}

#[test]
fn a_hangup_reads_everything_again() {
    let sandbox = usual();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let rounds = watch.figure("rounds_total").unwrap();
    watch.signal(Signal::HUP);
    watch.wait_until("one more round", PROMPT, |watch| {
        watch.figure("rounds_total").unwrap() > rounds
    });
    assert!(
        watch
            .figures()
            .contains("look=\"full\",result=\"nothing\"} 1")
    );
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn it_is_told_apart_from_one_that_never_began() {
    let sandbox = usual();
    // There is no root to keep: no watch, and exit code 1.
    std::fs::remove_dir(sandbox.path("root")).unwrap();
    let ended = Watch::start(&sandbox, &NEVER).wait_for_end();
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    assert!(ended.log.contains("error: "), "{}", ended.log);
    sandbox.folder("root");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until("the links are there", LONG, |_| {
        all_have_label(&sandbox, "Old")
    });
    watch.stop();
}

#[test]
fn a_timer_is_from_a_second_to_a_year() {
    let sandbox = usual();
    for wrong in ["0s", "366d", "213503982334601d", "-1s", "1"] {
        let every = format!("--every={wrong}");
        sandbox
            .run(&["watch", "conf", "--root=root", &every])
            .expect(1)
            .says("--every <TIME>");
    }
    assert_eq!(sandbox.tree("root"), "");
}

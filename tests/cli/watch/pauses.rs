//! Pauses beside a watch: what a person works on is left alone, until the
//! pause ends or is ended.

use super::world::{
    LONG, NEVER, PROMPT, Watch, applied, assert_is_as_applied, has_label, manifest, steal,
};
use std::time::{Duration, Instant};

#[test]
fn a_paused_link_is_repaired_as_soon_as_the_pause_is_ended() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let pause = ["--root=root", "--for=1h", "--reason=ticket", "--user=alice"];
    sandbox.run(&[&["pause"], &pause[..]].concat()).expect(0);
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("it is told", PROMPT, |watch| {
        watch.told("paused").len() == 1 && watch.figures().contains("held{why=\"paused\"} 1\n")
    });
    // Others are not paused.
    steal(&sandbox, "bob", "Billing");
    watch.wait_until("another user", PROMPT, |_| {
        has_label(&sandbox, "bob", "Billing", "Old")
    });
    watch.assert_stays("left alone", Duration::from_secs(1), |_| {
        !has_label(&sandbox, "alice", "Billing", "Old")
    });
    // It is as somebody wished it to be.
    assert_eq!(watch.health(), "ok", "{}", watch.shown());
    assert_eq!(watch.told("paused").len(), 1, "{}", watch.log());
    sandbox
        .run(&["resume", "--root=root", "--user=alice"])
        .expect(0);
    watch.wait_until("it is repaired", PROMPT, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    watch.wait_until("nothing waits", PROMPT, |watch| {
        watch.figures().contains("held{why=\"paused\"} 0\n")
    });
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn a_paused_link_is_repaired_when_the_pause_runs_out() {
    const LENGTH: Duration = Duration::from_secs(5);
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let begin = Instant::now();
    let pause = [
        "--root=root",
        "--for=5s",
        "--reason=ticket",
        "--app=Billing",
    ];
    sandbox.run(&[&["pause"], &pause[..]].concat()).expect(0);
    steal(&sandbox, "alice", "Billing");
    sandbox.write("conf/m.yaml", manifest("New"));
    watch.wait_until("what is not paused is changed", LONG, |_| {
        has_label(&sandbox, "alice", "Support", "New")
    });
    watch.wait_until("the rest is changed too", LENGTH + PROMPT, |_| {
        has_label(&sandbox, "alice", "Billing", "New")
            && has_label(&sandbox, "carol", "Billing", "New")
    });
    // A second may be missing: pauses are counted in whole ones.
    let took = begin.elapsed();
    assert!(
        took >= LENGTH.saturating_sub(Duration::from_secs(1)),
        "{took:?}\n{}",
        watch.shown()
    );
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("New"));
}

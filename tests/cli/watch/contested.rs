//! Somebody else undoes a repair again and again: the watch yields more and
//! more, for that link alone.

use super::world::{
    LONG, NEVER, Over, PROMPT, Watch, applied, assert_is_as_applied, has_label, manifest, steal,
    userconfig,
};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

#[test]
fn a_link_that_is_undone_all_the_time_is_repaired_less_and_less_often() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let path = sandbox.path(&userconfig("alice", "Billing"));
    let theirs = sandbox
        .read(&userconfig("alice", "Billing"))
        .replace("\"Old\"", "\"Theirs\"");
    let is_over = AtomicBool::new(false);
    scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                // Only where it was repaired: who writes the same all the
                // time would be a storm too.
                if fs::read_to_string(&path).is_ok_and(|text| text != theirs) {
                    fs::write(&path, &theirs).unwrap();
                }
                sleep(Duration::from_millis(20));
            }
        });
        let _over = Over(&is_over);
        let begin = Instant::now();
        let of_it = |watch: &Watch<'_>| {
            let changes = watch.told("change");
            let of_it = changes.iter().filter(|c| c["address"] == "alice/Billing");
            of_it.count()
        };
        watch.wait_until("it is contested", PROMPT, |watch| {
            watch.told("contested").len() == 1
                && watch.shows("contested", 1)
                && watch.health() == "degraded"
        });
        // Others need not wait for that.
        steal(&sandbox, "alice", "Support");
        watch.wait_until("another link of that user", PROMPT, |_| {
            has_label(&sandbox, "alice", "Support", "Old")
        });
        steal(&sandbox, "bob", "Billing");
        watch.wait_until("another user", PROMPT, |_| {
            has_label(&sandbox, "bob", "Billing", "Old")
        });
        // Repaired at once, after 2 s and after 6 more: three times by then,
        // and the next time after 18 s more.
        watch.wait_until("the third repair", LONG, |watch| of_it(watch) == 3);
        let took = begin.elapsed();
        assert!(
            took >= Duration::from_secs(8),
            "{took:?}\n{}",
            watch.shown()
        );
        watch.assert_stays("left alone", Duration::from_secs(8), |watch| {
            of_it(watch) == 3
        });
        assert_eq!(watch.told("contested").len(), 1, "{}", watch.log());
        assert_eq!(watch.told("contested")[0]["address"], "alice/Billing");
    });
    // The other one is gone, and its last word waits for its time.
    watch.wait_until("the fourth repair", LONG, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn what_the_manifest_says_anew_is_no_contest() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    for number in 0..6 {
        let label = format!("New{number}");
        sandbox.write("conf/m.yaml", manifest(&label));
        watch.wait_until("it is live", PROMPT, |_| {
            has_label(&sandbox, "alice", "Billing", &label)
        });
    }
    watch.wait_until_settled();
    assert!(watch.told("contested").is_empty(), "{}", watch.log());
    watch.stop();
}

//! More happens than can be looked at one by one.

use super::world::{
    LONG, NEVER, PROMPT, Watch, all_have_label, applied, assert_is_as_applied, has_label, manifest,
    steal,
};
use rustix::process::{Signal, WaitId, WaitIdOptions, waitid};
use std::fs;
use std::time::Instant;

#[test]
fn a_storm_of_writes_is_a_few_rounds_and_the_last_content_is_live_soon() {
    const WRITES: u32 = 10_000;
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let path = sandbox.path("conf/m.yaml");
    let begin = Instant::now();
    for number in 1..=WRITES {
        let label = if number == WRITES {
            "Last".to_owned()
        } else {
            format!("L{number}")
        };
        fs::write(&path, manifest(&label)).unwrap();
    }
    watch.wait_until("the last content is live", PROMPT, |_| {
        all_have_label(&sandbox, "Last")
    });
    watch.wait_until_settled();
    // One round for each quiet window, and those that looked before it began
    // and after it ended.
    let windows = begin.elapsed().as_secs_f64() / 0.1;
    let rounds = watch.figure("rounds_total").unwrap();
    assert!(
        rounds <= windows + 3.0 && rounds < f64::from(WRITES) / 10.0,
        "{rounds} rounds in {windows} windows\n{}",
        watch.shown()
    );
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Last"));
}

#[test]
fn what_the_kernel_drops_is_found_by_looking_at_everything() {
    let sandbox = applied();
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let most: usize = most.trim().parse().unwrap();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    watch.signal(Signal::STOP);
    waitid(WaitId::Pid(watch.pid()), WaitIdOptions::STOPPED).unwrap();
    // Each time is two notices at least: it comes and it goes.
    let noise = sandbox.path("root/links/alice/noise");
    for _ in 0..most {
        fs::write(&noise, "").unwrap();
        fs::remove_file(&noise).unwrap();
    }
    steal(&sandbox, "carol", "Support");
    assert!(watch.shows("lost_events_total", 0));
    watch.signal(Signal::CONT);
    watch.wait_until("the edit nobody was told of is repaired", LONG, |_| {
        has_label(&sandbox, "carol", "Support", "Old")
    });
    watch.wait_until("it is told", PROMPT, |watch| {
        let told = watch.told("rescan");
        let words = "the kernel dropped notices, so everything is looked at";
        told.iter().any(|line| line["message"] == words)
            && watch.figure("lost_events_total") >= Some(1.0)
    });
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

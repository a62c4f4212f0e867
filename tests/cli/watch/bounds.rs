//! How soon is soon: where other tests are patient with a busy machine, here
//! the best of a few tries must hold the promise.

use super::world::{
    APPS, LONG, NEVER, PROMPT, USERS, Watch, all_have_label, applied, assert_is_as_applied,
    has_label, manifest, steal,
};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// What the README promises.
const PROMISED: Duration = Duration::from_secs(2);

#[track_caller]
fn assert_is_held(tries: &[Duration]) {
    let best = tries.iter().min().unwrap();
    assert!(*best < PROMISED, "{tries:?}");
}

#[test]
fn an_edit_of_the_manifest_is_live_within_two_seconds() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let tries = [0, 1, 2, 3].map(|number| {
        let label = format!("New{number}");
        sandbox.write("conf/m.yaml", manifest(&label));
        let begin = Instant::now();
        watch.wait_until("it is live", LONG, |_| all_have_label(&sandbox, &label));
        begin.elapsed()
    });
    assert_is_held(&tries);
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("New3"));
}

#[test]
fn a_foreign_edit_is_repaired_within_two_seconds() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    // Each link once: the second time it would be contested.
    let links = USERS.iter().flat_map(|user| APPS.map(|app| (user, app)));
    let tries: Vec<_> = links
        .map(|(user, app)| {
            steal(&sandbox, user, app);
            let begin = Instant::now();
            watch.wait_until("it is repaired", LONG, |_| {
                has_label(&sandbox, user, app, "Old")
            });
            begin.elapsed()
        })
        .collect();
    assert_is_held(&tries);
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn a_hangup_finds_at_once_what_nobody_told_of() {
    let sandbox = applied();
    // Who polls does not see what is written in place.
    let mut watch = Watch::start(&sandbox, &[&NEVER[..], &["--watcher=poll"]].concat());
    watch.wait_until_settled();
    watch.wait_until("it polls", PROMPT, |watch| watch.told("polling").len() == 2);
    let links = USERS.iter().flat_map(|user| APPS.map(|app| (user, app)));
    let tries: Vec<_> = links
        .map(|(user, app)| {
            steal(&sandbox, user, app);
            watch.signal(Signal::HUP);
            let begin = Instant::now();
            watch.wait_until("it is repaired", LONG, |_| {
                has_label(&sandbox, user, app, "Old")
            });
            begin.elapsed()
        })
        .collect();
    assert_is_held(&tries);
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

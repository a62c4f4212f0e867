//! A user who swaps their folder for a link out of the root, again and again,
//! while plans and applies run as root (row F9): whatever comes when, nothing
//! outside is read or written, and nothing of it is told.

use super::scene::{apply, plan, scene, stamps};
use crate::support::{Sandbox, say};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often the two change places.
const SWAPS: usize = 10_000;

/// Two places whose contents change places at once, so that there is never
/// nothing.
struct Swapped(PathBuf, PathBuf);

impl Swapped {
    fn swap(&self) {
        renameat_with(CWD, &self.0, CWD, &self.1, RenameFlags::EXCHANGE).unwrap();
    }
}

/// What the runs beside the swaps came to.
#[derive(Debug, Default)]
struct Tally {
    skipped: usize,
    changed: usize,
    runs: usize,
}

/// Swaps these while plans and applies of ever new labels run, at least as
/// often as the constant says, and until both outcomes of a race were seen or
/// a minute is over.
fn race(sandbox: &Sandbox, swapped: &[Swapped], mut check: impl FnMut()) -> Tally {
    let (is_over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut tally = Tally::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                for pair in swapped {
                    pair.swap();
                }
                swaps.fetch_add(1, Ordering::Relaxed);
                // Long enough for a run to get in between, short enough for
                // thousands of swaps.
                thread::sleep(Duration::from_micros(300));
            }
        });
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(50)
            && (swaps.load(Ordering::Relaxed) < SWAPS || tally.skipped == 0 || tally.changed == 0)
        {
            let text = sandbox.read("m.yaml");
            let (old, new) = if tally.runs.is_multiple_of(2) {
                ("New", "Newer")
            } else {
                ("Newer", "New")
            };
            sandbox.write("m.yaml", text.replace(old, new));
            plan(sandbox);
            let outcome = apply(sandbox);
            assert!(matches!(outcome.code, 0 | 1), "{}", outcome.shown());
            let is_skipped = outcome.code == 1;
            assert!(
                !is_skipped || outcome.shown().contains("alice"),
                "{}",
                outcome.shown()
            );
            tally.skipped += usize::from(is_skipped);
            tally.changed += usize::from(!is_skipped);
            tally.runs += 1;
            check();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let swaps = swaps.into_inner();
    say(&format!("{swaps} swaps, {tally:?}"));
    assert!(swaps >= SWAPS, "{swaps}");
    tally
}

#[test]
fn a_folder_that_is_swapped_for_a_link_is_never_followed() {
    let sandbox = scene();
    // In their own files a thief would find a token, and see a write.
    sandbox
        .shell(
            "mkdir -p outside/links outside/dynamicui; cp outside/A.* outside/links; \
             cp outside/A.userconfig outside/links/B.userconfig; \
             cp outside/dynamicui_A.conf outside/dynamicui; \
             ln -s $PWD/outside/links hop-links; ln -s $PWD/outside/dynamicui hop-menu; \
             chmod 750 outside/links outside/dynamicui",
        )
        .expect(0);
    let swapped = [
        Swapped(sandbox.path("root/links/alice"), sandbox.path("hop-links")),
        Swapped(
            sandbox.path("root/dynamicui/alice"),
            sandbox.path("hop-menu"),
        ),
    ];
    let before = stamps(&sandbox, "outside");
    let tally = race(&sandbox, &swapped, || {
        assert_eq!(stamps(&sandbox, "outside"), before);
    });
    assert!(tally.skipped > 0 && tally.changed > 0, "{tally:?}");
    // The neighbour: left in peace, the folders are as all others.
    for (pair, at) in swapped.iter().zip(["links", "dynamicui"]) {
        if sandbox.path(&format!("root/{at}/alice")).is_symlink() {
            pair.swap();
        }
    }
    apply(&sandbox).expect(0);
    plan(&sandbox).expect(0).says("Plan: no changes");
    sandbox.shell("! grep -rl canary-outside root").expect(0);
}

//! A watch that runs for a year: whatever happens however often, it takes no
//! more memory and no more descriptors than before. With `CPLINKS_STORM=all`
//! as much happens as is promised; else a tenth or a fifth of it, so that the
//! tests are done in a minute.

use super::world::{
    LONG, NEVER, Watch, applied, has_label, manifest, manifest_of, steal, userconfig,
};
use crate::support::Sandbox;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::thread::sleep;
use std::time::Duration;

/// How much more memory is no growth: the heap is handed out in pages, and
/// what is free in one is not always what is asked for next. A single thing
/// kept of each of 200,000 events would be more.
const SLACK_KIB: u64 = 2 * 1024;

fn is_whole() -> bool {
    std::env::var_os("CPLINKS_STORM").is_some_and(|storm| storm == "all")
}

/// What a watch holds of the machine.
#[derive(Debug, Clone, Copy)]
struct Held {
    memory_kib: u64,
    descriptors: usize,
}

impl Held {
    /// What it holds when it does nothing: the least of some time, since a
    /// round may go on.
    fn by(watch: &Watch<'_>) -> Self {
        let mut least = Self::now(watch);
        for _ in 0..30 {
            sleep(Duration::from_millis(20));
            let now = Self::now(watch);
            least.memory_kib = least.memory_kib.min(now.memory_kib);
            least.descriptors = least.descriptors.min(now.descriptors);
        }
        least
    }

    fn now(watch: &Watch<'_>) -> Self {
        let process = format!("/proc/{}", watch.pid());
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = line.unwrap().trim().strip_suffix(" kB").unwrap();
        Self {
            memory_kib: memory.parse().unwrap(),
            descriptors: fs::read_dir(format!("{process}/fd")).unwrap().count(),
        }
    }

    #[track_caller]
    fn assert_flat(self, watch: &Watch<'_>) {
        let now = Self::by(watch);
        assert_eq!(now.descriptors, self.descriptors, "{self:?}, {now:?}");
        assert!(
            now.memory_kib <= self.memory_kib + SLACK_KIB,
            "{self:?}, {now:?}"
        );
    }
}

/// A link is edited, and comes back.
#[track_caller]
fn repair(watch: &mut Watch<'_>, sandbox: &Sandbox, user: &str, app: &str) {
    steal(sandbox, user, app);
    watch.wait_until("the edit is repaired", LONG, |_| {
        has_label(sandbox, user, app, "Old")
    });
    watch.wait_until_settled();
}

/// Lets so many more notices come in. Two files take turns, since the kernel
/// makes one notice of the same twice in a row; now and then it waits, so that
/// none is dropped but where the machine is very busy.
fn flood(watch: &mut Watch<'_>, sandbox: &Sandbox, notices: f64) {
    let open = |name: &str| File::create(sandbox.path(&format!("root/links/alice/{name}")));
    let files = ["noise-1", "noise-2"].map(|name| open(name).unwrap());
    let goal = watch.figure("events_total").unwrap() + notices;
    watch.wait_until("the notices are taken in", 5 * LONG, |watch| {
        for _ in 0..2_000 {
            for file in &files {
                file.write_all_at(b"x", 0).unwrap();
            }
        }
        watch.figure("events_total").unwrap() >= goal
    });
}

#[test]
fn a_million_notices_leave_nothing_behind() {
    let notices = if is_whole() { 1_000_000.0 } else { 200_000.0 };
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    flood(&mut watch, &sandbox, 20_000.0);
    repair(&mut watch, &sandbox, "alice", "Billing");
    let before = Held::by(&watch);
    flood(&mut watch, &sandbox, notices);
    repair(&mut watch, &sandbox, "alice", "Support");
    repair(&mut watch, &sandbox, "bob", "Support");
    before.assert_flat(&watch);
    watch.stop();
}

#[test]
fn ten_thousand_edits_of_the_manifest_leave_nothing_behind() {
    let edits = if is_whole() { 10_000 } else { 2_000 };
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let edit = |label: &str| {
        // As `git` does it.
        sandbox.write("new.yaml", manifest(label));
        fs::rename(sandbox.path("new.yaml"), sandbox.path("conf/m.yaml")).unwrap();
        sleep(Duration::from_millis(2));
    };
    let all = |watch: &mut Watch<'_>, edits: usize| {
        for number in 0..edits {
            edit(&format!("L{number}"));
        }
        edit("Old");
        watch.wait_until("the last edit is live", LONG, |_| {
            has_label(&sandbox, "carol", "Support", "Old")
        });
        watch.wait_until_settled();
    };
    all(&mut watch, edits / 4);
    let before = Held::by(&watch);
    all(&mut watch, edits);
    before.assert_flat(&watch);
    watch.stop();
}

#[test]
fn a_thousand_repairs_leave_nothing_behind() {
    // One run each, or ten links in a run.
    let at_once = if is_whole() { 1 } else { 10 };
    let users: Vec<_> = (0..550).map(|number| format!("user{number:03}")).collect();
    let users: Vec<_> = users.iter().map(String::as_str).collect();
    let sandbox = Sandbox::with_root();
    sandbox.write("conf/m.yaml", manifest_of(&users, "Old"));
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let links: Vec<_> = users
        .iter()
        .flat_map(|user| super::world::APPS.map(|app| (*user, app)))
        .collect();
    let (first, rest) = links.split_at(100);
    let repair_all = |watch: &mut Watch<'_>, links: &[(&str, &str)]| {
        for group in links.chunks(at_once) {
            for (user, app) in group {
                steal(&sandbox, user, app);
            }
            watch.wait_until("they are repaired", LONG, |_| {
                let mut group = group.iter();
                group.all(|(user, app)| has_label(&sandbox, user, app, "Old"))
            });
        }
        watch.wait_until_settled();
    };
    repair_all(&mut watch, first);
    let before = Held::by(&watch);
    repair_all(&mut watch, rest);
    before.assert_flat(&watch);
    assert!(watch.figure("changes_total") >= Some(2_200.0));
    watch.stop();
}

/// Somebody else's links of each user, which are read in each round.
const APPS: usize = 5;

#[test]
fn reading_a_large_root_again_and_again_drops_no_notice() {
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let most: usize = most.trim().parse().unwrap();
    let count = (most / APPS + 100).min(5_000);
    let users: Vec<_> = (0..count)
        .map(|number| format!("user{number:04}"))
        .collect();
    let users: Vec<_> = users.iter().map(String::as_str).collect();
    let sandbox = Sandbox::with_root();
    sandbox.write("conf/m.yaml", manifest_of(&users, "Old"));
    for user in &users {
        for app in 0..APPS {
            let text = format!("{{\"app\":\"Other{app}\",\"label\":\"Theirs\"}}");
            sandbox.write(&userconfig(user, &format!("Other{app}")), text);
        }
        sandbox.folder(&format!("root/dynamicui/{user}"));
    }
    let more = ["conf", "--log-format=json", "--mode=report", "--every=2s"];
    let mut watch = Watch::start_as(&sandbox, "watch", &more);
    watch.wait_until("everything was read three times", 2 * LONG, |watch| {
        watch.figure("rounds_total") >= Some(3.0)
    });
    let full = "rounds_total{look=\"full\",result=\"pending\"} ";
    assert!(watch.figures().contains(full), "{}", watch.figures());
    assert!(watch.shows("lost_events_total", 0), "{}", watch.shown());
    assert!(watch.shows("polling", 0), "{}", watch.shown());
    watch.stop();
}

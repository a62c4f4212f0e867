//! What a service manager hears of a watch.

use super::world::{LONG, NEVER, PROMPT, Watch, applied, manifest, steal};
use crate::support::Sandbox;
use rustix::process::Signal;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

/// The other end of `NOTIFY_SOCKET`, and when each message came.
struct Manager {
    socket: UnixDatagram,
    heard: Vec<(Instant, String)>,
}

impl Manager {
    fn of(sandbox: &mut Sandbox) -> Self {
        let path = sandbox.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        sandbox.env("NOTIFY_SOCKET", path.to_str().unwrap());
        Self {
            socket,
            heard: Vec::new(),
        }
    }

    /// Takes in what has come.
    fn listen(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
            self.heard.push((Instant::now(), text));
        }
    }

    /// The messages in which a line begins so.
    fn told(&self, begin: &str) -> Vec<&(Instant, String)> {
        let has = |text: &str| text.lines().any(|line| line.starts_with(begin));
        self.heard.iter().filter(|(_, text)| has(text)).collect()
    }
}

#[test]
fn it_is_told_that_all_is_well_and_for_how_long() {
    let mut sandbox = applied();
    let mut manager = Manager::of(&mut sandbox);
    sandbox.env("WATCHDOG_USEC", "1000000");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    manager.listen();
    assert_eq!(manager.told("READY=1").len(), 1, "{:?}", manager.heard);
    let idle = Instant::now();
    while idle.elapsed() < Duration::from_secs(5) {
        manager.listen();
    }
    // Nothing happens, and yet it is heard of in time.
    let fed: Vec<_> = manager
        .told("WATCHDOG=1")
        .into_iter()
        .filter(|(at, _)| *at > idle)
        .map(|(at, _)| *at)
        .collect();
    assert!(fed.len() >= 5, "{:?}", manager.heard);
    let gaps = fed.windows(2).map(|pair| pair[1] - pair[0]);
    let longest = gaps.max().unwrap();
    assert!(longest <= Duration::from_secs(1), "{longest:?}");
    // It sleeps in between: to be heard of is no reason to look.
    assert!(fed.len() <= 30, "{:?}", manager.heard);
    assert_eq!(watch.figure("rounds_total"), Some(1.0));
    let status = manager.told("STATUS=");
    assert_eq!(
        status.last().unwrap().1.trim(),
        "STATUS=ok: 3 accounts, 0 pending"
    );
    // What is wrong is in the status.
    sandbox.write("conf/m.yaml", "version: 1\nusres: {}\n");
    watch.wait_until("it is degraded", PROMPT, |watch| {
        watch.health() == "degraded"
    });
    manager.listen();
    assert_eq!(
        manager.told("STATUS=").last().unwrap().1.trim(),
        "STATUS=degraded: 3 accounts, 0 pending, the manifest cannot be used"
    );
    watch.stop();
    manager.listen();
    assert_eq!(manager.told("STOPPING=1").len(), 1, "{:?}", manager.heard);
    let last = &manager.heard.last().unwrap().1;
    assert!(last.contains("STOPPING=1"), "{last}");
}

#[test]
fn a_hangup_is_a_reload() {
    let mut sandbox = applied();
    let mut manager = Manager::of(&mut sandbox);
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    manager.listen();
    let before = manager.heard.len();
    watch.signal(Signal::HUP);
    watch.wait_until("it was read again", LONG, |_| {
        manager.listen();
        manager.told("READY=1").len() == 2
    });
    let words: Vec<_> = manager.heard[before..]
        .iter()
        .map(|(_, text)| text.as_str())
        .filter(|text| !text.starts_with("STATUS="))
        .collect();
    assert_eq!(words.len(), 2, "{words:?}");
    let mut lines = words[0].lines();
    assert_eq!(lines.next(), Some("RELOADING=1"));
    let clock = lines
        .next()
        .unwrap()
        .strip_prefix("MONOTONIC_USEC=")
        .unwrap();
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    let clock = clock.parse::<f64>().unwrap() / 1e6;
    assert!((uptime - clock).abs() < 60.0, "{clock} and {uptime}");
    assert_eq!(words[1].trim(), "READY=1");
    // Without a watchdog nobody is fed.
    assert!(manager.told("WATCHDOG=1").is_empty(), "{:?}", manager.heard);
    watch.stop();
}

#[test]
fn in_a_long_round_it_is_heard_of_too() {
    let mut sandbox = Sandbox::with_root();
    let names: Vec<_> = (0..300).map(|number| format!("user{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    sandbox.write("conf/m.yaml", super::world::manifest_of(&names, "Old"));
    let mut manager = Manager::of(&mut sandbox);
    // So short that the round takes several times as long.
    sandbox.env("WATCHDOG_USEC", "50000");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until("all is as it should be", LONG, |watch| {
        manager.listen();
        watch.health() == "ok"
    });
    // Each batch is staged in one go, so not in each of the periods; but
    // without a word in the round there would be one or two after it.
    let fed = manager.told("WATCHDOG=1").len();
    assert!(fed >= 5, "{fed} times\n{}", watch.shown());
    watch.stop();
}

#[test]
fn a_manager_that_is_gone_is_no_trouble() {
    let mut sandbox = applied();
    drop(Manager::of(&mut sandbox));
    sandbox.env("WATCHDOG_USEC", "1000000");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair", PROMPT, |watch| watch.told("round").len() == 1);
    watch.stop();
    super::world::assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn a_period_of_no_time_is_none() {
    let mut sandbox = applied();
    let mut manager = Manager::of(&mut sandbox);
    sandbox.env("WATCHDOG_USEC", "0");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    manager.listen();
    assert!(manager.told("WATCHDOG=1").is_empty(), "{:?}", manager.heard);
    watch.stop();
}

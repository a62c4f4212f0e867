//! A process that is measured: what the kernel says of it, and what it says
//! itself, each line with the moment it came.

use crate::world::World;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take at most.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two looks at what is measured from the outside.
const LOOK: Duration = Duration::from_millis(20);

/// The binary, in the folder of a world.
fn cplinks(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cplinks"));
    command
        .current_dir(world.path("."))
        .env_clear()
        .args(arguments)
        .args(["manifest", "--secrets", "secrets.yaml"])
        // Without one, /etc is watched for one to come, and what every other
        // program reads there would be counted.
        .args(["--policy", "policy.yaml"])
        .args(["--owners", "keep", "--root", "root"])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Applies everything: how long that took, and the most memory it had.
pub(crate) fn apply(world: &World) -> (Duration, u64) {
    let begin = Instant::now();
    let mut child = cplinks(world, &["apply", "--yes"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "the apply failed: {status}");
            return (begin.elapsed(), most);
        }
        most = memory(child.id(), "VmHWM").unwrap_or(most);
        std::thread::sleep(LOOK);
    }
}

/// A watch, which is killed when it is dropped.
pub(crate) struct Watch {
    child: Child,
    lines: Receiver<(Instant, String)>,
    began: Instant,
}

impl Watch {
    /// Begins to watch; `how` it comes to know that something happened.
    pub(crate) fn start(world: &World, how: &str) -> Self {
        let began = Instant::now();
        let metrics = world.path("metrics");
        if metrics.exists() {
            fs::remove_file(metrics).unwrap();
        }
        let mut child = cplinks(world, &["watch", "--mode", "apply", "--watcher", how])
            .args(["--log-format", "json", "--every", "1d"])
            .args(["--metrics-file", "metrics"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            lines,
            began,
        }
    }

    /// Waits for the end of the first round: how long that took.
    pub(crate) fn wait_until_quiet(&self, world: &World) -> Duration {
        while !world.path("metrics").exists() {
            assert!(self.began.elapsed() < PATIENCE, "no round ends");
            std::thread::sleep(LOOK);
        }
        let took = self.began.elapsed();
        for (_, line) in self.lines.try_iter() {
            let is_odd =
                line.contains("\"level\":\"error\"") || line.contains("\"event\":\"change\"");
            assert!(!is_odd, "nothing was to be done: {line}");
        }
        took
    }

    /// Waits for the end of a round that changed one link.
    pub(crate) fn wait_for_change(&self) -> Instant {
        loop {
            let (at, line) = self.lines.recv_timeout(PATIENCE).expect("a change");
            if line.contains("\"event\":\"round\"") {
                assert!(line.contains("\"changed\":1,"), "{line}");
                return at;
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Of its memory, this, in KiB.
    pub(crate) fn memory(&self, what: &str) -> u64 {
        memory(self.id(), what).expect("it still runs")
    }

    /// How long it was on a processor, in clock ticks (a hundredth of a
    /// second each).
    pub(crate) fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        // The name of the program may have anything in it.
        let fields = stat.rsplit_once(") ").unwrap().1;
        let fields = fields.split(' ').skip(11).take(2);
        fields.map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn memory(id: u32, what: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(what))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// One value of the figures.
pub(crate) fn figure(world: &World, name: &str) -> f64 {
    let figures = fs::read_to_string(world.path("metrics")).unwrap();
    let line = figures.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split(' ').nth(1));
    value.expect("it is told").parse().unwrap()
}

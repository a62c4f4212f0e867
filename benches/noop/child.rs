//! A program that is measured: how long it took, how long it was on a
//! processor, and the most memory it had. It is started by a small process of
//! its own, since the kernel counts the peak of a child from that of the
//! process that started it, and adds up what it counts over all children.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::ffi::OsString;
use std::fmt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From its start to its end, in seconds.
    pub(crate) wall: f64,
    /// On a processor, all threads together, in seconds.
    pub(crate) cpu: f64,
    /// The most memory it had, in MB.
    pub(crate) peak: f64,
}

impl Cost {
    fn parse(text: &str) -> Self {
        let mut numbers = text.split_whitespace().map(|word| word.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        Self {
            wall: next(),
            cpu: next(),
            peak: next(),
        }
    }

    /// Since a moment at which this process, or its children, had cost so
    /// much; the peak is that of all of the time.
    fn since(begin: Instant, before: f64, who: UsageWho) -> Self {
        let wall = begin.elapsed().as_secs_f64();
        let usage = getrusage(who).unwrap();
        Self {
            wall,
            cpu: seconds(&usage) - before,
            // It is counted in KiB.
            peak: usage.max_rss() as f64 * 1024.0 / 1e6,
        }
    }

    /// Of something that this process does.
    pub(crate) fn of<T>(act: impl FnOnce() -> T) -> (Self, T) {
        let who = UsageWho::RUSAGE_SELF;
        let before = seconds(&getrusage(who).unwrap());
        let begin = Instant::now();
        let came = act();
        (Self::since(begin, before, who), came)
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wall, cpu, peak } = self;
        write!(f, "{wall} {cpu} {peak}")
    }
}

/// On a processor, for programs and for the kernel.
fn seconds(usage: &Usage) -> f64 {
    let time = usage.user_time() + usage.system_time();
    Duration::from_micros(time.num_microseconds().try_into().unwrap()).as_secs_f64()
}

/// A program with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program(Vec<OsString>);

impl Program {
    pub(crate) fn new(name: impl Into<OsString>) -> Self {
        Self(vec![name.into()])
    }

    /// The binary, without an environment that could change what it does.
    pub(crate) fn cplinks() -> Self {
        Self::new(env!("CARGO_BIN_EXE_cplinks"))
    }

    /// This program, which does one of the measured things itself.
    pub(crate) fn of_ours(what: &str) -> Self {
        Self::new(std::env::current_exe().unwrap()).arg(what)
    }

    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.0.push(argument.into());
        self
    }

    pub(crate) fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.0.extend(arguments.map(Into::into));
        self
    }

    /// Runs it and gives what it says, which fails where it fails.
    pub(crate) fn output(&self) -> Output {
        let output = command(&self.0).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{:?}: {said}{error}", self.0);
        output
    }

    /// Runs it and gives all that it says, however it ends.
    pub(crate) fn said(&self) -> String {
        let output = command(&self.0).output().unwrap();
        [output.stdout, output.stderr]
            .map(|said| String::from_utf8_lossy(&said).into_owned())
            .concat()
    }

    /// Runs one of ours, which says what the part of it took that counts.
    pub(crate) fn part(&self) -> Cost {
        let said = String::from_utf8(self.output().stdout).unwrap();
        Cost::parse(&said)
    }

    /// Runs it, with what it says thrown away.
    pub(crate) fn measure(&self) -> Cost {
        let mut outer = Self::of_ours("--child");
        outer.0.extend(self.0.iter().cloned());
        outer.part()
    }
}

fn command(words: &[OsString]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null());
    for name in ["CPLINKS_ROOT", "CPLINKS_SECRETS", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    command
}

/// What the small process does: it runs a program, and prints its cost.
pub(crate) fn run(words: &[OsString]) {
    let begin = Instant::now();
    let mut command = command(words);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = child.wait().unwrap();
    let cost = Cost::since(begin, 0.0, UsageWho::RUSAGE_CHILDREN);
    assert!(status.success(), "{words:?}: {status}");
    println!("{cost}");
}

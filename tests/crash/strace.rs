//! `strace`, which lists the system calls of a run and strikes at one of
//! them. Counting by name and not by number alone keeps a point the same in
//! the run that lists and in the run that is struck.

use crate::sandbox::{BINARY, Outcome, Sandbox};
use crate::sweep::say;
use rustix::process::{Pid, Signal, kill_process};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

/// Calls that change no file and of which a thread makes as many as the timing
/// of the threads asks for, so that the next run may make fewer. What a kill at
/// one of them leaves is what one at the next other call leaves.
const BY_TIMING: [&str; 8] = [
    "brk",
    "futex",
    "madvise",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "sched_yield",
];

/// Where the trace is written.
const LOG: &str = "trace.log";

/// A system call of a run.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// The how manieth of its name in its thread, from 1.
    nth: usize,
    /// As `strace` shows it: arguments and result.
    pub(crate) line: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line: String = self.line.chars().take(90).collect();
        write!(f, "{} #{} ({line})", self.name, self.nth)
    }
}

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its name without `SIG`.
    pub(crate) name: &'static str,
    pub(crate) number: i32,
}

/// All that do.
pub(crate) const WISHES: [Wish; 3] = [
    Wish {
        name: "TERM",
        number: 15,
    },
    Wish {
        name: "INT",
        number: 2,
    },
    Wish {
        name: "HUP",
        number: 1,
    },
];

/// What strikes at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is killed before the call is carried out.
    Kill,
    /// The process is asked to end.
    Ask(Wish),
    /// The call is not carried out and fails with this.
    Error(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill => f.write_str("SIGKILL"),
            Self::Ask(wish) => write!(f, "SIG{}", wish.name),
            Self::Error(name) => f.write_str(name),
        }
    }
}

/// Whether it can be used here. If not, says that a test is skipped.
pub(crate) fn is_usable(test: &str) -> bool {
    let tried = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=openat"])
        .args(["-e", "inject=openat:signal=KILL:when=60000", BINARY])
        .arg("--version")
        .output();
    let why = match tried {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    say(&format!("SKIPPED {test}: strace does not work here: {why}"));
    false
}

/// The calls of an apply, from the first that is about something of ours, but
/// for those [by timing](BY_TIMING). One of another thread that has the name and number of one before it is no point
/// to strike at: the strike would be at that one.
pub(crate) fn calls(sandbox: &Sandbox) -> Vec<Call> {
    let mut command = sandbox.apply_under("strace", &["-f", "-qq", "-s", "64", "-o", LOG]);
    Outcome::of(&command.output().unwrap()).expect(0);
    let mut calls = parse(&log(sandbox));
    let first = calls
        .iter()
        .position(|call| call.name != "execve" && call.line.contains("policy.yaml"));
    let key = |call: &Call| (call.name.clone(), call.nth);
    let before = calls.drain(..first.expect("the host's policy is looked for"));
    let before: BTreeSet<_> = before.map(|call| key(&call)).collect();
    calls.retain(|call| !before.contains(&key(call)) && !BY_TIMING.contains(&call.name.as_str()));
    calls
}

/// The calls of any run of the binary, from its start.
pub(crate) fn calls_of(sandbox: &Sandbox, arguments: &[&str]) -> (Outcome, Vec<Call>) {
    let strace = ["-f", "-qq", "-s", "64", "-o", LOG, BINARY];
    let arguments: Vec<_> = strace.iter().chain(arguments).copied().collect();
    let output = sandbox.command("strace", &arguments).output().unwrap();
    (Outcome::of(&output), parse(&log(sandbox)))
}

/// Runs an apply that is struck at a call, and says whether it was.
pub(crate) fn strike(sandbox: &Sandbox, call: &Call, fault: Fault) -> (Outcome, bool) {
    let Call { name, nth, .. } = call;
    let what = match fault {
        Fault::Kill => "signal=KILL".to_owned(),
        Fault::Ask(wish) => format!("signal={}", wish.name),
        Fault::Error(error) => format!("error={error}"),
    };
    let trace = format!("trace={name}");
    let inject = format!("inject={name}:{what}:when={nth}");
    let mut arguments = vec!["-f", "-qq", "-o", LOG, "-e", &trace, "-e", &inject];
    if let Fault::Error(_) = fault {
        // Faster by far, but signals are not delivered that way.
        arguments.push("--seccomp-bpf");
    }
    let mut command = sandbox.apply_under("strace", &arguments);
    let outcome = Outcome::of(&command.output().unwrap());
    let is_struck = match fault {
        Fault::Kill => outcome.signal == Some(9),
        Fault::Ask(wish) => log(sandbox).contains(&format!("--- SIG{} ", wish.name)),
        Fault::Error(_) => log(sandbox).contains("(INJECTED)"),
    };
    (outcome, is_struck)
}

/// Runs an apply that stands still after its first call of this name while
/// somebody else acts.
pub(crate) fn pause(sandbox: &Sandbox, call: &str, act: impl FnOnce()) -> Outcome {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:signal=STOP:when=1");
    let strace = ["-f", "-qq", "-o", LOG, "-e", &trace, "-e", &inject];
    let mut command = sandbox.apply_under("strace", &strace);
    // Not pipes, which nobody reads meanwhile.
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| sandbox.path(name));
    command
        .stdout(File::create(&stdout).unwrap())
        .stderr(File::create(&stderr).unwrap());
    let mut child = command.spawn().unwrap();
    let stopped = loop {
        if let Some(pid) = stopped(sandbox) {
            break Some(pid);
        }
        if child.try_wait().unwrap().is_some() {
            break None;
        }
        thread::sleep(Duration::from_millis(1));
    };
    if let Some(pid) = stopped {
        act();
        kill_process(pid, Signal::CONT).unwrap();
    }
    let status = child.wait().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|path| fs::read(path).unwrap());
    Outcome::of(&Output {
        status,
        stdout,
        stderr,
    })
}

/// The process that stands still.
fn stopped(sandbox: &Sandbox) -> Option<Pid> {
    // Not there before the tracer runs.
    let log = fs::read_to_string(sandbox.path(LOG)).ok()?;
    let line = log.lines().find(|l| l.contains("--- stopped by SIGSTOP"))?;
    let (pid, _) = line.split_once(' ')?;
    Pid::from_raw(pid.parse().ok()?)
}

fn log(sandbox: &Sandbox) -> String {
    String::from_utf8_lossy(&fs::read(sandbox.path(LOG)).unwrap()).into_owned()
}

/// Reads lines such as `709 openat(3, "root", O_RDONLY) = 4`. Signals, exits
/// and the second halves of calls that others interrupted are no calls.
fn parse(log: &str) -> Vec<Call> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    log.lines()
        .filter_map(|line| {
            let (thread, rest) = line.split_once(' ')?;
            let rest = rest.trim_start();
            let (name, _) = rest.split_once('(')?;
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !name.chars().all(is_name) {
                return None;
            }
            let nth = counts
                .entry((thread.to_owned(), name.to_owned()))
                .or_default();
            *nth += 1;
            Some(Call {
                name: name.to_owned(),
                nth: *nth,
                line: rest.to_owned(),
            })
        })
        .collect()
}

//! How many files a process opens while something goes on, by `strace`.

use crate::child::Watch;
use crate::world::World;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for it to hold on.
const PATIENCE: Duration = Duration::from_secs(10);

/// Counts files and folders that are opened, or asked about by name.
pub(crate) fn count(world: &World, watch: &Watch, act: impl FnOnce()) -> Result<usize, String> {
    let log = world.path("trace");
    let mut strace = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=open,openat,openat2", "-p"])
        .arg(watch.id().to_string())
        .arg("-o")
        .arg(&log)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("strace does not start: {error}"))?;
    let begin = Instant::now();
    let held = loop {
        if is_traced(watch.id()) {
            break true;
        }
        let has_ended = strace.try_wait().map_err(|error| error.to_string())?;
        if has_ended.is_some() || begin.elapsed() > PATIENCE {
            break false;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if held {
        act();
        // It lets go of the process before it ends.
        let id = rustix::process::Pid::from_child(&strace);
        rustix::process::kill_process(id, rustix::process::Signal::INT)
            .map_err(|error| error.to_string())?;
    }
    strace.wait().map_err(|error| error.to_string())?;
    if !held {
        return Err("strace may not look at another process here".to_owned());
    }
    let trace = fs::read_to_string(log).map_err(|error| error.to_string())?;
    Ok(trace.lines().filter(|line| line.contains("open")).count())
}

/// Whether every thread of a process is traced.
fn is_traced(id: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{id}/task")) else {
        return false;
    };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("status"));
        status.is_ok_and(|status| !status.contains("TracerPid:\t0\n"))
    })
}

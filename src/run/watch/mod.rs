//! `cplinks watch`: keep a root as a manifest says, round by round, for as
//! long as it runs.

mod clock;
mod inputs;
mod keeper;
mod log;
mod looking;
mod planning;
mod polling;
mod pulse;
mod round;
mod sight;
mod standing;
mod tell;
mod telling;
mod turn;

use super::{Exit, Stop, World, output};
use crate::cli::WatchArgs;
use crate::store::LockError;
use crate::watch::{Inbox, Wish};
use anyhow::{Context as _, anyhow};
use keeper::Keeper;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn run(args: &WatchArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    if args
        .manifest
        .manifest
        .iter()
        .any(|path| path == Path::new("-"))
    {
        return Err(Stop {
            exit: Exit::Failed,
            error: anyhow!("standard input cannot be watched"),
            hint: Some("name the manifest's files or folders".to_owned()),
        });
    }
    check_files(args)?;
    let mut keeper = Keeper::begin(args)?;
    keeper.say_started(world);
    while keeper.wait(world) {
        keeper.turn(world);
    }
    keeper.say_stopping(world);
    Ok(Exit::Done)
}

/// Figures and health are written again and again: not over what is read, nor
/// where they would be read as a part of it.
fn check_files(args: &WatchArgs) -> Result<(), Stop> {
    let files = [&args.metrics_file, &args.health_file];
    let files = || files.into_iter().flatten().map(PathBuf::as_path);
    output::check(files(), Some(&args.at.root))?;
    let manifests = &args.manifest.manifest;
    let policy = args.manifest.host.policy.iter();
    let inputs: Vec<_> = manifests
        .iter()
        .chain(&args.secrets)
        .chain(policy)
        .collect();
    for file in files() {
        let is_yaml = file.extension().is_some_and(|e| e == "yaml" || e == "yml");
        let is_part = |folder: &PathBuf| is_yaml && output::is_below(file, folder).unwrap_or(false);
        if inputs.iter().any(|input| output::is_same(file, input)) || manifests.iter().any(is_part)
        {
            return Err(Stop {
                exit: Exit::Failed,
                error: anyhow!(
                    "`{}` is read by the watch, and would be written by it",
                    file.display()
                ),
                hint: Some("name another file with --metrics-file or --health-file".to_owned()),
            });
        }
    }
    Ok(())
}

/// Two watches would undo each other's work, or do it twice.
fn already_watched(error: LockError) -> Stop {
    let is_held = matches!(error, LockError::Held { .. });
    let stop = Stop::from(error);
    if is_held {
        Stop {
            error: stop.error.context("another watch keeps this root"),
            hint: Some("one watch can have all manifests: name them all".to_owned()),
            ..stop
        }
    } else {
        stop
    }
}

/// Puts signals into the inbox, from a thread that ends with the process.
fn listen(inbox: Arc<Inbox>) -> anyhow::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])
        .context("cannot listen to signals")?;
    let waiting = move || {
        for signal in signals.forever() {
            let wish = if signal == SIGHUP {
                Wish::Look
            } else {
                Wish::Stop
            };
            inbox.put(|hints| hints.wish = hints.wish.max(Some(wish)));
        }
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(waiting)
        .context("cannot listen to signals")?;
    Ok(())
}

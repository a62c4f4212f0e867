//! `cplinks watch`: keep a root as a manifest says, round by round, for as
//! long as it runs.

mod clock;
mod inputs;
mod keeper;
mod log;
mod polling;
mod pulse;
mod round;
mod sight;
mod standing;
mod tell;
mod telling;

use super::signal::Signals;
use super::target::{Ground, scope};
use super::{Exit, Stop, World, output};
use crate::cli::WatchArgs;
use crate::report::{Event, Notice};
use crate::store::LockError;
use crate::watch::{Agenda, Inbox, Times, Wish, watch_mounts};
use anyhow::{Context as _, anyhow};
use clock::Clock;
use keeper::{Keeper, Parts};
use sight::Sight;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tell::{Phase, Teller};

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
    let scope = scope(&args.scope)?;
    let ground = Ground::at(&args.at.root, args.owners, args.manifest.host.strict_owners);
    let store = ground.open(&args.at)?;
    let lock = store.lock_watch().map_err(already_watched)?;
    let inbox = Arc::new(Inbox::default());
    // From here on a signal is a wish: it may come in the middle of a round.
    let signals = Signals::listen()?;
    listen(Arc::clone(&inbox))?;
    let clock = Clock::start();
    let mut teller = Teller::new(args, clock);
    let root = store.path().to_owned();
    watch_mounts(vec![root.clone()], Arc::clone(&inbox));
    let sight = Sight::new(&root, teller.own_files(), Arc::clone(&inbox), args.watcher);
    let every = Duration::from_secs(args.every.seconds());
    let agenda = Agenda::new(Times::usual(every), clock.now());
    let started = Notice::new(
        Event::Started,
        format!(
            "{} is watched, in mode {}",
            args.at.root.display(),
            args.mode.name()
        ),
    );
    teller.say(
        &started
            .text("root", root.display().to_string())
            .text("mode", args.mode.name())
            .text("version", env!("CARGO_PKG_VERSION")),
        world,
    );
    Phase::Ready.tell();
    let mut keeper = Keeper::new(Parts {
        args,
        ground,
        lock,
        scope,
        clock,
        signals,
        inbox,
        sight,
        teller,
        agenda,
    });
    // Held open, a root that is put in the place of this one is never seen.
    drop(store);
    while keeper.wait(world) {
        keeper.turn(world);
    }
    Phase::Stopping.tell();
    let notice = Notice::new(Event::Stopping, "the watch ends");
    keeper.teller.say(&notice, world);
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

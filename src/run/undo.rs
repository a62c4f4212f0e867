//! `cplinks undo`: bring back what a run changed, from the bytes it kept. A
//! plan like any other, carried out as any other, and so a run of its own that
//! may be undone.

use super::apply::{check_asking, converge, recover};
use super::load::{UsualPolicy, load_policy};
use super::record::mend_state;
use super::signal::Signals;
use super::target::{Ground, Target, check_settled};
use super::{Exit, Stop, World};
use crate::cli::{Format, UndoArgs};
use crate::store::{RealDisk, RunId, RunRecord, RunState, Store, StoreError};
use anyhow::anyhow;
use std::time::Duration;

pub(super) fn run(args: &UndoArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    if !args.dry_run {
        let hint = "give --yes to undo without asking, or --dry-run to look at it";
        check_asking(args.yes, false, hint, world)?;
    }
    let signals = args.yes.then(Signals::listen).transpose()?;
    let ground = Ground::of(&args.ground, &args.host);
    let usual = UsualPolicy::Asked;
    let Some((host, policy)) = load_policy(&args.host, ground.manifest_check, usual, world) else {
        return Ok(Exit::Failed);
    };
    let store = ground.open(&args.ground.at)?;
    let timeout = Duration::from_secs(args.ground.at.lock_timeout);
    // Chosen before any waiting: a run that comes in between must not be
    // undone instead.
    let newest = newest_finished(&store)?;
    let host = (&host, policy.as_deref());
    if args.dry_run {
        let _lock = store.lock_shared(timeout)?;
        check_settled(&store)?;
        let run = chosen(&store, args.run.as_deref(), newest)?;
        let target = Target::of_run(run, &args.ground, (&ground, store), host)?;
        let plan = target.plan()?;
        let shown = target.show(
            (&plan, target.digest(&plan)),
            Format::Text,
            &args.outputs,
            world,
        )?;
        return Ok(shown.or(target.verdict(&plan)));
    }
    mend_state(&store, timeout)?;
    let mut newest = newest;
    if store.interrupted()?.is_some() {
        // Or it is still going on; then it is over once the lock is free.
        let lock = store.lock_exclusive(timeout)?;
        if recover(&store, &lock, world)? {
            newest = newest_finished(&store)?;
        }
    }
    let run = chosen(&store, args.run.as_deref(), newest)?;
    let target = Target::of_run(run, &args.ground, (&ground, store), host)?;
    converge(&target, None, &args.outputs, signals, world)
}

/// The newest run that is over.
fn newest_finished(store: &Store<RealDisk>) -> Result<Option<RunId>, Stop> {
    let open = store.interrupted()?;
    let runs = store.runs()?;
    Ok(runs.into_iter().rfind(|id| Some(*id) != open))
}

/// The run with this number, or the newest.
fn chosen(
    store: &Store<RealDisk>,
    wanted: Option<&str>,
    newest: Option<RunId>,
) -> Result<RunRecord, Stop> {
    let refused = |error, hint: &str| Stop {
        exit: Exit::Failed,
        error,
        hint: Some(hint.to_owned()),
    };
    let id = match wanted {
        None => newest.ok_or_else(|| {
            let error = anyhow!("there is no run to undo");
            refused(error, "only what cplinks changed can be brought back")
        })?,
        Some(text) => {
            let runs = store.runs()?;
            let id = run_id(text).filter(|id| runs.contains(id));
            id.ok_or_else(|| {
                let error =
                    anyhow!("what run {text} replaced is not kept, or there was no such run");
                refused(error, "`cplinks history` lists the runs that can be undone")
            })?
        }
    };
    let record = store.run_record(&id)?;
    match record.state {
        RunState::Finished => Ok(record),
        RunState::Interrupted => Err(StoreError::Interrupted(id).into()),
    }
}

/// Reads a run's number, with or without the noughts before it.
pub(super) fn run_id(text: &str) -> Option<RunId> {
    RunId::parse(&format!("{text:0>6}"))
}

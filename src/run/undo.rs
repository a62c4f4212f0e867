//! `cplinks undo`: bring back what a run changed, from the bytes it kept. A
//! plan like any other, carried out as any other, and so a run of its own that
//! may be undone.

use super::apply::{check_asking, converge, recover};
use super::load::{UsualPolicy, load_policy};
use super::record::mend_state;
use super::signal::Signals;
use super::target::{Ground, Target};
use super::{Exit, Stop, World};
use crate::cli::{Format, UndoArgs};
use crate::store::{RealDisk, RunId, RunRecord, RunState, Store, StoreError};
use anyhow::anyhow;
use std::time::Duration;

pub(super) fn run(args: &UndoArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    if !args.dry_run {
        check_asking(args.yes, false, world)?;
    }
    let signals = args.yes.then(Signals::listen).transpose()?;
    let ground = Ground::of(&args.ground, &args.host);
    let usual = UsualPolicy::Asked;
    let Some((host, policy)) = load_policy(&args.host, ground.manifest_check, usual, world) else {
        return Ok(Exit::Failed);
    };
    let store = ground.open(&args.ground.at)?;
    let timeout = Duration::from_secs(args.ground.at.lock_timeout);
    if !args.dry_run {
        mend_state(&store, timeout)?;
    }
    let interrupted = store.interrupted()?;
    match (interrupted, args.dry_run) {
        (None, _) => {}
        (Some(run), true) => return Err(StoreError::Interrupted(run).into()),
        (Some(_), false) => {
            let lock = store.lock_exclusive(timeout)?;
            recover(&store, &lock, world)?;
        }
    }
    // Chosen once: a run that comes in between must not be undone instead.
    let run = chosen(&store, args.run.as_deref())?;
    let host = (&host, policy.as_deref());
    let target = Target::of_run(run, &args.ground, (&ground, store), host)?;
    if !args.dry_run {
        return converge(&target, None, &args.outputs, signals, world);
    }
    let _lock = target.store.lock_shared(timeout)?;
    if let Some(run) = target.store.interrupted()? {
        return Err(StoreError::Interrupted(run).into());
    }
    let plan = target.plan()?;
    let shown = target.show(&plan, Format::Text, &args.outputs, world)?;
    Ok(shown.or(target.verdict(&plan)))
}

/// The run with this number, or the newest.
fn chosen(store: &Store<RealDisk>, wanted: Option<&str>) -> Result<RunRecord, Stop> {
    let runs = store.runs()?;
    let refused = |error, hint: &str| Stop {
        exit: Exit::Failed,
        error,
        hint: Some(hint.to_owned()),
    };
    let id = match wanted {
        None => runs.last().copied().ok_or_else(|| {
            let error = anyhow!("there is no run to undo");
            refused(error, "only what cplinks changed can be brought back")
        })?,
        Some(text) => run_id(text).filter(|id| runs.contains(id)).ok_or_else(|| {
            let error = anyhow!("what run {text} replaced is not kept, or there was no such run");
            refused(error, "`cplinks history` lists the runs that can be undone")
        })?,
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

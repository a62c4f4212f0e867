//! `cplinks apply`: carry out a plan, asked for by a person or by `--yes`.

use super::pin::Pin;
use super::progress::Progress;
use super::record::{self, record};
use super::signal::Signals;
use super::target::Target;
use super::{Exit, Stop, World};
use crate::apply::{self, Report};
use crate::cli::{ApplyArgs, Format, OutArgs};
use crate::plan::{Address, Change, GroupAction, LinkAction, Plan, UnknownTokens};
use crate::report::{self, Beside, Deed, Failure, OutcomeLine};
use crate::store::{Lock, Outcome, RealDisk, Recovered, RunHeader, Store};
use anyhow::anyhow;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::Path;
use std::time::Instant;

/// Longest answer that is read.
const MAX_ANSWER: u64 = 1024;

pub(super) fn run(args: &ApplyArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let reads_stdin = args
        .target
        .manifest
        .manifest
        .iter()
        .any(|m| m == Path::new("-"));
    let pin = Pin::of(args)?;
    let is_told = args.yes || pin.is_some();
    check_asking(
        is_told,
        reads_stdin,
        "give --yes to apply without asking",
        world,
    )?;
    // Where nobody is asked, a signal is a wish from the first moment on. At a
    // question it ends the process, as people expect.
    let signals = is_told.then(Signals::listen).transpose()?;
    let unknown = UnknownTokens::Block;
    let Some(mut target) = Target::of_manifest(&args.target, "apply", unknown, world)? else {
        return Ok(Exit::Failed);
    };
    if let Some(approved) = pin.as_ref().and_then(|pin| pin.approved.as_ref()) {
        target.limit(approved.scope.clone());
    }
    if target.store.interrupted()?.is_some() {
        // Before anything is shown: a plan of half a change would mislead.
        let lock = target.store.lock_exclusive(target.lock_timeout)?;
        recover(&target.store, &lock, world)?;
    }
    converge(&target, pin.as_ref(), &args.outputs, signals, world)
}

/// Whether a person is asked, which takes one.
pub(super) fn check_asking(
    yes: bool,
    reads_stdin: bool,
    hint: &str,
    world: &World<'_>,
) -> Result<(), Stop> {
    if yes || world.is_interactive && !reads_stdin {
        return Ok(());
    }
    Err(Stop {
        exit: Exit::Failed,
        error: anyhow!("there is no terminal to ask at"),
        hint: Some(hint.to_owned()),
    })
}

/// Shows the plan, asks where nobody listens for signals yet, and carries it
/// out as shown.
pub(super) fn converge(
    target: &Target,
    pin: Option<&Pin>,
    outputs: &OutArgs,
    mut signals: Option<Signals>,
    world: &mut World<'_>,
) -> Result<Exit, Stop> {
    let mut approved = None;
    if signals.is_none() {
        // The lock is not held while a person thinks.
        let plan = {
            let _lock = target.store.lock_shared(target.lock_timeout)?;
            target.plan()?
        };
        target.show((&plan, target.digest(&plan)), Format::Text, outputs, world)?;
        let before = target.verdict(&plan);
        if before != Exit::Done || plan.is_empty() && plan.unrecorded.is_empty() {
            if before == Exit::Done {
                tell_all_waits(&plan, world);
            }
            return Ok(before.or(blocked(&plan)));
        }
        // To remember what is so already changes nothing for anybody.
        if !plan.is_empty() && !is_approved(world) {
            world.tell("Nothing was applied.");
            return Ok(Exit::Failed);
        }
        approved = Some(plan);
    }
    let signals = match signals.take() {
        Some(signals) => signals,
        None => Signals::listen()?,
    };
    let lock = target.store.lock_exclusive(target.lock_timeout)?;
    recover(&target.store, &lock, world)?;
    let plan = target.plan()?;
    let digest = target.digest(&plan);
    match approved {
        None => {
            target.show((&plan, digest), Format::Text, outputs, world)?;
        }
        Some(approved) if is_same(&approved, &plan) => {}
        Some(_) => {
            return Err(Stop {
                exit: Exit::Stale,
                error: anyhow!("the plan has changed since it was shown, nothing was applied"),
                hint: Some("run the command again and look at the new plan".to_owned()),
            });
        }
    }
    if let Some(pin) = pin {
        pin.check(&digest.to_string(), &plan, world)?;
    }
    let before = target.verdict(&plan);
    if before != Exit::Done {
        return Ok(before.or(blocked(&plan)));
    }
    if plan.is_empty() {
        let nothing = Report::default();
        let header = target.run_header(digest);
        let note = record(&plan, &nothing, header, &target.store, &lock)?;
        let result = note.map_or(Ok(()), |note| writeln!(world.out, "{note}"));
        tell_all_waits(&plan, world);
        return Ok(world.written(result).or(blocked(&plan)));
    }
    if let Some(signal) = signals.seen() {
        world.tell("Interrupted before the first change; nothing was applied.");
        return Ok(Exit::Interrupted(signal));
    }
    // The plan has read all of the state, under this lock: what is done can be
    // remembered, which is to be known before anything is changed.
    let ledger = record::reading_ledger(&target.store)?;
    if let Some(newest) = record::newest_run(&ledger)? {
        target.store.count_from(newest);
    }
    let header = target.run_header(digest);
    carry_out(target, (&plan, header), &lock, &signals, world)
}

/// Says that what is to be done waits, where that is all there is.
fn tell_all_waits(plan: &Plan, world: &mut World<'_>) {
    if plan.is_empty() && !plan.held.is_empty() {
        let waits = report::changes_wait(plan.held.len());
        world.tell(&format!("Nothing was changed: {waits}, as shown above."));
    }
}

/// What waits, beside what was done.
fn left_alone(plan: &Plan) -> Option<String> {
    let waits = report::changes_wait(plan.held.len());
    (!plan.held.is_empty()).then(|| format!("{waits}, as shown above"))
}

/// What is blocked is left as it is, and said in the exit code.
fn blocked(plan: &Plan) -> Exit {
    if plan.blocked.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    }
}

/// Whether the same would be done. What others did to foreign links meanwhile
/// does not matter.
fn is_same(approved: &Plan, plan: &Plan) -> bool {
    approved.changes == plan.changes && approved.folders == plan.folders
}

fn is_approved(world: &mut World<'_>) -> bool {
    // Without the flushes the plan would come after the question, and the
    // question after the answer.
    let asked = world
        .out
        .flush()
        .and_then(|()| write!(world.err, "\nApply these changes? Only `yes` is accepted: "))
        .and_then(|()| world.err.flush());
    if asked.is_err() {
        return false;
    }
    let mut answer = String::new();
    let mut input = BufReader::new((&mut world.stdin).take(MAX_ANSWER));
    input.read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

fn carry_out(
    target: &Target,
    (plan, header): (&Plan, RunHeader),
    lock: &Lock,
    signals: &Signals,
    world: &mut World<'_>,
) -> Result<Exit, Stop> {
    let interrupt = || signals.seen().is_some();
    let watcher: Option<&mut dyn Write> = if world.shows_progress {
        Some(&mut world.err)
    } else {
        None
    };
    let mut progress = Progress::new(target.doing(), watcher, Instant::now());
    let mut hear = |done, total| progress.hear(Instant::now(), done, total);
    let applied = apply::apply(plan, &target.store, lock, &header, &interrupt, &mut hear);
    progress.clear();
    let report = applied?;
    // Told after the outcome: the links are as it says all the same.
    let recorded = record(plan, &report, header, &target.store, lock);
    let lines = outcome_lines(plan, &report);
    let beside = Beside {
        command: target.command(),
        blocked: plan.blocked.len(),
        not_begun: report.counts.not_begun,
        notes: notes(&report)
            .into_iter()
            .chain(asked_to_end(&report, signals))
            .chain(left_alone(plan))
            .chain(recorded.iter().flatten().cloned())
            .collect(),
    };
    // That it cannot be shown keeps nothing from being told on the other
    // stream, and is in the exit code.
    let result = writeln!(world.out)
        .and_then(|()| report::outcome(&lines, &beside, &mut world.out))
        .and_then(|()| world.out.flush());
    let mut shown = Exit::Done;
    if result.is_err() {
        shown = world.written(result);
        world.out = Box::new(std::io::sink());
    }
    if let Err(stop) = recorded {
        return Err(Stop {
            error: stop
                .error
                .context("what was done is not recorded as ours; the next apply takes it up again"),
            ..stop
        });
    }
    let failed = if report.is_done() {
        Exit::Done
    } else {
        Exit::Failed
    };
    if let Some(error) = &report.unclosed {
        let error = report::escaped(error);
        world.tell(&format!(
            "error: the end of the run could not be written down: {error}"
        ));
    }
    let interrupted = match signals.seen() {
        Some(signal) if report.counts.not_begun > 0 => Exit::Interrupted(signal),
        Some(_) | None => Exit::Done,
    };
    Ok(failed.or(blocked(plan)).or(interrupted).or(shown))
}

/// Puts an interrupted run in order, and says what that came to; whether
/// there was one.
pub(super) fn recover(
    store: &Store<RealDisk>,
    lock: &Lock,
    world: &mut World<'_>,
) -> Result<bool, Stop> {
    let recovery = store.recover(lock)?;
    let Some(run) = recovery.run else {
        return Ok(false);
    };
    world.tell(&format!(
        "Run {run} was interrupted; it is put in order first."
    ));
    for (address, recovered) in &recovery.links {
        match recovered {
            Recovered::WasDone | Recovered::NotBegun => {}
            Recovered::Completed
            | Recovered::TakenBack
            | Recovered::ChangedBySomeoneElse { .. }
            | Recovered::Stuck { .. } => {
                let line = format!("  {address}: {recovered}");
                world.tell(report::escaped(&line).as_ref());
            }
        }
    }
    Ok(true)
}

fn notes(report: &Report) -> Vec<String> {
    let kept = report.run.filter(|_| report.has_old).map(|run| {
        format!("what was replaced or removed is kept in .cplinks/runs/{run} below the root")
    });
    let unclosed = report.unclosed.as_ref().map(|_| {
        "the end of the run could not be written down; `cplinks recover` puts it in order"
            .to_owned()
    });
    let stopped = report
        .stopped
        .as_ref()
        .map(|why| format!("the run ended early: {why}; when that is put right, apply again"));
    kept.into_iter().chain(stopped).chain(unclosed).collect()
}

/// That it was asked to end: changes that are only counted as not begun look
/// as if something was wrong with them.
fn asked_to_end(report: &Report, signals: &Signals) -> Option<String> {
    signals.seen()?;
    (report.counts.not_begun > 0 && report.stopped.is_none()).then(|| {
        "a signal asked it to end; what was begun is whole, and what was not begun is as it was"
            .to_owned()
    })
}

/// What became of each change, for the report.
fn outcome_lines(plan: &Plan, report: &Report) -> Vec<OutcomeLine> {
    let deeds: BTreeMap<Address, Deed> = plan
        .changes
        .iter()
        .map(|change| (change.address(), deed(change)))
        .collect();
    let changes = report.outcomes.iter().filter_map(|(address, outcome)| {
        if matches!(outcome, Outcome::NotBegun) {
            return None;
        }
        Some(OutcomeLine {
            address: address.to_string(),
            deed: *deeds.get(address)?,
            failure: failure(outcome),
        })
    });
    let folders = report.folders.iter().map(|(mend, result)| OutcomeLine {
        address: format!("{}/{}", mend.tree.name(), mend.user),
        deed: Deed::MendFolder,
        failure: result.as_ref().err().map(|error| Failure {
            at: None,
            error: error.to_string(),
            hint: None,
        }),
    });
    changes.chain(folders).collect()
}

fn deed(change: &Change) -> Deed {
    match change {
        Change::Group(change) => match change.action {
            GroupAction::Create { .. } => Deed::CreateGroup,
            GroupAction::Replace { .. } => Deed::ReplaceGroup,
            GroupAction::Remove { .. } => Deed::RemoveGroup,
        },
        Change::Link(change) => match change.action {
            LinkAction::Create { .. } => Deed::Create,
            LinkAction::Replace { .. } => Deed::Replace,
            LinkAction::Hide { .. } => Deed::Hide,
            LinkAction::Remove { .. } => Deed::Remove,
        },
    }
}

fn failure(outcome: &Outcome) -> Option<Failure> {
    let hint = match outcome {
        Outcome::Done => return None,
        Outcome::ChangedBySomeoneElse { .. } => Some("run plan again to see what is there now"),
        Outcome::NotDurable { .. } => Some("run apply again once the disk is well"),
        Outcome::Failed { .. } | Outcome::NotBegun | Outcome::Blocked { .. } => None,
    };
    Some(Failure {
        at: None,
        error: outcome.to_string(),
        hint: hint.map(str::to_owned),
    })
}

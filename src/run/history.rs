//! `cplinks history`: which runs there were, and what one of them did. Reads
//! only.

use super::record::reading_ledger;
use super::undo::run_id;
use super::{Exit, Stop, World};
use crate::cli::HistoryArgs;
use crate::ledger::{Change, Kind, Ledger, Recorded, RunCounts, RunSummary, Verb};
use crate::report::{self, RunDeed, RunLine};
use crate::store::{RunId, Store};
use anyhow::anyhow;
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) fn run(args: &HistoryArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let store = Store::open(&args.at.root)?;
    let _lock = store.lock_shared(Duration::from_secs(args.at.lock_timeout))?;
    let ledger = reading_ledger(&store)?;
    let kept: BTreeSet<RunId> = store.runs()?.into_iter().collect();
    if let Some(run) = store.interrupted()? {
        world.tell(&format!(
            "Run {run} was interrupted, and is not listed; `cplinks recover` puts it in order."
        ));
    }
    let result = match &args.run {
        None => list(&ledger, &kept, args.limit, world)?,
        Some(run) => show(&ledger, &kept, run, world)?,
    };
    Ok(world.written(result))
}

fn list(
    ledger: &Ledger,
    kept: &BTreeSet<RunId>,
    limit: usize,
    world: &mut World<'_>,
) -> Result<std::io::Result<()>, Stop> {
    let runs = ledger.runs()?;
    let more = runs.len().saturating_sub(limit);
    let lines: Vec<RunLine> = runs.iter().take(limit).map(|run| line(run, kept)).collect();
    Ok(report::runs(&lines, more, &mut world.out))
}

fn show(
    ledger: &Ledger,
    kept: &BTreeSet<RunId>,
    wanted: &str,
    world: &mut World<'_>,
) -> Result<std::io::Result<()>, Stop> {
    let id = run_id(wanted).map(|id| id.to_string());
    let found = match &id {
        Some(id) => ledger.run(id)?,
        None => None,
    };
    let Some((run, changes)) = found else {
        return Err(Stop {
            exit: Exit::Failed,
            error: anyhow!("there is no record of a run {wanted}"),
            hint: Some("`cplinks history` lists the runs".to_owned()),
        });
    };
    let deeds: Vec<RunDeed> = changes.iter().map(deed).collect();
    Ok(report::run(&line(&run, kept), &deeds, &mut world.out))
}

fn line(run: &RunSummary, kept: &BTreeSet<RunId>) -> RunLine {
    let RunSummary { header, counts } = run;
    let is_kept = run_id(&header.id).is_some_and(|id| kept.contains(&id));
    RunLine {
        id: header.id.clone(),
        when: report::when(header.started),
        who: header.who.clone(),
        what: match &header.kind {
            Kind::Apply => "apply".to_owned(),
            Kind::Undo(run) => format!("undo of {run}"),
            Kind::Call(function) => format!("call {function}"),
        },
        revision: header.revision.clone(),
        digest: header.digest.clone(),
        counts: counts_in_words(*counts),
        is_kept,
    }
}

fn counts_in_words(counts: RunCounts) -> String {
    let RunCounts {
        created,
        replaced,
        hidden,
        removed,
        adopted,
        not_done,
    } = counts;
    let parts: Vec<String> = [
        (created, "created"),
        (replaced, "replaced"),
        (hidden, "hidden"),
        (removed, "removed"),
        (adopted, "adopted"),
        (not_done, "not done"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if parts.is_empty() {
        // A folder's mode or owner put right is no link's change.
        return "no link changed".to_owned();
    }
    parts.join(", ")
}

fn deed(change: &Change) -> RunDeed {
    RunDeed {
        address: change.address.to_string(),
        mark: match change.verb {
            Verb::Create => '+',
            Verb::Replace => '~',
            Verb::Hide | Verb::Remove => '-',
            Verb::Adopt | Verb::Forget => ' ',
        },
        verb: change.verb.name(),
        is_done: match change.outcome {
            Recorded::Done => true,
            Recorded::NotDone => false,
        },
    }
}

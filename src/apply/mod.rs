//! Carrying out a plan: folders first, then groups and links in the plan's
//! order, in batches. It decides nothing: what the plan does not name is not
//! touched, and what is no longer as planned stays as it is.
#![deny(clippy::wildcard_enum_match_arm)]

mod edit;
mod edits;
mod report;
#[cfg(test)]
mod tests;

pub use crate::store::{FileState, FolderError, Live, Outcome};
pub use report::{DoneCounts, Report};

use crate::model::FileKind;
use crate::plan::{Address, Change, Plan};
use crate::store::{Batch, Disk, Lock, Need, RunHeader, RunKind, Store, StoreError};
use edits::OldBytes;
use std::collections::BTreeMap;

/// Carries out a plan that was made under this lock, after an interrupted run
/// was recovered under it. An empty plan touches nothing at all. `interrupt`
/// is asked between links: once it says so, the rest is not begun; so it is
/// once the disk takes nothing more. `progress` hears how much is done, out of
/// how much.
///
/// # Errors
/// What stops the run before its first change; all that goes wrong later is
/// in the report.
pub fn apply<D: Disk>(
    plan: &Plan,
    store: &Store<D>,
    lock: &Lock,
    header: &RunHeader,
    interrupt: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, StoreError> {
    let mut report = Report::default();
    if plan.is_empty() {
        return Ok(report);
    }
    let undone = match header.kind {
        RunKind::Apply | RunKind::Call(_) => None,
        RunKind::Undo(run) => Some(move |address: &Address, kind: FileKind| {
            match store.old_bytes(&run, address, kind) {
                Ok(Some(bytes)) => Ok(bytes),
                Ok(None) => Err(format!("run {run} kept none")),
                Err(error) => Err(error.to_string()),
            }
        }),
    };
    let old = undone.as_ref().map(|old| old as &OldBytes<'_>);
    let total = plan.folders.len() + plan.changes.len();
    let (need, largest) = need(plan, old);
    let mut run = store.begin(lock, header, need)?;
    for mend in &plan.folders {
        if interrupt() {
            break;
        }
        let mended = run.mend(mend);
        report.folders.push((mend.clone(), mended));
        progress(report.folders.len(), total);
    }
    let mut batch = Batch::default();
    edits::ahead(&plan.changes, old, largest, |change, edit| {
        if run.is_stopped() {
            report.outcomes.push((change.address(), Outcome::NotBegun));
            return;
        }
        match edit {
            Ok(edit) => batch.push(edit),
            Err(error) => {
                let live = Live::Old;
                let error = error.to_string();
                run.went_wrong(change.address());
                report
                    .outcomes
                    .push((change.address(), Outcome::Failed { error, live }));
            }
        }
        if batch.is_full() {
            report
                .outcomes
                .extend(run.carry_out(std::mem::take(&mut batch), interrupt));
            progress(report.folders.len() + report.outcomes.len(), total);
        }
    });
    if !batch.is_empty() {
        report.outcomes.extend(run.carry_out(batch, interrupt));
    }
    let mut outcomes: BTreeMap<_, _> = report.outcomes.drain(..).collect();
    let in_order = plan.changes.iter();
    report.outcomes = in_order
        .filter_map(|change| outcomes.remove_entry(&change.address()))
        .collect();
    report.counts = DoneCounts::of(plan, &report.outcomes);
    report.counts.not_begun += plan.folders.len() - report.folders.len();
    report.end(run.finish());
    progress(total, total);
    Ok(report)
}

/// What it all takes, and how many bytes its largest edit writes: each change
/// is made an edit and dropped again, since all of them together may not fit in
/// memory.
fn need(plan: &Plan, old: Option<&OldBytes<'_>>) -> (Need, usize) {
    let (mut need, mut largest) = (Need::default(), 0);
    let of_part = |changes: &[Change], old: Option<&OldBytes<'_>>| {
        let (mut need, mut largest) = (Need::default(), 0);
        edits::in_turn(changes, old, |_, edit| {
            if let Ok(edit) = edit {
                need.add(&edit);
                largest = largest.max(edit.bytes());
            }
        });
        (need, largest)
    };
    edits::in_parts(&plan.changes, old, of_part, |(part, largest_of_part)| {
        need.add_all(part);
        largest = largest.max(largest_of_part);
    });
    (need, largest)
}

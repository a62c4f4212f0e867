//! What happened to each change of a plan. Numbers and words only; how they
//! are shown is decided elsewhere.

use super::{FolderError, Outcome};
use crate::plan::{Address, Change, FolderMend, LinkAction, Plan};
use crate::store::{Finished, RunId};
use std::collections::BTreeMap;

/// What came of carrying out a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Each change of the plan, in its order.
    pub outcomes: Vec<(Address, Outcome)>,
    /// Each folder whose mode or owner was to be put right.
    pub folders: Vec<(FolderMend, Result<(), FolderError>)>,
    /// The run that did it; `None` if there was nothing to do.
    pub run: Option<RunId>,
    /// Whether the run's folder keeps anything that was live before.
    pub has_old: bool,
    /// Why the run ended before the end of the plan, in one phrase: nothing
    /// more could be written. What was not begun is for the next apply.
    pub stopped: Option<String>,
    /// Why the run's end is not written down: then it counts as interrupted,
    /// and the next apply puts it in order first.
    pub unclosed: Option<String>,
    /// How much came out as planned, by action.
    pub counts: DoneCounts,
}

impl Report {
    /// Whether all of it came out as planned.
    pub fn is_done(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| outcome.is_done())
            && self.folders.iter().all(|(_, mended)| mended.is_ok())
            && self.counts.not_begun == 0
            && self.stopped.is_none()
            && self.unclosed.is_none()
    }

    pub(super) fn end(&mut self, finished: Finished) {
        let Finished {
            id,
            has_old,
            stopped,
            unclosed,
        } = finished;
        (self.run, self.has_old) = (Some(id), has_old);
        (self.stopped, self.unclosed) = (stopped, unclosed);
    }
}

/// How many changes came out as planned, and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DoneCounts {
    /// Menu groups written or removed.
    pub groups: usize,
    /// Links created.
    pub created: usize,
    /// Links replaced.
    pub replaced: usize,
    /// Links hidden.
    pub hidden: usize,
    /// Links removed.
    pub removed: usize,
    /// Groups and links found changed by someone else.
    pub changed_by_someone_else: usize,
    /// Groups and links that failed, or are not known to be on the disk.
    pub failed: usize,
    /// Links not begun since their group failed, and groups that stay since
    /// one of their links failed.
    pub blocked: usize,
    /// Groups, links and folders not begun, since the run ended early.
    pub not_begun: usize,
}

impl DoneCounts {
    pub(super) fn of(plan: &Plan, outcomes: &[(Address, Outcome)]) -> Self {
        let outcomes: BTreeMap<_, _> = outcomes.iter().map(|(a, o)| (a, o)).collect();
        let mut counts = Self::default();
        for change in &plan.changes {
            let Some(outcome) = outcomes.get(&change.address()) else {
                continue;
            };
            *match outcome {
                Outcome::Done => match change {
                    Change::Group(_) => &mut counts.groups,
                    Change::Link(link) => match &link.action {
                        LinkAction::Create { .. } => &mut counts.created,
                        LinkAction::Replace { .. } => &mut counts.replaced,
                        LinkAction::Hide { .. } => &mut counts.hidden,
                        LinkAction::Remove { .. } => &mut counts.removed,
                    },
                },
                Outcome::ChangedBySomeoneElse { .. } => &mut counts.changed_by_someone_else,
                Outcome::Failed { .. } | Outcome::NotDurable { .. } => &mut counts.failed,
                Outcome::Blocked { .. } => &mut counts.blocked,
                Outcome::NotBegun => &mut counts.not_begun,
            } += 1;
        }
        counts
    }
}

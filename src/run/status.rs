//! `cplinks status`: what somebody else changed, and what an apply would do,
//! from one and the same look at the disk. Reads only.

use super::drift::{note, unreadable};
use super::target::{Target, check_settled};
use super::{Exit, Stop, World};
use crate::cli::StatusArgs;
use crate::plan::{DriftTotal, UnknownTokens};

pub(super) fn run(args: &StatusArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let unknown = UnknownTokens::NotCompared;
    let Some(target) = Target::of_manifest(&args.target, "status", unknown, world)? else {
        return Ok(Exit::Failed);
    };
    let _lock = target.store.lock_shared(target.lock_timeout)?;
    check_settled(&target.store)?;
    let mut total = DriftTotal::default();
    let (plan, known) = target.plan_and_drift(&mut |user| total.add(user))?;
    let note = note(known, &total);
    let shown = target.show_status(&plan, &total, note, world);
    let is_news = !plan.is_empty() || !plan.blocked.is_empty() || !total.drifts.is_empty();
    let pending = if args.detailed_exitcode && is_news {
        Exit::Pending
    } else {
        Exit::Done
    };
    Ok(shown.or(pending).or(unreadable(&total)))
}

//! `cplinks plan`: show what would change, write nothing.

use super::target::{Target, check_settled};
use super::{Exit, Stop, World};
use crate::cli::PlanArgs;
use crate::plan::UnknownTokens;

pub(super) fn run(args: &PlanArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let unknown = UnknownTokens::NotCompared;
    let Some(target) = Target::of_manifest(&args.target, "plan", unknown, world)? else {
        return Ok(Exit::Failed);
    };
    // So that half an apply is never read.
    let _lock = target.store.lock_shared(target.lock_timeout)?;
    check_settled(&target.store)?;
    let plan = target.plan()?;
    let shown = target.show(&plan, args.format, &args.outputs, world)?;
    let pending = if args.detailed_exitcode && !plan.is_empty() {
        Exit::Pending
    } else {
        Exit::Done
    };
    Ok(shown.or(pending).or(target.verdict(&plan)))
}

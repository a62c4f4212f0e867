//! `cplinks plan`: show what would change, write nothing.

use super::against::{self, pending};
use super::target::{Target, check_settled};
use super::{Exit, Stop, World};
use crate::cli::PlanArgs;
use crate::plan::UnknownTokens;

pub(super) fn run(args: &PlanArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    if let Some(path) = &args.against {
        return against::run(args, path, world);
    }
    let unknown = UnknownTokens::NotCompared;
    let Some(target) = Target::of_manifest(&args.target, "plan", unknown, world)? else {
        return Ok(Exit::Failed);
    };
    // So that half an apply is never read.
    let _lock = target.store.lock_shared(target.lock_timeout)?;
    check_settled(&target.store)?;
    let plan = target.plan()?;
    let shown = target.show(
        (&plan, target.digest(&plan)),
        args.format,
        &args.outputs,
        world,
    )?;
    Ok(shown.or(pending(args, &plan)).or(target.verdict(&plan)))
}

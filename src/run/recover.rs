//! `cplinks recover`: put in order what an interrupted apply left, from the
//! disk alone. Also the first step of every apply.

use super::apply::recover;
use super::{Exit, Stop, World};
use crate::cli::RecoverArgs;
use crate::store::Store;
use std::io::Write as _;
use std::time::Duration;

pub(super) fn run(args: &RecoverArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let store = Store::open(&args.at.root)?;
    // Nothing is written, not even a lock, where nothing was interrupted.
    if store.interrupted()?.is_none() {
        let result = writeln!(world.out, "Nothing to recover.");
        return Ok(world.written(result));
    }
    let lock = store.lock_exclusive(Duration::from_secs(args.at.lock_timeout))?;
    let was_interrupted = recover(&store, &lock, world)?;
    let words = if was_interrupted {
        "Recovered; `plan` shows what is still to do."
    } else {
        "Nothing to recover."
    };
    let result = writeln!(world.out, "{words}");
    Ok(world.written(result))
}

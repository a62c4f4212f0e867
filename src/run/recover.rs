//! `cplinks recover`: put in order what an interrupted apply left, from the
//! disk alone: its links, which is also the first step of every apply, and the
//! state.

use super::apply::recover;
use super::{Exit, Stop, World, record};
use crate::cli::RecoverArgs;
use crate::ledger::{Ledger, LedgerError};
use crate::report::escaped;
use crate::store::{Disk, Lock, Store};
use std::io::Write as _;
use std::time::Duration;

pub(super) fn run(args: &RecoverArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let store = Store::open(&args.at.root)?;
    // Nothing is written, not even a lock, where there is nothing to do. What
    // is wrong with a state is told under the lock: another process may be
    // writing it now.
    let is_whole = matches!(standing(&store), Ok(Standing::Whole));
    if is_whole && store.interrupted()?.is_none() {
        let result = writeln!(world.out, "Nothing to recover.");
        return Ok(world.written(result));
    }
    let lock = store.lock_exclusive(Duration::from_secs(args.at.lock_timeout))?;
    let was_interrupted = recover(&store, &lock, world)?;
    let was_mended = mend_state(&store, &lock, world)?;
    record::remember_runs(&store, &lock)?;
    let words = if was_interrupted || was_mended {
        "Recovered; `plan` shows what is still to do."
    } else {
        "Nothing to recover."
    };
    let result = writeln!(world.out, "{words}");
    Ok(world.written(result))
}

/// What a state made anew does not hold.
const FOREIGN_NOW: &str = "What they did not write themselves is foreign until the manifest \
                           names it. Pauses are in no run: whatever was paused is not any more.";

/// How the state stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It can be read, or there is none and nothing that it could hold.
    Whole,
    /// There is none, but there are runs.
    Missing,
    /// A write of it was cut off.
    Unfinished,
    /// It is there and cannot be used.
    Damaged,
}

/// Looks at the state. Without the lock, another process may be writing it.
pub(super) fn standing<D: Disk>(store: &Store<D>) -> Result<Standing, Stop> {
    let found = match store.state_path()? {
        None => Ok(None),
        Some(path) => Ledger::open_read_only(&path),
    };
    let checked = found.and_then(|ledger| match ledger {
        None => Ok(None),
        Some(ledger) => ledger.check().map(Some),
    });
    match checked {
        Ok(Some(())) => Ok(Standing::Whole),
        Ok(None) if record::finished_runs(store, None)?.is_empty() => Ok(Standing::Whole),
        Ok(None) => Ok(Standing::Missing),
        Err(LedgerError::Unfinished(_)) => Ok(Standing::Unfinished),
        Err(LedgerError::Damaged { .. } | LedgerError::Odd { .. }) => Ok(Standing::Damaged),
        // Another program's to use, or another try's.
        Err(
            error @ (LedgerError::Newer { .. }
            | LedgerError::Database { .. }
            | LedgerError::NoFile(_)),
        ) => Err(error.into()),
    }
}

/// Ends a write of the state that was cut off, and makes anew a state that is
/// damaged or missing. Says what it did; whether there was anything to do.
fn mend_state<D: Disk>(store: &Store<D>, lock: &Lock, world: &mut World<'_>) -> Result<bool, Stop> {
    let found = standing(store)?;
    let mut left = found;
    if found == Standing::Unfinished {
        record::open(store, lock)?;
        world.tell("The state was left in the middle of a write, which is taken back.");
        // What that write was cut off from may be damaged all the same.
        left = standing(store)?;
    }
    match left {
        Standing::Whole | Standing::Unfinished => {}
        Standing::Missing => {
            let runs = make_state(store, lock)?;
            world.tell(&format!(
                "There was no state; it is made anew from {runs}. {FOREIGN_NOW}"
            ));
        }
        Standing::Damaged => {
            let kept = match store.set_state_aside(lock)? {
                Some(path) => format!("it is kept as `{}`, and", path.display()),
                None => "it".to_owned(),
            };
            let runs = make_state(store, lock)?;
            let line =
                format!("The state was damaged; {kept} is made anew from {runs}. {FOREIGN_NOW}");
            world.tell(escaped(&line).as_ref());
        }
    }
    Ok(found != Standing::Whole)
}

/// Makes the state anew, and says from how many runs.
fn make_state<D: Disk>(store: &Store<D>, lock: &Lock) -> Result<String, Stop> {
    record::open(store, lock)?;
    Ok(match record::finished_runs(store, None)?.len() {
        1 => "1 finished run".to_owned(),
        count => format!("{count} finished runs"),
    })
}

//! `cplinks drift`: what somebody else changed of what we wrote. Reads only,
//! and needs no manifest.

use super::target::{Ground, check_settled, scope};
use super::{Exit, Stop, World, record};
use crate::cli::DriftArgs;
use crate::ledger::{Known, left_in_scope};
use crate::model::Account;
use crate::plan::DriftTotal;
use crate::reconcile;
use crate::report::{self, DriftHeader};
use std::io::Write as _;
use std::time::Duration;

pub(super) fn run(args: &DriftArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let ground = Ground::at(&args.at.root, args.owners, args.strict_owners);
    let looked_at = scope(&args.scope)?;
    let store = ground.open(&args.at)?;
    // So that half an apply is never taken for drift.
    let _lock = store.lock_shared(Duration::from_secs(args.at.lock_timeout))?;
    check_settled(&store)?;
    let baseline = record::baseline(&store)?;
    let users = baseline.ledger().users()?;
    if users.is_empty() {
        let words = "Drift: none; nothing is recorded as written by cplinks here.";
        let result = writeln!(world.out, "{words}");
        return Ok(world.written(result));
    }
    reconcile::check_owned(&looked_at, &users, &baseline.ledger().apps()?)?;
    let mut total = DriftTotal::default();
    for user in users.iter().filter(|user| looked_at.has_user(user)) {
        let left = baseline.of_user(user)?;
        let actual = store.read_user(user, Account::NotAsked);
        let left = left_in_scope(left, &actual, &looked_at);
        total.add(baseline.drift(&left, &actual, ground.owners.set));
    }
    let header = DriftHeader {
        root: args.at.root.display().to_string(),
        scope: report::scope_in_words(&looked_at),
        notes: note(baseline.known(), &total).into_iter().collect(),
    };
    let result = report::drift(&total, &header, &mut world.out);
    let drifted = if total.drifts.is_empty() {
        Exit::Done
    } else {
        Exit::Pending
    };
    Ok(world.written(result).or(drifted).or(unreadable(&total)))
}

/// What could not be looked at may have drifted or not, so it is an error.
pub(super) fn unreadable(total: &DriftTotal) -> Exit {
    if total.unreadable() == 0 {
        Exit::Done
    } else {
        Exit::Failed
    }
}

/// Why some things are not known, and how they come to be.
pub(super) fn note(known: Known, total: &DriftTotal) -> Option<String> {
    if total.unknown == 0 {
        return None;
    }
    let why = match known {
        Known::Yes => "they were written before the state that is there was made",
        Known::NoKey => "`.cplinks/key` is missing, with which the state was made",
        Known::OtherKey => "the state was made with another key than `.cplinks/key`",
        Known::RunsOnly => "`.cplinks/state.db` is missing, and the runs alone do not tell",
    };
    Some(format!(
        "of {} it is not known how cplinks left them: {why}; the next apply records those that \
         are as they should be",
        total.unknown
    ))
}

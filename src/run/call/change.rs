//! A call that changes something: the store, the lock, the journal and the
//! backups of an apply, for one link or group.

use super::super::apply::recover;
use super::super::pause::now;
use super::super::record::{self, record};
use super::super::signal::Signals;
use super::super::target::who;
use super::super::{Exit, Stop, World};
use super::Local;
use crate::apply::{self, Report};
use crate::store::{Outcome, RunHeader, RunKind};
use crate::whm::api::{Bounds, Data, Wish};
use anyhow::anyhow;
use std::collections::BTreeSet;

impl Local<'_> {
    /// Carries a wish out.
    pub(super) fn change(&self, wish: &Wish, world: &mut World<'_>) -> Result<Data, Stop> {
        let signals = Signals::listen()?;
        record::mend_state(self.store, self.timeout())?;
        let lock = self.store.lock_exclusive(self.timeout())?;
        recover(self.store, &lock, world)?;
        // Found out before anything is changed: what is done must be
        // remembered.
        let ledger = record::check(self.store)?;
        let bounds = Bounds {
            host: self.host.clone(),
            owner: self.ground.owners.set,
            paused: ledger.pauses(now())?,
        };
        let owned = ledger.owned_of([&wish.user], BTreeSet::new())?;
        let plan = wish
            .plan(&self.read(&wish.user), &owned, &bounds)
            .map_err(|why| self.refused(&why))?;
        if plan.is_empty() {
            return Ok(Data::of_change(&wish.call));
        }
        if let Some(signal) = signals.seen() {
            return Err(interrupted(signal));
        }
        if let Some(newest) = record::newest_run(&ledger)? {
            self.store.count_from(newest);
        }
        let header = RunHeader {
            kind: RunKind::Call(wish.call.function()),
            started: now(),
            who: who(),
            revision: None,
            digest: None,
        };
        let interrupt = || signals.seen().is_some();
        let report = apply::apply(
            &plan,
            self.store,
            &lock,
            &header,
            &interrupt,
            &mut |_, _| {},
        )?;
        let recorded = record(&plan, &report, header, self.store, &lock);
        check_done(&report, &signals)?;
        recorded.map_err(|stop| Stop {
            error: stop.error.context("it was done, but is not recorded"),
            ..stop
        })?;
        Ok(Data::of_change(&wish.call))
    }
}

fn interrupted(signal: u8) -> Stop {
    Stop {
        exit: Exit::Interrupted(signal),
        error: anyhow!("interrupted before anything was changed"),
        hint: None,
    }
}

/// Whether the one change came out.
fn check_done(report: &Report, signals: &Signals) -> Result<(), Stop> {
    let failed = |error| Stop {
        exit: Exit::Failed,
        error,
        hint: None,
    };
    for (address, outcome) in &report.outcomes {
        match outcome {
            Outcome::Done => {}
            Outcome::NotBegun => {
                return Err(match (&report.stopped, signals.seen()) {
                    (Some(why), _) => failed(anyhow!("{address} is as it was: {why}")),
                    (None, Some(signal)) => interrupted(signal),
                    (None, None) => failed(anyhow!("{address}: {outcome}")),
                });
            }
            Outcome::ChangedBySomeoneElse { .. }
            | Outcome::Failed { .. }
            | Outcome::NotDurable { .. }
            | Outcome::Blocked { .. } => return Err(failed(anyhow!("{address}: {outcome}"))),
        }
    }
    match &report.unclosed {
        None => Ok(()),
        Some(error) => Err(Stop {
            hint: Some("`cplinks recover` puts it in order".to_owned()),
            ..failed(anyhow!(
                "it was done, but the end of the run could not be written down: {error}"
            ))
        }),
    }
}

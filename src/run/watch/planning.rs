//! The plan of a round: for some users or for all, under what limits it at this
//! moment.

use super::inputs::Good;
use super::keeper::{Keeper, no_manifest};
use super::round::Refused;
use crate::cli::Mode;
use crate::ledger::Baseline;
use crate::model::UserName;
use crate::plan::{Allowances, Hold, Holds, Intent, Owned, Plan, Policy, UnknownTokens};
use crate::reconcile::{self, Ahead, Looked, Looker};
use crate::run::target::{self, PolicyParts};
use crate::run::{Exit, Stop, pause};
use crate::store::{RealDisk, RunHeader, RunKind, Store};
use anyhow::anyhow;
use std::collections::{BTreeMap, BTreeSet};

/// A plan, and what was seen on the way to it.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) drifted: BTreeMap<UserName, u64>,
}

impl Keeper<'_> {
    /// Plans for these users, or for all.
    pub(super) fn plan(
        &mut self,
        store: &Store<RealDisk>,
        baseline: &Baseline,
        owned: &Owned,
        policy: &Policy,
        users: Option<&BTreeSet<UserName>>,
    ) -> Result<Planned, Stop> {
        let mut drifted = BTreeMap::new();
        let (teller, pulse) = (&mut self.teller, &mut self.pulse);
        let signals = &self.signals;
        let good = self.inputs.good.as_ref();
        let good = good.ok_or_else(no_manifest)?;
        let mut look = |looked: Looked<'_>| {
            teller.feed_watchdog();
            pulse.beat(looked.files, store);
            if let Some(signal) = signals.seen() {
                return Err(Stop {
                    exit: Exit::Interrupted(signal),
                    error: anyhow!("the watch is to end"),
                    hint: None,
                });
            }
            let count = looked.drift.drifts.len();
            if count > 0 {
                drifted.insert(looked.user.clone(), count as u64);
            }
            Ok(())
        };
        let looker = Looker {
            baseline,
            look: &mut look,
        };
        let (manifest, tokens) = (&good.manifest, &good.tokens);
        let plan = match users {
            None => {
                // What is read makes notices, and the pulse waits for them.
                let ahead = Ahead::Never;
                reconcile::plan_and_look(manifest, tokens, store, owned, policy, ahead, looker)?
            }
            Some(users) => {
                let among = (users, self.census);
                reconcile::plan_users(manifest, tokens, store, owned, policy, among, looker)?
            }
        };
        Ok(Planned { plan, drifted })
    }

    /// What is ours of these users, and where the tokens went that they have
    /// or shall have.
    pub(super) fn owned_of(
        &self,
        users: &BTreeSet<UserName>,
        baseline: &Baseline,
    ) -> Result<Owned, Stop> {
        let Good {
            manifest, tokens, ..
        } = self.good()?;
        let desired = users
            .iter()
            .filter_map(|user| manifest.desired(user, tokens));
        let references = desired.flat_map(|user| user.token_references().collect::<Vec<_>>());
        Ok(baseline.ledger().owned_of(users, references.collect())?)
    }

    /// What limits a plan of this moment.
    pub(super) fn policy(&self, baseline: &Baseline, refused: Refused) -> Result<Policy, Stop> {
        let good = self.good()?;
        let settings = good.manifest.settings();
        let policy = target::policy(
            settings,
            PolicyParts {
                scope: self.scope.clone(),
                allowances: Allowances {
                    hosts: good.policy.autologin_hosts.clone().unwrap_or_default(),
                    ..Allowances::default()
                },
                owner: self.ground.owners.set,
                unknown_tokens: match self.args.mode {
                    Mode::Report => UnknownTokens::NotCompared,
                    Mode::Apply => UnknownTokens::Block,
                },
            },
        );
        let waiting = self.contests.waiting(self.clock.now());
        let mut exact: BTreeMap<_, _> = waiting
            .map(|(address, _)| (address.clone(), Hold::Contested))
            .collect();
        match refused {
            Refused::Anew => {}
            Refused::Waits => {
                let refused = self.refused.iter().cloned();
                exact.extend(refused.map(|address| (address, Hold::Refused)));
            }
        }
        Ok(Policy {
            holds: Holds {
                paused: baseline.ledger().pauses(pause::now())?,
                exact,
                users_gone: true,
            },
            ..policy
        })
    }

    pub(super) fn run_header(&self, plan: &Plan, policy: &Policy) -> Result<RunHeader, Stop> {
        let intent = Intent::Manifest(policy.unlisted);
        Ok(RunHeader {
            kind: RunKind::Apply,
            started: self.clock.unix(),
            who: format!("watch ({})", target::who()),
            revision: self.good()?.revision.clone(),
            digest: Some(plan.digest(intent, &policy.scope).to_string()),
        })
    }
}

//! One round: what it looks at, what it finds, and what it does about it. The
//! same steps as a `plan` and an `apply`, for some users or for all.

use super::keeper::Keeper;
use super::planning::Planned;
use super::standing::Seen;
use crate::apply::{self, Report};
use crate::cli::Mode;
use crate::manifest::ChangedUsers;
use crate::model::UserName;
use crate::plan::{Address, Census, Change, Held, Hold, Holds, Plan};
use crate::report::{Event, Notice};
use crate::run::record::{self, record};
use crate::run::target::{self, check_settled};
use crate::run::{Exit, Stop, World};
use crate::store::{Lock, Outcome, RealDisk, Store};
use crate::watch::{Cause, Look};
use anyhow::anyhow;
use std::collections::BTreeSet;

/// How many missing accounts an error names.
const MOST_MISSING: usize = 10;

/// What came of a round.
pub(super) struct Done {
    /// In one word, for the figures.
    pub(super) result: &'static str,
    /// Users of whom something could not be done, and why.
    pub(super) failed: Option<(BTreeSet<UserName>, String)>,
}

impl Done {
    fn of(result: &'static str) -> Self {
        Self {
            result,
            failed: None,
        }
    }
}

/// Whether what a guard refused before is held against it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It waits.
    Waits,
    /// What is wanted may have changed, or it is a round over everything.
    Anew,
}

impl Keeper<'_> {
    /// Looks, and does what there is to do.
    pub(super) fn carry_out(
        &mut self,
        look: &Look,
        refused: Refused,
        world: &mut World<'_>,
    ) -> Result<Done, Stop> {
        let store = self.ground.open(&self.args.at)?;
        let locked = store.renew_watch_lock(&mut self.lock);
        locked.map_err(super::already_watched)?;
        self.notice_root(&store);
        match look {
            Look::Everything(_) => self.sight.remember(&store, &self.users),
            Look::Users(users) => self.sight.remember(&store, users),
        }
        match look {
            Look::Everything(cause) => self.look_at_everything(&store, *cause, world),
            Look::Users(users) => match self.args.mode {
                Mode::Report => self.report_on(&store, users, refused, world),
                Mode::Apply => self.apply_to(&store, users, refused, world),
            },
        }
    }

    /// Under the lock of a reader, so that plans and other applies are not
    /// kept waiting; what there is to do is then done for those it is about.
    fn look_at_everything(
        &mut self,
        store: &Store<RealDisk>,
        cause: Cause,
        world: &mut World<'_>,
    ) -> Result<Done, Stop> {
        if self.args.mode == Mode::Apply && store.interrupted()?.is_some() {
            let lock = store.lock_exclusive(self.lock_timeout())?;
            self.recover(store, &lock, world)?;
        }
        let (planned, owned) = {
            let _lock = store.lock_shared(self.lock_timeout())?;
            check_settled(store)?;
            let baseline = record::baseline(store)?;
            let owned = baseline.ledger().owned()?;
            let policy = self.policy(&baseline, Refused::Anew)?;
            let planned = self.plan(store, &baseline, &owned, &policy, None)?;
            (planned, owned)
        };
        let Planned { plan, drifted } = planned;
        self.census = Census::of(&plan.guards, self.good()?.manifest.links());
        self.paused = (store.state_stamp(), plan.pauses.clone());
        let ours = owned.users().chain(owned.users_with_groups()).cloned();
        self.set_users(ours.collect());
        drop(owned);
        let seen = Seen {
            users: None,
            plan: &plan,
            drifted,
        };
        self.see(seen, world);
        self.refused.clear();
        if !plan.guards.refusals.is_empty() {
            self.refuse(&plan, world);
            return Ok(Done::of("refused"));
        }
        self.check_strict(&plan)?;
        let (work, is_empty) = (users_of(&plan), plan.is_empty());
        drop(plan);
        if work.is_empty() {
            return Ok(Done::of("nothing"));
        }
        match self.args.mode {
            Mode::Report if is_empty => Ok(Done::of("nothing")),
            Mode::Report => Ok(Done::of("pending")),
            Mode::Apply => {
                if cause == Cause::Start {
                    self.renewed = ChangedUsers::Everybody;
                }
                self.apply_to(store, &work, Refused::Anew, world)
            }
        }
    }

    fn report_on(
        &mut self,
        store: &Store<RealDisk>,
        users: &BTreeSet<UserName>,
        refused: Refused,
        world: &mut World<'_>,
    ) -> Result<Done, Stop> {
        let planned = {
            let _lock = store.lock_shared(self.lock_timeout())?;
            check_settled(store)?;
            let baseline = record::baseline(store)?;
            let owned = self.owned_of(users, &baseline)?;
            let policy = self.policy(&baseline, refused)?;
            self.plan(store, &baseline, &owned, &policy, Some(users))?
        };
        let result = match self.take_up(users, planned, world)? {
            None => "refused",
            Some(plan) if plan.is_empty() => "nothing",
            Some(_) => "pending",
        };
        Ok(Done::of(result))
    }

    fn apply_to(
        &mut self,
        store: &Store<RealDisk>,
        users: &BTreeSet<UserName>,
        refused: Refused,
        world: &mut World<'_>,
    ) -> Result<Done, Stop> {
        let lock = store.lock_exclusive(self.lock_timeout())?;
        self.recover(store, &lock, world)?;
        let baseline = record::baseline(store)?;
        let owned = self.owned_of(users, &baseline)?;
        let mut policy = self.policy(&baseline, refused)?;
        let mut planned = self.plan(store, &baseline, &owned, &policy, Some(users))?;
        if self.hold_contested(&planned.plan, &mut policy.holds) {
            planned = self.plan(store, &baseline, &owned, &policy, Some(users))?;
        }
        let newest = record::newest_run(baseline.ledger())?;
        drop((baseline, owned));
        let Some(plan) = self.take_up(users, planned, world)? else {
            return Ok(Done::of("refused"));
        };
        let header = self.run_header(&plan, &policy)?;
        if plan.is_empty() {
            if !plan.unrecorded.is_empty() {
                record(&plan, &Report::default(), header, store, &lock)?;
            }
            return Ok(Done::of("nothing"));
        }
        if let Some(newest) = newest {
            store.count_from(newest);
        }
        let report = {
            let (signals, pulse) = (&self.signals, &mut self.pulse);
            let teller = &mut self.teller;
            apply::apply(
                &plan,
                store,
                &lock,
                &header,
                &|| signals.seen().is_some(),
                &mut |_, _| {
                    teller.feed_watchdog();
                    pulse.fence(store);
                },
            )?
        };
        // Told after the outcome: the links are as it says all the same.
        let recorded = record(&plan, &report, header, store, &lock);
        drop(lock);
        let done = self.conclude(&plan, &report, world);
        recorded?;
        Ok(done)
    }

    /// Takes up what a plan for these users found; `None` if a guard refuses
    /// it. What was refused before and is not pending any more waits no more.
    fn take_up(
        &mut self,
        users: &BTreeSet<UserName>,
        planned: Planned,
        world: &mut World<'_>,
    ) -> Result<Option<Plan>, Stop> {
        let Planned { plan, drifted } = planned;
        let seen = Seen {
            users: Some(users),
            plan: &plan,
            drifted,
        };
        self.see(seen, world);
        if !plan.guards.refusals.is_empty() {
            self.refuse(&plan, world);
            return Ok(None);
        }
        self.check_strict(&plan)?;
        let still: BTreeSet<_> = waiting_refused(&plan).collect();
        self.refused
            .retain(|address| !users.contains(address.user()) || still.contains(address));
        Ok(Some(plan))
    }

    /// Takes up what became of each change.
    fn conclude(&mut self, plan: &Plan, report: &Report, world: &mut World<'_>) -> Done {
        let now = self.clock.now();
        for (change, (address, outcome)) in plan.changes.iter().zip(&report.outcomes) {
            if outcome.is_done() && change.address() == *address {
                self.census.count(change);
            }
        }
        for (address, outcome) in &report.outcomes {
            if outcome.is_done() {
                self.standing.done(address);
                // What was to be done since the manifest changed is no repair.
                let is_new = match &self.renewed {
                    ChangedUsers::Everybody => true,
                    ChangedUsers::Users(users) => users.contains(address.user()),
                };
                if !is_new {
                    self.contests.repaired(address.clone(), now);
                }
            }
        }
        for (mend, result) in &report.folders {
            if result.is_ok() {
                self.standing.mended(&mend.user);
            }
        }
        self.tell_done(plan, report, world);
        if report.is_done() || self.signals.seen().is_some() {
            return Done::of("changed");
        }
        let (users, why) = failed_users(report);
        let Some(why) = why else {
            // Somebody else was faster. What they wrote is looked at as if a
            // notice told of it, and nothing has failed.
            self.agenda.note_users(users, now);
            return Done::of("changed");
        };
        Done {
            result: "failed",
            failed: Some((users, why)),
        }
    }

    /// Under `--strict` an account that is missing is an error, as in `apply`.
    fn check_strict(&self, plan: &Plan) -> Result<(), Stop> {
        match target::verdict(plan, self.args.manifest.strict) {
            Exit::Failed => {
                let missing = plan.missing_accounts.iter().take(MOST_MISSING);
                let missing: Vec<_> = missing.map(ToString::to_string).collect();
                let missing = missing.join(", ");
                Err(anyhow!("the manifest names accounts that are not here: {missing}").into())
            }
            Exit::Done
            | Exit::Pending
            | Exit::Refused
            | Exit::Stale
            | Exit::Locked
            | Exit::Interrupted(_) => Ok(()),
        }
    }

    /// A root that is another folder than before is watched anew.
    fn notice_root(&mut self, store: &Store<RealDisk>) {
        let now = store.identity();
        if self.root.replace(now).is_some_and(|before| before != now) {
            self.must_reopen
                .get_or_insert_with(|| "the root is another folder than before".to_owned());
        }
    }

    /// Takes up how things stand, and tells what is new about it.
    fn see(&mut self, seen: Seen<'_>, world: &mut World<'_>) {
        let (users, plan) = (seen.users, seen.plan);
        let waiting = plan.held.iter().filter_map(Held::address);
        let pending = plan.changes.iter().map(Change::address);
        let pending: BTreeSet<_> = pending.chain(waiting).collect();
        let was_looked_at = |user: &UserName| users.is_none_or(|users| users.contains(user));
        self.contests
            .seen(was_looked_at, &pending, self.clock.now());
        let new = self.standing.see(seen);
        self.tell_found(plan, &new, world);
    }

    /// Notes which changes somebody else has just undone, and has them wait;
    /// whether there are any.
    fn hold_contested(&mut self, plan: &Plan, holds: &mut Holds) -> bool {
        let now = self.clock.now();
        let mut is_new = false;
        for change in &plan.changes {
            let address = change.address();
            if self.contests.judge(&address, now).is_some() {
                holds.exact.insert(address, Hold::Contested);
                is_new = true;
            }
        }
        is_new
    }

    fn recover(
        &mut self,
        store: &Store<RealDisk>,
        lock: &Lock,
        world: &mut World<'_>,
    ) -> Result<(), Stop> {
        record::mend_under(store, lock)?;
        let recovery = store.recover(lock)?;
        if let Some(run) = recovery.run {
            let links = recovery.links.iter();
            let links = links.map(|(address, became)| format!("{address}: {became}"));
            let notice = Notice::new(
                Event::Interrupted,
                format!("run {run} was interrupted and is put in order"),
            )
            .text("run", run.to_string())
            .texts("links", links.collect());
            self.teller.say(&notice, world);
        }
        Ok(())
    }

    /// A guard said no: all of it waits for a person.
    fn refuse(&mut self, plan: &Plan, world: &mut World<'_>) {
        let addresses = plan.changes.iter().map(Change::address);
        self.refused.extend(addresses);
        self.tell_refused(plan, world);
    }
}

/// The users that there is something to do for, or to remember.
fn users_of(plan: &Plan) -> BTreeSet<UserName> {
    let changed = plan.changes.iter().map(|change| change.user().clone());
    let mended = plan.folders.iter().map(|mend| mend.user.clone());
    let adopted = plan
        .unrecorded
        .adopted
        .iter()
        .map(|a| a.address.user().clone());
    let gone = plan.unrecorded.gone.iter().map(|a| a.user().clone());
    changed.chain(mended).chain(adopted).chain(gone).collect()
}

fn waiting_refused(plan: &Plan) -> impl Iterator<Item = Address> {
    let held = plan.held.iter().filter(|held| held.why == Hold::Refused);
    held.filter_map(Held::address)
}

/// Users of whom something is not done, and the first reason that is more than
/// that somebody else changed it meanwhile.
fn failed_users(report: &Report) -> (BTreeSet<UserName>, Option<String>) {
    let mut users = BTreeSet::new();
    let mut why = report.stopped.clone().or_else(|| report.unclosed.clone());
    for (address, outcome) in &report.outcomes {
        match outcome {
            Outcome::Done => continue,
            Outcome::ChangedBySomeoneElse { .. } => {}
            Outcome::Failed { .. }
            | Outcome::NotDurable { .. }
            | Outcome::Blocked { .. }
            | Outcome::NotBegun => {
                why.get_or_insert_with(|| format!("{address}: {outcome}"));
            }
        }
        users.insert(address.user().clone());
    }
    for (mend, result) in &report.folders {
        if let Err(error) = result {
            users.insert(mend.user.clone());
            why.get_or_insert_with(|| error.to_string());
        }
    }
    (users, why)
}

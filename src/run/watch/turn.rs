//! When a round is due: which it is, and what follows from how it came out.

use super::keeper::Keeper;
use super::round::{Done, Refused};
use super::tell::Phase;
use crate::manifest::ChangedUsers;
use crate::report::{Event, Notice};
use crate::run::{Exit, Stop, World};
use crate::watch::{Cause, Look, Moment, Round};
use std::collections::BTreeSet;
use std::time::Duration;

/// Where more than one user in so many is to be looked at, all are: that is
/// hardly more work, and the guards count what there is now.
const MANY: usize = 4;
/// Fewer than this are few, whatever the share.
const FEW: usize = 100;
/// How long a file that is written may stay open.
const MOST_WRITING: Duration = Duration::from_secs(600);
/// What is done about a failure that nothing else is known to help.
const AGAIN: &str = "it is tried again, after longer and longer waits of up to 5 minutes";
/// Added before a time is cut to seconds, so that it is rounded up.
const ALMOST: Duration = Duration::from_millis(999);

impl Keeper<'_> {
    /// The next round, if it is due.
    pub(super) fn turn(&mut self, world: &mut World<'_>) {
        if self.must_reopen.is_some() && self.reopen_at <= self.clock.now() {
            self.open_eyes(world);
            // What happened before they were open was not seen.
            self.agenda.note_lost(self.clock.now());
        }
        let now = self.clock.now();
        if self.sight.next_poll().is_some_and(|next| next <= now) {
            let store = self.ground.open(&self.args.at).ok();
            if let Some((cost, rest)) = self.sight.poll(store.as_ref(), now) {
                let notice = super::polling::cost(self.sight.folders(), cost, rest);
                // How long it takes differs each time: once is enough.
                if !self.teller.is_said(Event::Polling, "cost") {
                    self.teller.say_once("cost", &notice, world);
                }
            }
            self.take_pauses();
        }
        let Some(round) = self.agenda.take(now) else {
            return;
        };
        let begin = self.clock.now();
        let Round { mut look, inputs } = round.clone();
        // When it is closed that is told, and it is read then.
        let inputs = inputs && !self.is_half_written(now);
        let mut refused = Refused::Waits;
        self.renewed = ChangedUsers::Users(BTreeSet::new());
        if inputs {
            self.renewed = self.read_inputs(world);
            match &self.renewed {
                ChangedUsers::Everybody => {
                    refused = Refused::Anew;
                    look = match look {
                        Look::Everything(cause) => Look::Everything(cause),
                        Look::Users(_) => Look::Everything(Cause::Changes),
                    };
                    self.contests.forget_all();
                }
                ChangedUsers::Users(changed) if changed.is_empty() => {}
                ChangedUsers::Users(changed) => {
                    refused = Refused::Anew;
                    self.contests.forget(changed);
                    match &mut look {
                        Look::Everything(_) => {}
                        Look::Users(users) => {
                            users.extend(changed.iter().cloned());
                            // What waits counts with it, as in an apply.
                            users.extend(self.refused.iter().map(|a| a.user().clone()));
                        }
                    }
                }
            }
        }
        if self.is_first_opening {
            self.open_eyes(world);
        }
        if inputs {
            self.watch_inputs(&BTreeSet::new(), world);
        }
        look = self.widened(look);
        if self.inputs.good.is_none() {
            self.agenda.done(&look, Duration::ZERO, now, random());
            return self.end_round(None, world);
        }
        match &look {
            Look::Users(users) if users.is_empty() => {
                return self.end_round(None, world);
            }
            Look::Users(_) | Look::Everything(_) => {}
        }
        self.contests.settle(now);
        let done = self.carry_out(&look, refused, world);
        let ended = self.clock.now();
        let took = ended.saturating_sub(begin);
        // What it came to, and not what it began with: once read, a manifest
        // is no news any more.
        let round = Round {
            look: look.clone(),
            inputs: round.inputs,
        };
        let result = self.after(done, &round, (took, ended), world);
        self.end_round(Some((&look, result, took)), world);
    }

    /// Whether somebody is in the middle of writing a file of the manifest: half
    /// of it may be a manifest too, and one that says less. Who takes longer
    /// than the patience for it has forgotten to close it.
    fn is_half_written(&self, now: Moment) -> bool {
        let is_recent = |since: Moment| now.saturating_sub(since) < MOST_WRITING;
        self.inputs.good.is_some() && self.written_since.is_some_and(is_recent)
    }

    /// Where it is about so many users, it is about all.
    fn widened(&self, look: Look) -> Look {
        match look {
            Look::Users(users) if users.len() > FEW && users.len() * MANY > self.users.len() => {
                Look::Everything(Cause::Changes)
            }
            look @ (Look::Users(_) | Look::Everything(_)) => look,
        }
    }

    /// What follows from how a round came out; that in a word.
    fn after(
        &mut self,
        done: Result<Done, Stop>,
        round: &Round,
        (took, now): (Duration, Moment),
        world: &mut World<'_>,
    ) -> &'static str {
        let (result, again, why, hint) = match done {
            Ok(Done {
                result,
                failed: None,
            }) => {
                self.agenda.done(&round.look, took, now, random());
                self.say_recovered(world);
                self.look_again_later();
                if self.sight.lacks_root() {
                    let why = "the root is there again".to_owned();
                    self.must_reopen.get_or_insert(why);
                }
                return result;
            }
            Ok(Done {
                result,
                failed: Some((users, why)),
            }) => {
                let look = if users.is_empty() {
                    Look::Everything(Cause::Changes)
                } else {
                    Look::Users(users)
                };
                let again = Round {
                    look,
                    inputs: false,
                };
                (result, again, why, None)
            }
            // It ends, and nothing has failed.
            Err(_) if self.signals.seen().is_some() => return "stopped",
            Err(stop) if stop.exit == Exit::Locked => {
                let notice = Notice::new(Event::Locked, format!("{:#}", stop.error));
                self.teller.say_once("", &notice, world);
                self.agenda.postponed(round.clone(), now);
                return "locked";
            }
            Err(stop) => {
                let why = format!("{:#}", stop.error);
                ("failed", round.clone(), why, stop.hint)
            }
        };
        let wait = self.agenda.failed(again, now, random());
        let notice = Notice::new(Event::Failed, why)
            .number("failures", self.agenda.failures())
            .number("retry_seconds", (wait + ALMOST).as_secs())
            .hint(hint.unwrap_or_else(|| AGAIN.to_owned()));
        self.teller.say_once("round", &notice, world);
        result
    }

    fn say_recovered(&mut self, world: &mut World<'_>) {
        self.teller.forget(Event::Locked, "");
        if self.teller.forget(Event::Failed, "round") {
            let notice = Notice::new(Event::Recovered, "it works again");
            self.teller.say(&notice, world);
        }
    }

    /// What waits is looked at again when it need not wait any more.
    fn look_again_later(&mut self) {
        let now = self.clock.now();
        let waiting: Vec<_> = self
            .contests
            .waiting(now)
            .map(|(address, until)| (address.user().clone(), until))
            .collect();
        for (user, until) in waiting {
            self.agenda.look_later(user, until);
        }
        let unix = self.clock.unix();
        let ends = self.standing.ends_of_pauses();
        for (user, until) in ends {
            let wait = Duration::from_secs(until.saturating_sub(unix) + 1);
            self.agenda.look_later(user, now + wait);
        }
    }

    fn end_round(&mut self, round: Option<(&Look, &'static str, Duration)>, world: &mut World<'_>) {
        let unix = self.clock.unix();
        let figures = &mut self.teller.figures;
        if let Some((look, result, took)) = round {
            let look = match look {
                Look::Everything(_) => "full",
                Look::Users(_) => "users",
            };
            *figures.rounds.entry((look, result)).or_default() += 1;
            figures.seconds += took.as_secs_f64();
            figures.last_seconds = took.as_secs_f64();
            figures.last_round = Some(unix);
            if result != "failed" && result != "locked" {
                figures.last_success = Some(unix);
            }
        }
        self.standing.count(figures);
        figures.users = self.users.len() as u64;
        figures.contested = self.contests.contested().count() as u64;
        figures.is_refused = !self.refused.is_empty();
        figures.failures = u64::from(self.agenda.failures());
        figures.folders = self.sight.folders() as u64;
        figures.is_polling = self.sight.is_polling();
        figures.next_full = unix + self.agenda.longest_silence(self.clock.now()).as_secs();
        self.pulse.is_watched = self.sight.has_eyes();
        self.tell_contested(world);
        // Where nothing was looked at and nothing is new there is nothing to
        // write: who writes beside the manifest must not make us do so too.
        if round.is_some() || self.teller.has_news() {
            self.teller.publish(world);
        }
        if std::mem::take(&mut self.is_reloading) {
            Phase::Ready.tell();
        }
    }
}

/// A number from 0 to 1, to spread the load of many servers.
fn random() -> f64 {
    let mut bytes = [0; 4];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) {
        Ok(_) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        // Without it all servers keep step, and still come round.
        Err(_) => 0.5,
    }
}

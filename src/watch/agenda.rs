//! The *agenda*: what is to be looked at, and when. Hints go in, rounds come
//! out; one at a time, since a round that failed comes back. Pure: it is told
//! the time, and what is random about it.
//!
//! | what happened | what is looked at, and when |
//! |---|---|
//! | the watch begins | everything, at once |
//! | something below a user's folders | that user, after the debounce |
//! | something beside the manifest | the manifest, after the debounce; of users those it changes |
//! | events were lost, or a folder was | everything at once; where that keeps happening, at most a fifth of the time |
//! | `SIGHUP` | manifest and everything at once, whatever failed before |
//! | nothing, for the length of the timer | manifest and everything |
//! | a round failed | the same and what came since, after the back-off |
//! | a contested link's wait is over | its user |

use super::Moment;
use super::backoff::{Backoff, with_jitter};
use super::debounce::Debounce;
use crate::model::UserName;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// For each time unit that lost events cost, so many without.
const SPACING: u32 = 4;
/// Longest time without, in seconds.
const MOST_SPACING: Duration = Duration::from_secs(60);
/// How long to wait for who holds the lock, beyond the wait for the lock.
const POSTPONED: Duration = Duration::from_secs(1);

/// The times of a watch.
#[derive(Debug, Clone)]
pub struct Times {
    /// How long nothing must have happened.
    pub quiet: Duration,
    /// How long to wait at most, where something keeps happening.
    pub most: Duration,
    /// How long after one full round the next one comes; a tenth more or
    /// less, so that many servers do not keep step.
    pub full: Duration,
    /// How long to wait after failures.
    pub failing: Backoff,
}

impl Times {
    /// 100 ms of quiet, 2 s under a storm; after failures 1 s to 300 s.
    pub const fn usual(full: Duration) -> Self {
        Self {
            quiet: Duration::from_millis(100),
            most: Duration::from_secs(2),
            full,
            failing: Backoff::new(Duration::from_secs(1), 2, Duration::from_secs(300)),
        }
    }
}

/// Why everything is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The watch begins.
    Start,
    /// The timer.
    Timer,
    /// The kernel dropped events, or a watch was lost.
    Lost,
    /// Somebody asked for it.
    Asked,
    /// So much of it changed.
    Changes,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// All users.
    Everything(Cause),
    /// Only these.
    Users(BTreeSet<UserName>),
}

/// What one round is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Which users are read.
    pub look: Look,
    /// Whether the manifest is read first.
    pub inputs: bool,
}

/// What is to be done.
#[derive(Debug)]
pub struct Agenda {
    times: Times,
    users: BTreeSet<UserName>,
    inputs: bool,
    everything: Option<Cause>,
    /// Events were lost, and that is looked after at this moment.
    lost: Option<Moment>,
    debounce: Debounce,
    /// What does not wait for the debounce.
    urgent: Option<Moment>,
    next_full: Moment,
    /// No full round for lost events before then.
    spaced: Moment,
    /// Nothing at all before then.
    held: Option<Moment>,
    later: BTreeMap<UserName, Moment>,
}

impl Agenda {
    /// Begins with everything to look at, at once.
    pub fn new(times: Times, now: Moment) -> Self {
        Self {
            debounce: Debounce::new(times.quiet, times.most),
            next_full: now + times.full,
            times,
            users: BTreeSet::new(),
            inputs: true,
            everything: Some(Cause::Start),
            lost: None,
            urgent: Some(now),
            spaced: now,
            held: None,
            later: BTreeMap::new(),
        }
    }

    /// Something happened below the folders of these users.
    pub fn note_users(&mut self, users: BTreeSet<UserName>, now: Moment) {
        if !users.is_empty() {
            self.users.extend(users);
            self.debounce.note(now);
        }
    }

    /// Something happened beside the manifest.
    pub fn note_inputs(&mut self, now: Moment) {
        self.inputs = true;
        self.debounce.note(now);
    }

    /// Events were lost: anything may have happened.
    pub fn note_lost(&mut self, now: Moment) {
        self.lost.get_or_insert(now.max(self.spaced));
    }

    /// Anything may be different, but there is no hurry.
    pub fn note_everything(&mut self, cause: Cause, now: Moment) {
        self.everything = self.everything.max(Some(cause));
        self.debounce.note(now);
    }

    /// Somebody wants everything to be looked at.
    pub fn note_asked(&mut self, now: Moment) {
        self.everything = self.everything.max(Some(Cause::Asked));
        self.inputs = true;
        self.urgent = Some(now);
        self.held = None;
    }

    /// A user is to be looked at again, not before then.
    pub fn look_later(&mut self, user: UserName, at: Moment) {
        let known = self.later.entry(user).or_insert(at);
        *known = at.min(*known);
    }

    /// When the next round is due.
    pub fn due(&self) -> Moment {
        let waits = [
            Some(self.next_full),
            self.debounce.due(),
            self.urgent,
            self.lost,
            self.later.values().min().copied(),
        ];
        let due = waits.into_iter().flatten().min().unwrap_or(self.next_full);
        due.max(self.held.unwrap_or(due))
    }

    /// Whether something came that waits for more of its kind.
    pub fn is_gathering(&self) -> bool {
        self.debounce.due().is_some()
    }

    /// How long it is at most until something is looked at again, if nothing
    /// goes wrong.
    pub fn longest_silence(&self, now: Moment) -> Duration {
        self.next_full
            .max(self.held.unwrap_or_default())
            .saturating_sub(now)
    }

    /// The next round, if it is due.
    pub fn take(&mut self, now: Moment) -> Option<Round> {
        if self.due() > now {
            return None;
        }
        if self.next_full <= now {
            self.everything = self.everything.max(Some(Cause::Timer));
            self.inputs = true;
            // In case the round takes longer than the timer.
            self.next_full = now + self.times.full;
        }
        let is_due = |at: &Moment| *at <= now;
        if self.lost.take_if(|at| is_due(at)).is_some() {
            self.everything = self.everything.max(Some(Cause::Lost));
            self.inputs = true;
        }
        let due_users = self.later.iter().filter(|(_, at)| is_due(at));
        self.users.extend(due_users.map(|(user, _)| user.clone()));
        self.later.retain(|_, at| !is_due(at));
        self.debounce.clear();
        self.held = None;
        let users = std::mem::take(&mut self.users);
        let inputs = std::mem::take(&mut self.inputs);
        self.urgent = None;
        let look = match self.everything.take() {
            Some(cause) => {
                self.lost = None;
                self.later.clear();
                Look::Everything(cause)
            }
            None => Look::Users(users),
        };
        Some(Round { look, inputs })
    }

    /// A round came out well. `random` is from 0 to 1.
    pub fn done(&mut self, look: &Look, took: Duration, now: Moment, random: f64) {
        self.times.failing.reset();
        match look {
            Look::Everything(_) => {
                let full = self.times.full.mul_f64(0.9 + 0.2 * random.clamp(0.0, 1.0));
                self.next_full = now + full;
                self.spaced = now + took.saturating_mul(SPACING).min(MOST_SPACING);
            }
            Look::Users(_) => {}
        }
    }

    /// A round failed: it and all that comes meanwhile is for later. Says how
    /// long that is. `random` is from 0 to 1.
    pub fn failed(&mut self, round: Round, now: Moment, random: f64) -> Duration {
        let wait = with_jitter(self.times.failing.fail(), random);
        self.put_back(round, now, now + wait);
        wait
    }

    /// A round found the lock taken: that is no failure, and nothing to wait
    /// longer and longer for.
    pub fn postponed(&mut self, round: Round, now: Moment) {
        self.put_back(round, now, now + POSTPONED);
    }

    /// How many rounds failed since the last that did not.
    pub fn failures(&self) -> u32 {
        self.times.failing.failures()
    }

    fn put_back(&mut self, round: Round, now: Moment, until: Moment) {
        let Round { look, inputs } = round;
        self.inputs |= inputs;
        match look {
            Look::Everything(cause) => self.everything = self.everything.max(Some(cause)),
            Look::Users(users) => self.users.extend(users),
        }
        self.urgent = Some(now);
        self.held = Some(until);
    }
}

#[cfg(test)]
mod tests;

//! *Contested* links: somebody else keeps undoing what we repair. Each is
//! left alone for longer and longer, so that two writers do not wear out the
//! disk and the customer sees one of two menus and not a flicker. Pure: it is
//! told the time.
//!
//! | what is seen | what follows |
//! |---|---|
//! | pending, and not repaired within the last ten minutes | repaired at once |
//! | pending again within ten minutes after our repair | contested: repaired after 2 s, then 6, 18, 54, 162, 300, 300 … |
//! | as it should be for ten minutes after our repair | forgotten: the next time is a first one |
//!
//! The ten minutes are longer than the longest wait, and are counted from the
//! repair to the next break and not from break to break: else the wait itself
//! would count as peace, and no contest would ever reach its cap.

use super::Moment;
use super::backoff::Backoff;
use crate::model::UserName;
use crate::plan::Address;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a repaired link must stay so until it counts as settled.
const SETTLED: Duration = Duration::from_secs(600);
/// The waits: 2 s, three times as long each time, 300 s at most.
const WAITS: Backoff = Backoff::new(Duration::from_secs(2), 3, Duration::from_secs(300));

/// Links and groups that were repaired a short while ago.
#[derive(Debug, Clone, Default)]
pub struct Contests {
    known: BTreeMap<Address, Contest>,
}

#[derive(Debug, Clone)]
struct Contest {
    waits: Backoff,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// As it should be since then.
    Right { since: Moment },
    /// Not as it should be, and not to be repaired before then.
    Broken { until: Moment },
}

impl Contests {
    /// It should be changed: not before when, if it is contested.
    pub fn judge(&mut self, address: &Address, now: Moment) -> Option<Moment> {
        let contest = self.known.get_mut(address)?;
        let until = match contest.state {
            State::Right { since } if now.saturating_sub(since) >= SETTLED => {
                self.known.remove(address);
                return None;
            }
            State::Right { .. } => {
                let until = now + contest.waits.fail();
                contest.state = State::Broken { until };
                until
            }
            State::Broken { until } => until,
        };
        Some(until).filter(|until| *until > now)
    }

    /// It was repaired. What was done because the manifest changed is no
    /// repair.
    pub fn repaired(&mut self, address: Address, now: Moment) {
        let waits = || Contest {
            waits: WAITS,
            state: State::Right { since: now },
        };
        self.known.entry(address).or_insert_with(waits).state = State::Right { since: now };
    }

    /// Of the users that were looked at, all but this is as it should be now.
    pub fn seen(
        &mut self,
        was_looked_at: impl Fn(&UserName) -> bool,
        pending: &BTreeSet<Address>,
        now: Moment,
    ) {
        for (address, contest) in &mut self.known {
            let is_right = was_looked_at(address.user()) && !pending.contains(address);
            match contest.state {
                // The other writer came round.
                State::Broken { .. } if is_right => contest.state = State::Right { since: now },
                State::Broken { .. } | State::Right { .. } => {}
            }
        }
    }

    /// Forgets what stayed as it should be, so that memory does not grow with
    /// the years.
    pub fn settle(&mut self, now: Moment) {
        self.known.retain(|_, contest| match contest.state {
            State::Right { since } => now.saturating_sub(since) < SETTLED,
            State::Broken { .. } => true,
        });
    }

    /// Forgets users: what is wanted of them has changed, so what was before
    /// is no contest about it.
    pub fn forget(&mut self, users: &BTreeSet<UserName>) {
        self.known
            .retain(|address, _| !users.contains(address.user()));
    }

    /// Forgets everything.
    pub fn forget_all(&mut self) {
        self.known.clear();
    }

    /// What is contested: undone by somebody else at least once since it was
    /// settled last.
    pub fn contested(&self) -> impl Iterator<Item = &Address> {
        self.known
            .iter()
            .filter(|(_, contest)| contest.waits.failures() > 0)
            .map(|(address, _)| address)
    }

    /// What waits, and until when.
    pub fn waiting(&self, now: Moment) -> impl Iterator<Item = (&Address, Moment)> {
        self.known
            .iter()
            .filter_map(move |(address, contest)| match contest.state {
                State::Broken { until } if until > now => Some((address, until)),
                State::Broken { .. } | State::Right { .. } => None,
            })
    }

    /// How much is remembered.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AppName;

    fn link(user: &str) -> Address {
        let app = AppName::parse("billing").unwrap();
        Address::Link(UserName::parse(user).unwrap(), app)
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Another writer breaks a link this long after each repair: when it is
    /// repaired, in the first while.
    fn repairs(after: u64, count: usize) -> Vec<u64> {
        let (mut contests, link) = (Contests::default(), link("ann"));
        let mut now = s(1000);
        let mut repaired = Vec::new();
        while repaired.len() < count {
            if let Some(until) = contests.judge(&link, now) {
                assert_eq!(
                    contests.judge(&link, until.saturating_sub(s(1))),
                    Some(until)
                );
                now = until;
                assert_eq!(contests.judge(&link, now), None);
            }
            repaired.push(now.as_secs() - 1000);
            contests.repaired(link.clone(), now);
            now += s(after);
        }
        repaired
    }

    #[test]
    fn the_wait_reaches_its_cap() {
        assert_eq!(
            repairs(1, 9),
            [0, 3, 10, 29, 84, 247, 548, 849, 1150],
            "each repair is undone a second later"
        );
        // A writer that comes every nine minutes is one too.
        assert_eq!(repairs(540, 4), [0, 542, 1088, 1646]);
    }

    #[test]
    fn who_comes_seldom_is_no_contest() {
        assert_eq!(repairs(600, 4), [0, 600, 1200, 1800]);
    }

    #[test]
    fn ten_minutes_of_peace_begin_anew() {
        let (mut contests, link) = (Contests::default(), link("ann"));
        contests.repaired(link.clone(), s(0));
        for expect in [2, 6, 18] {
            assert_eq!(contests.judge(&link, s(1)), Some(s(1 + expect)));
            contests.repaired(link.clone(), s(1));
        }
        assert_eq!(contests.contested().count(), 1);
        contests.settle(s(600));
        assert_eq!(contests.len(), 1);
        contests.settle(s(601));
        assert!(contests.is_empty());
        contests.repaired(link.clone(), s(700));
        assert_eq!(contests.judge(&link, s(701)), Some(s(703)));
    }

    #[test]
    fn who_comes_round_ends_the_wait_but_not_the_watch() {
        let (mut contests, link) = (Contests::default(), link("ann"));
        contests.repaired(link.clone(), s(0));
        assert_eq!(contests.judge(&link, s(1)), Some(s(3)));
        assert_eq!(contests.waiting(s(2)).count(), 1);
        let users = BTreeSet::from([link.user().clone()]);
        let pending = BTreeSet::from([link.clone()]);
        contests.seen(|user| users.contains(user), &pending, s(2));
        assert_eq!(contests.waiting(s(2)).count(), 1);
        contests.seen(|user| users.contains(user), &BTreeSet::new(), s(2));
        assert_eq!(contests.waiting(s(2)).count(), 0);
        // Undone again: the second strike.
        assert_eq!(contests.judge(&link, s(10)), Some(s(16)));
        contests.forget(&users);
        assert_eq!(contests.judge(&link, s(10)), None);
    }
}

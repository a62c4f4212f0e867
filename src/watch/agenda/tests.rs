//! The agenda: when which round comes, on a clock that the tests move.

use super::*;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn users(names: &[&str]) -> BTreeSet<UserName> {
    let parse = |name: &&str| UserName::parse(name).unwrap();
    names.iter().map(parse).collect()
}

/// An agenda whose first round came out well, at its beginning.
fn settled() -> Agenda {
    let mut agenda = Agenda::new(Times::usual(s(600)), s(0));
    let first = agenda.take(s(0)).unwrap();
    assert_eq!(
        first,
        Round {
            look: Look::Everything(Cause::Start),
            inputs: true
        }
    );
    agenda.done(&first.look, ms(10), s(0), 0.5);
    agenda
}

#[test]
fn it_starts_dirty_and_then_waits_for_the_timer() {
    let mut agenda = settled();
    assert_eq!(agenda.due(), s(600));
    assert_eq!(agenda.take(ms(599_999)), None);
    let round = agenda.take(s(600)).unwrap();
    assert_eq!(round.look, Look::Everything(Cause::Timer));
    assert!(round.inputs);
}

#[test]
fn a_user_alone_is_looked_at_after_the_quiet_window() {
    let mut agenda = settled();
    agenda.note_users(BTreeSet::new(), s(5));
    assert_eq!(agenda.due(), s(600));
    agenda.note_users(users(&["ann"]), s(10));
    agenda.note_users(users(&["bob"]), s(10) + ms(60));
    assert_eq!(agenda.due(), s(10) + ms(160));
    let round = agenda.take(agenda.due()).unwrap();
    assert_eq!(round.look, Look::Users(users(&["ann", "bob"])));
    assert!(!round.inputs);
    agenda.done(&round.look, ms(1), s(11), 0.5);
    assert_eq!(agenda.due(), s(600), "the timer is that of full rounds");
}

#[test]
fn the_manifest_is_read_with_the_next_round() {
    let mut agenda = settled();
    agenda.note_inputs(s(10));
    let round = agenda.take(s(10) + ms(100)).unwrap();
    assert_eq!(round.look, Look::Users(BTreeSet::new()));
    assert!(round.inputs);
}

#[test]
fn lost_events_are_looked_after_at_once_but_not_for_ever() {
    let mut agenda = settled();
    agenda.note_lost(s(10));
    let round = agenda.take(s(10)).unwrap();
    assert_eq!(round.look, Look::Everything(Cause::Lost));
    // It took 5 s, and lost events itself: 20 s of rest.
    agenda.note_lost(s(12));
    agenda.done(&round.look, s(5), s(15), 0.5);
    agenda.note_lost(s(15));
    // Said before the rest was known, so once more at once.
    assert_eq!(
        agenda.take(s(15)).unwrap().look,
        Look::Everything(Cause::Lost)
    );
    agenda.done(&Look::Everything(Cause::Lost), s(5), s(20), 0.5);
    agenda.note_lost(s(21));
    assert_eq!(agenda.due(), s(40));
    // A user is not kept waiting by it.
    agenda.note_users(users(&["ann"]), s(22));
    let round = agenda.take(s(22) + ms(100)).unwrap();
    assert_eq!(round.look, Look::Users(users(&["ann"])));
    assert_eq!(agenda.due(), s(40));
    let round = agenda.take(s(40)).unwrap();
    assert_eq!(round.look, Look::Everything(Cause::Lost));
    // However long a round takes, the rest is a minute at most.
    agenda.done(&round.look, s(500), s(540), 0.5);
    agenda.note_lost(s(541));
    assert_eq!(agenda.due(), s(600));
}

#[test]
fn what_failed_comes_back_with_what_came_since() {
    let mut agenda = settled();
    let mut now = s(10);
    agenda.note_users(users(&["ann"]), now);
    let mut waits = Vec::new();
    for name in ["bob", "cat", "dan"] {
        now = agenda.due();
        let round = agenda.take(now).unwrap();
        waits.push(agenda.failed(round, now, 1.0).as_secs());
        agenda.note_users(users(&[name]), now);
    }
    assert_eq!(waits, [1, 2, 4]);
    assert_eq!(agenda.failures(), 3);
    assert_eq!(agenda.take(now + ms(3999)), None);
    let round = agenda.take(now + s(4)).unwrap();
    assert_eq!(
        round.look,
        Look::Users(users(&["ann", "bob", "cat", "dan"]))
    );
    agenda.done(&round.look, ms(1), now + s(4), 0.5);
    assert_eq!(agenda.failures(), 0);
}

#[test]
fn who_asks_does_not_wait_for_a_back_off() {
    let mut agenda = settled();
    for _ in 0..20 {
        let now = agenda.due();
        let round = agenda.take(now).unwrap();
        let wait = agenda.failed(round, now, 1.0);
        assert!(wait <= s(300));
        assert_eq!(agenda.due(), now + wait);
    }
    let now = agenda.due().saturating_sub(s(100));
    agenda.note_asked(now);
    let round = agenda.take(now).unwrap();
    assert!(round.inputs);
    assert!(matches!(round.look, Look::Everything(_)));
}

#[test]
fn a_taken_lock_is_no_failure() {
    let mut agenda = settled();
    agenda.note_users(users(&["ann"]), s(1));
    let round = agenda.take(s(2)).unwrap();
    agenda.postponed(round.clone(), s(12));
    assert_eq!(agenda.failures(), 0);
    assert_eq!(agenda.due(), s(13));
    assert_eq!(agenda.take(s(13)), Some(round));
}

#[test]
fn a_contested_user_comes_when_its_wait_is_over() {
    let mut agenda = settled();
    let ann = UserName::parse("ann").unwrap();
    agenda.look_later(ann.clone(), s(50));
    agenda.look_later(ann.clone(), s(40));
    agenda.look_later(ann, s(60));
    assert_eq!(agenda.due(), s(40));
    assert_eq!(
        agenda.take(s(40)).unwrap().look,
        Look::Users(users(&["ann"]))
    );
    assert_eq!(agenda.due(), s(600));
}

/// A year: full rounds on their timer, a user's change now and then, a week
/// of failures, and nothing ever comes late or piles up.
#[test]
fn a_year_of_rounds() {
    let year = s(365 * 24 * 3600);
    let week = (s(100 * 24 * 3600), s(107 * 24 * 3600));
    let mut agenda = Agenda::new(Times::usual(s(600)), s(0));
    let (mut now, mut last_full, mut next_event) = (s(0), s(0), s(37));
    let (mut full, mut single, mut failed, mut events) = (0, 0, 0, 0);
    let mut random = 0.0;
    while now < year {
        let due = agenda.due();
        assert!(due + ms(800) >= now, "late by no more than a round takes");
        if next_event <= due {
            now = now.max(next_event);
            agenda.note_users(users(&["ann", "bob"]), now);
            events += 1;
            next_event = now + s(977);
            continue;
        }
        now = now.max(due);
        random = (random + 0.618) % 1.0;
        let round = agenda.take(now).expect("what is due can be taken");
        if week.0 < now && now < week.1 {
            let wait = agenda.failed(round, now, random);
            assert!(s(225) <= wait || failed < 9);
            assert!(wait <= s(300));
            failed += 1;
            last_full = now;
            continue;
        }
        match &round.look {
            Look::Everything(_) => {
                let gap = now.saturating_sub(last_full);
                assert!(gap <= s(662), "{gap:?} between full rounds");
                last_full = now;
                full += 1;
            }
            Look::Users(names) => {
                assert_eq!(names.len(), 2);
                single += 1;
            }
        }
        let took = ms(800);
        now += took;
        agenda.done(&round.look, took, now, random);
    }
    assert!((51_000..52_000).contains(&full), "{full} full rounds");
    assert!((2_000..2_700).contains(&failed), "{failed} failed rounds");
    assert!((31_500..=events).contains(&single), "{single} of {events}");
    assert!(agenda.users.len() <= 2 && agenda.later.is_empty());
}

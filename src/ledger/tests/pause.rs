//! Pauses in the state: they come back as they went in, they end at their
//! second, and what cannot be read is never "nothing is paused".

use super::{Fixture, bytes, deed, key, link, run};
use crate::ledger::{Ledger, LedgerError, Recorded, Verb};
use crate::plan::{GlobSet, Pause};
use rusqlite::Connection;

fn pause(users: &[&str], apps: &[&str], until: u64) -> Pause {
    let globs = |globs: &[&str]| GlobSet::parse(globs.iter().copied()).unwrap();
    Pause {
        number: 0,
        users: globs(users),
        apps: globs(apps),
        since: 1_000,
        until,
        who: "root".to_owned(),
        reason: "a \"customer's\" \u{202e} ticket".to_owned(),
    }
}

/// A state as the first version left it, with one link of ours.
fn of_version_1() -> Fixture {
    let fixture = Fixture::new();
    let deeds = vec![deed(link("alice", "ACME"), Verb::Create, Recorded::Done)];
    fixture.open().record(&run("000001", deeds)).unwrap();
    let connection = Connection::open(fixture.path()).unwrap();
    let back = "DROP TABLE pause; DROP TABLE call; PRAGMA user_version = 1";
    connection.execute_batch(back).unwrap();
    fixture
}

#[test]
fn pauses_come_back_as_they_were_until_they_are_over() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let everything = pause(&[], &[], 2_000);
    let some = pause(&["acme*", "a\"b,\n\\\\"], &["{A,B}_?"], 3_000);
    assert_eq!(ledger.add_pause(&everything, 1_000).unwrap(), 1);
    assert_eq!(ledger.add_pause(&some, 1_000).unwrap(), 2);
    drop(ledger);
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    let everything = Pause {
        number: 1,
        ..everything
    };
    let some = Pause { number: 2, ..some };
    let both = vec![everything, some.clone()];
    assert_eq!(ledger.pauses(0).unwrap(), both);
    assert_eq!(ledger.pauses(1_999).unwrap(), both);
    assert_eq!(ledger.pauses(2_000).unwrap(), [some]);
    assert_eq!(ledger.pauses(3_000).unwrap(), []);
    let copy = ledger.copied_to_memory().unwrap();
    assert_eq!(copy.pauses(0).unwrap(), both);
    ledger.check().unwrap();
}

#[test]
fn pauses_end_by_their_number_and_are_forgotten_once_over() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    for until in [2_000, 3_000, 4_000] {
        ledger.add_pause(&pause(&[], &[], until), 1_000).unwrap();
    }
    let untils = |ledger: &Ledger| -> Vec<u64> {
        let pauses = ledger.pauses(0).unwrap();
        pauses.into_iter().map(|pause| pause.until).collect()
    };
    ledger.end_pauses(&[2, 7], 1_000).unwrap();
    assert_eq!(untils(&ledger), [2_000, 4_000]);
    ledger.forget_pauses(1_999).unwrap();
    assert_eq!(untils(&ledger), [2_000, 4_000]);
    ledger.forget_pauses(2_000).unwrap();
    assert_eq!(untils(&ledger), [4_000]);
    ledger.add_pause(&pause(&[], &[], 9_000), 4_000).unwrap();
    assert_eq!(untils(&ledger), [9_000]);
    ledger.end_pauses(&[], 9_000).unwrap();
    assert_eq!(untils(&ledger), [0; 0]);
}

#[test]
fn pauses_outlast_a_state_that_is_made_anew_in_place() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    ledger.add_pause(&pause(&[], &[], 2_000), 1_000).unwrap();
    ledger.rebuild([]).unwrap();
    assert_eq!(ledger.pauses(1_000).unwrap().len(), 1);
}

#[test]
fn a_state_of_the_first_version_has_no_pauses_and_gains_them_by_a_write() {
    let fixture = of_version_1();
    let before = bytes(&fixture.path());
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    assert_eq!(ledger.pauses(0).unwrap(), []);
    ledger.check().unwrap();
    let copy = ledger.copied_to_memory().unwrap();
    assert_eq!(copy.pauses(0).unwrap(), []);
    assert_eq!(copy.owned().unwrap(), ledger.owned().unwrap());
    drop(ledger);
    assert_eq!(bytes(&fixture.path()), before);
    let mut ledger = Ledger::open(&fixture.path(), &key(1)).unwrap();
    ledger.add_pause(&pause(&[], &[], 2_000), 1_000).unwrap();
    drop(ledger);
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    assert_eq!(ledger.pauses(1_000).unwrap().len(), 1);
    assert_eq!(ledger.owned().unwrap().users().len(), 1);
    assert_eq!(ledger.runs().unwrap().len(), 1);
}

#[test]
fn a_pause_that_cannot_be_read_is_an_error() {
    for set in [
        "users = 'acme*'",
        "users = '[1]'",
        "users = '[\"[\"]'",
        "apps = '{}'",
        "since = -1",
        "until = -1",
    ] {
        let fixture = Fixture::new();
        let mut ledger = fixture.open();
        ledger.add_pause(&pause(&[], &[], 2_000), 1_000).unwrap();
        drop(ledger);
        let connection = Connection::open(fixture.path()).unwrap();
        let sql = format!("UPDATE pause SET {set}");
        assert_eq!(connection.execute(&sql, []).unwrap(), 1);
        drop(connection);
        let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
        for error in [
            ledger.pauses(1_000).unwrap_err(),
            ledger.check().unwrap_err(),
        ] {
            assert!(matches!(error, LedgerError::Odd { .. }), "{set}: {error:?}");
            assert!(error.to_string().contains("number 1"), "{error}");
        }
    }
    // Without its table a state of this version is no state.
    let fixture = Fixture::new();
    fixture.open();
    let connection = Connection::open(fixture.path()).unwrap();
    connection.execute_batch("DROP TABLE pause").unwrap();
    drop(connection);
    let error = Ledger::open_read_only(&fixture.path()).unwrap_err();
    assert!(error.to_string().contains("no table `pause`"), "{error}");
}

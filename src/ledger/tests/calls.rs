//! Runs of calls: told from applies, of no say in what is ours, and unknown to
//! states of older versions.

use super::{Fixture, bytes, deed, key, link, run};
use crate::ledger::{Deed, Kind, Ledger, LedgerError, Recorded, RunToRecord, Verb};
use crate::model::Function;
use crate::plan::RecordAfter;
use rusqlite::Connection;

/// A run of a call that came out.
fn call(id: &str, function: Function, verb: Verb) -> RunToRecord {
    let deed = Deed {
        record: RecordAfter::AsBefore,
        ..deed(link("alice", "ACME"), verb, Recorded::Done)
    };
    let mut run = run(id, vec![deed]);
    run.header.as_mut().unwrap().kind = Kind::Call(function);
    run
}

fn apply(id: &str) -> RunToRecord {
    run(
        id,
        vec![deed(link("alice", "ACME"), Verb::Create, Recorded::Done)],
    )
}

/// A state as the second version left it, with one run.
fn of_version_2() -> Fixture {
    let fixture = Fixture::new();
    fixture.open().record(&apply("000001")).unwrap();
    let connection = Connection::open(fixture.path()).unwrap();
    let back = "DROP TABLE call; PRAGMA user_version = 2";
    connection.execute_batch(back).unwrap();
    fixture
}

fn kinds(ledger: &Ledger) -> Vec<Kind> {
    let runs = ledger.runs().unwrap().into_iter();
    runs.map(|run| run.header.kind).collect()
}

#[test]
fn a_call_is_told_and_takes_nothing_up() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    for function in [Function::CreateLink, Function::UpdateToken] {
        ledger
            .record(&call("000001", function, Verb::Create))
            .unwrap();
        assert_eq!(kinds(&ledger), [Kind::Call(function)]);
        let (summary, changes) = ledger.run("000001").unwrap().unwrap();
        assert_eq!(summary.header.kind, Kind::Call(function));
        assert_eq!((summary.counts.created, changes.len()), (1, 1));
        assert_eq!(ledger.owned().unwrap().users().len(), 0);
    }
    let copy = ledger.copied_to_memory().unwrap();
    assert_eq!(kinds(&copy), kinds(&ledger));
    ledger.check().unwrap();
}

#[test]
fn a_call_leaves_what_is_ours_as_it_is_recorded() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    ledger.record(&apply("000001")).unwrap();
    let before = ledger.owned().unwrap();
    let prints = ledger
        .fingerprints(link("alice", "ACME").user(), &key(1))
        .unwrap();
    for (id, verb) in [("000002", Verb::Replace), ("000003", Verb::Remove)] {
        ledger
            .record(&call(id, Function::RemoveLink, verb))
            .unwrap();
        assert_eq!(ledger.owned().unwrap(), before);
        let now = ledger
            .fingerprints(link("alice", "ACME").user(), &key(1))
            .unwrap();
        assert_eq!(now, prints);
    }
    assert_eq!(ledger.last_of("000001").unwrap().len(), 1);
    let runs = [
        apply("000001"),
        call("000002", Function::RemoveLink, Verb::Remove),
    ];
    ledger.rebuild(runs).unwrap();
    assert_eq!(ledger.owned().unwrap(), before);
    assert_eq!(
        kinds(&ledger),
        [Kind::Call(Function::RemoveLink), Kind::Apply]
    );
}

#[test]
fn a_state_of_the_second_version_has_no_calls_and_gains_them_by_a_write() {
    let fixture = of_version_2();
    let before = bytes(&fixture.path());
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    assert_eq!(kinds(&ledger), [Kind::Apply]);
    ledger.check().unwrap();
    let copy = ledger.copied_to_memory().unwrap();
    assert_eq!(kinds(&copy), [Kind::Apply]);
    drop(ledger);
    assert_eq!(bytes(&fixture.path()), before);
    let mut ledger = Ledger::open(&fixture.path(), &key(1)).unwrap();
    let function = Function::CreateGroup;
    ledger
        .record(&call("000002", function, Verb::Create))
        .unwrap();
    drop(ledger);
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    assert_eq!(kinds(&ledger), [Kind::Call(function), Kind::Apply]);
    assert_eq!(ledger.owned().unwrap().users().len(), 1);
}

#[test]
fn a_function_that_nobody_knows_is_an_error() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let run = call("000001", Function::CreateLink, Verb::Create);
    ledger.record(&run).unwrap();
    drop(ledger);
    let connection = Connection::open(fixture.path()).unwrap();
    let sql = "UPDATE call SET function = 'createacct'";
    assert_eq!(connection.execute(sql, []).unwrap(), 1);
    drop(connection);
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    for error in [ledger.runs().unwrap_err(), ledger.check().unwrap_err()] {
        assert!(matches!(error, LedgerError::Odd { .. }), "{error:?}");
    }
}

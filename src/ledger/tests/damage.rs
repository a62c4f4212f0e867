//! States that cannot be used: each is an error that says what to do, never
//! an empty state.

use super::{Fixture, bytes, deed, key, link, run};
use crate::ledger::{Ledger, LedgerError, Recorded, Verb};
use rusqlite::Connection;
use std::os::unix::fs::symlink;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a test damages files")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

/// Both ways to open it fail alike.
fn refusal(path: &Path) -> LedgerError {
    let written = Ledger::open(path, &key(1)).unwrap_err();
    let read = Ledger::open_read_only(path).unwrap_err();
    assert_eq!(read.to_string(), written.to_string());
    read
}

#[test]
fn what_is_no_database_is_damaged_and_stays_as_it_is() {
    let fixture = Fixture::new();
    let noise = b"not a database, whatever its name says".repeat(100);
    write(&fixture.path(), &noise);
    let error = refusal(&fixture.path());
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error:?}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("cplinks recover"), "{hint}");
    assert_eq!(bytes(&fixture.path()), noise);
}

#[test]
fn a_database_cut_short_is_damaged() {
    let fixture = Fixture::new();
    let deeds = (0..500)
        .map(|n| {
            deed(
                link("alice", &format!("A{n}")),
                Verb::Create,
                Recorded::Done,
            )
        })
        .collect();
    fixture.open().record(&run("000001", deeds)).unwrap();
    let whole = bytes(&fixture.path());
    write(&fixture.path(), &whole[..whole.len() / 2]);
    let outcome =
        Ledger::open_read_only(&fixture.path()).and_then(|ledger| ledger.unwrap().owned());
    let error = outcome.unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error:?}");
}

#[test]
fn somebody_elses_database_is_not_taken_for_a_state() {
    let fixture = Fixture::new();
    let other = Connection::open(fixture.path()).unwrap();
    other.execute_batch("CREATE TABLE owned (x)").unwrap();
    drop(other);
    let error = refusal(&fixture.path());
    assert!(matches!(error, LedgerError::Odd { .. }), "{error:?}");
}

#[test]
fn a_newer_state_is_left_to_the_newer_program() {
    let fixture = Fixture::new();
    fixture.open();
    let connection = Connection::open(fixture.path()).unwrap();
    connection.pragma_update(None, "user_version", 4).unwrap();
    drop(connection);
    let error = refusal(&fixture.path());
    assert!(
        error
            .to_string()
            .ends_with("has version 4, this cplinks knows up to 3")
    );
    assert_eq!(error.hint().unwrap(), "use the newer cplinks");
}

#[test]
fn names_that_no_link_can_have_are_no_links() {
    for (user, thing) in [("../x", "A"), ("alice", "group:../x"), ("alice", "a/b")] {
        let fixture = Fixture::new();
        fixture.open();
        let connection = Connection::open(fixture.path()).unwrap();
        let sql = "INSERT INTO owned (user, thing) VALUES (?1, ?2)";
        connection.execute(sql, [user, thing]).unwrap();
        let ledger = fixture.open();
        for error in [ledger.owned().unwrap_err(), ledger.check().unwrap_err()] {
            assert!(matches!(error, LedgerError::Odd { .. }), "{error:?}");
        }
    }
}

#[test]
fn a_link_to_a_state_is_not_followed() {
    let fixture = Fixture::new();
    fixture.open();
    let link = fixture.folder.path().join("link.db");
    symlink("state.db", &link).unwrap();
    assert!(Ledger::open_read_only(&link).is_err());
    assert!(Ledger::open(&link, &key(1)).is_err());
}

/// A state in the middle of a write, as a crash leaves it.
fn unfinished() -> Fixture {
    let fixture = Fixture::new();
    let create = deed(link("alice", "ACME"), Verb::Create, Recorded::Done);
    fixture.open().record(&run("000001", vec![create])).unwrap();
    let crashed = Fixture::new();
    let connection = Connection::open(fixture.path()).unwrap();
    // With no room to keep pages, they are written before the commit.
    connection.pragma_update(None, "cache_size", 1).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sql = "INSERT INTO owned (user, thing) VALUES ('mallory', 'A' || ?1)";
    for n in 0..2000 {
        connection.execute(sql, [n]).unwrap();
    }
    for name in ["state.db", "state.db-journal"] {
        let whole = bytes(&fixture.folder.path().join(name));
        write(&crashed.folder.path().join(name), &whole);
    }
    crashed
}

#[test]
fn a_write_that_was_cut_off_is_undone_by_a_writer_and_only_told_by_a_reader() {
    let fixture = unfinished();
    let before = bytes(&fixture.path());
    let error = Ledger::open_read_only(&fixture.path()).unwrap_err();
    assert!(matches!(error, LedgerError::Unfinished(_)), "{error:?}");
    assert!(error.hint().unwrap().contains("cplinks recover"));
    assert_eq!(bytes(&fixture.path()), before);
    let owned = fixture.open().owned().unwrap();
    let names: Vec<_> = owned.users().map(ToString::to_string).collect();
    assert_eq!(names, ["alice"]);
    assert_eq!(fixture.names(), ["state.db"]);
}

//! The state on a real disk: what is recorded comes back, what is damaged is
//! said, and a reader writes nothing.

mod calls;
mod damage;
mod drift;
mod pause;
mod prints;

use super::{Deed, Fingerprints, Key, Kind, Ledger, Recorded, RunHeader, RunToRecord, Verb};
use crate::model::{AppName, GroupId, TokenRef, UserName};
use crate::plan::{Address, RecordAfter};
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with an empty file where the state will be.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
        file.persist(folder.path().join("state.db")).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("state.db")
    }

    fn open(&self) -> Ledger {
        Ledger::open(&self.path(), &key(1)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = walk(&self.folder).collect();
        names.sort();
        names
    }
}

#[expect(clippy::disallowed_methods, reason = "a test looks at what is there")]
fn walk(folder: &TempDir) -> impl Iterator<Item = String> {
    std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a test looks at every byte")]
fn bytes(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

fn key(byte: u8) -> Key {
    Key::parse(&[byte; Key::LENGTH]).unwrap()
}

fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

fn link(name: &str, app: &str) -> Address {
    Address::Link(user(name), AppName::parse(app).unwrap())
}

fn group(name: &str, id: &str) -> Address {
    Address::Group(user(name), GroupId::parse(id).unwrap())
}

fn deed(address: Address, verb: Verb, outcome: Recorded) -> Deed {
    let print = Some([7; 32]);
    Deed {
        address,
        verb,
        outcome,
        host: Some("sso.example".to_owned()),
        token: Some("secret alice/ACME".to_owned()),
        record: match verb {
            Verb::Remove | Verb::Forget => RecordAfter::NotOurs,
            Verb::Create | Verb::Replace | Verb::Hide | Verb::Adopt => RecordAfter::Ours,
        },
        fingerprints: Fingerprints {
            userconfig: print,
            adminconfig: print,
            menu: None,
        },
    }
}

fn run(id: &str, deeds: Vec<Deed>) -> RunToRecord {
    let header = RunHeader {
        id: id.to_owned(),
        kind: Kind::Apply,
        started: 1_800_000_000,
        who: "root".to_owned(),
        revision: Some("4f2c".to_owned()),
        digest: None,
    };
    RunToRecord {
        header: Some(header),
        deeds,
    }
}

#[test]
fn a_state_that_is_not_there_is_none_and_stays_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    assert!(Ledger::open_read_only(&path).unwrap().is_none());
    assert!(Ledger::open(&path, &key(1)).is_err());
    assert_eq!(walk(&folder).count(), 0);
}

#[test]
fn an_empty_file_is_no_state_yet() {
    let fixture = Fixture::new();
    assert!(Ledger::open_read_only(&fixture.path()).unwrap().is_none());
    assert!(bytes(&fixture.path()).is_empty());
    fixture.open();
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    assert_eq!(ledger.owned().unwrap().users().len(), 0);
    assert_eq!(fixture.names(), ["state.db"]);
}

#[test]
fn what_was_done_is_owned_and_what_went_is_not() {
    let fixture = Fixture::new();
    let done = Recorded::Done;
    fixture
        .open()
        .record(&run(
            "000001",
            vec![
                deed(group("alice", "acme"), Verb::Create, done),
                deed(link("alice", "ACME"), Verb::Create, done),
                deed(link("alice", "Other"), Verb::Adopt, done),
                deed(link("bob", "ACME"), Verb::Replace, Recorded::NotDone),
                deed(link("carol", "ACME"), Verb::Hide, done),
                deed(link("dave", "ACME"), Verb::Create, done),
            ],
        ))
        .unwrap();
    let mut gone = deed(link("alice", "Other"), Verb::Remove, done);
    gone.host = None;
    let failed = deed(link("carol", "ACME"), Verb::Remove, Recorded::NotDone);
    let forgotten = deed(link("dave", "ACME"), Verb::Forget, done);
    fixture
        .open()
        .record(&run("000002", vec![gone, failed, forgotten]))
        .unwrap();

    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    let owned = ledger.owned().unwrap();
    let names: Vec<_> = owned.users().map(UserName::as_str).collect();
    assert_eq!(names, ["alice", "carol"]);
    let acme = AppName::parse("ACME").unwrap();
    assert!(owned.has(&user("alice"), &acme));
    assert!(!owned.has(&user("alice"), &AppName::parse("Other").unwrap()));
    assert!(owned.has_group(&user("alice"), &GroupId::parse("acme").unwrap()));
    assert_eq!(owned.host(&user("alice"), &acme), Some("sso.example"));
    let reference = TokenRef::Secret("alice/ACME".to_owned());
    assert_eq!(owned.token_host(&reference), Some("sso.example"));
}

#[test]
fn of_a_few_users_only_what_has_to_do_with_them_is_read() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let names = ["alice", "bob", "carol"];
    let made = names.map(|name| Deed {
        token: Some(format!("secret {name}/ACME")),
        ..deed(link(name, "ACME"), Verb::Create, Recorded::Done)
    });
    ledger.record(&run("000001", made.into())).unwrap();
    let reference = |name: &str| format!("secret {name}/ACME");
    let wanted = [reference("carol"), "secret new".to_owned()].into();
    let owned = ledger.owned_of(&[user("alice")], wanted).unwrap();
    let users: Vec<_> = owned.users().map(UserName::as_str).collect();
    assert_eq!(users, ["alice"]);
    // That of the link there is, and that of the one there shall be.
    let hosts: Vec<_> = owned.token_hosts().collect();
    let [alice, carol] = ["alice", "carol"].map(reference);
    assert_eq!(
        hosts,
        [
            (alice.as_str(), "sso.example"),
            (carol.as_str(), "sso.example")
        ]
    );
}

#[test]
fn many_users_asked_for_together_are_told_of_in_the_order_they_were_named_in() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let deeds = ["a", "b", "d"].map(|name| deed(link(name, "x"), Verb::Create, Recorded::Done));
    ledger.record(&run("000001", deeds.to_vec())).unwrap();
    let names = ["d", "c", "a"].map(user);
    let left = ledger.left_of_each(&names.each_ref()).unwrap();
    let found: Vec<Vec<_>> = left
        .iter()
        .map(|left| left.keys().map(ToString::to_string).collect())
        .collect();
    assert_eq!(found, [vec!["d/x"], vec![], vec!["a/x"]]);
    for (user, left) in names.iter().zip(left) {
        assert_eq!(ledger.left(user).unwrap(), left);
    }
    // What was asked together holds nobody up afterwards.
    fixture.open().record(&run("000002", Vec::new())).unwrap();
}

#[test]
fn a_group_that_went_is_not_ours_and_one_that_stayed_is() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let names = ["alice", "bob", "carol"];
    let made = names.map(|name| deed(group(name, "acme"), Verb::Create, Recorded::Done));
    ledger.record(&run("000001", made.into())).unwrap();
    let went = deed(group("alice", "acme"), Verb::Remove, Recorded::Done);
    let stayed = deed(group("bob", "acme"), Verb::Remove, Recorded::NotDone);
    ledger.record(&run("000002", vec![went, stayed])).unwrap();
    let owned = ledger.owned().unwrap();
    let left: Vec<_> = owned.users_with_groups().map(UserName::as_str).collect();
    assert_eq!(left, ["bob", "carol"]);
    // No link of theirs is.
    assert_eq!(owned.users().len(), 0);
    assert_eq!(ledger.runs().unwrap()[0].counts.removed, 1);
}

#[test]
fn runs_are_told_newest_first_with_their_changes_in_order() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let deeds = vec![
        deed(link("bob", "ACME"), Verb::Create, Recorded::Done),
        deed(link("alice", "ACME"), Verb::Replace, Recorded::NotDone),
        deed(group("alice", "acme"), Verb::Create, Recorded::Done),
    ];
    ledger.record(&run("999999", deeds.clone())).unwrap();
    ledger.record(&run("1000000", Vec::new())).unwrap();
    // Recorded again after an interruption, it is one run all the same.
    ledger.record(&run("999999", deeds)).unwrap();
    let runs = ledger.runs().unwrap();
    let ids: Vec<_> = runs.iter().map(|run| run.header.id.as_str()).collect();
    assert_eq!(ids, ["1000000", "999999"]);
    assert_eq!((runs[1].counts.created, runs[1].counts.not_done), (2, 1));
    let (summary, changes) = ledger.run("999999").unwrap().unwrap();
    assert_eq!(summary, runs[1]);
    assert_eq!(summary.header.revision.as_deref(), Some("4f2c"));
    let shown: Vec<_> = changes
        .iter()
        .map(|c| format!("{} {} {}", c.verb.name(), c.address, c.outcome.name()))
        .collect();
    assert_eq!(
        shown,
        [
            "create bob/ACME done",
            "replace alice/ACME not done",
            "create alice/group:acme done"
        ]
    );
    assert_eq!(ledger.run("000001").unwrap(), None);
}

#[test]
fn old_runs_are_dropped_and_what_they_made_stays_ours() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let first = run(
        "000001",
        vec![deed(link("alice", "ACME"), Verb::Create, Recorded::Done)],
    );
    let later = (2..=1001).map(|id| run(&format!("{id:06}"), Vec::new()));
    ledger.rebuild(std::iter::once(first).chain(later)).unwrap();
    assert_eq!(ledger.runs().unwrap().len(), 1000);
    assert_eq!(ledger.run("000001").unwrap(), None);
    assert_eq!(ledger.owned().unwrap().users().len(), 1);
    // Neither is what it changed, so that its number could be another's.
    ledger.record(&run("000001", Vec::new())).unwrap();
    let runs = ledger.runs().unwrap();
    assert!(runs.iter().all(|run| run.header.id != "000001"));
    let left: i64 = ledger
        .ask(|c| c.query_row("SELECT count(*) FROM change", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_rebuilt_state_knows_just_what_the_runs_say() {
    let fixture = Fixture::new();
    let mut ledger = fixture.open();
    let create = |name| deed(link(name, "ACME"), Verb::Create, Recorded::Done);
    ledger
        .record(&run("000009", vec![create("mallory")]))
        .unwrap();
    let gone = deed(link("alice", "ACME"), Verb::Remove, Recorded::Done);
    ledger
        .rebuild([
            run("000001", vec![create("alice"), create("bob")]),
            run("000002", vec![gone]),
        ])
        .unwrap();
    let owned = ledger.owned().unwrap();
    let names: Vec<_> = owned.users().map(UserName::as_str).collect();
    assert_eq!(names, ["bob"]);
    assert_eq!(ledger.runs().unwrap().len(), 2);
}

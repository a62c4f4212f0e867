//! Drift, as a table: how each file was left, and what lies there now.

use super::{group, key, link, user};
use crate::codec::{self, FormatError};
use crate::ledger::{Baseline, Fingerprints, Key, Known, Ledger, Left, left_in_scope};
use crate::model::{
    Account, ActualLink, ActualUser, AppName, Folder, Found, Lies, Obstacle, Ownership, Stamp,
};
use crate::plan::{Departure, FileOwner, GlobSet, Scope, Tree, UserDrift};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

const U: &str = r#"{"label":"L","group_id":"acme"}"#;
const A: &str = r#"{"token":"abc"}"#;
const D: &str = r#"[{"file":"ACME"}]"#;

/// What lies at the path of a file.
#[derive(Clone)]
enum Put {
    Nothing,
    Text(&'static str, Ownership),
    Obstacle(Obstacle),
}

fn text(text: &'static str, mode: u32) -> Put {
    let (uid, gid) = (0, 0);
    Put::Text(text, Ownership { mode, uid, gid })
}

impl Put {
    fn read<T>(&self, parse: impl Fn(&[u8]) -> Result<T, FormatError>) -> Lies<T> {
        let (text, ownership) = match self {
            Self::Nothing => return Lies::Absent,
            Self::Obstacle(obstacle) => return Lies::Obstacle(obstacle.clone()),
            Self::Text(text, ownership) => (*text, *ownership),
        };
        let stamp = Stamp {
            sha256: Sha256::digest(text).into(),
            ownership,
        };
        match parse(text.as_bytes()) {
            Ok(value) => Lies::File(Found { value, stamp }),
            Err(why) => Lies::Broken(Found {
                value: why.to_string(),
                stamp,
            }),
        }
    }
}

fn files(u: &Put, a: &Put, d: &Put) -> ActualLink {
    ActualLink {
        userconfig: u.read(codec::userconfig::parse),
        adminconfig: a.read(codec::adminconfig::parse),
        menu: d.read(codec::menu::parse),
    }
}

fn whole() -> ActualLink {
    files(&text(U, 0o644), &text(A, 0o600), &text(D, 0o644))
}

fn prints_of(files: &ActualLink) -> Fingerprints {
    let app = AppName::parse("ACME").unwrap();
    Fingerprints::of_link(&key(1), &user("alice"), &app, files)
}

fn alice(link: Option<ActualLink>) -> ActualUser {
    let ownership = Ownership {
        mode: 0o750,
        uid: 0,
        gid: 0,
    };
    ActualUser {
        name: user("alice"),
        account: Account::NotAsked,
        links_folder: Folder::Present(ownership),
        menu_folder: Folder::Present(ownership),
        links: link
            .into_iter()
            .map(|link| (AppName::parse("ACME").unwrap(), link))
            .collect(),
        groups: BTreeMap::new(),
        strays: Vec::new(),
    }
}

fn look(key: Option<&Key>, left: Fingerprints, actual: &ActualUser, owner: FileOwner) -> UserDrift {
    let left = Left::from([(link("alice", "ACME"), left)]);
    crate::ledger::drift::of_user(key, &left, actual, owner)
}

fn shown(drift: &UserDrift) -> String {
    let mut words: Vec<String> = drift
        .drifts
        .iter()
        .map(|drift| format!("{:?}", drift.departure))
        .collect();
    words.extend(
        drift
            .unknown
            .iter()
            .map(|address| format!("unknown {address}")),
    );
    words.extend((drift.same > 0).then(|| format!("{} same", drift.same)));
    words.join("; ")
}

/// One file, the menu entry, as it was left and as it is.
#[track_caller]
fn check(left: &Put, now: &Put, expect: &str) {
    let (u, a) = (text(U, 0o644), text(A, 0o600));
    let left = prints_of(&files(&u, &a, left));
    let actual = alice(Some(files(&u, &a, now)));
    let drift = look(Some(&key(1)), left, &actual, FileOwner::Keep);
    assert_eq!(shown(&drift), expect);
}

#[test]
fn a_file_is_held_against_what_was_left() {
    let (there, nothing) = (text(D, 0o644), Put::Nothing);
    check(&there, &there, "1 same");
    check(&there, &text(r#"[ {"file" : "ACME"} ]"#, 0o644), "1 same");
    let other = text(r#"[{"file":"ACME","if":"0"}]"#, 0o644);
    check(&there, &other, "Files([(Menu, Changed)])");
    check(&there, &nothing, "Files([(Menu, Missing)])");
    let broken = text("{", 0o644);
    let words = r#"Files([(Menu, Broken("is not valid JSON (line 1, column 1)"))])"#;
    check(&there, &broken, words);
    let link = Put::Obstacle(Obstacle::Symlink);
    check(&there, &link, "Files([(Menu, Obstacle(Symlink))])");
    check(&nothing, &nothing, "1 same");
    check(&nothing, &there, "Files([(Menu, Added)])");
    check(&nothing, &broken, "1 same");
    check(&nothing, &link, "Files([(Menu, Obstacle(Symlink))])");
    let open = text(D, 0o666);
    check(&there, &open, "Files([(Menu, Mode(438))])");
    check(&open, &open, "1 same");
    check(&open, &text(r#"[{ "file":"ACME"}]"#, 0o666), "1 same");
    check(
        &open,
        &text(D, 0o600),
        "Files([(Menu, Changed), (Menu, Mode(384))])",
    );
    check(&open, &there, "Files([(Menu, Changed)])");
    let both = text(r#"[{"file":"ACME","if":"0"}]"#, 0o666);
    check(&there, &both, "Files([(Menu, Changed), (Menu, Mode(438))])");
}

#[test]
fn without_fingerprints_or_a_key_only_what_is_certain_is_drift() {
    let known = prints_of(&whole());
    let unknown = Fingerprints::default();
    for (key, left) in [(Some(key(1)), unknown), (None, known), (None, unknown)] {
        let shown = |link| {
            let drift = look(key.as_ref(), left, &alice(link), FileOwner::Keep);
            shown(&drift)
        };
        assert_eq!(shown(Some(whole())), "unknown alice/ACME");
        assert_eq!(shown(None), "Gone");
        let fewer = files(&text(U, 0o644), &Put::Nothing, &text("{", 0o644));
        assert_eq!(shown(Some(fewer)), "unknown alice/ACME");
        // It may have been so when it was taken up, and hidden.
        let open = files(&text(U, 0o644), &text(A, 0o644), &text(D, 0o644));
        assert_eq!(shown(Some(open)), "unknown alice/ACME");
        let link = Put::Obstacle(Obstacle::Symlink);
        let link = files(&text(U, 0o644), &text(A, 0o600), &link);
        assert_eq!(shown(Some(link)), "Files([(Menu, Obstacle(Symlink))])");
    }
}

#[test]
fn what_cannot_be_looked_at_is_no_drift_and_not_the_same() {
    let unreadable = Obstacle::Unreadable("Input/output error".to_owned());
    let file = files(
        &text(U, 0o644),
        &Put::Obstacle(unreadable.clone()),
        &text(D, 0o644),
    );
    let mut actual = alice(Some(file));
    let departures = |actual: &ActualUser| {
        let drift = look(Some(&key(1)), prints_of(&whole()), actual, FileOwner::Keep);
        assert_eq!(drift.same, 0);
        drift
            .drifts
            .into_iter()
            .map(|d| d.departure)
            .collect::<Vec<_>>()
    };
    let [departure] = &departures(&actual)[..] else {
        panic!("one link");
    };
    assert!(departure.is_unreadable());
    // Of a folder it is said once, and of nothing else of that user.
    actual.menu_folder = Folder::Obstacle(unreadable.clone());
    let folder = Departure::Folder(Tree::Menu, unreadable);
    assert!(folder.is_unreadable());
    assert_eq!(departures(&actual), [folder]);
    actual.links_folder = Folder::Obstacle(Obstacle::Symlink);
    let folder = Departure::Folder(Tree::Links, Obstacle::Symlink);
    assert!(!folder.is_unreadable());
    assert_eq!(departures(&actual), [folder]);
    let nothing = crate::ledger::drift::of_user(None, &Left::new(), &actual, FileOwner::Keep);
    assert_eq!(nothing, UserDrift::default());
}

#[test]
fn owners_count_where_they_are_set() {
    let (uid, gid, mode) = (7, 8, 0o600);
    let file = files(
        &text(U, 0o644),
        &Put::Text(A, Ownership { mode, uid, gid }),
        &text(D, 0o644),
    );
    let actual = alice(Some(file));
    let of = |owner| shown(&look(Some(&key(1)), prints_of(&whole()), &actual, owner));
    assert_eq!(of(FileOwner::Keep), "1 same");
    let owner = "Files([(Adminconfig, Owner { uid: 7, gid: 8 })])";
    assert_eq!(of(FileOwner::Root), owner);
}

#[test]
fn a_group_is_in_a_scope_of_apps_where_a_link_of_it_stands_in_it() {
    let actual = alice(Some(whole()));
    let left = || {
        let things = [
            link("alice", "ACME"),
            link("alice", "Other"),
            group("alice", "acme"),
            group("alice", "old"),
        ];
        things.map(|thing| (thing, Fingerprints::default())).into()
    };
    let check = |scope: &Scope, expect: &[&str]| {
        let left: Left = left_in_scope(left(), &actual, scope);
        let names: Vec<String> = left.keys().map(ToString::to_string).collect();
        assert_eq!(names, expect);
    };
    let all = [
        "alice/group:acme",
        "alice/group:old",
        "alice/ACME",
        "alice/Other",
    ];
    check(&Scope::default(), &all);
    let apps = |glob| GlobSet::parse([glob]).unwrap();
    let only = Scope {
        apps: apps("A*"),
        ..Scope::default()
    };
    check(&only, &["alice/group:acme", "alice/ACME"]);
    let without = Scope {
        exclude_apps: apps("A*"),
        ..Scope::default()
    };
    check(&without, &["alice/Other"]);
}

#[test]
fn a_baseline_says_whether_it_knows() {
    let known = |ledger, key| Baseline::new(ledger, key).unwrap().known();
    let fixture = super::Fixture::new();
    drop(fixture.open());
    let open = || Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    assert_eq!(known(open(), Some(key(1))), Known::Yes);
    assert_eq!(known(open(), Some(key(2))), Known::OtherKey);
    assert_eq!(known(open(), None), Known::NoKey);
    let rebuilt = Ledger::in_memory().unwrap();
    assert_eq!(known(rebuilt, Some(key(1))), Known::RunsOnly);
}

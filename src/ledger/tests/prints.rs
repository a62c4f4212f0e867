//! Fingerprints: what is no difference, what is one, and that they hold
//! nothing to guess a token by.

use super::{Fixture, bytes, deed, key, link, run, user};
use crate::codec;
use crate::codec::menu::Pictured;
use crate::ledger::{Fingerprints, Ledger, Recorded, Verb};
use crate::model::{
    ActualGroup, ActualLink, AppName, Found, GroupConfig, GroupId, Lies, Link, MenuEntry, MenuFile,
    Order, Ownership, Secret, Stamp, TokenRef,
};
use crate::plan::{
    Change, FileChange, GroupAction, GroupChange, LinkAction, LinkAfter, LinkChange, Origin,
    TokenAfter, Touch,
};
use std::collections::BTreeSet;

fn found<T>(value: T, mode: u32) -> Lies<T> {
    Lies::File(Found {
        value,
        stamp: Stamp {
            sha256: [0; 32],
            ownership: Ownership {
                mode,
                uid: 0,
                gid: 0,
            },
        },
    })
}

fn actual(u: &[u8], a: &[u8], d: &[u8]) -> ActualLink {
    ActualLink {
        userconfig: found(codec::userconfig::parse(u).unwrap(), 0o644),
        adminconfig: found(codec::adminconfig::parse(a).unwrap(), 0o600),
        menu: found(codec::menu::parse(d).unwrap(), 0o644),
    }
}

fn prints(u: &str, a: &str, d: &str) -> Fingerprints {
    let app = AppName::parse("ACME").unwrap();
    let link = actual(u.as_bytes(), a.as_bytes(), d.as_bytes());
    Fingerprints::of_link(&key(1), &user("alice"), &app, &link)
}

const U: &str = r#"{"label":"L","order":"7","hide":"0","x":[1]}"#;
const A: &str = r#"{"token":"abc"}"#;
const D: &str = r#"[{"file":"ACME","itemorder":"7","base64_png_image":"AAAA","width":48}]"#;

#[test]
fn spelling_is_no_difference() {
    let same = prints(
        "{\"x\":[1], \"order\":7, \"label\":\"\\u004c\", \"app\":\"ACME\"}",
        "{ \"token\" : \"a\\u0062c\" }\n",
        r#"[{"width":48,"base64_png_image":"AA AA","itemorder":7,"file":"ACME"}]"#,
    );
    assert_eq!(prints(U, A, D), same);
}

#[test]
fn any_other_value_is_one_of_its_file_alone() {
    let before = prints(U, A, D);
    for (u, a, d) in [
        (U.replace("\"L\"", "\"M\""), A.to_owned(), D.to_owned()),
        (U.replace("[1]", "[2]"), A.to_owned(), D.to_owned()),
        (U.to_owned(), A.replace("abc", "abd"), D.to_owned()),
        (U.to_owned(), A.to_owned(), D.replace("AAAA", "AAAB")),
        (U.to_owned(), A.to_owned(), D.replace("48", "49")),
        (
            U.to_owned(),
            A.to_owned(),
            D.replace(r#""base64_png_image":"AAAA","#, ""),
        ),
    ] {
        let after = prints(&u, &a, &d);
        assert_eq!(after.userconfig != before.userconfig, u != U, "{u}");
        assert_eq!(after.adminconfig != before.adminconfig, a != A, "{a}");
        assert_eq!(after.menu != before.menu, d != D, "{d}");
    }
}

#[test]
fn the_names_a_file_states_are_part_of_it_where_they_are_wrong() {
    let stated = |name: &str| prints(&U.replacen('{', name, 1), A, D).userconfig;
    let plain = prints(U, A, D).userconfig;
    assert_eq!(stated(r#"{"app":"ACME","user":"alice","#), plain);
    let other_user = stated(r#"{"user":"bob","#);
    assert_ne!(other_user, plain);
    assert_ne!(stated(r#"{"app":"bob","#), other_user);
}

#[test]
fn equal_files_of_two_links_do_not_show() {
    let app = AppName::parse("ACME").unwrap();
    let files = actual(U.as_bytes(), A.as_bytes(), D.as_bytes());
    let alice = Fingerprints::of_link(&key(1), &user("alice"), &app, &files);
    let bob = Fingerprints::of_link(&key(1), &user("bob"), &app, &files);
    assert_ne!(alice.adminconfig, bob.adminconfig);
    let other_key = Fingerprints::of_link(&key(2), &user("alice"), &app, &files);
    assert_ne!(alice.adminconfig, other_key.adminconfig);
}

/// What a change will leave has the fingerprint of what it left.
#[track_caller]
fn check_after(before: Option<ActualLink>, token: &TokenAfter, touch: Touch) {
    let (user, app) = (user("alice"), AppName::parse("ACME").unwrap());
    let new = Link {
        label: Some("New".to_owned()),
        order: Some(Order::from(3)),
        ..Link::default()
    };
    let menu = MenuEntry::of_link(&app, &new);
    let (u, a, d) = (
        before.as_ref().and_then(|b| b.userconfig.value()),
        before.as_ref().and_then(|b| b.adminconfig.value()),
        before.as_ref().and_then(|b| b.menu.value()),
    );
    let secret = match token {
        TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret, .. } => Some(secret),
        TokenAfter::Keep => a.and_then(|a| a.token.seen()),
        TokenAfter::None | TokenAfter::NotCompared { .. } => None,
    };
    let written = actual(
        &codec::userconfig::render(&user, &app, &new, u),
        &codec::adminconfig::render(secret, a),
        &codec::menu::render(&menu, Pictured::Yes, d),
    );
    let kept = before.clone().unwrap_or_else(|| written.clone());
    let pick = |change, new, old| match change {
        FileChange::Write => new,
        FileChange::Keep | FileChange::Remove => old,
    };
    let left = Fingerprints::of_link(&key(1), &user, &app, &written);
    let stayed = Fingerprints::of_link(&key(1), &user, &app, &kept);
    let after = LinkAfter {
        link: new,
        token: token.clone(),
        menu,
    };
    let action = match before {
        None => LinkAction::Create { after },
        Some(before) => LinkAction::Replace { before, after },
    };
    let change = Change::Link(Box::new(LinkChange {
        user,
        app,
        action,
        touch,
        reasons: BTreeSet::new(),
        is_owned: false,
        owned_token: None,
        origin: Origin::Wanted,
    }));
    let expect = Fingerprints {
        userconfig: pick(touch.userconfig, left.userconfig, stayed.userconfig),
        adminconfig: pick(touch.adminconfig, left.adminconfig, stayed.adminconfig),
        menu: pick(touch.menu, left.menu, stayed.menu),
    };
    assert_eq!(Fingerprints::after(&key(1), &change), expect);
}

#[test]
fn what_will_be_written_has_the_fingerprint_of_what_was() {
    let (write, keep) = (FileChange::Write, FileChange::Keep);
    let all = Touch {
        userconfig: write,
        adminconfig: write,
        menu: write,
    };
    let set = TokenAfter::Set {
        reference: TokenRef::Secret("a".to_owned()),
        secret: Secret::new("new".to_owned()),
    };
    let there = || Some(actual(U.as_bytes(), A.as_bytes(), D.as_bytes()));
    check_after(None, &set, all);
    check_after(None, &TokenAfter::None, all);
    for token in [&set, &TokenAfter::None, &TokenAfter::Keep] {
        check_after(there(), token, all);
    }
    let fields = Touch {
        adminconfig: keep,
        ..all
    };
    check_after(there(), &TokenAfter::Keep, fields);
    let token_alone = Touch {
        adminconfig: write,
        ..Touch::default()
    };
    check_after(there(), &set, token_alone);
}

#[test]
fn what_is_removed_leaves_no_fingerprint() {
    let before = ActualGroup {
        userconfig: found(GroupConfig::default(), 0o644),
        menu: found(MenuFile::default(), 0o644),
    };
    let change = Change::Group(Box::new(GroupChange {
        user: user("alice"),
        id: GroupId::parse("acme").unwrap(),
        action: GroupAction::Remove {
            before: Box::new(before),
            leaving: BTreeSet::new(),
        },
        touch: Touch {
            userconfig: FileChange::Remove,
            menu: FileChange::Remove,
            ..Touch::default()
        },
        reasons: BTreeSet::new(),
        is_owned: true,
        origin: Origin::Wanted,
    }));
    let none = Fingerprints::default();
    assert_eq!(Fingerprints::after(&key(1), &change), none);
}

#[test]
fn fingerprints_made_with_another_key_say_nothing() {
    let fixture = Fixture::new();
    let create = deed(link("alice", "ACME"), Verb::Create, Recorded::Done);
    fixture.open().record(&run("000001", vec![create])).unwrap();
    let ledger = Ledger::open_read_only(&fixture.path()).unwrap().unwrap();
    let of = |key| ledger.fingerprints(&user("alice"), &key).unwrap();
    assert_eq!(of(key(1))[&link("alice", "ACME")].userconfig, Some([7; 32]));
    assert!(of(key(2)).is_empty());
    drop(ledger);
    // The key was lost and made anew: what we wrote is not known any more,
    // that we wrote it is.
    let ledger = Ledger::open(&fixture.path(), &key(2)).unwrap();
    let prints = ledger.fingerprints(&user("alice"), &key(2)).unwrap();
    assert_eq!(prints[&link("alice", "ACME")], Fingerprints::default());
    assert_eq!(ledger.owned().unwrap().users().len(), 1);
}

#[test]
fn no_token_and_no_plain_hash_of_one_is_in_the_state() {
    use sha2::{Digest as _, Sha256};
    let fixture = Fixture::new();
    let token = "canary-7f3a";
    let text = format!("{{\"token\":\"{token}\"}}");
    let mut create = deed(link("alice", "ACME"), Verb::Create, Recorded::Done);
    create.fingerprints = prints(U, &text, D);
    fixture.open().record(&run("000001", vec![create])).unwrap();
    let state = bytes(&fixture.path());
    let holds = |needle: &[u8]| state.windows(needle.len()).any(|part| part == needle);
    assert!(holds(b"alice"));
    assert!(!holds(token.as_bytes()));
    for message in [token, &text] {
        assert!(!holds(&Sha256::digest(message)));
    }
}

//! What a run's folder says of it, read back.

use super::faults::one;
use super::world::{World, absent, app, link};
use crate::model::FileKind;
use crate::plan::Address;
use crate::store::testing::{header, mode, user};
use crate::store::{Recorded, RunState, Verb};

fn address() -> Address {
    Address::Link(user("alice"), app("a"))
}

#[test]
fn a_run_says_what_it_changed_from_what_to_what() {
    let world = World::new();
    world.round(&[one()]);
    let old = world.shown();
    let report = world.round(&[link("Invoices").url("https://two.example/x").token("two")]);
    let new = world.shown();
    let run = report.run.unwrap();
    assert_eq!(run.to_string(), "000002");
    let record = world.store.run_record(&run).unwrap();
    assert_eq!(record.header, header());
    assert_eq!(record.state, RunState::Finished);
    let [change] = record.changes.as_slice() else {
        panic!("{record:?}");
    };
    assert_eq!(change.address, address());
    assert_eq!(
        (change.verb, change.outcome),
        (Verb::Replace, Recorded::Done)
    );
    assert_eq!(change.token_reference.as_deref(), Some("secret alice/a"));
    assert_eq!(change.autologin_host.as_deref(), Some("two.example"));
    for (file, old, new) in [
        (
            change.files[0],
            old.userconfig.stamp(),
            new.userconfig.stamp(),
        ),
        (
            change.files[1],
            old.adminconfig.stamp(),
            new.adminconfig.stamp(),
        ),
        (change.files[2], old.menu.stamp(), new.menu.stamp()),
    ] {
        let check = |version: Option<crate::store::Version>, stamp: Option<&_>| {
            let (version, stamp): (_, &crate::model::Stamp) = (version.unwrap(), stamp.unwrap());
            assert_eq!(version.fingerprint, record.key.fingerprint(stamp));
            assert_eq!(version.ownership, stamp.ownership);
        };
        check(file.before, old);
        check(file.after, new);
    }
}

#[test]
fn old_bytes_are_those_before_the_run_and_none_where_nothing_was() {
    let world = World::new();
    let first = world.round(&[one()]).run.unwrap();
    let live = world.fixture.read("links/alice/a.adminconfig");
    let second = world.round(&[absent()]).run.unwrap();
    let old = |run| {
        let kind = FileKind::Adminconfig;
        world.store.old_bytes(run, &address(), kind).unwrap()
    };
    assert_eq!(old(&first), None);
    assert_eq!(*old(&second).unwrap(), live);
    assert_eq!(world.store.runs().unwrap(), [first, second]);
    let record = world.store.run_record(&second).unwrap();
    assert_eq!(record.changes[0].verb, Verb::Remove);
    assert!(record.changes[0].files.iter().all(|f| f.after.is_none()));
}

#[test]
fn nothing_in_a_journal_helps_to_guess_a_token() {
    let world = World::new();
    world.round(&[one()]);
    world.round(&[one().token("two-one")]);
    for run in ["000001", "000002"] {
        let path = format!(".cplinks/runs/{run}/journal");
        assert_eq!(mode(&world.fixture.path(&path)), 0o600);
        let text = String::from_utf8(world.fixture.read(&path)).unwrap();
        assert!(!text.contains("two-one"), "{text}");
        for bytes in [&b"{\n   \"token\" : \"one\"\n}\n"[..], b"one", b"two-one"] {
            use sha2::Digest as _;
            let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
            let digest: Vec<_> = digest.iter().map(|b| format!("{b:02x}")).collect();
            let digest = digest.concat();
            assert!(!text.contains(&digest), "{text}");
        }
        let key = world.fixture.path(&format!(".cplinks/runs/{run}/key"));
        assert_eq!(mode(&key), 0o600);
    }
}

//! What the state should learn of a round that changes nothing on disk.

use super::world::{Files, Put, World, app, as_is, group, known, unknown, user, wanted_with};
use crate::model::{Account, FileKind, Wanted};
use crate::plan::{
    Address, Departure, Drift, FileDrift, FileOwner, GlobSet, UnknownTokens, Unlisted, Unrecorded,
    UserDrift,
};

const LOGIN: &str = "https://sso.example/";

/// What is adopted and what is gone, in one line.
fn shown(world: &World) -> String {
    in_words(&world.plan().unrecorded)
}

fn in_words(unrecorded: &Unrecorded) -> String {
    let adopted = unrecorded.adopted.iter().map(|adoption| {
        let host = adoption.host.as_deref().unwrap_or("-");
        let token = adoption
            .token
            .as_ref()
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        format!("adopt {} {host} {token}", adoption.address)
    });
    let gone = unrecorded.gone.iter().map(|a| format!("gone {a}"));
    adopted.chain(gone).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_foreign_link_that_is_as_wanted_is_taken_up_and_one_of_ours_is_not() {
    let mut world = World::of(as_is(), Files::equal());
    assert_eq!(shown(&world), "adopt alice/ACME - secret alice/ACME");
    assert_eq!(world.plan().counts.adopted, 1);
    world.own("alice", "ACME");
    assert_eq!(shown(&world), "");
    assert_eq!(world.plan().counts.adopted, 0);
}

#[test]
fn what_changes_or_is_not_named_is_not_taken_up() {
    let renamed = wanted_with(|d| d.link.label = Some("New".to_owned()));
    let mut world = World::of(renamed, Files::equal());
    world.put("alice", "WHMCS_x", Files::equal().of_app("WHMCS_x"));
    assert_eq!(shown(&world), "");
}

#[test]
fn a_host_or_reference_that_is_not_recorded_is() {
    let files = Files::equal().u_text(
        r#""order""#,
        &format!(r#""autologin_token_url":"{LOGIN}","order""#),
    );
    let wanted = |token| {
        wanted_with(|d| {
            d.link.autologin_token_url = Some(LOGIN.to_owned());
            d.token = token;
        })
    };
    let mut world = World::of(wanted(known("abc")), files.clone());
    let whole = "adopt alice/ACME sso.example secret alice/ACME";
    let host = Some("sso.example".to_owned());
    world.own("alice", "ACME");
    assert_eq!(shown(&world), whole);
    world
        .owned
        .insert_with_host(user("alice"), app("ACME"), host.clone());
    assert_eq!(shown(&world), whole);
    assert_eq!(world.plan().counts.adopted, 0);
    let reference = "secret alice/ACME".to_owned();
    world
        .owned
        .insert_token_host(reference, "sso.example".to_owned());
    assert_eq!(shown(&world), "");
    // A token that was not compared says nothing of its reference.
    let mut world = World::of(wanted(unknown()), files);
    world.policy.unknown_tokens = UnknownTokens::NotCompared;
    assert_eq!(shown(&world), "adopt alice/ACME sso.example -");
}

#[test]
fn what_is_ours_and_neither_wanted_nor_there_is_gone() {
    let mut world = World::new();
    world.want("alice", "Other", as_is());
    world.want("alice", "Absent", Wanted::Absent);
    for name in ["Other", "Absent", "Left"] {
        world.own("alice", name);
    }
    world.owned.insert_group(user("alice"), group("old"));
    assert_eq!(
        shown(&world),
        "gone alice/group:old; gone alice/Absent; gone alice/Left"
    );
    world.policy.scope.exclude_apps = GlobSet::parse(["L*"]).unwrap();
    assert_eq!(shown(&world), "gone alice/group:old; gone alice/Absent");
}

#[test]
fn an_account_that_is_gone_and_not_named_is_forgotten_in_silence() {
    let mut world = World::new();
    world.policy.owner = FileOwner::Root;
    world.want("bob", "ACME", as_is());
    for name in ["alice", "bob"] {
        world.own(name, "ACME");
        world.actual(name).account = Account::Missing;
    }
    assert_eq!(shown(&world), "gone alice/ACME");
    assert_eq!(world.plan().missing_accounts, [user("bob")]);
}

#[test]
fn a_group_is_taken_up_once_and_then_replaced_as_ours() {
    let mut world = World::new();
    world.policy.unlisted = Unlisted::HideOwned;
    let with_group = wanted_with(|d| d.link.group_id = Some("acme".to_owned()));
    world.want("alice", "ACME", with_group);
    world.want_group("alice", "acme", "Acme");
    let u = Put::text(r#"{"label":"Acme","order":"1"}"#, 0o644);
    let d = Put::text(
        r#"[{"type":"image","subtype":"img","imgtype":"icon","file":"group_acme","group":"acme",
            "groupdesc":"$LANG{'Acme'}","description":"$LANG{'Acme'}","grouporder":"1"}]"#,
        0o644,
    );
    world.put_group("alice", "acme", &u, &d);
    assert_eq!(shown(&world), "adopt alice/group:acme - -");
    let renamed = |world: &mut World| {
        world.want_group("alice", "acme", "New");
        let reasons = world.plan().changes[0].reasons().clone();
        reasons.iter().map(|r| r.name()).collect::<Vec<_>>()
    };
    assert_eq!(renamed(&mut world), ["adopt", "fields"]);
    world.owned.insert_group(user("alice"), group("acme"));
    assert_eq!(renamed(&mut world), ["fields"]);
}

/// What is learnt of alice's links, of which one drifted, or is not known.
fn learnt(world: &World, drift: &UserDrift) -> String {
    let plan = world.plan_with_drift("alice", drift);
    assert_eq!(plan.counts.adopted, 0);
    in_words(&plan.unrecorded)
}

fn acme() -> Address {
    Address::Link(user("alice"), app("ACME"))
}

fn drifted(files: &[FileDrift]) -> UserDrift {
    let files = files.iter().map(|drift| (FileKind::Menu, drift.clone()));
    UserDrift {
        drifts: vec![Drift {
            user: user("alice"),
            address: Some(acme()),
            departure: Departure::Files(files.collect()),
        }],
        ..UserDrift::default()
    }
}

fn not_known() -> UserDrift {
    UserDrift {
        unknown: [acme()].into(),
        ..UserDrift::default()
    }
}

#[test]
fn what_is_ours_and_as_wanted_is_recorded_anew_where_the_state_does_not_know_it() {
    let mut world = World::of(as_is(), Files::equal());
    world.own("alice", "ACME");
    let anew = "adopt alice/ACME - secret alice/ACME";
    assert_eq!(learnt(&world, &UserDrift::default()), "");
    assert_eq!(learnt(&world, &not_known()), anew);
    assert_eq!(learnt(&world, &drifted(&[FileDrift::Changed])), anew);
    assert_eq!(learnt(&world, &drifted(&[FileDrift::Added])), anew);
    // What has to be put right is written, and recorded with that.
    let renamed = wanted_with(|d| d.link.label = Some("New".to_owned()));
    world.want("alice", "ACME", renamed);
    assert_eq!(learnt(&world, &drifted(&[FileDrift::Changed])), "");
}

#[test]
fn a_hidden_link_that_is_not_named_keeps_its_host_when_it_is_recorded_anew() {
    let mut world = World::new();
    world.put("alice", "ACME", Files::hidden());
    world.policy.unlisted = Unlisted::HideOwned;
    let host = Some("sso.example".to_owned());
    world
        .owned
        .insert_with_host(user("alice"), app("ACME"), host);
    let anew = "adopt alice/ACME sso.example -";
    assert_eq!(learnt(&world, &UserDrift::default()), "");
    assert_eq!(learnt(&world, &not_known()), anew);
    assert_eq!(learnt(&world, &drifted(&[FileDrift::Changed])), anew);
    // To record these would not end them, or make little of them.
    for stays in [
        FileDrift::Missing,
        FileDrift::Mode(0o666),
        FileDrift::Broken("is empty".to_owned()),
    ] {
        let both = [FileDrift::Changed, stays];
        assert_eq!(learnt(&world, &drifted(&both)), "");
    }
    // Left alone, it is not recorded either.
    world.policy.unlisted = Unlisted::Keep;
    assert_eq!(learnt(&world, &not_known()), "");
}

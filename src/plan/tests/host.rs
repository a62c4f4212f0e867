//! The guard `new-host`: a row for each state a link can be in before its
//! token meets a host.

use super::world::{Files, Put, World, app, known, unknown, user, wanted_with};
use crate::model::{DesiredToken, Secret, TokenRef, Wanted};
use crate::plan::UnknownTokens;

const OLD: &str = "https://old.example/sso";
const NEW: &str = "https://new.example/sso";

fn autologin(url: &str, token: DesiredToken) -> Wanted {
    wanted_with(|d| {
        d.link.autologin_token_url = Some(url.to_owned());
        d.token = token;
    })
}

/// The files of a link whose token goes to a URL.
fn files(url: &str) -> Files {
    Files::equal().u_text(
        r#""order""#,
        &format!(r#""autologin_token_url":"{url}","order""#),
    )
}

fn refused(world: &World) -> Vec<String> {
    let refusals = world.plan().guards.refusals;
    refusals.into_iter().flat_map(|r| r.first).collect()
}

#[track_caller]
fn check(wanted: Wanted, files: Files, expect: Option<&str>) {
    let expect: Vec<_> = expect
        .map(|hosts| format!("alice/ACME: {hosts}"))
        .into_iter()
        .collect();
    assert_eq!(refused(&World::of(wanted, files)), expect);
}

#[test]
fn an_existing_link_may_not_get_another_host() {
    let moved = Some("old.example → new.example");
    check(autologin(NEW, known("abc")), files(OLD), moved);
    check(autologin(NEW, known("other")), files(OLD), moved);
    check(autologin(NEW, DesiredToken::Keep), files(OLD), moved);
    let without = files(OLD).a(Put::Absent);
    check(autologin(NEW, known("abc")), without, moved);
    let hidden = wanted_with(|d| {
        d.link.autologin_token_url = Some(NEW.to_owned());
        d.link.hide = true;
    });
    check(hidden, files(OLD), moved);
}

#[test]
fn the_same_host_in_another_spelling_is_the_same() {
    for url in ["https://OLD.example:8443/other?x=y", "http://old.example/"] {
        check(autologin(url, known("abc")), files(OLD), None);
        check(autologin(url, DesiredToken::Keep), files(OLD), None);
    }
    let odd = files("//old.example");
    let expect = Some("(unknown) → new.example");
    check(autologin(NEW, known("abc")), odd, expect);
}

#[test]
fn a_token_that_was_declared_for_no_host_may_not_get_one() {
    let expect = Some("(no auto-login) → new.example");
    check(autologin(NEW, DesiredToken::Keep), Files::equal(), expect);
    check(autologin(NEW, known("abc")), Files::equal(), expect);
    check(autologin(NEW, known("abc")), files(""), expect);
    let plain = Files::equal().a_text(r#""abc""#, "null");
    check(autologin(NEW, known("abc")), plain, None);
}

#[test]
fn a_link_that_loses_its_host_or_is_taken_away_posts_nothing() {
    check(wanted_with(|_| {}), files(OLD), None);
    check(Wanted::Absent, files(OLD), None);
}

#[test]
fn a_broken_link_is_repaired_unless_its_token_would_be_kept() {
    for u in [Put::Absent, Put::text("{", 0o644)] {
        let broken = files(OLD).u(u);
        check(autologin(NEW, known("abc")), broken.clone(), None);
        let expect = Some("(unknown) → new.example");
        check(autologin(NEW, DesiredToken::Keep), broken.clone(), expect);
        let mut world = World::of(autologin(NEW, known("abc")), broken);
        let (alice, acme, host) = (user("alice"), app("ACME"), "old.example".to_owned());
        world
            .owned
            .insert_with_host(alice.clone(), acme.clone(), Some(host));
        assert_eq!(refused(&world), ["alice/ACME: old.example → new.example"]);
        let host = "new.example".to_owned();
        world.owned.insert_with_host(alice, acme, Some(host));
        assert_eq!(refused(&world), [""; 0]);
    }
}

#[test]
fn a_token_that_plan_cannot_resolve_is_no_way_around() {
    let mut world = World::of(autologin(NEW, unknown()), files(OLD));
    world.policy.unknown_tokens = UnknownTokens::NotCompared;
    assert_eq!(refused(&world), ["alice/ACME: old.example → new.example"]);
}

#[test]
fn a_reference_stays_with_the_host_it_was_used_with() {
    let mut world = World::new();
    world.want("alice", "ACME", autologin(NEW, known("abc")));
    assert_eq!(refused(&world), [""; 0]);
    let reference = "secret alice/ACME".to_owned();
    world
        .owned
        .insert_token_host(reference.clone(), "old.example".to_owned());
    assert_eq!(
        refused(&world),
        ["alice/ACME: token secret alice/ACME: old.example → new.example"]
    );
    world
        .owned
        .insert_token_host(reference, "new.example".to_owned());
    assert_eq!(refused(&world), [""; 0]);
}

#[test]
fn literal_tokens_are_not_taken_for_one_another() {
    let literal = DesiredToken::Known {
        reference: TokenRef::Literal,
        secret: Secret::new("abc".to_owned()),
    };
    let mut world = World::new();
    world.want("alice", "ACME", autologin(NEW, literal));
    world
        .owned
        .insert_token_host("literal".to_owned(), "old.example".to_owned());
    assert_eq!(refused(&world), [""; 0]);
}

#[test]
fn a_number_or_the_hosts_policy_lets_it_through() {
    let mut world = World::new();
    for name in ["alice", "bob"] {
        world.want(name, "ACME", autologin(NEW, known("abc")));
        world.put(name, "ACME", files(OLD));
    }
    let guards = world.plan().guards;
    assert_eq!(
        guards.refusals[0].to_string(),
        "the tokens of 2 links would be posted to another host than before"
    );
    world.policy.allowances.new_host = Some(1);
    assert_eq!(refused(&world).len(), 2);
    world.policy.allowances.new_host = Some(2);
    assert_eq!(refused(&world), [""; 0]);
    world.policy.allowances.new_host = None;
    world
        .policy
        .allowances
        .hosts
        .insert("new.example".to_owned());
    assert_eq!(refused(&world), [""; 0]);
}

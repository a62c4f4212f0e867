//! Tokens: equal, kept, dropped, and not known here. Which of these may be
//! shown and which may be written.

use super::world::{Files, Put, World, known, unknown, wanted_with};
use crate::model::{DesiredToken, FoundToken, Lies};
use crate::plan::{Change, TokenDiff, UnknownTokens};

#[track_caller]
fn check(token: DesiredToken, files: Files, rule: UnknownTokens, expect: &str) {
    let mut world = World::of(wanted_with(|d| d.token = token), files);
    world.policy.unknown_tokens = rule;
    world.check(expect);
}

const PLAN: UnknownTokens = UnknownTokens::NotCompared;
const APPLY: UnknownTokens = UnknownTokens::Block;

const TOKEN: &str = "replace alice/ACME -A- adopt token";
const NOT_KNOWN: &str = "blocked alice/ACME: its token (secret alice/ACME) is not known here: no secrets file was given";

fn token(json: &str) -> Files {
    Files::equal().a(Put::text(json, 0o600))
}

#[test]
fn a_token_is_compared_as_text() {
    for (json, expect) in [
        (r#"{"token":"abc"}"#, "1 in sync"),
        (r#"{"token":"\u0061bc","x":1}"#, "1 in sync"),
        (r#"{"token":"abC"}"#, TOKEN),
        (r#"{"token":""}"#, TOKEN),
        (r#"{"token":null}"#, TOKEN),
        ("{}", TOKEN),
    ] {
        check(known("abc"), token(json), APPLY, expect);
    }
    check(known("12"), token(r#"{"token":12}"#), APPLY, "1 in sync");
}

#[test]
fn null_and_a_missing_key_are_no_token() {
    let none = || DesiredToken::None;
    check(none(), token(r#"{"token":null}"#), APPLY, "1 in sync");
    check(none(), token("{}"), APPLY, "1 in sync");
    check(none(), token(r#"{"token":""}"#), APPLY, TOKEN);
    check(none(), token(r#"{"token":"abc"}"#), APPLY, TOKEN);
}

#[test]
fn keep_keeps_what_is_there_and_blocks_where_nothing_is() {
    let nothing = "blocked alice/ACME: `token: keep`, but there is no token on disk to keep";
    let keep = || DesiredToken::Keep;
    check(keep(), token(r#"{"token":"abc"}"#), APPLY, "1 in sync");
    check(keep(), token(r#"{"token":""}"#), APPLY, "1 in sync");
    check(keep(), token(r#"{"token":null}"#), APPLY, nothing);
    check(keep(), Files::equal().a(Put::Absent), APPLY, nothing);
    check(keep(), Files::equal().a(Put::Absent), PLAN, nothing);
    check(
        keep(),
        token(r#"{"token":"#),
        APPLY,
        "blocked alice/ACME: `token: keep`, but the adminconfig that should hold it \
         is not valid JSON (line 1, column 9)",
    );
    check(
        keep(),
        Files::equal().a(Put::text(r#"{"token":"abc"}"#, 0o644)),
        APPLY,
        "replace alice/ACME -A- adopt mode",
    );
    let mut world = World::new();
    world.want("alice", "ACME", wanted_with(|d| d.token = keep()));
    world.check(nothing);
}

#[test]
fn a_token_not_known_here_is_not_compared_and_never_written() {
    check(unknown(), Files::equal(), PLAN, "1 in sync; 1 not compared");
    // An apply cannot know whether it would have to be written.
    check(unknown(), Files::equal(), APPLY, NOT_KNOWN);
    let renamed = || {
        Files::equal()
            .u_text("Billing", "Old")
            .d_text("Billing", "Old")
    };
    check(
        unknown(),
        renamed(),
        PLAN,
        "replace alice/ACME U-D adopt fields",
    );
    check(unknown(), renamed(), APPLY, NOT_KNOWN);
    let without = || Files::equal().a(Put::Absent);
    check(
        unknown(),
        without(),
        PLAN,
        "replace alice/ACME -A- adopt token broken",
    );
    check(unknown(), without(), APPLY, NOT_KNOWN);
    check(unknown(), token("{"), APPLY, NOT_KNOWN);
    for (rule, expect) in [(PLAN, "create alice/ACME UAD new"), (APPLY, NOT_KNOWN)] {
        let mut world = World::new();
        world.want("alice", "ACME", wanted_with(|d| d.token = unknown()));
        world.policy.unknown_tokens = rule;
        world.check(expect);
    }
}

/// A link of which a snapshot tells that it has a token, and not which.
fn unseen(wanted: DesiredToken, files: Files) -> World {
    let mut world = World::of(wanted_with(|d| d.token = wanted), files);
    world.policy.unknown_tokens = PLAN;
    for link in world.actual("alice").links.values_mut() {
        if let Lies::File(found) = &mut link.adminconfig {
            assert!(found.value.token.is_there());
            found.value.token = FoundToken::Unseen;
        }
    }
    world
}

#[test]
fn a_token_that_cannot_be_seen_is_there_and_is_compared_with_none() {
    for (wanted, expect) in [
        (DesiredToken::None, TOKEN),
        (DesiredToken::Keep, "1 in sync"),
        (known("abc"), "1 in sync; 1 not compared"),
        (known("abC"), "1 in sync; 1 not compared"),
        (unknown(), "1 in sync; 1 not compared"),
    ] {
        unseen(wanted, Files::equal()).check(expect);
    }
    let loose = || Files::equal().a(Put::text(r#"{"token":"abc"}"#, 0o644));
    unseen(known("abc"), loose()).check("replace alice/ACME -A- adopt mode");
    for (wanted, expect) in [
        (DesiredToken::None, TokenDiff::Dropped),
        (DesiredToken::Keep, TokenDiff::Same),
        (known("new"), TokenDiff::NotCompared),
    ] {
        let plan = unseen(wanted, Files::equal().u_text("Billing", "Old")).plan();
        let [Change::Link(change)] = plan.changes.as_slice() else {
            panic!("one change expected in {plan:?}");
        };
        assert_eq!(change.diff().token, expect);
    }
}

#[test]
fn a_diff_says_what_happens_to_a_token_without_it() {
    for (wanted, json, expect) in [
        (known("abc"), r#"{"token":"abc"}"#, TokenDiff::Same),
        (known("new"), r#"{"token":"abc"}"#, TokenDiff::Changed),
        (known("new"), r#"{"token":null}"#, TokenDiff::Added),
        (DesiredToken::None, r#"{"token":"abc"}"#, TokenDiff::Dropped),
        (DesiredToken::Keep, r#"{"token":"abc"}"#, TokenDiff::Same),
        (unknown(), r#"{"token":"abc"}"#, TokenDiff::NotCompared),
    ] {
        let files = token(json).u_text("Billing", "Old");
        let mut world = World::of(wanted_with(|d| d.token = wanted), files);
        world.policy.unknown_tokens = PLAN;
        let plan = world.plan();
        let [Change::Link(change)] = plan.changes.as_slice() else {
            panic!("one change expected in {plan:?}");
        };
        assert_eq!(change.diff().token, expect);
        let text = format!("{plan:?}");
        assert!(!text.contains("abc") && !text.contains("new\""), "{text}");
    }
}

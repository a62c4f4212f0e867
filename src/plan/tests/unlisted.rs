//! Links that the manifest does not name: whose they are decides, and a
//! hidden one is left alone from then on.

use super::world::{Files, Put, World, as_is};
use crate::plan::Unlisted;

/// Checks what becomes of a link that is ours and that the manifest does not name.
#[track_caller]
pub(super) fn check_unlisted(rule: Unlisted, files: Files, expect: &str) {
    let mut world = World::new();
    world.want("alice", "Other", as_is());
    world.put("alice", "Other", Files::equal().of_app("Other"));
    world.put("alice", "ACME", files).own("alice", "ACME");
    world.policy.unlisted = rule;
    world.check(expect);
}

#[test]
fn an_unlisted_link_is_hidden_once_and_kept_otherwise() {
    let hide = |files, expect| check_unlisted(Unlisted::HideOwned, files, expect);
    hide(Files::equal(), "hide alice/ACME U-D unlisted; 1 in sync");
    hide(Files::hidden(), "2 in sync");
    // Its fields say hidden, but it shows.
    hide(
        Files::hidden().d_text(r#""if":"0","#, ""),
        "hide alice/ACME --D unlisted; 1 in sync",
    );
    // It does not show, but would if its entry were made again.
    hide(
        Files::equal().d(Put::Absent),
        "hide alice/ACME U-- unlisted; 1 in sync",
    );
    hide(
        Files::equal().u(Put::Absent),
        "hide alice/ACME --D unlisted; 1 in sync",
    );
    hide(
        Files::equal().d(Put::text("broken", 0o644)),
        "hide alice/ACME U-D unlisted; 1 in sync",
    );
    hide(
        Files::equal().u(Put::text("{]", 0o644)),
        "blocked alice/ACME: it should be hidden, but its userconfig is not valid JSON \
         (line 1, column 2); name it `absent` to remove it; 1 in sync",
    );
    // Neither its token nor its modes are our business any more.
    hide(Files::hidden().a(Put::text("{", 0o644)), "2 in sync");
}

#[test]
fn the_rule_for_unlisted_links_asks_who_wrote_them() {
    for (rule, ours, foreign) in [
        (
            Unlisted::HideOwned,
            "hide alice/ACME U-D unlisted; 1 in sync",
            "1 in sync; 1 foreign",
        ),
        (
            Unlisted::HideAll,
            "hide alice/ACME U-D unlisted; 1 in sync",
            "hide alice/ACME U-D unlisted; 1 in sync",
        ),
        (
            Unlisted::RemoveOwned,
            "remove alice/ACME uad unlisted; 1 in sync",
            "1 in sync; 1 foreign",
        ),
        (
            Unlisted::Keep,
            "1 in sync; 1 of ours left",
            "1 in sync; 1 foreign",
        ),
    ] {
        check_unlisted(rule, Files::equal(), ours);
        let mut world = World::new();
        world.want("alice", "Other", as_is());
        world.put("alice", "Other", Files::equal().of_app("Other"));
        world.put("alice", "ACME", Files::equal());
        world.policy.unlisted = rule;
        world.check(foreign);
    }
}

#[test]
fn a_user_that_the_manifest_does_not_name_loses_only_what_is_ours() {
    let mut world = World::of(as_is(), Files::equal());
    world.put("bob", "ACME", Files::equal());
    for rule in [
        Unlisted::HideOwned,
        Unlisted::HideAll,
        Unlisted::RemoveOwned,
    ] {
        world.policy.unlisted = rule;
        world.check("1 in sync; 1 foreign");
    }
    world.own("bob", "ACME");
    world.policy.allowances.user_gone = Some(1);
    world.check("remove bob/ACME uad unlisted; 1 in sync");
    world.policy.unlisted = Unlisted::HideAll;
    world.check("hide bob/ACME U-D unlisted; 1 in sync");
}

#[test]
fn a_secret_without_a_link_stays_where_nothing_names_it() {
    let orphan = Files {
        u: Put::Absent,
        a: Files::equal().a,
        d: Put::Absent,
    };
    check_unlisted(Unlisted::HideOwned, orphan.clone(), "2 in sync");
    check_unlisted(
        Unlisted::RemoveOwned,
        orphan,
        "remove alice/ACME -a- unlisted; 1 in sync",
    );
}

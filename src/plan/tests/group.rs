//! Menu groups: changes like links, before the links that stand in them.

use super::world::{Files, Put, World, wanted_with};
use crate::model::{Obstacle, Wanted};
use crate::plan::{GlobSet, Unlisted};

fn in_group() -> Wanted {
    wanted_with(|d| d.link.group_id = Some("acme".to_owned()))
}

fn in_group_files() -> Files {
    Files::equal()
        .u_text(r#""order""#, r#""group_id":"acme","order""#)
        .d_text("preferences", "acme")
}

fn u() -> Put {
    Put::text(r#"{"label":"Acme","order":"1"}"#, 0o644)
}

fn d() -> Put {
    Put::text(
        r#"[{"type":"image","subtype":"img","imgtype":"icon","file":"group_acme","group":"acme",
        "description":"$LANG{'Acme'}","groupdesc":"$LANG{'Acme'}","grouporder":1}]"#,
        0o644,
    )
}

/// A user with a link in sync, in a group whose files are given.
fn world(u: &Put, d: &Put) -> World {
    let mut world = World::of(in_group(), in_group_files());
    world.want_group("alice", "acme", "Acme");
    world.put_group("alice", "acme", u, d);
    world
}

#[track_caller]
fn check(u: &Put, d: &Put, expect: &str) {
    world(u, d).check(expect);
}

#[test]
fn a_group_is_created_before_its_links() {
    let mut world = World::new();
    world.want("alice", "ACME", in_group());
    world.want_group("alice", "acme", "Acme");
    world.check("create alice/group:acme U-D new; create alice/ACME UAD new");
}

#[test]
fn a_group_is_compared_by_values_and_made_whole() {
    let group = "replace alice/group:acme";
    for (u, d, expect) in [
        (u(), d(), String::new()),
        (
            Put::text(r#"{"order":1,"label":"\u0041cme","x":1}"#, 0o644),
            d(),
            String::new(),
        ),
        (
            Put::text(r#"{"label":"Old","order":1}"#, 0o644),
            d(),
            format!("{group} U-- adopt fields; "),
        ),
        (
            u(),
            Put::text("[{}]", 0o644),
            format!("{group} --D adopt menu; "),
        ),
        (u(), Put::Absent, format!("{group} --D adopt menu; ")),
        (Put::Absent, d(), format!("{group} U-- adopt broken; ")),
        (
            u(),
            Put::text("", 0o644),
            format!("{group} --D adopt broken; "),
        ),
        (
            Put::text(r#"{"label":"Acme","order":"1"}"#, 0o600),
            d(),
            format!("{group} U-- adopt mode; "),
        ),
    ] {
        let in_sync = if expect.is_empty() { 2 } else { 1 };
        check(&u, &d, &format!("{expect}{in_sync} in sync"));
    }
}

#[test]
fn a_group_that_cannot_be_handled_blocks_the_links_in_it() {
    let mut world = world(&u(), &Put::Obstacle(Obstacle::Directory));
    world.want("alice", "Free", wanted_with(|_| {}));
    world.want("bob", "ACME", in_group());
    world.want_group("bob", "acme", "Acme");
    world.check(
        "create alice/Free UAD new; create bob/group:acme U-D new; create bob/ACME UAD new; \
         blocked alice/group:acme: its menu entry is a directory; \
         blocked alice/ACME: the group `acme` it stands in is blocked",
    );
}

#[test]
fn groups_that_nothing_declares_are_left_alone() {
    let mut world = World::of(wanted_with(|_| {}), Files::equal());
    world.put_group("alice", "old", &u(), &d());
    for rule in [Unlisted::HideAll, Unlisted::RemoveOwned] {
        world.policy.unlisted = rule;
        world.check("1 in sync");
    }
}

#[test]
fn a_group_is_in_scope_where_a_link_in_it_is() {
    let mut world = World::new();
    world.want("alice", "ACME", in_group());
    world.want("alice", "Free", wanted_with(|_| {}));
    world.want_group("alice", "acme", "Acme");
    let globs = |glob| GlobSet::parse([glob]).unwrap();
    world.policy.scope.apps = globs("Free");
    world.check("create alice/Free UAD new");
    world.policy.scope.apps = globs("ACM*");
    world.check("create alice/group:acme U-D new; create alice/ACME UAD new");
    world.policy.scope.apps = GlobSet::default();
    world.policy.scope.exclude_apps = globs("ACME");
    world.check("create alice/Free UAD new");
}

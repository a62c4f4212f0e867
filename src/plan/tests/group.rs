//! Menu groups: changes like links, before the links that stand in them.

use super::world::{self, Files, Put, World, wanted_with};
use crate::model::{DesiredToken, Obstacle, Wanted};
use crate::plan::{Change, GlobSet, GroupAction, Unlisted};

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
fn groups_that_are_not_ours_are_left_alone() {
    let mut world = World::of(wanted_with(|_| {}), Files::equal());
    world.put_group("alice", "old", &u(), &d());
    for rule in [Unlisted::HideAll, Unlisted::RemoveOwned] {
        world.policy.unlisted = rule;
        world.check("1 in sync");
    }
}

/// Alice has a group of ours on disk, under `remove-owned`, and one link that
/// is wanted in no group; her files of it are given.
fn unlisted(files: Files) -> World {
    let mut world = World::of(wanted_with(|_| {}), files);
    world.put_group("alice", "acme", &u(), &d());
    world
        .owned
        .insert_group(world::user("alice"), world::group("acme"));
    world.own("alice", "ACME");
    world.policy.unlisted = Unlisted::RemoveOwned;
    world
}

#[test]
fn a_group_of_ours_goes_once_no_link_names_it() {
    unlisted(Files::equal()).check("remove alice/group:acme u-d unlisted; 1 in sync");
    for rule in [Unlisted::HideOwned, Unlisted::HideAll, Unlisted::Keep] {
        let mut world = unlisted(Files::equal());
        world.policy.unlisted = rule;
        world.check("1 in sync");
    }
    // Half of it is there.
    let mut world = unlisted(Files::equal());
    world.put_group("alice", "acme", &u(), &Put::Absent);
    world.check("remove alice/group:acme u-- unlisted; 1 in sync");
    world.put_group("alice", "acme", &Put::text("{", 0o644), &d());
    world.check("remove alice/group:acme u-d unlisted; 1 in sync");
    world.put_group("alice", "acme", &u(), &Put::Obstacle(Obstacle::Symlink));
    world.check(
        "blocked alice/group:acme: its menu entry is a symbolic link, which is never followed; \
         1 in sync",
    );
}

#[test]
fn a_group_goes_after_the_links_that_leave_it_and_remembers_them() {
    let mut world = unlisted(in_group_files());
    world.put("alice", "Zoo", in_group_files().of_app("Zoo"));
    world.own("alice", "Zoo");
    // Never in it, and no reason to keep it.
    world.put("alice", "Free", Files::equal().of_app("Free"));
    world.want("alice", "Free", wanted_with(|_| {}));
    world.want("bob", "ACME", wanted_with(|_| {}));
    world.check(
        "replace alice/ACME U-D fields; remove alice/Zoo uad unlisted; \
         remove alice/group:acme u-d unlisted; create bob/ACME UAD new; 1 in sync",
    );
    let plan = world.plan();
    let leaving = plan.changes.iter().find_map(|change| match change {
        Change::Group(group) => match &group.action {
            GroupAction::Remove { leaving, .. } => Some(leaving.clone()),
            GroupAction::Create { .. } | GroupAction::Replace { .. } => None,
        },
        Change::Link(_) => None,
    });
    let expect = ["ACME", "Zoo"].map(world::app);
    assert_eq!(leaving, Some(expect.into()));
    assert!(plan.guards.headroom.iter().all(|guard| guard.count <= 1));
}

#[test]
fn a_group_stays_where_a_link_that_stays_may_name_it() {
    let moved = "replace alice/ACME U-D fields";
    // A link of somebody else: in the group by both of its files, or by one of
    // them; or one that cannot be read. Last one that is elsewhere.
    for (files, expect) in [
        (in_group_files(), "; 1 foreign"),
        (
            in_group_files().d_text("acme", "preferences"),
            "; 1 foreign",
        ),
        (
            in_group_files().u_text("acme", "preferences"),
            "; 1 foreign",
        ),
        (Files::equal().u(Put::text("{", 0o644)), "; 1 foreign"),
        (
            Files::equal().u(Put::Obstacle(Obstacle::Directory)),
            "; 1 foreign",
        ),
        (Files::equal().d(Put::text("[", 0o644)), "; 1 foreign"),
        (
            Files::equal().d(Put::Obstacle(Obstacle::Directory)),
            "; 1 foreign",
        ),
        (
            Files::equal(),
            "; remove alice/group:acme u-d unlisted; 1 foreign",
        ),
    ] {
        let mut world = unlisted(in_group_files());
        world.put("alice", "Theirs", files);
        world.check(&format!("{moved}{expect}"));
    }
    // To be removed, but blocked.
    let mut world = unlisted(in_group_files());
    let stuck = in_group_files().a(Put::Obstacle(Obstacle::Directory));
    world.put("alice", "Zoo", stuck).own("alice", "Zoo");
    world.check(&format!(
        "{moved}; blocked alice/Zoo: its adminconfig is a directory"
    ));
}

#[test]
fn a_group_stays_where_the_manifest_puts_a_link_in_it() {
    // Without declaring it; and the link is blocked, so not there yet.
    for link in [
        in_group(),
        wanted_with(|d| {
            d.link.group_id = Some("acme".to_owned());
            d.token = DesiredToken::Keep;
        }),
    ] {
        let mut world = unlisted(Files::equal());
        world.want("alice", "New", link);
        let plan = world.plan();
        assert!(!plan.changes.iter().any(|c| matches!(c, Change::Group(_))));
    }
    // What is in no group by name is in `preferences`.
    let mut world = unlisted(Files::equal());
    world.put_group("alice", "preferences", &u(), &d());
    world
        .owned
        .insert_group(world::user("alice"), world::group("preferences"));
    world.check("remove alice/group:acme u-d unlisted; 1 in sync");
}

#[test]
fn a_scope_of_apps_keeps_all_groups_and_one_of_users_does_not() {
    let mut world = unlisted(Files::equal());
    let globs = |glob| GlobSet::parse([glob]).unwrap();
    world.policy.scope.users = globs("alice");
    world.check("remove alice/group:acme u-d unlisted; 1 in sync");
    world.policy.scope.apps = globs("ACME");
    world.check("1 in sync");
    world.policy.scope.apps = GlobSet::default();
    world.policy.scope.exclude_apps = globs("Other");
    world.check("1 in sync");
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

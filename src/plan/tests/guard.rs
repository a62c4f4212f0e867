//! Guards at their boundaries: the last number that passes and the first
//! that does not.

use super::world::{Files, Put, World, as_is, wanted_with};
use crate::model::Wanted;
use crate::plan::{Allowances, Census, GlobSet, Guard, Limits, Percent, Planner, Unlisted};

/// What is said of a link that is there.
#[derive(Clone, Copy)]
enum Say {
    Same,
    Hide,
    Absent,
    Rename,
    Chmod,
    /// Hidden on disk, and to stay so.
    Hidden,
}

/// A world of so many links of one user for each saying.
fn world(links: &[(usize, Say)]) -> World {
    let mut world = World::new();
    let mut number = 0;
    for &(count, say) in links {
        for _ in 0..count {
            let app = format!("App{number:03}");
            number += 1;
            let mut files = Files::equal().of_app(&app);
            if let Say::Chmod = say {
                files = files.a(Put::text(r#"{"token":"abc"}"#, 0o644));
            }
            if let Say::Hidden = say {
                files = Files::hidden().of_app(&app);
            }
            let wanted = match say {
                Say::Same | Say::Chmod => as_is(),
                Say::Hide | Say::Hidden => wanted_with(|d| d.link.hide = true),
                Say::Absent => Wanted::Absent,
                Say::Rename => wanted_with(|d| d.link.label = Some("New".to_owned())),
            };
            world.want("alice", &app, wanted);
            world.put("alice", &app, files);
        }
    }
    world
}

fn refusals(world: &World) -> Vec<String> {
    let refusals = world.plan().guards.refusals;
    let shown = refusals
        .iter()
        .map(|r| format!("{} {}/{}", r.guard.name(), r.count, r.of));
    shown.collect()
}

#[track_caller]
fn check(links: &[(usize, Say)], expect: &[&str]) {
    assert_eq!(refusals(&world(links)), expect);
}

#[test]
fn below_ten_links_only_all_of_more_than_two_are_refused() {
    for say in [Say::Hide, Say::Absent] {
        check(&[(1, say)], &[]);
        check(&[(2, say)], &[]);
        check(&[(3, say)], &["hide 3/3"]);
        check(&[(8, say), (1, Say::Same)], &[]);
        check(&[(9, say)], &["hide 9/9"]);
    }
    check(&[(2, Say::Hide), (1, Say::Absent)], &["hide 3/3"]);
    check(&[(9, Say::Rename)], &[]);
}

#[test]
fn from_ten_links_on_three_in_ten_may_be_hidden_or_removed() {
    check(&[(3, Say::Hide), (7, Say::Same)], &[]);
    check(&[(4, Say::Hide), (6, Say::Same)], &["hide 4/10"]);
    check(&[(30, Say::Absent), (70, Say::Same)], &[]);
    check(&[(31, Say::Absent), (69, Say::Same)], &["hide 31/100"]);
    check(
        &[(16, Say::Absent), (15, Say::Hide), (69, Say::Same)],
        &["hide 31/100"],
    );
}

#[test]
fn links_that_are_hidden_already_make_no_share_smaller() {
    check(&[(30, Say::Absent), (70, Say::Hidden)], &["hide 30/30"]);
    check(&[(3, Say::Hide), (97, Say::Hidden)], &["hide 3/3"]);
    check(&[(3, Say::Hide), (7, Say::Same), (90, Say::Hidden)], &[]);
}

#[test]
fn from_ten_links_on_half_of_them_may_be_replaced() {
    check(&[(5, Say::Rename), (5, Say::Same)], &[]);
    check(&[(6, Say::Rename), (4, Say::Same)], &["replace 6/10"]);
    check(&[(50, Say::Rename), (50, Say::Same)], &[]);
    check(&[(51, Say::Rename), (49, Say::Same)], &["replace 51/100"]);
}

#[test]
fn a_mode_put_right_is_no_replace_to_guard_against() {
    check(&[(100, Say::Chmod)], &[]);
    check(&[(49, Say::Chmod), (51, Say::Rename)], &["replace 51/100"]);
}

#[test]
fn links_to_create_are_not_among_those_in_reach() {
    let mut world = world(&[(3, Say::Hide)]);
    for number in 0..20 {
        world.want("alice", &format!("New{number}"), as_is());
    }
    assert_eq!(refusals(&world), ["hide 3/3"]);
}

#[test]
fn foreign_links_that_are_left_alone_are_not_in_reach() {
    let mut world = world(&[(4, Say::Absent), (6, Say::Same)]);
    for number in 0..90 {
        let app = format!("WHMCS_{number}");
        world.put("alice", &app, Files::equal().of_app(&app));
    }
    assert_eq!(refusals(&world), ["hide 4/10"]);
    world.policy.scope.exclude_apps = GlobSet::parse(["App009"]).unwrap();
    assert_eq!(refusals(&world), [""; 0]);
}

#[test]
fn an_exact_allowance_passes_and_one_less_does_not() {
    let mut hidden = world(&[(31, Say::Hide), (69, Say::Same)]);
    let mut replaced = world(&[(51, Say::Rename), (49, Say::Same)]);
    let mut few = world(&[(3, Say::Absent)]);
    for (allowance, hide, replace, all) in [
        (None, 1, 1, 1),
        (Some(2), 1, 1, 1),
        (Some(3), 1, 1, 0),
        (Some(30), 1, 1, 0),
        (Some(31), 0, 1, 0),
        (Some(50), 0, 1, 0),
        (Some(51), 0, 0, 0),
        (Some(1000), 0, 0, 0),
    ] {
        let allowances = Allowances {
            hide: allowance,
            replace: allowance,
            ..Allowances::default()
        };
        for (world, expect) in [
            (&mut hidden, hide),
            (&mut replaced, replace),
            (&mut few, all),
        ] {
            world.policy.allowances = allowances.clone();
            assert_eq!(refusals(world).len(), expect, "{allowance:?}");
        }
    }
}

#[test]
fn an_allowance_for_one_guard_is_none_for_another() {
    let mut world = world(&[(40, Say::Hide), (60, Say::Rename)]);
    assert_eq!(refusals(&world), ["hide 40/100", "replace 60/100"]);
    world.policy.allowances.hide = Some(100);
    assert_eq!(refusals(&world), ["replace 60/100"]);
    world.policy.allowances.user_gone = Some(100);
    world.policy.allowances.replace = Some(60);
    assert_eq!(refusals(&world), [""; 0]);
}

#[test]
fn a_stricter_limit_is_the_one_that_holds() {
    let mut world = world(&[(11, Say::Hide), (10, Say::Rename), (79, Say::Same)]);
    world.policy.limits = Limits {
        hide: Percent(10),
        replace: Percent(10),
        user_gone: Percent(0),
    };
    assert_eq!(refusals(&world), ["hide 11/100"]);
}

/// So many users we own a link of, of whom the manifest still names `named`.
fn users(named: usize, gone: usize) -> World {
    let mut world = World::new();
    world.policy.unlisted = Unlisted::HideOwned;
    for number in 0..named + gone {
        let user = format!("user{number:03}");
        world.put(&user, "ACME", Files::equal()).own(&user, "ACME");
        if number < named {
            world.want(&user, "ACME", as_is());
        }
    }
    world
}

#[test]
fn one_user_in_twenty_may_leave_and_no_more_than_twenty() {
    for (named, gone, expect) in [
        (19, 1, &[] as &[&str]),
        (18, 1, &["user-gone 1/19"]),
        (95, 5, &[]),
        (94, 6, &["user-gone 6/100"]),
        (980, 20, &[]),
        (979, 21, &["user-gone 21/1000"]),
    ] {
        let world = users(named, gone);
        assert_eq!(refusals(&world), expect, "{named} named, {gone} gone");
    }
    let mut world = users(94, 6);
    world.policy.allowances.user_gone = Some(5);
    assert_eq!(refusals(&world), ["user-gone 6/100"]);
    world.policy.allowances.user_gone = Some(6);
    assert_eq!(refusals(&world), [""; 0]);
}

#[test]
fn what_users_that_left_lose_is_not_counted_as_hidden() {
    let mut world = users(3, 7);
    world.policy.allowances.user_gone = Some(7);
    assert_eq!(refusals(&world), [""; 0]);
    assert_eq!(world.plan().changes.len(), 7);
}

#[test]
fn a_user_that_left_and_is_hidden_already_is_not_counted_again() {
    let mut world = World::new();
    world.policy.unlisted = Unlisted::HideOwned;
    world.want("alice", "ACME", as_is());
    for user in ["bob", "carol"] {
        world.put(user, "ACME", Files::hidden()).own(user, "ACME");
    }
    assert_eq!(refusals(&world), [""; 0]);
}

#[test]
fn a_manifest_without_a_link_is_refused_whatever_is_allowed() {
    let mut world = World::new();
    world.desired("alice");
    world
        .put("alice", "ACME", Files::equal())
        .own("alice", "ACME");
    world.policy.unlisted = Unlisted::HideOwned;
    world.policy.allowances = Allowances {
        hide: Some(1000),
        replace: Some(1000),
        user_gone: Some(1000),
        new_host: Some(1000),
        ..Allowances::default()
    };
    assert_eq!(refusals(&world), ["empty 0/0"]);
    assert_eq!(refusals(&World::new()), ["empty 0/0"]);
    let mut absent = World::new();
    absent.want("alice", "ACME", Wanted::Absent);
    assert_eq!(refusals(&absent), [""; 0]);
}

#[test]
fn a_refusal_names_the_first_ten_and_the_headroom_the_rest() {
    let world = world(&[(40, Say::Hide), (60, Say::Rename)]);
    let guards = world.plan().guards;
    let hide = &guards.refusals[0];
    assert_eq!(hide.first.len(), 10);
    assert_eq!(hide.first[0], "alice/App000");
    assert_eq!(
        hide.to_string(),
        "40 of 100 links would be hidden or removed, the limit is 30 %"
    );
    let shares: Vec<_> = guards
        .headroom
        .iter()
        .map(|h| (h.guard, h.count, h.of))
        .collect();
    assert_eq!(
        shares,
        [
            (Guard::Hide, 40, 100),
            (Guard::Replace, 60, 100),
            (Guard::UserGone, 0, 0),
            (Guard::NewHost, 0, 100)
        ]
    );
}

#[test]
fn a_few_users_are_held_against_all() {
    // All of ten links of one user are replaced: too much, and next to nothing
    // among a thousand.
    let world = world(&[(10, Say::Rename)]);
    let count = |census: Option<Census>| {
        let policy = &world.policy;
        let planner = Planner::new(&world.owned, policy);
        let mut planner = match census {
            Some(census) => planner.among(census),
            None => planner,
        };
        world.add_to(&mut planner);
        planner.finish().guards
    };
    assert_eq!(count(None).refusals.len(), 1);
    let census = Census {
        named: 1000,
        in_reach: 1000,
        showing: 900,
        owned_users: 100,
    };
    let guards = count(Some(census));
    assert_eq!(guards.refusals, []);
    assert_eq!(Census::of(&guards, 1000), census);
    // What they are by now counts, if that is more.
    assert_eq!(count(Some(Census::default())), count(None));
}

#[test]
fn what_was_carried_out_is_counted_as_the_next_look_at_all_would() {
    for (say, in_reach, showing) in [
        (Say::Rename, 10, 10),
        (Say::Hide, 10, 0),
        (Say::Absent, 0, 0),
    ] {
        let world = world(&[(10, say)]);
        let mut planner = Planner::new(&world.owned, &world.policy);
        world.add_to(&mut planner);
        let plan = planner.finish();
        let mut census = Census::of(&plan.guards, 10);
        assert_eq!((census.in_reach, census.showing), (10, 10));
        assert_eq!(plan.changes.len(), 10);
        for change in &plan.changes {
            census.count(change);
        }
        assert_eq!((census.in_reach, census.showing), (in_reach, showing));
    }
}

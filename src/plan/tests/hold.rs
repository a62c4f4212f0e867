//! Changes that wait: what a pause covers, what waits along with it, and what
//! that means for guards and digests.

use super::world::{Files, Put, World, app, as_is, group, known, user, wanted_with};
use crate::model::{ActualGroup, ActualLink, Folder, Lies, Wanted};
use crate::plan::{
    Address, Change, FolderMend, Found, GlobSet, GroupAction, Hold, Holds, Intent, Pause, Plan,
    Unlisted, Waiting,
};
use proptest::prelude::*;

fn pause(number: u64, users: &[&str], apps: &[&str], until: u64) -> Pause {
    let globs = |globs: &[&str]| GlobSet::parse(globs.iter().copied()).unwrap();
    Pause {
        number,
        users: globs(users),
        apps: globs(apps),
        since: 10,
        until,
        who: "root".to_owned(),
        reason: format!("pause {number}"),
    }
}

fn hold(until: u64) -> Hold {
    Hold::Paused {
        pause: 9,
        until,
        reason: "exact".to_owned(),
    }
}

fn in_group() -> Wanted {
    wanted_with(|d| d.link.group_id = Some("acme".to_owned()))
}

fn in_group_files() -> Files {
    Files::equal()
        .u_text(r#""order""#, r#""group_id":"acme","order""#)
        .d_text("preferences", "acme")
}

/// A group with two links to be made, and a folder to be mended, of two users.
fn world() -> World {
    let mut world = World::new();
    for name in ["alice", "bob"] {
        world.want_group(name, "acme", "Acme");
        world.want(name, "ACME_a", in_group());
        world.want(name, "Other", as_is());
        let actual = world.actual(name);
        if let Folder::Present(found) = &mut actual.menu_folder {
            found.mode = 0o700;
        }
    }
    world
}

#[track_caller]
fn check(paused: Vec<Pause>, expect: &str) {
    let mut world = world();
    world.policy.holds.paused = paused;
    world.check(expect);
}

const BOBS: &str = "create bob/group:acme U-D new; create bob/ACME_a UAD new; \
                    create bob/Other UAD new; mend bob dynamicui 0700 to 0750";

#[test]
fn a_pause_holds_what_its_globs_cover() {
    let alices = "held mend alice/folder:dynamicui until 20; held create alice/group:acme until \
                  20; held create alice/ACME_a until 20; held create alice/Other until 20";
    check(
        vec![pause(1, &["al*"], &[], 20)],
        &format!("{BOBS}; {alices}"),
    );
    let bobs = alices.replace("alice", "bob");
    check(vec![pause(1, &[], &[], 20)], &format!("{alices}; {bobs}"));
    // Of a pause of apps the groups and folders go on.
    check(
        vec![pause(1, &["alice"], &["ACME_*"], 20)],
        &format!(
            "create alice/group:acme U-D new; create alice/Other UAD new; {}; {}; held create \
             alice/ACME_a until 20",
            BOBS.replace("; mend bob dynamicui 0700 to 0750", ""),
            "mend alice dynamicui 0700 to 0750; mend bob dynamicui 0700 to 0750"
        ),
    );
    check(vec![pause(1, &["carol", "ali"], &[], 20)], &{
        let alice = BOBS.replace("bob", "alice");
        let (changes, folder) = alice.split_once("; mend").unwrap();
        let (others, other) = BOBS.split_once("; mend").unwrap();
        format!("{changes}; {others}; mend{folder}; mend{other}")
    });
}

#[test]
fn the_pause_that_lasts_longest_is_why_and_ends_at_its_second() {
    let holds = |paused| {
        let mut world = World::new();
        world.want("alice", "ACME", as_is());
        world.policy.holds.paused = paused;
        world.plan().held.into_iter().next().unwrap().why
    };
    let paused = vec![
        pause(1, &[], &[], 20),
        pause(2, &["alice"], &[], 30),
        pause(3, &[], &["ACME"], 30),
    ];
    let expect = Hold::Paused {
        pause: 2,
        until: 30,
        reason: "pause 2".to_owned(),
    };
    assert_eq!(holds(paused.clone()), expect);
    assert_eq!(holds(paused.into_iter().rev().collect()), expect);
    let pause = pause(1, &[], &[], 20);
    for (now, is_active) in [(0, true), (19, true), (20, false), (u64::MAX, false)] {
        assert_eq!(pause.is_active(now), is_active, "{now}");
    }
}

#[test]
fn links_wait_with_the_group_that_they_would_newly_stand_in() {
    let mut world = World::new();
    world.want_group("alice", "acme", "Acme");
    world.want("alice", "New", in_group());
    world.want("alice", "Elsewhere", as_is());
    // One that stands in it already, and changes for another reason.
    world.put("alice", "There", in_group_files().of_app("There"));
    world.want(
        "alice",
        "There",
        wanted_with(|d| {
            d.link.group_id = Some("acme".to_owned());
            d.link.label = Some("Bills".to_owned());
        }),
    );
    let address = Address::Group(user("alice"), group("acme"));
    world.policy.holds.exact.insert(address, hold(20));
    world.check(
        "create alice/Elsewhere UAD new; replace alice/There U-D adopt fields; held create \
         alice/group:acme until 20; held create alice/New until 20",
    );
    // A group that is as it should be holds nothing back.
    let (u, d) = group_files();
    world.put_group("alice", "acme", &u, &d);
    world.check(
        "create alice/Elsewhere UAD new; create alice/New UAD new; replace alice/There U-D adopt \
         fields; 1 in sync",
    );
}

fn group_files() -> (Put, Put) {
    let d = r#"[{"type":"image","subtype":"img","imgtype":"icon","file":"group_acme",
        "group":"acme","description":"$LANG{'Acme'}","groupdesc":"$LANG{'Acme'}","grouporder":1}]"#;
    (
        Put::text(r#"{"label":"Acme","order":"1"}"#, 0o644),
        Put::text(d, 0o644),
    )
}

/// A group of ours and two links in it, all of which are to go.
fn leaving() -> World {
    let mut world = World::new();
    let (u, d) = group_files();
    world.put_group("alice", "acme", &u, &d);
    world.desired("alice");
    for name in ["One", "Two"] {
        world.put("alice", name, in_group_files().of_app(name));
        world.own("alice", name);
    }
    world.owned.insert_group(user("alice"), group("acme"));
    world.policy.unlisted = Unlisted::RemoveOwned;
    // So that not all there is goes.
    world.want("bob", "ACME", as_is());
    world.put("bob", "ACME", Files::equal()).own("bob", "ACME");
    world
}

#[test]
fn a_group_stays_while_a_link_that_names_it_waits() {
    let mut world = leaving();
    world.check(
        "remove alice/One uad unlisted; remove alice/Two uad unlisted; remove alice/group:acme \
         u-d unlisted; 1 in sync",
    );
    world.policy.holds.paused = vec![pause(1, &[], &["Two"], 20)];
    world.check(
        "remove alice/One uad unlisted; held remove alice/Two until 20; held remove \
         alice/group:acme until 20; 1 in sync",
    );
}

#[test]
fn what_waits_is_no_business_of_a_guard() {
    let mut world = World::new();
    world.policy.unlisted = Unlisted::HideOwned;
    for number in 0..12 {
        let name = format!("user{number}");
        world.put(&name, "ACME", Files::equal()).own(&name, "ACME");
        if number > 5 {
            world.want(&name, "ACME", as_is());
        }
    }
    assert_eq!(refused(&world.plan()), ["user-gone"]);
    world.policy.holds.paused = vec![pause(1, &["user[0-5]"], &[], 20)];
    assert_eq!(refused(&world.plan()), [""; 0]);
    // Nor is where a token would go.
    let mut world = World::of(
        wanted_with(|d| {
            d.link.autologin_token_url = Some("https://b.example/".to_owned());
            d.token = known("abc");
        }),
        Files::equal().u_text(
            r#""order""#,
            r#""autologin_token_url":"https://a.example/","order""#,
        ),
    );
    assert_eq!(refused(&world.plan()), ["new-host"]);
    world
        .policy
        .holds
        .exact
        .insert(link("alice", "ACME"), hold(20));
    assert_eq!(refused(&world.plan()), [""; 0]);
}

#[test]
fn what_is_gone_while_a_person_works_on_it_stays_recorded() {
    let mut world = World::new();
    world.desired("alice");
    world.own("alice", "ACME");
    assert_eq!(world.plan().unrecorded.gone, [link("alice", "ACME")]);
    world.policy.holds.paused = vec![pause(1, &["alice"], &[], 20)];
    assert!(world.plan().unrecorded.is_empty());
}

#[test]
fn an_undo_waits_as_any_plan_does() {
    let (u, d) = group_files();
    let there = ActualGroup {
        userconfig: u.read(crate::codec::group::parse),
        menu: d.read(crate::codec::menu::parse),
    };
    let away = ActualGroup {
        userconfig: Lies::Absent,
        menu: Lies::Absent,
    };
    let undone_group = |found: &ActualGroup| {
        let found = Box::new(found.clone());
        Found::Group(group("acme"), found)
    };
    let undone_link = |app_name: &str, found| Found::Link(app(app_name), Box::new(found));
    // What a run removed: the link comes back with its group.
    let mut world = World::new();
    world.actual("alice");
    let found = || {
        let link = in_group_files().read();
        vec![undone_link("ACME", link), undone_group(&there)]
    };
    let back = "create alice/group:acme --- undo; create alice/ACME --- undo";
    assert_eq!(world.undone("alice", found()), back);
    let address = Address::Group(user("alice"), group("acme"));
    world.policy.holds.exact.insert(address, hold(20));
    let held = "held create alice/group:acme until 20; held create alice/ACME until 20";
    assert_eq!(world.undone("alice", found()), held);
    // What a run made: the group goes with the last link in it.
    let mut world = leaving();
    let gone = || ActualLink {
        userconfig: Lies::Absent,
        adminconfig: Lies::Absent,
        menu: Lies::Absent,
    };
    let found = || {
        let links = ["One", "Two"].map(|name| undone_link(name, gone()));
        links.into_iter().chain([undone_group(&away)]).collect()
    };
    world.policy.holds.paused = vec![pause(1, &[], &["Two"], 20)];
    assert_eq!(
        world.undone("alice", found()),
        "remove alice/One --- undo; held remove alice/Two until 20; held remove \
         alice/group:acme until 20"
    );
    world.policy.holds.paused = vec![pause(1, &["alice"], &[], 20)];
    let nothing = world.undone("alice", found());
    assert_eq!(
        nothing,
        "held remove alice/One until 20; held remove alice/Two until 20; held remove \
         alice/group:acme until 20"
    );
}

fn link(name: &str, app_name: &str) -> Address {
    Address::Link(user(name), app(app_name))
}

fn refused(plan: &Plan) -> Vec<&'static str> {
    let refusals = plan.guards.refusals.iter();
    refusals.map(|refusal| refusal.guard.name()).collect()
}

/// What may be of one link: whether it is wanted and how, and what is there.
fn any_link() -> impl Strategy<Value = (u8, u8, bool)> {
    (0..5_u8, 0..5_u8, any::<bool>())
}

/// Worlds of three users with four apps and a group each.
fn any_world() -> impl Strategy<Value = World> {
    let users = proptest::collection::vec(
        (proptest::collection::vec(any_link(), 4), any::<[bool; 4]>()),
        3,
    );
    let rule = proptest::sample::select(Unlisted::ALL.to_vec());
    (users, rule).prop_map(|(users, (_, rule))| {
        let mut world = World::new();
        world.policy.unlisted = rule;
        for (number, (links, [wants_group, has_group, owns_group, odd])) in
            users.into_iter().enumerate()
        {
            let name = format!("user{number}");
            if odd {
                let actual = world.actual(&name);
                if let Folder::Present(found) = &mut actual.links_folder {
                    found.mode = 0o700;
                }
            }
            for (number, (wants, has, owns)) in links.into_iter().enumerate() {
                let app_name = format!("App{number}");
                put(&mut world, &name, &app_name, (wants, has, owns));
            }
            if wants_group {
                world.want_group(&name, "acme", "Acme");
            }
            if has_group {
                let (u, d) = group_files();
                world.put_group(&name, "acme", &u, &d);
            }
            if owns_group {
                world.owned.insert_group(user(&name), group("acme"));
            }
        }
        world
    })
}

fn put(world: &mut World, name: &str, app_name: &str, (wants, has, owns): (u8, u8, bool)) {
    let wanted = match wants {
        0 => None,
        1 => Some(Wanted::Absent),
        2 => Some(as_is()),
        3 => Some(wanted_with(|d| d.link.hide = true)),
        _ => Some(in_group()),
    };
    if let Some(wanted) = wanted {
        world.want(name, app_name, wanted);
    }
    let files = match has {
        0 => None,
        1 => Some(Files::equal()),
        2 => Some(Files::hidden()),
        3 => Some(Files::equal().u(Put::text("{", 0o644))),
        _ => Some(in_group_files()),
    };
    if let Some(files) = files {
        world.put(name, app_name, files.of_app(app_name));
    }
    if owns {
        world.own(name, app_name);
    }
}

/// Pauses of any users and apps, and exact holds.
fn any_holds() -> impl Strategy<Value = Holds> {
    let globs = |name: &'static str| {
        let glob = (0..4_usize).prop_map(move |n| format!("{name}{n}"));
        proptest::collection::vec(glob, 0..3)
    };
    let pause_of = (globs("user"), globs("App"), 1..4_u64);
    let address = (0..3_usize, 0..5_usize).prop_map(|(name, thing)| {
        let name = format!("user{name}");
        match thing {
            4 => Address::Group(user(&name), group("acme")),
            _ => link(&name, &format!("App{thing}")),
        }
    });
    let paused = proptest::collection::vec(pause_of, 0..3);
    let exact = proptest::collection::vec(address, 0..4);
    (paused, exact, any::<bool>()).prop_map(|(paused, exact, users_gone)| Holds {
        users_gone,
        paused: (1..)
            .zip(paused)
            .map(|(number, (users, apps, until))| {
                let texts = |globs: &[String]| GlobSet::parse(globs.iter().map(String::as_str));
                Pause {
                    users: texts(&users).unwrap(),
                    apps: texts(&apps).unwrap(),
                    ..pause(number, &[], &[], until)
                }
            })
            .collect(),
        exact: exact.into_iter().map(|a| (a, hold(7))).collect(),
    })
}

/// Changes and folders of a plan, those that wait with the others.
fn all_of(plan: &Plan) -> (Vec<Change>, Vec<FolderMend>) {
    let (mut changes, mut folders) = (plan.changes.clone(), plan.folders.clone());
    for held in &plan.held {
        match &held.what {
            Waiting::Change(change) => changes.push(change.clone()),
            Waiting::Folder(folder) => folders.push(folder.clone()),
        }
    }
    changes.sort_by_cached_key(Change::place);
    folders.sort();
    (changes, folders)
}

proptest! {
    #[test]
    fn what_waits_and_what_is_done_are_the_plan_without_holds(
        mut world in any_world(),
        holds in any_holds(),
    ) {
        let free = world.plan();
        world.policy.holds = holds;
        let plan = world.plan();
        prop_assert_eq!(all_of(&plan), (free.changes.clone(), free.folders.clone()));
        prop_assert_eq!(&plan.blocked, &free.blocked);
        prop_assert_eq!(&plan.counts, &free.counts);
        for change in &plan.changes {
            prop_assert!(world.policy.holds.of(&change.address()).is_none());
        }
        // A hold never makes a guard refuse what it let through.
        let without = refused(&free);
        for guard in refused(&plan) {
            prop_assert!(without.contains(&guard), "{}", guard);
        }
        // Whatever names a group on disk and waits keeps the group.
        for change in &plan.changes {
            let Change::Group(group) = change else { continue };
            let GroupAction::Remove { leaving, .. } = &group.action else { continue };
            for app in leaving {
                let address = Address::Link(group.user.clone(), app.clone());
                prop_assert!(plan.changes.iter().any(|c| c.address() == address));
            }
        }
    }

    #[test]
    fn nothing_is_done_while_everything_waits(mut world in any_world()) {
        let free = world.plan();
        world.policy.holds.paused = vec![pause(1, &[], &[], 20)];
        let plan = world.plan();
        prop_assert!(plan.is_empty());
        prop_assert_eq!(plan.held.len(), free.changes.len() + free.folders.len());
        let digest = |plan: &Plan| {
            let intent = Intent::Manifest(world.policy.unlisted);
            plan.digest(intent, &world.policy.scope)
        };
        let nothing = Plan { changes: Vec::new(), ..free };
        prop_assert_eq!(digest(&plan), digest(&nothing));
    }
}

#[test]
fn who_left_the_manifest_waits_where_that_is_asked_for() {
    let mut world = World::new();
    for name in ["alice", "bob"] {
        world.put(name, "ACME", Files::equal()).own(name, "ACME");
    }
    world.want("bob", "ACME", wanted_with(|d| d.link.hide = true));
    world.policy.unlisted = Unlisted::HideOwned;
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.held.len()), (2, 0));
    world.policy.holds.users_gone = true;
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.held.len()), (1, 1));
    let held = plan.held.first().unwrap();
    assert_eq!((&held.why, held.user()), (&Hold::UserGone, &user("alice")));
    // It is no wish, so no guard has to refuse it.
    assert!(plan.guards.headroom.iter().all(|h| h.count <= 1));
}

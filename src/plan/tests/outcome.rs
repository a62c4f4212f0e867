//! Every row of the table in `plan::link`, the states of the three files of a
//! link (`cpanel-links.md` 1.12), modes, owners, and what blocks a link.

use super::unlisted::check_unlisted;
use super::world::{Files, Put, World, as_is, user, wanted_with};
use crate::model::{Account, Folder, Obstacle, Ownership, Wanted};
use crate::plan::{FileOwner, Unlisted};

#[track_caller]
fn check(wanted: Wanted, files: Files, expect: &str) {
    World::of(wanted, files).check(expect);
}

fn hidden() -> Wanted {
    wanted_with(|d| d.link.hide = true)
}

fn labelled() -> Wanted {
    wanted_with(|d| d.link.label = Some("Bills".to_owned()))
}

#[test]
fn a_declared_link_is_created_replaced_hidden_or_in_sync() {
    let mut world = World::new();
    world.want("alice", "ACME", as_is());
    world.check("create alice/ACME UAD new");
    check(as_is(), Files::equal(), "1 in sync");
    check(hidden(), Files::hidden(), "1 in sync");
    check(
        labelled(),
        Files::equal(),
        "replace alice/ACME U-D adopt fields",
    );
    check(
        hidden(),
        Files::equal(),
        "hide alice/ACME U-D adopt fields declared-hidden",
    );
    check(
        as_is(),
        Files::hidden(),
        "replace alice/ACME U-D adopt fields unhide",
    );
    // It shows although its fields say otherwise: the menu entry counts.
    check(
        hidden(),
        Files::hidden().d_text(r#""if":"0","#, ""),
        "hide alice/ACME --D adopt menu declared-hidden",
    );
    check(
        hidden(),
        Files::hidden().d(Put::Absent),
        "replace alice/ACME --D adopt menu",
    );
}

#[test]
fn a_link_of_ours_is_not_adopted() {
    let mut world = World::of(labelled(), Files::equal());
    world.own("alice", "ACME");
    world.check("replace alice/ACME U-D fields");
    let mut world = World::of(as_is(), Files::equal());
    world.own("alice", "Other").own("bob", "ACME");
    world.check("1 in sync");
}

#[test]
fn each_state_of_the_three_files_is_made_whole() {
    let (absent, equal) = (Put::Absent, Files::equal());
    for (u, a, d, expect) in [
        (1, 1, 1, "1 in sync"),
        (1, 0, 1, "replace alice/ACME -A- adopt token broken"),
        (1, 1, 0, "replace alice/ACME --D adopt menu"),
        (1, 0, 0, "replace alice/ACME -AD adopt token menu broken"),
        (0, 1, 1, "replace alice/ACME U-- adopt broken"),
        (0, 0, 1, "replace alice/ACME UA- adopt token broken"),
        (0, 1, 0, "replace alice/ACME U-D adopt menu broken"),
    ] {
        let pick = |is_there, put: &Put| if is_there == 1 { put } else { &absent }.clone();
        let files = Files {
            u: pick(u, &equal.u),
            a: pick(a, &equal.a),
            d: pick(d, &equal.d),
        };
        check(as_is(), files.clone(), expect);
        // Whatever is left of a link, `absent` removes just that.
        let letter = |is_there, letter| if is_there == 1 { letter } else { '-' };
        let touch: String = [letter(u, 'u'), letter(a, 'a'), letter(d, 'd')]
            .iter()
            .collect();
        let expect = format!("remove alice/ACME {touch} declared-absent");
        let mut world = World::of(Wanted::Absent, files);
        world.check(&expect);
        world.own("alice", "ACME");
        world.check(&expect);
    }
    let mut world = World::new();
    world.want("alice", "ACME", Wanted::Absent);
    world.check("1 in sync");
}

#[test]
fn a_file_that_does_not_parse_is_written_anew() {
    let broken = |mode| Put::text("{", mode);
    check(
        as_is(),
        Files::equal().u(broken(0o644)),
        "replace alice/ACME U-- adopt broken",
    );
    check(
        as_is(),
        Files::equal().a(broken(0o600)),
        "replace alice/ACME -A- adopt token broken",
    );
    check(
        as_is(),
        Files::equal().d(broken(0o644)),
        "replace alice/ACME --D adopt broken",
    );
    // It may show something, so this is a hide.
    check(
        hidden(),
        Files::hidden().d(Put::text("", 0o644)),
        "hide alice/ACME --D adopt broken declared-hidden",
    );
    check(
        Wanted::Absent,
        Files::equal().u(broken(0o644)).a(broken(0o600)),
        "remove alice/ACME uad declared-absent",
    );
}

#[test]
fn a_wrong_mode_is_put_right_for_that_file_alone() {
    let with_mode = |files: Files, mode: u32| {
        let again = |put| match put {
            Put::Text(text, _) => Put::text(&text, mode),
            put @ (Put::Absent | Put::Obstacle(_)) => put,
        };
        (again(files.u), again(files.a), again(files.d))
    };
    let equal = Files::equal();
    let (u, a, d) = with_mode(Files::equal(), 0o640);
    for (files, expect) in [
        (equal.clone().u(u), "replace alice/ACME U-- adopt mode"),
        (equal.clone().a(a), "replace alice/ACME -A- adopt mode"),
        (equal.clone().d(d), "replace alice/ACME --D adopt mode"),
    ] {
        check(as_is(), files, expect);
    }
    let readable = equal.a(Put::text(r#"{"token":"abc"}"#, 0o644));
    check(as_is(), readable, "replace alice/ACME -A- adopt mode");
    let setuid = Files::equal().u(with_mode(Files::equal(), 0o4644).0);
    check(as_is(), setuid, "replace alice/ACME U-- adopt mode");
}

#[test]
fn owners_are_compared_only_where_they_are_set() {
    let someones = |mode| Ownership {
        mode,
        uid: 1001,
        gid: 0,
    };
    let files = Files::equal();
    let Put::Text(text, _) = files.u.clone() else {
        panic!("the fixture is a text");
    };
    let mut world = World::of(as_is(), files.u(Put::Text(text, someones(0o644))));
    world.check("1 in sync");
    world.policy.owner = FileOwner::Root;
    world.actual("alice").account = Account::Known { gid: 1000 };
    world.check("replace alice/ACME U-- adopt mode");
    world.actual("alice").account = Account::Known { gid: 1002 };
    world.actual("alice").links_folder = Folder::Present(someones(0o750));
    world.actual("alice").menu_folder = Folder::Present(Ownership {
        mode: 0o755,
        uid: 0,
        gid: 1002,
    });
    world.check(
        "replace alice/ACME U-- adopt mode; \
         mend alice links 0750 to 0750 (1001, 0) to (0, 1002); \
         mend alice dynamicui 0755 to 0750 (0, 1002) to (0, 1002)",
    );
    world.policy.owner = FileOwner::Keep;
    world.check("mend alice dynamicui 0755 to 0750; 1 in sync");
}

#[test]
fn folders_of_users_that_the_manifest_does_not_name_are_left_alone() {
    let mut world = World::of(as_is(), Files::equal());
    let open = Ownership {
        mode: 0o777,
        uid: 0,
        gid: 0,
    };
    world.actual("bob").links_folder = Folder::Present(open);
    world.actual("bob").strays = vec![".tmp.12.A.userconfig".to_owned()];
    world.check("1 in sync; 1 strays");
}

#[test]
fn something_that_is_no_file_blocks_its_link_alone() {
    for (obstacle, why) in [
        (
            Obstacle::Symlink,
            "is a symbolic link, which is never followed",
        ),
        (Obstacle::Directory, "is a directory"),
        (Obstacle::Special("FIFO"), "is a FIFO"),
        (
            Obstacle::TooLarge(3_000_000),
            "is 3000000 bytes, the limit is 2 MiB",
        ),
        (
            Obstacle::Unreadable("EIO".to_owned()),
            "cannot be read: EIO",
        ),
    ] {
        let put = Put::Obstacle(obstacle);
        for (files, name) in [
            (Files::equal().u(put.clone()), "userconfig"),
            (Files::equal().a(put.clone()), "adminconfig"),
            (Files::equal().d(put), "menu entry"),
        ] {
            for wanted in [labelled(), hidden(), Wanted::Absent] {
                let mut world = World::of(wanted, files.clone());
                world.want("alice", "Other", as_is());
                world.check(&format!(
                    "create alice/Other UAD new; blocked alice/ACME: its {name} {why}"
                ));
            }
            for rule in [Unlisted::HideAll, Unlisted::RemoveOwned] {
                let blocked = format!("blocked alice/ACME: its {name} {why}; 1 in sync");
                check_unlisted(rule, files.clone(), &blocked);
            }
        }
    }
}

#[test]
fn a_folder_or_an_account_that_cannot_be_used_blocks_its_user_alone() {
    let mut world = World::of(labelled(), Files::equal());
    world.want("bob", "ACME", as_is());
    world.actual("alice").menu_folder = Folder::Obstacle(Obstacle::Symlink);
    world.check(
        "create bob/ACME UAD new; blocked alice: the user's folder in `dynamicui` \
         is a symbolic link, which is never followed",
    );
    world.actual("alice").account = Account::LookupFailed("timeout".to_owned());
    world.check(
        "create bob/ACME UAD new; blocked alice: the account could not be looked up: timeout",
    );
    world.actual("alice").account = Account::Missing;
    world.check("create bob/ACME UAD new; no account alice");
    assert_eq!(world.plan().missing_accounts, [user("alice")]);
}

//! Every kind of thing that can lie where a file or folder is looked for.

mod moving;

use super::*;
use crate::model::Link;
use crate::store::testing::{Fixture, user};
use crate::store::{Owners, OwnersCheck, RealDisk};
use std::os::unix::fs::{PermissionsExt as _, symlink};

const USERCONFIG: &[u8] = br#"{"label":"Billing"}"#;
const ADMINCONFIG: &[u8] = br#"{"token":"s3cret"}"#;
const MENU: &[u8] = br#"[{"file":"a"}]"#;

fn scan(fixture: &Fixture) -> ActualUser {
    fixture.store().read_user(&user("alice"), Account::NotAsked)
}

fn show<T: std::fmt::Debug>(lies: &Lies<T>) -> String {
    match lies {
        Lies::Absent => "absent".to_owned(),
        Lies::File(found) => format!("file {:04o}", found.stamp.ownership.mode),
        Lies::Broken(found) => format!("broken: {}", found.value),
        Lies::Obstacle(obstacle) => obstacle.to_string(),
    }
}

fn check(fixture: &Fixture, expect: [&str; 3]) {
    let found = scan(fixture);
    let link = &found.links[&AppName::parse("a").unwrap()];
    let shown = [
        show(&link.userconfig),
        show(&link.adminconfig),
        show(&link.menu),
    ];
    assert_eq!(shown, expect);
}

fn make_fifo(fixture: &Fixture, below: &str) {
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::mkfifoat(rustix::fs::CWD, fixture.path(below), mode).unwrap();
}

#[test]
fn a_whole_link_is_read_with_its_modes() {
    let fixture = Fixture::new();
    fixture.write("links/alice/a.userconfig", USERCONFIG);
    fixture.write("links/alice/a.adminconfig", ADMINCONFIG);
    fixture.write("dynamicui/alice/dynamicui_a.conf", MENU);
    let secret = std::fs::Permissions::from_mode(0o4600);
    std::fs::set_permissions(fixture.path("links/alice/a.adminconfig"), secret).unwrap();
    check(&fixture, ["file 0644", "file 4600", "file 0644"]);
    let found = scan(&fixture);
    let link = &found.links[&AppName::parse("a").unwrap()];
    let expect = Link {
        label: Some("Billing".to_owned()),
        ..Link::default()
    };
    assert_eq!(link.userconfig.value().unwrap().link, expect);
    assert!(matches!(found.links_folder, Folder::Present(_)));
}

#[test]
fn what_is_no_file_is_an_obstacle_and_never_opened() {
    let fixture = Fixture::new();
    fixture.write("elsewhere", USERCONFIG);
    fixture.make_dir("links/alice");
    symlink("../../elsewhere", fixture.path("links/alice/a.userconfig")).unwrap();
    // Reading a FIFO without a writer would wait for ever.
    make_fifo(&fixture, "links/alice/a.adminconfig");
    fixture.make_dir("dynamicui/alice/dynamicui_a.conf");
    check(
        &fixture,
        [
            "is a symbolic link, which is never followed",
            "is a FIFO",
            "is a directory",
        ],
    );
}

#[test]
fn the_limit_is_two_mebibytes() {
    let fixture = Fixture::new();
    let mut bytes = USERCONFIG.to_vec();
    bytes.resize(2 * 1024 * 1024, b' ');
    fixture.write("links/alice/a.userconfig", &bytes);
    bytes.push(b' ');
    fixture.write("dynamicui/alice/dynamicui_a.conf", &bytes);
    check(
        &fixture,
        [
            "file 0644",
            "absent",
            "is 2097153 bytes, the limit is 2 MiB",
        ],
    );
}

#[test]
fn no_bytes_of_a_link_are_kept_beside_those_of_the_next() {
    let fixture = Fixture::new();
    let large = vec![0; 2 * 1024 * 1024];
    for app in ["a", "b", "c"] {
        fixture.write(&format!("links/alice/{app}.userconfig"), &large);
        fixture.write(&format!("links/alice/group_{app}.userconfig"), &large);
    }
    let (store, name) = (fixture.store(), user("alice"));
    let mut buffer = Buffer::default();
    let listing = Listing::of(&store, &name);
    let found = listing.decoded(&name, Account::NotAsked, Fetched::default(), &mut buffer);
    assert_eq!((found.links.len(), found.groups.len()), (3, 3));
    assert_eq!(buffer.len(), 0);
    assert!(buffer.into_room() < 2 * large.len());
}

#[test]
fn an_empty_file_is_broken_and_not_absent() {
    let fixture = Fixture::new();
    fixture.write("links/alice/a.userconfig", b"");
    fixture.write("links/alice/a.adminconfig", b"{");
    fixture.write("dynamicui/alice/dynamicui_a.conf", b"{}");
    check(
        &fixture,
        [
            "broken: is empty",
            "broken: is not valid JSON (line 1, column 1)",
            "broken: is not a JSON array of one object",
        ],
    );
}

#[test]
fn leftovers_and_impossible_names_are_strays() {
    let fixture = Fixture::new();
    fixture.write("links/alice/.tmp.ab12.a.userconfig", USERCONFIG);
    fixture.write("links/alice/group_g.userconfig", b"{}");
    fixture.write("dynamicui/alice/dynamicui_a.conf.bak", MENU);
    let found = scan(&fixture);
    assert_eq!(
        found.strays,
        [".tmp.ab12.a.userconfig", "dynamicui_a.conf.bak"]
    );
    assert!(found.links.is_empty());
    assert_eq!(found.groups.len(), 1);
}

#[test]
fn a_user_folder_is_absent_only_if_nothing_is_there() {
    let fixture = Fixture::new();
    assert_eq!(scan(&fixture).links_folder, Folder::Absent);
    fixture.make_dir("links/bob");
    assert_eq!(scan(&fixture).links_folder, Folder::Absent);
    symlink("bob", fixture.path("links/alice")).unwrap();
    fixture.make_dir("dynamicui");
    make_fifo(&fixture, "dynamicui/alice");
    let found = scan(&fixture);
    assert_eq!(found.links_folder, Folder::Obstacle(Obstacle::Symlink));
    assert_eq!(
        found.menu_folder,
        Folder::Obstacle(Obstacle::Special("FIFO"))
    );
}

#[test]
fn a_tree_that_is_no_directory_stops_everything() {
    let fixture = Fixture::new();
    fixture.make_dir("real");
    symlink("real", fixture.path("links")).unwrap();
    let error = Store::open(&fixture.path("")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` is a symbolic link, which is never followed, a directory was expected",
            fixture.path("links").display()
        )
    );
}

#[test]
fn a_folder_that_others_may_write_is_an_obstacle_when_strict() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let fixture = Fixture::new();
    fixture.write("links/alice/a.userconfig", USERCONFIG);
    let wide = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(fixture.path("links/alice"), wide).unwrap();
    let owners = Owners {
        check: OwnersCheck::Strict,
        ..Owners::default()
    };
    let store = Store::open_with(RealDisk, &fixture.path(""), owners).unwrap();
    let found = store.read_user(&user("alice"), Account::NotAsked);
    assert_eq!(
        found.links_folder,
        Folder::Obstacle(Obstacle::Unsafe {
            mode: 0o777,
            uid: 0
        })
    );
    assert!(found.links.is_empty());
}

#[test]
fn a_file_that_cannot_be_read_is_never_absent() {
    use crate::store::faulty::{Fault, Faulty};
    let fixture = Fixture::new();
    fixture.write("links/alice/a.userconfig", USERCONFIG);
    fixture.write("links/alice/a.adminconfig", ADMINCONFIG);
    fixture.write("dynamicui/alice/dynamicui_a.conf", MENU);
    let disk: Faulty = Faulty::default();
    let store = fixture.store_on(disk.clone());
    for calls in 0.. {
        disk.arm(calls, Fault::Once(rustix::io::Errno::IO));
        let found = store.read_user(&user("alice"), Account::NotAsked);
        if !disk.disarm() {
            break;
        }
        let is_said = [&found.links_folder, &found.menu_folder]
            .iter()
            .any(|folder| matches!(folder, Folder::Obstacle(Obstacle::Unreadable(_))))
            || found.links.values().any(|link| {
                matches!(link.obstacle(), Some((_, Obstacle::Unreadable(text)))
                    if text == "Input/output error (os error 5)")
            });
        assert!(is_said, "call {calls}: {found:?}");
    }
}

#[test]
fn what_an_auto_login_sends_is_read_as_it_lies_there() {
    let fixture = Fixture::new();
    fixture.write("links/alice/a.userconfig", br#"{"order":"07","x":null}"#);
    fixture.write("links/alice/a.adminconfig", b"{");
    let read = |name: &str| {
        let app = AppName::parse(name).unwrap();
        fixture.store().read_forms(&user("alice"), &app)
    };
    let forms = read("a");
    let order = &forms.userconfig.value().unwrap()["order"];
    // Not as it is compared, which is 7.
    assert_eq!(order.text.expose(), "07");
    assert!(show(&forms.adminconfig).starts_with("broken: is not valid JSON"));
    let none = read("b");
    assert_eq!(show(&none.userconfig), "absent");
    assert_eq!(show(&none.adminconfig), "absent");
    symlink(fixture.path("links/alice"), fixture.path("links/bob")).unwrap();
    let app = AppName::parse("a").unwrap();
    let followed = fixture.store().read_forms(&user("bob"), &app);
    let link = "is a symbolic link, which is never followed";
    assert_eq!(show(&followed.userconfig), link);
    assert_eq!(show(&followed.adminconfig), link);
}

#[test]
fn what_an_auto_login_sends_is_never_absent_because_it_cannot_be_read() {
    use crate::store::faulty::{Fault, Faulty};
    let fixture = Fixture::new();
    fixture.write("links/alice/a.userconfig", USERCONFIG);
    fixture.write("links/alice/a.adminconfig", ADMINCONFIG);
    let disk: Faulty = Faulty::default();
    let store = fixture.store_on(disk.clone());
    let app = AppName::parse("a").unwrap();
    let mut faults = 0;
    for calls in 0.. {
        disk.arm(calls, Fault::Once(rustix::io::Errno::IO));
        let forms = store.read_forms(&user("alice"), &app);
        if !disk.disarm() {
            break;
        }
        faults += 1;
        let both = [&forms.userconfig, &forms.adminconfig];
        let is_said = both.iter().any(|lies| {
            matches!(lies, Lies::Obstacle(Obstacle::Unreadable(text))
                if text == "Input/output error (os error 5)")
        });
        assert!(is_said, "call {calls}: {forms:?}");
        assert!(both.iter().all(|lies| !lies.is_absent()), "call {calls}");
    }
    assert!(faults > 5, "{faults}");
}

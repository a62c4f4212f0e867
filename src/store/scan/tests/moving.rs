//! What changes between two looks at it: listed as one thing and opened as
//! another, grown or cut while it is read.

use super::{USERCONFIG, make_fifo, show};
use crate::model::{Account, AppName};
use crate::store::faulty::Faulty;
use crate::store::testing::{Fixture, user};
use std::os::unix::fs::symlink;
use std::path::Path;

const FILE: &str = "links/alice/a.userconfig";

/// The most bytes that are read.
const LIMIT: u64 = 2 * 1024 * 1024;

/// What is seen of a file when somebody does this just before a call.
fn seen(verb: &'static str, act: Act) -> String {
    let fixture = Fixture::new();
    fixture.write(FILE, USERCONFIG);
    fixture.write("dynamicui/alice/dynamicui_a.conf", b"[{\"file\":\"a\"}]");
    let disk: Faulty = Faulty::default();
    let store = fixture.store_on(disk.clone());
    let path = fixture.path(FILE);
    disk.meanwhile(verb, "/a.userconfig", move || act(&path));
    let found = store.read_user(&user("alice"), Account::NotAsked);
    let link = &found.links[&AppName::parse("a").unwrap()];
    show(&link.userconfig)
}

fn remove(path: &Path) {
    rustix::fs::unlink(path).unwrap();
}

/// Makes it as long as this, by zeros or by a cut.
fn resize(path: &Path, length: u64) {
    let flags = rustix::fs::OFlags::WRONLY;
    let mode = rustix::fs::Mode::empty();
    #[expect(clippy::disallowed_methods, reason = "plays another writer")]
    let file = rustix::fs::open(path, flags, mode).unwrap();
    rustix::fs::ftruncate(&file, length).unwrap();
}

/// What somebody does to a file.
type Act = fn(&Path);

#[test]
fn what_becomes_another_thing_after_it_was_listed_is_not_waited_for() {
    let cases: [(Act, &str); 5] = [
        (|_| {}, "file 0644"),
        (remove, "absent"),
        (
            |path| {
                remove(path);
                symlink("/etc/shadow", path).unwrap();
            },
            "is a symbolic link, which is never followed",
        ),
        (
            |path| {
                remove(path);
                std::fs::DirBuilder::new().create(path).unwrap();
            },
            "is a directory",
        ),
        (
            |path| {
                remove(path);
                let mode = rustix::fs::Mode::from_raw_mode(0o644);
                rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
            },
            "is a FIFO",
        ),
    ];
    for (act, expect) in cases {
        assert_eq!(seen("open-file", act), expect);
    }
    // One without a writer, which would be waited for, is met by its kind.
    let fixture = Fixture::new();
    fixture.make_dir("links/alice");
    make_fifo(&fixture, FILE);
    let found = fixture.store().read_user(&user("alice"), Account::NotAsked);
    let link = &found.links[&AppName::parse("a").unwrap()];
    assert_eq!(show(&link.userconfig), "is a FIFO");
}

#[test]
fn what_grows_while_it_is_read_is_too_large_and_what_shrinks_is_read() {
    let cases: [(Act, &str); 4] = [
        (
            |path| resize(path, LIMIT + 1),
            "is 2097153 bytes, the limit is 2 MiB",
        ),
        // As much as one byte too many is read of it.
        (
            |path| resize(path, LIMIT * 2048),
            "is 2097153 bytes, the limit is 2 MiB",
        ),
        // Zeros are no JSON, and that is seen as of any file.
        (
            |path| resize(path, LIMIT),
            "broken: is not valid JSON (line 1, column 20)",
        ),
        (|path| resize(path, 0), "broken: is empty"),
    ];
    for (act, expect) in cases {
        assert_eq!(seen("read", act), expect);
    }
}

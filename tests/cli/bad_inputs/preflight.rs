//! A server that is not as it should be above the users' folders (rows F5,
//! F11, F14 and F15): the run stops before its first change and names the
//! path, or skips the user whom it is about.

use super::scene::{Thing, apply, put, scene, stamps, with_mounts};
use crate::apply::modes::account;
use crate::support::Sandbox;

/// Nothing at all is changed, live or outside.
#[track_caller]
fn assert_stopped(sandbox: &Sandbox, says: &str) {
    let paths = "root/links/ root/dynamicui/ outside";
    let before = stamps(sandbox, paths);
    apply(sandbox).expect(1).says("error: ").says(says);
    assert_eq!(stamps(sandbox, paths), before);
}

/// The places above the users' folders, with a word of the error.
const PLACES: [&str; 7] = [
    "links",
    "dynamicui",
    ".cplinks",
    ".cplinks/runs",
    ".cplinks/lock",
    ".cplinks/state.db",
    ".cplinks/key",
];

#[test]
fn a_link_above_the_users_folders_stops_everything() {
    for at in PLACES.into_iter().chain([".cplinks/runs/000001/journal"]) {
        let sandbox = scene();
        let swap = format!("mv root/{at} outside/x; ln -s $PWD/outside/x root/{at}");
        sandbox.shell(&swap).expect(0);
        let says = format!("root/{at}` is a symbolic link, which is never followed");
        assert_stopped(&sandbox, &says);
        // The neighbour: what it led to, in its place.
        let back = format!("rm root/{at}; mv outside/x root/{at}");
        sandbox.shell(&back).expect(0);
        apply(&sandbox).expect(0).says("3 replaced");
    }
}

#[test]
fn a_link_on_the_way_to_the_root_stops_everything() {
    for (swap, back, named) in [
        (
            "mv root real; ln -s real root",
            "rm root; mv real root",
            "root",
        ),
        (
            "mkdir up; mv root up/root; ln -s up here; ln -s here/root root",
            "rm root here; mv up/root root",
            "root",
        ),
    ] {
        let sandbox = scene();
        sandbox.shell(swap).expect(0);
        let before = stamps(&sandbox, ". -path ./outside -o -type f");
        apply(&sandbox).expect(1).says(&format!(
            "/{named}` is a symbolic link, and the root is opened without"
        ));
        assert_eq!(stamps(&sandbox, ". -path ./outside -o -type f"), before);
        sandbox.shell(back).expect(0);
        sandbox
            .shell("cplinks apply m.yaml --root ./outside/../root/ --yes")
            .expect(0)
            .says("3 replaced");
    }
}

#[test]
fn what_is_neither_file_nor_folder_stops_everything_and_nobody_is_waited_for() {
    let things = [
        (Thing::Made("mkfifo $at"), "FIFO"),
        (Thing::Made("mknod $at c 1 5 2>&1"), "character device"),
        (Thing::Socket, "socket"),
    ];
    for at in PLACES.into_iter().chain([".cplinks/runs/000001/journal"]) {
        for (thing, word) in things {
            let sandbox = scene();
            let Some(_listening) = put(&sandbox, thing, at) else {
                continue;
            };
            assert_stopped(&sandbox, &format!("root/{at}` is a {word}"));
        }
    }
}

#[test]
fn where_others_could_write_it_stops_or_skips_the_user() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("cli: SKIPPED: only root can test --strict-owners");
        return;
    }
    let strict = |sandbox: &Sandbox| {
        let line = "cplinks apply m.yaml --root root --yes --expand --strict-owners";
        sandbox.shell(&format!("timeout -s KILL 5 {line} || echo it ended badly"))
    };
    for (prepare, says) in [
        (
            "chmod 0777 root",
            "root` belongs to user 0 and has mode 0777",
        ),
        (
            "chmod 0771 root",
            "root` belongs to user 0 and has mode 0771",
        ),
        (
            "chmod 1777 root",
            "root` belongs to user 0 and has mode 1777",
        ),
        ("chown 12345 root", "root` belongs to user 12345"),
        (
            "chmod 0770 root/links",
            "root/links` belongs to user 0 and has mode 0770",
        ),
        (
            "chown 12345 root/dynamicui",
            "root/dynamicui` belongs to user 12345",
        ),
    ] {
        let sandbox = scene();
        sandbox.shell(prepare).expect(0);
        let before = stamps(&sandbox, "root/links root/dynamicui outside");
        strict(&sandbox)
            .says("it ended badly")
            .says("error: ")
            .says(says);
        let after = stamps(&sandbox, "root/links root/dynamicui outside");
        assert_eq!(after, before, "{prepare}");
        // Where nobody asked for that, it is used.
        apply(&sandbox).expect(0).says("3 replaced");
    }
    for (prepare, says) in [
        ("chmod 0770 root/links/alice", "mode 0770"),
        ("chmod 1777 root/dynamicui/alice", "mode 1777"),
        ("chown 12345 root/links/alice", "12345"),
    ] {
        let sandbox = scene();
        sandbox.shell(prepare).expect(0);
        let before = stamps(&sandbox, "root/*/alice");
        strict(&sandbox)
            .says("it ended badly")
            .says("! blocked  alice")
            .says(says)
            .says("Apply: 1 replaced");
        assert_eq!(stamps(&sandbox, "root/*/alice"), before, "{prepare}");
    }
    // The neighbours: others may read and pass, and a group may be theirs.
    for prepare in [
        "chmod 0755 root root/links root/*/alice",
        "chmod 0711 root root/links; chgrp 12345 root root/links root/*/alice",
        "true",
    ] {
        let sandbox = scene();
        sandbox.shell(prepare).expect(0);
        strict(&sandbox)
            .says("3 replaced")
            .is_silent_about("it ended badly");
    }
}

#[test]
fn a_file_system_that_is_mounted_read_only_stops_everything() {
    let sandbox = scene();
    let before = stamps(&sandbox, "root outside");
    let line = "mount --bind root root; mount -o remount,bind,ro root; code=0; \
        cplinks plan m.yaml --root root; \
        cplinks apply m.yaml --root root --yes || code=$?; echo code $code";
    let Some(outcome) = with_mounts(&sandbox, "a read-only root", line) else {
        return;
    };
    outcome
        .expect(0)
        .says("Plan: 3 to replace")
        .says("code 1")
        .says("is on a file system mounted read-only");
    assert_eq!(stamps(&sandbox, "root outside"), before);
    apply(&sandbox).expect(0).says("3 replaced");
}

#[test]
fn trees_on_different_file_systems_stop_everything_and_are_named() {
    for at in ["links", "dynamicui", ".cplinks"] {
        let sandbox = scene();
        sandbox.folder("other");
        let line = format!(
            "mount -t tmpfs -o mode=755 tmpfs other; cp -a root/{at}/. other; \
             mount --bind other root/{at}; find root -type f -exec sha256sum {{}} + | sort > before; \
             code=0; cplinks apply m.yaml --root root --yes || code=$?; echo code $code; \
             find root -type f -exec sha256sum {{}} + | sort | grep -v '/.cplinks/' > after; \
             grep -v '/.cplinks/' before | cmp - after"
        );
        let Some(outcome) = with_mounts(&sandbox, "two file systems", &line) else {
            return;
        };
        outcome
            .expect(0)
            .says("code 1")
            .says(&format!("root/{at}` is on another file system than `"))
            .says("hint: links, dynamicui and .cplinks must be plain folders of the root");
        apply(&sandbox).expect(0).says("3 replaced");
    }
}

/// One user's folder on a file system of its own concerns that user alone.
#[test]
fn a_users_folder_on_another_file_system_is_that_users_trouble() {
    let sandbox = scene();
    sandbox.folder("other");
    let line = "mount -t tmpfs -o mode=750 tmpfs other; cp -a root/links/alice/. other; \
        mount --bind other root/links/alice; chmod 750 root/links/alice; code=0; \
        cplinks apply m.yaml --root root --yes --expand || code=$?; echo code $code; \
        cat root/links/alice/A.userconfig";
    let Some(outcome) = with_mounts(&sandbox, "a folder on another file system", line) else {
        return;
    };
    outcome
        .expect(0)
        .says("code 1")
        .says("! failed   alice/A: could not replace it")
        .says("Invalid cross-device link (os error 18); its files are as before")
        .says("Apply: 1 replaced, 2 failed")
        .says("\"label\" : \"Old\"");
    apply(&sandbox).expect(0).says("2 replaced");
}

/// An account that is not there is skipped; a look-up that failed says nothing
/// about the account.
#[test]
fn a_look_up_that_failed_is_no_missing_account() {
    let Some((name, _)) = account() else {
        eprintln!("cli: SKIPPED: no account in /etc/passwd could be a customer's");
        return;
    };
    let sandbox = scene();
    sandbox.write("m.yaml", sandbox.read("m.yaml").replace("bob", &name));
    let set = "cplinks apply m.yaml --root root --yes --expand --owners set";
    let before = stamps(&sandbox, "root/links root/dynamicui");
    for (prepare, says) in [
        (
            "mount -t tmpfs tmpfs /etc",
            "the account could not be looked up: ",
        ),
        (
            "sleep 60 & trap 'kill $!' EXIT; mount --bind /proc/$!/mem /etc/passwd",
            "the account could not be looked up: ",
        ),
    ] {
        let line = format!("{prepare}; code=0; {set} || code=$?; echo code $code");
        let Some(outcome) = with_mounts(&sandbox, "look-ups that fail", &line) else {
            return;
        };
        outcome.expect(0).says(says).says(&name).says("code 1");
        assert_eq!(
            stamps(&sandbox, "root/links root/dynamicui"),
            before,
            "{prepare}"
        );
    }
    // The neighbours: one that nobody made is a warning, and the other is done.
    let outcome = sandbox.shell(set).expect(0);
    outcome
        .says("not on this host: alice")
        .says("Apply: 1 created");
    sandbox
        .shell(&format!("{set} --strict || echo strict"))
        .says("strict\n");
}

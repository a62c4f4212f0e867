//! What can lie where a link's files or folders are looked for (rows F1, F2,
//! F3, F6, F8 and F10): that link is skipped with a word about why, nothing is
//! followed or waited for, what cannot be read is never taken for absent, and
//! all other links go on.

use super::scene::{Thing, apply, assert_skipped, plan, put, scene, stamps, with_mounts};

/// The three files of `alice`'s first link, with the words for each.
const FILES: [(&str, &str); 3] = [
    ("links/alice/A.userconfig", "userconfig"),
    ("links/alice/A.adminconfig", "adminconfig"),
    ("dynamicui/alice/dynamicui_A.conf", "menu entry"),
];

/// All of that link.
const LINK: &str = "root/links/alice/A.* root/dynamicui/alice/dynamicui_A.*";

/// Things that are no file of ours, with the words for them.
const THINGS: [(Thing, &str); 10] = [
    (
        Thing::Made("ln -s ../../../outside/${at##*/} $at"),
        "is a symbolic link, which is never followed",
    ),
    (Thing::Made("ln -s /etc/shadow $at"), "is a symbolic link"),
    (Thing::Made("ln -s nowhere $at"), "is a symbolic link"),
    (Thing::Made("ln -s /dev/zero $at"), "is a symbolic link"),
    (Thing::Made("mkdir $at"), "is a directory"),
    (Thing::Made("mkfifo $at"), "is a FIFO"),
    (Thing::Made("mknod $at c 1 5 2>&1"), "is a character device"),
    (Thing::Made("mknod $at b 7 99 2>&1"), "is a block device"),
    (
        Thing::Made("truncate -s 4G $at"),
        "is 4294967296 bytes, the limit is 2 MiB",
    ),
    (
        Thing::Made("head -c 2097153 /dev/zero > $at"),
        "is 2097153 bytes, the limit is 2 MiB",
    ),
];

#[test]
fn what_is_no_file_is_skipped_alone_and_nobody_is_waited_for() {
    for (file, word) in FILES {
        for (thing, says) in THINGS.into_iter().chain([(Thing::Socket, "is a socket")]) {
            let sandbox = scene();
            let Some(_listening) = put(&sandbox, thing, file) else {
                continue;
            };
            let says = format!("alice/A: its {word} {says}");
            assert_skipped(&sandbox, LINK, &says, &["alice/B", "bob/A"]);
        }
    }
}

/// The neighbours: what looks odd and is a file all the same.
#[test]
fn a_file_that_is_one_is_taken_however_it_looks() {
    for prepare in [
        // As large as a file may be.
        "truncate -s 2097152 big; tr '\\0' ' ' < big >> $at; truncate -s 2097152 $at",
        // Of two names one is replaced: the other keeps the old bytes.
        "ln $at outside/hard; cat $at > outside/copy",
        "chmod 4777 $at",
        "touch -d 1970-01-01 $at; touch -d 2200-01-01 outside/passwd",
        "chmod 0 $at",
    ] {
        let sandbox = scene();
        let line = format!("at=root/links/alice/A.userconfig; {prepare}");
        sandbox.shell(&line).expect(0);
        let before = stamps(&sandbox, "outside/passwd");
        apply(&sandbox).expect(0).says("3 replaced");
        assert_eq!(stamps(&sandbox, "outside/passwd"), before, "{prepare}");
        sandbox
            .shell("cmp outside/hard outside/copy || ! test -e outside/hard")
            .expect(0);
        let written = sandbox.read("root/links/alice/A.userconfig");
        assert!(written.contains("\"New\""), "{prepare}: {written}");
        apply(&sandbox).expect(0).says("Plan: no changes");
    }
}

#[test]
fn what_is_no_folder_is_skipped_with_all_that_would_be_in_it() {
    let things = [
        (Thing::Made("ln -s ../../outside $at"), "is a symbolic link"),
        (Thing::Made("ln -s bob $at"), "is a symbolic link"),
        (Thing::Made("ln -s /etc $at"), "is a symbolic link"),
        (Thing::Made("ln -s . $at"), "is a symbolic link"),
        (Thing::Made("ln -s nowhere $at"), "is a symbolic link"),
        (Thing::Made("cp outside/passwd $at"), "is a regular file"),
        (Thing::Made("mkfifo $at"), "is a FIFO"),
        (Thing::Made("mknod $at c 1 5 2>&1"), "is a character device"),
        (Thing::Socket, "is a socket"),
    ];
    for tree in ["links", "dynamicui"] {
        for (thing, says) in things {
            let sandbox = scene();
            let Some(_listening) = put(&sandbox, thing, &format!("{tree}/alice")) else {
                continue;
            };
            let says = format!("the user's folder in `{tree}` {says}");
            let left = "root/links/alice root/dynamicui/alice /etc/passwd";
            assert_skipped(&sandbox, left, &says, &["bob/A"]);
        }
    }
}

/// The neighbour: a folder with something in it that is none of ours.
#[test]
fn a_folder_with_strange_things_in_it_is_a_folder() {
    let sandbox = scene();
    sandbox
        .shell(
            "cd root/links/alice; mkfifo fifo; ln -s /etc/shadow Z.bak; mkdir sub; \
             ln -s ../../../outside other; mkfifo .tmp.A.userconfig",
        )
        .expect(0);
    let strange = "root/links/alice/fifo root/links/alice/Z.bak root/links/alice/other";
    let before = stamps(&sandbox, strange);
    apply(&sandbox).expect(0).says("3 replaced");
    assert_eq!(stamps(&sandbox, strange), before);
}

/// A file of the kernel gives an input/output error to whoever reads it from
/// its start: the memory of a process in which nothing is there.
#[test]
fn what_cannot_be_read_is_skipped_and_never_taken_for_absent() {
    let test = "files that give EIO";
    for (file, word) in FILES {
        let sandbox = scene();
        let line = format!(
            "sleep 60 & trap 'kill $!' EXIT; mount --bind /proc/$!/mem root/{file}; code=0; \
             cplinks plan m.yaml --root root --expand; \
             cplinks apply m.yaml --root root --yes --expand || code=$?; echo code $code"
        );
        let left = "root/links/alice/A.* root/dynamicui/alice/dynamicui_A.*";
        let before = stamps(&sandbox, left);
        let Some(outcome) = with_mounts(&sandbox, test, &line) else {
            return;
        };
        let says = format!("alice/A: its {word} cannot be read: Input/output error");
        let outcome = outcome.expect(0).says("code 1").says(&says);
        assert_eq!(outcome.stdout.matches(&says).count(), 2);
        outcome.is_silent_about("create").says("Apply: 2 replaced");
        assert_eq!(stamps(&sandbox, left), before);
        // Once it can be read again, it is as all others.
        apply(&sandbox).expect(0).says("Apply: 1 replaced");
    }
}

/// The same for what is wanted: a manifest, an icon, a token.
#[test]
fn what_is_wanted_and_cannot_be_read_is_no_empty_wish() {
    let test = "wishes that give EIO";
    for (file, says, code) in [
        ("m.yaml", "m.yaml cannot be read: Input/output error", 1),
        (
            "i.png",
            "the icon `i.png` cannot be read: Input/output error",
            1,
        ),
        (
            "t.token",
            "its token (file t.token) is not known here: the file cannot be read: Input/output error",
            1,
        ),
    ] {
        let sandbox = scene();
        let text = sandbox.read("m.yaml");
        let text = text
            .replace("{ env: CPLINKS_T }", "{ file: t.token }, icon: i.png")
            .replace("label: New", "label: Newer");
        sandbox.write("m.yaml", text);
        sandbox.write("t.token", "canary-token\n");
        let icon = cplinks::model::neutral_icon().to_base64();
        sandbox.write("i.b64", icon);
        sandbox.shell("base64 -d i.b64 > i.png").expect(0);
        let before = stamps(&sandbox, LINK);
        let line = format!(
            "sleep 60 & trap 'kill $!' EXIT; mount --bind /proc/$!/mem {file}; code=0; \
             cplinks apply m.yaml --root root --yes || code=$?; echo code $code"
        );
        let Some(outcome) = with_mounts(&sandbox, test, &line) else {
            return;
        };
        outcome.expect(0).says(says).says(&format!("code {code}"));
        assert_eq!(stamps(&sandbox, LINK), before, "{file}");
        apply(&sandbox).expect(0);
    }
}

#[test]
fn what_may_not_be_changed_is_left_with_the_reason_and_the_others_go_on() {
    for (at, changed) in [
        ("links/alice/A.userconfig", &["alice/B", "bob/A"][..]),
        ("dynamicui/alice/dynamicui_A.conf", &["alice/B", "bob/A"]),
        ("links/alice", &["bob/A"]),
        ("dynamicui/alice", &["bob/A"]),
    ] {
        let sandbox = scene();
        let made = sandbox.shell(&format!("chattr +i root/{at} && echo made || true"));
        if !made.stdout.contains("made") {
            eprintln!("cli: SKIPPED immutable files: {}", made.stderr);
            return;
        }
        let outcome = apply(&sandbox);
        sandbox.shell(&format!("chattr -i root/{at}")).expect(0);
        outcome
            .expect(1)
            .says("! failed   alice/A: could not replace it")
            .says("Operation not permitted (os error 1); its files are as before");
        for link in changed {
            let text = sandbox.read(&format!("root/links/{link}.userconfig"));
            assert!(text.contains("\"New\""), "{at}: {link}");
        }
        // Put back where another of its files was live already.
        for file in [
            "links/alice/A.userconfig",
            "dynamicui/alice/dynamicui_A.conf",
        ] {
            let text = sandbox.read(&format!("root/{file}"));
            assert!(
                text.contains("Old") && !text.contains("New"),
                "{at}: {text}"
            );
        }
        // The neighbour: as soon as it may be changed, it is.
        apply(&sandbox).expect(0);
        plan(&sandbox).expect(0).says("Plan: no changes");
    }
}

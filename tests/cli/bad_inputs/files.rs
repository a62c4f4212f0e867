//! Things in the place of a manifest that are no files, or far too large: no
//! hang, no memory for what is not read.

use super::{app, autologin, link};
use crate::support::Sandbox;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

#[track_caller]
fn check(sandbox: &Sandbox, path: &str, says: &str) {
    let start = Instant::now();
    // Far less than what a file may be.
    let line = format!("ulimit -v 200000; cplinks validate {path} || echo refused");
    let outcome = sandbox.shell(&line).says("refused").says(says);
    let took = start.elapsed();
    assert!(
        took < Duration::from_secs(5),
        "{took:?} {}",
        outcome.shown()
    );
    assert!(
        outcome.stderr.contains("error[unreadable]"),
        "{}",
        outcome.shown()
    );
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting() {
    let sandbox = Sandbox::new();
    sandbox.shell("mkfifo fifo.yaml; mkdir -p folder/sub.yaml; mkfifo folder/fifo.yml");
    let _listener = UnixListener::bind(sandbox.path("socket.yaml")).unwrap();
    check(&sandbox, "fifo.yaml", "is a FIFO, not a regular file");
    check(&sandbox, "socket.yaml", "cannot be read");
    check(&sandbox, "/dev/zero", "is a device, not a regular file");
    check(&sandbox, "folder", "is a FIFO, not a regular file");
    check(&sandbox, "nowhere.yaml", "cannot be read: No such file");
}

#[test]
fn a_folder_without_manifests_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.folder("empty/.git").write("empty/.git/x.yaml", "x");
    sandbox
        .run(&["validate", "empty"])
        .expect(1)
        .says("error[empty-manifest]: empty holds no *.yaml or *.yml file");
}

#[test]
fn two_gigabytes_are_refused_by_their_size() {
    let sandbox = Sandbox::new();
    sandbox.shell("truncate -s 2G big.yaml");
    check(&sandbox, "big.yaml", "is larger than 67108864 bytes");
    let outcome = sandbox.shell("cplinks validate - < /dev/zero || echo refused");
    assert!(
        outcome.stderr.contains("is larger than"),
        "{}",
        outcome.shown()
    );
}

#[test]
fn a_link_out_of_the_folder_is_refused_and_one_inside_is_followed() {
    let sandbox = Sandbox::new();
    sandbox.write("outside.yaml", app("A"));
    sandbox.write("in/.data/a.yml", app("A"));
    sandbox.shell("ln -s .data/a.yml in/a.yaml");
    sandbox.run(&["validate", "in"]).expect(0);
    sandbox.shell("ln -s ../outside.yaml in/b.yaml");
    sandbox
        .run(&["validate", "in"])
        .expect(1)
        .says("in/b.yaml leads out of its folder through a symbolic link");
}

#[test]
fn standard_input_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox
        .run_with_input(&["validate", "-"], &app("A"))
        .expect(0);
    sandbox
        .run_with_input(&["validate", "-", "-"], &app("A"))
        .expect(1)
        .says("`-` is given twice");
}

/// Not the manifest alone: whatever is named on the command line, or by a
/// manifest, is read as a regular file of a bounded size, or not at all.
#[test]
fn every_file_that_is_read_must_be_one_and_of_a_size() {
    let plan = "cplinks plan m.yaml --root root";
    for line in [
        format!("{plan} --secrets $at"),
        format!("{plan} --policy $at"),
        "cplinks plan m.yaml --against $at".to_owned(),
        "cplinks apply m.yaml --root root --plan $at".to_owned(),
        "cplinks validate token.yaml --policy $at".to_owned(),
        "cplinks validate icon.yaml".to_owned(),
        "cplinks apply token.yaml --root root --yes".to_owned(),
    ] {
        for thing in [
            "mkfifo $at",
            "mkdir $at",
            "ln -s /dev/zero $at",
            "truncate -s 9G $at",
            "ln -s nowhere $at",
            "python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $at",
        ] {
            let sandbox = Sandbox::with_root();
            sandbox.write("m.yaml", app("A"));
            sandbox.write("icon.yaml", link("icon", "x"));
            sandbox.write("token.yaml", autologin("token", "{ file: x }"));
            let made = sandbox.shell(&format!("at=x; {thing} && echo made || true"));
            if !made.stdout.contains("made") {
                eprintln!("cli: SKIPPED {thing}: {}", made.stderr);
                continue;
            }
            let limits = "ulimit -v 400000; at=x; code=0";
            let line = format!("{limits}; timeout -s KILL 5 {line} || code=$?; echo code $code");
            let outcome = sandbox.shell(&line).is_silent_about("panicked");
            assert!(
                outcome.stdout.ends_with("code 1\n"),
                "{thing}: {line}: {}",
                outcome.shown()
            );
            assert!(outcome.shown().contains('x'), "{}", outcome.shown());
            assert!(!sandbox.path("root/links/alice/A.adminconfig").exists());
        }
    }
}

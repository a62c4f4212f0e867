//! Things in the place of a manifest that are no files, or far too large: no
//! hang, no memory for what is not read.

use super::app;
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

//! Something is mounted over what is watched, which no folder tells of.

use super::world::{PROMPT, Watch, applied, assert_is_as_applied, manifest};
use std::process::Command;

#[test]
fn what_is_mounted_over_the_links_is_seen_at_once() {
    let test = "what_is_mounted_over_the_links_is_seen_at_once";
    let sandbox = applied();
    // In a name space of its own, so that nothing is left mounted.
    let tried = "unshare -m sh -c 'mount -t tmpfs none root/links'";
    let output = sandbox.shell(&format!("{tried} || true"));
    if !output.stderr.is_empty() {
        eprintln!("cli: SKIPPED {test}: {}", output.stderr);
        return;
    }
    sandbox.folder("out");
    let binary = env!("CARGO_BIN_EXE_cplinks");
    let mut command = Command::new("unshare");
    command
        .args(["-m", binary, "watch", "conf", "--root=root", "--mode=apply"])
        .args(["--every=365d", "--log-format=json"])
        .args([
            "--metrics-file=out/watch.prom",
            "--health-file=out/watch.health",
        ])
        .current_dir(sandbox.path(""));
    let mut watch = Watch::spawn(&sandbox, "watch", &mut command);
    watch.wait_until_settled();
    let pid = watch.pid().as_raw_nonzero();
    let links = sandbox.path("root/links");
    let links = links.display();
    let is_told = |watch: &Watch<'_>, times: usize| {
        let told = watch.told("rescan");
        let of_it = told.iter().filter(|line| {
            let message = line["message"].as_str().unwrap();
            message.starts_with("a file system was mounted or unmounted there")
        });
        of_it.count() == times
    };
    let mount = format!("nsenter -t {pid} -m mount -t tmpfs -o mode=751 none {links}");
    sandbox.shell(&mount).expect(0);
    // Links cannot be moved from one file system to another: that fails, and
    // changes nothing on either.
    watch.wait_until("it is seen", PROMPT, |watch| {
        is_told(watch, 1) && watch.health() == "failing" && watch.told("failed").len() == 1
    });
    assert_is_as_applied(&sandbox, &manifest("Old"));
    sandbox
        .shell(&format!("nsenter -t {pid} -m umount {links}"))
        .expect(0);
    watch.wait_until("that it is gone too", PROMPT + PROMPT, |watch| {
        is_told(watch, 2) && watch.health() == "ok"
    });
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

//! What fails for long: it is told of once and in the figures, tried again
//! less and less often, and comes right by itself once the cause is gone.

use super::world::{
    LONG, NEVER, PROMPT, Watch, all_have_label, applied, assert_is_as_applied, has_label, manifest,
    steal, usual,
};
use crate::support::Sandbox;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of its own, unmounted when it is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) -> Result<Self, String> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs"]);
        let output = mount.arg(at).output().map_err(|error| error.to_string())?;
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        output
            .status
            .success()
            .then(|| Self(at.to_owned()))
            .ok_or(why)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a watch may not have ended yet.
        let mut umount = Command::new("umount");
        umount.arg("--lazy").arg(&self.0).status().ok();
    }
}

/// Something is broken so that no round comes out well, until it is mended.
fn check(sandbox: &Sandbox, break_it: impl Fn(), mend_it: impl Fn()) {
    let mut watch = Watch::start(sandbox, &NEVER);
    watch.wait_until_settled();
    break_it();
    sandbox.write("conf/m.yaml", manifest("New"));
    watch.wait_until("it fails", PROMPT, |watch| {
        watch.health() == "failing" && watch.told("failed").len() == 1
    });
    let told = &watch.told("failed")[0];
    assert!(
        told["hint"].is_string() && told["retry_seconds"].is_u64(),
        "{told}"
    );
    let log = watch.log();
    watch.wait_until("it was tried three times", LONG, |watch| {
        watch.figure("failures") >= Some(3.0)
    });
    assert_eq!(watch.log(), log, "it is told of once");
    assert!(watch.shows("healthy", 0), "{}", watch.shown());
    assert_is_as_applied(sandbox, &manifest("Old"));
    mend_it();
    watch.wait_until("it works by itself", LONG, |watch| {
        all_have_label(sandbox, "New") && watch.told("recovered").len() == 1
    });
    watch.wait_until_settled();
    assert!(watch.shows("failures", 0) && watch.shows("healthy", 1));
    watch.stop();
    assert_is_as_applied(sandbox, &manifest("New"));
}

#[test]
fn a_file_in_the_way_of_the_runs() {
    let sandbox = applied();
    let (runs, away) = (sandbox.path("root/.cplinks/runs"), sandbox.path("runs"));
    check(
        &sandbox,
        || {
            fs::rename(&runs, &away).unwrap();
            fs::write(&runs, "in the way").unwrap();
        },
        || {
            fs::remove_file(&runs).unwrap();
            fs::rename(&away, &runs).unwrap();
        },
    );
}

#[test]
fn what_to_do_about_it_is_said_as_an_apply_says_it() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    sandbox.write("root/.cplinks/state.db", "no database ".repeat(1000));
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("it fails", PROMPT, |watch| watch.told("failed").len() == 1);
    let told = &watch.told("failed")[0];
    let hint = told["hint"].as_str().unwrap();
    assert!(hint.contains("cplinks recover"), "{told}");
    assert!(told["retry_seconds"].as_u64() >= Some(1), "{told}");
    sandbox.run(&["recover", "--root=root"]).expect(0);
    watch.wait_until("a repair", LONG, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn a_full_disk() {
    let sandbox = usual();
    let _disk = match Disk::mount(&sandbox.path("root")) {
        Ok(disk) => disk,
        Err(why) => {
            eprintln!("cli: SKIPPED a_full_disk: no file system can be mounted here: {why}");
            return;
        }
    };
    sandbox
        .run(&["apply", "conf", "--root=root", "--yes"])
        .expect(0);
    let filler = sandbox.path("root/filler");
    check(
        &sandbox,
        || {
            // Ends with an error, which is what it is for.
            sandbox
                .shell("cat /dev/zero > root/filler || true")
                .expect(0);
        },
        || fs::remove_file(&filler).unwrap(),
    );
}

#[test]
fn a_root_that_is_gone_for_a_while() {
    let sandbox = applied();
    let [root, away] = ["root", "away"].map(|name| sandbox.path(name));
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    fs::rename(&root, &away).unwrap();
    watch.wait_until("it fails", PROMPT, |watch| {
        watch.health() == "failing" && watch.told("failed").len() == 1
    });
    steal_away(&sandbox);
    fs::rename(&away, &root).unwrap();
    watch.wait_until("what happened meanwhile is repaired", LONG, |_| {
        has_label(&sandbox, "bob", "Support", "Old")
    });
    watch.wait_until_settled();
    // And it is watched as before.
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair after that", PROMPT, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

fn steal_away(sandbox: &Sandbox) {
    let name = "away/links/bob/Support.userconfig";
    sandbox.write(name, sandbox.read(name).replace("Old", "Stolen"));
}

#[test]
fn a_root_in_the_place_of_another_is_kept_as_that_one_was() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    // A copy from before cplinks: nothing in it is known to be ours.
    let swap = "cp -a root next; rm -r next/.cplinks; mv root last; mv next root";
    sandbox.shell(swap).expect(0);
    watch.wait_until("its links are ours again", LONG, |watch| {
        sandbox.path("root/.cplinks/state.db").exists() && watch.health() == "ok"
    });
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair", LONG, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    // Pauses are noticed too.
    let pause = ["pause", "--root=root", "--for=1h", "--reason=ticket"];
    sandbox.run(&pause).expect(0);
    steal(&sandbox, "bob", "Billing");
    watch.wait_until("it waits", PROMPT, |watch| watch.told("paused").len() == 1);
    sandbox.run(&["resume", "--root=root"]).expect(0);
    watch.wait_until("it is repaired", PROMPT, |_| {
        has_label(&sandbox, "bob", "Billing", "Old")
    });
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

//! Modes and owners: what they are after an apply, whatever they were before
//! and whatever the umask is.

use super::{acme, apply, one_link};
use crate::support::Sandbox;
use cplinks::model::UserName;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

#[test]
fn wrong_modes_are_mended() {
    let sandbox = Sandbox::with_root();
    apply(&sandbox, &one_link(""), &[]).expect(0);
    let right = sandbox.names("root/links") + &sandbox.names("root/dynamicui");
    sandbox.set_mode("root/links/alice/ACME.adminconfig", 0o666);
    sandbox.set_mode("root/links/alice/ACME.userconfig", 0o600);
    sandbox.set_mode("root/dynamicui/alice/dynamicui_ACME.conf", 0o664);
    sandbox.set_mode("root/links/alice", 0o777);
    sandbox.set_mode("root/dynamicui/alice", 0o700);
    apply(&sandbox, &one_link(""), &[])
        .expect(0)
        .says("Apply: 1 replaced, 2 folders mended, 0 failed");
    let now = sandbox.names("root/links") + &sandbox.names("root/dynamicui");
    assert_eq!(now, right);
    apply(&sandbox, &one_link(""), &[])
        .expect(0)
        .says("Plan: no changes");
}

#[test]
fn the_umask_changes_no_mode() {
    let trees: Vec<_> = ["000", "022", "077", "777"]
        .into_iter()
        .map(|umask| {
            let sandbox = Sandbox::with_examples();
            fs::create_dir(sandbox.path("empty")).unwrap();
            let line = format!(
                "umask {umask}; for root in root empty; do cplinks apply examples/acme \
                 --root $root --secrets examples/acme-secrets.yaml --yes; done"
            );
            sandbox.shell(&line).expect(0);
            sandbox.names("root") + &sandbox.names("empty")
        })
        .collect();
    for tree in &trees {
        assert_eq!(tree, &trees[0]);
    }
}

/// An account of this machine that could be a customer's, and its group.
pub(crate) fn account() -> Option<(String, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let gid: u32 = fields.nth(2)?.parse().ok()?;
        let is_usable = gid != 0 && UserName::parse(name).is_ok();
        is_usable.then(|| (name.to_owned(), gid))
    })
}

fn owner(sandbox: &Sandbox, name: &str) -> (u32, u32, u32) {
    let metadata = fs::symlink_metadata(sandbox.path(name)).unwrap();
    (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
}

#[test]
fn as_root_folders_get_the_group_of_their_account_and_files_root() {
    let sandbox = Sandbox::with_root();
    let is_root = owner(&sandbox, "root").0 == 0;
    let (Some((name, gid)), true) = (account(), is_root) else {
        eprintln!("SKIPPED: this test needs root and an account in /etc/passwd");
        return;
    };
    let manifest = one_link("").replace("alice", &name);
    let check = || {
        for tree in ["links", "dynamicui"] {
            let folder = format!("root/{tree}/{name}");
            assert_eq!(owner(&sandbox, &folder), (0, gid, 0o750), "{folder}");
        }
        for (file, mode) in [
            (format!("links/{name}/ACME.userconfig"), 0o644),
            (format!("links/{name}/ACME.adminconfig"), 0o600),
            (format!("dynamicui/{name}/dynamicui_ACME.conf"), 0o644),
        ] {
            let file = format!("root/{file}");
            assert_eq!(owner(&sandbox, &file), (0, 0, mode), "{file}");
        }
    };
    apply(&sandbox, &manifest, &["--owners", "set"]).expect(0);
    check();
    let chown = |name: &str, to: u32| {
        std::os::unix::fs::lchown(sandbox.path(name), Some(to), Some(to)).unwrap();
    };
    chown(&format!("root/links/{name}"), 12_345);
    chown(&format!("root/dynamicui/{name}"), 0);
    chown(&format!("root/links/{name}/ACME.adminconfig"), 12_345);
    chown(
        &format!("root/dynamicui/{name}/dynamicui_ACME.conf"),
        12_345,
    );
    // Not ours to judge, unless asked.
    apply(&sandbox, &manifest, &[])
        .expect(0)
        .says("Plan: no changes");
    apply(&sandbox, &manifest, &["--owners", "set"])
        .expect(0)
        .says("Apply: 1 replaced, 2 folders mended, 0 failed");
    check();
}

#[test]
fn an_account_that_this_host_does_not_have_is_skipped() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.tree("root");
    let live = |sandbox: &Sandbox| sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    let live_before = live(&sandbox);
    acme(&sandbox, &["--owners", "set"])
        .expect(0)
        .says("Plan: no changes")
        .says("brightwd");
    assert_eq!(live(&sandbox), live_before);
    acme(&sandbox, &["--owners", "set", "--strict"]).expect(1);
    assert_eq!(live(&sandbox), live_before);
    assert!(before.len() > 1000);
    sandbox
        .run(&[
            "plan",
            "examples/minimal.yaml",
            "--root",
            "root",
            "--owners",
            "set",
        ])
        .expect(0)
        .says("brightwd");
}

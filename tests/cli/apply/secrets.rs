//! Where a token goes: into its adminconfig, from there into the run's
//! folder, and nowhere else, in no spelling.

use super::{apply, one_link};
use crate::support::{Outcome, Sandbox};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Looks a bit like everything that is escaped somewhere.
const FIRST: &str = "canary-1\"\\<&>'é%41+/=";
const SECOND: &str = "canary-2 ::error:: {{ user }} %0A";

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// The files under the root that hold a canary, and that none but root can
/// read any of them.
fn holders(sandbox: &Sandbox) -> Vec<String> {
    let root = sandbox.path("root");
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut holders = Vec::new();
    for path in all {
        let bytes = fs::read(&path).unwrap();
        if bytes.windows(6).any(|w| w == b"canary") {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o600, "{}", path.display());
            holders.push(path.strip_prefix(&root).unwrap().display().to_string());
        }
    }
    holders.sort();
    holders
}

fn run(sandbox: &Sandbox, token: &str, more: &[&str]) -> Outcome {
    let secrets = serde_json::json!({ "mine": token }).to_string();
    sandbox.write("secrets.json", secrets);
    let link = one_link(
        ", token: { secret: mine }, autologin_token_url: 'https://x.example/login', \
         subscriber_unique_id: '1'",
    );
    apply(
        sandbox,
        &link,
        &[&["--secrets", "secrets.json", "--expand"], more].concat(),
    )
    .is_silent_about("canary")
}

#[test]
fn a_token_is_in_its_adminconfig_and_in_the_backup_of_that() {
    let sandbox = Sandbox::with_root();
    run(&sandbox, FIRST, &[]).expect(0).says("(added)");
    assert_eq!(holders(&sandbox), ["links/alice/ACME.adminconfig"]);
    run(&sandbox, SECOND, &[]).expect(0).says("(changed)");
    assert_eq!(
        holders(&sandbox),
        [
            ".cplinks/runs/000002/old/alice/ACME.adminconfig",
            "links/alice/ACME.adminconfig"
        ]
    );
    let token = |file: &str| {
        let value: serde_json::Value = serde_json::from_str(&sandbox.read(file)).unwrap();
        value["token"].as_str().unwrap().to_owned()
    };
    assert_eq!(token("root/links/alice/ACME.adminconfig"), SECOND);
    assert_eq!(
        token("root/.cplinks/runs/000002/old/alice/ACME.adminconfig"),
        FIRST
    );
    apply(&sandbox, &one_link(""), &[])
        .expect(0)
        .says("(dropped)")
        .is_silent_about("canary");
}

#[test]
fn no_error_shows_a_token() {
    let sandbox = Sandbox::with_root();
    run(&sandbox, FIRST, &[]).expect(0);
    for broken in [
        "{\"token\":\"canary-3\"",
        "{\"token\":\"canary-3\"} canary",
        "[\"canary-3\"]",
        "canary-3",
    ] {
        sandbox.write("root/links/alice/ACME.adminconfig", broken);
        sandbox.set_mode("root/links/alice/ACME.adminconfig", 0o600);
        sandbox
            .run(&[
                "plan",
                "links.yaml",
                "--root",
                "root",
                "--secrets",
                "secrets.json",
            ])
            .expect(0)
            .says("broken")
            .is_silent_about("canary");
        let keep = one_link(
            ", token: keep, autologin_token_url: 'https://x.example/login', \
             subscriber_unique_id: '1'",
        );
        apply(&sandbox, &keep, &[])
            .expect(1)
            .is_silent_about("canary");
        run(&sandbox, FIRST, &[]).expect(0);
    }
    for broken in [
        "mine: [canary-4]\n",
        "canary-4\n",
        "mine: canary-4\nmine: canary-5\n",
    ] {
        sandbox.write("bad.yaml", broken);
        sandbox
            .run(&[
                "plan",
                "links.yaml",
                "--root",
                "root",
                "--secrets",
                "bad.yaml",
            ])
            .expect(1)
            .is_silent_about("canary");
    }
}

#[test]
fn secrets_in_urls_are_masked() {
    let sandbox = Sandbox::with_root();
    let link = one_link("").replace(
        "https://x.example/",
        "https://x.example/?token=canary&user=alice&api_key=canary",
    );
    apply(&sandbox, &link, &[])
        .expect(0)
        .says("user=alice")
        .is_silent_about("canary");
}

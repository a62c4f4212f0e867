//! What stands beside a change: links that are blocked, foreign files, keys
//! we do not know, and the old bytes.

use super::{acme, apply, one_link};
use crate::support::Sandbox;
use std::fs;

#[test]
fn a_blocked_link_is_left_alone_and_the_others_are_applied() {
    let sandbox = Sandbox::with_examples();
    let file = |name| sandbox.path(name);
    fs::remove_file(file("root/links/brightwd/ACME_support.userconfig")).unwrap();
    sandbox.write("root/links/brightwd/ACME_support.userconfig/inside", "kept");
    fs::remove_file(file("root/dynamicui/harborcf/dynamicui_ACME_billing.conf")).unwrap();
    sandbox
        .shell("mkfifo root/dynamicui/harborcf/dynamicui_ACME_billing.conf")
        .expect(0);
    let blocked = |sandbox: &Sandbox| {
        let tree = sandbox.names("root");
        let of_blocked = |line: &&str| {
            line.contains("brightwd/ACME_support")
                || line.contains("harborcf/dynamicui_ACME_billing.")
        };
        tree.lines()
            .filter(of_blocked)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before = blocked(&sandbox);
    acme(&sandbox, &[])
        .expect(1)
        .says("2 blocked, left as they are")
        .says("its userconfig is a directory")
        .says("its menu entry is a FIFO")
        .says("Apply: 16 created, 2 replaced, 1 hidden, 1 removed, 5 groups created, 1 group replaced, 0 failed");
    assert_eq!(blocked(&sandbox), before);
    assert_eq!(
        sandbox.read("root/links/brightwd/ACME_support.userconfig/inside"),
        "kept"
    );
    // Blocked is no failure once, but until it is out of the way.
    acme(&sandbox, &[]).expect(1).says("Plan: no changes");
}

#[test]
fn a_token_that_is_not_known_blocks_its_link_alone() {
    let sandbox = Sandbox::with_examples();
    let secrets = sandbox.read("examples/acme-secrets.yaml");
    let without = secrets.replace("kaffeeha/ACME_support:", "someone/ACME_support:");
    sandbox.write("examples/acme-secrets.yaml", without);
    acme(&sandbox, &[])
        .expect(1)
        .says("kaffeeha/ACME_support")
        .says("is not known here")
        .says("Apply: 15 created");
    let names = sandbox.names("root");
    assert!(!names.contains("links/kaffeeha/ACME_support"), "{names}");
}

#[test]
fn foreign_files_are_untouched_to_the_byte() {
    let sandbox = Sandbox::with_examples();
    let foreign = |fingerprint: String| {
        let is_foreign = |line: &&str| {
            line.contains("WHMCS_")
                || line.contains("ticketing")
                || line.contains("riverbnk")
                || line.contains(".tmp.3fa9")
        };
        let lines = fingerprint.lines().filter(is_foreign).map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    let bytes = sandbox.read("root/links/harborcf/.tmp.3fa9.ACME_status.userconfig");
    let before = foreign(sandbox.fingerprint());
    assert!(before.len() > 100, "{before:?}");
    acme(&sandbox, &[]).expect(0);
    assert_eq!(foreign(sandbox.fingerprint()), before);
    assert_eq!(
        sandbox.read("root/links/harborcf/.tmp.3fa9.ACME_status.userconfig"),
        bytes
    );
}

#[test]
fn keys_we_do_not_know_are_kept_with_their_exact_values() {
    let sandbox = Sandbox::with_root();
    apply(&sandbox, &one_link(""), &[]).expect(0);
    let add = |file: &str, open: &str, keys: &str| {
        let text = sandbox.read(file);
        let mode = 0o600
            | if file.ends_with("adminconfig") {
                0
            } else {
                0o044
            };
        sandbox.write(file, text.replacen(open, &format!("{open}{keys}"), 1));
        sandbox.set_mode(file, mode);
    };
    let (u, a, d) = (
        "root/links/alice/ACME.userconfig",
        "root/links/alice/ACME.adminconfig",
        "root/dynamicui/alice/dynamicui_ACME.conf",
    );
    add(
        u,
        "{",
        r#""zz":1.10,"big":123456789012345678901234567890,"e":"\u00e9\/","#,
    );
    add(a, "{", r#""legacy":1e3,"#);
    add(d, "{", r#""extra":{"b":1,"a":[2.50]},"#);
    apply(&sandbox, &one_link(""), &[])
        .expect(0)
        .says("Plan: no changes");
    let changed = one_link(
        ", order: 3, token: other, autologin_token_url: 'https://x.example/l', subscriber_unique_id: '1'",
    );
    apply(&sandbox, &changed, &[]).expect(0).says("1 replaced");
    for (file, line) in [
        (u, "   \"zz\" : 1.10\n"),
        (u, "   \"big\" : 123456789012345678901234567890,\n"),
        (u, "   \"e\" : \"\\u00e9\\/\",\n"),
        (a, "   \"legacy\" : 1e3,\n   \"token\" : \"other\"\n"),
        (d, "      \"extra\" : {\"b\":1,\"a\":[2.50]},\n"),
    ] {
        let text = sandbox.read(file);
        assert!(text.contains(line), "no {line:?} in {text}");
    }
}

#[test]
fn the_old_bytes_are_kept_with_their_modes() {
    let sandbox = Sandbox::with_examples();
    let old = sandbox.read("root/links/harborcf/ACME_billing.userconfig");
    let removed = sandbox.read("root/links/harborcf/ACME_billing_old.adminconfig");
    acme(&sandbox, &[]).expect(0);
    let kept = "root/.cplinks/runs/000001/old/harborcf";
    assert_eq!(
        sandbox.read(&format!("{kept}/ACME_billing.userconfig")),
        old
    );
    assert_eq!(
        sandbox.read(&format!("{kept}/ACME_billing_old.adminconfig")),
        removed
    );
    let names = sandbox.names("root/.cplinks");
    for line in names.lines() {
        let mode = line.split_once(' ').unwrap().0;
        let expect = match () {
            () if line.ends_with('/') => "0700",
            () if [
                "adminconfig",
                " lock",
                "/journal",
                "/key",
                "state.db",
                " key",
            ]
            .iter()
            .any(|end| line.ends_with(end)) =>
            {
                "0600"
            }
            () => "0644",
        };
        assert_eq!(mode, expect, "{line}");
    }
}

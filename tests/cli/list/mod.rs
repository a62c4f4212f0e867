//! `cplinks list` and `cplinks get`: what lies on disk, and whose it is.

mod unmanaged;

use crate::support::{Outcome, Sandbox};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt as _;

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    sandbox.run(&[arguments, &["--root", "root"]].concat())
}

/// The bundled server after the bundled manifest was applied.
fn applied() -> Sandbox {
    let sandbox = Sandbox::with_examples();
    let secrets = ["--secrets", "examples/acme-secrets.yaml"];
    let apply = ["apply", "examples/acme", "--yes"];
    run(&sandbox, &[&apply[..], &secrets].concat()).expect(0);
    sandbox
}

/// Who runs the tests, and so owns what they write.
fn owner(sandbox: &Sandbox) -> (u32, u32) {
    let found = std::fs::metadata(sandbox.path("root/links/northsea/ACME_billing.userconfig"));
    let found = found.unwrap();
    (found.uid(), found.gid())
}

#[test]
fn every_link_is_a_row() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    let outcome = run(&sandbox, &["list", "--exclude-app", "WHMCS_*"]).expect(0);
    insta::assert_snapshot!(outcome.shown());
    assert_eq!(sandbox.fingerprint(), before);
    run(&sandbox, &["list", "riverbnk"])
        .expect(0)
        .says("riverbnk/NorthPanel_backup  foreign  shows    \"Backup Console\"\n")
        .is_silent_about("harborcf");
}

#[test]
fn what_was_applied_is_ours() {
    let sandbox = applied();
    let outcome = run(&sandbox, &["list", "--user", "h*", "--user", "n*"]).expect(0);
    insta::assert_snapshot!(outcome.shown());
    let outcome = run(&sandbox, &["get", "northsea", "ACME_billing"]).expect(0);
    let (uid, gid) = owner(&sandbox);
    let text = outcome
        .shown()
        .replace(&format!("owner {uid}:{gid}"), "owner UID:GID");
    insta::assert_snapshot!(text);
}

#[test]
fn programs_get_the_same() {
    let sandbox = applied();
    let list = run(&sandbox, &["list", "--format", "json"]).expect(0);
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    let links = list.as_array().unwrap();
    let text = run(&sandbox, &["list"]).expect(0).stdout;
    assert_eq!(links.len(), text.lines().count());
    for (link, row) in links.iter().zip(text.lines()) {
        let (user, app) = (
            link["user"].as_str().unwrap(),
            link["app"].as_str().unwrap(),
        );
        assert!(row.starts_with(&format!("{user}/{app} ")), "{row}");
        let get = run(&sandbox, &["get", user, app, "--format", "json"]).expect(0);
        let one: Value = serde_json::from_str(&get.stdout).unwrap();
        assert_eq!(one, *link);
    }
    let outcome = run(
        &sandbox,
        &["get", "northsea", "ACME_billing", "--format", "json"],
    )
    .expect(0);
    let mut link: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let (uid, gid) = owner(&sandbox);
    for file in link["files"].as_object_mut().unwrap().values_mut() {
        assert_eq!((&file["uid"], &file["gid"]), (&json!(uid), &json!(gid)));
        file["uid"] = json!("UID");
        file["gid"] = json!("GID");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&link).unwrap());
}

#[test]
fn a_token_is_only_ever_told_of() {
    let sandbox = Sandbox::with_root();
    let (u, a) = (
        "root/links/ann/Shop.userconfig",
        "root/links/ann/Shop.adminconfig",
    );
    let url = r#"{"label":"\u001b[2J","url":"https://u:canary@x.example/?token=canary"}"#;
    sandbox
        .write(u, url)
        .write(a, r#"{"token":"canary","other":"canary"}"#);
    for format in ["text", "json"] {
        for command in [&["list"][..], &["get", "ann", "Shop"]] {
            run(&sandbox, &[command, &["--format", format]].concat())
                .expect(0)
                .says("broken")
                .is_silent_about("canary")
                .is_silent_about("\u{1b}");
        }
    }
    run(&sandbox, &["get", "ann", "Shop"]).says("  token                 has one\n");
}

#[test]
fn what_lies_in_the_place_of_a_file_is_told() {
    let sandbox = Sandbox::with_root();
    sandbox
        .folder("root/links/ann/Shop.adminconfig")
        .write("root/links/ann/Shop.userconfig", "{")
        .write("root/dynamicui/ann/dynamicui_Shop.conf", "[]")
        .set_mode("root/links/ann/Shop.userconfig", 0o666);
    run(&sandbox, &["list"])
        .expect(0)
        .says("ann/Shop  foreign  blocked  (no label)\n");
    run(&sandbox, &["get", "ann", "Shop"])
        .expect(0)
        .says("  token                 not known\n")
        .says("  userconfig            mode 0666, owner ")
        .says("  adminconfig           is a directory\n");
}

#[test]
fn a_folder_that_cannot_be_read_is_an_error_and_not_an_empty_one() {
    let sandbox = Sandbox::with_examples();
    sandbox.write("root/links/ann", "no folder");
    run(&sandbox, &["list"])
        .expect(1)
        .says("error: the folder of ann in `links` ")
        .says("riverbnk/NorthPanel_backup");
}

#[test]
fn what_is_not_there_is_told() {
    let sandbox = Sandbox::with_examples();
    for (arguments, says) in [
        (
            &["get", "northsea", "NoSuch"][..],
            "error: there is no file of a link northsea/NoSuch\nhint: `cplinks list northsea`",
        ),
        (
            &["get", "a/b", "x"],
            "error: `a/b` is no name of a user: it holds `/`",
        ),
        (&["get", "ann", ".."], "error: `..` is no name of an app"),
        (&["list", ".."], "error: `..` is no name of a user"),
        (
            &["list", "--user", "x*"],
            "error: no user on disk matches x*",
        ),
        (&["list", "--app", "x*"], "error: no app on disk matches x*"),
    ] {
        run(&sandbox, arguments).expect(1).says(says);
    }
}

#[test]
fn a_user_of_whom_nothing_is_there_is_an_error_and_one_without_links_is_not() {
    let sandbox = Sandbox::with_examples();
    for format in ["text", "json"] {
        let list = ["list", "nobodyhere", "--format", format];
        let outcome = run(&sandbox, &list).expect(1).says(
            "error: nothing of a user nobodyhere is on disk\n\
             hint: `cplinks list` lists the links of all users",
        );
        assert_eq!(outcome.stdout, "");
    }
    sandbox.folder("root/links/nobodyhere");
    run(&sandbox, &["list", "nobodyhere"])
        .expect(0)
        .says("No link is there.");
    let none = run(&sandbox, &["list", "nobodyhere", "--format", "json"]).expect(0);
    assert_eq!(none.stdout, "[]\n");
}

//! `cplinks snapshot` and `plan --against`. Here: what is in the file and what
//! is not, and when none is written.

mod against;
mod hostile;

use crate::support::{Outcome, Sandbox};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn take(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let taken = ["snapshot", "--root", "root", "-o", "snapshot.json"];
    sandbox.run(&[&taken, more].concat())
}

/// One user with one link, and what is asked for is on disk.
fn one_link(more: &str) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest(more));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    sandbox
}

fn manifest(more: &str) -> String {
    format!(
        "version: 1\nusers:\n  alice:\n    links:\n      \
         App: {{ label: L, implements: '', url: 'https://x.example/'{more} }}\n"
    )
}

/// A file whose time, salt and version are always the same.
fn settled(document: &str) -> String {
    let head = document.lines().nth(1).unwrap();
    let mut fixed = head.to_owned();
    for (key, value) in [
        ("cplinks", "0.0.0"),
        ("taken", "2026-01-01T00:00:00Z"),
        ("host", "web1"),
        ("root", "/root"),
        ("salt", "00"),
    ] {
        let (front, rest) = fixed.split_once(&format!("\"{key}\":\"")).unwrap();
        let (_, back) = rest.split_once('"').unwrap();
        fixed = format!("{front}\"{key}\":\"{value}\"{back}");
    }
    document.replace(head, &fixed)
}

#[test]
fn the_file_holds_one_user_a_line_and_no_token() {
    let sandbox = one_link(
        ", autologin_token_url: 'https://sso.example/?k=1', subscriber_unique_id: '7', \
         token: canary-token",
    );
    sandbox.set_mode("root/links/alice/App.userconfig", 0o640);
    sandbox.write("root/dynamicui/alice/stray", "canary-stray");
    sandbox.write("root/links/bob/Broken.userconfig", "{ canary-broken");
    sandbox.folder("root/links/bob/Folder.adminconfig");
    sandbox.write("root/links/Not a user/x", "");
    sandbox.write(
        "root/links/bob/Key.adminconfig",
        r#"{ "token": null, "x-key": "canary-key" }"#,
    );
    for (path, mode) in [
        ("", 0o755),
        ("/Broken.userconfig", 0o644),
        ("/Key.adminconfig", 0o644),
    ] {
        sandbox.set_mode(&format!("root/links/bob{path}"), mode);
    }
    // Whose they are differs from machine to machine.
    let anonymous = |text: String| {
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        text.replace(
            &format!("\"uid\":{},\"gid\":{}", uid.as_raw(), gid.as_raw()),
            "\"uid\":1,\"gid\":1",
        )
    };
    let outcome = sandbox.run(&["snapshot", "--root", "root"]).expect(0);
    assert_eq!(outcome.stderr, "");
    assert!(!outcome.stdout.contains("canary"), "{}", outcome.stdout);
    insta::assert_snapshot!(anonymous(settled(&outcome.stdout)));
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["snapshot"]["version"], 1);
}

#[test]
fn it_is_a_file_for_its_owner_alone_and_nothing_else_is_written() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.tree("root");
    sandbox.folder("out");
    let to = |path: &str| sandbox.run(&["snapshot", "--root", "root", "--output", path]);
    let outcome = to("out/s.json").expect(0);
    assert_eq!(outcome.stdout + &outcome.stderr, "");
    assert_eq!(sandbox.names("out"), "0600 s.json\n");
    // One that others may read is replaced, and not written into.
    sandbox
        .write("out/s.json", "old")
        .set_mode("out/s.json", 0o644);
    to("out/s.json").expect(0);
    assert_eq!(sandbox.names("out"), "0600 s.json\n");
    assert!(sandbox.read("out/s.json").ends_with("]\n}\n"));
    assert_eq!(sandbox.tree("root"), before);

    to("root/s.json")
        .expect(1)
        .says("`root/s.json` is below the root, where only links may lie");
    symlink("root/links", sandbox.path("way")).unwrap();
    to("way/s.json").expect(1).says("is below the root");
    to("out").expect(1).says("cannot write `out`");
    to("none/s.json")
        .expect(1)
        .says("cannot write `none/s.json`");
    assert_eq!(sandbox.tree("root"), before);
    assert_eq!(sandbox.names("out"), "0600 s.json\n");
}

#[test]
fn half_an_apply_is_never_taken() {
    let sandbox = one_link("");
    let lock = fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    take(&sandbox, &["--lock-timeout", "0"])
        .expect(5)
        .says("is locked by process");
    lock.unlock().unwrap();
    lock.lock_shared().unwrap();
    take(&sandbox, &["--lock-timeout", "0"]).expect(0);
    lock.unlock().unwrap();
    // As if the power had gone before the last line of the journal.
    let journal = "root/.cplinks/runs/000001/journal";
    let text = sandbox.read(journal);
    let (kept, _) = text.trim_end().rsplit_once('\n').unwrap();
    sandbox.write(journal, format!("{kept}\n"));
    fs::remove_file(sandbox.path("snapshot.json")).unwrap();
    take(&sandbox, &[])
        .expect(1)
        .says("error: run 000001 was interrupted")
        .says("hint: cplinks recover");
    assert!(!sandbox.path("snapshot.json").exists());
}

#[test]
fn where_nothing_may_be_written_it_is_taken_all_the_same() {
    let sandbox = Sandbox::with_examples();
    let mode = |mode| fs::set_permissions(sandbox.path("root"), fs::Permissions::from_mode(mode));
    mode(0o555).unwrap();
    take(&sandbox, &[]).expect(0);
    mode(0o751).unwrap();
    sandbox
        .run(&["snapshot", "--root", "none"])
        .expect(1)
        .says("does not exist");
}

#[test]
fn a_full_output_is_an_error_and_a_closed_one_is_none() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .shell("cplinks snapshot --root root > /dev/full")
        .expect(1)
        .says("error: standard output cannot be written");
    sandbox
        .run(&["snapshot", "--root", "root", "-o", "/dev/full"])
        .expect(1)
        .says("error: cannot write `/dev/full`")
        .says("caused by: No space left on device");
    sandbox
        .shell("cplinks snapshot --root root | true")
        .expect(0);
}

#[test]
fn what_takes_styles_out_of_a_stream_leaves_a_snapshot_as_it_is() {
    let sandbox = one_link("");
    let file = "root/links/alice/App.userconfig";
    let text = sandbox.read(file).replace("\"L\"", "\"L\u{7f}x\"");
    sandbox.write(file, text);
    let printed = sandbox
        .run(&["snapshot", "--root", "root"])
        .expect(0)
        .stdout;
    assert!(printed.contains(r"L\u007fx"), "{printed:?}");
    sandbox.write("printed.json", printed);
    let against = sandbox.run(&["plan", "m.yaml", "--against", "printed.json"]);
    let here = sandbox.run(&["plan", "m.yaml", "--root", "root"]).expect(0);
    let digest = |text: &str| text.lines().last().map(str::to_owned);
    assert_eq!(digest(&against.expect(0).stdout), digest(&here.stdout));
}

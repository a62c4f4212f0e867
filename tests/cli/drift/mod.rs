//! `cplinks drift`: what somebody else changed of what we wrote, in words, and
//! that it is found by reading alone.

mod baseline;
mod status;
mod world;

use crate::support::Sandbox;
use std::fs;
use std::os::unix::fs::symlink;
use world::{
    ADMINCONFIG, FIELDS, MENU, applied, apply, drift, drift_of, edit, put_foreign, remove, respell,
};

#[test]
fn what_an_apply_left_has_not_drifted() {
    let sandbox = applied();
    let outcome = drift(&sandbox).expect(0);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 0
--- stdout
Drift: none
5 as cplinks left them
drift of root
--- stderr
"#);
}

#[test]
fn each_file_is_said_in_words_one_line_a_link() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "Billing", "Evil");
    edit(&sandbox, ADMINCONFIG, "canary", "bird");
    edit(&sandbox, MENU, "_blank", "_self");
    edit(
        &sandbox,
        "root/links/bob/A.userconfig",
        "https://sso.example/",
        "https://evil.example/",
    );
    edit(
        &sandbox,
        "root/links/bob/group_acme.userconfig",
        "Acme",
        "Emca",
    );
    let outcome = drift(&sandbox).expect(2).is_silent_about("bird");
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 2
--- stdout
Drift: 3 changed
2 as cplinks left them
drift of root

~ changed  alice/A: fields changed, token changed, menu entry changed
~ changed  bob/group:acme: fields changed
~ changed  bob/A: fields changed

Drift: 3 changed
--- stderr
"#);
}

#[test]
fn what_cannot_be_read_as_a_file_of_ours_is_said() {
    let sandbox = applied();
    sandbox.write(FIELDS, "{\"label\": \u{1b}[31m");
    remove(&sandbox, &[ADMINCONFIG, MENU]);
    symlink("/etc/passwd", sandbox.path(MENU)).unwrap();
    let files = [
        "root/links/alice/B.userconfig",
        "root/links/alice/B.adminconfig",
        "root/dynamicui/alice/dynamicui_B.conf",
    ];
    remove(&sandbox, &files);
    sandbox.set_mode("root/links/bob/A.adminconfig", 0o644);
    let outcome = drift(&sandbox).expect(2);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 2
--- stdout
Drift: 2 changed, 1 gone
2 as cplinks left them
drift of root

~ changed  alice/A: userconfig is not valid JSON (line 1, column 11), adminconfig missing, menu entry is a symbolic link, which is never followed
- gone     alice/B: none of its files is there
~ changed  bob/A: adminconfig mode 0644, not 0600

Drift: 2 changed, 1 gone
--- stderr
"#);
}

#[test]
fn another_spelling_of_the_same_values_is_none() {
    let sandbox = applied();
    for file in [FIELDS, ADMINCONFIG, MENU] {
        respell(&sandbox, file);
    }
    edit(&sandbox, MENU, "\"99999\"", "99999");
    drift(&sandbox).expect(0).says("Drift: none");
}

#[test]
fn a_file_that_names_another_user_is_drift() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "\"alice\"", "\"mallory\"");
    drift(&sandbox).expect(2).says("alice/A: fields changed\n");
}

#[test]
fn what_is_foreign_is_nobodys_drift() {
    let sandbox = applied();
    put_foreign(&sandbox, "alice", "WHMCS_x");
    put_foreign(&sandbox, "carol", "WHMCS_y");
    drift(&sandbox).expect(0).is_silent_about("WHMCS");
    edit(
        &sandbox,
        "root/links/alice/WHMCS_x.userconfig",
        "WHMCS_x",
        "Other",
    );
    drift(&sandbox).expect(0).is_silent_about("WHMCS");
}

#[test]
fn the_links_of_a_user_that_is_gone_are_gone() {
    let sandbox = applied();
    for tree in ["links", "dynamicui"] {
        fs::remove_dir_all(sandbox.path("root").join(tree).join("bob")).unwrap();
    }
    let outcome = drift(&sandbox).expect(2);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 2
--- stdout
Drift: 2 gone
3 as cplinks left them
drift of root

- gone     bob/group:acme: none of its files is there
- gone     bob/A: none of its files is there

Drift: 2 gone
--- stderr
"#);
}

#[test]
fn a_folder_of_a_user_that_is_none_is_said_once() {
    let sandbox = applied();
    let folder = sandbox.path("root/dynamicui/alice");
    fs::remove_dir_all(&folder).unwrap();
    symlink("../links/bob", &folder).unwrap();
    drift(&sandbox)
        .expect(2)
        .says("Drift: 1 changed\n")
        .says("alice: the user's folder in `dynamicui` is a symbolic link");
}

#[test]
fn a_scope_limits_it_and_a_glob_that_matches_nothing_of_ours_is_an_error() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "Billing", "Evil");
    edit(&sandbox, "root/links/bob/A.userconfig", "Billing", "Evil");
    let group = "root/links/bob/group_acme.userconfig";
    edit(&sandbox, group, "Acme", "Emca");
    drift_of(&sandbox, &["--user", "b*"])
        .expect(2)
        .says("drift of root · only --user b*")
        .says("bob/A: fields changed")
        .says("bob/group:acme: fields changed")
        .is_silent_about("alice");
    drift_of(&sandbox, &["--app", "B"])
        .expect(0)
        .says("2 as cplinks left them");
    drift_of(&sandbox, &["--exclude-user", "bob", "--exclude-app", "A"]).expect(0);
    // Of bob, only what stands in the group is looked at, and the group.
    drift_of(&sandbox, &["--app", "A", "--user", "bob"])
        .expect(2)
        .says("Drift: 2 changed\n");
    put_foreign(&sandbox, "carol", "WHMCS_y");
    drift_of(&sandbox, &["--user", "carol"])
        .expect(1)
        .says("error: cplinks owns nothing of a user that matches carol");
    drift_of(&sandbox, &["--exclude-app", "WHMCS_*"])
        .expect(1)
        .says("error: cplinks owns no link of an app that matches WHMCS_*");
    drift_of(&sandbox, &["--app", "["])
        .expect(1)
        .says("not a glob");
}

#[test]
fn where_nothing_was_ever_written_there_is_none() {
    let sandbox = Sandbox::with_examples();
    drift(&sandbox)
        .expect(0)
        .says("Drift: none; nothing is recorded as written by cplinks here.");
    let arguments = ["drift", "--root", "nowhere"];
    sandbox.run(&arguments).expect(1).says("does not exist");
}

#[test]
fn an_interrupted_run_is_no_drift() {
    let sandbox = applied();
    // As if the power had gone before the last line of the journal.
    let journal = "root/.cplinks/runs/000001/journal";
    let text = sandbox.read(journal);
    let (kept, _) = text.trim_end().rsplit_once('\n').unwrap();
    sandbox.write(journal, format!("{kept}\n"));
    edit(&sandbox, FIELDS, "Billing", "Evil");
    drift(&sandbox)
        .expect(1)
        .says("error: run 000001 was interrupted")
        .says("hint: cplinks recover")
        .is_silent_about("alice");
    world::status(&sandbox)
        .expect(1)
        .says("hint: cplinks recover")
        .is_silent_about("alice");
}

#[test]
fn it_waits_for_an_apply_and_gives_up_with_5() {
    let sandbox = applied();
    let lock = fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    for command in ["drift", "status m.yaml"] {
        let line = format!("cplinks {command} --root root --lock-timeout 0");
        sandbox.shell(&line).expect(5).says("is locked by");
    }
    lock.unlock().unwrap();
    // Others that read are no hindrance.
    lock.lock_shared().unwrap();
    drift_of(&sandbox, &["--lock-timeout", "0"]).expect(0);
}

#[test]
fn owners_are_compared_where_they_are_set() {
    let sandbox = applied();
    let is_root = fs::metadata(sandbox.path(FIELDS)).is_ok_and(|metadata| {
        use std::os::unix::fs::MetadataExt as _;
        (metadata.uid(), metadata.gid()) == (0, 0)
    });
    let outcome = drift_of(&sandbox, &["--owners", "set"]);
    if is_root {
        outcome.expect(0);
        let file = sandbox.path(ADMINCONFIG);
        std::os::unix::fs::chown(file, Some(12), Some(34)).unwrap();
        let line = "alice/A: adminconfig owner 12:34, not 0:0\n";
        drift_of(&sandbox, &["--owners", "set"])
            .expect(2)
            .says(line);
    } else {
        outcome.expect(2).says("adminconfig owner ");
    }
    drift_of(&sandbox, &["--owners", "keep"]).expect(0);
}

#[test]
fn an_apply_puts_it_right() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "Billing", "Evil");
    edit(&sandbox, ADMINCONFIG, "canary", "bird");
    remove(&sandbox, &[MENU]);
    drift(&sandbox).expect(2);
    apply(&sandbox).expect(0).says("1 replaced");
    drift(&sandbox).expect(0).says("Drift: none");
}

//! Menu groups that nobody needs any more: which go under `remove-owned`, in
//! the same run as the links that leave them, and which stay.

use crate::support::{Outcome, Sandbox};
use std::fmt::Write as _;
use std::fs;

const IN_GROUP: &str = ", group_id: acme";

/// A manifest with the group `acme`: users, their one app, and what more is
/// said of it.
fn manifest(unlisted: &str, links: &[(&str, &str, &str)]) -> String {
    let mut text = format!(
        "version: 1\nsettings: {{ unlisted: {unlisted} }}\n\
         groups: {{ acme: {{ label: Acme, order: 1 }} }}\nusers:\n"
    );
    let mut last = "";
    for (user, app, more) in links {
        if *user != last {
            writeln!(text, "  {user}:\n    links:").unwrap();
        }
        last = user;
        writeln!(
            text,
            "      {app}: {{ label: {app}, implements: \"\", url: \"https://a.example/\"{more} }}"
        )
        .unwrap();
    }
    text
}

/// A root where two users have a link in the group, and one of them another
/// beside it.
fn applied() -> Sandbox {
    let sandbox = Sandbox::with_root();
    let links = [
        ("alice", "A", IN_GROUP),
        ("alice", "B", ""),
        ("bob", "A", IN_GROUP),
    ];
    sandbox.write("m.yaml", manifest("remove-owned", &links));
    apply(&sandbox, &[]).expect(0).says("2 groups created");
    sandbox
}

fn run(sandbox: &Sandbox, command: &str, more: &[&str]) -> Outcome {
    let fixed = [command, "m.yaml", "--root", "root"];
    sandbox.run(&[&fixed[..], more].concat())
}

fn apply(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    run(sandbox, "apply", &[&["--yes"], more].concat())
}

fn plan(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    run(sandbox, "plan", &[&["--detailed-exitcode"], more].concat())
}

/// Only alice stays, with her link outside of the group.
fn leave(sandbox: &Sandbox, unlisted: &str) {
    let links = [("alice", "A", ""), ("alice", "B", "")];
    sandbox.write("m.yaml", manifest(unlisted, &links));
}

const GONE: [&str; 2] = ["--allow-user-gone", "1"];

/// The users that have a file of the group in a tree.
fn users_with_group(sandbox: &Sandbox, tree: &str) -> Vec<String> {
    let names = sandbox.names(&format!("root/{tree}"));
    let of_group = names.lines().filter(|line| line.contains("group_acme"));
    let path = of_group.filter_map(|line| line.split_once(' '));
    let user = path.filter_map(|(_, path)| path.split_once('/'));
    user.map(|(user, _)| user.to_owned()).collect()
}

#[track_caller]
fn check_groups(sandbox: &Sandbox, expect: &[&str]) {
    for tree in ["links", "dynamicui"] {
        assert_eq!(users_with_group(sandbox, tree), expect, "{tree}");
    }
}

#[test]
fn a_group_of_ours_goes_in_the_run_in_which_its_last_link_leaves_it() {
    let sandbox = applied();
    leave(&sandbox, "remove-owned");
    let before = sandbox.read("root/links/alice/group_acme.userconfig");
    let outcome = plan(&sandbox, &GONE).expect(2);
    insta::assert_snapshot!(outcome.stdout, @r#"
Plan: 1 to replace, 1 to remove, 2 groups to remove
1 in sync
touches 2 of 2 accounts looked at
by app: A 1 to replace, 1 to remove · menu groups 2 to remove
plan of root · unlisted: remove-owned

- remove   bob/A [unlisted]
- remove   group:acme on 2 users: alice, bob [unlisted]
~ replace  alice/A [fields]
    group_id  "acme" → (none)

guards: replace 1 of 3 (shares count from 10 links on) · user-gone 1 of 2 (50 %, limit 5 %, let through)
use --expand to list each
Plan: 1 to replace, 1 to remove, 2 groups to remove
digest: 97c15c022db9f3e8314cc1b3a833f0c59fb491a4b5310b9dbd70fbb0349f119a
"#);
    let outcome = apply(&sandbox, &GONE).expect(0);
    insta::assert_snapshot!(outcome.stdout.split_once("\n\nApply").unwrap().1, @r"
    : 1 replaced, 1 removed, 2 groups removed, 0 failed
    note: what was replaced or removed is kept in .cplinks/runs/000002 below the root
    Apply: 1 replaced, 1 removed, 2 groups removed, 0 failed
    ");
    insta::assert_snapshot!(sandbox.names("root/links") + &sandbox.names("root/dynamicui"), @r"
    0750 alice/
    0600 alice/A.adminconfig
    0644 alice/A.userconfig
    0600 alice/B.adminconfig
    0644 alice/B.userconfig
    0750 bob/
    0750 alice/
    0644 alice/dynamicui_A.conf
    0644 alice/dynamicui_B.conf
    0750 bob/
    ");
    // Nothing that was there is lost, and nothing is left to do.
    let kept = "root/.cplinks/runs/000002/old/alice/group_acme.userconfig";
    assert_eq!(sandbox.read(kept), before);
    plan(&sandbox, &[]).expect(0).says("Plan: no changes");
    let once = sandbox.fingerprint();
    apply(&sandbox, &[]).expect(0);
    assert_eq!(sandbox.fingerprint(), once);
    // What somebody else makes of the name later is theirs.
    sandbox.write("root/links/alice/group_acme.userconfig", before);
    sandbox.set_server_modes("root");
    plan(&sandbox, &[]).expect(0);
}

#[test]
fn an_undo_brings_a_group_back_with_the_links_in_it() {
    let sandbox = applied();
    let before = sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    leave(&sandbox, "remove-owned");
    apply(&sandbox, &GONE).expect(0);
    check_groups(&sandbox, &[]);
    sandbox
        .run(&["undo", "000002", "--root", "root", "--yes"])
        .expect(0)
        .says("2 groups created");
    let after = sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    assert_eq!(after, before);
    // They are ours as before, so what was undone would be done again.
    plan(&sandbox, &GONE).expect(2).says("2 groups to remove");
}

#[test]
fn a_group_goes_with_the_last_of_its_links() {
    let sandbox = applied();
    let links = [("alice", "B", ""), ("bob", "A", IN_GROUP)];
    sandbox.write("m.yaml", manifest("remove-owned", &links));
    apply(&sandbox, &[])
        .expect(0)
        .says("- remove   alice/A [unlisted]\n- remove   alice/group:acme [unlisted]");
    check_groups(&sandbox, &["bob"]);
    // One that was lost before is only forgotten.
    for file in [
        "links/bob/group_acme.userconfig",
        "dynamicui/bob/dynamicui_group_acme.conf",
    ] {
        fs::remove_file(sandbox.path("root").join(file)).unwrap();
    }
    sandbox.write("m.yaml", manifest("remove-owned", &links[..1]));
    apply(&sandbox, &GONE)
        .expect(0)
        .says("Apply: 1 removed, 0 failed")
        .is_silent_about("group");
    plan(&sandbox, &[]).expect(0);
}

#[test]
fn a_group_that_outlived_its_links_goes_even_if_its_user_left_the_manifest() {
    let sandbox = applied();
    // Somebody else's link keeps it for now.
    put_foreign(&sandbox, "acme");
    leave(&sandbox, "remove-owned");
    apply(&sandbox, &GONE).expect(0);
    check_groups(&sandbox, &["bob"]);
    plan(&sandbox, &[]).expect(0);
    for file in [
        "links/bob/WHMCS_x.userconfig",
        "dynamicui/bob/dynamicui_WHMCS_x.conf",
    ] {
        fs::remove_file(sandbox.path("root").join(file)).unwrap();
    }
    // No link is lost with it, so no guard minds.
    apply(&sandbox, &[])
        .expect(0)
        .says("Apply: 1 group removed, 0 failed");
    check_groups(&sandbox, &[]);
    plan(&sandbox, &[]).expect(0);
}

/// What another program left of bob: a link without a token.
fn put_foreign(sandbox: &Sandbox, group: &str) {
    let fields = format!(r#"{{"label":"X","group_id":"{group}","hide":"1"}}"#);
    let menu = r#"[{"file":"WHMCS_x","if":"0"}]"#;
    sandbox.write("root/links/bob/WHMCS_x.userconfig", fields);
    sandbox.write("root/dynamicui/bob/dynamicui_WHMCS_x.conf", menu);
    sandbox.set_server_modes("root");
}

#[test]
fn a_group_stays_while_anything_on_disk_may_name_it() {
    // A hidden link of somebody else; then one that cannot be read, which may
    // name any; then one that names another; and a menu entry alone.
    for (fields, menu, expect) in [
        (r#"{"group_id":"acme","hide":"1"}"#, "", &["bob"][..]),
        ("{", "", &["bob"]),
        (r#"{"group_id":"other"}"#, "", &[]),
        ("", r#"[{"group":"acme"}]"#, &["bob"]),
        ("", r#"[{"group":"other"}]"#, &[]),
        (r#"{"group_id":"other"}"#, "[", &["bob"]),
    ] {
        let sandbox = applied();
        for (file, text) in [
            ("links/bob/WHMCS_x.userconfig", fields),
            ("dynamicui/bob/dynamicui_WHMCS_x.conf", menu),
        ] {
            if !text.is_empty() {
                sandbox.write(&format!("root/{file}"), text);
            }
        }
        leave(&sandbox, "remove-owned");
        apply(&sandbox, &GONE).expect(0);
        check_groups(&sandbox, expect);
        plan(&sandbox, &[]).expect(0);
    }
}

#[test]
fn a_link_that_waits_for_its_token_keeps_its_group() {
    let sandbox = applied();
    // Not one of the manifest's own groups any more, but one it puts links in.
    let links = [
        ("alice", "A", ", group_id: acme"),
        ("alice", "B", ""),
        ("bob", "A", ""),
    ];
    let text = manifest("remove-owned", &links);
    let without = text.replace("groups: { acme: { label: Acme, order: 1 } }\n", "");
    sandbox.write("m.yaml", without);
    apply(&sandbox, &[])
        .expect(0)
        .says("Apply: 1 replaced, 1 group removed, 0 failed");
    check_groups(&sandbox, &["alice"]);
    plan(&sandbox, &[]).expect(0);
    // The link went from the disk, and cannot come back yet.
    fs::remove_file(sandbox.path("root/links/alice/A.userconfig")).unwrap();
    fs::remove_file(sandbox.path("root/links/alice/A.adminconfig")).unwrap();
    fs::remove_file(sandbox.path("root/dynamicui/alice/dynamicui_A.conf")).unwrap();
    let waits = sandbox.read("m.yaml").replace(
        ", group_id: acme",
        ", group_id: acme, token: { secret: nowhere }",
    );
    sandbox.write("m.yaml", waits);
    apply(&sandbox, &[]).expect(1).says("is not known here");
    check_groups(&sandbox, &["alice"]);
}

#[test]
fn other_rules_and_a_scope_of_apps_leave_groups_alone() {
    for unlisted in ["hide-owned", "hide-all", "keep"] {
        let sandbox = applied();
        leave(&sandbox, unlisted);
        apply(&sandbox, &GONE).expect(0);
        check_groups(&sandbox, &["alice", "bob"]);
    }
    let sandbox = applied();
    leave(&sandbox, "remove-owned");
    let narrow = ["--app", "A", "--user", "alice"];
    apply(&sandbox, &narrow).expect(0).says("Apply: 1 replaced");
    check_groups(&sandbox, &["alice", "bob"]);
    apply(&sandbox, &["--user", "alice", "--exclude-app", "B"])
        .expect(0)
        .says("Plan: no changes");
    // A scope of users hides nothing of a user.
    apply(&sandbox, &["--user", "alice"])
        .expect(0)
        .says("Apply: 1 group removed, 0 failed");
    check_groups(&sandbox, &["bob"]);
}

#[test]
fn a_group_that_is_not_ours_stays() {
    let sandbox = applied();
    sandbox.write(
        "root/links/alice/group_theirs.userconfig",
        r#"{"label":"Theirs","order":"2"}"#,
    );
    sandbox.set_server_modes("root");
    leave(&sandbox, "remove-owned");
    apply(&sandbox, &GONE).expect(0).is_silent_about("theirs");
    let theirs = "root/links/alice/group_theirs.userconfig";
    assert!(sandbox.path(theirs).exists());
}

#[test]
fn a_group_with_something_in_the_way_is_blocked() {
    let sandbox = applied();
    fs::remove_file(sandbox.path("root/links/alice/group_acme.userconfig")).unwrap();
    sandbox.folder("root/links/alice/group_acme.userconfig");
    leave(&sandbox, "remove-owned");
    apply(&sandbox, &GONE)
        .expect(1)
        .says("! blocked  alice/group:acme: its userconfig is a directory")
        .says("Apply: 1 replaced, 1 removed, 1 group removed, 0 failed");
    assert_eq!(users_with_group(&sandbox, "dynamicui"), ["alice"]);
}

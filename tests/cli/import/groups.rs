//! Groups that are not declared: whose they are, and what most have.

use super::{check_in_sync, fields, import, put};
use crate::support::Sandbox;
use serde_json::json;

const USERS: [&str; 3] = ["ann", "bob", "cy"];

fn menu_file(user: &str, id: &str) -> String {
    format!("root/dynamicui/{user}/dynamicui_group_{id}.conf")
}

fn put_group(sandbox: &Sandbox, user: &str, id: &str, label: &str) {
    let label_in_menu = format!("$LANG{{'{label}'}}");
    let menu = json!([{
        "type": "image", "subtype": "img", "imgtype": "icon", "file": format!("group_{id}"),
        "group": id, "groupdesc": label_in_menu, "description": label_in_menu, "grouporder": "3",
    }]);
    sandbox
        .write(
            &format!("root/links/{user}/group_{id}.userconfig"),
            json!({ "order": "3", "label": label }).to_string(),
        )
        .write(&menu_file(user, id), menu.to_string())
        .set_server_modes("root");
}

/// Users with a link in a group that all of them have.
fn world(users: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with_root();
    let mut link = fields();
    link.insert("group_id".into(), json!("grp"));
    for user in users {
        put(&sandbox, user, "Shop", &link, None);
        put_group(&sandbox, user, "grp", "Group");
    }
    sandbox
}

#[track_caller]
fn check_said(sandbox: &Sandbox, text: &str) {
    import(sandbox, &["--all", "--force"]).expect(0);
    let manifest = sandbox.read("taken/manifest.yaml");
    assert!(manifest.contains(text), "no {text} in {manifest}");
    check_in_sync(sandbox, &[]);
}

#[test]
fn whose_group_is_another_one_is_said_and_what_most_have() {
    let sandbox = world(&USERS);
    sandbox.write(&menu_file("bob", "grp"), "[{");
    let line = "grp: { label: Group, order: 3 }\n";
    let why = "  # The group grp is left as it is: 1 of 3 users with a link in it has it in \
               another way, or not whole: bob.\n";
    check_said(&sandbox, &format!("\ngroups:\n{why}  # {line}"));
    let page = sandbox.read("taken/users/0001.yaml");
    let whose = "  # bob: the group grp is left alone: its menu entry ";
    assert!(page.contains(whose), "{page}");

    // Without the `# ` it is declared, and the odd one is mended.
    let manifest = sandbox.read("taken/manifest.yaml");
    let named = manifest.replace("  # grp: {", "  grp: {");
    sandbox.write("taken/manifest.yaml", named);
    sandbox
        .run(&["plan", "taken", "--root", "root"])
        .expect(0)
        .says("bob/group:grp")
        .is_silent_about("ann/group:grp");

    // Beside one that is declared.
    let mut link = fields();
    link.insert("group_id".into(), json!("other"));
    for user in USERS {
        put(&sandbox, user, "Other", &link, None);
        put_group(&sandbox, user, "other", "Other");
    }
    let declared = "  other: { label: Other, order: 3 }\n";
    check_said(&sandbox, &format!("\ngroups:\n{declared}{why}  # {line}"));
}

#[test]
fn of_many_users_the_first_ten_are_named() {
    let users: Vec<String> = (10..40).map(|number| format!("u{number}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let sandbox = world(&users);
    for user in &users[5..19] {
        put_group(&sandbox, user, "grp", &format!("Of {user}"));
    }
    check_said(
        &sandbox,
        "14 of 30 users with a link in it have it in another way, or not whole: u15, u16, u17, \
         u18, u19, u20, u21, u22, u23, u24, and 4 more.\n  # grp: { label: Group, order: 3 }\n",
    );
    for user in &users[2..] {
        std::fs::remove_file(sandbox.path(&menu_file(user, "grp"))).unwrap();
    }
    check_said(
        &sandbox,
        "only 2 of 30 users with a link in it have it whole: u10, u11.\n  # grp: { label: Group, \
         order: 3 }\n",
    );
}

#[test]
fn a_group_that_no_manifest_may_declare_is_no_line() {
    let sandbox = world(&["ann"]);
    put_group(&sandbox, "ann", "grp", "a <b>");
    import(&sandbox, &["--all"]).expect(0);
    let manifest = sandbox.read("taken/manifest.yaml");
    let why = "# The group grp is left as it is: a manifest cannot declare it as it lies there.\n";
    assert!(manifest.contains(why), "{manifest}");
    assert!(!manifest.contains("grp: {"), "{manifest}");
    check_in_sync(&sandbox, &[]);
}

#[test]
fn a_group_that_is_not_whole_is_told_of() {
    let sandbox = world(&["zed"]);
    put_group(&sandbox, "zed", "zz", "Zz");
    std::fs::remove_file(sandbox.path("root/links/zed/group_zz.userconfig")).unwrap();
    sandbox
        .write("root/links/ann/group_a.userconfig", "{}")
        .set_server_modes("root");
    import(&sandbox, &["--all"]).expect(0);
    let page = sandbox.read("taken/users/0001.yaml");
    for line in [
        "  # ann: the group a is left alone: its menu entry is missing\n",
        "  # zed: the group zz is left alone: its userconfig is missing\n",
    ] {
        assert!(page.contains(line), "no {line} in {page}");
    }
    assert!(!page.contains("group grp"), "{page}");
    check_in_sync(&sandbox, &[]);
    // All parse, and are not what they make of each other.
    let config = "root/links/zed/group_grp.userconfig";
    sandbox.write(config, json!({ "label": "Group" }).to_string());
    import(&sandbox, &["--all", "--force"]).expect(0);
    let page = sandbox.read("taken/users/0001.yaml");
    let line =
        "  # zed: the group grp is left alone: a manifest that declares it would change it\n";
    assert!(page.contains(line), "{page}");
    check_in_sync(&sandbox, &[]);
    // Where only some apps are asked for, groups of none are not told of.
    import(&sandbox, &["--app", "Shop", "--force"]).expect(0);
    let page = sandbox.read("taken/users/0001.yaml");
    assert!(!page.contains("left alone"), "{page}");
}

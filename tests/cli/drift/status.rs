//! `cplinks status`: drift and what apply would do, side by side.

use super::world::{
    ADMINCONFIG, FIELDS, MENU, applied, apply, edit, put_foreign, remove, status,
    status_with_exit_code,
};
use crate::support::Sandbox;
use std::os::unix::fs::symlink;

#[test]
fn where_nothing_is_to_be_said_it_is_a_count() {
    let sandbox = applied();
    let outcome = status_with_exit_code(&sandbox).expect(0);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 0
--- stdout
Status: drift: none; apply: no changes
5 in sync
5 as cplinks left them
status of root · unlisted: hide-owned
--- stderr
"#);
}

#[test]
fn each_link_has_a_line_with_what_others_did_and_what_apply_would_do() {
    let sandbox = applied();
    // Changed by others, and apply would put it back.
    edit(&sandbox, FIELDS, "Billing", "Evil");
    edit(&sandbox, ADMINCONFIG, "canary", "bird");
    // Removed by others, and apply would make it again.
    for file in [
        "links/alice/B.userconfig",
        "links/alice/B.adminconfig",
        "dynamicui/alice/dynamicui_B.conf",
    ] {
        remove(&sandbox, &[&format!("root/{file}")]);
    }
    // Left alone by others, and apply would change it; a new one; one that
    // others made; and one that apply cannot change.
    let text = sandbox.read("m.yaml");
    let text = text.replace(
        "bob: { links: { A: {} } }",
        "bob: { links: { B: {} } }\n  carol: { links: { B: {} } }\n  dora: { links: { B: {} } }",
    );
    sandbox.write("m.yaml", text);
    put_foreign(&sandbox, "dora", "B");
    put_foreign(&sandbox, "dora", "WHMCS_x");
    sandbox.folder("root/dynamicui/carol");
    symlink("x", sandbox.path("root/dynamicui/carol/dynamicui_B.conf")).unwrap();
    let outcome = status(&sandbox).expect(0);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 0
--- stdout
Status: drift: 1 changed, 1 gone; apply: 2 to create, 2 to replace (1 adopted), 1 to hide, 2 groups to create, 1 folder to mend, 1 blocked
2 in sync · 1 foreign left alone
3 as cplinks left them
status of root · unlisted: hide-owned
first column, since our last write: ~ changed, - gone, ! not readable
second column, what apply would do: + create, ~ replace or mend, - hide or remove, ! blocked

~~ alice/A: fields changed, token changed; apply would replace it [fields, token]
-+ alice/B: none of its files is there; apply would create it [new]
 - bob/A: apply would hide it [unlisted]
 + bob/B: apply would create it [new]
 ~ carol: apply would mend the folder in `dynamicui` mode 0755 → 0750
 + carol/group:acme: apply would create it [new]
 ! carol/B: blocked: its menu entry is a symbolic link, which is never followed
 + dora/group:acme: apply would create it [new]
 ~ dora/B: apply would replace it [adopt, fields]

Status: drift: 1 changed, 1 gone; apply: 2 to create, 2 to replace (1 adopted), 1 to hide, 2 groups to create, 1 folder to mend, 1 blocked
--- stderr
"#);
    status_with_exit_code(&sandbox).expect(2);
}

#[test]
fn drift_to_what_is_wanted_has_only_the_first_column() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "Billing", "Bills");
    edit(&sandbox, MENU, "Billing", "Bills");
    let text = sandbox.read("m.yaml");
    sandbox.write("m.yaml", text.replace("label: Billing", "label: Bills"));
    status(&sandbox)
        .expect(0)
        .says("\n~  alice/A: fields changed, menu entry changed\n")
        .says("\n ~ bob/A: apply would replace it [fields]\n");
    apply(&sandbox).expect(0);
    status_with_exit_code(&sandbox).expect(0);
}

#[test]
fn drift_alone_is_pending_too() {
    let sandbox = applied();
    let text = sandbox.read("m.yaml");
    let named = text.replace("label: Billing", "label: Bills");
    sandbox.write("m.yaml", &named);
    edit(&sandbox, FIELDS, "Billing", "Bills");
    edit(&sandbox, MENU, "Billing", "Bills");
    let only = |command: &str| {
        let line = format!(
            "cplinks {command} m.yaml --root root --secrets secrets.yaml --user alice --app A \
             --detailed-exitcode"
        );
        sandbox.shell(&line)
    };
    only("plan").expect(0);
    only("status")
        .expect(2)
        .says("only --user alice --app A")
        .is_silent_about("bob");
}

#[test]
fn before_the_first_apply_there_is_only_the_second_column() {
    let sandbox = Sandbox::with_examples();
    let line = "cplinks status examples/acme --root root --secrets examples/acme-secrets.yaml";
    sandbox
        .shell(line)
        .expect(0)
        .says("Status: drift: none; apply: ")
        .says(" - harborcf/ACME_billing_old: apply would remove it [declared-absent]\n")
        .says(" ~ brightwd/ACME_support: apply would replace it [adopt")
        .is_silent_about("as cplinks left them");
}

#[test]
fn a_refused_plan_is_said() {
    let sandbox = applied();
    let text = sandbox.read("m.yaml");
    let text = text.replace("sso.example", "evil.example");
    sandbox.write("m.yaml", text);
    status(&sandbox)
        .expect(0)
        .says("refused by guard new-host\n");
}

#[test]
fn a_manifest_with_an_error_is_one() {
    let sandbox = applied();
    sandbox.write("m.yaml", "version: 1\nuser: {}\n");
    status(&sandbox).expect(1).says("unknown key `user`");
}

#[test]
fn of_more_users_than_one_thread_reads_it_says_the_same_in_their_order() {
    let sandbox = Sandbox::with_root();
    let manifest = |of_070: &str| {
        let link = |n| if n == 70 { of_070 } else { "" };
        let user = |n| format!("  u{n:03}: {{ links: {{ A: {{ {} }} }} }}", link(n));
        let users: Vec<String> = (0..100).map(user).collect();
        format!(
            "version: 1\napps: {{ A: {{ label: Old, implements: \"\", url: \"https://a.example\" }} }}\n\
             users:\n{}\n",
            users.join("\n")
        )
    };
    sandbox.write("m.yaml", manifest(""));
    sandbox.write("secrets.yaml", "{}");
    apply(&sandbox).expect(0);
    // One that an apply puts back, one that is wanted as others made it, and
    // one that is gone with both its folders.
    for user in ["u007", "u070"] {
        for file in [
            format!("root/links/{user}/A.userconfig"),
            format!("root/dynamicui/{user}/dynamicui_A.conf"),
        ] {
            edit(&sandbox, &file, "Old", "New");
        }
    }
    sandbox.write("m.yaml", manifest("label: New"));
    for file in [
        "links/u099/A.userconfig",
        "links/u099/A.adminconfig",
        "dynamicui/u099/dynamicui_A.conf",
    ] {
        remove(&sandbox, &[&format!("root/{file}")]);
    }
    let outcome = status(&sandbox).expect(0);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 0
--- stdout
Status: drift: 2 changed, 1 gone; apply: 1 to create, 1 to replace
98 in sync
97 as cplinks left them
status of root · unlisted: hide-owned
first column, since our last write: ~ changed, - gone, ! not readable
second column, what apply would do: + create, ~ replace or mend, - hide or remove, ! blocked

~~ u007/A: fields changed, menu entry changed; apply would replace it [fields]
~  u070/A: fields changed, menu entry changed
-+ u099/A: none of its files is there; apply would create it [new]

Status: drift: 2 changed, 1 gone; apply: 1 to create, 1 to replace
--- stderr
"#);
    let outcome = apply(&sandbox).expect(0);
    outcome.says("1 of those in sync is recorded anew, as found.");
    let outcome = status_with_exit_code(&sandbox).expect(0);
    outcome.says("100 as cplinks left them");
}

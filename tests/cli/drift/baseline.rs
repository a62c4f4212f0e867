//! What drift is measured from: what the last apply wrote, took up, or found
//! as it should be.

use super::world::{
    ADMINCONFIG, FIELDS, applied, apply, drift, drift_of, edit, put_foreign, remove,
};
use crate::support::{Outcome, Sandbox};
use std::fs;

/// A manifest of plain links of alice, under a rule for all others.
fn links(unlisted: &str, apps: &[&str]) -> String {
    let links = apps.iter().map(|app| {
        format!("      {app}: {{ label: {app}, implements: \"\", url: \"https://a.example/\" }}\n")
    });
    let links: String = links.collect();
    format!(
        "version: 1\nsettings: {{ unlisted: {unlisted} }}\nusers:\n  alice:\n    links:\n{links}"
    )
}

/// Applies, expects that all is known then, and that the next apply writes
/// nothing.
fn apply_and_settle(sandbox: &Sandbox) -> Outcome {
    let outcome = apply(sandbox).expect(0);
    let once = sandbox.fingerprint();
    apply(sandbox)
        .expect(0)
        .says("Plan: no changes")
        .is_silent_about("recorded");
    assert_eq!(sandbox.fingerprint(), once);
    outcome
}

#[test]
fn what_is_taken_up_as_it_is_starts_without_drift() {
    let sandbox = Sandbox::with_root();
    put_foreign(&sandbox, "alice", "A");
    sandbox.write("m.yaml", links("hide-owned", &["A"]));
    sandbox.write("secrets.yaml", "{}\n");
    drift(&sandbox).expect(0).says("nothing is recorded");
    apply_and_settle(&sandbox).says("1 of those in sync is recorded as ours from now on.");
    drift(&sandbox).expect(0).says("1 as cplinks left them\n");
    edit(&sandbox, FIELDS, "a.example", "b.example");
    drift(&sandbox).expect(2).says("alice/A: fields changed");
}

#[test]
fn what_was_changed_to_what_is_wanted_now_is_no_drift_after_the_next_apply() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "\"Billing\"", "\"Bills\"");
    edit(
        &sandbox,
        "root/dynamicui/alice/dynamicui_A.conf",
        "Billing",
        "Bills",
    );
    edit(
        &sandbox,
        "root/links/bob/A.userconfig",
        "\"Billing\"",
        "\"Bills\"",
    );
    edit(
        &sandbox,
        "root/dynamicui/bob/dynamicui_A.conf",
        "Billing",
        "Bills",
    );
    edit(
        &sandbox,
        "root/links/bob/group_acme.userconfig",
        "Acme",
        "Emca",
    );
    edit(
        &sandbox,
        "root/dynamicui/bob/dynamicui_group_acme.conf",
        "Acme",
        "Emca",
    );
    let text = sandbox.read("m.yaml");
    sandbox.write("m.yaml", text.replace("label: Billing", "label: Bills"));
    drift(&sandbox).expect(2).says("Drift: 3 changed\n");
    // The group of bob is put right; the links are as they should be.
    apply_and_settle(&sandbox)
        .says("1 group to replace")
        .says("2 of those in sync are recorded anew, as found.");
    drift(&sandbox).expect(0).says("Drift: none");
}

#[test]
fn a_group_that_was_changed_to_what_is_wanted_is_recorded_too() {
    let sandbox = applied();
    for file in [
        "links/bob/group_acme.userconfig",
        "dynamicui/bob/dynamicui_group_acme.conf",
        "links/alice/group_acme.userconfig",
        "dynamicui/alice/dynamicui_group_acme.conf",
    ] {
        edit(&sandbox, &format!("root/{file}"), "Acme", "Emca");
    }
    let text = sandbox.read("m.yaml");
    sandbox.write("m.yaml", text.replace("label: Acme", "label: Emca"));
    drift(&sandbox).expect(2).says("Drift: 2 changed\n");
    apply_and_settle(&sandbox).says("2 of those in sync are recorded anew, as found.");
    drift(&sandbox).expect(0);
}

#[test]
fn a_state_that_is_made_anew_from_the_runs_knows_again_after_the_next_apply() {
    let sandbox = applied();
    remove(&sandbox, &["root/.cplinks/state.db"]);
    edit(&sandbox, FIELDS, "Billing", "Evil");
    sandbox.set_mode("root/links/bob/A.adminconfig", 0o640);
    let outcome = drift(&sandbox).expect(0);
    insta::assert_snapshot!(outcome.shown(), @r#"
exit 0
--- stdout
Drift: none
5 not known
drift of root
note: of 5 it is not known how cplinks left them: `.cplinks/state.db` is missing, and the runs alone do not tell; the next apply records those that are as they should be
--- stderr
"#);
    apply_and_settle(&sandbox).says("3 of those in sync are recorded anew, as found.");
    drift(&sandbox)
        .expect(0)
        .says("5 as cplinks left them\n")
        .is_silent_about("not known");
    edit(&sandbox, ADMINCONFIG, "canary", "bird");
    drift(&sandbox).expect(2).says("alice/A: token changed");
}

#[test]
fn fingerprints_of_another_key_say_nothing() {
    let sandbox = applied();
    edit(&sandbox, FIELDS, "Billing", "Evil");
    sandbox.write("root/.cplinks/key", [7; 32]);
    drift(&sandbox)
        .expect(0)
        .says("5 not known\n")
        .says("the state was made with another key than `.cplinks/key`");
    remove(&sandbox, &["root/.cplinks/key"]);
    drift(&sandbox)
        .expect(0)
        .says("5 not known\n")
        .says("`.cplinks/key` is missing");
    sandbox.write("root/.cplinks/key", "short");
    drift(&sandbox)
        .expect(1)
        .says("error: the key of the state is 5 bytes long, 32 were expected")
        .says("hint: move `.cplinks/key`");
    remove(&sandbox, &["root/.cplinks/key"]);
    apply_and_settle(&sandbox).says("4 of those in sync are recorded anew, as found.");
    drift(&sandbox).expect(0).says("5 as cplinks left them\n");
}

#[test]
fn hidden_links_that_the_manifest_no_longer_names_are_known_too() {
    let sandbox = Sandbox::with_root();
    sandbox.write("secrets.yaml", "{}\n");
    sandbox.write("m.yaml", links("hide-owned", &["A", "B"]));
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", links("hide-owned", &["B"]));
    apply_and_settle(&sandbox).says("- hide     alice/A [unlisted]");
    drift(&sandbox).expect(0);
    remove(&sandbox, &["root/.cplinks/state.db"]);
    drift(&sandbox).expect(0).says("2 not known");
    apply_and_settle(&sandbox);
    drift(&sandbox).expect(0).says("2 as cplinks left them\n");
    // Its mode is not the rule's business; that it was changed is known.
    sandbox.set_mode(ADMINCONFIG, 0o644);
    apply_and_settle(&sandbox);
    drift(&sandbox)
        .expect(2)
        .says("alice/A: adminconfig mode 0644, not 0600\n");
    // A file that is missing is nothing to get used to.
    remove(&sandbox, &[ADMINCONFIG]);
    apply_and_settle(&sandbox);
    drift(&sandbox)
        .expect(2)
        .says("alice/A: adminconfig missing\n");
    fs::remove_dir_all(sandbox.path("root/links/alice")).unwrap();
    drift(&sandbox)
        .expect(2)
        .says("alice/A: userconfig missing, adminconfig missing\n");
}

#[test]
fn a_wrong_mode_that_was_there_when_a_link_was_hidden_is_no_drift() {
    let sandbox = Sandbox::with_root();
    put_foreign(&sandbox, "alice", "A");
    sandbox.set_mode(ADMINCONFIG, 0o644);
    sandbox.write("secrets.yaml", "{}\n");
    sandbox.write("m.yaml", links("hide-all", &["B"]));
    apply_and_settle(&sandbox).says("- hide     alice/A [unlisted]");
    drift(&sandbox).expect(0).says("2 as cplinks left them\n");
    sandbox.set_mode(FIELDS, 0o666);
    drift(&sandbox)
        .expect(2)
        .says("alice/A: userconfig mode 0666, not 0644\n");
}

#[test]
fn what_is_hidden_is_recorded_even_where_nobody_knows_what_was_written() {
    let sandbox = Sandbox::with_root();
    sandbox.write("secrets.yaml", "{}\n");
    sandbox.write("m.yaml", links("hide-owned", &["A", "B"]));
    apply(&sandbox).expect(0);
    // Of A nothing is left but a file that says nothing.
    remove(&sandbox, &[FIELDS, "root/dynamicui/alice/dynamicui_A.conf"]);
    sandbox.write(ADMINCONFIG, "no JSON");
    remove(&sandbox, &["root/.cplinks/state.db"]);
    sandbox.write("m.yaml", links("hide-owned", &["B"]));
    apply_and_settle(&sandbox);
    drift(&sandbox)
        .expect(0)
        .says("1 as cplinks left them · 1 not known\n");
}

#[test]
fn where_a_run_did_not_end_what_it_did_is_known_after_the_next_apply() {
    let sandbox = applied();
    let before = fs::read(sandbox.path("root/.cplinks/state.db")).unwrap();
    let text = sandbox.read("m.yaml");
    sandbox.write("m.yaml", text.replace("label: Billing", "label: Bills"));
    apply(&sandbox).expect(0).says("2 replaced");
    // As if it had been cut off before it remembered.
    sandbox.write("root/.cplinks/state.db", before);
    apply_and_settle(&sandbox).says("2 of those in sync are recorded anew, as found.");
    drift(&sandbox).expect(0);
}

#[test]
fn folders_that_others_could_change_are_not_trusted() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can test --strict-owners");
        return;
    }
    let sandbox = applied();
    sandbox.set_mode("root/links/bob", 0o770);
    drift_of(&sandbox, &["--strict-owners"])
        .expect(1)
        .says("Drift: 1 not readable\n")
        .says("! error    bob: the user's folder in `links` belongs to user 0 and has mode 0770");
    drift(&sandbox).expect(0);
}

#[test]
fn what_an_undo_brings_back_has_not_drifted() {
    let sandbox = applied();
    // A mode that an undo does not bring back, and a change that it does.
    sandbox.set_mode(FIELDS, 0o666);
    edit(&sandbox, FIELDS, "Billing", "Evil");
    let text = sandbox.read("m.yaml");
    sandbox.write("m.yaml", text.replace("label: Acme", "label: Emca"));
    apply(&sandbox)
        .expect(0)
        .says("1 to replace, 2 groups to replace");
    sandbox.run(&["undo", "--root", "root", "--yes"]).expect(0);
    assert!(sandbox.read(FIELDS).contains("Evil"));
    drift(&sandbox).expect(0).says("5 as cplinks left them\n");
}

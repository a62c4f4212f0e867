//! What cplinks remembers from one apply to the next: whose links are whose,
//! what happens to those that leave the manifest, and how little it takes to
//! lose the memory without losing a link.

use crate::support::{Outcome, Sandbox};
use std::fmt::Write as _;
use std::fs;

const TOKEN: &str = "canary-7f3a91";

/// A manifest of users with links, each link plain.
fn manifest(unlisted: &str, users: &[(&str, &[&str])]) -> String {
    let mut text = format!("version: 1\nsettings: {{ unlisted: {unlisted} }}\nusers:\n");
    for (user, apps) in users {
        writeln!(text, "  {user}:\n    links:").unwrap();
        for app in *apps {
            writeln!(
                text,
                "      {app}: {{ label: {app}, implements: \"\", url: \"https://a.example/\" }}"
            )
            .unwrap();
        }
    }
    text
}

/// A root where a manifest was applied once.
fn applied(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest);
    apply(&sandbox).expect(0);
    sandbox
}

fn apply(sandbox: &Sandbox) -> Outcome {
    sandbox.run(&["apply", "m.yaml", "--root", "root", "--yes"])
}

fn plan(sandbox: &Sandbox) -> Outcome {
    sandbox.run(&["plan", "m.yaml", "--root", "root", "--detailed-exitcode"])
}

/// What another program left: a plain link.
fn put_foreign(sandbox: &Sandbox, user: &str, app: &str) {
    let menu = format!(
        r#"[{{"type":"image","subtype":"img","imgtype":"icon","file":"{app}","url":"integration/index.html?app={app}","target":"_blank","description":"$LANG{{'{app}'}}","itemdesc":"$LANG{{'{app}'}}","group":"preferences","itemorder":"99999","implements":"{app}","base64_png_image":"AAAA"}}]"#
    );
    let fields = format!(r#"{{"label":"{app}","implements":"","url":"https://a.example/"}}"#);
    sandbox.write(&format!("root/links/{user}/{app}.userconfig"), fields);
    sandbox.write(
        &format!("root/links/{user}/{app}.adminconfig"),
        r#"{"token":null}"#,
    );
    sandbox.write(&format!("root/dynamicui/{user}/dynamicui_{app}.conf"), menu);
    sandbox.set_server_modes("root");
}

fn shows(sandbox: &Sandbox, user: &str, app: &str) -> bool {
    let menu = sandbox.read(&format!("root/dynamicui/{user}/dynamicui_{app}.conf"));
    !menu.contains("\"if\" : \"0\"")
}

#[test]
fn a_link_of_ours_that_leaves_the_manifest_is_hidden_and_a_foreign_one_stays() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A", "B"])]));
    put_foreign(&sandbox, "alice", "WHMCS_x");
    let foreign = sandbox.read("root/dynamicui/alice/dynamicui_WHMCS_x.conf");
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A"])]));
    plan(&sandbox)
        .expect(2)
        .says("- hide     alice/B [unlisted]")
        .says("1 foreign left alone")
        .is_silent_about("no record of what cplinks owns");
    apply(&sandbox).expect(0);
    assert!(shows(&sandbox, "alice", "A"));
    assert!(!shows(&sandbox, "alice", "B"));
    assert_eq!(
        sandbox.read("root/dynamicui/alice/dynamicui_WHMCS_x.conf"),
        foreign
    );
    plan(&sandbox).expect(0);
    // Named again, it comes back as it was.
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A", "B"])]));
    apply(&sandbox).expect(0).is_silent_about("adopt");
    assert!(shows(&sandbox, "alice", "B"));
}

#[test]
fn links_of_ours_are_removed_where_that_is_the_rule() {
    let sandbox = applied(&manifest("remove-owned", &[("alice", &["A", "B"])]));
    put_foreign(&sandbox, "alice", "WHMCS_x");
    sandbox.write("m.yaml", manifest("remove-owned", &[("alice", &["A"])]));
    apply(&sandbox)
        .expect(0)
        .says("- remove   alice/B [unlisted]");
    let names = sandbox.names("root/links");
    assert!(!names.contains("B.userconfig"), "{names}");
    assert!(names.contains("WHMCS_x.userconfig"), "{names}");
    // What somebody else makes of the name later is theirs.
    put_foreign(&sandbox, "alice", "B");
    plan(&sandbox).expect(0).says("2 foreign left alone");
}

#[test]
fn a_link_that_somebody_removed_is_forgotten() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A", "B"])]));
    for file in ["links/alice/B.userconfig", "links/alice/B.adminconfig"] {
        fs::remove_file(sandbox.path("root").join(file)).unwrap();
    }
    fs::remove_file(sandbox.path("root/dynamicui/alice/dynamicui_B.conf")).unwrap();
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A"])]));
    apply(&sandbox).expect(0);
    put_foreign(&sandbox, "alice", "B");
    plan(&sandbox).expect(0).says("1 foreign left alone");
}

#[test]
fn users_that_leave_are_guarded_as_a_class_of_their_own() {
    let names: Vec<_> = (0..12).map(|n| format!("user{n:02}")).collect();
    let all: Vec<(&str, &[&str])> = names.iter().map(|n| (n.as_str(), &["A"][..])).collect();
    let sandbox = applied(&manifest("hide-owned", &all));
    sandbox.write("m.yaml", manifest("hide-owned", &all[..10]));
    let before = sandbox.tree("root/dynamicui");
    plan(&sandbox)
        .expect(3)
        .says("refused by guard user-gone: 2 of 12 users have left the manifest")
        .says("user10");
    apply(&sandbox).expect(3);
    assert_eq!(sandbox.tree("root/dynamicui"), before);
    let root = ["m.yaml", "--root", "root"];
    let through = [&["apply"], &root[..], &["--yes", "--allow-user-gone", "2"]].concat();
    sandbox.run(&through).expect(0);
    assert!(!shows(&sandbox, "user11", "A"));
    assert!(shows(&sandbox, "user09", "A"));
    plan(&sandbox).expect(0);
}

#[test]
fn naming_a_foreign_link_takes_it_up_once() {
    let sandbox = Sandbox::with_root();
    put_foreign(&sandbox, "alice", "A");
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A"])]));
    let live = |sandbox: &Sandbox| sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    let before = live(&sandbox);
    plan(&sandbox).expect(0).says("1 in sync (1 adopted)");
    apply(&sandbox)
        .expect(0)
        .says("1 of those in sync is recorded as ours from now on.");
    assert_eq!(live(&sandbox), before);
    let once = sandbox.fingerprint();
    apply(&sandbox)
        .expect(0)
        .says("1 in sync\n")
        .is_silent_about("recorded");
    assert_eq!(sandbox.fingerprint(), once);
    // Ours now, it is hidden when it leaves.
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["B"])]));
    apply(&sandbox)
        .expect(0)
        .says("- hide     alice/A [unlisted]");
}

#[test]
fn a_second_apply_writes_nothing_at_all() {
    let sandbox = Sandbox::with_examples();
    let arguments = [
        "apply",
        "examples/acme",
        "--root",
        "root",
        "--secrets",
        "examples/acme-secrets.yaml",
        "--yes",
    ];
    sandbox.run(&arguments).expect(0);
    let once = sandbox.fingerprint();
    sandbox.run(&arguments).expect(0).says("Plan: no changes");
    assert_eq!(sandbox.fingerprint(), once);
}

#[test]
fn a_plan_makes_no_state() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A"])]));
    let before = sandbox.fingerprint();
    plan(&sandbox)
        .expect(2)
        .says("there is no record of what cplinks owns");
    assert_eq!(sandbox.fingerprint(), before);
    apply(&sandbox).expect(0);
    let before = sandbox.fingerprint();
    plan(&sandbox).expect(0);
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn without_its_state_all_is_foreign_and_the_next_apply_takes_up_what_is_named() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A", "B"])]));
    for name in ["state.db", "key"] {
        fs::remove_file(sandbox.path("root/.cplinks").join(name)).unwrap();
    }
    fs::remove_dir_all(sandbox.path("root/.cplinks/runs")).unwrap();
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A"])]));
    plan(&sandbox)
        .expect(0)
        .says("1 in sync (1 adopted) · 1 foreign left alone");
    apply(&sandbox).expect(0);
    assert!(shows(&sandbox, "alice", "B"));
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["B"])]));
    apply(&sandbox)
        .expect(0)
        .says("- hide     alice/A [unlisted]");
}

#[test]
fn a_state_alone_that_is_lost_is_made_anew_from_the_runs() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A", "B", "C"])]));
    sandbox.write(
        "m.yaml",
        manifest("remove-owned", &[("alice", &["A", "B"])]),
    );
    apply(&sandbox).expect(0).says("1 removed");
    put_foreign(&sandbox, "alice", "C");
    fs::remove_file(sandbox.path("root/.cplinks/state.db")).unwrap();
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["A"])]));
    let before = sandbox.fingerprint();
    plan(&sandbox)
        .expect(2)
        .says("- hide     alice/B [unlisted]")
        .says("1 in sync · 1 foreign left alone");
    assert_eq!(sandbox.fingerprint(), before);
    apply(&sandbox).expect(0).says("1 hidden");
    let once = sandbox.fingerprint();
    apply(&sandbox).expect(0).says("Plan: no changes");
    assert_eq!(sandbox.fingerprint(), once);
}

#[test]
fn a_damaged_state_stops_everything_and_says_what_to_do() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A"])]));
    sandbox.write("root/.cplinks/state.db", "no database at all".repeat(99));
    sandbox.write("m.yaml", manifest("hide-owned", &[("alice", &["B"])]));
    let before = sandbox.fingerprint();
    for outcome in [plan(&sandbox), apply(&sandbox)] {
        outcome
            .expect(1)
            .says("error: the state `[SANDBOX]/root/.cplinks/state.db` is damaged")
            .says("hint: run `cplinks recover`");
    }
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn the_state_is_roots_alone_and_holds_no_token() {
    let sandbox = Sandbox::with_root();
    sandbox.write("secrets.yaml", format!("alice/A: {TOKEN}\n"));
    sandbox.write(
        "m.yaml",
        "version: 1\nusers:\n  alice:\n    links:\n      A:\n        label: A\n        \
         implements: \"\"\n        url: https://a.example/\n        \
         autologin_token_url: https://sso.example/\n        subscriber_unique_id: \"1\"\n        \
         token: { secret: \"alice/A\" }\n",
    );
    sandbox
        .run(&[
            "apply",
            "m.yaml",
            "--root",
            "root",
            "--yes",
            "--secrets",
            "secrets.yaml",
        ])
        .expect(0);
    let names = sandbox.names("root/.cplinks");
    for file in ["0600 state.db", "0600 key"] {
        assert!(names.contains(file), "{names}");
    }
    for file in ["state.db", "key"] {
        let bytes = fs::read(sandbox.path("root/.cplinks").join(file)).unwrap();
        let token = TOKEN.as_bytes();
        assert!(!bytes.windows(token.len()).any(|part| part == token));
    }
    assert_eq!(
        fs::read(sandbox.path("root/.cplinks/key")).unwrap().len(),
        32
    );
    let state = fs::read(sandbox.path("root/.cplinks/state.db")).unwrap();
    let state = String::from_utf8_lossy(&state);
    assert!(state.contains("secret alice/A"));
    assert!(state.contains("sso.example"));
}

#[test]
fn a_reference_is_remembered_with_its_host_even_when_its_link_is_gone() {
    let sandbox = Sandbox::with_root();
    sandbox.write("secrets.yaml", format!("alice/A: {TOKEN}\n"));
    let link = |app: &str, host: &str| {
        format!(
            "      {app}:\n        label: A\n        implements: \"\"\n        \
             url: https://a.example/\n        autologin_token_url: https://{host}/\n        \
             subscriber_unique_id: \"1\"\n        token: {{ secret: \"alice/A\" }}\n"
        )
    };
    let head = "version: 1\nusers:\n  alice:\n    links:\n";
    let run = |text: String| {
        sandbox.write("m.yaml", text);
        sandbox.run(&[
            "apply",
            "m.yaml",
            "--root",
            "root",
            "--yes",
            "--secrets",
            "secrets.yaml",
        ])
    };
    run(format!("{head}{}", link("A", "sso.example"))).expect(0);
    run(format!("{head}      A: absent\n")).expect(0);
    run(format!(
        "{head}      A: absent\n{}",
        link("B", "evil.example")
    ))
    .expect(3)
    .says("alice/B: token secret alice/A: sso.example → evil.example");
    run(format!(
        "{head}      A: absent\n{}",
        link("B", "sso.example")
    ))
    .expect(0);
}

#[test]
fn a_group_of_ours_is_not_adopted_again() {
    let with_group = |label: &str| {
        manifest("hide-owned", &[("alice", &["A"])])
            .replace(
                "users:\n",
                &format!("groups: {{ acme: {{ label: {label} }} }}\nusers:\n"),
            )
            .replace("label: A,", "label: A, group_id: acme,")
    };
    let sandbox = applied(&with_group("Old"));
    sandbox.write("m.yaml", with_group("New"));
    plan(&sandbox)
        .expect(2)
        .says("~ replace  alice/group:acme [fields]");
}

#[test]
fn a_run_that_was_never_recorded_is_known_from_its_folder() {
    let one = manifest("hide-owned", &[("alice", &["A"])]);
    let two = manifest("hide-owned", &[("alice", &["A", "B"])]);
    let sandbox = applied(&one);
    let state = sandbox.path("root/.cplinks/state.db");
    let early = fs::read(&state).unwrap();
    sandbox.write("m.yaml", &two);
    apply(&sandbox).expect(0);
    // As if it had been cut off just before it remembered.
    fs::write(&state, early).unwrap();
    sandbox.write("m.yaml", &one);
    let before = sandbox.fingerprint();
    plan(&sandbox)
        .expect(2)
        .says("- hide     alice/B [unlisted]");
    sandbox
        .run(&["history", "--root", "root"])
        .expect(0)
        .says("000002 ");
    assert_eq!(sandbox.fingerprint(), before);
    // An apply that has nothing else to do remembers it, once.
    sandbox.write("m.yaml", &two);
    apply(&sandbox).expect(0).says("no changes");
    let after = sandbox.fingerprint();
    apply(&sandbox).expect(0).says("no changes");
    assert_eq!(sandbox.fingerprint(), after);
    fs::remove_dir_all(sandbox.path("root/.cplinks/runs")).unwrap();
    sandbox.write("m.yaml", &one);
    plan(&sandbox)
        .expect(2)
        .says("- hide     alice/B [unlisted]");
}

#[test]
fn a_state_that_cannot_be_used_stops_an_undo_before_it_changes_anything() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A"])]));
    let state = sandbox.path("root/.cplinks/state.db");
    let live = sandbox.tree("root/links");
    let good = fs::read(&state).unwrap();
    // A page of it is lost.
    let mut bad = good.clone();
    bad.truncate(good.len() - 4096);
    fs::write(&state, bad).unwrap();
    sandbox
        .run(&["undo", "--root", "root", "--yes"])
        .expect(1)
        .says("hint: run `cplinks recover`");
    assert_eq!(sandbox.tree("root/links"), live);
    sandbox
        .run(&["recover", "--root", "root"])
        .expect(0)
        .says("The state was damaged");
    sandbox.run(&["undo", "--root", "root", "--yes"]).expect(0);
}

#[test]
fn what_is_no_file_in_the_place_of_the_state_is_neither_waited_for_nor_followed() {
    let sandbox = applied(&manifest("hide-owned", &[("alice", &["A"])]));
    for name in ["state.db-journal", "state.db"] {
        let path = sandbox.path("root/.cplinks").join(name);
        fs::remove_file(&path).ok();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        for command in ["drift", "history", "recover"] {
            sandbox
                .run(&[command, "--root", "root"])
                .expect(1)
                .says("regular file")
                .says("move it away");
        }
        apply(&sandbox).expect(1);
        fs::remove_file(&path).unwrap();
    }
}

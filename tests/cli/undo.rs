//! Undo: what a run changed comes back byte for byte, and what others changed
//! since stays.

use crate::support::{Outcome, Sandbox};
use std::fs;

const OLD_TOKEN: &str = "canary-old-51c2";
const NEW_TOKEN: &str = "canary-new-9d07";

/// Links as another program leaves them: not as we would write them.
fn put(sandbox: &Sandbox, user: &str, app: &str, fields: &str, token: &str, hidden: bool) {
    let switch = if hidden { r#""if":"0","# } else { "" };
    sandbox.write(
        &format!("root/links/{user}/{app}.userconfig"),
        format!("{{ {fields} , \"odd\":1.10}}\n\n"),
    );
    sandbox.write(
        &format!("root/links/{user}/{app}.adminconfig"),
        format!("{{\"token\":{token}  }}"),
    );
    sandbox.write(
        &format!("root/dynamicui/{user}/dynamicui_{app}.conf"),
        format!(r#"[{{{switch}"type":"image","file":"{app}","description":"$LANG{{'{app}'}}" }}]"#),
    );
    sandbox.set_server_modes("root");
}

const MANIFEST: &str = r#"
version: 1
defaults: { implements: "" }
users:
  alice:
    links:
      CHANGED: { label: New, url: "https://new.example/" }
      GONE: absent
      HIDDEN: { label: Old, url: "https://old.example/", hide: true }
      MADE: { label: Made, url: "https://new.example/" }
      SHOWN: { label: Old, url: "https://old.example/" }
  bob:
    links:
      PAIR:
        label: Pair
        url: "https://new.example/"
        autologin_token_url: "https://new.example/sso"
        subscriber_unique_id: "7"
        token: { secret: pair }
"#;

/// A root with links of every kind of change, and the manifest that makes
/// them.
fn world() -> Sandbox {
    let sandbox = Sandbox::with_root();
    let plain = r#""label":"Old","implements":"","url":"https://old.example/""#;
    for app in ["CHANGED", "GONE", "HIDDEN"] {
        put(&sandbox, "alice", app, plain, "null", false);
    }
    put(
        &sandbox,
        "alice",
        "SHOWN",
        &format!("{plain},\"hide\":1"),
        "null",
        true,
    );
    let pair = r#""label":"Pair","implements":"","url":"https://old.example/","autologin_token_url":"https://old.example/sso","subscriber_unique_id":7"#;
    put(
        &sandbox,
        "bob",
        "PAIR",
        pair,
        &format!("\"{OLD_TOKEN}\""),
        false,
    );
    sandbox.write("m.yaml", MANIFEST);
    sandbox.write("s.yaml", format!("pair: {NEW_TOKEN}\n"));
    sandbox
}

fn apply(sandbox: &Sandbox) -> Outcome {
    sandbox.run(&[
        "apply",
        "m.yaml",
        "--root",
        "root",
        "--secrets",
        "s.yaml",
        "--yes",
        "--allow-new-host",
        "1",
    ])
}

fn undo(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = [&["undo", "--root", "root", "--yes"], more].concat();
    sandbox.run(&arguments)
}

/// Both trees, whole.
fn live(sandbox: &Sandbox) -> String {
    sandbox.tree("root/links") + &sandbox.tree("root/dynamicui")
}

fn link(app: &str, url: &str) -> String {
    format!("      {app}: {{ label: L, url: \"{url}\" }}\n")
}

/// A manifest of one user's plain links.
fn manifest(links: &[String]) -> String {
    let links = links.concat();
    format!("version: 1\ndefaults: {{ implements: \"\" }}\nusers:\n  alice:\n    links:\n{links}")
}

#[test]
fn all_of_it_comes_back_byte_for_byte_and_goes_again() {
    let sandbox = world();
    let before = live(&sandbox);
    apply(&sandbox).expect(0);
    let after = live(&sandbox);
    assert_ne!(before, after);
    let back = undo(&sandbox, &["--allow-new-host", "1"]).expect(0);
    for line in [
        "undo of run 000001 in root",
        "- remove   alice/MADE [undo]",
        "- hide     alice/SHOWN [undo]",
        "+ create   alice/GONE [undo]",
        "~ replace  alice/CHANGED [undo]",
        "~ replace  alice/HIDDEN [undo]",
        "~ replace  bob/PAIR [undo]",
        "Undo: 1 created, 3 replaced, 1 hidden, 1 removed, 0 failed",
    ] {
        assert!(back.shown().contains(line), "{line}: {}", back.shown());
    }
    back.is_silent_about(OLD_TOKEN).is_silent_about(NEW_TOKEN);
    assert_eq!(live(&sandbox), before);
    // An undo is a run too.
    undo(&sandbox, &["--allow-new-host", "1"])
        .expect(0)
        .says("undo of run 000002 in root")
        .is_silent_about(OLD_TOKEN)
        .is_silent_about(NEW_TOKEN);
    assert_eq!(live(&sandbox), after);
    apply(&sandbox).expect(0).says("no changes");
    // The older run is undone by its number as well.
    undo(&sandbox, &["1", "--allow-new-host", "1"]).expect(0);
    assert_eq!(live(&sandbox), before);
    undo(&sandbox, &["000001"])
        .expect(0)
        .says("no changes")
        .says("6 in sync");
}

#[test]
fn a_dry_run_writes_nothing_and_an_undo_does_not_go_ahead_by_itself() {
    let sandbox = world();
    apply(&sandbox).expect(0);
    let before = sandbox.fingerprint();
    sandbox
        .run(&["undo", "--dry-run", "--root", "root"])
        .expect(3)
        .says("refused by guard new-host: the token of 1 link")
        .says("bob/PAIR: new.example → old.example");
    sandbox
        .run(&["undo", "--root", "root"])
        .expect(1)
        .says("there is no terminal to ask at");
    undo(&sandbox, &[]).expect(3).says("--allow-new-host 1");
    sandbox
        .run(&["undo", "--dry-run", "--yes", "--root", "root"])
        .expect(1);
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn what_was_changed_since_stays_and_the_rest_comes_back() {
    let sandbox = world();
    apply(&sandbox).expect(0);
    let file = "root/links/alice/CHANGED.userconfig";
    let theirs = sandbox.read(file).replace("New", "Theirs");
    sandbox.write(file, &theirs);
    undo(&sandbox, &["--user", "alice"])
        .expect(1)
        .says("! blocked  alice/CHANGED: its userconfig is not as that run left it")
        .says("Undo: 1 created, 1 replaced, 1 hidden, 1 removed, 0 failed")
        .says("1 blocked, left as they are");
    assert_eq!(sandbox.read(file), theirs);
    assert!(
        sandbox
            .read("root/links/bob/PAIR.userconfig")
            .contains("new.example")
    );
}

#[test]
fn later_runs_are_undone_first() {
    let sandbox = Sandbox::with_root();
    for url in [
        "https://one.example/",
        "https://two.example/",
        "https://six.example/",
    ] {
        sandbox.write("m.yaml", manifest(&[link("A", url)]));
        sandbox.write("s.yaml", "{}");
        apply(&sandbox).expect(0);
    }
    let url = |sandbox: &Sandbox| sandbox.read("root/links/alice/A.userconfig");
    undo(&sandbox, &["2"])
        .expect(1)
        .says("later runs are undone first");
    assert!(url(&sandbox).contains("six"));
    undo(&sandbox, &["3"]).expect(0);
    assert!(url(&sandbox).contains("two"));
    undo(&sandbox, &["2"]).expect(0);
    assert!(url(&sandbox).contains("one"));
    undo(&sandbox, &["1"]).expect(0);
    assert_eq!(sandbox.names("root/links"), "0750 alice/\n");
}

#[test]
fn a_token_comes_back_for_root_alone() {
    let sandbox = world();
    let file = "root/links/bob/PAIR.adminconfig";
    sandbox.set_mode(file, 0o644);
    apply(&sandbox).expect(0);
    undo(&sandbox, &["--user", "bob", "--allow-new-host", "1"]).expect(0);
    assert!(sandbox.read(file).contains(OLD_TOKEN));
    assert!(
        sandbox
            .names("root/links")
            .contains("0600 bob/PAIR.adminconfig")
    );
}

#[test]
fn what_would_show_without_being_whole_does_not_come_back() {
    let sandbox = Sandbox::with_root();
    let plain = r#""label":"Old","implements":"","url":"https://old.example/""#;
    for app in ["BROKEN", "PART"] {
        put(&sandbox, "alice", app, plain, "null", false);
    }
    sandbox.write("root/links/alice/BROKEN.userconfig", "{ torn");
    fs::remove_file(sandbox.path("root/links/alice/PART.adminconfig")).unwrap();
    let url = "https://new.example/";
    sandbox.write(
        "m.yaml",
        manifest(&[link("BROKEN", url), link("PART", url)]),
    );
    sandbox.write("s.yaml", "{}");
    apply(&sandbox).expect(0);
    let before = live(&sandbox);
    undo(&sandbox, &[])
        .expect(1)
        .says("! blocked  alice/BROKEN: its userconfig before that run")
        .says("! blocked  alice/PART: it would show without its adminconfig");
    assert_eq!(live(&sandbox), before);
}

#[test]
fn a_foreign_link_that_was_adopted_is_given_back() {
    let sandbox = world();
    apply(&sandbox).expect(0);
    undo(&sandbox, &["--allow-new-host", "1"]).expect(0);
    sandbox.write("m.yaml", manifest(&[link("MADE", "https://new.example/")]));
    // CHANGED, GONE and HIDDEN were somebody else's, and are again.
    apply(&sandbox)
        .expect(0)
        .says("Plan: 1 to create\n")
        .says("4 foreign left alone");
    // So they are where the state is rebuilt from the runs.
    fs::remove_file(sandbox.path("root/.cplinks/state.db")).unwrap();
    apply(&sandbox).expect(0).says("4 foreign left alone");
}

#[test]
fn the_guards_hold_for_an_undo() {
    let sandbox = Sandbox::with_root();
    let apps: Vec<_> = (0..12)
        .map(|n| link(&format!("A{n:02}"), "https://a.example/"))
        .collect();
    sandbox.write("m.yaml", manifest(&apps));
    sandbox.write("s.yaml", "{}");
    apply(&sandbox).expect(0);
    let before = live(&sandbox);
    undo(&sandbox, &[])
        .expect(3)
        .says("refused by guard hide: 12 of 12 links would be hidden or removed")
        .says("--allow-hide 12");
    assert_eq!(live(&sandbox), before);
    undo(&sandbox, &["--allow-hide", "12"]).expect(0);
    // One that changed little may be undone though it is all of that run.
    apply(&sandbox).expect(0);
    let mut apps = apps;
    apps.push(link("NEW", "https://a.example/"));
    sandbox.write("m.yaml", manifest(&apps));
    apply(&sandbox).expect(0);
    undo(&sandbox, &[]).expect(0).says("hide 1 of 13");
}

#[test]
fn the_policy_of_the_host_holds_for_an_undo() {
    let sandbox = world();
    apply(&sandbox).expect(0);
    sandbox.write("policy.yaml", "ignore: [\"CHANGED\"]\n");
    undo(&sandbox, &["--user", "alice", "--policy", "policy.yaml"])
        .expect(1)
        .says(
            "! blocked  alice/CHANGED: the policy of this host does not let cplinks touch this app",
        );
}

#[test]
fn only_what_is_kept_is_undone() {
    let sandbox = world();
    undo(&sandbox, &[])
        .expect(1)
        .says("there is no run to undo");
    apply(&sandbox).expect(0);
    for run in ["2", "x", "-1", "0", "../000001"] {
        sandbox
            .run(&["undo", "--root", "root", "--yes", "--", run])
            .expect(1)
            .says("is not kept, or there was no such run");
    }
    // What somebody did to the kept bytes is not brought back.
    let old = "root/.cplinks/runs/000001/old/alice/CHANGED.userconfig";
    sandbox.write(old, "{}");
    fs::remove_file(sandbox.path("root/.cplinks/runs/000001/old/alice/HIDDEN.userconfig")).unwrap();
    undo(&sandbox, &["--user", "alice"])
        .expect(1)
        .says("! blocked  alice/CHANGED: what that run found is kept no more")
        .says("! blocked  alice/HIDDEN: what that run found is kept no more");
}

#[test]
fn a_scope_that_matches_nothing_in_the_run_is_refused() {
    let sandbox = world();
    apply(&sandbox).expect(0);
    undo(&sandbox, &["--user", "carol"])
        .expect(1)
        .says("nothing that the run changed matches carol");
    undo(&sandbox, &["--app", "NONE"])
        .expect(1)
        .says("nothing that the run changed matches NONE");
    let bobs = sandbox.read("root/links/bob/PAIR.userconfig");
    undo(&sandbox, &["--app", "CHANGED", "--user", "a*"])
        .expect(0)
        .says("Undo: 1 replaced, 0 failed");
    assert_eq!(sandbox.read("root/links/bob/PAIR.userconfig"), bobs);
}

#[test]
fn a_group_that_the_run_made_goes_unless_others_use_it() {
    let sandbox = Sandbox::with_root();
    let text = |users: &[&str]| {
        let user = |name: &&str| {
            format!(
                "  {name}:\n    links:\n      A: {{ label: L, implements: \"\", url: \"https://a.example/\", group_id: acme }}\n"
            )
        };
        let users: String = users.iter().map(user).collect();
        format!("version: 1\ngroups: {{ acme: {{ label: Acme, order: 1 }} }}\nusers:\n{users}")
    };
    sandbox.write("m.yaml", text(&["alice"]));
    sandbox.write("s.yaml", "{}");
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", text(&["alice", "bob", "carol"]));
    apply(&sandbox).expect(0);
    let bobs =
        |sandbox: &Sandbox| sandbox.tree("root/links/bob") + &sandbox.tree("root/dynamicui/bob");
    let made = bobs(&sandbox);
    put(
        &sandbox,
        "carol",
        "THEIRS",
        r#""label":"T","implements":"","url":"https://t.example/","group_id":"acme""#,
        "null",
        false,
    );
    undo(&sandbox, &["--user", "bob", "--allow-hide", "2"])
        .expect(0)
        .says("- remove   bob/A [undo]")
        .says("- remove   bob/group:acme [undo]");
    undo(&sandbox, &["2", "--user", "carol", "--allow-hide", "2"])
        .expect(1)
        .says("! blocked  carol/group:acme: that run made it, and other links stand in it by now")
        .says("Undo: 1 removed, 0 failed");
    // The folders stay: others write in them too.
    assert_eq!(bobs(&sandbox), "");
    assert!(
        sandbox
            .names("root/links")
            .contains("carol/group_acme.userconfig")
    );
    undo(&sandbox, &["3"]).expect(0);
    assert_eq!(bobs(&sandbox), made);
}

/// Links with auto-login, each with the reference of its token and its host.
fn logins(links: &[(&str, &str, &str, &str)]) -> String {
    let link = |(user, app, reference, host): &(&str, &str, &str, &str)| {
        format!(
            "  {user}: {{ links: {{ {app}: {{ implements: \"\", label: L, url: \"https://x.example/\", \
             subscriber_unique_id: s, autologin_token_url: \"https://{host}/\", \
             token: {{ secret: {reference} }} }} }} }}\n"
        )
    };
    format!(
        "version: 1\nusers:\n{}",
        links.iter().map(link).collect::<String>()
    )
}

const ABSENT: &str = "version: 1\nusers:\n  ua: { links: { A: absent } }\n";

fn with_login(host: &str) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("s.yaml", "a: canary-one\nb: canary-two\n");
    sandbox.write("m.yaml", logins(&[("ua", "A", "a", host)]));
    sandbox
}

#[test]
fn a_token_does_not_come_back_to_a_host_that_the_policy_does_not_list() {
    let sandbox = with_login("s1.example");
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", ABSENT);
    apply(&sandbox).expect(0);
    sandbox.write("policy.yaml", "autologin_hosts: [s2.example]\n");
    let before = live(&sandbox);
    undo(
        &sandbox,
        &["--policy", "policy.yaml", "--allow-new-host", "9"],
    )
    .expect(1)
    .says("! blocked  ua/A: the auto-login host `s1.example` is not in `autologin_hosts`");
    assert_eq!(live(&sandbox), before);
    sandbox.write("policy.yaml", "autologin_hosts: [s1.example]\n");
    undo(&sandbox, &["--policy", "policy.yaml"]).expect(0);
}

#[test]
fn a_token_does_not_come_back_to_a_local_host_that_no_policy_lists() {
    let sandbox = with_login("127.0.0.1");
    sandbox.write("policy.yaml", "autologin_hosts: [127.0.0.1]\n");
    let policy = ["--policy", "policy.yaml"];
    let apply = |sandbox: &Sandbox| {
        let arguments = [
            "apply",
            "m.yaml",
            "--root",
            "root",
            "--secrets",
            "s.yaml",
            "--yes",
        ];
        sandbox.run(&[&arguments[..], &policy].concat())
    };
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", ABSENT);
    apply(&sandbox).expect(0);
    undo(&sandbox, &[])
        .expect(1)
        .says("`127.0.0.1` is a loopback address");
    undo(&sandbox, &policy).expect(0);
}

#[test]
fn a_link_that_was_only_put_right_is_given_back_too() {
    let sandbox = Sandbox::with_root();
    let two = manifest(&[
        link("A", "https://x.example/"),
        link("B", "https://x.example/"),
    ]);
    let one = manifest(&[link("A", "https://x.example/")]);
    sandbox.write("s.yaml", "{}");
    sandbox.write("m.yaml", &two);
    apply(&sandbox).expect(0);
    fs::remove_dir_all(sandbox.path("root/.cplinks")).unwrap();
    // Two foreign links by now, and one of them with a wrong mode.
    sandbox.set_mode("root/links/alice/B.adminconfig", 0o644);
    apply(&sandbox)
        .expect(0)
        .says("~ replace  alice/B [adopt, mode]");
    undo(&sandbox, &[]).expect(0).says("no changes");
    sandbox.write("m.yaml", &one);
    apply(&sandbox)
        .expect(0)
        .says("no changes")
        .says("1 foreign left alone");
}

#[test]
fn what_was_put_back_by_hand_is_given_back_and_has_not_drifted() {
    let sandbox = Sandbox::with_root();
    sandbox.write("s.yaml", "{}");
    sandbox.write("m.yaml", manifest(&[link("A", "https://x.example/")]));
    apply(&sandbox).expect(0);
    fs::remove_dir_all(sandbox.path("root/links/alice")).unwrap();
    fs::remove_dir_all(sandbox.path("root/dynamicui/alice")).unwrap();
    undo(&sandbox, &[]).expect(0).says("no changes");
    sandbox
        .run(&["drift", "--root", "root"])
        .expect(0)
        .says("Drift: none");
}

#[test]
fn the_host_that_a_token_went_to_comes_back_with_it() {
    let sandbox = with_login("s1.example");
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", logins(&[("ua", "A", "a", "s2.example")]));
    apply(&sandbox).expect(0);
    undo(&sandbox, &["--allow-new-host", "1"]).expect(0);
    let plan = |text: String| {
        sandbox.write("m.yaml", text);
        sandbox.run(&["plan", "m.yaml", "--root", "root", "--secrets", "s.yaml"])
    };
    // The mistake that was undone is no precedent.
    let both = logins(&[
        ("ua", "A", "a", "s1.example"),
        ("ub", "A", "a", "s1.example"),
    ]);
    plan(both).expect(0);
    plan(logins(&[("ub", "A", "a", "s2.example")]))
        .expect(3)
        .says("secret a: s1.example → s2.example");
}

#[test]
fn a_token_that_went_elsewhere_since_is_guarded_when_it_comes_back() {
    let sandbox = with_login("s1.example");
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", ABSENT);
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", logins(&[("ua", "B", "a", "s2.example")]));
    apply(&sandbox).expect(0);
    undo(&sandbox, &["2"])
        .expect(3)
        .says("refused by guard new-host")
        .says("secret a: s2.example → s1.example");
    undo(&sandbox, &["2", "--allow-new-host", "1"]).expect(0);
}

#[test]
fn a_run_that_is_going_on_is_waited_for_and_not_taken_for_a_killed_one() {
    let sandbox = Sandbox::with_root();
    sandbox.write("s.yaml", "{}");
    for url in ["https://one.example/", "https://two.example/"] {
        sandbox.write("m.yaml", manifest(&[link("A", url)]));
        apply(&sandbox).expect(0);
    }
    // As it looks while the second run is still at work: its journal is open,
    // and the lock is held.
    let journal = "root/.cplinks/runs/000002/journal";
    let whole = sandbox.read(journal);
    sandbox.write(journal, whole.strip_suffix("{\"done\":{}}\n").unwrap());
    for more in ["--dry-run", "--yes"] {
        let line =
            format!("flock root/.cplinks/lock cplinks undo --root root {more} --lock-timeout 0");
        sandbox.shell(&line).expect(5).says("is locked by");
    }
    // It ends, while the undo waits: what was the newest then is not undone.
    let done = "sleep 0.6; printf '{\"done\":{}}\\n' >> root/.cplinks/runs/000002/journal";
    let line = format!(
        "flock root/.cplinks/lock -c \"{}\" & sleep 0.2; cplinks undo --root root --yes --lock-timeout 30",
        done.replace('"', "\\\"")
    );
    sandbox
        .shell(&line)
        .expect(1)
        .says("undo of run 000001 in root")
        .says("later runs are undone first");
    assert!(
        sandbox
            .read("root/links/alice/A.userconfig")
            .contains("two.example")
    );
}

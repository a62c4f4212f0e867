//! `cplinks import`: a manifest of what is there, of which a plan is empty;
//! what no manifest can say stays as it is, and is told of.

mod groups;
mod left;
mod uncommented;
mod written;

use crate::support::{Outcome, Sandbox};
use serde_json::{Map, Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};
pub(crate) use uncommented::uncommented;

/// The fields of a link that can be taken over.
fn fields() -> Map<String, Value> {
    let fields = json!({ "label": "Shop", "implements": "", "url": "https://x.example/" });
    fields.as_object().unwrap().clone()
}

/// Writes the three files of a link as cPanel does.
fn put(sandbox: &Sandbox, user: &str, app: &str, fields: &Map<String, Value>, token: Option<&str>) {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let given = |key, default| match text(key) {
        "" => default,
        text => text,
    };
    let label = format!("$LANG{{'{}'}}", text("label"));
    let menu = json!([{
        "type": "image", "subtype": "img", "imgtype": "icon", "file": app, "target": "_blank",
        "url": format!("integration/index.html?app={app}"),
        "description": label, "itemdesc": label,
        "group": given("group_id", "preferences"), "itemorder": given("order", "99999"),
        "implements": given("implements", app), "base64_png_image": "AAAA",
    }]);
    let [u, a, d] = files(user, app);
    sandbox
        .write(&u, Value::Object(fields.clone()).to_string())
        .write(&a, json!({ "token": token }).to_string())
        .write(&d, menu.to_string());
    sandbox.set_server_modes("root");
}

fn files(user: &str, app: &str) -> [String; 3] {
    [
        format!("root/links/{user}/{app}.userconfig"),
        format!("root/links/{user}/{app}.adminconfig"),
        format!("root/dynamicui/{user}/dynamicui_{app}.conf"),
    ]
}

fn import(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let fixed = ["import", "taken", "--root", "root"];
    sandbox.run(&[&fixed, more].concat())
}

/// What was imported loads, and a plan of it is empty.
#[track_caller]
fn check_in_sync(sandbox: &Sandbox, more: &[&str]) {
    sandbox.run(&["validate", "taken"]).expect(0);
    let plan = ["plan", "taken", "--root", "root", "--detailed-exitcode"];
    let plan = sandbox.run(&[&plan, more].concat());
    plan.expect(0).says("Plan: no changes");
}

#[test]
fn a_server_is_taken_over_without_a_change() {
    let sandbox = Sandbox::with_examples();
    let root = sandbox.tree("root");
    // What the mask of the process leaves of the modes is in the snapshot.
    let line = "umask 022; cplinks import taken --root root --all --write-secrets tokens.yaml";
    let outcome = sandbox.shell(line).expect(0);
    insta::assert_snapshot!(outcome.shown());
    insta::assert_snapshot!(sandbox.names("taken"));
    insta::assert_snapshot!(sandbox.read("taken/manifest.yaml"));
    insta::assert_snapshot!(sandbox.read("taken/users/0001.yaml"));
    assert_eq!(sandbox.tree("root"), root);
    assert!(
        !sandbox
            .tree("taken")
            .to_lowercase()
            .contains("placeholder-")
    );

    let secrets = ["--secrets", "tokens.yaml"];
    check_in_sync(&sandbox, &secrets);
    check_in_sync(&sandbox, &[]);
    let apply = ["apply", "taken", "--root", "root", "--yes"];
    let links = || sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    let before = links();
    let apply = [&apply, &secrets[..]].concat();
    sandbox.run(&apply).expect(0).says("23 adopted");
    assert_eq!(links(), before);
    // Adopted now: to import again finds the same.
    let before = sandbox.fingerprint();
    import(&sandbox, &["--all", "--write-secrets", "tokens.yaml"])
        .expect(0)
        .says("nothing to write: all of it is there");
    assert_eq!(sandbox.tree(""), before_tree(&before));
}

/// The part of a fingerprint that is the tree. Folders that were written in
/// for a moment have other times after.
fn before_tree(fingerprint: &str) -> String {
    let end = fingerprint.find("/tmp/").unwrap_or(fingerprint.len());
    fingerprint[..end].to_owned()
}

#[test]
fn what_is_to_be_imported_has_to_be_said() {
    let sandbox = Sandbox::with_examples();
    let check = |more: &[&str], says: &str| {
        import(&sandbox, more).expect(1).says(says);
        assert!(!sandbox.path("taken").exists());
    };
    check(
        &[],
        "error: nothing says which links to import\nhint: limit it with --user",
    );
    check(
        &["--user", "nosuch*"],
        "error: no user on disk matches nosuch*",
    );
    check(
        &["--all", "--exclude-user", "x"],
        "error: no user on disk matches x",
    );
    check(&["--app", "NoSuch"], "error: no app on disk matches NoSuch");
    check(&["--user", "["], "--user [ is not a glob");
    sandbox.folder("empty");
    let empty = ["import", "taken", "--root", "empty", "--all"];
    sandbox
        .run(&empty)
        .expect(1)
        .says("there is no link to import");
}

#[test]
fn a_scope_limits_what_is_imported() {
    let sandbox = Sandbox::with_examples();
    import(&sandbox, &["--app", "ACME_*", "--exclude-user", "harborcf"])
        .expect(0)
        .is_silent_about("harborcf");
    let taken = sandbox.tree("taken");
    assert!(taken.contains("ACME_domains"), "{taken}");
    for absent in ["harborcf", "WHMCS", "NorthPanel", "whmcs"] {
        assert!(!taken.contains(absent), "{absent} in {taken}");
    }
    check_in_sync(&sandbox, &["--app", "ACME_*"]);
    check_in_sync(&sandbox, &[]);
}

#[test]
fn what_the_host_does_not_let_it_touch_is_left() {
    let sandbox = Sandbox::with_examples();
    sandbox.write("policy.yaml", "ignore: [\"WHMCS_*\"]\n");
    import(&sandbox, &["--all", "--policy", "policy.yaml"]).expect(0);
    let page = sandbox.read("taken/users/0001.yaml");
    assert!(page.contains("  # museumhv:\n"), "{page}");
    assert!(
        page.contains("# WHMCS_clientarea_emails is left as it is: no manifest may hold it: "),
        "{page}"
    );
    check_in_sync(&sandbox, &["--policy", "policy.yaml"]);
}

#[test]
fn what_users_share_stands_once() {
    let sandbox = Sandbox::with_root();
    for (user, label) in [("ann", "Shop"), ("bob", "Shop"), ("cy", "Other")] {
        let mut link = fields();
        link.insert("label".into(), json!(label));
        link.insert(
            "url".into(),
            json!(format!("https://x.example/{user}?u={user}")),
        );
        if user == "bob" {
            link.remove("implements");
            link.insert("implements".into(), json!("billing"));
            link.insert("order".into(), json!("7"));
        }
        link.insert(
            "autologin_token_url".into(),
            json!("https://sso.x.example/"),
        );
        link.insert("subscriber_unique_id".into(), json!(user));
        put(&sandbox, user, "Shop", &link, Some("t0ken"));
        put(&sandbox, user, "Same", &fields(), None);
    }
    import(&sandbox, &["--all"]).expect(0);
    insta::assert_snapshot!(sandbox.read("taken/manifest.yaml"));
    insta::assert_snapshot!(sandbox.read("taken/users/0001.yaml"));
    check_in_sync(&sandbox, &[]);
}

#[test]
fn what_only_some_have_is_taken_away_from_the_others() {
    let sandbox = Sandbox::with_root();
    for user in ["ann", "bob", "cy"] {
        let mut link = fields();
        if user != "cy" {
            link.insert("order".into(), json!("7"));
            link.insert("group_id".into(), json!("files"));
        }
        put(
            &sandbox,
            user,
            "Shop",
            &link,
            (user != "cy").then_some("t0ken"),
        );
    }
    import(&sandbox, &["--all"]).expect(0);
    let page = sandbox.read("taken/users/0001.yaml");
    assert!(
        page.contains("      Shop: { token: null, group_id: null, order: null }\n"),
        "{page}"
    );
    check_in_sync(&sandbox, &[]);
}

#[test]
fn a_subscriber_is_never_shared() {
    let sandbox = Sandbox::with_root();
    for user in ["ann", "bob"] {
        let mut link = fields();
        link.insert("subscriber_unique_id".into(), json!("1234"));
        put(&sandbox, user, "Shop", &link, None);
    }
    import(&sandbox, &["--all"]).expect(0);
    assert!(!sandbox.read("taken/manifest.yaml").contains("1234"));
    let page = sandbox.read("taken/users/0001.yaml");
    assert_eq!(
        page.matches("Shop: { subscriber_unique_id: \"1234\" }")
            .count(),
        2
    );
    check_in_sync(&sandbox, &[]);
}

#[test]
fn thousands_of_users_are_split_into_files() {
    let sandbox = Sandbox::with_root();
    for number in 0..2_001 {
        let [u, a, d] = files(&format!("u{number:04}"), "Shop");
        if number == 0 {
            put(&sandbox, "u0000", "Shop", &fields(), None);
            continue;
        }
        let [one_u, one_a, one_d] = files("u0000", "Shop");
        for (from, to) in [(one_u, u), (one_a, a), (one_d, d)] {
            sandbox.write(&to, sandbox.read(&from));
        }
    }
    sandbox.set_server_modes("root");
    check_interrupted(&sandbox);
    import(&sandbox, &["--all"])
        .expect(0)
        .says("2001 links of 2001 users");
    for (file, first, count) in [
        ("0001", "u0000", 1_000),
        ("0002", "u1000", 1_000),
        ("0003", "u2000", 1),
    ] {
        let page = sandbox.read(&format!("taken/users/{file}.yaml"));
        assert_eq!(page.matches("Shop: {}").count(), count);
        assert!(page.contains(&format!("users:\n  {first}:\n")), "{file}");
    }
    assert!(!sandbox.path("taken/users/0004.yaml").exists());
    check_in_sync(&sandbox, &[]);
}

/// A signal in the middle of it leaves nothing behind.
#[track_caller]
fn check_interrupted(sandbox: &Sandbox) {
    let import = [
        "import",
        "taken",
        "--root",
        "root",
        "--all",
        "--write-secrets",
        "tokens.yaml",
    ];
    let mut command = sandbox.command(&import);
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let staged = sandbox.path(&format!(".tokens.yaml.{}", child.id()));
    let begun = Instant::now();
    while !staged.exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it never begins to write"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    sandbox
        .shell(&format!("kill -TERM {}", child.id()))
        .expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    let names = sandbox.names("");
    let others = names.lines().filter(|name| !name.contains(" root"));
    assert_eq!(others.count(), 0, "{names}");
}

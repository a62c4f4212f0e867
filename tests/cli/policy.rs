//! The host's policy: what it takes from any manifest, what it lets through,
//! and that nothing but the policy itself can loosen it.

use crate::support::{Outcome, Sandbox};

const OLD: &str = "https://old.example/sso";
const NEW: &str = "https://new.example/sso";

/// A link of `alice` whose token goes to a URL.
fn manifest(url: &str) -> String {
    format!(
        "version: 1\nusers:\n  alice:\n    links:\n      ACME_a:\n        label: A\n        \
         implements: \"\"\n        url: https://a.example/\n        autologin_token_url: {url}\n        \
         subscriber_unique_id: \"1\"\n        token: {{ secret: a }}\n"
    )
}

/// A root, a manifest whose token goes to [`OLD`], and the token.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest(OLD));
    sandbox.write("secrets.yaml", "a: canary-7f3a\n");
    sandbox
}

fn run(sandbox: &Sandbox, command: &str, more: &[&str]) -> Outcome {
    let mut arguments = vec![command, "m.yaml", "--root", "root"];
    arguments.extend(["--secrets", "secrets.yaml"]);
    if command == "apply" {
        arguments.push("--yes");
    }
    arguments.extend(more);
    sandbox.run(&arguments)
}

#[track_caller]
fn refused(policy: &str, manifest: &str, expect: &str) {
    let sandbox = sandbox();
    sandbox.write("policy.yaml", policy);
    sandbox.write("m.yaml", manifest);
    let before = sandbox.fingerprint();
    for command in ["plan", "apply"] {
        run(&sandbox, command, &["--policy", "policy.yaml"])
            .expect(1)
            .says(expect);
    }
    assert_eq!(sandbox.fingerprint(), before);
}

#[track_caller]
fn accepted(policy: &str, manifest: &str) {
    let sandbox = sandbox();
    sandbox.write("policy.yaml", policy);
    sandbox.write("m.yaml", manifest);
    run(&sandbox, "apply", &["--policy", "policy.yaml"]).expect(0);
}

#[test]
fn a_token_is_not_taken_to_another_host_unasked() {
    let sandbox = sandbox();
    run(&sandbox, "apply", &[]).expect(0);
    sandbox.write("m.yaml", manifest(NEW));
    for command in ["plan", "apply"] {
        run(&sandbox, command, &[])
            .expect(3)
            .says("refused by guard new-host: the token of 1 link would be posted to another host")
            .says("alice/ACME_a: old.example → new.example")
            .says("--allow-new-host 1")
            .is_silent_about("canary");
    }
    let without_secrets = ["plan", "m.yaml", "--root", "root"];
    sandbox.run(&without_secrets).expect(3).says("new.example");
    // The manifest's own list is the author's word for it, and no more.
    let listed = "version: 1\nsettings: { autologin_hosts: [new.example] }\n";
    let listed = manifest(NEW).replace("version: 1\n", listed);
    sandbox.write("m.yaml", listed);
    run(&sandbox, "apply", &[]).expect(3);
    assert!(
        sandbox
            .read("root/links/alice/ACME_a.userconfig")
            .contains(OLD)
    );
    run(&sandbox, "apply", &["--allow-new-host", "1"]).expect(0);
    assert!(
        sandbox
            .read("root/links/alice/ACME_a.userconfig")
            .contains(NEW)
    );
    run(&sandbox, "plan", &["--detailed-exitcode"]).expect(0);
}

#[test]
fn a_token_that_is_kept_is_not_taken_to_another_host_either() {
    let sandbox = sandbox();
    run(&sandbox, "apply", &[]).expect(0);
    let keep = manifest(NEW).replace("{ secret: a }", "keep");
    sandbox.write("m.yaml", keep);
    run(&sandbox, "apply", &[]).expect(3).says("old.example");
}

#[test]
fn the_policy_lets_a_new_host_through() {
    let sandbox = sandbox();
    run(&sandbox, "apply", &[]).expect(0);
    sandbox.write("m.yaml", manifest(NEW));
    sandbox.write(
        "policy.yaml",
        "autologin_hosts: [old.example, new.example]\n",
    );
    run(&sandbox, "apply", &["--policy", "policy.yaml"])
        .expect(0)
        .says("note: the policy of this host holds: policy.yaml");
}

#[test]
fn a_manifest_names_only_hosts_and_apps_that_the_policy_allows() {
    let plain = manifest(OLD);
    refused(
        "autologin_hosts: [billing.example]\n",
        &plain,
        "the auto-login host `old.example` is not in `autologin_hosts` of the policy of this host",
    );
    accepted("autologin_hosts: [old.example]\n", &plain);
    let outside = "the app `ACME_a` is outside what the policy of this host lets cplinks manage";
    refused("manage: [\"WHMCS_*\"]\n", &plain, outside);
    refused("ignore: [\"ACME_*\"]\n", &plain, outside);
    accepted("manage: [\"ACME_*\"]\nignore: [\"ACME_b\"]\n", &plain);
    let widened = plain.replace(
        "version: 1\n",
        "version: 1\nsettings: { manage: [\"*\"], ignore: [] }\n",
    );
    refused("manage: [\"WHMCS_*\"]\n", &widened, outside);
    let narrowed = plain.replace(
        "version: 1\n",
        "version: 1\nsettings: { manage: [\"WHMCS_*\"] }\n",
    );
    refused(
        "manage: [\"ACME_*\"]\n",
        &narrowed,
        "outside what `settings` lets",
    );
}

#[test]
fn unlisted_apps_are_hidden_only_where_both_allow_it() {
    for (policy, settings, is_hidden) in [
        ("{}", "{ unlisted: hide-all }", true),
        ("ignore: [\"ACME_b\"]", "{ unlisted: hide-all }", false),
        ("{}", "{ unlisted: hide-all, ignore: [\"ACME_b\"] }", false),
    ] {
        let sandbox = sandbox();
        let two = manifest(OLD).replace(
            "    links:\n",
            "    links:\n      ACME_b: { label: B, implements: \"\", url: \"https://b.example/\" }\n",
        );
        sandbox.write("m.yaml", two);
        run(&sandbox, "apply", &[]).expect(0);
        let settings = format!("version: 1\nsettings: {settings}\n");
        sandbox.write("m.yaml", manifest(OLD).replace("version: 1\n", &settings));
        sandbox.write("policy.yaml", policy);
        run(&sandbox, "apply", &["--policy", "policy.yaml"]).expect(0);
        let menu = sandbox.read("root/dynamicui/alice/dynamicui_ACME_b.conf");
        assert_eq!(menu.contains("\"if\""), is_hidden, "{policy} {settings}");
    }
}

/// Twelve links on the server, five of which are to be hidden.
fn hiding() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("secrets.yaml", "{}\n");
    let links = |hide: usize| {
        let link = |n: usize| {
            let hide = if n < hide { ", hide: true" } else { "" };
            format!(
                "      L{n}: {{ label: L, implements: \"\", url: \"https://a.example/\"{hide} }}\n"
            )
        };
        (0..12).map(link).collect::<Vec<_>>().concat()
    };
    let head = "version: 1\nusers:\n  alice:\n    links:\n";
    sandbox.write("m.yaml", format!("{head}{}", links(0)));
    run(&sandbox, "apply", &[]).expect(0);
    sandbox.write("m.yaml", format!("{head}{}", links(5)));
    sandbox
}

#[test]
fn the_policy_loosens_and_tightens_guards_and_a_manifest_only_tightens() {
    let sandbox = hiding();
    run(&sandbox, "plan", &[]).expect(3).says("limit is 30 %");
    sandbox.write("policy.yaml", "guards: { hide: 60% }\n");
    let policy = ["--policy", "policy.yaml"];
    run(&sandbox, "plan", &policy).expect(0).says("limit 60 %");
    let links = sandbox.read("m.yaml");
    let with = |guard: &str| {
        let settings = format!("version: 1\nsettings: {{ guards: {{ hide: {guard} }} }}\n");
        links.replace("version: 1\n", &settings)
    };
    sandbox.write("m.yaml", with("40%"));
    run(&sandbox, "plan", &policy)
        .expect(3)
        .says("limit is 40 %");
    sandbox.write("m.yaml", with("70%"));
    run(&sandbox, "plan", &policy)
        .expect(0)
        .says("70 % is looser than this host's 60 %, which holds")
        .says("limit 60 %");
    sandbox.write("policy.yaml", "guards: { hide: 10% }\n");
    sandbox.write("m.yaml", with("20%"));
    run(&sandbox, "plan", &policy)
        .expect(3)
        .says("limit is 10 %");
}

#[test]
fn a_local_host_is_allowed_only_if_the_policy_lists_it() {
    let local = manifest("https://127.0.0.1/sso");
    refused("{}\n", &local, "is a loopback address");
    accepted("autologin_hosts: [\"127.0.0.1\"]\n", &local);
    let private = manifest("https://10.0.0.1/sso");
    let sandbox = sandbox();
    sandbox.write("m.yaml", private);
    sandbox.write("policy.yaml", "autologin_hosts: [\"10.0.0.1\"]\n");
    let strict = ["validate", "--strict", "m.yaml"];
    sandbox.run(&strict).expect(1).says("url-private");
    let with_policy = ["validate", "--strict", "m.yaml", "--policy", "policy.yaml"];
    sandbox.run(&with_policy).expect(0);
}

#[test]
fn the_policy_names_the_variables_that_tokens_come_from() {
    let from_env = |name: &str| manifest(OLD).replace("secret: a", &format!("env: {name}"));
    let refusal = "tokens are not read from the variable";
    refused("{}\n", &from_env("AWS_SECRET_ACCESS_KEY"), refusal);
    refused("env: [OTHER]\n", &from_env("CPLINKS_A"), refusal);
    let mut sandbox = sandbox();
    sandbox.env("BILLING_TOKEN", "canary-7f3a");
    sandbox.write("m.yaml", from_env("BILLING_TOKEN"));
    sandbox.write("policy.yaml", "env: [BILLING_TOKEN]\n");
    run(&sandbox, "apply", &["--policy", "policy.yaml"])
        .expect(0)
        .is_silent_about("canary");
    let written = sandbox.read("root/links/alice/ACME_a.adminconfig");
    assert!(written.contains("canary-7f3a"));
}

#[test]
fn the_policy_names_the_folders_that_token_files_come_from() {
    let sandbox = sandbox();
    sandbox.write("vault/a.token", "canary-7f3a\n");
    sandbox.write("other/a.token", "canary-7f3a\n");
    let vault = sandbox.path("vault");
    let policy = format!("secrets: [\"{}\"]\n", vault.display());
    sandbox.write("policy.yaml", policy);
    let with_file = |path: &str| {
        let path = sandbox.path(path);
        manifest(OLD).replace("{ secret: a }", &format!("{{ file: {} }}", path.display()))
    };
    let policy = ["--policy", "policy.yaml"];
    for outside in ["other/a.token", "vault/../other/a.token", "vault"] {
        sandbox.write("m.yaml", with_file(outside));
        run(&sandbox, "apply", &policy).expect(1).says("token file");
    }
    std::os::unix::fs::symlink("../other/a.token", vault.join("link")).unwrap();
    sandbox.write("m.yaml", with_file("vault/link"));
    run(&sandbox, "apply", &policy)
        .expect(1)
        .says("leads out of its folder");
    sandbox.write("m.yaml", with_file("vault/a.token"));
    run(&sandbox, "apply", &[]).expect(1).says("token file");
    run(&sandbox, "apply", &policy)
        .expect(0)
        .is_silent_about("canary");
}

#[test]
fn a_policy_that_is_wrong_stops_everything_and_says_where() {
    let plain = manifest(OLD);
    for (policy, expect) in [
        ("manege: []\n", "did you mean `manage`?"),
        ("manage: ACME\n", "policy.yaml:1:9"),
        ("guards: { hide: lots }\n", "is not a share"),
        (
            "autologin_hosts: [\"https://x.example\"]\n",
            "is not a host name",
        ),
        ("env: [\"A B\"]\n", "cannot name a variable"),
        ("secrets: [vault]\n", "is not absolute"),
        ("secrets: [/]\n", "is the whole file system"),
        ("secrets: [/a/../b]\n", "goes up with `..`"),
        ("", "expected a policy"),
        ("# nothing yet\n", "write `{}` for a policy without rules"),
        ("null\n", "expected a policy"),
        ("[", "not valid YAML"),
    ] {
        refused(policy, &plain, expect);
    }
}

#[test]
fn a_policy_that_was_named_must_be_there() {
    let mut sandbox = sandbox();
    run(&sandbox, "plan", &["--policy", "none.yaml"])
        .expect(1)
        .says("none.yaml cannot be read");
    sandbox.env("CPLINKS_POLICY", "none.yaml");
    run(&sandbox, "plan", &[]).expect(1).says("none.yaml");
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("none.yaml");
}

#[test]
fn root_refuses_a_policy_that_others_could_change() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let sandbox = sandbox();
    sandbox.write("host/policy.yaml", "{}\n");
    let policy = ["--policy", "host/policy.yaml"];
    run(&sandbox, "plan", &policy).expect(0);
    for (name, mode, back) in [("host/policy.yaml", 0o666, 0o644), ("host", 0o777, 0o755)] {
        sandbox.set_mode(name, mode);
        run(&sandbox, "plan", &policy)
            .expect(1)
            .says("could be changed by others");
        sandbox.set_mode(name, back);
    }
    std::os::unix::fs::symlink("../host/policy.yaml", sandbox.path("link.yaml")).unwrap();
    sandbox.folder("wide").set_mode("wide", 0o777);
    let link = sandbox.path("wide/policy.yaml");
    std::os::unix::fs::symlink("../host/policy.yaml", &link).unwrap();
    run(&sandbox, "plan", &["--policy", "wide/policy.yaml"])
        .expect(1)
        .says("could be changed by others");
}

#[test]
fn the_schema_of_policies_knows_their_keys() {
    let sandbox = Sandbox::new();
    let schema = sandbox.run(&["schema", "--policy"]).expect(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let whole = serde_json::json!({
        "manage": ["ACME_*"], "ignore": [], "guards": { "hide": "60%" },
        "autologin_hosts": ["a.example"], "env": ["A"], "secrets": ["/etc/x"],
    });
    assert!(validator.is_valid(&whole));
    assert!(validator.is_valid(&serde_json::json!({})));
    assert!(!validator.is_valid(&serde_json::json!({ "unlisted": "keep" })));
}

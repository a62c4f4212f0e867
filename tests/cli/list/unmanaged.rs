//! `cplinks unmanaged`: foreign links that a manifest does not name, also as
//! lines for the manifest.

use super::run;
use crate::support::Sandbox;
use serde_json::Value;

const ACME: [&str; 2] = ["unmanaged", "examples/acme"];
/// Names nothing that the bundled server has but one link, with defaults and
/// a template that a pasted link must not inherit.
const SMALL: &str = r#"
version: 1
defaults: { group_id: files, order: 5 }
apps:
  ACME_billing: { hide: true, base64_png_image: null, token: { secret: other } }
  NorthPanel_backup: { autologin_token_url: "https://sso.x.example/", token: { secret: other } }
users:
  northsea: { links: { ACME_domains: absent } }
"#;

#[test]
fn foreign_links_that_nothing_names_are_listed() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    let more = ["--exclude-app", "WHMCS_*"];
    let outcome = run(&sandbox, &[&ACME[..], &more].concat()).expect(0);
    insta::assert_snapshot!(outcome.shown());
    let json = run(
        &sandbox,
        &[&ACME[..], &more, &["--format", "json"]].concat(),
    )
    .expect(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        json.as_array().unwrap().len(),
        outcome.stdout.lines().count()
    );
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn what_cplinks_wrote_is_not_unmanaged() {
    let sandbox = super::applied();
    sandbox.write("one.yaml", SMALL);
    run(&sandbox, &["unmanaged", "one.yaml"])
        .expect(0)
        .says("Acme-ticketing")
        .is_silent_about("ACME_status");
}

#[test]
fn as_yaml_they_can_be_added_to_the_manifest() {
    let sandbox = Sandbox::with_examples();
    sandbox.write("m/small.yaml", SMALL);
    let yaml = ["unmanaged", "m", "--format", "yaml"];
    let outcome = run(&sandbox, &yaml).expect(0);
    assert!(!outcome.stdout.to_lowercase().contains("placeholder-"));
    for line in [
        "      # ACME_support is left as it is: its menu entry is missing; an apply would rewrite it [menu]\n",
        "autologin_token_url: null, token: null, group_id: files, order: null, base64_png_image: \"",
    ] {
        assert!(
            outcome.stdout.contains(line),
            "no {line} in {}",
            outcome.stdout
        );
    }
    sandbox.write("m/extra.yaml", &outcome.stdout);
    let plan = run(&sandbox, &["plan", "m", "--allow-hide", "1"]).expect(0);
    // The one that it named before is all that there is to do.
    let plan = plan
        .says("Plan: 1 to remove\n")
        .says("- remove   northsea/ACME_domains");
    assert_eq!(plan.stdout.matches("\n~ ").count(), 0, "{}", plan.shown());
    // Named now: nothing more than what is left.
    run(&sandbox, &["unmanaged", "m"])
        .expect(0)
        .is_silent_about("riverbnk")
        .says("harborcf/ACME_support  foreign  broken");
    let rest = run(&sandbox, &yaml).expect(0);
    assert!(
        rest.stdout
            .starts_with("version: 1\nusers:\n  # brightwd:\n"),
        "{}",
        rest.stdout
    );
}

#[test]
fn what_the_manifest_may_not_name_is_left() {
    let sandbox = Sandbox::with_examples();
    let settings = "settings: { manage: [\"ACME_*\", \"Acme*\"], ignore: [\"*_old\"], autologin_hosts: [sso.acme.example, sso.x.example] }\n";
    sandbox.write("m/small.yaml", format!("{settings}{}", SMALL.trim_start()));
    let yaml = [
        "unmanaged",
        "m",
        "--format",
        "yaml",
        "--exclude-app",
        "WHMCS_*",
    ];
    let outcome = run(&sandbox, &yaml).expect(0);
    for app in ["NorthPanel_backup", "ACME_billing_old", "Acme-ticketing"] {
        let line = format!("# {app} is left as it is: no manifest may hold it: ");
        assert!(
            outcome.stdout.contains(&line),
            "no {line} in {}",
            outcome.stdout
        );
    }
    sandbox.write("m/extra.yaml", &outcome.stdout);
    sandbox.run(&["validate", "m"]).expect(0);
}

/// Under `hide-all` a user's links that are not named are hidden as soon as one
/// is: then none may be named without a look at the others.
#[test]
fn naming_a_user_hides_no_link_that_cannot_be_named() {
    let sandbox = Sandbox::with_examples();
    let settings = "settings: { unlisted: hide-all }\n";
    sandbox.write("m/small.yaml", format!("{settings}{}", SMALL.trim_start()));
    let yaml = ["unmanaged", "m", "--format", "yaml"];
    let alone = run(&sandbox, &["plan", "m", "--allow-hide", "100"]).expect(0);
    for scope in [&[][..], &["--app", "ACME_billing"]] {
        let outcome = run(&sandbox, &[&yaml[..], scope].concat()).expect(0);
        let outcome = outcome.says("is left as it is: `unlisted: hide-all` would hide ");
        sandbox.write("m/extra.yaml", &outcome.stdout);
        sandbox.run(&["validate", "m"]).expect(0);
        let both = run(&sandbox, &["plan", "m", "--allow-hide", "100"]).expect(0);
        let hidden = |text: &str| {
            let lines = text.lines().filter(|line| line.starts_with("- "));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let before = hidden(&alone.stdout);
        for line in hidden(&both.stdout) {
            assert!(
                before.contains(&line),
                "{line} is new with {}",
                outcome.stdout
            );
        }
        sandbox.write("m/extra.yaml", "version: 1\nusers: {}\n");
    }
    // A user whose links can all be named is.
    run(&sandbox, &yaml)
        .expect(0)
        .says("\n  riverbnk:\n    links:\n      ");
}

#[test]
fn where_there_is_none_that_is_said() {
    let sandbox = Sandbox::with_root();
    sandbox.write("one.yaml", SMALL);
    run(&sandbox, &["unmanaged", "one.yaml"])
        .expect(0)
        .says("No link is there.");
    let yaml = run(&sandbox, &["unmanaged", "one.yaml", "--format", "yaml"]).expect(0);
    assert_eq!(yaml.stdout, "version: 1\nusers: {}\n");
}

//! Plans as JSON, and applies of nothing but an approved plan.

use crate::support::{Outcome, Sandbox};
use serde_json::{Value, json};
use std::process::Command;

const TOKEN: &str = "canary-5d1e77";

fn plan(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = [
        &[
            "plan",
            "examples/acme",
            "--root",
            "root",
            "--format",
            "json",
        ],
        more,
    ]
    .concat();
    sandbox.run(&arguments)
}

fn parse(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn digest(sandbox: &Sandbox, more: &[&str]) -> String {
    let plan = parse(&plan(sandbox, more).expect(0));
    plan["digest"].as_str().unwrap().to_owned()
}

const SECRETS: [&str; 2] = ["--secrets", "examples/acme-secrets.yaml"];

fn apply(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = [
        &["apply", "examples/acme", "--root", "root"],
        &SECRETS[..],
        more,
    ]
    .concat();
    sandbox.run(&arguments)
}

#[test]
fn it_fits_its_schema_and_hides_no_change() {
    let sandbox = Sandbox::with_examples();
    let schema: Value =
        serde_json::from_str(&sandbox.run(&["schema", "--plan"]).expect(0).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for more in [&[][..], &SECRETS[..], &["--user", "northsea"]] {
        let plan = parse(&plan(&sandbox, more).expect(0));
        let errors: Vec<String> = validator
            .iter_errors(&plan)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        let summary = &plan["summary"];
        let count = |key: &str| summary[key].as_u64().unwrap();
        let keys = [
            "create",
            "replace",
            "hide",
            "remove",
            "groups_create",
            "groups_replace",
            "groups_remove",
        ];
        let changes = plan["resource_changes"].as_array().unwrap().len();
        assert_eq!(
            keys.iter().map(|key| count(key)).sum::<u64>(),
            changes as u64
        );
        assert!(changes > 0);
        let reach = &plan["blast_radius"];
        let of_apps: u64 = reach["apps"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|app| app.as_object().unwrap().values())
            .map(|count| count.as_u64().unwrap())
            .sum();
        assert_eq!(of_apps, changes as u64);
        // The new link of northsea has no token.
        let hosts: &[&str] = if more.contains(&"northsea") {
            &[]
        } else {
            &["sso.acme.example"]
        };
        assert_eq!(reach["new_token_hosts"], serde_json::json!(hosts));
    }
    // The schema is no rubber stamp.
    let mut wrong = parse(&plan(&sandbox, &[]).expect(0));
    wrong["resource_changes"][0]["change"]["after"]["token"] = Value::from("s3cret");
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn the_same_bytes_come_out_each_time() {
    let sandbox = Sandbox::with_examples();
    assert_eq!(
        plan(&sandbox, &SECRETS).stdout,
        plan(&sandbox, &SECRETS).stdout
    );
}

#[test]
fn a_tool_for_terraforms_plans_reads_it() {
    let sandbox = Sandbox::with_examples();
    sandbox.write("plan.json", plan(&sandbox, &SECRETS).expect(0).stdout);
    // As it is found in many a pipeline: what would be destroyed?
    let recipe = r#".resource_changes[] | select(.change.actions | index("delete")) | .address"#;
    let Ok(output) = Command::new("jq")
        .args(["-r", recipe])
        .arg(sandbox.path("plan.json"))
        .output()
    else {
        eprintln!("cli: SKIPPED a_tool_for_terraforms_plans_reads_it: there is no jq");
        return;
    };
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "harborcf/ACME_billing_old\n"
    );
}

#[test]
fn no_token_is_in_it_and_nothing_made_from_one() {
    let sandbox = Sandbox::with_root();
    let link = |token: &str| {
        format!(
            "version: 1\nusers:\n  alice:\n    links:\n      A: {{ label: L, implements: \"\", \
             url: \"https://a.example/?token={TOKEN}\", autologin_token_url: \"https://a.example/\", \
             subscriber_unique_id: s, token: {token} }}\n"
        )
    };
    let arguments = ["plan", "m.yaml", "--root", "root", "--format", "json"];
    sandbox.write("m.yaml", link(TOKEN));
    let one = sandbox.run(&arguments).expect(0).is_silent_about(TOKEN);
    sandbox.write("m.yaml", link("another-token-5"));
    let two = sandbox.run(&arguments).expect(0);
    assert_eq!(one.stdout, two.stdout);
}

#[test]
fn the_digest_is_that_of_the_apply_with_secrets_and_stands_last_in_text() {
    let sandbox = Sandbox::with_examples();
    let without = digest(&sandbox, &[]);
    assert_eq!(without, digest(&sandbox, &SECRETS));
    assert_ne!(without, digest(&sandbox, &["--user", "northsea"]));
    let text = sandbox
        .run(&["plan", "examples/acme", "--root", "root"])
        .expect(0);
    assert_eq!(
        text.stdout.lines().last(),
        Some(format!("digest: {without}").as_str())
    );
    // However the root is spelt, and whatever others do beside us.
    sandbox.write("root/links/northsea/WHMCS_x.userconfig", "{}");
    let spelt = sandbox.run(&[
        "plan",
        "./examples/acme",
        "--root",
        "./root/",
        "--format",
        "json",
    ]);
    assert_eq!(parse(&spelt)["digest"], without.as_str());
    apply(&sandbox, &["--expect", &without])
        .expect(0)
        .says("Apply: 16 created");
    sandbox
        .run(&["history", "1", "--root", "root"])
        .expect(0)
        .says(&without);
}

#[test]
fn any_other_plan_is_refused_and_what_moved_is_told() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .run(&[
            "plan",
            "examples/acme",
            "--root",
            "root",
            "--out",
            "json=plan.json",
        ])
        .expect(0);
    let saved = sandbox.read("plan.json");
    let approved = digest(&sandbox, &[]);
    // One that is altered, one that is gone, one that is new.
    let file = "root/links/harborcf/ACME_billing.userconfig";
    sandbox.write(file, sandbox.read(file).replace("\"Billing\"", "\"Bills\""));
    let old = "root/links/harborcf/ACME_billing_old";
    for end in ["userconfig", "adminconfig"] {
        std::fs::remove_file(sandbox.path(&format!("{old}.{end}"))).unwrap();
    }
    std::fs::remove_file(sandbox.path("root/dynamicui/harborcf/dynamicui_ACME_billing_old.conf"))
        .unwrap();
    let before = sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    apply(&sandbox, &["--plan", "plan.json"])
        .expect(4)
        .says("moved: harborcf/ACME_billing: label that is on disk was \"Billing\", now it is \"Bills\"")
        .says("moved: harborcf/ACME_billing_old: remove was approved, and is no longer to be done")
        .says(&format!("{approved} was approved"));
    apply(&sandbox, &["--expect", &approved])
        .expect(4)
        .says("nothing was applied");
    assert_eq!(
        sandbox.tree("root/links") + &sandbox.tree("root/dynamicui"),
        before
    );
    // What is no digest, or no plan, is wrong usage.
    apply(&sandbox, &["--expect", "12ab"])
        .expect(1)
        .says("64 digits");
    for (wrong, why) in [
        (saved.replace("\"1.1\"", "\"2.0\""), "it has the format 2.0"),
        ("{}".to_owned(), "it is no plan"),
        ("[".repeat(100_000), "it is no plan"),
    ] {
        sandbox.write("wrong.json", wrong);
        apply(&sandbox, &["--plan", "wrong.json"])
            .expect(1)
            .says(why);
    }
    apply(&sandbox, &["--plan", "none.json"])
        .expect(1)
        .says("cannot read `none.json`");
}

#[test]
fn a_saved_plan_is_applied_under_its_scope() {
    let sandbox = Sandbox::with_examples();
    let arguments = [
        "plan",
        "examples/acme",
        "--root",
        "root",
        "--user",
        "northsea",
    ];
    sandbox
        .run(&[&arguments[..], &["--out", "json=plan.json"]].concat())
        .expect(0);
    apply(&sandbox, &["--plan", "plan.json", "--user", "x"])
        .expect(1)
        .says("cannot be used with");
    apply(&sandbox, &["--plan", "plan.json"])
        .expect(0)
        .says("only --user northsea")
        .says("Apply: 1 created, 1 replaced, 1 hidden");
    assert!(
        !sandbox
            .names("root/links")
            .contains("kaffeeha/ACME_billing")
    );
}

#[test]
fn a_guard_still_holds_for_an_approved_plan() {
    let sandbox = Sandbox::with_root();
    let link =
        |n| format!("      A{n}: {{ label: L, implements: \"\", url: \"https://a.example/\" }}\n");
    let text = |links: &str| format!("version: 1\nusers:\n  alice:\n    links:\n{links}");
    let all: String = (0..4).map(link).collect();
    sandbox.write("m.yaml", text(&all));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    let hidden = all.replace("label: L", "hide: true, label: L");
    sandbox.write("m.yaml", text(&hidden));
    sandbox
        .run(&[
            "plan",
            "m.yaml",
            "--root",
            "root",
            "--out",
            "json=plan.json",
        ])
        .expect(3);
    let pinned = ["apply", "m.yaml", "--root", "root", "--plan", "plan.json"];
    sandbox.run(&pinned).expect(3);
    sandbox
        .run(&[&pinned[..], &["--allow-hide", "4"]].concat())
        .expect(0);
}

#[test]
fn a_file_is_replaced_whole_and_what_cannot_be_written_stops_the_apply() {
    let sandbox = Sandbox::with_examples();
    sandbox.write("plan.json", "older and longer");
    let arguments = [
        "plan",
        "examples/acme",
        "--root",
        "root",
        "--out",
        "json=plan.json",
        "--out",
        "text=plan.txt",
    ];
    let outcome = sandbox.run(&arguments).expect(0);
    assert_eq!(sandbox.read("plan.txt"), outcome.stdout);
    assert_eq!(sandbox.read("plan.json"), plan(&sandbox, &[]).stdout);
    let before = sandbox.tree("root/links");
    apply(&sandbox, &["--yes", "--out", "json=none/plan.json"])
        .expect(1)
        .says("cannot write `none/plan.json`");
    apply(&sandbox, &["--yes", "--out", "json=/dev/full"])
        .expect(1)
        .says("cannot write `/dev/full`");
    assert!(sandbox.tree("root/links") == before);
    for wrong in ["plan.json", "xml=plan.xml", "json="] {
        sandbox
            .run(&["plan", "examples/acme", "--out", wrong])
            .expect(1);
    }
}

/// What somebody does to a saved plan.
type Edit = fn(&mut Value);

#[test]
fn a_saved_plan_whose_changes_were_edited_is_refused() {
    let sandbox = Sandbox::with_examples();
    let saved = plan(&sandbox, &[]).expect(0).stdout;
    let before = sandbox.tree("root/links");
    let edits: [(&str, Edit); 4] = [
        ("that is wanted was \"Harmless\"", |plan| {
            let changes = plan["resource_changes"].as_array_mut().unwrap();
            let change = changes
                .iter_mut()
                .find(|c| c["change"]["after"]["label"].is_string());
            change.unwrap()["change"]["after"]["label"] = Value::from("Harmless");
        }),
        ("was not in the approved plan", |plan| {
            let changes = plan["resource_changes"].as_array_mut().unwrap();
            changes.retain(|c| c["x_cplinks"]["action"] != "remove");
        }),
        ("was approved, now it is", |plan| {
            let changes = plan["resource_changes"].as_array_mut().unwrap();
            let change = changes
                .iter_mut()
                .find(|c| c["x_cplinks"]["action"] == "hide");
            change.unwrap()["x_cplinks"]["action"] = Value::from("replace");
        }),
        // What policy tools for Terraform's plans look at.
        ("no-op` was approved, now it is `cplinks_link", |plan| {
            let changes = plan["resource_changes"].as_array_mut().unwrap();
            let change = changes
                .iter_mut()
                .find(|c| c["x_cplinks"]["action"] == "remove");
            change.unwrap()["change"]["actions"] = json!(["no-op"]);
        }),
    ];
    for (told, edit) in edits {
        let mut plan: Value = serde_json::from_str(&saved).unwrap();
        edit(&mut plan);
        sandbox.write("plan.json", plan.to_string());
        apply(&sandbox, &["--plan", "plan.json"])
            .expect(4)
            .says(told)
            .says("are not those of its digest, nothing was applied: the file was edited");
        assert!(sandbox.tree("root/links") == before);
    }
    // Of two changes of one link a reader may see either.
    let mut plan: Value = serde_json::from_str(&saved).unwrap();
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let mut first = changes[0].clone();
    first["change"]["after"]["label"] = Value::from("Harmless");
    changes.insert(0, first);
    sandbox.write("plan.json", plan.to_string());
    apply(&sandbox, &["--plan", "plan.json"])
        .expect(1)
        .says("it has two changes of ");
    assert!(sandbox.tree("root/links") == before);
    // Another spelling of the same is none.
    let plan: Value = serde_json::from_str(&saved).unwrap();
    sandbox.write("plan.json", serde_json::to_string_pretty(&plan).unwrap());
    apply(&sandbox, &["--plan", "plan.json"]).expect(0);
}

#[test]
fn a_link_whose_token_is_missing_is_said_to_be_why_the_plan_is_another_one() {
    let sandbox = Sandbox::with_examples();
    let saved = plan(&sandbox, &SECRETS).expect(0);
    sandbox.write("plan.json", saved.stdout);
    let approved = digest(&sandbox, &[]);
    // A secrets file that lacks one name: to approve the plan that leaves its
    // link out is not what is meant.
    let secrets = sandbox.read("examples/acme-secrets.yaml");
    let less = secrets.split_inclusive('\n');
    let less: String = less
        .filter(|line| !line.contains("lindenst/ACME_billing"))
        .collect();
    assert_ne!(less, secrets);
    sandbox.write("less.yaml", less);
    let with_less = |more: &[&str]| {
        let arguments = [
            "apply",
            "examples/acme",
            "--root",
            "root",
            "--secrets",
            "less.yaml",
        ];
        sandbox.run(&[&arguments[..], more].concat())
    };
    assert_eq!(digest(&sandbox, &["--secrets", "less.yaml"]), approved);
    for more in [["--expect", &approved], ["--plan", "plan.json"]] {
        with_less(&more)
            .expect(4)
            .says("hint: 1 link is blocked, since its token is not known here: give that");
    }
    with_less(&["--plan", "plan.json"])
        .expect(4)
        .says("moved: lindenst/ACME_billing: create was approved, and is blocked");
    // With all of them it is the one that was approved.
    apply(&sandbox, &["--expect", &approved]).expect(0);
}

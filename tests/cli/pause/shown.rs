//! What waits and why, in every form of a plan, whatever its reason says.

use super::{apply, manifest, pause, pending, plan, resume, settled};
use crate::support::{Outcome, Sandbox};
use serde_json::{Value, json};

/// A reason that would do something in each form, were it not escaped: no
/// control character, since none is taken.
const HOSTILE: &str =
    "::error::x ##[group] <script>alert(1)</script> ``` @org </p> \u{202e}${{ x }} %0A::set-output";

fn parse(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn status(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&["status", "m.yaml", "--root", "root"], more].concat())
}

#[test]
fn a_plan_tells_it_on_top_and_in_rows_of_their_own() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    let support = ["--user", "acme1", "--app", "Support"];
    pause(&sandbox, &[&["--for", "3h"], &support[..]].concat()).expect(0);
    pause(&sandbox, &["--for", "3h", "--user", "nobody"]).expect(0);
    insta::assert_snapshot!(settled(&plan(&sandbox, &["--expand"]).expect(0).stdout));
    // Folded where it is the same for many.
    resume(&sandbox, &support).expect(0);
    insta::assert_snapshot!(settled(&plan(&sandbox, &[]).expect(0).stdout));
    plan(&sandbox, &["--detailed-exitcode"]).expect(2);
    pause(&sandbox, &["--for", "1h", "--user", "other"]).expect(0);
    plan(&sandbox, &["--detailed-exitcode"]).expect(0);
}

#[test]
fn a_plan_reads_the_same_until_a_pause_ends() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    let shown = || {
        ["text", "json", "markdown", "html"]
            .map(|form| plan(&sandbox, &["--format", form]).expect(0).stdout)
    };
    let first = shown();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(first, shown());
}

#[test]
fn the_status_tells_each_pause() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    pause(&sandbox, &["--for", "3h", "--user", "nobody"]).expect(0);
    std::fs::remove_file(sandbox.path("root/links/acme1/Support.adminconfig")).unwrap();
    std::fs::set_permissions(
        sandbox.path("root/links/acme2"),
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    insta::assert_snapshot!(settled(&status(&sandbox, &[]).expect(0).stdout));
    // What waits is nothing to be done.
    sandbox.write("m.yaml", manifest("Old"));
    pause(&sandbox, &["--for", "1h"]).expect(0);
    let only = ["--user", "acme2", "--detailed-exitcode"];
    status(&sandbox, &only)
        .expect(0)
        .says(" . acme2: waits: mend the folder in `links` mode 0700 → 0750, paused until ");
}

#[test]
fn json_has_what_waits_and_every_pause() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme1"]).expect(0);
    pause(&sandbox, &["--for", "3h", "--app", "nothing"]).expect(0);
    sandbox.write("m.yaml", manifest("New").replace("Shop", "Store"));
    let outcome = plan(&sandbox, &["--format", "json"]).expect(0);
    let found = parse(&outcome);
    let schema = parse(&sandbox.run(&["schema", "--plan"]).expect(0));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&found)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let settled: Value = serde_json::from_str(&settled(&outcome.stdout)).unwrap();
    let why = json!({ "hold": "paused", "pause": 1, "until": "[TIME]", "reason": "ticket 4711" });
    let held = |address: &str, kind: &str| {
        json!({
            "address": address, "user": "acme1", "type": kind, "action": "replace",
            "reasons": ["fields"], "why": why
        })
    };
    assert_eq!(
        settled["held"],
        json!([
            held("acme1/group:shop", "cplinks_group"),
            held("acme1/Billing", "cplinks_link"),
            held("acme1/Support", "cplinks_link"),
        ])
    );
    assert_eq!(settled["summary"]["held"], 3);
    assert_eq!(settled["resource_changes"].as_array().unwrap().len(), 6);
    let pauses = settled["pauses"].as_array().unwrap();
    assert_eq!(pauses.len(), 2);
    assert_eq!(pauses[0]["user"], json!(["acme1"]));
    assert_eq!(pauses[0]["since"], "[TIME]");
    assert_eq!(
        (&pauses[0]["held"], &pauses[1]["held"]),
        (&json!(3), &json!(0))
    );
    // With nothing else to do there is nothing to apply.
    pause(&sandbox, &["--for", "1h"]).expect(0);
    let found = parse(&plan(&sandbox, &["--format", "json"]).expect(0));
    assert_eq!(found["applyable"], false);
    assert_eq!(found["resource_changes"], json!([]));
}

#[test]
fn markdown_and_the_page_have_a_count_and_a_section() {
    let sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    let markdown = plan(&sandbox, &["--format", "markdown"]).expect(0).stdout;
    insta::assert_snapshot!(settled(&markdown));
    let page = settled(&plan(&sandbox, &["--format", "html"]).expect(0).stdout);
    for part in [
        "<h1>Plan: 2 to replace, 4 wait</h1>",
        "<p class=\"changed\">4 changes wait: paused until [TIME] by [WHO]: ticket 4711 (--user \
         &#39;acme*&#39;)</p>",
        "<section class=\"rows\" id=\"s-held\"><h2>Waits: left as it is for now <span \
         class=\"count\">4</span></h2>",
        "Support on 2 users: acme1, acme2: replace [fields], paused until [TIME]</p>",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    // Where everything waits, a pull request is told.
    pause(&sandbox, &["--for", "1h"]).expect(0);
    let quiet = ["--format", "markdown", "--skip-empty"];
    plan(&sandbox, &quiet)
        .expect(0)
        .says("## cplinks: no changes, 6 wait");
    sandbox.write("m.yaml", manifest("Old"));
    assert_eq!(plan(&sandbox, &quiet).expect(0).stdout, "");
}

#[test]
fn github_gets_a_notice() {
    let mut sandbox = pending();
    pause(&sandbox, &["--for", "2h", "--user", "acme*"]).expect(0);
    sandbox.env("GITHUB_ACTIONS", "true");
    let outcome = plan(&sandbox, &[]).expect(0);
    assert_eq!(
        settled(&outcome.stderr),
        "::notice title=cplinks%3A changes wait::4 changes wait: paused until [TIME] by [WHO]: \
         ticket 4711 (--user 'acme*')\n"
    );
}

#[test]
fn no_reason_breaks_out_of_any_form() {
    let mut sandbox = pending();
    let paused = ["--for", "2h", "--user", "acme*", "--reason", HOSTILE];
    let made = sandbox.run(&[&["pause", "--root", "root"], &paused[..]].concat());
    let made = made.expect(0).stdout;
    sandbox.env("GITHUB_ACTIONS", "true");
    let text = plan(&sandbox, &[]).expect(0);
    let (state, stale) = (
        status(&sandbox, &[]).expect(0),
        apply(&sandbox, &["--expect", &"0".repeat(64)]),
    );
    let refused = resume(&sandbox, &["--user", "x"]).expect(1);
    let shown = [
        made,
        text.stdout,
        text.stderr,
        state.stdout,
        state.stderr,
        stale.stderr,
        refused.stderr,
    ];
    for text in &shown {
        assert!(!text.contains('\u{202e}'), "{text}");
        assert!(!text.contains("##["), "{text}");
        for line in text.lines().map(str::trim_start) {
            assert!(!line.starts_with("::error"), "{line}");
            assert!(!line.starts_with("::set-output"), "{line}");
        }
    }
    assert!(shown[2].contains("%250A::set-output"), "{}", shown[2]);
    let json = plan(&sandbox, &["--format", "json"]).expect(0);
    assert!(!json.stdout.contains("##["), "{}", json.stdout);
    assert_eq!(parse(&json)["pauses"][0]["reason"], HOSTILE);
    let page = plan(&sandbox, &["--format", "html"]).expect(0).stdout;
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    assert!(!page.contains("<script>alert"), "{page}");
    let markdown = plan(&sandbox, &["--format", "markdown"]).expect(0).stdout;
    let line = markdown
        .lines()
        .find(|line| line.contains("4 changes wait: "))
        .unwrap();
    assert!(
        line.starts_with("- ```` 4 changes wait: ") && line.ends_with(" ````"),
        "{line}"
    );
}

#[test]
fn an_approved_plan_is_stale_once_a_pause_takes_of_it() {
    let sandbox = pending();
    plan(&sandbox, &["--out", "json=plan.json"]).expect(0);
    let approved: Value = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
    let digest = approved["digest"].as_str().unwrap();
    pause(&sandbox, &["--for", "2h", "--user", "acme1"]).expect(0);
    let before = sandbox.tree("root/links");
    let apply = |more: &[&str]| {
        let apply = ["apply", "m.yaml", "--root", "root"];
        sandbox.run(&[&apply, more].concat())
    };
    let says = |outcome: Outcome| {
        let outcome = outcome.expect(4);
        assert!(
            settled(&outcome.stderr).starts_with(
                "2 changes wait: paused until [TIME] by [WHO]: ticket 4711 (--user acme1)\n\
                 waits: acme1/Billing: replace, paused until [TIME]\n\
                 waits: acme1/Support: replace, paused until [TIME]\n"
            ),
            "{}",
            outcome.stderr
        );
        outcome
    };
    says(apply(&["--expect", digest])).says("error: the plan is another one than was approved");
    says(apply(&["--plan", "plan.json"]))
        .says("moved: acme1/Billing: replace was approved, and waits\n")
        .is_silent_about("no longer to be done");
    assert_eq!(sandbox.tree("root/links"), before);
    // What was approved while it was paused is applied while it is.
    let found = parse(&plan(&sandbox, &["--format", "json"]).expect(0));
    apply(&["--expect", found["digest"].as_str().unwrap()])
        .expect(0)
        .says("4 replaced");
}

//! What pipelines take up by themselves.

use crate::support::Sandbox;
use serde_json::Value;

const WRONG: &str = "version: 1\nusers:\n  alice:\n    links:\n      A: { lable: x, url: \"https://a.example/\", implements: \"\" }\n";

fn json(sandbox: &Sandbox, name: &str) -> Value {
    serde_json::from_str(&sandbox.read(name)).unwrap()
}

#[test]
fn problems_are_written_for_code_scanning_and_for_gitlab() {
    let sandbox = Sandbox::new();
    sandbox.write("links/m.yaml", WRONG);
    sandbox
        .run(&[
            "validate",
            "./links/m.yaml",
            "--out",
            "sarif=p.sarif",
            "--out",
            "codequality=q.json",
        ])
        .expect(1);
    let sarif = json(&sandbox, "p.sarif");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let unknown = results
        .iter()
        .find(|r| r["ruleId"] == "unknown-key")
        .unwrap();
    assert_eq!(unknown["level"], "error");
    let place = &unknown["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "links/m.yaml");
    assert_eq!(place["region"]["startLine"], 5);
    assert_eq!(place["region"]["startColumn"], 12);
    let quality = json(&sandbox, "q.json");
    let issue = quality
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["check_name"] == "unknown-key");
    let issue = issue.unwrap();
    assert_eq!(issue["location"]["path"], "links/m.yaml");
    assert_eq!(issue["location"]["lines"]["begin"], 5);
    assert_eq!(results.len(), quality.as_array().unwrap().len());
    // Nothing wrong is a report too: it takes the last one's place.
    sandbox.write("links/m.yaml", WRONG.replace("lable", "label"));
    sandbox
        .run(&[
            "validate",
            "links/m.yaml",
            "--out",
            "sarif=p.sarif",
            "--out",
            "codequality=q.json",
        ])
        .expect(0);
    assert_eq!(
        json(&sandbox, "p.sarif")["runs"][0]["results"],
        Value::Array(Vec::new())
    );
    assert_eq!(json(&sandbox, "q.json"), Value::Array(Vec::new()));
    sandbox
        .run(&["validate", "links/m.yaml", "--out", "json=p.json"])
        .expect(1)
        .says("the formats are sarif, codequality");
}

#[test]
fn no_token_of_a_manifest_is_in_a_report() {
    let sandbox = Sandbox::new();
    let canary = "canary-c0ffee";
    let text = WRONG.replace(
        "lable: x",
        &format!("tokn: {canary}, token: \"{canary}\\u0001\""),
    );
    sandbox.write("m.yaml", text);
    sandbox
        .run(&[
            "validate",
            "m.yaml",
            "--out",
            "sarif=p.sarif",
            "--out",
            "codequality=q.json",
        ])
        .expect(1)
        .is_silent_about(canary);
    for name in ["p.sarif", "q.json"] {
        assert!(!sandbox.read(name).contains(canary), "{name}");
    }
}

#[test]
fn github_gets_annotations_on_standard_error() {
    let mut sandbox = Sandbox::new();
    sandbox.write("m.yaml", WRONG);
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .is_silent_about("::error");
    sandbox.env("GITHUB_ACTIONS", "true");
    let outcome = sandbox.run(&["validate", "m.yaml"]).expect(1);
    let line = "::error file=m.yaml,line=5,col=12,title=cplinks%3A unknown-key::unknown key `lable` (did you mean `label`?)";
    assert!(
        outcome.stderr.lines().any(|l| l == line),
        "{}",
        outcome.stderr
    );
    assert_eq!(outcome.stdout, "");
}

#[test]
fn github_gets_outputs_and_a_summary_of_a_plan() {
    let mut sandbox = Sandbox::with_examples();
    sandbox.write("outputs", "earlier=1\n");
    for (name, file) in [
        ("GITHUB_OUTPUT", "outputs"),
        ("GITHUB_STEP_SUMMARY", "summary"),
    ] {
        let path = sandbox.path(file).display().to_string();
        sandbox.env(name, &path);
    }
    let arguments = [
        "plan",
        "examples/acme",
        "--root",
        "root",
        "--out",
        "gitlab=plan.json",
    ];
    sandbox.run(&arguments).expect(0);
    assert_eq!(sandbox.read("outputs"), "earlier=1\n");
    sandbox.env("GITHUB_ACTIONS", "true");
    let outcome = sandbox.run(&arguments).expect(0);
    let digest = outcome
        .stdout
        .lines()
        .last()
        .unwrap()
        .replace("digest: ", "digest=");
    assert_eq!(
        sandbox.read("outputs"),
        format!(
            "earlier=1\nchanges=true\n{digest}\nchange-count=27\nblocked-count=0\nheld-count=0\nrefused=false\n"
        )
    );
    let summary = sandbox.read("summary");
    assert!(
        summary.starts_with("<!-- cplinks plan -->\n## cplinks: 16 to create"),
        "{summary}"
    );
    let numbers = json(&sandbox, "plan.json");
    let number = |key: &str| numbers[key].as_u64().unwrap();
    assert_eq!((number("create"), number("delete")), (21, 1));
    assert_eq!(number("create") + number("update") + number("delete"), 27);
}

#[test]
fn a_summary_that_other_commands_began_is_never_longer_than_github_takes() {
    let mut sandbox = Sandbox::with_root();
    let path = sandbox.path("summary").display().to_string();
    sandbox
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &path);
    let links = (0..3000).map(|n| {
        let url = format!("https://a.example/{n}");
        format!("      A{n}: {{ label: L{n}, implements: '', url: '{url}' }}\n")
    });
    let links: String = links.collect();
    sandbox.write(
        "m.yaml",
        format!("version: 1\nusers:\n  alice:\n    links:\n{links}"),
    );
    let plan = || sandbox.run(&["plan", "m.yaml", "--root", "root"]).expect(0);
    let length = || sandbox.read("summary").len();
    plan().is_silent_about("the summary of this step is full");
    let whole = length();
    // Where there is room for less, less is told, and the digest is.
    for room in [whole / 2, 8000] {
        sandbox.write("summary", "x".repeat(1024 * 1024 - room));
        plan().is_silent_about("the summary of this step is full");
        assert!(length() <= 1024 * 1024, "{room}");
        assert!(sandbox.read("summary").contains("Digest: `"), "{room}");
    }
    sandbox.write("summary", "x".repeat(1024 * 1024 - 7999));
    plan().says("note: the summary of this step is full; the plan is not in it");
    assert_eq!(length(), 1024 * 1024 - 7999);
}

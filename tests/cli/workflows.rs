//! The workflow files of `examples/ci`, their shell run step by step as a
//! runner would, with stand-ins for `gh` and `curl` that keep what they are
//! given in files.

use crate::support::{Outcome, Sandbox};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

const HEAD: &str = "1111111111111111111111111111111111111111";

/// What stands in for GitHub's own command.
const GH: &str = r#"#!/usr/bin/env bash
set -eu
echo "$*" >> gh.log
case "$*" in
  "run list"*--status*) echo "gh: a run that found drift has failed" >&2; exit 1 ;;
  "run list"*) echo 8; echo 7; echo 6 ;;
  "run download 8"*) echo "gh: no artifact" >&2; exit 1 ;;
  "run download 7"*) mkdir -p snapshot && cp published/snapshot.json snapshot/ ;;
  "api --paginate"*) cat comment-id 2>/dev/null || true ;;
  "api --method POST"*comments*) cp plan.md comment.md; echo 42 > comment-id ;;
  "api --method PATCH"*comments/42*) cp plan.md comment.md ;;
  "api --method DELETE"*comments/42*) rm comment.md comment-id ;;
  "api --method POST"*statuses*) echo "${@: -1}" | sed 's/^description=//' > "status-${4##*/}" ;;
  *"/pulls "*) echo "$HEAD" ;;
  *"/statuses "*) cat "status-$HEAD" ;;
  *) echo "gh: not expected: $*" >&2; exit 1 ;;
esac
"#;

/// What stands in for `curl`: the last word is the address.
const CURL: &str = r#"#!/usr/bin/env bash
set -eu
file="store/$(echo "${@: -1}" | tr '/:' '__')"
mkdir -p store
while [ $# -gt 1 ]; do
  case "$1" in
    --upload-file) cp "$2" "$file" ;;
    --output) cp "$file" "$2" ;;
  esac
  shift
done
"#;

/// A root after an apply, and a manifest in `links` that changes it.
fn world() -> Sandbox {
    let mut sandbox = Sandbox::with_root();
    for (name, text) in [("gh", GH), ("curl", CURL)] {
        sandbox.write(&format!("bin/{name}"), text);
        sandbox.set_mode(&format!("bin/{name}"), 0o755);
    }
    sandbox.write("secrets.yaml", "alice/A: canary-of-workflows\n");
    let link = |label: &str| {
        format!(
            "version: 1\nusers:\n  alice: {{ links: {{ A: {{ label: {label}, implements: \"\", \
             url: \"https://a.example/\", subscriber_unique_id: s, \
             autologin_token_url: \"https://a.example/sso\", token: {{ secret: alice/A }} }} }} }}\n"
        )
    };
    sandbox.write("links/m.yaml", link("Old"));
    sandbox.env("HEAD", HEAD);
    server(&sandbox, "cplinks apply links --yes").expect(0);
    sandbox.write("links/m.yaml", link("New"));
    sandbox
}

/// Runs a step where the server is.
fn server(sandbox: &Sandbox, script: &str) -> Outcome {
    sandbox.shell(&format!(
        "export PATH=\"$PWD/bin:$PATH\" CPLINKS_ROOT=root CPLINKS_SECRETS=secrets.yaml\n{script}"
    ))
}

fn read(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/ci")
        .join(name);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The shell of a GitHub workflow's steps, with the environment of each.
fn steps(workflow: &Value, job: &str) -> Vec<(String, String)> {
    let global = exports(&workflow["env"]);
    let steps = workflow["jobs"][job]["steps"].as_sequence().unwrap().iter();
    steps
        .filter_map(|step| {
            let run = step["run"].as_str()?;
            let name = step["name"].as_str().unwrap().to_owned();
            Some((name, format!("{global}{}{run}", exports(&step["env"]))))
        })
        .collect()
}

fn exports(env: &Value) -> String {
    let Some(env) = env.as_mapping() else {
        return String::new();
    };
    env.iter().fold(String::new(), |mut out, (name, value)| {
        let (name, value) = (name.as_str().unwrap(), value.as_str().unwrap());
        writeln!(out, "export {name}='{value}'").unwrap();
        out
    })
}

/// Puts values in the place of a workflow's expressions.
fn with(script: &str, values: &BTreeMap<&str, String>) -> String {
    let mut script = script.to_owned();
    for (name, value) in values {
        script = script.replace(&format!("${{{{ {name} }}}}"), value);
    }
    assert!(!script.contains("${{"), "{script}");
    script
}

fn values() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("github.token", "t".to_owned()),
        ("github.event.pull_request.head.sha", HEAD.to_owned()),
        ("github.event.pull_request.number", "5".to_owned()),
    ])
}

const RUNNER: &str = "export PATH=\"$PWD/bin:$PATH\" GITHUB_ACTIONS=true GITHUB_OUTPUT=outputs \
                      GITHUB_ENV=env GITHUB_REPOSITORY=acme/links GITHUB_SHA=2222\n";

/// Runs the steps of the review, and gives the last outcome.
fn review(sandbox: &Sandbox) -> Outcome {
    let workflow = read("github-review.yml");
    let mut values = values();
    let mut last = None;
    for (name, script) in steps(&workflow, "review") {
        let outputs = fs::read_to_string(sandbox.path("outputs")).unwrap_or_default();
        let digest = outputs.lines().rfind(|l| l.starts_with("digest="));
        let digest = digest.map_or("", |line| line.trim_start_matches("digest="));
        values.insert("steps.plan.outputs.digest", digest.to_owned());
        let outcome = sandbox.shell(&format!("{RUNNER}{}", with(&script, &values)));
        assert_eq!(outcome.code, 0, "{name}: {}", outcome.shown());
        last = Some(outcome);
    }
    last.unwrap()
}

fn publish(sandbox: &Sandbox) {
    let workflow = read("github-server.yml");
    for (_, script) in steps(&workflow, "snapshot") {
        server(sandbox, &format!("{RUNNER}{script}")).expect(0);
    }
    sandbox.folder("published");
    fs::copy(
        sandbox.path("snapshot.json"),
        sandbox.path("published/snapshot.json"),
    )
    .unwrap();
}

fn merge(sandbox: &Sandbox) -> Outcome {
    let workflow = read("github-apply.yml");
    let steps = steps(&workflow, "apply");
    let script: Vec<String> = steps
        .iter()
        .map(|(_, script)| with(script, &values()).replace("/run/cplinks/", ""))
        .collect();
    server(sandbox, &format!("{RUNNER}{}", script.concat()))
}

#[test]
fn githubs_review_comments_once_and_the_merge_applies_just_that_plan() {
    let sandbox = world();
    publish(&sandbox);
    review(&sandbox);
    let comment = sandbox.read("comment.md");
    assert!(comment.contains("1 to replace"), "{comment}");
    // Again: in the place of the first comment.
    review(&sandbox);
    let log = sandbox.read("gh.log");
    assert_eq!(
        log.matches("--method POST repos/acme/links/issues").count(),
        1,
        "{log}"
    );
    assert_eq!(log.matches("--method PATCH").count(), 1, "{log}");
    merge(&sandbox).expect(0).says("Apply: 1 replaced");
    assert!(
        sandbox
            .read("root/links/alice/A.userconfig")
            .contains("New")
    );
    // Nothing is left to say.
    publish(&sandbox);
    review(&sandbox);
    assert!(!sandbox.path("comment.md").exists());
}

#[test]
fn a_server_that_changed_since_the_review_refuses_the_merge() {
    let sandbox = world();
    publish(&sandbox);
    review(&sandbox);
    let file = "root/links/alice/A.userconfig";
    sandbox.write(file, sandbox.read(file).replace("Old", "Theirs"));
    merge(&sandbox).expect(4);
    assert!(sandbox.read(file).contains("Theirs"));
    let workflow = read("github-server.yml");
    let drift = steps(&workflow, "snapshot").pop().unwrap().1;
    server(&sandbox, &drift)
        .expect(2)
        .says("alice/A: fields changed");
}

#[test]
fn a_noted_text_that_is_no_digest_reaches_no_environment() {
    let sandbox = world();
    publish(&sandbox);
    review(&sandbox);
    let digest = sandbox.read(&format!("status-{HEAD}"));
    for text in [format!("{digest}LD_PRELOAD=/tmp/x.so\n"), "\n".to_owned()] {
        sandbox.write(&format!("status-{HEAD}"), text);
        merge(&sandbox).expect(1).says("is no digest");
        assert!(!sandbox.path("env").exists());
    }
}

#[test]
fn gitlabs_jobs_do_the_same() {
    let sandbox = world();
    let pipeline = read("gitlab-ci.yml");
    let job = |name: &str| {
        let script = pipeline[name]["script"].as_sequence().unwrap().iter();
        let lines: Vec<_> = script
            .map(|line| line.as_str().unwrap().to_owned())
            .collect();
        let variables = exports(&pipeline[name]["variables"]).replace("/run/cplinks/", "");
        let start = "export PATH=\"$PWD/bin:$PATH\" CI_JOB_TOKEN=t CI_COMMIT_SHA=3333 MANIFEST=links \
                     PACKAGES=https://gitlab.example/packages\n";
        format!("{start}{variables}{}", lines.join("\n"))
    };
    server(&sandbox, &job("server")).expect(0);
    sandbox.shell(&job("validate")).expect(0);
    assert_eq!(sandbox.read("problems.json"), "[]\n");
    sandbox.shell(&job("plan")).expect(0);
    assert_eq!(
        sandbox.read("terraform.json"),
        "{\"create\":0,\"update\":1,\"delete\":0}\n"
    );
    server(&sandbox, &job("apply"))
        .expect(0)
        .says("Apply: 1 replaced");
    server(&sandbox, &job("apply"))
        .expect(4)
        .says("no longer to be done");
}

//! Every form of a plan of 10,000 links: short where people read it, whole
//! where programs do, and no panic on an output that takes nothing.

use crate::support::Sandbox;
use serde_json::Value;
use std::fmt::Write as _;

const USERS: usize = 5_000;

/// An empty root, and a manifest that makes two links for each user.
fn world() -> Sandbox {
    let sandbox = Sandbox::with_root();
    let mut text = "version: 1\napps:\n".to_owned();
    for app in ["ACME_billing", "ACME_support"] {
        writeln!(
            text,
            "  {app}: {{ label: {app}, implements: \"\", url: \"https://my.acme.example/?user={{{{ user }}}}\" }}"
        )
        .unwrap();
    }
    text.push_str("users:\n");
    for n in 0..USERS {
        writeln!(
            text,
            "  user{n:05}: {{ links: {{ ACME_billing: {{}}, ACME_support: {{ label: \"Help {n}\" }} }} }}"
        )
        .unwrap();
    }
    sandbox.write("m.yaml", text);
    sandbox
}

#[test]
fn ten_thousand_links_are_short_for_people_and_whole_for_programs() {
    let mut sandbox = world();
    let files =
        ["json", "markdown", "html", "gitlab"].map(|format| format!("{format}=plan.{format}"));
    let mut arguments = vec!["plan", "m.yaml", "--root", "root"];
    for file in &files {
        arguments.extend(["--out", file]);
    }
    sandbox.env("GITHUB_ACTIONS", "true");
    let summary = sandbox.path("summary").display().to_string();
    sandbox.env("GITHUB_STEP_SUMMARY", &summary);
    let text = sandbox.run(&arguments).expect(0).stdout;
    insta::assert_snapshot!(text);
    let json: Value = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
    assert_eq!(
        json["resource_changes"].as_array().unwrap().len(),
        2 * USERS
    );
    assert_eq!(json["blast_radius"]["accounts"], USERS);
    assert!(sandbox.read("plan.markdown").chars().count() <= 60_000);
    insta::assert_snapshot!(sandbox.read("plan.markdown"));
    let page = sandbox.read("plan.html");
    assert!(
        page.len() < 10_000_000 && page.contains("10,000"),
        "{}",
        page.len()
    );
    assert_eq!(
        sandbox.read("plan.gitlab"),
        "{\"create\":10000,\"update\":0,\"delete\":0}\n"
    );
    assert!(sandbox.read("summary").len() < 1024 * 1024);
}

#[test]
fn an_output_that_takes_nothing_is_an_error_and_one_that_is_closed_is_none() {
    let sandbox = world();
    for format in ["text", "json", "markdown", "html", "gitlab"] {
        let line = format!("cplinks plan m.yaml --root root --format {format}");
        sandbox
            .shell(&format!("{line} > /dev/full"))
            .expect(1)
            .says("standard output cannot be written");
        let outcome = sandbox.shell(&format!(
            "set -o pipefail; {line} | head -c 1 > first; echo \"${{PIPESTATUS[0]}}\""
        ));
        assert_eq!(outcome.stdout.trim(), "0", "{format}: {}", outcome.shown());
        assert_eq!(outcome.stderr, "", "{format}");
    }
}

/// Three apps of a hundred thousand users; in a release this takes a few
/// hundred milliseconds. What it may take of memory is that of the file's YAML
/// in the parser's words, which is the most of it.
#[test]
fn three_hundred_thousand_links_in_one_file_are_read() {
    let sandbox = Sandbox::new();
    let mut text =
        "version: 1\ndefaults: { implements: '', label: L, url: 'https://a.example/' }\n\
                apps: { A: {}, B: {}, C: {} }\nusers:\n"
            .to_owned();
    for user in 0..100_000 {
        writeln!(
            text,
            "  u{user}: {{ links: {{ A: {{}}, B: {{}}, C: {{}} }} }}"
        )
        .unwrap();
    }
    sandbox.write("m.yaml", text);
    sandbox
        .shell("ulimit -v 600000; cplinks validate m.yaml")
        .expect(0)
        .says("100000 users, 300000 links and 3 app templates in 1 file");
}

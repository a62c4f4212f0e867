//! What is wrong with texts that reports show: rows R1 to R7. The texts lie on
//! disk, where another program put them, so no rule for manifests stops them.

use super::has_raw_control;
use crate::support::Sandbox;
use std::fmt::Write as _;

const FORMATS: [&str; 5] = ["text", "json", "markdown", "html", "gitlab"];

/// Commands of pipelines, each as a label of its own.
const COMMANDS: [&str; 8] = [
    "::set-output name=x::y",
    "::add-mask::x",
    "::stop-commands::x",
    "::error::x",
    "x\n::error::x",
    "x\r\n  ::warning::x",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[buildStatus text='x']",
];

/// A root with a link for each label, and a manifest that replaces them.
fn world(labels: &[String]) -> Sandbox {
    let sandbox = Sandbox::with_root();
    let mut manifest = "version: 1\nusers:\n  alice:\n    links:\n".to_owned();
    for (n, label) in labels.iter().enumerate() {
        let fields = serde_json::json!({
            "label": label, "implements": "", "url": "https://a.example/", "odd key": "odd",
        });
        sandbox.write(
            &format!("root/links/alice/A{n}.userconfig"),
            fields.to_string(),
        );
        sandbox.write(
            &format!("root/links/alice/A{n}.adminconfig"),
            "{\"token\":null}",
        );
        writeln!(
            manifest,
            "      A{n}: {{ label: New, implements: \"\", url: \"https://a.example/\" }}"
        )
        .unwrap();
    }
    sandbox.folder("root/dynamicui/alice");
    sandbox.set_server_modes("root");
    sandbox.write("m.yaml", manifest);
    sandbox
}

fn plan(sandbox: &Sandbox, format: &str) -> String {
    let arguments = [
        "plan", "m.yaml", "--root", "root", "--format", format, "--expand",
    ];
    sandbox.run(&arguments).expect(0).shown()
}

/// A line that a runner would take for a command.
fn command(shown: &str) -> Option<&str> {
    shown.lines().find(|line| {
        let line = line.trim_start();
        line.starts_with("::") || line.contains("##vso[") || line.contains("##teamcity[")
    })
}

#[test]
fn r1_no_text_is_a_command_of_a_pipeline() {
    let mut sandbox = world(&COMMANDS.map(str::to_owned));
    for format in FORMATS {
        assert_eq!(command(&plan(&sandbox, format)), None, "{format}");
    }
    sandbox.env("GITHUB_ACTIONS", "true");
    let summary = sandbox.path("summary").display().to_string();
    sandbox.env("GITHUB_STEP_SUMMARY", &summary);
    let arguments = ["apply", "m.yaml", "--root", "root", "--yes"];
    assert_eq!(command(&sandbox.run(&arguments).expect(0).shown()), None);
    assert_eq!(command(&sandbox.read("summary")), None);
    for arguments in [
        &["undo", "--root", "root", "--yes"][..],
        &["history", "1", "--root", "root"],
        &["drift", "--root", "root"],
        &["status", "m.yaml", "--root", "root"],
    ] {
        let outcome = sandbox.run(arguments);
        assert_eq!(command(&outcome.shown()), None, "{arguments:?}");
    }
}

#[test]
fn r1_what_is_printed_as_data_is_no_command_either() {
    let sandbox = world(&COMMANDS.map(str::to_owned));
    let other = "{ label: B, implements: \"\", url: \"https://b.example/\" }";
    let other = format!("version: 1\nusers: {{ bob: {{ links: {{ B: {other} }} }} }}\n");
    sandbox.write("other.yaml", other);
    for arguments in [
        &["snapshot", "--root", "root"][..],
        &[
            "unmanaged",
            "other.yaml",
            "--root",
            "root",
            "--format",
            "yaml",
        ],
        &[
            "unmanaged",
            "other.yaml",
            "--root",
            "root",
            "--format",
            "json",
        ],
        &["list", "--root", "root", "--format", "json"],
    ] {
        let shown = sandbox.run(arguments).expect(0).shown();
        assert!(shown.contains("vso[task"), "{arguments:?}: {shown}");
        assert_eq!(command(&shown), None, "{arguments:?}");
    }
}

#[test]
fn r1_a_manifest_that_is_refused_is_no_command_either() {
    for label in COMMANDS {
        let mut sandbox = Sandbox::new();
        sandbox.env("GITHUB_ACTIONS", "true");
        let link = serde_json::json!({ "label": label, "implements": "", "url": label });
        sandbox.write(
            "m.yaml",
            format!("version: 1\nusers: {{ alice: {{ links: {{ A: {link} }} }} }}\n"),
        );
        let shown = sandbox.run(&["validate", "m.yaml"]).expect(1).shown();
        let ours = |line: &&str| {
            let starts = ["::error file=m.yaml,line=", "::warning file=m.yaml,line="];
            !starts.iter().any(|start| line.starts_with(start))
        };
        let rest: Vec<&str> = shown.lines().filter(ours).collect();
        assert_eq!(command(&rest.join("\n")), None, "{label:?}: {rest:#?}");
    }
}

#[test]
fn r1_an_argument_that_is_refused_is_no_command_either() {
    let sandbox = Sandbox::new();
    for text in [
        "x\n::error::y",
        "x\r\n  ::warning::y",
        "\u{1b}[2Jx\n::stop-commands::y",
    ] {
        for arguments in [
            &[text][..],
            &["plan", "m.yaml", "--format", text],
            &["plan", "m.yaml", text, "--bad", text],
            &["plan", "m.yaml", &format!("--{text}")],
            &["plan", "m.yaml", "--out", text],
            &["plan", "m.yaml", "--max-age", text, "--against", text],
            &["plan", "m.yaml", "--lock-timeout", text],
            &["apply", "m.yaml", "--plan", text, "--expect", text],
            &["pause", "--reason", text, "--for", text],
            &["history", text, "--root", text],
            &["call", text, text],
        ] {
            let outcome = sandbox.run(arguments).expect(1);
            let shown = outcome.shown();
            assert_eq!(command(&shown), None, "{arguments:?}");
            assert!(!has_raw_control(&outcome), "{arguments:?}: {shown:?}");
        }
    }
    // The neighbour: what is no command is shown as it was given.
    sandbox
        .run(&["plan", "m.yaml", "--format", "a: [b] é"])
        .expect(1)
        .says("'a: [b] é'");
}

#[test]
fn r3_no_text_becomes_an_output_of_a_step() {
    let labels = [
        "x\ndigest=0".to_owned(),
        "x\nEOF\nchanges=false\n".to_owned(),
    ];
    let mut sandbox = world(&labels);
    sandbox.env("GITHUB_ACTIONS", "true");
    let file = sandbox.path("outputs").display().to_string();
    sandbox.env("GITHUB_OUTPUT", &file);
    plan(&sandbox, "text");
    let outputs = sandbox.read("outputs");
    let names: Vec<&str> = outputs
        .lines()
        .map(|l| l.split('=').next().unwrap())
        .collect();
    let expect = [
        "changes",
        "digest",
        "change-count",
        "blocked-count",
        "held-count",
        "refused",
    ];
    assert_eq!(names, expect, "{outputs}");
    assert!(outputs.starts_with("changes=true\n"));
}

#[test]
fn r5_a_diff_of_ten_megabytes_is_cut_with_a_count() {
    let labels: Vec<String> = (0..6)
        .map(|n| format!("{n}{}", "x ".repeat(900_000)))
        .collect();
    let mut sandbox = world(&labels);
    sandbox.env("GITHUB_ACTIONS", "true");
    let summary = sandbox.path("summary").display().to_string();
    sandbox.env("GITHUB_STEP_SUMMARY", &summary);
    for format in ["text", "markdown", "html"] {
        let shown = plan(&sandbox, format);
        assert!(shown.len() < 1024 * 1024, "{format}: {}", shown.len());
        assert!(shown.contains("6 to replace"), "{format}");
    }
    assert!(sandbox.read("summary").len() < 3 * 1024 * 1024);
}

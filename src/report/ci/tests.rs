//! Each form, with texts that could break it.

use super::*;
use crate::manifest::Severity;
use std::sync::Arc;

/// One problem of each severity, with texts that could break each form.
fn world() -> (Vec<Problem>, Vec<Source>) {
    let source = Source {
        name: "./acme, é/a:b.yaml".to_owned(),
        folder: "acme".into(),
        text: Arc::from("x: y\n"),
        masks: Vec::new(),
    };
    let place = Place {
        source: 0,
        span: 3..4,
        line: 1,
        column: 4,
        label: String::new(),
    };
    let error = Problem {
        rule: "label",
        severity: Severity::Error,
        message: "100 % wrong\n::set-output name=x::y, <b>".to_owned(),
        hint: Some("do it right".to_owned()),
        places: vec![place],
    };
    let warning = Problem {
        rule: "literal-token",
        severity: Severity::Warning,
        message: "a secret in Git".to_owned(),
        hint: None,
        places: Vec::new(),
    };
    (vec![warning, error], vec![source])
}

fn text(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn an_annotation_is_one_line_and_one_command() {
    let (problems, sources) = world();
    insta::assert_snapshot!(text(|out| annotations(&problems, &sources, out)));
}

#[test]
fn github_is_told_no_more_than_it_shows() {
    let (problems, sources) = world();
    let many = vec![problems.last().unwrap().clone(); 50];
    assert_eq!(
        text(|out| annotations(&many, &sources, out))
            .lines()
            .count(),
        10
    );
}

#[test]
fn code_quality_names_file_line_and_rule() {
    let (problems, sources) = world();
    insta::assert_snapshot!(text(|out| code_quality(&problems, &sources, out)));
}

#[test]
fn a_fingerprint_does_not_move_with_its_line() {
    let (problems, sources) = world();
    let mut moved = problems.clone();
    for place in moved.iter_mut().flat_map(|problem| &mut problem.places) {
        place.line += 7;
    }
    let prints = |problems: &[Problem]| -> Vec<String> {
        let report = text(|out| code_quality(problems, &sources, out));
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let issues = report.as_array().unwrap().iter();
        issues
            .map(|issue| issue["fingerprint"].to_string())
            .collect()
    };
    assert_eq!(prints(&problems), prints(&moved));
    assert_ne!(prints(&problems)[0], prints(&problems)[1]);
}

#[test]
fn sarif_names_rule_level_and_region() {
    let (problems, sources) = world();
    let report = text(|out| sarif(&problems, &sources, out));
    let report = report.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(report);
}

#[test]
fn a_path_begins_no_pipelines_command_and_reads_back() {
    let (problems, mut sources) = world();
    let name = "a##vso[task.x]\u{1b}[2J\u{202e}\u{7f}\n::error::b.yaml";
    for source in &mut sources {
        name.clone_into(&mut source.name);
    }
    let quality = text(|out| code_quality(&problems, &sources, out));
    for form in [&quality, &text(|out| sarif(&problems, &sources, out))] {
        assert!(!form.contains("##"), "{form}");
        let line = form.strip_suffix('\n').unwrap();
        assert!(!line.contains(char::is_control), "{form}");
        assert!(!line.contains('\u{202e}'), "{form}");
    }
    let read: serde_json::Value = serde_json::from_str(&quality).unwrap();
    assert_eq!(read[1]["location"]["path"], name);
}

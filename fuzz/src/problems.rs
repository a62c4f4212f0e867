//! What is said of a manifest, with texts of anybody: the path, the source,
//! the phrase and the hint. No form lets one break out, and an annotation is
//! read back by the rules of who reads it.

use crate::{shown, texts};
use cplinks::manifest::{Place, Problem, Severity, Source};
use cplinks::report::{annotations, code_quality, problems, sarif};
use std::io::{self, Write};
use std::sync::Arc;

/// Makes two problems of the texts, and writes every form.
pub fn check(data: &[u8]) {
    let mut texts = texts(data);
    let mut next = || texts.next().unwrap_or_default();
    let (name, message, hint, label, text) = (next(), next(), next(), next(), next());
    let source = Source {
        name: name.clone(),
        folder: "folder".into(),
        text: Arc::from(text.as_str()),
        masks: Vec::new(),
    };
    // From the middle on, to a character's end.
    let middle = floor(&text, text.len() / 2);
    let end = floor(&text, text.len().min(middle + 9)).max(middle);
    let before = text.get(..middle).unwrap_or_default();
    let place = Place {
        source: 0,
        span: middle..end,
        line: before.matches('\n').count() + 1,
        column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        label,
    };
    let all = vec![
        Problem {
            rule: "label",
            severity: Severity::Error,
            message: message.clone(),
            hint: Some(hint),
            places: vec![place.clone(), place],
        },
        Problem {
            rule: "yaml",
            severity: Severity::Warning,
            message,
            hint: None,
            places: Vec::new(),
        },
    ];
    written(&all, &[source]);
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Writes problems in every form, each of which is what it should be.
pub(crate) fn written(all: &[Problem], sources: &[Source]) -> Vec<String> {
    for place in all.iter().flat_map(|problem| &problem.places) {
        let source = sources.get(place.source).expect("it is in a source");
        assert!(source.text.get(place.span.clone()).is_some(), "{place:?}");
        assert!(place.line > 0 && place.column > 0, "{place:?}");
    }
    let text = output(|out| problems(all, sources, 100, out));
    shown::terminal(&text);
    let annotated = output(|out| annotations(all, sources, out));
    assert_eq!(annotated.lines().count(), all.len().min(10), "{annotated}");
    for line in annotated.lines() {
        annotation(line, sources);
    }
    let found = output(|out| sarif(all, sources, out));
    let read = shown::json(&found);
    let results = read["runs"][0]["results"].as_array().expect("a list");
    assert_eq!(results.len(), all.len());
    let quality = output(|out| code_quality(all, sources, out));
    let issues = shown::json(&quality);
    assert_eq!(issues.as_array().map(Vec::len), Some(all.len()));
    vec![text, annotated, found, quality]
}

/// A workflow command, as the runner of GitHub Actions reads it.
fn annotation(line: &str, sources: &[Source]) {
    let rest = line.strip_prefix("::").expect("it is a command");
    let (command, data) = rest.split_once("::").expect("it has an end");
    let (command, properties) = command.split_once(' ').expect("it has a title");
    assert!(["error", "warning"].contains(&command), "{line}");
    for property in properties.split(',') {
        let (name, value) = property.split_once('=').expect("it has a value");
        assert!(["file", "line", "col", "title"].contains(&name), "{line}");
        if name == "file" {
            let value = unescaped(value);
            let is_one = |s: &Source| s.name == value || s.name == format!("./{value}");
            assert!(sources.iter().any(is_one), "{line}");
        }
    }
    assert!(!data.contains(char::is_control), "{line}");
}

fn unescaped(text: &str) -> String {
    text.replace("%2C", ",")
        .replace("%3A", ":")
        .replace("%0A", "\n")
        .replace("%0D", "\r")
        .replace("%25", "%")
}

fn output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("there is room");
    String::from_utf8(out).expect("it is text")
}

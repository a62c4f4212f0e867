//! One text to one wire manifest, and what is wrong with it. A document that
//! is right is read once. One with a list or map in the place of a text is
//! read twice more: to find all such places, and to read around them.

use super::problem::{Finding, Severity, Spot};
use super::read::{Pass, Read as _, Reading};
use super::wire::ManifestFile;
use std::collections::BTreeSet;

/// Reads one document. What cannot be read is a finding; what can be is in
/// the manifest all the same, so that other rules can be checked too.
pub(super) fn parse(source: usize, text: &str) -> (ManifestFile, Vec<Finding>) {
    let (first, findings) = read(source, text, Pass::Exact, BTreeSet::new());
    let error = match first {
        Ok(manifest) => return (manifest, findings.into_findings()),
        Err(error) => error,
    };
    let (tolerant, reading) = read(source, text, Pass::Tolerant, BTreeSet::new());
    if tolerant.is_err() {
        let mut findings = vec![syntax_finding(source, text, &error)];
        findings.extend(reading.findings.into_vec());
        return (ManifestFile::default(), findings);
    }
    let skip = reading.mismatches;
    let (second, exact) = read(source, text, Pass::Exact, skip);
    let mut findings = exact.into_findings();
    match second {
        Ok(manifest) => {
            // The tolerant pass records no values, so only its mismatches are
            // not in the exact pass's findings already.
            let known: Vec<Finding> = findings.clone();
            findings.extend(
                reading
                    .findings
                    .into_vec()
                    .into_iter()
                    .filter(|finding| !known.contains(finding)),
            );
            (manifest, findings)
        }
        Err(error) => {
            findings.push(syntax_finding(source, text, &error));
            (ManifestFile::default(), findings)
        }
    }
}

impl Reading {
    fn into_findings(self) -> Vec<Finding> {
        self.findings.into_vec()
    }
}

fn read(
    source: usize,
    text: &str,
    pass: Pass,
    skip: BTreeSet<Vec<super::problem::Step>>,
) -> (Result<ManifestFile, serde_yaml::Error>, Reading) {
    let mut reading = Reading::new(source, pass, skip);
    let from = serde_yaml::Deserializer::from_str(text);
    let result = ManifestFile::read(from, &mut reading);
    (result, reading)
}

/// What the YAML parser itself refuses.
fn syntax_finding(source: usize, text: &str, error: &serde_yaml::Error) -> Finding {
    let message = error.to_string();
    let (rule, message, hint) = if message.contains("more than one document") {
        let hint = "give each document a file of its own";
        (
            "yaml",
            "the file holds more than one YAML document".to_owned(),
            Some(hint),
        )
    } else if message.contains("EOF while parsing") {
        let hint = "a manifest begins with `version: 1`";
        (
            "empty-manifest",
            "the manifest is empty".to_owned(),
            Some(hint),
        )
    } else if message.contains("repetition limit") {
        let hint = "write shared values once, in `apps` or `defaults`, without YAML aliases";
        (
            "yaml",
            "YAML aliases repeat too much".to_owned(),
            Some(hint),
        )
    } else {
        // The parser's own words hold positions and kinds, no values; the
        // position is shown apart.
        let message = message.split(" at line ").next().unwrap_or_default();
        ("yaml", format!("not valid YAML: {message}"), None)
    };
    let start = match error.location() {
        Some(location) => location.index(),
        None => second_document(text).unwrap_or(0),
    };
    let start = floor_char_boundary(text, start);
    let end = text
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(start, |c| start + c.len_utf8());
    Finding {
        rule,
        severity: Severity::Error,
        message,
        hint: hint.map(str::to_owned),
        spots: vec![(
            Spot::Position {
                source,
                span: start..end,
            },
            String::new(),
        )],
        aspect: "",
    }
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

/// The line that starts a second document.
fn second_document(text: &str) -> Option<usize> {
    let mut offset = 0;
    let mut has_content = false;
    for line in text.split_inclusive('\n') {
        let is_separator = line.starts_with("---");
        if is_separator && has_content {
            return Some(offset);
        }
        let trimmed = line.trim();
        has_content |= is_separator || !(trimmed.is_empty() || trimmed.starts_with(['#', '%']));
        offset += line.len();
    }
    None
}

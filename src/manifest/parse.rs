//! One text to one wire manifest or policy, and what is wrong with it. A
//! document that is right is read once. One with a list or map in the place of
//! a text is read twice more: to find all such places, and to read around them.

use super::budget::Budget;
use super::findings::Findings;
use super::problem::{Finding, Severity, Spot};
use super::read::{Pass, Read, Reading};
use std::collections::BTreeSet;

/// Reads one document. What cannot be read is a finding; what can be is in
/// the manifest all the same, so that other rules can be checked too; `None`
/// if it is no YAML.
pub(super) fn parse<T: Read>(source: usize, text: &str) -> (Option<T>, Findings) {
    let refused = |finding: Finding, others: Findings| {
        let mut findings = Findings::default();
        // First, since only so many are kept.
        findings.push(finding);
        findings.absorb(others);
        (None, findings)
    };
    if let Some(at) = too_deep(text) {
        let message = "not valid YAML: it is nested too deeply".to_owned();
        let finding = yaml_finding(source, text, message, at);
        return refused(finding, Findings::default());
    }
    let (first, exact) = read(source, text, Pass::Exact, BTreeSet::new());
    let error = match first {
        Ok(manifest) if !may_hold_tags(text) => return (Some(manifest), exact.findings),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let (tolerant, reading) = read::<T>(source, text, Pass::Tolerant, BTreeSet::new());
    if let Err(tolerant) = tolerant {
        let error = error.unwrap_or(tolerant);
        return refused(syntax_finding(source, text, &error), reading.findings);
    }
    let (second, exact) = read(source, text, Pass::Exact, reading.mismatches);
    match second {
        Ok(manifest) => {
            let mut findings = exact.findings;
            // The tolerant pass records no values, so only its mismatches are
            // not in the exact pass's findings already.
            findings.absorb_new(reading.findings);
            (Some(manifest), findings)
        }
        Err(error) => refused(syntax_finding(source, text, &error), exact.findings),
    }
}

/// Where more brackets are open on one line than any manifest needs. The parser
/// takes time for each of them at every word, so it never sees such a line.
fn too_deep(text: &str) -> Option<usize> {
    const LIMIT: usize = 500;
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '\n' => (depth, is_quoted) = (0, false),
            '"' if before != '\\' => is_quoted = !is_quoted,
            '[' | '{' if !is_quoted => depth += 1,
            ']' | '}' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > LIMIT {
            return Some(at);
        }
        before = c;
    }
    None
}

/// Whether a text may hold YAML tags, which only the tolerant pass sees: a
/// `!` where a value may begin.
fn may_hold_tags(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices('!').any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|b| b.is_ascii_whitespace() || b"[{,:-?".contains(b))
    })
}

fn read<T: Read>(
    source: usize,
    text: &str,
    pass: Pass,
    skip: BTreeSet<Vec<super::problem::Step>>,
) -> (Result<T, serde_yaml::Error>, Reading) {
    let mut reading = Reading::new(source, pass, skip, Budget::of_document(text));
    let from = serde_yaml::Deserializer::from_str(text);
    let result = T::read(from, &mut reading);
    (result, reading)
}

/// What the YAML parser itself refuses.
fn syntax_finding(source: usize, text: &str, error: &serde_yaml::Error) -> Finding {
    let said = error.to_string();
    let (rule, message, hint) = if said.contains("more than one document") {
        let hint = "give each document a file of its own";
        (
            "yaml",
            "the file holds more than one YAML document".to_owned(),
            Some(hint),
        )
    } else if said.contains("EOF while parsing") {
        let hint = "a manifest begins with `version: 1`";
        (
            "empty-manifest",
            "the manifest is empty".to_owned(),
            Some(hint),
        )
    } else if said.contains("repetition limit") {
        let hint = "write shared values once, in `apps` or `defaults`, without YAML aliases";
        (
            "yaml",
            "YAML aliases repeat too much".to_owned(),
            Some(hint),
        )
    } else {
        (
            "yaml",
            format!("not valid YAML: {}", parser_words(&said)),
            None,
        )
    };
    let located = || error.location().map(|location| location.index());
    let start = byte_offset(&said)
        .or_else(located)
        .or_else(|| second_document(text))
        .unwrap_or(0);
    let finding = yaml_finding(source, text, message, start);
    Finding {
        rule,
        hint: hint.map(str::to_owned),
        ..finding
    }
}

fn yaml_finding(source: usize, text: &str, message: String, at: usize) -> Finding {
    let start = floor_char_boundary(text, at);
    let end = text
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(start, |c| start + c.len_utf8());
    let span = start..end;
    Finding {
        rule: "yaml",
        severity: Severity::Error,
        message,
        hint: None,
        spots: vec![(Spot::Position { source, span }, String::new())],
        aspect: "",
        about: None,
    }
}

/// What the parser says, without what it quotes: a value may be a token, and
/// the path before it is as long as its keys. The position is shown apart.
fn parser_words(message: &str) -> &str {
    let is_about = |what: &str| message.contains(what);
    if is_about("invalid type: ") {
        "a list or map stands where only a text can, such as a key"
    } else if is_about("invalid value: ") {
        "a value is not what its YAML tag says"
    } else if is_about("recursion limit exceeded") {
        "it is nested too deeply"
    } else {
        let words = message.split(" at line ").next().unwrap_or_default();
        words.split(" at position ").next().unwrap_or_default()
    }
}

/// The byte that the parser's reader stops at, which comes without a line.
fn byte_offset(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once(" at position ")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

/// The line that starts a second document: `---`, or whatever follows `...`.
fn second_document(text: &str) -> Option<usize> {
    let mut offset = 0;
    let mut has_content = false;
    let mut has_ended = false;
    for line in text.split_inclusive('\n') {
        let is_separator = line.starts_with("---");
        let trimmed = line.trim();
        let is_content = !(trimmed.is_empty() || trimmed.starts_with(['#', '%']));
        if line.trim_end() == "..." {
            has_ended = has_content;
        } else if is_separator && has_content || is_content && has_ended {
            return Some(offset);
        } else {
            has_content |= is_separator || is_content;
        }
        offset += line.len();
    }
    None
}

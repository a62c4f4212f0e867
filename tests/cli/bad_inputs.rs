//! Hostile and broken manifests, each with the outcome it must have and with
//! a *neighbour*: an input close by that must be accepted, so that no rule is
//! wider than it has to be. Ids are those of the project's list of bad inputs;
//! an `x` behind one marks an input that was added here.

mod deep;
mod documents;
mod encodings;
mod files;
mod icons;
mod keys;
mod labels;
mod names;
mod on_disk;
mod owners;
mod png;
mod reports;
mod tokens;
mod truncated;
mod urls;
mod values;

use crate::support::{Outcome, Sandbox};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// What must come of an input.
#[derive(Debug, Clone, Copy)]
enum Expect {
    /// An error with this rule id; nothing is written.
    Refused(&'static str),
    /// Accepted with a warning of this rule; refused with `--strict`.
    Warned(&'static str),
}

use Expect::{Refused, Warned};

struct Row {
    id: &'static str,
    bytes: Vec<u8>,
    expect: Expect,
    neighbour: Vec<u8>,
}

fn row(
    id: &'static str,
    bytes: impl Into<Vec<u8>>,
    expect: Expect,
    neighbour: impl Into<Vec<u8>>,
) -> Row {
    Row {
        id,
        bytes: bytes.into(),
        expect,
        neighbour: neighbour.into(),
    }
}

const PLAIN: &str = r#"{ implements: "", label: L, url: "https://a.example/" }"#;

/// A manifest with one link of the user that is written like this.
fn user(name: &str) -> String {
    format!("version: 1\nusers:\n  {name}:\n    links:\n      A: {PLAIN}\n")
}

/// A manifest with one link of the app that is written like this.
fn app(name: &str) -> String {
    format!("version: 1\nusers:\n  alice:\n    links:\n      {name}: {PLAIN}\n")
}

/// A manifest with one link, of which one field is written like this.
fn link(field: &str, value: &str) -> String {
    let fields = [
        ("implements", "\"\""),
        ("label", "L"),
        ("url", "https://a.example/"),
    ];
    one_link(&fields, field, value)
}

/// The same with automatic log-in.
fn autologin(field: &str, value: &str) -> String {
    let fields = [
        ("implements", "\"\""),
        ("label", "L"),
        ("url", "https://a.example/"),
        ("autologin_token_url", "https://a.example/sso"),
        ("subscriber_unique_id", "\"1\""),
        ("token", "{ secret: t }"),
    ];
    one_link(&fields, field, value)
}

fn one_link(fields: &[(&str, &str)], field: &str, value: &str) -> String {
    let mut text = "version: 1\nusers:\n  alice:\n    links:\n      A:\n".to_owned();
    let others = fields.iter().filter(|(name, _)| *name != field);
    for (name, value) in others.chain([&(field, value)]) {
        writeln!(text, "        {name}: {value}").unwrap();
    }
    text
}

/// A manifest with something before its one link.
fn before_users(text: &str) -> String {
    app("A").replace("version: 1\n", &format!("version: 1\n{text}\n"))
}

/// What was written for the one link.
fn userconfig(sandbox: &Sandbox) -> serde_json::Value {
    serde_json::from_str(&sandbox.read("root/links/alice/A.userconfig")).unwrap()
}

/// Checks all rows and says which fail, and why.
#[track_caller]
fn check(rows: &[Row]) {
    let failures: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let why = problem_with(row)?;
            let input = String::from_utf8_lossy(&row.bytes);
            Some(format!("== {} {input:.300?}\n{why}", row.id))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn problem_with(row: &Row) -> Option<String> {
    let sandbox = Sandbox::with_root();
    sandbox.write("good.yaml", &row.neighbour);
    let good = sandbox.run(&["validate", "good.yaml"]);
    if good.code != 0 {
        return Some(format!("the neighbour is refused: {}", good.shown()));
    }
    sandbox.write("bad.yaml", &row.bytes);
    match row.expect {
        Refused(rule) => {
            let arguments = ["apply", "bad.yaml", "--root", "root", "--yes"];
            problem_with_refusal(&sandbox, &arguments, rule)
        }
        Warned(rule) => {
            let mild = sandbox.run(&["validate", "bad.yaml"]);
            let says = format!("warning[{rule}]");
            if mild.code != 0 || !mild.stderr.contains(&says) {
                return Some(format!("no {says} alone in {}", mild.shown()));
            }
            let arguments = ["validate", "bad.yaml", "--strict"];
            problem_with_refusal(&sandbox, &arguments, rule)
        }
    }
}

/// What is not as it must be where `bad.yaml` is refused.
fn problem_with_refusal(sandbox: &Sandbox, arguments: &[&str], rule: &str) -> Option<String> {
    let before = sandbox.fingerprint();
    let start = Instant::now();
    let outcome = sandbox.run(arguments);
    let took = start.elapsed();
    let says = |what: &str| Some(format!("{what}: {}", outcome.shown()));
    if outcome.code != 1 {
        says("the exit code is not 1")
    } else if !outcome.stderr.contains(&format!("error[{rule}]")) {
        says(&format!("no error[{rule}]"))
    } else if !has_place(&outcome.stderr, "bad.yaml") {
        says("no file:line:column")
    } else if has_raw_control(&outcome) {
        says("a raw control character")
    } else if longest_message(&outcome) > 400 {
        says("a message as long as its value")
    } else if sandbox.fingerprint() != before {
        says("something was written")
    } else if took > Duration::from_secs(5) {
        says(&format!("it took {took:?}"))
    } else {
        None
    }
}

/// Whether there is a line `--> name:LINE:COLUMN`.
fn has_place(stderr: &str, name: &str) -> bool {
    stderr.lines().any(|line| {
        let place = line.trim_start().strip_prefix("--> ");
        let numbers = place.and_then(|place| place.strip_prefix(name)?.strip_prefix(':'));
        numbers
            .and_then(|numbers| numbers.split_once(':'))
            .is_some_and(|(line, column)| {
                line.parse::<usize>().is_ok_and(|n| n > 0)
                    && column.parse::<usize>().is_ok_and(|n| n > 0)
            })
    })
}

fn has_raw_control(outcome: &Outcome) -> bool {
    let is_bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown = outcome.stdout.chars().chain(outcome.stderr.chars());
    shown
        .filter(|c| *c != '\n')
        .any(|c| c.is_control() || is_bidi(c))
}

fn longest_message(outcome: &Outcome) -> usize {
    let is_message = |line: &&str| line.starts_with("error[") || line.starts_with("warning[");
    let lengths = outcome.stderr.lines().filter(is_message);
    lengths.map(|line| line.chars().count()).max().unwrap_or(0)
}

/// Every row of the list's families about manifests.
const LISTED: &[&str] = &[
    "N1", "N2", "N3", "N4", "N6", "N7", "N8", "N9", "N11", "N13", "N14", "N16", //
    "V1", "V2", "V3", "V4", "V6", "V7", "V9", "V11", "V12", "V13", "V14", "V15", //
    "Y1", "Y2", "Y3", "Y5", "Y6", "Y7", "Y8", "Y9", "Y12", "Y13", "Y14", //
    "I1", "I2", "I3", "I4", "I6", "I8", //
    "T1", "T2", "T3", "T4", "T5", "T7", "T8", "T10", "T11",
];

/// Rows that tests of their own hold, since they are more than one text.
const BY_THEMSELVES: &[&str] = &[
    "N14", "V12", "Y3", "Y6", "Y8", "Y9", "Y12", "Y13", "Y14", "I1", "I2", "I3", "I4", "I6", "T7",
    "T10",
];

/// Rows that wait for what does not exist yet, or are tested elsewhere.
const LEFT: &[(&str, &str)] = &[
    ("Y7", "300,000 links are a benchmark"),
    ("T5", "the new-host guard needs the ledger's token hosts"),
    (
        "T8",
        "a canary over the whole suite; `validate.rs` has the manifest's share",
    ),
    ("T11", "backups and journal are the store's"),
];

#[test]
fn every_listed_row_is_tested_or_left_for_a_reason() {
    let rows = [
        names::rows(),
        labels::rows(),
        urls::rows(),
        values::rows(),
        keys::rows(),
        documents::rows(),
        deep::rows(),
        icons::rows(),
        tokens::rows(),
    ];
    let in_tables = rows.iter().flatten().map(|row| row.id);
    let left = LEFT.iter().map(|(id, _)| *id);
    let known: Vec<&str> = in_tables
        .chain(BY_THEMSELVES.iter().copied())
        .chain(left)
        .collect();
    let is_missing = |id: &&&str| !known.contains(*id);
    let missing: Vec<_> = LISTED.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
    let stray: Vec<_> = known
        .iter()
        .filter(|id| !id.ends_with('x') && !LISTED.contains(*id))
        .collect();
    assert!(stray.is_empty(), "not in the list: {stray:?}");
}

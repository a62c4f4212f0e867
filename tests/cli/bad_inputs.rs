//! Hostile and broken manifests, each with the outcome it must have and with
//! a *neighbour*: an input close by that must be accepted, so that no rule is
//! wider than it has to be. Ids are those of the list in `table.rs`; an `x`
//! behind one marks an input that was added here. Beside them, what may lie on
//! a server and what others may do to it meanwhile.

mod deep;
mod disk;
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
mod preflight;
mod race;
mod reports;
mod scene;
mod table;
mod tokens;
mod truncated;
mod urls;
mod values;

use crate::support::{Outcome, Sandbox};
use std::fmt::Write as _;

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
    let arguments = "plan good.yaml --root root --detailed-exitcode";
    let good = limited(&sandbox, arguments);
    if !matches!(good.code, 0 | 2) {
        return Some(format!("the neighbour is refused: {}", good.shown()));
    }
    sandbox.write("bad.yaml", &row.bytes);
    match row.expect {
        Refused(rule) => problem_with_refusal(&sandbox, "apply bad.yaml --root root --yes", rule),
        Warned(rule) => {
            let mild = limited(&sandbox, "validate bad.yaml");
            let says = format!("warning[{rule}]");
            if mild.code != 0 || !mild.stderr.contains(&says) {
                return Some(format!("no {says} alone in {}", mild.shown()));
            }
            problem_with_refusal(&sandbox, "validate bad.yaml --strict", rule)
        }
    }
}

/// Runs the binary with 256 MB of addresses, which is more than what it may
/// hold in memory, and for 5 s: who takes more ends by a signal, and so with
/// another code than any that is asked for, as does a panic.
fn limited(sandbox: &Sandbox, arguments: &str) -> Outcome {
    let line = "ulimit -v 262144 -c 0; exec timeout -s KILL 5 cplinks";
    sandbox.shell(&format!("{line} {arguments}"))
}

/// What is not as it must be where `bad.yaml` is refused.
fn problem_with_refusal(sandbox: &Sandbox, arguments: &str, rule: &str) -> Option<String> {
    let before = sandbox.fingerprint();
    let outcome = limited(sandbox, arguments);
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

/// All rows that are a text.
fn text_rows() -> Vec<Row> {
    let families = [
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
    families.into_iter().flatten().collect()
}

//! SARIF 2.1.0, which code scanning of several forges reads. A result of it:
//!
//! ```text
//! {"ruleId":"unknown-key","level":"error",
//!  "message":{"text":"unknown key `lable` (did you mean `label`?)"},
//!  "locations":[{"physicalLocation":{"artifactLocation":{"uri":"links/m.yaml"},
//!                                    "region":{"startLine":5,"startColumn":12}}}]}
//! ```

use super::{message, place, write_json};
use crate::manifest::{Problem, Severity, Source};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// What stays as it is in the path of a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Writes problems as SARIF.
///
/// # Errors
/// Those of `out`.
pub fn sarif(problems: &[Problem], sources: &[Source], out: &mut dyn Write) -> io::Result<()> {
    let rules: BTreeSet<_> = problems.iter().map(|problem| problem.rule).collect();
    let results: Vec<Value> = problems.iter().map(|p| result(p, sources)).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cplinks",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| json!({ "id": rule })).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    write_json(&report, out)
}

fn result(problem: &Problem, sources: &[Source]) -> Value {
    let locations: Vec<Value> = place(problem, sources)
        .map(|(path, place)| {
            json!({ "physicalLocation": {
                "artifactLocation": { "uri": utf8_percent_encode(&path, PATH).to_string() },
                "region": { "startLine": place.line, "startColumn": place.column },
            } })
        })
        .into_iter()
        .collect();
    json!({
        "ruleId": problem.rule,
        "level": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": { "text": message(problem) },
        "locations": locations,
    })
}

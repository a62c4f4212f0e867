//! What GitLab shows in a merge request: code quality for problems, and the
//! three numbers of a Terraform report for a plan.
//!
//! ```text
//! [{"description":"unknown key `lable` (did you mean `label`?)","check_name":"unknown-key",
//!   "fingerprint":"…","severity":"critical","location":{"path":"links/m.yaml","lines":{"begin":5}}}]
//! ```
//!
//! ```text
//! {"create":21,"update":5,"delete":1}
//! ```

use super::{message, place, write_json};
use crate::manifest::{Problem, Severity, Source};
use crate::plan::{Change, GroupAction, LinkAction, Plan};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes problems as a code quality report.
///
/// # Errors
/// Those of `out`.
pub fn code_quality(
    problems: &[Problem],
    sources: &[Source],
    out: &mut dyn Write,
) -> io::Result<()> {
    let issues: Vec<Value> = problems.iter().map(|p| issue(p, sources)).collect();
    write_json(&issues, out)
}

fn issue(problem: &Problem, sources: &[Source]) -> Value {
    let (path, line) = place(problem, sources)
        .map_or_else(|| (".".to_owned(), 1), |(path, place)| (path, place.line));
    let message = message(problem);
    json!({
        "description": message,
        "check_name": problem.rule,
        "fingerprint": fingerprint(&[problem.rule, &path, &message]),
        "severity": match problem.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
        },
        "location": { "path": path, "lines": { "begin": line } },
    })
}

/// The same for the same problem, whatever stands on the lines above it.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

/// Writes a plan's numbers as a Terraform report. Hiding is an update.
///
/// # Errors
/// Those of `out`.
pub fn terraform_report(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let (mut create, mut update, mut delete) = (0_usize, 0_usize, 0_usize);
    for change in &plan.changes {
        let count = match change {
            Change::Link(link) => match &link.action {
                LinkAction::Create { .. } => &mut create,
                LinkAction::Replace { .. } | LinkAction::Hide { .. } => &mut update,
                LinkAction::Remove { .. } => &mut delete,
            },
            Change::Group(group) => match &group.action {
                GroupAction::Create { .. } => &mut create,
                GroupAction::Replace { .. } => &mut update,
                GroupAction::Remove { .. } => &mut delete,
            },
        };
        *count += 1;
    }
    let report = json!({ "create": create, "update": update, "delete": delete });
    writeln!(out, "{report}")
}

//! What GitHub Actions takes up: annotations as workflow commands, and the
//! outputs of a step.
//!
//! ```text
//! ::error file=links/m.yaml,line=5,col=12,title=cplinks%3A unknown-key::unknown key `lable` (did you mean `label`?)
//! ```
//!
//! ```text
//! changes=true
//! digest=1060248d3a2a6a0b1ca17ef8fa241c4132eeb69a005dadd3e5bc57eb74408e51
//! change-count=27
//! blocked-count=0
//! held-count=0
//! refused=false
//! ```

use super::{message, place};
use crate::manifest::{Problem, Severity, Source};
use crate::plan::{Digest, Plan};
use crate::report::hold;
use std::io::{self, Write};

/// How many annotations are written: GitHub shows ten of a kind for a step.
const SHOWN: usize = 10;

/// Writes problems as annotations.
///
/// # Errors
/// Those of `out`.
pub fn annotations(
    problems: &[Problem],
    sources: &[Source],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut errors_first: Vec<&Problem> = problems.iter().collect();
    errors_first.sort_by_key(|problem| problem.severity);
    for problem in errors_first.into_iter().take(SHOWN) {
        let command = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut properties = format!("title={}", property(&format!("cplinks: {}", problem.rule)));
        if let Some((path, at)) = place(problem, sources) {
            let (path, line, column) = (property(&path), at.line, at.column);
            properties = format!("file={path},line={line},col={column},{properties}");
        }
        writeln!(out, "::{command} {properties}::{}", data(&message(problem)))?;
    }
    Ok(())
}

/// Writes a notice for each pause that something waits for.
///
/// # Errors
/// Those of `out`.
pub fn notices(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    for line in hold::waiting(plan).iter().take(SHOWN) {
        let title = property("cplinks: changes wait");
        writeln!(out, "::notice title={title}::{}", data(line))?;
    }
    Ok(())
}

/// Writes a plan's outputs, `NAME=VALUE` a line. All values are our own words,
/// so none holds a line break.
///
/// # Errors
/// Those of `out`.
pub fn outputs(plan: &Plan, digest: Digest, out: &mut dyn Write) -> io::Result<()> {
    let is_refused = !plan.guards.refusals.is_empty();
    writeln!(out, "changes={}", !plan.is_empty())?;
    writeln!(out, "digest={digest}")?;
    writeln!(out, "change-count={}", plan.changes.len())?;
    writeln!(out, "blocked-count={}", plan.blocked.len())?;
    writeln!(out, "held-count={}", plan.held.len())?;
    writeln!(out, "refused={is_refused}")
}

/// The text of a command: it ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property: it ends at a comma or a colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

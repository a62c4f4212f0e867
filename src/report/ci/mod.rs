//! What pipelines take up by themselves: problems as SARIF, as GitLab's code
//! quality and as annotations of GitHub Actions; a plan's numbers as GitLab's
//! Terraform report and as outputs of a step. No excerpt of a manifest is in
//! them.

mod github;
mod gitlab;
mod sarif;
#[cfg(test)]
mod tests;

pub use github::{annotations, notices, outputs};
pub use gitlab::{code_quality, terraform_report};
pub use sarif::sarif;

use crate::manifest::{Place, Problem, Source};
use crate::report::escape::escaped;
use crate::report::json::Plain;
use serde::Serialize;
use std::io::{self, Write};

/// What a problem says, in one line: the phrase, and what to do.
fn message(problem: &Problem) -> String {
    let hint = problem.hint.as_ref();
    let hint = hint.map_or_else(String::new, |hint| format!(" ({hint})"));
    escaped(&format!("{}{hint}", problem.message)).into_owned()
}

/// Writes a report on one line. It may be shown in a log, and a path may be
/// called anything.
fn write_json(report: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Plain);
    report.serialize(&mut serializer)?;
    writeln!(out)
}

/// Where it is: the path as a repository has it, and the place.
fn place<'p>(problem: &'p Problem, sources: &[Source]) -> Option<(String, &'p Place)> {
    let place = problem.places.first()?;
    let name = &sources.get(place.source)?.name;
    let path = name.strip_prefix("./").unwrap_or(name);
    Some((path.to_owned(), place))
}

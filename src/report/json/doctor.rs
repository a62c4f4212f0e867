//! Findings as JSON: one object, written finding by finding, each on a line.

use super::write_value;
use crate::doctor::{Grade, Tally};
use crate::report::doctor::FindingLine;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::Path;

/// The version of this shape.
const VERSION: &str = "1.0";

/// Begins the document.
///
/// # Errors
/// Those of `out`.
pub fn findings_json(root: &Path, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\n\"format_version\": \"{VERSION}\",\n\"root\": ")?;
    write_value(&root.to_string_lossy(), out)?;
    write!(out, ",\n\"findings\": [")
}

/// Writes a finding; `before` is how many were written.
///
/// # Errors
/// Those of `out`.
pub fn finding_json(line: &FindingLine<'_>, before: usize, out: &mut dyn Write) -> io::Result<()> {
    let finding = line.finding;
    let (rule, place) = (finding.rule, &finding.place);
    let value = json!({
        "rule": rule.id(),
        "grade": rule.grade().name(),
        "path": line.below.to_string_lossy(),
        "user": place.user().map(ToString::to_string),
        "app": place.app().map(ToString::to_string),
        "group": place.group().map(ToString::to_string),
        "means": rule.means(),
        "found": finding.found,
        "mend": line.mend(),
    });
    out.write_all(if before == 0 { b"\n" } else { b",\n" })?;
    write_value(&value, out)
}

/// Ends the document with the numbers.
///
/// # Errors
/// Those of `out`.
pub fn tally_json(tally: &Tally, out: &mut dyn Write) -> io::Result<()> {
    let rules = tally.rules.iter();
    let rules: Map<String, Value> = rules
        .map(|(rule, count)| (rule.id().to_owned(), Value::from(*count)))
        .collect();
    let value = json!({
        "errors": tally.of(Grade::Error),
        "warnings": tally.of(Grade::Warning),
        "notes": tally.of(Grade::Note),
        "users": tally.users,
        "links": tally.links,
        "groups": tally.groups,
        "complete": !tally.is_cut_short,
        "rules": rules,
    });
    write!(out, "],\n\"summary\": ")?;
    write_value(&value, out)?;
    writeln!(out, "\n}}")
}

//! Runs as text: a row each, or one of them with all it did.

use super::escape::escaped;
use super::style::{BOLD, DIM, REFUSED, styled};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr as _;

/// How many digits of a commit or a digest stand in a row.
const SHORT: usize = 12;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    /// Its number.
    pub id: String,
    /// When it began, in UTC.
    pub when: String,
    /// Who began it.
    pub who: String,
    /// `apply`, or what was undone.
    pub what: String,
    /// The manifest's commit, where it had one.
    pub revision: Option<String>,
    /// The digest of its plan.
    pub digest: Option<String>,
    /// What it changed, in numbers.
    pub counts: String,
    /// Whether what it replaced is still kept, so that it can be undone.
    pub is_kept: bool,
}

/// One change of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDeed {
    /// To what.
    pub address: String,
    /// What, as one sign.
    pub mark: char,
    /// What, as a word.
    pub verb: &'static str,
    /// Whether it came out as planned.
    pub is_done: bool,
}

/// Writes a row for each run; `more` older ones are not among them.
///
/// # Errors
/// Those of `out`.
pub fn runs(lines: &[RunLine], more: usize, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() && more == 0 {
        return writeln!(out, "No run has changed anything here.");
    }
    let head = ["RUN", "WHEN", "WHO", "WHAT", "COMMIT", "DIGEST", "UNDO"];
    let rows: Vec<[String; 7]> = lines.iter().map(columns).collect();
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
                .max(name.len())
        })
        .collect();
    let pad = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            let blank = " ".repeat(width.saturating_sub(cell.width()));
            format!("{cell}{blank}")
        });
        padded.collect::<Vec<_>>().join("  ")
    };
    let head = format!("{}  CHANGES", pad(&head.map(str::to_owned)));
    writeln!(out, "{}", styled(DIM, head))?;
    for (row, line) in rows.iter().zip(lines) {
        writeln!(out, "{}  {}", pad(row), line.counts)?;
    }
    if more > 0 {
        let line = format!("{more} older, --limit shows them");
        writeln!(out, "{}", styled(DIM, line))?;
    }
    Ok(())
}

fn columns(line: &RunLine) -> [String; 7] {
    let short = |text: &Option<String>| match text {
        Some(text) => escaped(text).to_string().chars().take(SHORT).collect(),
        None => "-".to_owned(),
    };
    [
        line.id.clone(),
        line.when.clone(),
        escaped(&line.who).to_string(),
        line.what.clone(),
        short(&line.revision),
        short(&line.digest),
        if line.is_kept { "yes" } else { "no" }.to_owned(),
    ]
}

/// Writes one run and its changes.
///
/// # Errors
/// Those of `out`.
pub fn run(line: &RunLine, deeds: &[RunDeed], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}",
        styled(BOLD, format_args!("Run {}: {}", line.id, line.counts))
    )?;
    let undo = if line.is_kept {
        format!("`cplinks undo {}` brings back what it changed", line.id)
    } else {
        "what it replaced is kept no more".to_owned()
    };
    let none = || "-".to_owned();
    for (name, value) in [
        ("what", line.what.clone()),
        ("when", line.when.clone()),
        ("who", line.who.clone()),
        ("commit", line.revision.clone().unwrap_or_else(none)),
        ("digest", line.digest.clone().unwrap_or_else(none)),
        ("undo", undo),
    ] {
        writeln!(
            out,
            "  {}{}",
            styled(DIM, format_args!("{name:8}")),
            escaped(&value)
        )?;
    }
    if !deeds.is_empty() {
        writeln!(out)?;
    }
    for deed in deeds {
        let address = escaped(&deed.address);
        let RunDeed { mark, verb, .. } = deed;
        if deed.is_done {
            writeln!(out, "{mark} {verb:8} {address}")?;
        } else {
            writeln!(
                out,
                "{} {verb:8} {address} (not done)",
                styled(REFUSED, "!")
            )?;
        }
    }
    Ok(())
}

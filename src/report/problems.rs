//! What is wrong with a manifest, as a compiler would show it: rule, place,
//! the line with the place underlined, and what to do. It sorts and counts;
//! what is a problem was decided before.

mod excerpt;
#[cfg(test)]
mod tests;

use super::escape::escaped;
use super::style::{BOLD, styled};
use super::text::counted;
use crate::manifest::{Place, Problem, Severity, Source};
use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Padding, Renderer, Snippet,
};
use excerpt::Excerpt;
use std::io::{self, Write};

/// How many problems are shown; the rest are counted.
const SHOWN: usize = 100;

/// Writes problems in the order of the sources, those without a place first,
/// and then their number. `sources` is what the places point into; `width` is
/// that of the terminal.
///
/// # Errors
/// Those of `out`.
pub fn problems(
    problems: &[Problem],
    sources: &[Source],
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| {
        let place = problem.places.first();
        place.map(|place| (place.source, place.span.start))
    });
    let renderer = Renderer::styled().term_width(width);
    for problem in sorted.iter().take(SHOWN) {
        let report = [group(problem, sources)];
        write_report(&renderer.render(&report), out)?;
    }
    let more = sorted.len().saturating_sub(SHOWN);
    if more > 0 {
        writeln!(out, "… and {more} more\n")?;
    }
    writeln!(out, "{}", styled(BOLD, count(problems)))
}

/// Writes a report without the sign `:::` that stands for a missing path: the
/// path is given apart, see [`elements`]. No text of ours or of a source is a
/// line of its own, so no other line can look like it.
fn write_report(report: &str, out: &mut dyn Write) -> io::Result<()> {
    for line in report.lines() {
        let shown = anstream::adapter::strip_str(line).to_string();
        if shown.trim() != ":::" {
            writeln!(out, "{line}")?;
        }
    }
    writeln!(out)
}

/// `12 errors, 1 warning`.
fn count(problems: &[Problem]) -> String {
    let is_error = |problem: &&Problem| match problem.severity {
        Severity::Error => true,
        Severity::Warning => false,
    };
    let errors = problems.iter().filter(is_error).count();
    let parts: Vec<String> = [
        (errors, "error", "errors"),
        (problems.len() - errors, "warning", "warnings"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(number, one, many)| counted(number, one, many))
    .collect();
    parts.join(", ")
}

fn group<'a>(problem: &'a Problem, sources: &'a [Source]) -> Group<'a> {
    let Problem {
        rule,
        severity,
        message,
        hint,
        places,
    } = problem;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(escaped(message)).id(*rule);
    let mut group = Group::with_title(title);
    for (nth, place) in places.iter().enumerate() {
        let Some(source) = sources.get(place.source) else {
            continue;
        };
        let kind = if nth == 0 {
            AnnotationKind::Primary
        } else {
            group = group.element(Padding);
            AnnotationKind::Context
        };
        group = group.elements(elements(place, source, kind));
    }
    match hint {
        Some(hint) => group.element(Level::HELP.message(escaped(hint))),
        None => group,
    }
}

/// The place in words and its excerpt. The words are given apart, since the
/// excerpt does not know how much of the text stands before it.
fn elements<'a>(place: &'a Place, source: &'a Source, kind: AnnotationKind) -> [Element<'a>; 2] {
    let Place {
        source: _,
        span,
        line,
        column,
        label,
    } = place;
    let origin = Origin::path(escaped(&source.name))
        .line(*line)
        .char_column(*column);
    let Excerpt { text, span } = Excerpt::of(source, span);
    let annotation = kind.span(span);
    let annotation = if label.is_empty() {
        annotation
    } else {
        annotation.label(escaped(label))
    };
    let snippet = Snippet::source(text)
        .line_start(*line)
        .annotation(annotation);
    [origin.into(), snippet.into()]
}

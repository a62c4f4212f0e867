//! From findings to problems: where in its text each stands, found in one pass
//! over each text that has any.

use super::lines::Lines;
use super::locate::{Doubt, locate};
use super::mask::mask_unparsed;
use super::problem::{At, Finding, Place, Problem, Source, Spot};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Turns findings into problems: one locating pass for each text that has any.
pub(super) fn locate_all(sources: &mut [Source], findings: Vec<Finding>) -> Vec<Problem> {
    if findings.is_empty() {
        return Vec::new();
    }
    let mut wanted: BTreeMap<usize, Vec<At>> = BTreeMap::new();
    let mut doubted: BTreeMap<usize, Vec<(At, Doubt)>> = BTreeMap::new();
    // What has a position already comes from text that does not parse.
    let mut unparsed: BTreeSet<usize> = BTreeSet::new();
    for finding in &findings {
        for (spot, _) in &finding.spots {
            match spot {
                Spot::Position { source, .. } => {
                    unparsed.insert(*source);
                }
                Spot::Path(at) => {
                    wanted.entry(at.source).or_default().push(at.clone());
                    let doubt = match finding.rule {
                        "unknown-key" => Doubt::Unknown,
                        "wrong-type" => Doubt::Misplaced,
                        _ => continue,
                    };
                    let of_source = doubted.entry(at.source).or_default();
                    of_source.push((at.clone(), doubt));
                }
            }
        }
    }
    let mut spans: BTreeMap<At, Range<usize>> = BTreeMap::new();
    for (index, source) in sources.iter_mut().enumerate() {
        if let Some(places) = wanted.remove(&index) {
            let doubted = doubted.remove(&index).unwrap_or_default();
            let located = locate(&source.text, &places, &doubted);
            source.masks = located.masks;
            spans.extend(located.spans);
        }
        if unparsed.contains(&index) {
            source.masks.extend(mask_unparsed(&source.text));
        }
    }
    let lines: Vec<Lines> = sources.iter().map(|s| Lines::of(&s.text)).collect();
    let place = |(spot, label): (Spot, String)| {
        let (source, span) = match spot {
            Spot::Position { source, span } => (source, span),
            Spot::Path(at) => (at.source, spans.get(&at).cloned().unwrap_or(0..0)),
        };
        let text = &sources.get(source)?.text;
        let (line, column) = lines.get(source)?.position(text, span.start);
        Some(Place {
            source,
            span,
            line,
            column,
            label,
        })
    };
    let mut problems: Vec<Problem> = findings
        .into_iter()
        .map(|finding| Problem {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message,
            hint: finding.hint,
            places: finding.spots.into_iter().filter_map(place).collect(),
        })
        .collect();
    problems.sort_by_key(|problem| {
        let first = problem.places.first();
        first.map(|place| (place.source, place.span.start))
    });
    problems
}

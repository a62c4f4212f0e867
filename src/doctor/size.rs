//! Icon sizes in menu entries. They come from the customer's theme when a link
//! is created, nothing rewrites them after a change of theme, and what a theme
//! says is not known here. So all that can be told is what is no size at all,
//! and what stands out in one menu.

use super::finding::Finding;
use super::menu::Entry;
use super::rule::Rule;
use std::collections::BTreeMap;

const KEYS: [&str; 2] = ["width", "height"];
/// Fewer entries have no majority worth the name.
const FEWEST: usize = 3;

/// Width and height; `None` where the theme had none to give.
type Size = [Option<u64>; 2];

/// Looks at the sizes of all entries of a user. Groups have sizes of their
/// own.
pub(super) fn check(entries: &[Entry<'_>], findings: &mut Vec<Finding>) {
    for is_link in [true, false] {
        let mut sizes = Vec::new();
        for entry in entries.iter().filter(|entry| entry.is_link() == is_link) {
            match size(entry) {
                Ok(size) => sizes.push((entry, size)),
                Err(found) => findings.push(entry.at(Rule::MenuSize, found)),
            }
        }
        let Some(usual) = usual(&sizes) else {
            continue;
        };
        for (entry, size) in sizes.iter().filter(|(_, size)| *size != usual) {
            let found = format!("{}, most others have {}", words(*size), words(usual));
            findings.push(entry.at(Rule::MenuSizeDiffers, found));
        }
    }
}

/// The size that more than half have.
fn usual(sizes: &[(&Entry<'_>, Size)]) -> Option<Size> {
    let mut counts: BTreeMap<Size, usize> = BTreeMap::new();
    for (_, size) in sizes {
        *counts.entry(*size).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    let is_usual = |count: usize| sizes.len() >= FEWEST && count * 2 > sizes.len();
    most.filter(|(_, count)| is_usual(*count))
        .map(|(size, _)| size)
}

fn words([width, height]: Size) -> String {
    let word = |pixels: Option<u64>| pixels.map_or("none".to_owned(), |p| p.to_string());
    format!("{}×{}", word(width), word(height))
}

/// # Errors
/// What is there instead of a size.
fn size(entry: &Entry<'_>) -> Result<Size, String> {
    let mut size = [None; 2];
    for (slot, key) in size.iter_mut().zip(KEYS) {
        let raw = entry.menu.kept.get(key).map_or("null", String::as_str);
        *slot = match raw.trim() {
            "null" => None,
            raw => {
                let pixels = raw.trim_matches('"').parse().ok().filter(|p| *p > 0);
                // The value may be anything and of any length.
                Some(pixels.ok_or_else(|| format!("{key} is no whole number above 0"))?)
            }
        };
    }
    Ok(size)
}

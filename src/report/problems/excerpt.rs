//! The part of a source that is shown: one line, cut around the place, with
//! literal tokens blanked and what cannot be seen escaped. An *excerpt* is
//! made before anything else sees the text.

use super::super::escape::is_deceptive;
use crate::manifest::Source;
use std::ops::Range;

/// Characters of a line that are shown.
const WINDOW: usize = 160;
/// Characters before the place that stay when a line is cut.
const BEFORE: usize = 40;

/// A line, or what is shown of it, and where the place is in it. A place that
/// goes over several lines is underlined on its first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// What is shown.
    pub(super) text: String,
    /// The place in it, in bytes.
    pub(super) span: Range<usize>,
}

impl Excerpt {
    /// Cuts the line of a span out of a source. Only the window is looked at,
    /// so that a file of one endless line costs no more than another. A span
    /// that is not in the text, or cuts a character, is moved to the
    /// nearest place before that is.
    pub(super) fn of(source: &Source, span: &Range<usize>) -> Self {
        let text: &str = &source.text;
        let start = boundary(text, span.start);
        let end = boundary(text, span.end).max(start);
        let (before, after) = text.split_at(start);
        let is_in_line = |c: &char| *c != '\n';
        let before = before.chars().rev().take_while(is_in_line).take(WINDOW);
        let before: Vec<char> = before.collect();
        let mut after: Vec<char> = after
            .chars()
            .take_while(is_in_line)
            .take(WINDOW + 1)
            .collect();
        // The end of a line as some editors write it.
        after.pop_if(|last| *last == '\r');

        let room = WINDOW.saturating_sub(after.len()).max(BEFORE);
        let kept = before.len().min(room);
        let is_cut_before = kept < before.len();
        let is_cut_after = after.len() > WINDOW - kept;
        let window = before
            .iter()
            .take(kept)
            .rev()
            .chain(after.iter().take(WINDOW - kept));
        let kept_bytes: usize = before.iter().take(kept).map(|c| c.len_utf8()).sum();

        let mut shown = Self {
            text: String::new(),
            span: 0..0,
        };
        if is_cut_before {
            shown.text.push('…');
        }
        let mut at = start - kept_bytes;
        let window_end = start + after.iter().map(|c| c.len_utf8()).sum::<usize>();
        let is_near = |mask: &&Range<usize>| mask.start < window_end && mask.end > at;
        let masks: Vec<_> = source.masks.iter().filter(is_near).collect();
        for character in window {
            if at == start {
                shown.span.start = shown.text.len();
            }
            let is_masked = masks.iter().any(|mask| mask.contains(&at));
            shown.push(*character, is_masked);
            at += character.len_utf8();
            if at <= end {
                shown.span.end = shown.text.len();
            }
        }
        if at == start {
            shown.span.start = shown.text.len();
        }
        shown.span.end = shown.span.end.max(shown.span.start);
        if is_cut_after {
            shown.text.push('…');
        }
        shown
    }

    fn push(&mut self, character: char, is_masked: bool) {
        match character {
            _ if is_masked => self.text.push('•'),
            '\t' => self.text.push_str("    "),
            _ if is_deceptive(character) => self.text.extend(character.escape_unicode()),
            '#' if self.text.ends_with('#') => self.text.extend(character.escape_unicode()),
            _ => self.text.push(character),
        }
    }
}

/// The nearest border of characters at or before a byte.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

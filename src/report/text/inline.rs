//! Two versions of a long text, one above the other, with what changed
//! underlined by signs, so that it can be read without colour. Equal stretches
//! are cut to fit the width; changed ones are cut only beyond any sane length,
//! since they are what a reviewer has to see.

use crate::report::style::{GREEN, NEW_PART, OLD_PART, RED, styled};
use anstyle::Style;
use similar::{ChangeTag, TextDiff};
use std::ops::Range;
use unicode_width::UnicodeWidthStr as _;

/// Characters of a changed stretch that are shown; desired texts are shorter,
/// but a file on disk may hold 2 MiB.
const MOST_CHANGED: usize = 600;
/// Characters of an equal stretch that stay beside a changed one.
const CONTEXT: usize = 24;

/// The lines that show both versions. The texts are escaped already.
pub(super) fn inline_diff(before: &str, after: &str, width: usize) -> Vec<String> {
    let (start, end) = equal_ends(before, after);
    let old = Side::of(before, start, end, width);
    let new = Side::of(after, start, end, width);
    let (old_tokens, new_tokens) = (tokens(&old.changed), tokens(&new.changed));
    let diff = TextDiff::from_slices(&old_tokens, &new_tokens);
    let parts = |unwanted: ChangeTag| -> Vec<(bool, &str)> {
        diff.iter_all_changes()
            .filter(|change| change.tag() != unwanted)
            .map(|change| (change.tag() != ChangeTag::Equal, change.value()))
            .collect()
    };
    let mut lines = old.lines("- ", (RED, OLD_PART), &parts(ChangeTag::Insert));
    lines.extend(new.lines("+ ", (GREEN, NEW_PART), &parts(ChangeTag::Delete)));
    lines
}

/// One version, cut in three: what both begin with, what differs, what both
/// end with.
struct Side {
    start: String,
    changed: String,
    end: String,
}

impl Side {
    fn of(text: &str, start: usize, end: usize, width: usize) -> Self {
        let (start_text, rest) = text.split_at(start);
        let (changed, end_text) = rest.split_at(rest.len() - end);
        let changed = cut_end(changed, MOST_CHANGED);
        // The sign and its space stand before the text.
        if text.width() + 2 <= width {
            return Self {
                start: start_text.to_owned(),
                changed,
                end: end_text.to_owned(),
            };
        }
        let hidden = start_text.chars().count().saturating_sub(CONTEXT);
        let start = match start_text.char_indices().nth(hidden) {
            Some((at, _)) if hidden > 0 => format!("…{}", start_text.split_at(at).1),
            _ => start_text.to_owned(),
        };
        let end = match end_text.char_indices().nth(CONTEXT) {
            Some((at, _)) => format!("{}…", end_text.split_at(at).0),
            None => end_text.to_owned(),
        };
        Self {
            start,
            changed,
            end,
        }
    }

    fn lines(&self, sign: &str, styles: (Style, Style), parts: &[(bool, &str)]) -> Vec<String> {
        let (style, changed_style) = styles;
        let mut line = styled(style, format_args!("{sign}{}", self.start));
        let mut marks = " ".repeat(sign.len() + self.start.width());
        for &(is_changed, text) in parts {
            let style = if is_changed { changed_style } else { style };
            line.push_str(&styled(style, text));
            marks.push_str(&if is_changed { "^" } else { " " }.repeat(text.width()));
        }
        line.push_str(&styled(style, &self.end));
        let marks = marks.trim_end();
        if marks.is_empty() {
            vec![line]
        } else {
            vec![line, styled(style, marks)]
        }
    }
}

/// Cuts a text at its end and says how much is missing.
pub(super) fn cut_end(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => {
            let (kept, rest) = text.split_at(at);
            format!("{kept}… ({} more characters)", rest.chars().count())
        }
    }
}

/// How many bytes both texts begin and end with, at borders of words, so that
/// a word is marked as a whole.
fn equal_ends(before: &str, after: &str) -> (usize, usize) {
    let common: usize = before
        .chars()
        .zip(after.chars())
        .take_while(|(b, a)| b == a)
        .map(|(b, _)| b.len_utf8())
        .sum();
    let (shared, _) = before.split_at(common);
    let start = shared.trim_end_matches(is_word).len();
    let (_, before) = before.split_at(start);
    let (_, after) = after.split_at(start);
    let common: usize = before
        .chars()
        .rev()
        .zip(after.chars().rev())
        .take_while(|(b, a)| b == a)
        .map(|(b, _)| b.len_utf8())
        .sum();
    let (_, shared) = before.split_at(before.len() - common);
    (start, shared.trim_start_matches(is_word).len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric()
}

/// Words and single signs: what a URL is made of.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut word = 0..0;
    let mut push = |range: Range<usize>| tokens.extend(text.get(range).filter(|t| !t.is_empty()));
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        if is_word(character) {
            word.end = end;
        } else {
            push(word);
            push(at..end);
            word = end..end;
        }
    }
    push(word);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, width: usize) -> String {
        let lines = inline_diff(before, after, width).join("\n");
        anstream::adapter::strip_str(&lines).to_string()
    }

    #[test]
    fn what_changed_is_underlined_by_words() {
        insta::assert_snapshot!(check(
            r#""https://billing.acme.example/account?user=alice""#,
            r#""https://billing.acme.example/konto?user=alice&x=1""#,
            100,
        ), @r#"
- "https://billing.acme.example/account?user=alice"
                                ^^^^^^^
+ "https://billing.acme.example/konto?user=alice&x=1"
                                ^^^^^           ^^^^
"#);
    }

    #[test]
    fn equal_stretches_are_cut_to_the_width_and_wide_characters_aligned() {
        let equal = "equal/".repeat(20);
        insta::assert_snapshot!(check(
            &format!("{equal}日本語 old {equal}"),
            &format!("{equal}日本語 new {equal}"),
            80,
        ), @r"
- …l/equal/equal/equal/日本語 old equal/equal/equal/equal…
                              ^^^
+ …l/equal/equal/equal/日本語 new equal/equal/equal/equal…
                              ^^^
");
    }

    #[test]
    fn endless_texts_are_cut() {
        let lines = check(&"a".repeat(9000), &"b".repeat(9000), 80);
        assert!(lines.contains("… (8400 more characters)"), "{lines}");
        assert!(lines.len() < 4000);
    }
}

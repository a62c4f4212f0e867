//! Text from a disk or a manifest, made safe to show on a terminal and in a
//! pipeline's log. What cannot be seen, what moves the cursor and what a
//! pipeline takes for a command becomes a visible escape. Not for files: what
//! is escaped here is only ever shown.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a text has nothing that any of our forms escapes everywhere. Nearly
/// all texts are of this kind, and there may be millions.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("##")
}

/// A text as it may stand in a line, without quotes.
///
/// Pipelines read commands from logs: `::` where a line starts (after white
/// space, as GitHub's runner reads it), `##[`, `##vso[` and `##teamcity[`
/// wherever they stand. Both are broken up, whatever the caller puts before.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let is_command = text.trim_start().starts_with("::");
    if !is_command && is_plain(text) {
        return Cow::Borrowed(text);
    }
    if !is_command && !text.contains("##") && !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut colon_to_break = is_command;
    let mut last = ' ';
    for character in text.chars() {
        match character {
            ':' if colon_to_break => {
                push_escape(character, &mut out);
                colon_to_break = false;
            }
            '#' if last == '#' => push_escape(character, &mut out),
            _ => push(character, &mut out),
        }
        last = character;
    }
    Cow::Owned(out)
}

/// A text between double quotes, in which quotes and backslashes are escaped
/// too, so that every text has one spelling and every spelling means one text.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    if is_plain(text) && !text.contains(['"', '\\']) {
        out.push_str(text);
        out.push('"');
        return out;
    }
    let mut last = ' ';
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '#' if last == '#' => push_escape(character, &mut out),
            _ => push(character, &mut out),
        }
        last = character;
    }
    out.push('"');
    out
}

fn push(character: char, out: &mut String) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if is_deceptive(character) => push_escape(character, out),
        _ => out.push(character),
    }
}

fn push_escape(character: char, out: &mut String) {
    // Writing to a `String` cannot fail.
    write!(out, "\\u{{{:x}}}", u32::from(character)).ok();
}

/// Whether a character is shown as an escape: control characters, what turns
/// the direction of text, what has no width or shows nothing, and white space
/// that looks like a space and is none.
///
/// | range | what |
/// |---|---|
/// | `00AD`, `034F`, `061C`, `180B`–`180F` | soft hyphen, joiners, Arabic and Mongolian marks |
/// | `115F`, `1160`, `3164`, `FFA0`, `2800` | fillers: letters without ink |
/// | `200B`–`200F`, `202A`–`202E`, `2060`–`206F` | zero width; bidi marks, overrides, isolates |
/// | `FE00`–`FE0F`, `E0000`–`E0FFF` | variation selectors and tags, which can carry hidden text |
/// | `FEFF`, `FFF9`–`FFFB` | byte order mark, interlinear marks |
pub(super) fn is_deceptive(character: char) -> bool {
    let is_blank = character != ' ' && character.is_whitespace();
    is_blank
        || character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{180b}'..='\u{180f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{3164}'
                | '\u{ffa0}'
                | '\u{2800}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(escaped(text), expect, "{text:?}");
    }

    #[test]
    fn what_cannot_be_seen_becomes_visible() {
        check("Größe 日本", "Größe 日本");
        check("a\u{1b}[31mb", "a\\u{1b}[31mb");
        check("a\nb\r\tc\u{7f}\u{9b}", "a\\nb\\r\\tc\\u{7f}\\u{9b}");
        check(
            "a\u{202e}b\u{2066}\u{200b}",
            "a\\u{202e}b\\u{2066}\\u{200b}",
        );
        check("a\u{a0}b", "a\\u{a0}b");
    }

    #[test]
    fn no_text_is_a_pipelines_command() {
        check("::error::x", "\\u{3a}:error::x");
        check("  ::error::x", "  \\u{3a}:error::x");
        check("a ::b", "a ::b");
        check("##[error]", "#\\u{23}[error]");
        check("x ##vso[task]", "x #\\u{23}vso[task]");
        check("###teamcity", "#\\u{23}\\u{23}teamcity");
    }

    #[test]
    fn a_quoted_text_has_one_spelling() {
        assert_eq!(quoted("a\"b\\n\n"), r#""a\"b\\n\n""#);
        assert_eq!(quoted("##[x"), r##""#\u{23}[x""##);
    }
}

//! Texts as YAML holds them: plain where nothing can be mistaken, else between
//! double quotes in JSON's spelling. A text comes back from the loader as it
//! was; a comment stays in its line whatever is in it.

use crate::model::{AppName, Secret, UserName};
use std::borrow::Cow;

/// Words that YAML or the manifest takes for something else than text.
const WORDS: [&str; 11] = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "absent", "keep",
];

/// A text as a key or a value, also inside `{ }`.
pub fn text(value: &str) -> Cow<'_, str> {
    let mut characters = value.chars();
    let starts = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let is_plain = starts
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is_plain {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            _ => push(character, &mut out),
        }
    }
    out.push('"');
    Cow::Owned(out)
}

/// A text in a comment. What could end the line or hide is escaped.
pub fn comment(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        push(character, &mut out);
    }
    out
}

/// A line of a secrets file: the name that an imported manifest gives the
/// token of a link, and the token.
pub fn secret_line(user: &UserName, app: &AppName, token: &Secret) -> String {
    format!("\"{user}/{app}\": {}\n", quoted(token.expose()))
}

/// Always quoted: a token is a text whatever it looks like.
fn quoted(value: &str) -> String {
    match text(value) {
        Cow::Borrowed(plain) => format!("\"{plain}\""),
        Cow::Owned(quoted) => quoted,
    }
}

/// Letters and digits of all scripts, and what ASCII prints, stand for
/// themselves; all else is an escape. So are letters without ink, and the second
/// of two `#`, which begin a command of some pipelines wherever they stand.
fn push(character: char, out: &mut String) {
    let is_letter = character.is_alphanumeric()
        && !matches!(character, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let is_seen = is_letter || character == ' ' || character.is_ascii_graphic();
    if is_seen && !(character == '#' && out.ends_with('#')) {
        out.push(character);
        return;
    }
    let code = u32::from(character);
    let escape = if code > 0xffff {
        format!("\\U{code:08X}")
    } else {
        format!("\\u{code:04X}")
    };
    out.push_str(&escape);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn check(value: &str, expect: &str) {
        assert_eq!(text(value), expect, "{value:?}");
    }

    #[test]
    fn only_what_cannot_be_mistaken_is_plain() {
        check("ACME_billing-2", "ACME_billing-2");
        check("", "\"\"");
        check("0123", "\"0123\"");
        check("1e3", "\"1e3\"");
        check("No", "\"No\"");
        check("keep", "\"keep\"");
        check("a b", "\"a b\"");
        check("a: #\"\\", "\"a: #\\\"\\\\\"");
        check(
            "é\n\u{2028}\u{202e}\u{1f600}",
            "\"é\\u000A\\u2028\\u202E\\U0001F600\"",
        );
        check(
            "###vso[a]\u{3164}\u{115f}",
            "\"#\\u0023#vso[a]\\u3164\\u115F\"",
        );
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(
            comment("a\r\nb\u{85}\u{feff}"),
            "a\\u000D\\u000Ab\\u0085\\uFEFF"
        );
        assert_eq!(comment("##[error]x"), "#\\u0023[error]x");
    }

    proptest! {
        #[test]
        fn every_text_comes_back_as_a_key_and_as_a_value(key in any::<String>(), value in any::<String>()) {
            let yaml = format!("outer: {{ {}: {} }} # {}\n", text(&key), quoted(&value), comment(&value));
            let read: BTreeMap<String, BTreeMap<String, String>> = serde_yaml::from_str(&yaml).unwrap();
            prop_assert_eq!(&read["outer"][&key], &value);
        }
    }
}

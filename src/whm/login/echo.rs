//! Whether a foreign text holds a secret that was sent, in whatever way it is
//! written: percent-encoded, as JSON or HTML escapes, over and over, in other
//! letters' cases. A disguise that keeps no letter in its place, such as
//! base64, is not seen through.

use crate::model::Secret;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;

/// Shorter secrets are not looked for: they are in any text by chance.
const SHORTEST: usize = 4;
/// Half a secret in a row is one; but no less than this,
const SHORTEST_RUN: usize = 8;
/// and this is enough of any.
const LONGEST_RUN: usize = 32;
/// How often a text may be encoded over and over.
const DECODINGS: usize = 8;

/// Whether a text holds one of these secrets, or half of one, or is encoded so
/// often that nobody knows.
pub(super) fn echoes(text: &str, secrets: &[Secret]) -> bool {
    let text = Decoded::of(text);
    secrets.iter().any(|secret| text.holds(secret.expose()))
}

/// A text in all its forms, in lower case: a browser would write a host so.
struct Decoded {
    /// As it is written, and after each step of decoding.
    forms: Vec<String>,
    /// The letters and digits of the last form.
    letters: Vec<char>,
    is_whole: bool,
}

impl Decoded {
    fn of(text: &str) -> Self {
        let mut forms = vec![text.to_lowercase()];
        let mut is_whole = false;
        for _ in 0..DECODINGS {
            let last = forms.last().map_or("", String::as_str);
            let percent = percent_decode_str(last).decode_utf8_lossy().to_lowercase();
            let plain = unescaped(&percent).to_lowercase();
            is_whole = plain == *last;
            if is_whole {
                break;
            }
            forms.extend([percent, plain]);
        }
        let last = forms.last().map_or("", String::as_str);
        Self {
            // What stands between them is what encodings write in other ways.
            letters: last.chars().filter(|c| c.is_alphanumeric()).collect(),
            forms,
            is_whole,
        }
    }

    fn holds(&self, secret: &str) -> bool {
        let plain = secret.to_lowercase();
        if plain.chars().count() < SHORTEST {
            return false;
        }
        let has = |form: &String| form.contains(&plain) || form.replace('+', " ").contains(&plain);
        !self.is_whole
            || self.forms.iter().any(has)
            // A secret may look like an encoded text itself.
            || shares_run(&self.letters, &Self::of(secret).letters)
    }
}

/// Whether half of a secret's letters stand in a text in a row.
fn shares_run(text: &[char], secret: &[char]) -> bool {
    if secret.len() < SHORTEST {
        return false;
    }
    let half = (secret.len() / 2).clamp(SHORTEST_RUN, LONGEST_RUN);
    let run = half.min(secret.len());
    let runs: BTreeSet<_> = secret.windows(run).collect();
    text.windows(run).any(|window| runs.contains(window))
}

/// Takes the escapes of JSON and HTML out of a text, once: `\u0041`, `\"`,
/// `&#65;`, `&quot;`. What is none stays.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (character, length) = escape(from);
        out.extend(character);
        rest = from.get(length..).unwrap_or_default();
    }
    out + rest
}

/// What the escape means that a text begins with, and its bytes. A mere
/// backslash is left out, a mere `&` is one.
fn escape(text: &str) -> (Option<char>, usize) {
    if let Some(rest) = text.strip_prefix('\\') {
        let digits = |start: usize, end: usize| {
            let digits = rest.get(start..end)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let code = match rest.chars().next() {
            Some('u') => digits(1, 5).map(|code| (code, 6)),
            Some('x') => digits(1, 3).map(|code| (code, 4)),
            _ => None,
        };
        // Halves of a pair are no letters that count.
        return match (code, rest.chars().next()) {
            (Some((code, length)), _) => (char::from_u32(code), length),
            (None, Some(c @ ('n' | 'r' | 't' | 'b' | 'f'))) => (Some(' '), 1 + c.len_utf8()),
            (None, Some(c)) => (Some(c), 1 + c.len_utf8()),
            (None, None) => (None, 1),
        };
    }
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let name = end.and_then(|end| text.get(1..end));
    let character = name.and_then(|name| match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(number) => u32::from_str_radix(number, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32)
        }
    });
    match (character, end) {
        (Some(character), Some(end)) => (Some(character), end + 1),
        (Some(_) | None, _) => (Some('&'), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str, secret: &str) -> bool {
        echoes(text, &[Secret::new(secret.to_owned())])
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        for (text, secret) in [
            ("/canary", "canary"),
            ("CANARY.example", "canary"),
            ("?x=Can%61ry", "Canary"),
            ("?next=https%3A%2F%2Fb%2Fcan%25252561ry", "canary"),
            ("/a+b%2Fc", "a b/c"),
            ("/a%2Bb%25", "a+b%"),
            (r#"{"t":"a\"b\\c"}"#, r#"a"b\c"#),
            (r"\u0063\u0061\u006E\u0061\u0072\u0079", "canary"),
            (r"%5Cu0063\x61n%5c%750061ry", "canary"),
            ("&#99;&#x61;&#110;ary", "canary"),
            ("can&quot;ary&amp;1", "can\"ary&1"),
            // Half of it, and what is between its letters.
            ("Canary--Token", "Canary/Token-123"),
            (r"a%41b/c%2fdef", r"a%41b/c/def"),
            (r"x\ntest7abc", r"x\ntest7abc"),
            (r"x\\ntest7abc", r"x\ntest7abc"),
            ("caf%C3%A9s", "CAFÉS"),
        ] {
            assert!(holds(text, secret), "{text}");
        }
    }

    #[test]
    fn what_is_encoded_too_often_holds_any() {
        let mut text = "can%61ry".to_owned();
        for _ in 0..40 {
            text = text.replace('%', "%25");
            assert!(holds(&text, "canary"), "{text}");
        }
        assert!(holds(&text, "other"), "{text}");
    }

    #[test]
    fn other_texts_hold_none() {
        for (text, secret) in [
            ("abc", "abc"),
            ("canar", "canary"),
            ("canaryt", "Canary/Token-123"),
            (
                "https://a.example/?x=%&y=\\&&#;&#x;&#99999999;\\u12",
                "canary",
            ),
            ("a", "+/=%"),
            ("", "canary"),
        ] {
            assert!(!holds(text, secret), "{text}");
        }
    }
}

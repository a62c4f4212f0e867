//! What must not be shown of a text that does not parse: whatever may be a
//! token, by the look of the lines. It hides too much rather than too little,
//! since nobody knows yet what the text means.

use super::read::Keyed as _;
use super::wire::{GroupFields, GuardFields, LinkFields, ManifestFile, Settings, UserFields};
use std::ops::Range;

/// Parts of words that a secret stands behind.
const SECRET_WORDS: [&str; 6] = ["tok", "secret", "pass", "pwd", "key", "auth"];

/// Characters that are shown of a text that stands where none should.
const SHOWN: usize = 16;

/// Whether a name looks like that of a secret.
pub(super) fn looks_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| lower.contains(word))
}

/// How much is shown of a text that stands where none should: nobody knows
/// what it is, and `token=…` is a text to YAML.
pub(super) fn shown_length(text: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    let words = SECRET_WORDS.iter().filter_map(|word| lower.find(word));
    let long = text.char_indices().nth(SHOWN).map(|(at, _)| at);
    words.chain(long).min().unwrap_or(text.len())
}

/// The next line, where a value was cut off before it: the rest of a token that
/// was broken in two reads as a key. Empty if it begins with a key we know.
pub(super) fn continuation(text: &str, from: usize) -> Range<usize> {
    let rest = text.get(from..).unwrap_or_default();
    let start = from + rest.len() - rest.trim_start().len();
    let line = text.get(start..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    if is_known(word_around(line, 0)) {
        start..start
    } else {
        start..start + line.len()
    }
}

/// A hidden value that may go on in the next lines.
struct Hidden {
    /// The indentation of the line it began on.
    indent: usize,
    /// The quote it is still in.
    quote: Option<char>,
    /// How many brackets of it are still open.
    depth: usize,
    /// Whether nothing of it has come yet.
    is_awaited: bool,
}

/// Byte ranges to blank: every value behind a word that looks like a secret's
/// or that no manifest knows, to the end of the line and of the lines that
/// continue it.
pub(super) fn mask_unparsed(text: &str) -> Vec<Range<usize>> {
    let mut masks = Vec::new();
    let mut hidden: Option<Hidden> = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let is_blank = line.trim().is_empty();
        let visible_until = match hidden.take().filter(|h| h.goes_on(indent, is_blank)) {
            Some(before) => {
                hidden = Some(before.after(line));
                Some(indent)
            }
            None => secret_start(line).inspect(|&start| {
                let value = line.get(start..).unwrap_or_default();
                let begun = Hidden {
                    indent,
                    quote: None,
                    depth: 0,
                    is_awaited: true,
                };
                hidden = Some(begun.after(value));
            }),
        };
        if let Some(start) = visible_until {
            masks.push(offset + start..offset + line.trim_end().len().max(start));
        }
        offset += line.len();
    }
    masks
}

impl Hidden {
    fn goes_on(&self, indent: usize, is_blank: bool) -> bool {
        self.quote.is_some()
            || self.depth > 0
            || self.is_awaited
            || is_blank
            || indent > self.indent
    }

    /// What is still hidden behind one more piece of it.
    fn after(self, piece: &str) -> Self {
        let mut quote = self.quote;
        let mut depth = self.depth;
        for c in piece.chars() {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Self {
            quote,
            depth,
            is_awaited: self.is_awaited && piece.trim().is_empty(),
            ..self
        }
    }
}

/// Where the first value of a line that may be a secret begins.
fn secret_start(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let by_word = SECRET_WORDS.iter().filter_map(|word| {
        // `autologin_token_url` is no secret.
        let (at, _) = lower
            .match_indices(word)
            .find(|(at, _)| !is_known(word_around(line, *at)))?;
        let rest = lower.get(at..)?;
        let end = rest.find([':', '=']).map_or(word.len(), |at| at + 1);
        Some(at + end)
    });
    // `https://user:password@host` and `https://host/?code=…`
    let in_url = line.find("://").and_then(|at| {
        let rest = line.get(at + 3..)?;
        let from = if rest.contains('@') {
            0
        } else {
            rest.find(['?', '#'])? + 1
        };
        Some(at + 3 + from)
    });
    by_word.chain(unknown_key_value(line)).chain(in_url).min()
}

/// The value behind a key that no manifest knows. A map or list there has
/// keys of its own, and where nothing follows, the name is a user's or app's.
fn unknown_key_value(line: &str) -> Option<usize> {
    line.match_indices(':').find_map(|(at, _)| {
        let value = line.get(at + 1..)?.trim();
        // The key may be in quotes, which then stand before the colon.
        let key = line.get(..at)?.trim_end_matches(['"', '\'', ' ']);
        let last = key.char_indices().next_back().map(|(at, _)| at)?;
        let key = word_around(line, last);
        let is_value = !value.is_empty() && !value.starts_with(['{', '[', '/', '#']);
        (is_value && !is_known(key)).then_some(at + 1)
    })
}

/// The word that a byte of a line stands in, without quotes around it. No key
/// of ours is longer than what is looked at.
fn word_around(line: &str, at: usize) -> &str {
    const LONGEST: usize = 64;
    let is_border = |c: char| c.is_whitespace() || "{}[],:='\"".contains(c);
    let before = line.get(..at).unwrap_or_default();
    let near = before.char_indices().rev().take(LONGEST);
    let start = near.take_while(|(_, c)| !is_border(*c)).last();
    let rest = line.get(start.map_or(at, |(at, _)| at)..);
    let rest = rest.unwrap_or_default().trim_start_matches(is_border);
    let near = rest.char_indices().take(2 * LONGEST);
    let end = near.take_while(|(_, c)| !is_border(*c)).last();
    rest.get(..end.map_or(0, |(at, c)| at + c.len_utf8()))
        .unwrap_or_default()
}

/// Whether a key is one that a manifest may hold and that is no secret.
fn is_known(word: &str) -> bool {
    let known = [
        ManifestFile::KNOWN,
        Settings::KNOWN,
        GuardFields::KNOWN,
        GroupFields::KNOWN,
        UserFields::KNOWN,
        LinkFields::KNOWN,
    ];
    word != "token"
        && known
            .into_iter()
            .flatten()
            .any(|known| known.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let masked: Vec<_> = mask_unparsed(text)
            .into_iter()
            .map(|mask| text[mask].trim())
            .filter(|masked| !masked.is_empty())
            .collect();
        assert_eq!(masked, expect, "{text:?}");
    }

    #[test]
    fn values_behind_suspicious_words_are_hidden() {
        check("token: s3cret\nlabel: x\n", &["s3cret"]);
        check("A: { label: x, token: s3cret }\n", &["s3cret }"]);
        check("A: { \"toekn\":\"s3cret\" }\n", &["\"s3cret\" }"]);
        check("tokn:s3cret\n", &["s3cret"]);
        check("url: https://a.example/?token=x\n", &["token=x"]);
        check("url: https://u:x@a.example/\n", &["u:x@a.example/"]);
        check("url: https://a.example/?code=x\n", &["code=x"]);
        check("my_pwd: x\n", &["x"]);
        check("label: x\nautologin_token_url: https://a.example/\n", &[]);
        check("users: { alice: { links: { A: { label: x\n", &[]);
    }

    #[test]
    fn values_over_several_lines_are_hidden_whole() {
        check(
            "a:\n  token:\n    s3cret: more\n  label: x\n",
            &["s3cret: more"],
        );
        check(
            "a:\n  token: |\n    s3\n\n    cret\n  b:\n",
            &["|", "s3", "cret"],
        );
        check("token: \"s3\ncret\"\nlabel: x\n", &["\"s3", "cret\""]);
        check("tokn: { a: x\nb: y }\nlabel: x\n", &["{ a: x", "b: y }"]);
        check("\"token\":\n\"s3cret\"\n", &["\"s3cret\""]);
    }
}

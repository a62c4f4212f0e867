//! Whether a file says what is wanted, told from its bytes without decoding
//! them: the values are compared where they stand, in any order of the keys.
//! Most files of a server are just as they should be, and so nothing of them
//! is ever allocated, hashed or decoded.
//!
//! A yes is certain. A no is not: a spelling that is rare, such as an escaped
//! letter or a wrapped icon, is left to who decodes the file. So this decides
//! only what need not be looked at closer, never what is to be changed.

use crate::model::Icon;

/// What a key must say. Whatever is not a plain spelling of it is a no.
#[derive(Debug, Clone, Copy)]
pub(super) enum Say<'a> {
    /// Nothing: the key is not there, or `null`.
    Nothing,
    /// This text, given in parts: a string.
    Text([&'a str; 3]),
    /// This text, of which nothing is escaped in any string.
    Plain(&'a str),
    /// This text or nothing.
    TextOrNothing(&'a str),
    /// This integer: a string or a number.
    Integer(&'a str),
    /// A switch that is on: `1` or `"1"`.
    On,
    /// A switch that is off: not there, `null`, `0`, `"0"` or an empty string.
    Off,
    /// Some text.
    SomeText,
    /// A text, a number or nothing, whichever.
    Anything,
}

impl<'a> Say<'a> {
    /// This text, or nothing where there is none.
    pub(super) fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Text([text, "", ""]))
    }

    /// This icon. Most bytes of a file are its icon's, and base64 has none that
    /// would have to be looked for.
    pub(super) fn icon(icon: &'a Icon) -> Self {
        match icon {
            Icon::Image(_) => Self::Plain(icon.base64()),
            Icon::Damaged(_) => Self::text(Some(icon.base64())),
        }
    }

    /// Whether a key that is not there says it.
    fn is_said_by_silence(self) -> bool {
        match self {
            Self::Nothing | Self::TextOrNothing(_) | Self::Off | Self::Anything => true,
            Self::Text(_) | Self::Plain(_) | Self::Integer(_) | Self::On | Self::SomeText => false,
        }
    }

    /// What stands behind a value that says it, where the bytes begin with one.
    fn after(self, bytes: &[u8]) -> Option<&[u8]> {
        let one_of = |values: &[&str]| {
            let mut values = values.iter();
            values.find_map(|value| behind(bytes, value))
        };
        match self {
            Self::Nothing => one_of(&["null"]),
            Self::Text(parts) => after_text(bytes, parts),
            Self::Plain(text) => {
                let rest = bytes.strip_prefix(b"\"")?;
                behind(rest, text)?.strip_prefix(b"\"")
            }
            Self::TextOrNothing(text) => {
                after_text(bytes, [text, "", ""]).or_else(|| one_of(&["null"]))
            }
            Self::Integer(text) => after_text(bytes, [text, "", ""]).or_else(|| {
                let rest = behind(bytes, text)?;
                is_integer(text.as_bytes()).then_some(rest)
            }),
            Self::On => one_of(&["1", "\"1\""]),
            Self::Off => one_of(&["0", "null", "\"0\"", "\"\""]),
            Self::SomeText => after_some_text(bytes),
            Self::Anything => after_some_text(bytes)
                .or_else(|| one_of(&["null"]))
                .or_else(|| after_short_integer(bytes)),
        }
    }
}

/// What stands behind this text, given in parts, as a string in which nothing
/// is escaped.
fn after_text<'b>(bytes: &'b [u8], parts: [&str; 3]) -> Option<&'b [u8]> {
    let mut rest = bytes.strip_prefix(b"\"")?;
    for part in parts {
        rest = behind(rest, part)?;
    }
    let rest = rest.strip_prefix(b"\"")?;
    parts
        .iter()
        .all(|part| is_plain(part.as_bytes()))
        .then_some(rest)
}

/// What stands behind a text, if it is there. Most texts differ in their first
/// byte, and the call that compares all bytes takes longer than to look there.
fn behind<'b>(bytes: &'b [u8], text: &str) -> Option<&'b [u8]> {
    match text.as_bytes() {
        [] => Some(bytes),
        [first, ..] if bytes.first() != Some(first) => None,
        text => bytes.strip_prefix(text),
    }
}

/// What stands behind a string in which nothing is escaped.
fn after_some_text(bytes: &[u8]) -> Option<&[u8]> {
    let (text, rest) = until_quote(bytes.strip_prefix(b"\"")?)?;
    (is_plain(text) && std::str::from_utf8(text).is_ok()).then_some(rest)
}

/// What stands before the next quote, and behind it.
fn until_quote(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'"')?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((text, rest.get(1..)?))
}

/// Whether every byte of a text stands for itself in a string. All of them are
/// looked at, which is faster than to stop: there are icons among them.
fn is_plain(text: &[u8]) -> bool {
    let is_itself = |byte: u8| !matches!(byte, 0..b' ' | b'"' | b'\\');
    text.iter()
        .fold(true, |plain, byte| plain & is_itself(*byte))
}

/// An integer of so many digits is in the range of every reader.
const SHORT: usize = 9;

fn after_short_integer(bytes: &[u8]) -> Option<&[u8]> {
    let digits = bytes
        .iter()
        .take_while(|b| b.is_ascii_digit() || **b == b'-');
    let (number, rest) = bytes.split_at_checked(digits.count())?;
    (number.len() <= SHORT && is_integer(number)).then_some(rest)
}

fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let has_zeros = digits.len() > 1 && digits.starts_with(b"0");
    !digits.is_empty() && !has_zeros && digits.iter().all(u8::is_ascii_digit)
}

/// Whether the bytes are one object that says just this, each key once and no
/// other key.
pub(super) fn object_says(bytes: &[u8], keys: &[(&str, Say<'_>)]) -> bool {
    after_object(bytes, keys).is_some_and(is_end)
}

/// Whether the bytes are an array of one object that says just this.
pub(super) fn single_says(bytes: &[u8], keys: &[(&str, Say<'_>)]) -> bool {
    let object = after_sign(bytes, b'[').and_then(|rest| after_object(rest, keys));
    let end = object.and_then(|rest| after_sign(rest, b']'));
    end.is_some_and(is_end)
}

/// Most keys that are asked for at once, which are told by a bit each.
const MOST: usize = 64;

/// What stands behind an object that says just this. It ends wherever
/// something else is said, so that the rest is not read.
fn after_object<'b>(bytes: &'b [u8], keys: &[(&str, Say<'_>)]) -> Option<&'b [u8]> {
    let mut said = 0_u64;
    let mut rest = after_sign(bytes, b'{')?;
    // Where the next key is likely to be: those that we write are in order.
    let mut next = 0;
    let end = loop {
        if said == 0
            && let Some(end) = after_sign(rest, b'}')
        {
            break end;
        }
        let (name, value) = until_quote(after_sign(rest, b'"')?)?;
        let is_it = |(_, (key, _)): &(usize, &(&str, Say<'_>))| key.as_bytes() == name;
        let (later, earlier) = (keys.iter().enumerate().skip(next), keys.iter().enumerate());
        let found = later.chain(earlier.take(next)).find(is_it);
        let (index, (_, say)) = found?;
        next = index + 1;
        let bit = 1_u64.checked_shl(u32::try_from(index).ok()?)?;
        if said & bit != 0 {
            return None;
        }
        said |= bit;
        rest = say.after(after_space(after_sign(value, b':')?))?;
        match after_sign(rest, b',') {
            Some(next) => rest = next,
            None => break after_sign(rest, b'}')?,
        }
    };
    let mut silent = keys.iter().enumerate().take(MOST);
    silent
        .all(|(index, (_, say))| said & (1 << index) != 0 || say.is_said_by_silence())
        .then_some(end)
}

/// What stands behind a sign, with white space before it or none.
fn after_sign(bytes: &[u8], sign: u8) -> Option<&[u8]> {
    after_space(bytes).strip_prefix(&[sign])
}

fn after_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

fn is_end(rest: &[u8]) -> bool {
    after_space(rest).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_say_a_thing_is_known_and_no_other() {
        let text = Say::Text(["a", "b", "c"]);
        for (say, yes, no) in [
            (Say::Nothing, vec!["null"], vec!["\"\"", "0", "{}"]),
            (text, vec!["\"abc\""], vec!["\"ab\"", "\"abcd\"", "null"]),
            (
                Say::text(Some("a\\n")),
                vec![],
                vec!["\"a\\n\"", "\"a\\\\n\""],
            ),
            (
                Say::TextOrNothing("x"),
                vec!["null", "\"x\""],
                vec!["\"y\"", "x"],
            ),
            (
                Say::Integer("7"),
                vec!["7", "\"7\""],
                vec!["07", "\"07\"", "7.0", "null"],
            ),
            (Say::Integer("null"), vec!["\"null\""], vec!["null"]),
            (Say::On, vec!["1", "\"1\""], vec!["true", "\"yes\"", "2"]),
            (
                Say::Off,
                vec!["0", "null", "\"0\"", "\"\""],
                vec!["1", "false", "\"00\""],
            ),
            (
                Say::SomeText,
                vec!["\"\"", "\"x\""],
                vec!["null", "1", "[]"],
            ),
            (
                Say::Anything,
                vec!["\"x\"", "48", "null"],
                vec![
                    "1e999",
                    "[]",
                    "\"\\ud800\"",
                    "1.5",
                    "01",
                    "-",
                    "1-1",
                    "1234567890",
                ],
            ),
            (Say::Integer("-7"), vec!["-7", "\"-7\""], vec!["--7", "7"]),
            (Say::Integer("07"), vec!["\"07\""], vec!["07"]),
            (
                Say::text(Some("a\"b")),
                vec![],
                vec!["\"a\"b\"", "\"a\\\"b\""],
            ),
            (Say::text(Some("a\tb")), vec![], vec!["\"a\tb\""]),
            (Say::SomeText, vec!["\"\u{7f}é\""], vec!["\"a\nb\"", "\"a"]),
        ] {
            let is_said_by = |raw: &str| say.after(raw.as_bytes()) == Some(b"");
            for raw in yes {
                assert!(is_said_by(raw), "{say:?} {raw}");
            }
            for raw in no {
                assert!(!is_said_by(raw), "{say:?} {raw}");
            }
        }
    }

    #[test]
    fn every_key_stands_once_and_no_other_is_there() {
        let keys = [
            ("a", Say::text(Some("x"))),
            ("b", Say::Off),
            ("c", Say::Nothing),
        ];
        for (text, expect) in [
            (r#"{"a":"x"}"#, true),
            (r#" { "b" : "0" , "a" : "x", "c": null } "#, true),
            // A rare spelling is left to who decodes it.
            (r#"{"\u0061":"x"}"#, false),
            (r#"{"b":0}"#, false),
            (r#"{"a":"x","a":"x"}"#, false),
            (r#"{"a":"x","d":1}"#, false),
            (r#"{"a":"x","c":1}"#, false),
            (r#"{"a":"x"} x"#, false),
            (r#"{"a":"x",}"#, false),
            (r#"{,"a":"x"}"#, false),
            (r#"{"a":"x""b":0}"#, false),
            (r#"{"a" "x"}"#, false),
            (r#"{"a":"x"}}"#, false),
            (r#"{"a":"x""#, false),
            ("{\u{c}\"a\":\"x\"}", false),
            ("{}", false),
            (r#"["a"]"#, false),
            ("", false),
        ] {
            assert_eq!(object_says(text.as_bytes(), &keys), expect, "{text}");
            let single = format!("[{text}]");
            assert_eq!(single_says(single.as_bytes(), &keys), expect, "{single}");
        }
        assert!(!single_says(br#"[{"a":"x"},{"a":"x"}]"#, &keys));
        assert!(!single_says(br#"{"a":"x"}"#, &keys));
        assert!(!object_says(b"{\"a\":\"x\xff\"}", &keys));
        assert!(!object_says(b"{\"a\":\"x\xff\"}", &[("a", Say::SomeText)]));
        for (text, expect) in [("{}", true), (" { } ", true), ("{},", false), ("", false)] {
            assert_eq!(
                object_says(text.as_bytes(), &[("b", Say::Off)]),
                expect,
                "{text}"
            );
        }
    }
}

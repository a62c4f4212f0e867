//! Whether a file says what is wanted, told from its bytes without decoding
//! them: the values are compared where they stand, in any order of the keys.
//! Most files of a server are just as they should be, and so nothing of them
//! is ever allocated, hashed or decoded.
//!
//! A yes is certain. A no is not: a spelling that is rare, such as an escaped
//! letter or a wrapped icon, is left to who decodes the file. So this decides
//! only what need not be looked at closer, never what is to be changed.

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;
use std::fmt;

/// What a key must say. Whatever is not a plain spelling of it is a no.
#[derive(Debug, Clone, Copy)]
pub(super) enum Say<'a> {
    /// Nothing: the key is not there, or `null`.
    Nothing,
    /// This text, given in parts: a string.
    Text([&'a str; 3]),
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

    /// Whether a key that is not there says it.
    fn is_said_by_silence(self) -> bool {
        match self {
            Self::Nothing | Self::TextOrNothing(_) | Self::Off | Self::Anything => true,
            Self::Text(_) | Self::Integer(_) | Self::On | Self::SomeText => false,
        }
    }

    /// Whether a value says it, by the exact text in which the file holds it.
    fn is_said_by(self, raw: &str) -> bool {
        match self {
            Self::Nothing => raw == "null",
            Self::Text([first, second, third]) => plain(raw).is_some_and(|text| {
                let rest = text.strip_prefix(first);
                let rest = rest.and_then(|rest| rest.strip_prefix(second));
                rest == Some(third)
            }),
            Self::TextOrNothing(expect) => raw == "null" || plain(raw) == Some(expect),
            Self::Integer(expect) => plain(raw) == Some(expect) || raw == expect && is_integer(raw),
            Self::On => matches!(raw, "1" | "\"1\""),
            Self::Off => matches!(raw, "0" | "null" | "\"0\"" | "\"\""),
            Self::SomeText => plain(raw).is_some(),
            Self::Anything => {
                plain(raw).is_some() || raw.len() <= SHORT && is_integer(raw) || raw == "null"
            }
        }
    }
}

/// The text of a string in which nothing is escaped.
fn plain(raw: &str) -> Option<&str> {
    let text = raw.strip_prefix('"')?.strip_suffix('"')?;
    (!text.as_bytes().contains(&b'\\')).then_some(text)
}

/// An integer of so many digits is in the range of every reader.
const SHORT: usize = 9;

fn is_integer(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the bytes are one object that says just this, each key once and no
/// other key.
pub(super) fn object_says(bytes: &[u8], keys: &[(&str, Say<'_>)]) -> bool {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let says = json.deserialize_map(Says(keys)).unwrap_or(false);
    says && json.end().is_ok()
}

/// Whether the bytes are an array of one object that says just this.
pub(super) fn single_says(bytes: &[u8], keys: &[(&str, Say<'_>)]) -> bool {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let says = json.deserialize_seq(SingleSays(keys)).unwrap_or(false);
    says && json.end().is_ok()
}

/// Most keys that are asked for at once, which are told by a bit each.
const MOST: usize = 64;

struct Says<'k>(&'k [(&'k str, Say<'k>)]);

impl<'de> Visitor<'de> for Says<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// An error wherever it says something else, so that the rest is not read.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let other = || A::Error::custom("something else");
        let mut said = 0_u64;
        while let Some(found) = map.next_key_seed(KeyIn(self.0))? {
            let (index, say) = found.ok_or_else(other)?;
            let bit = 1_u64.checked_shl(index).ok_or_else(other)?;
            let raw: &RawValue = map.next_value()?;
            if said & bit != 0 || !say.is_said_by(raw.get()) {
                return Err(other());
            }
            said |= bit;
        }
        let mut silent = self.0.iter().enumerate().take(MOST);
        Ok(silent.all(|(index, (_, say))| said & (1 << index) != 0 || say.is_said_by_silence()))
    }
}

impl<'de> DeserializeSeed<'de> for Says<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_map(self)
    }
}

/// Which of the keys a key is; `None` for one that is not among them.
struct KeyIn<'k>(&'k [(&'k str, Say<'k>)]);

impl<'k> Visitor<'_> for KeyIn<'k> {
    type Value = Option<(u32, Say<'k>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let mut keys = (0..).zip(self.0);
        let found = keys.find(|(_, (name, _))| *name == key);
        Ok(found.map(|(index, (_, say))| (index, *say)))
    }
}

impl<'de, 'k> DeserializeSeed<'de> for KeyIn<'k> {
    type Value = Option<(u32, Say<'k>)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

struct SingleSays<'k>(&'k [(&'k str, Say<'k>)]);

impl<'de> Visitor<'de> for SingleSays<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of one object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let says = seq.next_element_seed(Says(self.0))?.unwrap_or(false);
        Ok(says && seq.next_element::<IgnoredAny>()?.is_none())
    }
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
                vec!["1e999", "[]", "\"\\ud800\"", "1.5"],
            ),
        ] {
            for raw in yes {
                assert!(say.is_said_by(raw), "{say:?} {raw}");
            }
            for raw in no {
                assert!(!say.is_said_by(raw), "{say:?} {raw}");
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
            (r#"{"\u0061":"x"}"#, true),
            (r#"{"b":0}"#, false),
            (r#"{"a":"x","a":"x"}"#, false),
            (r#"{"a":"x","d":1}"#, false),
            (r#"{"a":"x","c":1}"#, false),
            (r#"{"a":"x"} x"#, false),
            (r#"{"a":"x",}"#, false),
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
    }
}

//! The JSON beneath all three kinds of file: flat objects whose values are
//! kept as exact text until somebody asks what they mean, and the one byte
//! form in which they are written.

use serde::Deserialize as _;
use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// Why bytes are not the file they should be. Holds positions and kinds, never
/// a value: the bytes may be those of an adminconfig.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormatError {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Not strict JSON.
    #[error("is not valid JSON (line {line}, column {column})")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 where the parser knows none.
        column: usize,
    },
    /// JSON, but of another shape.
    #[error("is not {0}")]
    Shape(&'static str),
}

impl From<serde_json::Error> for FormatError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// The key of an icon, in a userconfig as in a menu entry.
pub(super) const ICON: &str = "base64_png_image";

/// A value in the exact text in which the file holds it.
type Raw = String;

/// An object: key to the exact text of its value.
pub(super) type Object = BTreeMap<String, Raw>;

/// What it means that a key is given twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeated {
    /// The text is refused: which of the two counts depends on the reader.
    Refused,
    /// The last counts, as it does for Perl.
    LastCounts,
}

struct ObjectVisitor(Repeated);

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::new();
        while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
            // A raw value is only scanned; this finds what a reader would trip
            // over: depth, numbers out of range, lone surrogates.
            let text = value.get();
            serde_json::from_str::<serde_json::Value>(text)
                .map_err(|_| A::Error::custom("value"))?;
            let before = object.insert(key, text.to_owned());
            if before.is_some() && self.0 == Repeated::Refused {
                return Err(A::Error::custom("duplicate key"));
            }
        }
        Ok(object)
    }
}

struct ObjectSeed;

impl<'de> serde::de::DeserializeSeed<'de> for ObjectSeed {
    type Value = Object;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(Repeated::Refused))
    }
}

fn first_byte(bytes: &[u8]) -> Result<u8, FormatError> {
    bytes
        .iter()
        .copied()
        .find(|b| !b.is_ascii_whitespace())
        .ok_or(FormatError::Empty)
}

/// Reads a file that is one object. A repeated key is refused.
pub(super) fn parse_object(bytes: &[u8]) -> Result<Object, FormatError> {
    parse_object_with(bytes, Repeated::Refused)
}

/// Reads a file that is one object.
pub(super) fn parse_object_with(bytes: &[u8], repeated: Repeated) -> Result<Object, FormatError> {
    let first = first_byte(bytes)?;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    if first != b'{' {
        <&RawValue>::deserialize(&mut deserializer)?;
        return Err(FormatError::Shape("a JSON object"));
    }
    let object = deserializer.deserialize_map(ObjectVisitor(repeated))?;
    deserializer.end()?;
    Ok(object)
}

/// The keys of a file that is one object, each with the exact text of its
/// value.
///
/// # Errors
/// The bytes are not one strict JSON object.
pub fn keys(bytes: &[u8]) -> Result<BTreeMap<String, String>, FormatError> {
    parse_object(bytes)
}

/// Reads a file that is an array of exactly one object.
pub(super) fn parse_single(bytes: &[u8]) -> Result<Object, FormatError> {
    struct Single;
    impl<'de> Visitor<'de> for Single {
        type Value = Option<Object>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array of one object")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut seq: A,
        ) -> Result<Self::Value, A::Error> {
            let object = seq.next_element_seed(ObjectSeed)?;
            let mut more = false;
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {
                more = true;
            }
            Ok(object.filter(|_| !more))
        }
    }

    let shape = FormatError::Shape("a JSON array of one object");
    if first_byte(bytes)? != b'[' {
        return Err(parse_object(bytes).err().unwrap_or(shape));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let object = deserializer.deserialize_seq(Single)?;
    deserializer.end()?;
    object.ok_or(shape)
}

/// What a value means as text: numbers as they are spelled, `null` as absent,
/// switches as Perl prints them, anything nested as its JSON text.
pub(super) fn as_text(raw: &str) -> Option<String> {
    match raw {
        "null" => None,
        "true" => Some("1".to_owned()),
        "false" => Some("0".to_owned()),
        // Checked when it was read; keeps the text should that ever change.
        _ if raw.starts_with('"') => {
            Some(serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()))
        }
        _ => Some(raw.to_owned()),
    }
}

/// A text as a JSON string, escaped as `cPanel`'s writer does: `/`, DEL and
/// everything beyond ASCII stay as they are.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One object in the written byte form, at a depth of indentation.
fn render_at(object: &Object, indent: &str, out: &mut String) {
    if object.is_empty() {
        out.push_str("{}");
        return;
    }
    out.push('{');
    let mut separator = "\n";
    for (key, value) in object {
        out.push_str(separator);
        separator = ",\n";
        out.push_str(indent);
        out.push_str("   ");
        out.push_str(&quote(key));
        out.push_str(" : ");
        out.push_str(value);
    }
    out.push('\n');
    out.push_str(indent);
    out.push('}');
}

/// Writes a file that is one object.
pub(super) fn render_object(object: &Object) -> Vec<u8> {
    let mut out = String::new();
    render_at(object, "", &mut out);
    out.push('\n');
    out.into_bytes()
}

/// Writes a file that is an array of one object.
pub(super) fn render_single(object: &Object) -> Vec<u8> {
    let mut out = String::from("[\n   ");
    render_at(object, "   ", &mut out);
    out.push_str("\n]\n");
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let outcome =
            parse_object(text.as_bytes()).map_or_else(|e| e.to_string(), |o| format!("{o:?}"));
        assert_eq!(outcome, expect, "{text:?}");
    }

    #[test]
    fn only_one_strict_object_without_repeated_keys_parses() {
        check("", "is empty");
        check(" \n", "is empty");
        check("{}", "{}");
        check(r#"{"a":1.10,"b":"x"}"#, r#"{"a": "1.10", "b": "\"x\""}"#);
        check("{} x", "is not valid JSON (line 1, column 4)");
        check(r#"{"a":1,"a":2}"#, "is not valid JSON (line 1, column 13)");
        check(r#"{"a":1e999}"#, "is not valid JSON (line 1, column 11)");
        check(r#"{"a":"\ud800"}"#, "is not valid JSON (line 1, column 14)");
        check("\u{feff}{}", "is not valid JSON (line 1, column 1)");
        check("[]", "is not a JSON object");
        check("null", "is not a JSON object");
        check("{\"a\":1,}", "is not valid JSON (line 1, column 8)");
        assert!(parse_object(b"{\"a\":\"\xff\"}").is_err());
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(parse_object(deep.as_bytes()).is_err());
    }

    #[test]
    fn the_byte_form_is_that_of_the_fact_sheet() {
        let object = Object::from([("token".to_owned(), quote("abc"))]);
        let bytes = render_object(&object);
        assert_eq!(bytes, b"{\n   \"token\" : \"abc\"\n}\n");
        assert_eq!(bytes.len(), 23);
        assert_eq!(render_object(&Object::new()), b"{}\n");
        assert_eq!(
            render_single(&object),
            b"[\n   {\n      \"token\" : \"abc\"\n   }\n]\n"
        );
        assert_eq!(
            quote("/\"\\\n\u{1}\u{7f}<é"),
            "\"/\\\"\\\\\\n\\u0001\u{7f}<é\""
        );
    }
}

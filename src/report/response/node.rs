//! A value of an answer, whatever form it is written in. Numbers keep the
//! spelling that they have on disk.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A map, in this order.
    Map(Vec<(String, Self)>),
    /// A list.
    List(Vec<Self>),
    /// A text.
    Text(String),
    /// A number, `true`, `false` or `null`: spelt alike in JSON and YAML.
    Plain(String),
}

impl Node {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Reads a value from the text that a file holds, which was found to be
    /// JSON, and not too deep, when the file was read.
    pub(super) fn of_json(raw: &str) -> Self {
        let inner = |raw: &RawValue| Self::of_json(raw.get());
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw).map(Self::Text),
            Some(b'[') => serde_json::from_str::<Vec<Box<RawValue>>>(raw)
                .map(|items| Self::List(items.iter().map(|raw| inner(raw)).collect())),
            Some(b'{') => {
                serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(raw).map(|entries| {
                    let entries = entries.into_iter();
                    Self::Map(entries.map(|(key, raw)| (key, inner(&raw))).collect())
                })
            }
            Some(_) | None => Ok(Self::Plain(raw.to_owned())),
        }
        // It would show as the text that it is, and nothing would be lost.
        .unwrap_or_else(|_| Self::text(raw))
    }
}

//! The values a manifest is made of: texts, lists of texts, switches, named
//! entries, and the layers they stand in.

use super::budget::text_limit;
use super::look::{Look, Shape, look};
use super::problem::Step;
use super::read::{Keyed, Pass, Read, Reading, Seed, read_keyed};
use super::sorted::Sorted;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A text, exactly as it is spelled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) Arc<str>);

impl Read for Text {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        match reading.pass {
            Pass::Exact if reading.skip.contains(&reading.path) => {
                serde::Deserialize::deserialize(from).map(|IgnoredAny| Self::default())
            }
            Pass::Exact => from.deserialize_option(MaybeText { reading }).map(Self),
            Pass::Tolerant => {
                look(from, TextLook { reading })?;
                Ok(Self::default())
            }
        }
    }
}

/// Tells nothing from a text: a file cut off behind `label:` must not mean an
/// empty label, and `null` no label called "null".
struct MaybeText<'r> {
    reading: &'r mut Reading,
}

impl<'de> Visitor<'de> for MaybeText<'_> {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Arc<str>, D::Error> {
        from.deserialize_str(TextVisitor {
            reading: self.reading,
        })
    }

    fn visit_none<E>(self) -> Result<Arc<str>, E> {
        let hint = "put quotes around a text that looks like null";
        let found = Shape::Null.name();
        self.reading.wrong_type("a text", found, Some(hint));
        Ok(Arc::default())
    }
}

struct TextVisitor<'r> {
    reading: &'r mut Reading,
}

impl Visitor<'_> for TextVisitor<'_> {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Arc<str>, E> {
        self.reading.budget.spend(text.len())?;
        let limit = text_limit(&self.reading.path);
        if text.len() > limit {
            self.reading.too_long(text.len(), limit);
            return Ok(Arc::default());
        }
        Ok(Arc::from(text))
    }
}

/// Records where a text should be and is none.
struct TextLook<'r> {
    reading: &'r mut Reading,
}

impl Look<'_> for TextLook<'_> {
    type Value = ();

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<(), E> {
        match shape {
            Shape::List | Shape::Map => {
                let here = self.reading.path.clone();
                self.reading.mismatches.insert(here);
                self.reading.wrong_type("a text", shape.name(), None);
            }
            // Asked for as text it would lose the tag: `!include x` is no "x".
            Shape::Tag => self.reading.wrong_type("a text", shape.name(), None),
            // Nothing is found by the exact pass.
            Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) => {}
        }
        Ok(())
    }
}

/// A value in a layer: `null` takes away what a lower layer gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Layered<T> {
    /// Not given here.
    #[default]
    Inherit,
    /// `null`.
    Clear,
    /// A value.
    Set(T),
}

impl<T: Read> Read for Layered<T> {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        from.deserialize_option(LayeredVisitor {
            reading,
            kind: PhantomData,
        })
    }
}

struct LayeredVisitor<'r, T> {
    reading: &'r mut Reading,
    kind: PhantomData<T>,
}

impl<'de, T: Read> Visitor<'de> for LayeredVisitor<'_, T> {
    type Value = Layered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        T::read(from, self.reading).map(Layered::Set)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Layered::Clear)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Layered::Clear)
    }
}

/// Something that may be left out, but not cleared.
impl<T: Read> Read for Option<T> {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        T::read(from, reading).map(Some)
    }
}

/// A map from any name to one kind of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entries<T>(pub(super) Sorted<Arc<str>, T>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Sorted::default())
    }
}

/// A map while it is read, whatever order its keys come in.
pub(super) struct Gathered<T>(BTreeMap<Arc<str>, T>);

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> From<Gathered<T>> for Entries<T> {
    fn from(Gathered(entries): Gathered<T>) -> Self {
        Self(entries.into())
    }
}

impl<T: Read> Keyed for Gathered<T> {
    const EXPECTED: &'static str = "a map";
    const MAY_BE_EMPTY: bool = true;
    const KNOWN: Option<&'static [&'static str]> = None;

    fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: String,
        map: &mut A,
        reading: &mut Reading,
    ) -> Result<(), A::Error> {
        let name = reading.name(key);
        let value = map.next_value_seed(Seed::new(reading))?;
        self.0.insert(name, value);
        Ok(())
    }
}

impl<T: Read> Read for Entries<T> {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        read_keyed::<Gathered<T>, D>(from, reading).map(Self::from)
    }
}

/// A list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Texts(pub(super) Vec<String>);

impl Read for Texts {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        look(from, TextsLook { reading })
    }
}

struct TextsLook<'r> {
    reading: &'r mut Reading,
}

impl<'de> Look<'de> for TextsLook<'_> {
    type Value = Texts;

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        loop {
            self.reading.path.push(Step::Index(texts.len()));
            let item = list.next_element_seed(Seed::<Text>::new(self.reading))?;
            self.reading.path.pop();
            match item {
                Some(Text(text)) => texts.push(text.as_ref().to_owned()),
                None => return Ok(Texts(texts)),
            }
        }
    }

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<Texts, E> {
        let hint = "write it as a list, such as `[\"ACME_*\"]`";
        self.reading
            .wrong_type("a list of texts", shape.name(), Some(hint));
        Ok(Texts::default())
    }
}

/// A switch: `true`, `false`, `0` or `1`, and nothing that only looks like it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Switch(pub(super) bool);

impl Read for Switch {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        look(from, SwitchLook { reading })
    }
}

struct SwitchLook<'r> {
    reading: &'r mut Reading,
}

impl Look<'_> for SwitchLook<'_> {
    type Value = Switch;

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<Switch, E> {
        Ok(match shape {
            Shape::Bool(value) => Switch(value),
            Shape::Number(Some(0)) => Switch(false),
            Shape::Number(Some(1)) => Switch(true),
            Shape::Null
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List
            | Shape::Map
            | Shape::Tag => {
                self.reading
                    .wrong_type("a boolean", shape.name(), Some("write true or false"));
                Switch::default()
            }
        })
    }
}

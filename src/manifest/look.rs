//! Looking at a YAML node whatever it is: the glue between serde's many
//! callbacks and the few shapes a manifest distinguishes. Every node is
//! consumed whole, so that a read goes on behind what is wrong.

use serde::de::{
    Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess as _, Visitor,
};
use std::fmt;

/// What a node turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape<'t> {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, plain.
    Bool(bool),
    /// A plain number; its value where it is a small one.
    Number(Option<u64>),
    /// Any other text, quoted or plain.
    Text(&'t str),
    List,
    Map,
    /// A node with a YAML tag, such as `!include`.
    Tag,
}

impl Shape<'_> {
    /// The word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Tag => "a YAML tag",
        }
    }
}

/// What to make of a node. Lists and maps are skipped unless they are wanted.
pub(super) trait Look<'de>: Sized {
    type Value;

    /// Makes something of a node that is not wanted in a way of its own. An
    /// error ends the read at this node's position.
    fn other<E: Error>(self, shape: Shape<'_>) -> Result<Self::Value, E>;

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.other(Shape::List)
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.other(Shape::Map)
    }
}

/// Looks at a node.
pub(super) fn look<'de, L: Look<'de>, D: Deserializer<'de>>(
    from: D,
    look: L,
) -> Result<L::Value, D::Error> {
    from.deserialize_any(Looking(look))
}

struct Looking<L>(L);

impl<'de, L: Look<'de>> Visitor<'de> for Looking<L> {
    type Value = L::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.0.other(Shape::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.0.other(Shape::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.0.other(Shape::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.0.other(Shape::Number(Some(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.0.other(Shape::Number(u64::try_from(value).ok()))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Self::Value, E> {
        self.0.other(Shape::Number(None))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Self::Value, E> {
        self.0.other(Shape::Number(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.0.other(Shape::Number(None))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.0.other(Shape::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        self.0.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.map(map)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        // The tag itself is the variant's name; what it stands on follows.
        let (Tag, content) = data.variant::<Tag>()?;
        content.newtype_variant::<IgnoredAny>()?;
        self.0.other(Shape::Tag)
    }
}

/// A tag's name, not looked at.
struct Tag;

impl<'de> serde::Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|_| Self)
    }
}

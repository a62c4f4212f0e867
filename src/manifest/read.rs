//! Reading YAML by its schema: a value that should be text is asked for as
//! text, so `0123`, `1e3` and `no` keep their spelling, and what is wrong is
//! recorded instead of ending the read.
//!
//! One thing does end it: a list or map where a text is asked for. The reader
//! then goes over the document once more in a tolerant pass, which records
//! all such places, and a third time around them (`parse.rs`).

use super::budget::{Budget, ENTRY};
use super::findings::{Findings, TOO_LONG};
use super::look::{Look, Shape, look};
use super::problem::{At, Finding, On, Step, leading_word, nearest, show};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess};
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::Arc;

/// What stands behind `token` when it is a map.
pub(super) const TOKEN_REFERENCE: &str = "a token reference";

/// What a text is asked for with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// As text: exact, and a list or map there ends the pass.
    Exact,
    /// As anything: finds all lists and maps that stand where texts should.
    Tolerant,
}

/// One pass over one document.
pub(super) struct Reading {
    source: usize,
    pub(super) pass: Pass,
    pub(super) path: Vec<Step>,
    pub(super) skip: BTreeSet<Vec<Step>>,
    /// Places where a text was wanted and a list or map was found.
    pub(super) mismatches: BTreeSet<Vec<Step>>,
    pub(super) findings: Findings,
    pub(super) budget: Budget,
    /// Names that come again and again, each kept once.
    names: BTreeSet<Arc<str>>,
}

impl Reading {
    pub(super) fn new(
        source: usize,
        pass: Pass,
        skip: BTreeSet<Vec<Step>>,
        budget: Budget,
    ) -> Self {
        Self {
            source,
            pass,
            path: Vec::new(),
            skip,
            mismatches: BTreeSet::new(),
            findings: Findings::default(),
            budget,
            names: BTreeSet::new(),
        }
    }

    /// The name that stands last in the path. Users have the same links and
    /// variables as others, so those of one name share it.
    pub(super) fn name(&mut self, name: String) -> Arc<str> {
        const OF_USER: usize = 3;
        if self.path.len() < OF_USER {
            return name.into();
        }
        if let Some(known) = self.names.get(name.as_str()) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    fn here(&self, on: On) -> At {
        At {
            source: self.source,
            path: self.path.clone(),
            on,
        }
    }

    /// Records that a text is too long to be kept.
    pub(super) fn too_long(&mut self, length: usize, limit: usize) {
        let message = format!("the text is {length} bytes long, the limit is {limit}");
        let finding = Finding::error("text", self.here(On::Value), message).aspect(TOO_LONG);
        self.findings.push(finding);
    }

    /// Records that something else stands where `expected` should.
    pub(super) fn wrong_type(&mut self, expected: &str, found: &str, hint: Option<&str>) {
        let message = format!("expected {expected}, found {found}");
        let finding = Finding::error("wrong-type", self.here(On::Value), message);
        self.findings.push(Finding {
            hint: hint.map(str::to_owned),
            ..finding
        });
    }
}

/// What a place in the manifest is read into.
pub(super) trait Read: Default {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error>;
}

/// Carries a [`Read`] through serde's interface.
pub(super) struct Seed<'r, T> {
    reading: &'r mut Reading,
    kind: PhantomData<T>,
}

impl<'r, T> Seed<'r, T> {
    pub(super) fn new(reading: &'r mut Reading) -> Self {
        Self {
            reading,
            kind: PhantomData,
        }
    }
}

impl<'de, T: Read> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        T::read(from, self.reading)
    }
}

/// What a map may become: anything that takes its keys one at a time.
pub(super) trait Keyed: Default {
    /// What should stand here, for messages.
    const EXPECTED: &'static str;
    /// Whether nothing at all (`key:` or `null`) means the default.
    const MAY_BE_EMPTY: bool;
    /// What to do where it is not.
    const HINT: Option<&'static str> = None;
    /// Texts that mean something in its place.
    const WORDS: &'static [&'static str] = &[];
    /// The keys it knows; `None` takes any.
    const KNOWN: Option<&'static [&'static str]>;

    /// Whether the key was already given.
    fn has(&self, key: &str) -> bool;

    /// Reads the value of a key that is known and new.
    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: String,
        map: &mut A,
        reading: &mut Reading,
    ) -> Result<(), A::Error>;

    /// What a text there means, if it means something.
    fn from_text(_text: &str) -> Option<Self> {
        None
    }
}

/// Reads a [`Keyed`].
pub(super) fn read_keyed<'de, T: Keyed, D: Deserializer<'de>>(
    from: D,
    reading: &mut Reading,
) -> Result<T, D::Error> {
    let kind = PhantomData;
    look(from, KeyedLook::<T> { reading, kind })
}

struct KeyedLook<'r, T> {
    reading: &'r mut Reading,
    kind: PhantomData<T>,
}

impl<'de, T: Keyed> Look<'de> for KeyedLook<'_, T> {
    type Value = T;

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut value = T::default();
        // Keys that came again or were not taken, with how often they came
        // again.
        let mut repeats: BTreeMap<String, usize> = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let reading = &mut *self.reading;
            reading.budget.spend(ENTRY + key.len())?;
            if value.has(&key) || repeats.contains_key(&key) {
                let nth = repeats.entry(key.clone()).or_default();
                *nth += 1;
                record_repeat(reading, &key, *nth);
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            reading.path.push(Step::key(&key));
            let is_unknown = T::KNOWN.is_some_and(|known| !known.contains(&key.as_str()));
            if is_unknown || key == "<<" {
                record_unknown(reading, T::EXPECTED, &key, T::KNOWN.unwrap_or(&[]));
                repeats.insert(key, 0);
                map.next_value::<IgnoredAny>()?;
            } else {
                value.take(key, &mut map, reading)?;
            }
            reading.path.pop();
        }
        Ok(value)
    }

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<T, E> {
        if shape == Shape::Null && T::MAY_BE_EMPTY {
            return Ok(T::default());
        }
        if let Shape::Text(text) = shape
            && let Some(value) = T::from_text(text)
        {
            return Ok(value);
        }
        let near = match shape {
            Shape::Text(text) => nearest(&text.to_lowercase(), T::WORDS.iter().copied()),
            _ => None,
        };
        let near = near.map(|near| format!("did you mean `{near}`?"));
        let hint = near.as_deref().or(T::HINT);
        self.reading.wrong_type(T::EXPECTED, shape.name(), hint);
        Ok(T::default())
    }
}

fn record_repeat(reading: &mut Reading, key: &str, nth: usize) {
    let mut again = reading.here(On::Key);
    let mut first = again.clone();
    first.path.push(Step::key(key));
    again.path.push(Step::Key {
        name: key.to_owned(),
        nth,
    });
    let message = format!("the key {} is given twice", show(key));
    let finding = Finding::error("duplicate-key", again, message)
        .label("again here")
        .also(first, "first given here");
    reading.findings.push(finding);
}

fn record_unknown(reading: &mut Reading, expected: &str, key: &str, known: &[&'static str]) {
    let at = reading.here(On::Key);
    let finding = if expected == TOKEN_REFERENCE {
        // `token: { s3cret }` has the token itself for a key: not shown.
        let hint = format!("known keys here: {}", known.join(", "));
        Finding::error("unknown-key", at, "unknown key in a token reference").hint(hint)
    } else if key == "<<" {
        Finding::error("merge-key", at, "YAML merge keys are not supported")
            .hint("put what links share into `apps` or `defaults`")
    } else {
        let word = leading_word(key);
        let hint = match nearest(word, known.iter().copied()) {
            Some(near) if near == word => format!("write `{near}: ` and the value behind it"),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys here: {}", known.join(", ")),
        };
        let rest = if word == key {
            ""
        } else {
            " with more behind it"
        };
        let message = format!("unknown key {}{rest}", show(word));
        Finding::error("unknown-key", at, message).hint(hint)
    };
    reading.findings.push(finding);
}

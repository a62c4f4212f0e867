//! Where things stand: paths to positions, for all findings of a document in
//! one pass with the same parser.
//!
//! An error raised by a visitor comes back with the position of the scalar it
//! was raised at. So the pass fails on purpose at every key and value that is
//! asked for, takes the position out of the error, and goes on behind the
//! scalar. Lists and maps have no position of their own: their key's serves.

use super::look::{Look, Shape, look};
use super::problem::{At, On, Step};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What the errors raised on purpose say.
const HERE: &str = "\u{1}here";

/// What was found of a document.
#[derive(Debug, Default)]
pub(super) struct Located {
    /// Byte ranges of the places asked for. One that could not be found is
    /// not in it.
    pub(super) spans: BTreeMap<At, Range<usize>>,
    /// Byte ranges that may be secrets: values of `token` and of unknown
    /// keys.
    pub(super) masks: Vec<Range<usize>>,
}

/// Finds places in one document that parses.
pub(super) fn locate(text: &str, wanted: &[At], unknown: &[At]) -> Located {
    let mut tree = Tree::default();
    for at in wanted {
        tree.at(&at.path).wanted.push(at.clone());
    }
    for at in unknown {
        tree.at(&at.path).is_unknown = true;
    }
    let mut walk = Walk {
        text,
        lines: Lines::of(text),
        located: Located::default(),
        failed_at: None,
    };
    let node = NodeSeed {
        walk: &mut walk,
        tree: Some(&tree),
        mask: Mask::Nothing,
    };
    // A document that stops parsing half-way has its places up to there.
    match node.deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(()) | Err(_) => {}
    }
    // The document itself has no key: its beginning serves.
    for at in tree.wanted {
        walk.located.spans.insert(at, 0..first_line_end(text));
    }
    walk.located
}

fn first_line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// The places asked for, by path.
#[derive(Default)]
struct Tree {
    wanted: Vec<At>,
    is_unknown: bool,
    children: BTreeMap<Step, Self>,
}

impl Tree {
    fn at(&mut self, path: &[Step]) -> &mut Self {
        path.iter().fold(self, |tree, step| {
            tree.children.entry(step.clone()).or_default()
        })
    }

    fn wants(&self, on: On) -> bool {
        self.wanted.iter().any(|at| at.on == on)
    }
}

/// Line starts, so that a line and column become a byte.
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        Self {
            starts: std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect(),
        }
    }

    /// The line and column of a byte, both from 1, columns in characters.
    pub(super) fn position(&self, text: &str, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|&start| start <= byte);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let column = text
            .get(start..byte)
            .map_or(0, |before| before.chars().count());
        (line, column + 1)
    }

    /// The byte at a line and column, both from 1, columns in characters.
    fn byte(&self, text: &str, line: usize, column: usize) -> Option<usize> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let rest = text.get(start..)?;
        let offset = rest
            .char_indices()
            .nth(column.checked_sub(1)?)
            .map_or(rest.len(), |(at, _)| at);
        Some(start + offset)
    }
}

struct Walk<'t> {
    text: &'t str,
    lines: Lines,
    located: Located,
    /// The text of the key that the last deliberate failure stands at.
    failed_at: Option<String>,
}

impl Walk<'_> {
    /// Where a deliberate error was raised; `None` for any other error.
    fn position(&self, error: &dyn fmt::Display) -> Option<usize> {
        let message = error.to_string();
        if !message.contains(HERE) {
            return None;
        }
        // "… at line 3 column 5"; nothing of the kind means the first byte.
        let Some((_, place)) = message.rsplit_once(" at line ") else {
            return Some(0);
        };
        let (line, column) = place.split_once(" column ")?;
        self.lines
            .byte(self.text, line.parse().ok()?, column.parse().ok()?)
    }

    fn record(&mut self, tree: Option<&Tree>, on: On, span: &Range<usize>) {
        for at in tree.iter().flat_map(|t| &t.wanted).filter(|at| at.on == on) {
            self.located.spans.insert(at.clone(), span.clone());
        }
    }
}

/// How much of a node must not be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mask {
    Nothing,
    /// A scalar, and those of a list: a token that stands there as text. The
    /// references that a map would hold are no secrets.
    Token,
    /// All scalars: nobody knows what stands behind an unknown key.
    Everything,
}

/// Walks one value; fails on purpose at a scalar whose place is asked for.
struct NodeSeed<'w, 't, 'n> {
    walk: &'w mut Walk<'t>,
    tree: Option<&'n Tree>,
    mask: Mask,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        look(from, self)
    }
}

impl<'de> Look<'de> for NodeSeed<'_, '_, '_> {
    type Value = ();

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<(), E> {
        let is_scalar = !matches!(shape, Shape::List | Shape::Map | Shape::Tag);
        if is_scalar
            && (self.mask != Mask::Nothing || self.tree.is_some_and(|t| t.wants(On::Value)))
        {
            return Err(E::custom(HERE));
        }
        Ok(())
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { walk, tree, mask } = self;
        let mut index = 0;
        loop {
            let child = tree.and_then(|t| t.children.get(&Step::Index(index)));
            let seed = NodeSeed {
                walk: &mut *walk,
                tree: child,
                mask,
            };
            match list.next_element_seed(seed) {
                Ok(None) => return Ok(()),
                Ok(Some(())) => {}
                Err(error) => {
                    let start = walk.position(&error).ok_or(error)?;
                    take_value(walk, child, mask, start);
                }
            }
            index += 1;
        }
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { walk, tree, mask } = self;
        // How often each key that is asked for has come.
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            walk.failed_at = None;
            let (key, key_span) = match map.next_key_seed(KeySeed {
                walk: &mut *walk,
                tree,
            }) {
                Ok(None) => return Ok(()),
                Ok(Some(key)) => (key, None),
                Err(error) => {
                    let start = walk.position(&error).ok_or(error)?;
                    let key = walk.failed_at.take().unwrap_or_default();
                    (key, Some(start..scalar_end(walk.text, start, Role::Key)))
                }
            };
            let child = key_span.is_some().then(|| {
                let nth = seen.entry(key.clone()).or_default();
                let step = Step::Key {
                    name: key.clone(),
                    nth: *nth,
                };
                *nth += 1;
                tree.and_then(|t| t.children.get(&step))
            });
            let child = child.flatten();
            let mask = if mask == Mask::Everything || child.is_some_and(|c| c.is_unknown) {
                Mask::Everything
            } else if key == "token" {
                Mask::Token
            } else {
                Mask::Nothing
            };
            if let Some(span) = &key_span {
                walk.record(child, On::Key, span);
                // Until the value shows a place of its own.
                walk.record(child, On::Value, span);
            }
            let seed = NodeSeed {
                walk: &mut *walk,
                tree: child,
                mask,
            };
            if let Err(error) = map.next_value_seed(seed) {
                let start = walk.position(&error).ok_or(error)?;
                take_value(walk, child, mask, start);
            }
        }
    }
}

fn take_value(walk: &mut Walk<'_>, tree: Option<&Tree>, mask: Mask, start: usize) {
    let span = start..scalar_end(walk.text, start, Role::Value);
    walk.record(tree, On::Value, &span);
    if mask != Mask::Nothing {
        walk.located
            .masks
            .push(start..scalar_end(walk.text, start, Role::Secret));
    }
}

/// Reads one key; fails on purpose at one whose place is asked for.
struct KeySeed<'w, 't, 'n> {
    walk: &'w mut Walk<'t>,
    tree: Option<&'n Tree>,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_, '_, '_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<String, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_, '_, '_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<String, E> {
        let is_child = |step: &Step| matches!(step, Step::Key { name, .. } if name == key);
        // The steps of one name stand side by side, the first has `nth` 0.
        let from = Step::key(key);
        let is_wanted = self
            .tree
            .and_then(|t| t.children.range(from..).next())
            .is_some_and(|(step, _)| is_child(step));
        if is_wanted {
            self.walk.failed_at = Some(key.to_owned());
            return Err(E::custom(HERE));
        }
        Ok(key.to_owned())
    }
}

/// What a scalar is looked at for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Key,
    Value,
    /// Rather too much than too little.
    Secret,
}

/// Where a scalar that starts at a byte ends, for underlining it.
fn scalar_end(text: &str, start: usize, role: Role) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let length = match rest.chars().next() {
        Some('\'') => quoted_length(rest, '\''),
        Some('"') => quoted_length(rest, '"'),
        Some('|' | '>') => match role {
            Role::Secret => block_length(text, start),
            Role::Key | Role::Value => line_length(rest),
        },
        _ => match role {
            Role::Secret if !is_in_flow(text, start) => block_length(text, start),
            Role::Key | Role::Value | Role::Secret => plain_length(rest, is_in_flow(text, start)),
        },
    };
    start + length.max(rest.chars().next().map_or(0, char::len_utf8))
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

fn quoted_length(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => {
                chars.next();
            }
            c if c == quote => {
                if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                } else {
                    return at + quote.len_utf8();
                }
            }
            _ => {}
        }
    }
    rest.len()
}

fn plain_length(rest: &str, in_flow: bool) -> usize {
    let line = rest.get(..line_length(rest)).unwrap_or(rest);
    let mut end = line.len();
    for stop in [": ", " #"] {
        end = end.min(line.find(stop).unwrap_or(end));
    }
    if in_flow {
        end = end.min(line.find([',', ']', '}']).unwrap_or(end));
    }
    let line = line.get(..end).unwrap_or(line).trim_end();
    line.strip_suffix(':').unwrap_or(line).len()
}

/// A plain or block scalar and all lines that may belong to it: those that
/// are indented deeper than the line it starts on.
fn block_length(text: &str, start: usize) -> usize {
    let line_start = text
        .get(..start)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |at| at + 1);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let base = indent(text.get(line_start..).unwrap_or_default());
    let rest = text.get(start..).unwrap_or_default();
    let mut length = 0;
    for (nth, line) in rest.split_inclusive('\n').enumerate() {
        if nth > 0 && !line.trim().is_empty() && indent(line) <= base {
            break;
        }
        length += line.len();
    }
    rest.get(..length)
        .unwrap_or(rest)
        .trim_end_matches('\n')
        .len()
}

/// Whether a byte stands inside `{…}` or `[…]` that opened on its own line.
fn is_in_flow(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let count = |set: [char; 2]| line.matches(set).count();
    count(['{', '[']) > count(['}', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &[&str], on: On, expect: &str) {
        let at = At {
            on,
            ..At::key(0, path)
        };
        let located = locate(text, std::slice::from_ref(&at), &[]);
        let span = located.spans.get(&at).cloned().expect("the place is found");
        assert_eq!(&text[span], expect, "{path:?} in {text:?}");
    }

    #[test]
    fn keys_and_values_are_found_in_every_style() {
        let text = "a: 1\nb:\n  é😀: { x: 'it''s', y: [1, two] } # no\n  c: \"q\\\"t\"\n  d: |\n    many\n    lines\n  e: plain text # c\nf: *no\n".replace("*no", "end");
        check(&text, &["a"], On::Key, "a");
        check(&text, &["a"], On::Value, "1");
        check(&text, &["b", "é😀"], On::Key, "é😀");
        check(&text, &["b", "é😀", "x"], On::Value, "'it''s'");
        check(&text, &["b", "c"], On::Value, "\"q\\\"t\"");
        check(&text, &["b", "d"], On::Value, "|");
        check(&text, &["b", "e"], On::Value, "plain text");
        check(&text, &["b"], On::Value, "b");
        check(&text, &["f"], On::Value, "end");
    }

    #[test]
    fn the_second_of_two_equal_keys_is_found() {
        let text = "a: 1\na: 2\n";
        let at = At {
            source: 0,
            path: vec![Step::Key {
                name: "a".into(),
                nth: 1,
            }],
            on: On::Key,
        };
        assert_eq!(
            locate(text, std::slice::from_ref(&at), &[]).spans[&at],
            5..6
        );
    }

    #[test]
    fn list_items_are_found() {
        let text = "m: [one, two]\nn:\n  - three\n  - 4\n";
        for (key, index, expect) in [("m", 1, "two"), ("n", 0, "three"), ("n", 1, "4")] {
            let at = At {
                source: 0,
                path: vec![Step::key(key), Step::Index(index)],
                on: On::Value,
            };
            let located = locate(text, std::slice::from_ref(&at), &[]);
            assert_eq!(&text[located.spans[&at].clone()], expect);
        }
    }

    #[test]
    fn tokens_and_values_of_unknown_keys_are_masked() {
        let text = "u: { token: s3cret, x: 1 }\ntoken: |\n  two\n  lines\ntokn: other\n";
        let unknown = At::key(0, &["tokn"]);
        let unknown = std::slice::from_ref(&unknown);
        let located = locate(text, unknown, unknown);
        let masked: Vec<_> = located.masks.iter().map(|m| &text[m.clone()]).collect();
        assert_eq!(masked, ["s3cret", "|\n  two\n  lines", "other"]);
    }
}

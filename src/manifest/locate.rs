//! Where things stand: paths to positions, for all findings of a document in
//! one pass with the same parser.
//!
//! An error raised by a visitor comes back with the position of the scalar it
//! was raised at. So the pass fails on purpose at every key and value that is
//! asked for, takes the position out of the error, and goes on behind the
//! scalar. Lists and maps have no position of their own: their key's serves.

use super::budget::{Budget, ENTRY};
use super::check::secret_parts;
use super::extent::{Content, collection, node_end, secret_end};
use super::lines::Lines;
use super::look::{Look, Shape, look};
use super::mask::{continuation, looks_secret, mask_unparsed, shown_length};
use super::problem::{At, On, Step, leading_word};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
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

/// Why nobody knows what stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Its key is none that a manifest has.
    Unknown,
    /// It is something else than should stand there.
    Misplaced,
}

/// Finds places in one document that parses.
pub(super) fn locate(text: &str, wanted: &[At], doubted: &[(At, Doubt)]) -> Located {
    let mut tree = Tree::default();
    for at in wanted {
        tree.at(&at.path).wanted.push(at.clone());
    }
    for (at, doubt) in doubted {
        tree.at(&at.path).doubt = Some(*doubt);
    }
    let mut walk = Walk {
        text,
        lines: Lines::of_parser(text),
        located: Located::default(),
        failed_at: Failed::default(),
        reach: Reach::Everything,
        budget: Budget::of_document(text),
    };
    let is_cut_short = walk.over(&tree).is_err();
    if is_cut_short {
        // Aliases that repeat too much, or no YAML from some place on. Around
        // what nobody asks for there may be more places, but no more masks.
        walk.reach = Reach::Wanted;
        walk.budget = Budget::of_document(text);
        match walk.over(&tree) {
            Ok(()) | Err(_) => {}
        }
        walk.located.masks.extend(mask_unparsed(text));
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
    doubt: Option<Doubt>,
    children: BTreeMap<Step, Self>,
}

impl Tree {
    fn at(&mut self, path: &[Step]) -> &mut Self {
        path.iter().fold(self, |tree, step| {
            tree.children.entry(step.clone()).or_default()
        })
    }

    fn is_unknown(&self) -> bool {
        self.doubt == Some(Doubt::Unknown)
    }

    fn wants(&self, on: On) -> bool {
        self.wanted.iter().any(|at| at.on == on)
    }
}

/// What the parser read where a failure was raised on purpose.
#[derive(Debug, Default, PartialEq, Eq)]
enum Failed {
    #[default]
    Word,
    Tagged,
    Text(String),
    /// No failure: a list or map was skipped, to be masked from its key on.
    Collection,
}

impl Failed {
    fn content(&self) -> Content<'_> {
        match self {
            Self::Word | Self::Collection => Content::Word,
            Self::Tagged => Content::Tagged,
            Self::Text(text) => Content::Text(text),
        }
    }
}

struct Walk<'t> {
    text: &'t str,
    lines: Lines,
    located: Located,
    /// What stands at the last deliberate failure.
    failed_at: Failed,
    reach: Reach,
    /// What may still be walked through: aliases repeat for two bytes each.
    budget: Budget,
}

/// How much of a document is walked through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All of it, to find what must not be shown.
    Everything,
    /// The way to the places asked for. What lies beside it is skipped, aliases
    /// too.
    Wanted,
}

impl Walk<'_> {
    fn over(&mut self, tree: &Tree) -> Result<(), serde_yaml::Error> {
        let text = self.text;
        let node = NodeSeed {
            walk: self,
            tree: Some(tree),
            mask: Mask::Nothing,
        };
        node.deserialize(serde_yaml::Deserializer::from_str(text))
    }

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
    /// A URL: user-info and parameters.
    Url,
    /// A map: the values of names that look like a secret's.
    Variables,
    /// All of it, gone through for the places in it. A reference is no secret,
    /// but what is written for one may be.
    Token,
    /// All of it: nobody knows what stands behind an unknown key.
    Everything,
}

impl Mask {
    /// What must not be shown of the value of a known key.
    fn below(self, key: &str) -> Self {
        match key {
            "token" => Self::Token,
            _ if self == Self::Token => Self::Token,
            _ if self == Self::Variables && looks_secret(key) => Self::Token,
            "vars" => Self::Variables,
            "url" | "autologin_token_url" | "autologin_hosts" => Self::Url,
            _ => Self::Nothing,
        }
    }

    fn hides(self, shape: Shape<'_>) -> bool {
        match self {
            Self::Nothing | Self::Variables => false,
            Self::Url => matches!(shape, Shape::Text(text) if !secret_parts(text).is_empty()),
            Self::Token | Self::Everything => true,
        }
    }
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
        let is_on_the_way = |t: &Tree| t.wants(On::Value) || !t.children.is_empty();
        if self.walk.reach == Reach::Wanted && !self.tree.is_some_and(is_on_the_way) {
            return serde::Deserialize::deserialize(from).map(|IgnoredAny| ());
        }
        look(from, self)
    }
}

impl<'de> Look<'de> for NodeSeed<'_, '_, '_> {
    type Value = ();

    fn other<E: Error>(self, shape: Shape<'_>) -> Result<(), E> {
        if let Shape::Text(text) = shape {
            self.walk.budget.spend(text.len())?;
        }
        let failed = match shape {
            // They were walked through, and are placed at their key.
            Shape::List | Shape::Map => return Ok(()),
            Shape::Tag => Failed::Tagged,
            Shape::Text(text) => Failed::Text(text.to_owned()),
            Shape::Null | Shape::Bool(_) | Shape::Number(_) => Failed::Word,
        };
        if self.mask.hides(shape) || self.tree.is_some_and(|t| t.wants(On::Value)) {
            self.walk.failed_at = failed;
            return Err(E::custom(HERE));
        }
        Ok(())
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { walk, tree, mask } = self;
        if matches!(mask, Mask::Token | Mask::Everything) {
            walk.failed_at = Failed::Collection;
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
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
        if mask == Mask::Everything {
            walk.failed_at = Failed::Collection;
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        // How often each key that is asked for has come.
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            let (key, key_span) = match map.next_key_seed(KeySeed {
                walk: &mut *walk,
                tree,
            }) {
                Ok(None) => return Ok(()),
                Ok(Some(key)) => (key, None),
                Err(error) => {
                    let failed = std::mem::take(&mut walk.failed_at);
                    let (Some(start), Failed::Text(key)) = (walk.position(&error), failed) else {
                        return Err(error);
                    };
                    let end = node_end(walk.text, start, Content::Text(&key));
                    (key, Some(start..end))
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
            let is_unknown = child.is_some_and(Tree::is_unknown);
            let mask = if is_unknown {
                Mask::Everything
            } else {
                mask.below(&key)
            };
            if let Some(span) = &key_span {
                walk.record(child, On::Key, span);
                // Until the value shows a place of its own.
                walk.record(child, On::Value, span);
                if is_unknown && leading_word(&key) != key {
                    let quote = usize::from(walk.text.get(span.clone()).is_some_and(is_quoted));
                    let shown = quote + leading_word(&key).len();
                    walk.located.masks.push(span.start + shown..span.end);
                }
            }
            let seed = NodeSeed {
                walk: &mut *walk,
                tree: child,
                mask,
            };
            match map.next_value_seed(seed) {
                Ok(()) => {
                    // A token that did not fail is a map.
                    let is_collection = walk.failed_at == Failed::Collection || mask == Mask::Token;
                    walk.failed_at = Failed::Word;
                    if let (true, Some(key)) = (is_collection, &key_span) {
                        let hidden = collection(walk.text, key.end);
                        walk.located.masks.push(hidden);
                    }
                }
                Err(error) => {
                    let start = walk.position(&error).ok_or(error)?;
                    take_value(walk, child, mask, start);
                }
            }
        }
    }
}

fn is_quoted(node: &str) -> bool {
    node.starts_with(['"', '\''])
}

fn take_value(walk: &mut Walk<'_>, tree: Option<&Tree>, mask: Mask, start: usize) {
    let failed = std::mem::take(&mut walk.failed_at);
    let span = start..node_end(walk.text, start, failed.content());
    walk.record(tree, On::Value, &span);
    let end = secret_end(walk.text, start, failed.content());
    let written = walk.text.get(start..end).unwrap_or_default();
    let is_misplaced = tree.is_some_and(|t| t.doubt == Some(Doubt::Misplaced));
    let masks = &mut walk.located.masks;
    match (mask, &failed) {
        (Mask::Token, Failed::Word) if written.trim().is_empty() => {
            masks.push(continuation(walk.text, start));
        }
        (Mask::Token | Mask::Everything, _) => masks.push(start..end),
        (Mask::Url, Failed::Text(url)) if !secret_parts(url).is_empty() => {
            // In escapes or over several lines it is not to be found again.
            let is_plain = written.contains(url.as_str());
            let from = if is_plain {
                secret_parts(written)
            } else {
                Vec::new()
            };
            let from = from.first().map_or(0, |part| part.start);
            masks.push(start + from..end);
        }
        (_, Failed::Text(_)) if is_misplaced => {
            masks.push(start + shown_length(written)..end);
        }
        _ => {}
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
        self.walk.budget.spend(ENTRY + key.len())?;
        let is_child = |step: &Step| matches!(step, Step::Key { name, .. } if name == key);
        // The steps of one name stand side by side, the first has `nth` 0.
        let from = Step::key(key);
        let is_wanted = self
            .tree
            .and_then(|t| t.children.range(from..).next())
            .is_some_and(|(step, _)| is_child(step));
        // A token is masked wherever it stands, from its key on.
        let is_masked = key == "token" && self.walk.reach == Reach::Everything;
        if is_wanted || is_masked {
            self.walk.failed_at = Failed::Text(key.to_owned());
            return Err(E::custom(HERE));
        }
        Ok(key.to_owned())
    }
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

    #[track_caller]
    fn check_masks(text: &str, doubted: &[(&[&str], Doubt)], expect: &[&str]) {
        let doubted: Vec<_> = doubted
            .iter()
            .map(|(path, doubt)| (At::value(0, path), *doubt))
            .collect();
        let wanted: Vec<At> = doubted.iter().map(|(at, _)| at.clone()).collect();
        let located = locate(text, &wanted, &doubted);
        let masked = located.masks.iter().map(|m| &text[m.clone()]);
        let masked: Vec<_> = masked.filter(|m| !m.is_empty()).collect();
        assert_eq!(masked, expect, "{text:?}");
    }

    #[test]
    fn tokens_and_values_of_unknown_keys_are_masked() {
        check_masks(
            "u: { token: s3cret, x: 1 }\ntoken: |\n  two\n  lines\ntokn: other\n",
            &[(&["tokn"], Doubt::Unknown)],
            &["s3cret", "|\n  two\n  lines", "other"],
        );
    }

    #[test]
    fn a_token_is_masked_with_all_that_is_nested_in_it() {
        check_masks(
            "a: { token: { secret: { v: s3cret } }, b: 1 }\n",
            &[],
            &["s3cret", "{ secret: { v: s3cret } }"],
        );
        check_masks(
            "token:\n  secret: [s3cret]\nb: 1\n",
            &[],
            &[":\n  secret: [s3cret]"],
        );
        check_masks("token:\ns3cret:\nlabel: x\n", &[], &["s3cret:"]);
        check_masks("token:\nlabel: x\n", &[], &[]);
    }

    #[test]
    fn variables_with_the_name_of_a_secret_are_masked() {
        let text = "vars: { api_key: s3cret, plan: gold, PWD: 1 }\nkey: shown\n";
        check_masks(text, &[], &["s3cret", "1"]);
    }

    #[test]
    fn secrets_in_urls_are_masked() {
        let text = "url: https://a.example/?s3cret x\nautologin_token_url: 'https://u:p@a.example/'\nlabel: a?b@c\n";
        check_masks(text, &[], &["s3cret x", "u:p@a.example/'"]);
        check_masks(
            "url: \"https://a.example/\\x3fs3cret\"\n",
            &[],
            &["\"https://a.example/\\x3fs3cret\""],
        );
        check_masks("url: https://a.example/\n", &[], &[]);
    }

    #[test]
    fn a_text_in_the_place_of_a_map_is_shown_to_its_first_secret_word() {
        let check = |value: &str, expect: &[&str]| {
            check_masks(
                &format!("A: {value}\n"),
                &[(&["A"], Doubt::Misplaced)],
                expect,
            );
        };
        check("absnt", &[]);
        check("x token=s3cret", &["token=s3cret"]);
        check("0123456789abcdefghij", &["ghij"]);
        check("12", &[]);
    }
}

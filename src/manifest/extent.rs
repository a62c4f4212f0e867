//! How far a node reaches in the text, from the byte where the parser says it
//! starts: for underlining it, and for hiding all of it. Not a parser: it is
//! only asked about text that was parsed.

use std::ops::Range;

/// What the parser read at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content<'c> {
    /// A text, as it was understood: folded, unescaped.
    Text(&'c str),
    /// A number, a boolean, or nothing: one word.
    Word,
    /// Anything behind a YAML tag.
    Tagged,
}

/// Where the underline of a node ends: a block text is underlined on its first
/// line, and what stands there is never nothing.
pub(super) fn node_end(text: &str, start: usize, content: Content<'_>) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let offset = properties_length(rest);
    let node = rest.get(offset..).unwrap_or_default();
    let length = match (node.chars().next(), content) {
        (Some(quote @ ('\'' | '"')), _) => quoted_length(node, quote),
        (Some('|' | '>'), _) | (_, Content::Tagged) => {
            // Behind a tag there may be nothing, and the next node is another.
            return start + line_length(rest).max(first_length(rest));
        }
        (_, Content::Text(content)) => plain_length(node, content),
        (_, Content::Word) => word_length(node),
    };
    start + (offset + length).max(first_length(rest))
}

fn first_length(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}

/// Where what must not be shown ends: rather too far than not far enough.
pub(super) fn secret_end(text: &str, start: usize, content: Content<'_>) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let offset = properties_length(rest);
    let node = rest.get(offset..).unwrap_or_default();
    let length = match (node.chars().next(), content) {
        (Some(quote @ ('\'' | '"')), _) => quoted_length(node, quote),
        (Some('|' | '>'), _) | (_, Content::Tagged) => {
            return start + deeper_length(text, start);
        }
        (_, Content::Text(content)) => plain_length(node, content),
        (_, Content::Word) => word_length(node),
    };
    start + offset + length
}

/// The list or map that stands behind a key, from the key's end on.
pub(super) fn collection(text: &str, key_end: usize) -> Range<usize> {
    let rest = text.get(key_end..).unwrap_or_default();
    let is_between = |c: char| c == ':' || c.is_whitespace();
    let start = key_end + rest.len() - rest.trim_start_matches(is_between).len();
    let rest = text.get(start..).unwrap_or_default();
    let offset = properties_length(rest);
    let node = rest.get(offset..).unwrap_or_default();
    if node.starts_with(['[', '{']) {
        start..start + offset + bracketed_length(node)
    } else {
        key_end..key_end + deeper_length(text, key_end)
    }
}

/// A list or map in brackets, to the bracket that closes it.
fn bracketed_length(node: &str) -> usize {
    let mut depth = 0_usize;
    let mut skip_until = 0;
    for (at, c) in node.char_indices() {
        if at < skip_until {
            continue;
        }
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '\'' | '"' => {
                let quoted = node.get(at..).unwrap_or_default();
                skip_until = at + quoted_length(quoted, c);
            }
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    node.len()
}

/// Anchors and tags before a node.
fn properties_length(rest: &str) -> usize {
    let mut offset = 0;
    while let Some(rest) = rest.get(offset..).filter(|r| r.starts_with(['&', '!'])) {
        let word = word_length(rest);
        let space = rest.get(word..).unwrap_or_default();
        offset += word + (space.len() - space.trim_start().len());
    }
    offset
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

fn word_length(rest: &str) -> usize {
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}');
    rest.find(is_end).unwrap_or(rest.len())
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

/// A plain text means what is written, but for white space, which folds. So
/// its end is where the last of its characters stands, however many lines it
/// takes and whatever brackets it stands in.
fn plain_length(rest: &str, content: &str) -> usize {
    let mut wanted = content.chars().filter(|c| !c.is_whitespace()).peekable();
    let mut end = 0;
    for (at, c) in rest.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        if wanted.next_if_eq(&c).is_none() {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// The rest of the line that a byte stands on, and all lines that belong to it
/// by their indentation.
fn deeper_length(text: &str, start: usize) -> usize {
    let line_start = text
        .get(..start)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |at| at + 1);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let base = indent(text.get(line_start..).unwrap_or_default());
    let rest = text.get(start..).unwrap_or_default();
    let mut length = 0;
    for (nth, line) in rest.split_inclusive('\n').enumerate() {
        // A list may stand as far left as its key.
        let is_item = indent(line) == base && line.trim_start().starts_with('-');
        let is_deeper = indent(line) > base || line.trim().is_empty();
        if nth > 0 && !is_deeper && !is_item {
            break;
        }
        length += line.len();
    }
    rest.get(..length)
        .unwrap_or(rest)
        .trim_end_matches('\n')
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, from: &str, content: Content<'_>, node: &str, secret: &str) {
        let start = text.find(from).unwrap();
        let end = node_end(text, start, content);
        assert_eq!(&text[start..end], node, "the node in {text:?}");
        let end = secret_end(text, start, content);
        assert_eq!(&text[start..end], secret, "the secret in {text:?}");
    }

    #[test]
    fn a_node_ends_where_its_last_character_stands() {
        let plain = |text, from, content, node| {
            check(text, from, Content::Text(content), node, node);
        };
        plain("a: { b: one, c: two }", "one", "one", "one");
        plain("a: one two # no", "one", "one two", "one two");
        plain("a: { b: s3\n cret, c }", "s3", "s3 cret", "s3\n cret");
        plain("a: &x \"q, r: s\", c", "&x", "q, r: s", "&x \"q, r: s\"");
        plain("a: 'it''s' b", "'it", "it's", "'it''s'");
        check("a: 12, b", "12", Content::Word, "12", "12");
        check("a:\n  b", "\n", Content::Word, "\n", "");
    }

    #[test]
    fn a_block_is_underlined_on_its_first_line_and_hidden_whole() {
        let text = "a: |\n  one\n\n  two\nb: c\n";
        let content = Content::Text("one\n\ntwo\n");
        check(text, "|", content, "|", "|\n  one\n\n  two");
        let text = "a: !\nb: c\n";
        check(text, "!", Content::Tagged, "!", "!");
        let text = "a: !x s3cret\n  more\nb: c\n";
        let (node, secret) = ("!x s3cret", "!x s3cret\n  more");
        check(text, "!x", Content::Tagged, node, secret);
    }
}

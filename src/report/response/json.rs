//! Answers as JSON: without blanks, or indented as `cPanel`'s own writer does.

use super::node::Node;
use crate::report::json::Plain;
use serde::Serialize as _;

/// On one line, with its end.
pub(super) fn compact(node: &Node) -> String {
    let mut out = String::new();
    write(node, None, &mut out);
    out.push('\n');
    out
}

/// On a line each, three spaces a level.
pub(super) fn pretty(node: &Node) -> String {
    let mut out = String::new();
    write(node, Some(0), &mut out);
    out.push('\n');
    out
}

/// Writes a value; `depth` is how deep it stands, where lines are indented.
fn write(node: &Node, depth: Option<usize>, out: &mut String) {
    match node {
        Node::Text(text) => out.push_str(&quoted(text)),
        Node::Plain(text) => out.push_str(text),
        Node::List(items) => {
            let items = items.iter().map(|item| (None, item));
            write_all(('[', ']'), items, depth, out);
        }
        Node::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (Some(key), value));
            write_all(('{', '}'), entries, depth, out);
        }
    }
}

fn write_all<'n>(
    (open, close): (char, char),
    entries: impl ExactSizeIterator<Item = (Option<&'n String>, &'n Node)>,
    depth: Option<usize>,
    out: &mut String,
) {
    out.push(open);
    let is_empty = entries.len() == 0;
    let inner = depth.map(|depth| depth + 1);
    for (n, (key, value)) in entries.enumerate() {
        if n > 0 {
            out.push(',');
        }
        new_line(inner, out);
        if let Some(key) = key {
            out.push_str(&quoted(key));
            out.push_str(if depth.is_some() { " : " } else { ":" });
        }
        write(value, inner, out);
    }
    if !is_empty {
        new_line(depth, out);
    }
    out.push(close);
}

fn new_line(depth: Option<usize>, out: &mut String) {
    if let Some(depth) = depth {
        out.push('\n');
        out.push_str(&"   ".repeat(depth));
    }
}

/// A text between quotes, with what could deceive or command escaped.
fn quoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len() + 2);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Plain);
    // A text always can be written to memory.
    text.serialize(&mut serializer).ok();
    String::from_utf8(bytes).unwrap_or_else(|_| "\"\"".to_owned())
}

//! Answers as YAML. Texts are on one line each, plain or between double
//! quotes, so that no text begins a line of its own.

use super::node::Node;
use crate::import::yaml_text;

/// A document, with its beginning and its end.
pub(super) fn document(node: &Node) -> String {
    let mut out = "---".to_owned();
    write(node, 0, &mut out);
    out.push('\n');
    out
}

/// Writes a value behind what it belongs to: a map or a list on lines of their
/// own, all else on the same line.
fn write(node: &Node, depth: usize, out: &mut String) {
    match node {
        Node::Text(text) => {
            out.push(' ');
            out.push_str(&yaml_text(text));
        }
        Node::Plain(text) => {
            out.push(' ');
            out.push_str(text);
        }
        Node::List(items) if items.is_empty() => out.push_str(" []"),
        Node::Map(entries) if entries.is_empty() => out.push_str(" {}"),
        Node::List(items) => {
            for item in items {
                new_line(depth, out);
                out.push('-');
                match item {
                    Node::Map(entries) if !entries.is_empty() => {
                        out.push(' ');
                        write_entries(entries, depth + 1, out);
                    }
                    Node::Map(_) | Node::List(_) | Node::Text(_) | Node::Plain(_) => {
                        write(item, depth + 1, out);
                    }
                }
            }
        }
        Node::Map(entries) => {
            new_line(depth, out);
            write_entries(entries, depth, out);
        }
    }
}

/// Longest key, in bytes, that is one without a mark before it: readers look no
/// further than 1,024 characters for what ends one.
const LONGEST_KEY: usize = 1000;

/// Writes the entries of a map, the first where the line stands now.
fn write_entries(entries: &[(String, Node)], depth: usize, out: &mut String) {
    for (n, (key, value)) in entries.iter().enumerate() {
        if n > 0 {
            new_line(depth, out);
        }
        let key = yaml_text(key);
        if key.len() > LONGEST_KEY {
            out.extend(["? ", &*key]);
            new_line(depth, out);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        write(value, depth + 1, out);
    }
}

fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

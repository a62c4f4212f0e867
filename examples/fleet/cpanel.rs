//! Files as `cPanel` writes them (`JSON::XS`, pretty and not canonical): the
//! keys in another order each time, numbers now and then where ours are texts,
//! a userconfig without `app` and `user` and with a `hide` that says nothing.
//! Made of the bytes of our own codec, so that what they mean is the same.

use super::dice::Dice;
use cplinks::model::FileKind;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Values that are integers, though the files have them as texts.
const NUMBERS: [&str; 6] = [
    "order",
    "hide",
    "itemorder",
    "grouporder",
    "width",
    "height",
];

/// Writes a file anew.
pub(super) fn rewrite(bytes: &[u8], kind: FileKind, dice: &mut Dice) -> Vec<u8> {
    let mut text = String::new();
    match serde_json::from_slice(bytes).unwrap() {
        Value::Object(mut object) => {
            if kind == FileKind::Userconfig && object.contains_key("app") {
                object.retain(|key, _| key != "app" && key != "user");
                object.entry("hide").or_insert_with(|| "0".into());
            }
            render(object, "", dice, &mut text);
        }
        Value::Array(entries) => {
            text.push_str("[\n   ");
            for entry in entries {
                let Value::Object(object) = entry else {
                    panic!("a menu entry is an object");
                };
                render(object, "   ", dice, &mut text);
            }
            text.push_str("\n]");
        }
        other => panic!("no file holds {other}"),
    }
    text.push('\n');
    text.into_bytes()
}

fn render(object: Map<String, Value>, indent: &str, dice: &mut Dice, text: &mut String) {
    let mut entries: Vec<_> = object.into_iter().collect();
    dice.shuffle(&mut entries);
    let mut separator = "{";
    for (key, value) in entries {
        let value = match value.as_str().and_then(|text| text.parse::<i64>().ok()) {
            Some(number) if NUMBERS.contains(&key.as_str()) && dice.below(2) == 0 => number.into(),
            Some(_) | None => value,
        };
        write!(
            text,
            "{separator}\n{indent}   {} : {value}",
            Value::from(key)
        )
        .unwrap();
        separator = ",";
    }
    write!(text, "\n{indent}}}").unwrap();
}

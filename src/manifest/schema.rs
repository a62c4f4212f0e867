//! The JSON Schemas of manifest and policy, for editors, put together from the wire
//! types' own definitions. It may accept more than the reader (it sees no
//! templates, no layers and no second file), never less: a test holds that.

use super::wire::{ManifestFile, PolicyFile};
use crate::plan::Unlisted;
use serde_json::{Map, Value, json};

/// App names and group ids (`cpanel-links.md` 1.6).
pub(super) const WORD: &str = "^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$";
/// Account names.
pub(super) const USER: &str = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$";
/// Template variables.
pub(super) const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// The schema of manifests, as pretty JSON with a final newline.
pub fn schema() -> String {
    titled("cplinks manifest, version 1", ManifestFile::schema())
}

/// The schema of a host's policy, in the same form.
pub fn policy_schema() -> String {
    titled("cplinks host policy", PolicyFile::schema())
}

fn titled(title: &str, file: Value) -> String {
    let mut schema = Map::new();
    for (key, value) in [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", title),
    ] {
        schema.insert(key.to_owned(), Value::from(value));
    }
    if let Value::Object(object) = file {
        schema.extend(object);
    }
    format!("{:#}\n", Value::Object(schema))
}

/// A map with known keys.
pub(super) fn object<const N: usize>(
    doc: &str,
    required: &[&str],
    keys: [(&str, &str, Value); N],
) -> Value {
    let mut properties = Map::new();
    for (name, doc, mut schema) in keys {
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), Value::from(doc.trim()));
        }
        properties.insert(name.to_owned(), schema);
    }
    json!({
        "description": doc.trim(),
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

/// A map from names to one kind of value.
pub(super) fn entries(names: &str, values: &Value) -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": names },
        "additionalProperties": values,
    })
}

/// The same, or `null`.
pub(super) fn nullable(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// Text, however an editor's YAML reader would type it.
pub(super) fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

pub(super) fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

pub(super) fn version() -> Value {
    json!({ "enum": [1, "1"] })
}

pub(super) fn switch() -> Value {
    json!({ "enum": [true, false, 0, 1] })
}

pub(super) fn percent() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{1,3} ?%$" })
}

pub(super) fn unlisted() -> Value {
    json!({ "enum": Unlisted::ALL.map(|(name, _)| name) })
}

pub(super) fn order(least: i64) -> Value {
    json!({ "anyOf": [
        { "type": "integer", "minimum": least, "maximum": 99999 },
        { "type": "string", "pattern": "^-?[0-9]+$" },
    ] })
}

/// A token: a text, or exactly one reference.
pub(super) fn token(mut reference: Value) -> Value {
    if let Some(reference) = reference.as_object_mut() {
        reference.insert("minProperties".to_owned(), Value::from(1));
        reference.insert("maxProperties".to_owned(), Value::from(1));
    }
    json!({ "anyOf": [{ "type": "string" }, reference] })
}

/// A link's fields, or `absent`.
pub(super) fn link(fields: &Value) -> Value {
    json!({ "anyOf": [{ "const": "absent" }, fields] })
}

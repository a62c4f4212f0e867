//! Answers of WHM's API as `whmapi1` writes them: `data` and `metadata`, as
//! JSON on one line or on many, or as YAML. Whatever a text holds, it is read
//! back as it was, stays in its line, and is no command of a pipeline.

mod json;
mod node;
mod yaml;

use crate::model::{AppName, GroupId};
use crate::whm::api::{Data, Response};
use node::Node;
use std::io::{self, Write};

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseForm {
    /// JSON on one line.
    Json,
    /// JSON on a line each.
    JsonPretty,
    /// YAML.
    Yaml,
}

/// Writes an answer.
///
/// # Errors
/// Those of `out`.
pub fn response(response: &Response, form: ResponseForm, out: &mut dyn Write) -> io::Result<()> {
    let node = envelope(response);
    let text = match form {
        ResponseForm::Json => json::compact(&node),
        ResponseForm::JsonPretty => json::pretty(&node),
        ResponseForm::Yaml => yaml::document(&node),
    };
    out.write_all(text.as_bytes())
}

fn envelope(response: &Response) -> Node {
    let (result, reason, data) = match &response.outcome {
        Ok(data) => ("1", "OK", data_node(data)),
        Err(reason) => ("0", reason.as_str(), None),
    };
    let metadata = vec![
        (
            "command".to_owned(),
            Node::text(&response.command.to_string()),
        ),
        ("reason".to_owned(), Node::text(reason)),
        ("result".to_owned(), Node::Plain(result.to_owned())),
        ("version".to_owned(), Node::Plain("1".to_owned())),
    ];
    let data = data.map(|data| ("data".to_owned(), data));
    let metadata = ("metadata".to_owned(), Node::Map(metadata));
    Node::Map(data.into_iter().chain([metadata]).collect())
}

fn data_node(data: &Data) -> Option<Node> {
    let links = |key: &str, names: Vec<&str>| {
        let names = names
            .into_iter()
            .map(|name| Node::Map(vec![(key.to_owned(), Node::text(name))]));
        Node::Map(vec![("links".to_owned(), Node::List(names.collect()))])
    };
    match data {
        Data::Omitted => None,
        Data::Null => Some(Node::Plain("null".to_owned())),
        Data::Links(apps) => Some(links("app", apps.iter().map(AppName::as_str).collect())),
        // The API calls both `links`.
        Data::Groups(ids) => Some(links("group", ids.iter().map(GroupId::as_str).collect())),
        Data::UserConfig(keys) => {
            let keys = keys.iter();
            let keys = keys.map(|(key, raw)| (key.clone(), Node::of_json(raw)));
            let config = Node::Map(keys.collect());
            Some(Node::Map(vec![("userconfig".to_owned(), config)]))
        }
    }
}

#[cfg(test)]
mod tests;

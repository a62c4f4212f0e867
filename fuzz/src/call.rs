//! The arguments of `call`: the function, then `NAME=VALUE`. A value that
//! begins with `@` stands for one that was read, and every token for a secret
//! one. The answer reads back in every form, and no token is in it.

use crate::{shown, texts, world};
use cplinks::model::{Function, Secret};
use cplinks::plan::Owned;
use cplinks::report::{ResponseForm, response};
use cplinks::whm::api::{Bounds, Data, Parameter, Request, Response, Value};
use std::collections::BTreeMap;

/// Reads the arguments, and plans and answers what they ask for.
pub fn check(data: &[u8]) {
    let mut texts = texts(data);
    let function = texts.next().unwrap_or_default();
    let parameters: Vec<(String, Value)> = texts.map(|text| parameter(&text)).collect();
    for host in world::hosts() {
        let parsed = match Request::parse(&function, parameters.clone(), host) {
            Ok(parsed) => parsed,
            Err(refused) => {
                let called = cplinks::whm::api::Called::new(&function);
                let answer = Response::refused(called, refused.to_string());
                answers(&answer, Some(&refused.to_string()));
                continue;
            }
        };
        for warning in &parsed.warnings {
            assert!(!warning.message.contains(world::CANARY));
        }
        assert_eq!(Function::parse(&function), Some(parsed.request.function()));
        let user = parsed.request.user().clone();
        let nothing = world::actual(&user, BTreeMap::new(), BTreeMap::new());
        match &parsed.request {
            Request::Change(wish) => {
                let bounds = Bounds {
                    host: host.clone(),
                    ..Bounds::default()
                };
                match wish.plan(&nothing, &Owned::default(), &bounds) {
                    Ok(plan) => {
                        assert!(plan.changes.len() <= 1, "{:?}", plan.changes);
                        let data = Data::of_change(&wish.call);
                        answers(&Response::done(wish.call.function(), data), None);
                    }
                    Err(refused) => {
                        let why = refused.to_string();
                        answers(
                            &Response::refused(wish.call.function(), why.clone()),
                            Some(&why),
                        );
                    }
                }
            }
            Request::ListLinks(_) => {
                let data = Data::of_links(&nothing).expect("the account is there");
                answers(&Response::done(Function::ListLinks, data), None);
            }
            Request::ListGroups(_) => {
                let data = Data::of_groups(&nothing).expect("the account is there");
                answers(&Response::done(Function::ListGroups, data), None);
            }
            Request::Get(address) => assert_eq!(address.user(), &user),
        }
    }
}

fn parameter(text: &str) -> (String, Value) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let value = match value.strip_prefix('@') {
        _ if name == Parameter::Token.name() && !value.starts_with('!') => {
            Value::Secret(Secret::new(format!("{}{value}", world::CANARY)))
        }
        // Anything that was read may be a token that stands in a wrong place.
        Some(read) if read.starts_with('!') => Value::Read(format!("{}{read}", world::CANARY)),
        Some(read) => Value::Read(read.to_owned()),
        None => Value::Text(value.to_owned()),
    };
    (name.to_owned(), value)
}

/// Each form of an answer is what it should be, and says the reason.
fn answers(answer: &Response, reason: Option<&str>) {
    for form in [
        ResponseForm::Json,
        ResponseForm::JsonPretty,
        ResponseForm::Yaml,
    ] {
        let mut out = Vec::new();
        response(answer, form, &mut out).expect("there is room");
        let text = String::from_utf8(out).expect("it is text");
        assert!(!text.contains(world::CANARY), "{text}");
        shown::no_command(&text);
        let read = match form {
            ResponseForm::Json | ResponseForm::JsonPretty => shown::json(&text),
            ResponseForm::Yaml => serde_yaml::from_str(&text).expect("it is YAML"),
        };
        let expect = reason.unwrap_or("OK");
        assert_eq!(read["metadata"]["reason"].as_str(), Some(expect), "{text}");
        assert_eq!(
            read["metadata"]["command"].as_str(),
            Some(answer.command.to_string().as_str())
        );
    }
}

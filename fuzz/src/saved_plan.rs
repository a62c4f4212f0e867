//! A saved plan, held against the plan that is made now. Only a file that has
//! just its changes is taken for it; whatever else moved is told in a line
//! each.
//!
//! An input that is no JSON is a list of edits of the plan that is right:
//! `POINTER=JSON`, or `POINTER` alone, which takes something out; with one more
//! `/` in front it stands there twice.

use crate::{shown, texts, world};
use cplinks::model::{
    DesiredLink, DesiredToken, DesiredUser, Group, Link, Order, Secret, TokenRef, Wanted,
};
use cplinks::plan::{
    AppRules, Intent, Limits, Owned, Plan, Policy, Scope, UnknownTokens, Unlisted,
};
use cplinks::report::{self, Approved, escaped};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A plan with a change of every kind, and the file that it is saved in.
static PLAN: LazyLock<(Plan, String)> = LazyLock::new(|| {
    let plan = plan();
    let mut saved = Vec::new();
    let digest = plan.digest(Intent::Manifest(Unlisted::RemoveOwned), &Scope::default());
    let header = cplinks::report::Header {
        digest: Some(digest),
        ..world::header("/var/cpanel/integration", Vec::new())
    };
    report::json(&plan, &header, &mut saved).expect("there is room");
    (plan, String::from_utf8(saved).expect("it is text"))
});

/// Reads the saved plan, and compares.
pub fn check(data: &[u8]) {
    let (plan, right) = &*PLAN;
    check_file(data, plan, right);
    if !data.starts_with(b"{") {
        let mut edited: Value = serde_json::from_str(right).expect("it is JSON");
        for edit in texts(data) {
            apply(&mut edited, &edit);
        }
        check_file(edited.to_string().as_bytes(), plan, right);
    }
}

fn check_file(bytes: &[u8], plan: &Plan, right: &str) {
    let approved = match Approved::parse(bytes) {
        Ok(approved) => approved,
        Err(error) => {
            shown::terminal(&escaped(&error.to_string()));
            return;
        }
    };
    let moved = approved.moved(plan);
    for line in &moved {
        shown::terminal(&escaped(line));
    }
    let right: Value = serde_json::from_str(right).expect("it is JSON");
    let read: Value = serde_json::from_slice(bytes).expect("what was read is JSON");
    assert_eq!(
        moved.is_empty(),
        changes(&read) == changes(&right),
        "{moved:?}"
    );
}

/// What is compared, of every change that a digest is of: nothing of tokens.
fn changes(plan: &Value) -> Vec<(String, Value, Value, Value)> {
    let actions = |change: &Value| {
        let words = ["type", "name"].map(|key| change[key].clone());
        Value::from([&words[..], &[change["change"]["actions"].clone()]].concat())
    };
    let all = plan["resource_changes"].as_array();
    let all = all.into_iter().flatten();
    let mut compared: Vec<_> = all
        .filter(|change| change["x_cplinks"]["in_digest"] == true)
        .map(|change| {
            let address = change["address"].as_str().expect("it was read as a text");
            let side = |name: &str| {
                let mut side = change["change"][name].clone();
                if let Some(fields) = side.as_object_mut() {
                    fields.remove("token");
                }
                // No side and an empty one say the same.
                if side.is_null() {
                    side = Value::Object(serde_json::Map::new());
                }
                side
            };
            let action = Value::from(vec![change["x_cplinks"]["action"].clone(), actions(change)]);
            (address.to_owned(), action, side("before"), side("after"))
        })
        .collect();
    compared.sort_by(|a, b| a.0.cmp(&b.0));
    compared
}

fn apply(plan: &mut Value, edit: &str) {
    match edit.split_once('=') {
        Some((pointer, value)) => {
            if let (Some(place), Ok(value)) =
                (plan.pointer_mut(pointer), serde_json::from_str(value))
            {
                *place = value;
            }
        }
        None => {
            // With a second `/` in front it comes twice instead.
            let pointer = edit.strip_prefix('/').filter(|rest| rest.starts_with('/'));
            let is_twice = pointer.is_some();
            let Some((folder, name)) = pointer.unwrap_or(edit).rsplit_once('/') else {
                return;
            };
            match plan.pointer_mut(folder) {
                Some(Value::Object(fields)) => {
                    fields.remove(name);
                }
                Some(Value::Array(list)) => match name.parse::<usize>() {
                    Ok(at) if at < list.len() => {
                        let item = list.remove(at);
                        if is_twice {
                            list.extend([item.clone(), item]);
                        }
                    }
                    Ok(_) | Err(_) => {}
                },
                Some(_) | None => {}
            }
        }
    }
}

fn plan() -> Plan {
    let link = |label: &str| Link {
        label: Some(label.to_owned()),
        implements: Some("billing".to_owned()),
        url: Some("https://a.example/?token=x&user=1".to_owned()),
        autologin_token_url: Some("https://a.example/sso".to_owned()),
        subscriber_unique_id: Some("0123".to_owned()),
        group_id: Some("acme".to_owned()),
        order: Some(Order::from(7)),
        ..Link::default()
    };
    let wanted = |label: &str, hide| {
        Wanted::Link(Box::new(DesiredLink {
            link: Link {
                hide,
                ..link(label)
            },
            token: DesiredToken::Known {
                reference: TokenRef::Secret("alice/A".to_owned()),
                secret: Secret::new(world::CANARY.to_owned()),
            },
        }))
    };
    let name = world::user("alice");
    let token = Secret::new("another".to_owned());
    let desired = DesiredUser {
        name: name.clone(),
        groups: BTreeMap::from([(
            world::group_id("acme"),
            Group {
                label: Some("Acme".to_owned()),
                order: Some(Order::from(1)),
            },
        )]),
        links: BTreeMap::from([
            (world::app("A"), wanted("New", false)),
            (world::app("B"), wanted("Changed", false)),
            (world::app("C"), wanted("Hidden", true)),
            (world::app("D"), Wanted::Absent),
        ]),
    };
    let there = |app: &str, label: &str| {
        let app = world::app(app);
        let files = world::written(&name, &app, &link(label), Some(&token));
        (app, files)
    };
    let links = [
        there("B", "As it was"),
        there("C", "Hidden"),
        there("D", "Gone"),
        there("E", "Unlisted"),
    ];
    let actual = world::actual(&name, BTreeMap::from(links), BTreeMap::new());
    let mut owned = Owned::default();
    for app in ["B", "C", "D", "E"] {
        owned.insert(name.clone(), world::app(app));
    }
    let policy = Policy {
        unknown_tokens: UnknownTokens::Block,
        ..Policy::of_rules(Unlisted::RemoveOwned, AppRules::default(), Limits::BUILT_IN)
    };
    let plan = Plan::between(&[desired], &[actual], &owned, &policy);
    assert_eq!(plan.changes.len(), 6);
    plan
}

/// The file that is right, to begin a corpus with.
pub fn right() -> &'static str {
    &PLAN.1
}

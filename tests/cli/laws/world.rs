//! A world: a manifest, and a root in some state. Both are written as plain
//! text by the tests themselves; nothing of the product is used.

use super::disk::{put, put_group};
use crate::support::Sandbox;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const USERS: [&str; 3] = ["ann", "bob", "c.y-1"];
pub(super) const APPS: [&str; 3] = ["A_one", "A_two", "B_three"];
pub(super) const LOGIN: &str = "https://sso.x.example/login";
/// A key nobody knows, and a value that a careless reader would change.
pub(super) const UNKNOWN: &str = r#""x_keep":1.10"#;

/// The fields of a link, in the manifest or on disk.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) label: String,
    pub(super) implements: &'static str,
    pub(super) url: String,
    /// The subscriber's id, where there is automatic log-in.
    pub(super) login: Option<String>,
    pub(super) group: Option<&'static str>,
    pub(super) order: Option<i64>,
    pub(super) hide: bool,
}

/// What the manifest says about a token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token {
    None,
    Keep,
    Secret(u8),
}

/// What the manifest says about a link.
#[derive(Debug, Clone)]
pub(super) enum Say {
    Link(Fields, Token),
    Absent,
}

/// What lies where a file should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    Absent,
    Good,
    Broken,
    Folder,
}

/// A link on disk.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    pub(super) fields: Fields,
    pub(super) token: Option<u8>,
    pub(super) u: Lies,
    pub(super) a: Lies,
    pub(super) d: Lies,
    /// Numbers and switches instead of texts, as other tools write them.
    pub(super) loose: bool,
    /// The files hold [`UNKNOWN`] too.
    pub(super) unknown: bool,
    /// Modes that none of the files should have.
    pub(super) odd_modes: bool,
}

impl Disk {
    pub(super) fn has(&self, lies: Lies) -> bool {
        [self.u, self.a, self.d].contains(&lies)
    }
}

/// One app of one user.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) say: Option<Say>,
    pub(super) disk: Option<Disk>,
}

/// A manifest and a root.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) cells: BTreeMap<(&'static str, &'static str), Cell>,
    pub(super) unlisted: &'static str,
    pub(super) ignores_b: bool,
    /// What lies of the menu group `grp`, for each user.
    pub(super) groups: [Option<(Lies, bool)>; 3],
    pub(super) folder_mode: u32,
}

/// Which way round keys are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Forth,
    Back,
}

fn map(order: Order, entries: Vec<(&str, Value)>) -> Value {
    let mut entries: Vec<_> = entries
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v))
        .collect();
    if let Order::Back = order {
        entries.reverse();
    }
    Value::Object(Map::from_iter(entries))
}

/// A token's value; every one of them begins with `canary`.
pub(super) fn token(number: u8) -> String {
    format!("canary-{number} \"\\é")
}

pub(super) fn secrets() -> String {
    let names = (0..4).map(|n| (format!("s{n}"), json!(token(n))));
    Value::Object(names.collect()).to_string()
}

impl World {
    /// The users that the manifest names.
    pub(super) fn named(&self) -> BTreeSet<&'static str> {
        let named = self.cells.iter().filter(|(_, cell)| cell.say.is_some());
        named.map(|((user, _), _)| *user).collect()
    }

    /// The manifest; JSON, which is YAML too.
    pub(super) fn manifest(&self, order: Order) -> String {
        let mut users: BTreeMap<&str, Vec<(&str, Value)>> = BTreeMap::new();
        for ((user, app), cell) in &self.cells {
            let link = match &cell.say {
                None => continue,
                Some(Say::Absent) => json!("absent"),
                Some(Say::Link(fields, token)) => link(order, fields, *token),
            };
            users.entry(user).or_default().push((app, link));
        }
        let users = users
            .into_iter()
            .map(|(user, links)| (user, map(order, vec![("links", map(order, links))])))
            .collect();
        let ignore = if self.ignores_b {
            json!(["B_*"])
        } else {
            json!([])
        };
        let settings = vec![("unlisted", json!(self.unlisted)), ("ignore", ignore)];
        let group = vec![("label", json!("Group")), ("order", json!(3))];
        let manifest = vec![
            ("version", json!(1)),
            ("settings", map(order, settings)),
            ("groups", map(order, vec![("grp", map(order, group))])),
            ("users", map(order, users)),
        ];
        serde_json::to_string_pretty(&map(order, manifest)).unwrap()
    }

    /// Writes the manifest, the secrets and the root.
    pub(super) fn sandbox(&self) -> Sandbox {
        self.fill(Sandbox::with_root())
    }

    /// The same into a sandbox with an empty root.
    pub(super) fn fill(&self, sandbox: Sandbox) -> Sandbox {
        sandbox.write("links.yaml", self.manifest(Order::Forth));
        sandbox.write("secrets.yaml", secrets());
        for ((user, app), cell) in &self.cells {
            if let Some(disk) = &cell.disk {
                put(&sandbox, user, app, disk);
            }
        }
        for (user, group) in USERS.into_iter().zip(self.groups) {
            if let Some((lies, is_same)) = group {
                put_group(&sandbox, user, lies, is_same);
            }
            for tree in ["links", "dynamicui"] {
                let folder = format!("root/{tree}/{user}");
                if sandbox.path(&folder).exists() {
                    sandbox.set_mode(&folder, self.folder_mode);
                }
            }
        }
        sandbox
    }
}

fn link(order: Order, fields: &Fields, token: Token) -> Value {
    let mut entries = vec![
        ("label", json!(fields.label)),
        ("implements", json!(fields.implements)),
        ("url", json!(fields.url)),
        ("hide", json!(fields.hide)),
    ];
    if let Some(id) = &fields.login {
        entries.push(("autologin_token_url", json!(LOGIN)));
        entries.push(("subscriber_unique_id", json!(id)));
    }
    match token {
        Token::None => {}
        Token::Keep => entries.push(("token", json!("keep"))),
        Token::Secret(number) => {
            entries.push(("token", json!({ "secret": format!("s{number}") })));
        }
    }
    if let Some(group) = fields.group {
        entries.push(("group_id", json!(group)));
    }
    if let Some(order) = fields.order {
        entries.push(("order", json!(order)));
    }
    map(order, entries)
}

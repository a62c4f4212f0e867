//! The law of what leaves the manifest under `remove-owned`: links of ours go,
//! and in the same run the groups of ours that no link names any more.

use super::disk::files;
use super::model::{Fate, fate};
use super::world::{Cell, Order, Say, USERS, World};
use super::{apply, config, plan};
use crate::support::Sandbox;
use cplinks::run::Exit;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What a new version of the manifest does to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Drops,
    TakesOutOfItsGroup,
    Keeps,
}

impl Turn {
    fn of(self, say: Option<Say>) -> Option<Say> {
        match (self, say) {
            (Self::Drops, _) => None,
            (Self::TakesOutOfItsGroup, Some(Say::Link(fields, token))) => {
                let fields = super::world::Fields {
                    group: None,
                    ..fields
                };
                Some(Say::Link(fields, token))
            }
            (Self::TakesOutOfItsGroup | Self::Keeps, say) => say,
        }
    }
}

fn gives_group(world: &World, user: &str) -> bool {
    world.cells.iter().any(|((of, _), cell)| {
        let group = match &cell.say {
            Some(Say::Link(fields, _)) => fields.group,
            Some(Say::Absent) | None => None,
        };
        *of == user && group == Some("grp")
    })
}

fn group_files(user: &str) -> [String; 2] {
    [
        format!("root/links/{user}/group_grp.userconfig"),
        format!("root/dynamicui/{user}/dynamicui_group_grp.conf"),
    ]
}

fn has_group(sandbox: &Sandbox, user: &str) -> [bool; 2] {
    group_files(user).map(|file| sandbox.path(&file).exists())
}

/// Whether a file of a link says that it is in the group, or may say so since
/// it cannot be read.
fn names_group(path: &Path, key: &str) -> bool {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Array(entries)) => entries[0][key] == "grp",
        Ok(object) => object[key] == "grp",
        Err(_) => true,
    }
}

fn is_named_on_disk(sandbox: &Sandbox, world: &World, user: &str) -> bool {
    let of_user = world.cells.keys().filter(|(of, _)| *of == user);
    of_user.into_iter().any(|(_, app)| {
        let [u, _, d] = files(user, app).map(|file| sandbox.path("root").join(file));
        names_group(&u, "group_id") || names_group(&d, "group")
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_leaves_the_manifest_goes_and_so_do_groups_that_nobody_names(
        world in super::world(),
        turns in proptest::collection::vec(
            prop::sample::select(vec![Turn::Drops, Turn::TakesOutOfItsGroup, Turn::Keeps]), 10,
        ),
    ) {
        let before = World { unlisted: "remove-owned", ..world };
        let sandbox = before.sandbox();
        apply(&sandbox, &[]);
        let mut after = before.clone();
        for (((user, _), cell), turn) in after.cells.iter_mut().zip(turns) {
            // A manifest without any link is no manifest.
            if *user != "zed" {
                cell.say = turn.of(cell.say.take());
            }
        }
        sandbox.write("links.yaml", after.manifest(Order::Forth));
        let had_group = USERS.map(|user| has_group(&sandbox, user));
        let (exit, text) = apply(&sandbox, &["--allow-user-gone", "99"]);

        for (((user, app), old), Cell { say, .. }) in before.cells.iter().zip(after.cells.values()) {
            let is_ours = fate(&before, user, app, old) == Fate::AsSaid;
            if is_ours && say.is_none() {
                for file in files(user, app) {
                    prop_assert!(!sandbox.path("root").join(&file).exists(), "{file}: {text}");
                }
            }
        }
        for (user, had_group) in USERS.into_iter().zip(had_group) {
            let expect = if gives_group(&after, user) {
                [true; 2]
            } else if gives_group(&before, user) && !is_named_on_disk(&sandbox, &after, user) {
                [false; 2]
            } else {
                had_group
            };
            prop_assert_eq!(has_group(&sandbox, user), expect, "{} in {}", user, text);
        }

        // One run was enough.
        let (done, text) = plan(&sandbox);
        prop_assert_eq!(done, Exit::Done, "{}", text);
        prop_assert!(text.contains("Plan: no changes"), "{text}");
        let once = sandbox.fingerprint();
        let (again, text) = apply(&sandbox, &[]);
        prop_assert_eq!(again, exit, "{}", text);
        prop_assert_eq!(sandbox.fingerprint(), once);
    }
}

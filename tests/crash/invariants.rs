//! What must hold at every instant, looked at from the outside: the promises
//! of the README as questions to a tree of files. Knows nothing of how an
//! apply works.

use crate::tree::Tree;
use crate::world::{Files, Item, MODES, TOKEN, TREE_MODE, USER_MODE, World};
use serde_json::Value;
use std::collections::BTreeSet;

/// Everything that is wrong with a tree, at any instant of an apply.
pub(crate) fn violations(world: &World, tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let kept: BTreeSet<&[u8]> = tree
        .ours()
        .filter_map(|(_, node)| node.bytes.as_deref())
        .collect();
    for item in &world.items {
        let live = item.in_tree(tree);
        found.extend(torn_or_lost(item, &live, &kept));
        found.extend(half_shown(item, &live));
        found.extend(foreign_pair(item, &live));
        found.extend(stranded(world, item, &live, tree));
    }
    found.extend(exposed(tree));
    found.extend(misplaced(world, tree));
    found
}

/// Links that are neither as before nor as wanted.
pub(crate) fn half_done(world: &World, tree: &Tree) -> Vec<String> {
    world
        .items
        .iter()
        .filter(|item| {
            let live = item.in_tree(tree);
            live != item.old && live != item.new
        })
        .map(|item| format!("{} is half done", item.address()))
        .collect()
}

/// Each file is old, new or absent, byte for byte; and what is no longer live
/// is kept in full.
fn torn_or_lost(item: &Item, live: &Files, kept: &BTreeSet<&[u8]>) -> Vec<String> {
    let mut found = Vec::new();
    for (index, path) in item.paths().iter().enumerate() {
        let (old, new, live) = (&item.old[index], &item.new[index], &live[index]);
        if live.is_some() && live != old && live != new {
            found.push(format!("`{path}` is neither old nor new"));
        }
        if live.is_none() && old.is_some() && old == new && !is_in_motion(item) {
            found.push(format!("`{path}` is gone, and nobody asked for that"));
        }
        if let Some(old) = old
            && live.as_ref() != Some(old)
            && !kept.contains(old.as_slice())
        {
            found.push(format!("what `{path}` held is nowhere"));
        }
    }
    found
}

/// Whether anything of it is to change: then a file that ends as it was may
/// be away for a moment.
fn is_in_motion(item: &Item) -> bool {
    item.old != item.new
}

/// What shows has its configuration and its token, unless nobody touched it.
fn half_shown(item: &Item, live: &Files) -> Vec<String> {
    let is_group = item.name.starts_with("group_");
    let [config, token, Some(menu)] = live else {
        return Vec::new();
    };
    if is_group || live == &item.old || !shows(menu) {
        return Vec::new();
    }
    [("configuration", config), ("token", token)]
        .into_iter()
        .filter(|(_, bytes)| object(bytes.as_deref()).is_none())
        .map(|(what, _)| format!("{} shows without its {what}", item.address()))
        .collect()
}

/// Whether the panel shows an entry; one that does not parse may.
fn shows(menu: &[u8]) -> bool {
    let entry: Option<Value> = serde_json::from_slice(menu).ok();
    entry.is_none_or(|entry| entry[0]["if"] != "0")
}

/// A token stands only beside an auto-login URL it was declared with.
fn foreign_pair(item: &Item, live: &Files) -> Option<String> {
    let found = pair(live)?;
    let declared = [pair(&item.old), pair(&item.new)];
    if declared.into_iter().flatten().any(|pair| pair == found) {
        return None;
    }
    let (url, token) = found;
    let address = item.address();
    Some(format!("{address} would post {token} to {url}"))
}

/// A link stands in no group that went.
fn stranded(world: &World, item: &Item, live: &Files, tree: &Tree) -> Option<String> {
    let id = object(live[0].as_deref())?["group_id"].as_str()?.to_owned();
    let name = format!("group_{id}");
    let mut groups = world.items.iter().filter(|other| other.user == item.user);
    let group = groups.find(|other| other.name == name)?;
    let went = group.in_tree(tree) != group.old && group.new == [None, None, None];
    went.then(|| format!("{} is in a group that went", item.address()))
}

/// The URL that a token would be posted to, and the token.
fn pair(files: &Files) -> Option<(String, String)> {
    let text = |bytes: &Option<Vec<u8>>, key: &str| {
        let object = object(bytes.as_deref())?;
        Some(object[key].as_str()?.to_owned())
    };
    Some((
        text(&files[0], "autologin_token_url")?,
        text(&files[1], "token")?,
    ))
}

fn object(bytes: Option<&[u8]>) -> Option<Value> {
    let value: Value = serde_json::from_slice(bytes?).ok()?;
    value.is_object().then_some(value)
}

/// Whatever holds a token is for root's eyes only, wherever it lies; and so is
/// our folder.
fn exposed(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, node) in &tree.0 {
        let holds_token = node.bytes.as_deref().is_some_and(has_token);
        if holds_token && node.mode & 0o177 != 0 {
            found.push(format!(
                "`{path}` holds a token with mode {:04o}",
                node.mode
            ));
        }
    }
    if let Some(work) = tree.0.get(".cplinks")
        && work.mode & 0o077 != 0
    {
        found.push(format!("`.cplinks` has mode {:04o}", work.mode));
    }
    found
}

fn has_token(bytes: &[u8]) -> bool {
    bytes
        .windows(TOKEN.len())
        .any(|window| window == TOKEN.as_bytes())
}

/// Nothing lies in the live trees but the files we know, each with its mode,
/// in folders with theirs.
fn misplaced(world: &World, tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, node) in tree.live() {
        let expected = match node.bytes {
            Some(_) => world.items.iter().find_map(|item| {
                let index = item.paths().iter().position(|known| known == path)?;
                Some(MODES[index])
            }),
            None if path.contains('/') => Some(USER_MODE),
            None => Some(TREE_MODE),
        };
        match expected {
            None => found.push(format!("`{path}` should not be there")),
            Some(mode) if mode != node.mode => {
                found.push(format!("`{path}` has mode {:04o}", node.mode));
            }
            Some(_) => {}
        }
    }
    found
}

//! Identical rows of many users as one row. A row is told from others by a
//! hash of what it would say, so that nothing but that hash, three names and
//! two numbers is kept of each, however many users there are.

use super::line::Line;
use crate::model::UserName;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How many users a folded row names.
pub(in crate::report) const NAMED: usize = 3;

/// SHA-256 and nothing shorter: a manifest from a pull request must not be
/// able to hide a change behind another one that has the same key.
pub(in crate::report) type Key = [u8; 32];

/// What a row would say, as far as folding asks.
pub(super) struct Face {
    /// Rows with the same key are one row.
    pub(super) key: Key,
    /// Its lines, where they may differ within one row.
    pub(super) slots: Vec<(&'static str, Key)>,
}

/// Rows of one or many users that say the same.
#[derive(Debug)]
pub(super) struct Fold<'p, T> {
    /// The first of them; it speaks for all.
    pub(super) first: &'p T,
    /// How many there are.
    pub(super) users: usize,
    /// The first few users.
    pub(super) named: Vec<&'p UserName>,
    slots: Vec<(&'static str, Key)>,
    /// How many rows differ from the first in the line of this name.
    pub(super) differing: BTreeMap<&'static str, usize>,
}

impl<'p, T> Fold<'p, T> {
    /// A row of its own.
    pub(super) fn single(first: &'p T, user: &'p UserName) -> Self {
        Self::new(first, user, Vec::new())
    }

    fn new(first: &'p T, user: &'p UserName, slots: Vec<(&'static str, Key)>) -> Self {
        Self {
            first,
            users: 1,
            named: vec![user],
            slots,
            differing: BTreeMap::new(),
        }
    }

    fn add(&mut self, user: &'p UserName, slots: &[(&'static str, Key)]) {
        self.users += 1;
        if self.named.len() < NAMED {
            self.named.push(user);
        }
        let ours = self.slots.iter().filter(|slot| !slots.contains(slot));
        let theirs = slots.iter().filter(|slot| !self.slots.contains(slot));
        let mut names: Vec<&str> = ours.chain(theirs).map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            *self.differing.entry(name).or_default() += 1;
        }
    }

    /// The users in words: `alice, bob, carol and 409 more`.
    pub(super) fn names(&self) -> String {
        names(&self.named, self.users)
    }
}

/// Some of so many users in words.
pub(in crate::report) fn names(named: &[&UserName], users: usize) -> String {
    let shown: Vec<&str> = named.iter().map(|user| user.as_str()).collect();
    let shown = shown.join(", ");
    match users.saturating_sub(named.len()) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Folds rows; the order is that of each fold's first row.
pub(super) fn fold<'p, T>(
    rows: impl Iterator<Item = &'p T>,
    user: impl Fn(&'p T) -> &'p UserName,
    face: impl Fn(&'p T) -> Face,
) -> Vec<Fold<'p, T>> {
    let mut folds: Vec<Fold<'p, T>> = Vec::new();
    let mut index: BTreeMap<Key, usize> = BTreeMap::new();
    for row in rows {
        let Face { key, slots } = face(row);
        match index.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(folds.len());
                folds.push(Fold::new(row, user(row), slots));
            }
            Entry::Occupied(entry) => {
                if let Some(fold) = folds.get_mut(*entry.get()) {
                    fold.add(user(row), &slots);
                }
            }
        }
    }
    folds
}

/// The key of some texts; their borders count.
pub(in crate::report) fn key<'a>(texts: impl IntoIterator<Item = &'a str>) -> Key {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

/// The keys of lines that may differ within a row.
pub(super) fn slots(lines: &[Line]) -> Vec<(&'static str, Key)> {
    lines
        .iter()
        .map(|line| (line.name, key(line.text.iter().map(String::as_str))))
        .collect()
}

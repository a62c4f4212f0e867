//! Identical rows of many users as one row. A row is told from others by a
//! hash of what it would say, so that nothing but that hash, three names and
//! two numbers is kept of each, however many users there are.

use super::line::Line;
use crate::model::{Icon, UserName};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io;

/// How many users a folded row names.
pub(in crate::report) const NAMED: usize = 3;

/// Most rows that are told apart at a time. Who reads as many by eye reads no
/// row that folding would have spared.
const MOST_FOLDS: usize = 2_000;

/// SHA-256 and nothing shorter: a manifest from a pull request must not be
/// able to hide a change behind another one that has the same key.
pub(in crate::report) type Key = [u8; 32];

/// What a row would say, as far as folding asks.
pub(super) struct Face<'p> {
    /// Rows with the same key are one row.
    pub(super) key: Key,
    /// Its lines, where they may differ within one row.
    pub(super) slots: Vec<Slot<'p>>,
}

/// What a row says in a line that may differ within it: the line's name and
/// what stands there.
pub(super) type Slot<'p> = (&'static str, Said<'p>);

/// What stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said<'p> {
    /// This text of the plan, or one of ours.
    Text(&'p str),
    /// This picture.
    Icon(&'p Icon),
    /// Something of which only the hash is kept.
    Key(Key),
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
    slots: Vec<Slot<'p>>,
    /// How many rows differ from the first in the line of this name.
    pub(super) differing: BTreeMap<&'static str, usize>,
}

impl<'p, T> Fold<'p, T> {
    /// A row of its own.
    pub(super) fn single(first: &'p T, user: &'p UserName) -> Self {
        Self::new(first, user, Vec::new())
    }

    fn new(first: &'p T, user: &'p UserName, slots: Vec<Slot<'p>>) -> Self {
        Self {
            first,
            users: 1,
            named: vec![user],
            slots,
            differing: BTreeMap::new(),
        }
    }

    fn add(&mut self, user: &'p UserName, slots: &[Slot<'p>]) {
        self.users += 1;
        if self.named.len() < NAMED {
            self.named.push(user);
        }
        // Most are the same but for a line or two.
        if self.slots == slots {
            return;
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

/// Folds rows and hands each fold on, in the order of its first row. Beyond the
/// first [`MOST_FOLDS`] that differ nothing is kept: what is like none of those
/// is handed on as it comes, so that memory does not grow with the rows.
///
/// # Errors
/// Those of `take`.
pub(super) fn fold<'p, T: 'p>(
    rows: impl Iterator<Item = &'p T> + Clone,
    user: impl Fn(&'p T) -> &'p UserName,
    face: impl Fn(&'p T) -> Face<'p>,
    mut take: impl FnMut(&Fold<'p, T>) -> io::Result<()>,
) -> io::Result<()> {
    let mut folds: Vec<Fold<'p, T>> = Vec::new();
    let mut index: BTreeMap<Key, usize> = BTreeMap::new();
    let mut is_full = false;
    for row in rows.clone() {
        let Face { key, slots } = face(row);
        if let Some(fold) = index.get(&key).and_then(|at| folds.get_mut(*at)) {
            fold.add(user(row), &slots);
        } else if folds.len() < MOST_FOLDS {
            index.insert(key, folds.len());
            folds.push(Fold::new(row, user(row), slots));
        } else {
            is_full = true;
        }
    }
    if !is_full {
        return folds.iter().try_for_each(take);
    }
    for row in rows {
        match index.get(&face(row).key).and_then(|at| folds.get(*at)) {
            Some(fold) if std::ptr::eq(fold.first, row) => take(fold)?,
            Some(_) => {}
            None => take(&Fold::single(row, user(row)))?,
        }
    }
    Ok(())
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
pub(super) fn slots<'p>(lines: &[Line]) -> Vec<Slot<'p>> {
    lines
        .iter()
        .map(|line| {
            let key = key(line.text.iter().map(String::as_str));
            (line.name, Said::Key(key))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed on of rows that say these texts, one user each.
    fn folded(texts: &[String]) -> Vec<(String, usize)> {
        let user = |number| UserName::parse(&format!("u{number}")).unwrap();
        let rows = texts.iter().enumerate();
        let rows: Vec<(UserName, &String)> = rows.map(|(at, text)| (user(at), text)).collect();
        let face = |row: &(UserName, &String)| Face {
            key: key([row.1.as_str()]),
            slots: Vec::new(),
        };
        let mut taken = Vec::new();
        let take = |fold: &Fold<'_, (UserName, &String)>| {
            taken.push((fold.first.1.clone(), fold.users));
            Ok(())
        };
        fold(rows.iter(), |row| &row.0, face, take).unwrap();
        taken
    }

    #[test]
    fn rows_beyond_the_most_are_each_their_own_and_none_is_lost() {
        let other = |number: usize| format!("other {number}");
        let mut texts: Vec<String> = (0..MOST_FOLDS).map(other).collect();
        texts.insert(5, other(0));
        assert_eq!(folded(&texts).len(), MOST_FOLDS);
        // The first two say what nothing before them does, the last what the
        // first of all does.
        texts.extend(["late", "late"].map(str::to_owned));
        texts.push(other(0));
        let folded = folded(&texts);
        assert_eq!(folded.len(), MOST_FOLDS + 2);
        assert_eq!(folded.first(), Some(&(other(0), 3)));
        assert_eq!(folded.get(1), Some(&(other(1), 1)));
        assert_eq!(
            folded[MOST_FOLDS..],
            [("late".to_owned(), 1), ("late".to_owned(), 1)]
        );
        let rows: usize = folded.iter().map(|(_, rows)| rows).sum();
        assert_eq!(rows, texts.len());
    }
}

//! The rows of a page: changes that do the same to the same app are one row,
//! and those of them that say the very same are one variant of it. How many
//! rows and variants are kept is limited, so that neither the page nor the
//! memory grows with the changes; what is not kept is counted.

use super::section::{Section, Source};
use crate::model::UserName;
use crate::report::text::fold::{self, Key, NAMED};
use std::collections::BTreeMap;

/// Most rows of one section.
const MOST_ROWS: usize = 1000;
/// Most variants of one row.
const MOST_VARIANTS: usize = 30;

/// Some users by name, and how many there are.
#[derive(Debug, Default)]
pub(super) struct Users<'p> {
    pub(super) count: usize,
    named: Vec<&'p UserName>,
}

impl<'p> Users<'p> {
    pub(super) fn add(&mut self, user: &'p UserName) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(user);
        }
    }

    /// In words: `alice, bob, carol and 409 more`.
    pub(super) fn names(&self) -> String {
        fold::names(&self.named, self.count)
    }
}

/// Changes that say the very same.
#[derive(Debug)]
pub(super) struct Variant<'p> {
    key: Key,
    /// The first of them; it speaks for all.
    pub(super) first: Source<'p>,
    pub(super) users: Users<'p>,
}

/// Changes that do the same.
#[derive(Debug)]
pub(super) struct Row<'p> {
    /// Its number on the page.
    pub(super) id: usize,
    /// The first of them.
    pub(super) first: Source<'p>,
    pub(super) users: Users<'p>,
    pub(super) variants: Vec<Variant<'p>>,
    /// Changes whose variant is not kept.
    pub(super) others: usize,
}

impl<'p> Row<'p> {
    fn new(id: usize, first: Source<'p>) -> Self {
        Self {
            id,
            first,
            users: Users::default(),
            variants: Vec::new(),
            others: 0,
        }
    }

    fn add(&mut self, source: Source<'p>, key: Key) {
        let user = source.user();
        self.users.add(user);
        if let Some(variant) = self.variants.iter_mut().find(|v| v.key == key) {
            variant.users.add(user);
        } else if self.variants.len() < MOST_VARIANTS {
            let mut users = Users::default();
            users.add(user);
            self.variants.push(Variant {
                key,
                first: source,
                users,
            });
        } else {
            self.others += 1;
        }
    }
}

/// The rows of one section.
#[derive(Debug, Default)]
pub(super) struct Rows<'p> {
    /// Those that are kept, in the order in which they were met.
    pub(super) kept: Vec<Row<'p>>,
    /// Changes of all rows, kept or not.
    pub(super) changes: usize,
    /// Changes whose row is not kept.
    pub(super) left_out: usize,
}

/// All rows by section.
#[derive(Debug, Default)]
pub(super) struct Collected<'p> {
    sections: BTreeMap<Section, Rows<'p>>,
    index: BTreeMap<Key, usize>,
    next_id: usize,
}

impl<'p> Collected<'p> {
    /// Takes one in and returns the number of its row, if that is kept.
    pub(super) fn add(&mut self, source: Source<'p>) -> Option<usize> {
        let section = source.section();
        let (shared, own) = source.keys(section);
        let rows = self.sections.entry(section).or_default();
        rows.changes += 1;
        let place = match self.index.get(&shared) {
            Some(place) => *place,
            None if rows.kept.len() < MOST_ROWS => {
                let place = rows.kept.len();
                rows.kept.push(Row::new(self.next_id, source));
                self.index.insert(shared, place);
                self.next_id += 1;
                place
            }
            None => {
                rows.left_out += 1;
                return None;
            }
        };
        let row = rows.kept.get_mut(place)?;
        row.add(source, own);
        Some(row.id)
    }

    /// The rows of a section, if there are any.
    pub(super) fn section(&self, section: Section) -> Option<&Rows<'p>> {
        self.sections.get(&section)
    }

    /// How many changes a section has.
    pub(super) fn changes(&self, section: Section) -> usize {
        self.section(section).map_or(0, |rows| rows.changes)
    }
}

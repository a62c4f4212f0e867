//! The list of bad inputs, whole: what each row is, what must come of it, which
//! input close by is accepted, and the tests that hold both. Rows that are a
//! text are held by the tables of this folder; of all others the tests are
//! named, and a test that is renamed or taken away is missed here.

mod disk;
mod manifest;
mod run;

use super::text_rows;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A row of the list.
pub(super) struct Listed {
    /// Its name in the list: the family, and a number.
    id: &'static str,
    /// What comes in.
    input: &'static str,
    /// What must come of it.
    outcome: &'static str,
    /// What is close by and accepted; empty where nothing can be.
    neighbour: &'static str,
    /// Where it is held: by rows of texts, or by tests.
    held: Held,
}

/// Where a row is held.
enum Held {
    /// By rows of the tables, each with its neighbour, and by these tests too.
    Texts(&'static [&'static str]),
    /// By these tests, as `file::name`.
    Tests(&'static [&'static str]),
}

/// A row that is text in and outcome out.
const fn texts(
    id: &'static str,
    input: &'static str,
    outcome: &'static str,
    more: &'static [&'static str],
) -> Listed {
    Listed {
        id,
        input,
        outcome,
        neighbour: "one beside each of its texts",
        held: Held::Texts(more),
    }
}

/// A row that needs a scene: a disk, another program, or a while.
const fn scene(
    id: &'static str,
    input: &'static str,
    outcome: &'static str,
    neighbour: &'static str,
    tests: &'static [&'static str],
) -> Listed {
    Listed {
        id,
        input,
        outcome,
        neighbour,
        held: Held::Tests(tests),
    }
}

fn all() -> impl Iterator<Item = &'static Listed> {
    let manifest = manifest::NAMES_AND_VALUES.iter().chain(manifest::DOCUMENTS);
    let manifest = manifest.chain(manifest::ICONS_AND_TOKENS);
    manifest.chain(run::ROWS).chain(disk::ROWS)
}

/// The rows of the list, by family.
const IDS: &[(&str, &[u32])] = &[
    ("N", &[1, 2, 3, 4, 6, 7, 8, 9, 11, 13, 14, 16]),
    ("V", &[1, 2, 3, 4, 6, 7, 9, 11, 12, 13, 14, 15]),
    ("Y", &[1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14]),
    ("I", &[1, 2, 3, 4, 6, 8]),
    ("T", &[1, 2, 3, 4, 5, 7, 8, 10, 11]),
    ("R", &[1, 3, 4, 5, 7]),
    ("F", &[1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ("K", &[1, 2, 3, 4, 6, 7, 8, 10, 11]),
    ("W", &[1, 2, 3, 4, 7, 8, 9, 10, 11]),
];

#[test]
fn every_row_of_the_list_is_held_once() {
    let listed: BTreeSet<String> = IDS
        .iter()
        .flat_map(|(family, numbers)| numbers.iter().map(move |n| format!("{family}{n}")))
        .collect();
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for row in all() {
        *rows.entry(row.id.to_owned()).or_default() += 1;
        assert!(
            !row.input.is_empty() && !row.outcome.is_empty(),
            "{}",
            row.id
        );
    }
    let twice: Vec<_> = rows.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "more than once: {twice:?}");
    assert_eq!(rows.into_keys().collect::<BTreeSet<_>>(), listed);
    let with_neighbour = all().filter(|row| !row.neighbour.is_empty()).count();
    let texts = text_rows().len();
    eprintln!(
        "cli: rows: {}, with accepted neighbours: {with_neighbour}; texts: {texts}, each with its \
         own",
        listed.len()
    );
}

#[test]
fn every_text_is_of_a_row_and_every_row_of_texts_has_some() {
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in text_rows() {
        // An `x` behind an id marks a text that was added to the row here.
        *texts.entry(row.id.trim_end_matches('x')).or_default() += 1;
    }
    for row in all() {
        match row.held {
            Held::Texts(_) => assert!(texts.contains_key(row.id), "{} has no text", row.id),
            Held::Tests(tests) => assert!(!tests.is_empty(), "{} has no test", row.id),
        }
    }
    let known: BTreeSet<&str> = all().map(|row| row.id).collect();
    let stray: Vec<_> = texts.keys().filter(|id| !known.contains(*id)).collect();
    assert!(stray.is_empty(), "of no row: {stray:?}");
}

#[test]
fn every_test_that_a_row_names_is_there() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for row in all() {
        let (Held::Texts(tests) | Held::Tests(tests)) = row.held;
        for test in tests {
            let (file, name) = test.split_once("::").expect("file::name");
            let text = fs::read_to_string(top.join(file));
            let is_there = text.is_ok_and(|text| is_test(&text, name));
            if !is_there {
                missing.push(format!("{}: {test}", row.id));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Whether a source has a test of this name.
fn is_test(text: &str, name: &str) -> bool {
    let Some((before, _)) = text.split_once(&format!("fn {name}(")) else {
        return false;
    };
    // What stands between the attribute and the name: its comment, and others.
    let near = before.rsplit("\n\n").next().unwrap_or(before);
    near.contains("#[test]")
}

#[test]
fn only_a_test_is_taken_for_one() {
    let text = "#[test]\nfn one() {}\n\nfn two() {}\n\n#[test]\n#[cfg(unix)]\nfn three() {}\n";
    let names = ["one", "two", "three", "four"];
    assert_eq!(
        names.map(|name| is_test(text, name)),
        [true, false, true, false]
    );
}

//! The texts of a manifest, each read into words once: what is said in a text
//! that is known is not read again.

use super::findings::Findings;
use super::parse::parse;
use super::problem::Source;
use super::texts::Texts;
use super::wire::{LinkEntry, ManifestFile};
use super::written::WrittenFields;
use crate::spread::Spread;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands in each text, by the index of its source.
#[derive(Debug, Default)]
pub(super) struct ParsedTexts {
    by_source: BTreeMap<usize, (Arc<str>, Parsed)>,
}

/// What stands in one text.
#[derive(Debug)]
struct Parsed {
    /// `None` if it is no YAML.
    file: Option<ManifestFile>,
    /// What is wrong in it, at places of its source.
    findings: Findings,
    /// The icons it names.
    icons: BTreeSet<String>,
}

impl ParsedTexts {
    /// Parses what is not known yet.
    pub(super) fn of(texts: &Texts, known: Self) -> Self {
        let known = known.by_source.into_iter();
        let mut known: BTreeMap<_, _> = known
            .map(|(source, (text, parsed))| (text, (source, parsed)))
            .collect();
        let mut by_source = BTreeMap::new();
        let mut new = Vec::new();
        for (source, Source { text, .. }) in texts.whole() {
            match known.remove(text) {
                // Findings say where they stand, with the source's index.
                Some((before, parsed)) if before == source || parsed.findings.count() == 0 => {
                    by_source.insert(source, (Arc::clone(text), parsed));
                }
                Some(_) | None => new.push((source, text)),
            }
        }
        let parse = |new: &[(usize, &Arc<str>)]| -> Vec<_> {
            let parsed = new.iter().map(|(source, text)| {
                let parsed = Parsed::of(*source, text);
                (*source, (Arc::clone(text), parsed))
            });
            parsed.collect()
        };
        Self::spread_over(&new).each(&new, 1, parse, |parsed| by_source.extend(parsed));
        Self { by_source }
    }

    /// The parser holds many times the bytes of what it reads, so there are
    /// not more texts in hand than processors. A short one is read before
    /// threads are made.
    fn spread_over(new: &[(usize, &Arc<str>)]) -> Spread {
        const SHORT: usize = 64 * 1024;
        let bytes: usize = new.iter().map(|(_, text)| text.len()).sum();
        if new.len() > 1 && bytes > SHORT {
            Spread::over_processors()
        } else {
            Spread::alone()
        }
    }

    /// What stands in the texts, with the indices of their sources.
    pub(super) fn files(&self) -> impl Iterator<Item = (usize, &ManifestFile)> {
        let all = self.by_source.iter();
        all.filter_map(|(source, (_, parsed))| Some((*source, parsed.file.as_ref()?)))
    }

    /// What [`ParsedTexts::files`] gives, for good: each can be dropped when it
    /// is merged.
    pub(super) fn into_files(self) -> Vec<(usize, ManifestFile)> {
        let all = self.by_source.into_iter();
        all.filter_map(|(source, (_, parsed))| Some((source, parsed.file?)))
            .collect()
    }

    /// What is wrong in each.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Findings> {
        self.by_source.values().map(|(_, parsed)| &parsed.findings)
    }

    /// The icons that each source names.
    pub(super) fn icons(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.by_source.iter();
        all.flat_map(|(source, (_, parsed))| {
            let icons = parsed.icons.iter();
            icons.map(|path| (*source, path.as_str()))
        })
    }

    /// Whether all of them could be read into words.
    pub(super) fn is_complete(&self) -> bool {
        let mut all = self.by_source.values();
        all.all(|(_, parsed)| parsed.file.is_some())
    }
}

impl Parsed {
    fn of(source: usize, text: &str) -> Self {
        let (file, findings) = parse::<ManifestFile>(source, text);
        let icons = file
            .iter()
            .flat_map(link_fields)
            .filter_map(WrittenFields::icon)
            .map(str::to_owned)
            .collect();
        Self {
            file,
            findings,
            icons,
        }
    }
}

fn link_fields(file: &ManifestFile) -> impl Iterator<Item = &WrittenFields> {
    let of_users = file.users.0.values().flat_map(|user| {
        user.links
            .iter()
            .flat_map(|links| links.0.0.values())
            .filter_map(|entry| match entry {
                LinkEntry::Absent => None,
                LinkEntry::Fields(fields) => Some(fields),
            })
    });
    file.defaults
        .iter()
        .chain(file.apps.0.values())
        .chain(of_users)
}

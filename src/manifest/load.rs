//! From arguments to a manifest, once or again and again: what is wrong in any
//! of its texts, and whether anything is new since the last time.

#[cfg(test)]
mod tests;

use super::check_all::check_all;
use super::findings::Findings;
use super::icons::{self, Icons};
use super::merge::{Manifest, merge};
use super::open::OwnerCheck;
use super::parsed::ParsedTexts;
use super::place::locate_all;
use super::policy::HostPolicy;
use super::problem::{Problem, Severity, Source};
use super::texts::Texts;
use super::wire::ManifestFile;
use std::borrow::Borrow;
use std::path::{Path, PathBuf};

/// What came of loading.
#[derive(Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The texts, for excerpts.
    pub sources: Vec<Source>,
    /// Everything that is wrong, in source order.
    pub problems: Vec<Problem>,
    /// The manifest; `None` if there is any error.
    pub manifest: Option<Manifest>,
}

/// What came of loading again.
#[derive(Debug, PartialEq, Eq)]
pub enum Reload {
    /// All texts, icons and rules are those of the last time, and so is what
    /// came of them. Files may have been touched, or written with what was in
    /// them.
    Same,
    /// It is the first time, or something is new.
    Loaded(Box<Loaded>),
}

/// Loads all of `arguments` as one manifest: files, folders, and `-` for
/// `stdin`. What the host's policy does not allow is a problem of it.
pub fn load(
    arguments: &[PathBuf],
    stdin: impl std::io::Read,
    owners: OwnerCheck,
    policy: &HostPolicy,
) -> Loaded {
    let texts = Texts::read(arguments, stdin, owners, None);
    Parts::new(texts, policy, None).into_loaded()
}

/// Loads a manifest again and again, and remembers what it is made of: only
/// the files that changed are parsed. What comes of it is just what [`load`]
/// makes of the same files.
#[derive(Debug, Default)]
pub struct Loader {
    last: Option<Parts>,
}

impl Loader {
    /// Loads a manifest like [`load`], and says whether anything of it is new.
    /// `stdin` is read each time, so that a second time it is empty.
    pub fn load(
        &mut self,
        arguments: &[PathBuf],
        stdin: impl std::io::Read,
        owners: OwnerCheck,
        policy: &HostPolicy,
    ) -> Reload {
        let known = self.last.as_ref().map(|last| &last.texts);
        let texts = Texts::read(arguments, stdin, owners, known);
        let is_same_text = known == Some(&texts);
        let Some(last) = self.last.take() else {
            let parts = self.last.insert(Parts::new(texts, policy, None));
            return Reload::Loaded(Box::new(parts.loaded()));
        };
        let is_same_policy = last.policy == *policy;
        let (known, last_icons) = (last.parsed, last.icons);
        let parts = Parts::new(texts, policy, Some((known, &last_icons)));
        let is_same = is_same_text && is_same_policy && parts.icons == last_icons;
        let parts = self.last.insert(parts);
        if is_same {
            Reload::Same
        } else {
            Reload::Loaded(Box::new(parts.loaded()))
        }
    }
}

impl Loader {
    /// The icons that were named, each with the folder it is relative to.
    pub(super) fn named_icons(&self) -> impl Iterator<Item = (&Path, &str)> {
        let named = self.last.iter().flat_map(Parts::named_icons);
        named.map(|(_, folder, path)| (folder, path))
    }
}

/// All that a manifest is made of.
#[derive(Debug)]
struct Parts {
    texts: Texts,
    parsed: ParsedTexts,
    icons: Icons,
    policy: HostPolicy,
}

impl Parts {
    fn new(texts: Texts, policy: &HostPolicy, known: Option<(ParsedTexts, &Icons)>) -> Self {
        let (known, known_icons) = known.unzip();
        let parsed = ParsedTexts::of(&texts, known.unwrap_or_default());
        let mut parts = Self {
            texts,
            parsed,
            icons: Icons::new(),
            policy: policy.clone(),
        };
        parts.icons = icons::read(parts.named_icons(), known_icons);
        parts
    }

    /// The icons that are named, by source: the folder they are relative to,
    /// and the path.
    fn named_icons(&self) -> impl Iterator<Item = (usize, &Path, &str)> {
        self.parsed.icons().filter_map(|(source, path)| {
            let folder = &self.texts.sources.get(source)?.folder;
            Some((source, folder.as_path(), path))
        })
    }

    /// What comes of it, once.
    fn into_loaded(self) -> Loaded {
        let sources = self.texts.sources.clone();
        let whole = self.whole();
        let files = self.parsed.into_files();
        whole.loaded(sources, files, &self.icons, &self.policy)
    }

    /// What comes of it, which may be asked again.
    fn loaded(&self) -> Loaded {
        let sources = self.texts.sources.clone();
        let files = self.parsed.files().collect();
        let whole = self.whole();
        whole.loaded(sources, files, &self.icons, &self.policy)
    }

    /// What is said of all texts together before they are merged.
    fn whole(&self) -> Whole {
        let mut findings = self.texts.findings.clone();
        for file in self.parsed.findings() {
            findings.absorb(file.clone());
        }
        Whole {
            findings,
            is_complete: self.texts.is_complete && self.parsed.is_complete(),
            named: self.parsed.files().map(|(_, file)| file.links()).sum(),
        }
    }
}

/// What is known of a manifest before its files are merged.
struct Whole {
    findings: Findings,
    /// Whether all of it was read: with a part missing, what refers to it
    /// would only look wrong.
    is_complete: bool,
    /// How many links the files name.
    named: usize,
}

impl Whole {
    fn loaded<F: Borrow<ManifestFile>>(
        self,
        mut sources: Vec<Source>,
        files: Vec<(usize, F)>,
        icons: &Icons,
        policy: &HostPolicy,
    ) -> Loaded {
        let Self {
            mut findings,
            is_complete,
            named,
        } = self;
        let folders = sources.iter().map(|s| s.folder.clone()).collect();
        let manifest = merge(files, folders, icons, policy, &mut findings);
        if is_complete {
            check_all(&manifest, named, &mut findings);
        }
        let findings = findings.into_vec();
        let has_errors = findings.iter().any(|f| f.severity == Severity::Error);
        let problems = locate_all(&mut sources, findings);
        Loaded {
            sources,
            problems,
            manifest: Some(manifest).filter(|_| is_complete && !has_errors),
        }
    }
}

//! The texts of a manifest: which files the arguments stand for, and what is
//! in them. Nothing is read into words here.

use super::findings::Findings;
use super::open::{self, Border, OWN_IT, OpenError, OwnerCheck};
use super::problem::{Finding, Severity, Source, Spot};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest manifest file, in bytes; bigger fleets use a folder.
const MAX_MANIFEST: u64 = 64 * 1024 * 1024;

/// All texts of a manifest, as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) sources: Vec<Source>,
    /// What could not be read.
    pub(super) findings: Findings,
    /// Sources that hold a byte which is not UTF-8, and end before it.
    cut_off: BTreeSet<usize>,
    /// Whether all that was given could be read.
    pub(super) is_complete: bool,
}

impl Texts {
    /// Reads what the arguments stand for. A text that is `known` is not kept
    /// a second time.
    pub(super) fn read(
        arguments: &[PathBuf],
        stdin: impl std::io::Read,
        owners: OwnerCheck,
        known: Option<&Self>,
    ) -> Self {
        let mut reading = Reading {
            texts: Self {
                sources: Vec::new(),
                findings: Findings::default(),
                cut_off: BTreeSet::new(),
                is_complete: true,
            },
            known,
            given: BTreeMap::new(),
            owners,
        };
        let mut stdin = Some(stdin);
        for argument in arguments {
            reading.add(argument, &mut stdin);
        }
        reading.texts
    }

    /// The sources that are read into words, with their indices: one that is
    /// cut off at a bad byte would only repeat that finding.
    pub(super) fn whole(&self) -> impl Iterator<Item = (usize, &Source)> {
        let sources = self.sources.iter().enumerate();
        sources.filter(|(index, _)| !self.cut_off.contains(index))
    }

    /// The same text as it is kept here, or itself. A file more or less moves
    /// the ones behind it by few.
    fn same(&self, source: usize, text: Arc<str>) -> Arc<str> {
        const NEAR: usize = 16;
        let near = self.sources.iter().skip(source.saturating_sub(NEAR));
        let mut near = near.take(2 * NEAR).map(|known| &known.text);
        near.find(|known| **known == text).map_or(text, Arc::clone)
    }
}

/// What is wrong with a file that was not read.
pub(super) fn unreadable(path: &Path, error: &OpenError) -> Finding {
    let rule = match error {
        OpenError::Unsafe { .. } => "unsafe-owner",
        OpenError::Io(_) | OpenError::NotAFile(_) | OpenError::TooLarge(_) | OpenError::Outside => {
            "unreadable"
        }
    };
    let message = format!("{} {error}", path.display());
    let finding = Finding::without_place(rule, message);
    match error {
        OpenError::TooLarge(_) => finding.hint("split it: a folder of files is one manifest"),
        OpenError::Unsafe { .. } => finding.hint(OWN_IT),
        OpenError::Outside => finding.hint("name the real path"),
        OpenError::Io(_) | OpenError::NotAFile(_) => finding,
    }
}

struct Reading<'k> {
    texts: Texts,
    known: Option<&'k Texts>,
    /// The files that were read, by their real paths, and how they were named.
    given: BTreeMap<PathBuf, String>,
    owners: OwnerCheck,
}

impl Reading<'_> {
    fn refuse(&mut self, path: &Path, error: &OpenError) {
        self.texts.is_complete = false;
        self.texts.findings.push(unreadable(path, error));
    }

    fn add(&mut self, argument: &Path, stdin: &mut Option<impl std::io::Read>) {
        if argument.as_os_str() == "-" {
            match stdin
                .take()
                .map(|stdin| open::read_stream(stdin, MAX_MANIFEST))
            {
                None => {
                    let finding = Finding::without_place("unreadable", "`-` is given twice");
                    self.texts.findings.push(finding);
                }
                Some(Err(error)) => self.refuse(Path::new("<stdin>"), &error),
                Some(Ok(bytes)) => self.push("<stdin>".to_owned(), PathBuf::new(), &bytes),
            }
            return;
        }
        match open::is_folder(argument) {
            Err(error) => self.refuse(argument, &error),
            Ok(false) => {
                let folder = argument.parent().unwrap_or(Path::new("")).to_owned();
                self.add_file(argument, &folder);
            }
            Ok(true) => match open::list(argument) {
                Err(error) => self.refuse(argument, &error),
                Ok(files) if files.is_empty() => {
                    let message = format!("{} holds no *.yaml or *.yml file", argument.display());
                    self.texts
                        .findings
                        .push(Finding::without_place("empty-manifest", message));
                }
                Ok(files) => match Border::of(argument) {
                    Ok(border) => {
                        for file in files {
                            self.add_file_below((argument, &border), &file);
                        }
                    }
                    Err(error) => self.refuse(argument, &error),
                },
            },
        }
    }

    fn add_file(&mut self, path: &Path, folder: &Path) {
        let name = path.file_name().map_or(path, Path::new);
        let real = Border::of(folder).and_then(|border| border.resolve(name));
        self.read(path, folder, real);
    }

    fn add_file_below(&mut self, (folder, border): (&Path, &Border), path: &Path) {
        let own_folder = path.parent().unwrap_or(folder);
        match path.strip_prefix(folder) {
            // The whole folder given is the border for links; paths in a file
            // are relative to the file's own folder.
            Ok(name) => self.read(path, own_folder, border.resolve(name)),
            Err(_) => self.add_file(path, own_folder),
        }
    }

    /// Reads a file, whose real path is looked up once.
    fn read(&mut self, path: &Path, folder: &Path, real: Result<PathBuf, OpenError>) {
        let read = real.and_then(|real| {
            if self.is_given_twice(path, &real) {
                return Ok(None);
            }
            open::read_resolved(&real, path, MAX_MANIFEST, self.owners).map(Some)
        });
        match read {
            Ok(Some(bytes)) => self.push(path.display().to_string(), folder.to_owned(), &bytes),
            Ok(None) => {}
            Err(error) => self.refuse(path, &error),
        }
    }

    /// Whether a file was read before, under this or another name: then all in
    /// it would be given twice, which one finding says as well.
    fn is_given_twice(&mut self, path: &Path, real: &Path) -> bool {
        let name = path.display().to_string();
        let Some(before) = self.given.get(real) else {
            self.given.insert(real.to_owned(), name);
            return false;
        };
        let message = if *before == name {
            format!("the file {name} is given twice")
        } else {
            format!("{before} and {name} are the same file, given twice")
        };
        let finding = Finding::without_place("given-twice", message);
        self.texts
            .findings
            .push(finding.hint("name each file once"));
        true
    }

    fn push(&mut self, name: String, folder: PathBuf, bytes: &[u8]) {
        let source = self.texts.sources.len();
        let (text, finding) = decoded(source, bytes);
        let text = match self.known {
            Some(known) => known.same(source, text),
            None => text,
        };
        if let Some(finding) = finding {
            self.texts.findings.push(finding);
            self.texts.is_complete = false;
            self.texts.cut_off.insert(source);
        }
        self.texts.sources.push(Source {
            name,
            folder,
            text,
            masks: Vec::new(),
        });
    }
}

/// A file's bytes as text, as far as they are; and what ends it.
pub(super) fn decoded(source: usize, bytes: &[u8]) -> (Arc<str>, Option<Finding>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (Arc::from(text), None),
        Err(error) => {
            let at = error.valid_up_to();
            // The part that is text, so that the place can be shown.
            let text = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
            (Arc::from(text), Some(encoding_finding(source, bytes, at)))
        }
    }
}

fn encoding_finding(source: usize, bytes: &[u8], at: usize) -> Finding {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let hint = if is_utf16 {
        "it looks like UTF-16; save the file as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    Finding {
        rule: "encoding",
        severity: Severity::Error,
        message: format!("the byte 0x{byte:02X} at offset {at} is not UTF-8"),
        hint: Some(hint.to_owned()),
        spots: vec![(
            Spot::Position {
                source,
                span: at..at,
            },
            String::new(),
        )],
        aspect: "",
        about: None,
    }
}

//! From arguments to a manifest: which texts there are, what is wrong in any
//! of them, and the icons they name.

use super::check::relative_path;
use super::expand::check_all;
use super::findings::Findings;
use super::layer::Icons;
use super::lines::Lines;
use super::locate::{Doubt, locate};
use super::mask::mask_unparsed;
use super::merge::{Manifest, merge};
use super::open::{self, OWN_IT, OpenError, OwnerCheck};
use super::parse::parse;
use super::policy::HostPolicy;
use super::problem::{At, Finding, Place, Problem, Severity, Source, Spot};
use super::values::{Layered, Text};
use super::wire::{LinkEntry, LinkFields, ManifestFile};
use crate::model::{Icon, MAX_ICON_BYTES};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest manifest file, in bytes; bigger fleets use a folder.
const MAX_MANIFEST: u64 = 64 * 1024 * 1024;

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// The texts, for excerpts.
    pub sources: Vec<Source>,
    /// Everything that is wrong, in source order.
    pub problems: Vec<Problem>,
    /// The manifest; `None` if there is any error.
    pub manifest: Option<Manifest>,
}

/// Loads all of `arguments` as one manifest: files, folders, and `-` for
/// `stdin`. What the host's policy does not allow is a problem of it.
pub fn load(
    arguments: &[PathBuf],
    stdin: impl std::io::Read,
    owners: OwnerCheck,
    policy: &HostPolicy,
) -> Loaded {
    let mut loading = Loading {
        sources: Vec::new(),
        findings: Findings::default(),
        cut_off: BTreeSet::new(),
        given: BTreeMap::new(),
        is_complete: true,
        owners,
    };
    let mut stdin = Some(stdin);
    for argument in arguments {
        loading.add(argument, &mut stdin);
    }
    loading.finish(policy)
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

struct Loading {
    sources: Vec<Source>,
    findings: Findings,
    /// Sources that hold a byte which is not UTF-8, and end before it.
    cut_off: BTreeSet<usize>,
    /// The files that were read, by their real paths, and how they were named.
    given: BTreeMap<PathBuf, String>,
    /// Whether all that was given could be read.
    is_complete: bool,
    owners: OwnerCheck,
}

impl Loading {
    fn refuse(&mut self, path: &Path, error: &OpenError) {
        self.is_complete = false;
        self.findings.push(unreadable(path, error));
    }

    fn add(&mut self, argument: &Path, stdin: &mut Option<impl std::io::Read>) {
        if argument.as_os_str() == "-" {
            match stdin
                .take()
                .map(|stdin| open::read_stream(stdin, MAX_MANIFEST))
            {
                None => {
                    let finding = Finding::without_place("unreadable", "`-` is given twice");
                    self.findings.push(finding);
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
                    self.findings
                        .push(Finding::without_place("empty-manifest", message));
                }
                Ok(files) => {
                    for file in files {
                        self.add_file_below(argument, &file);
                    }
                }
            },
        }
    }

    fn add_file(&mut self, path: &Path, folder: &Path) {
        let name = path.file_name().map_or(path, Path::new);
        self.read(path, folder, name);
    }

    fn add_file_below(&mut self, folder: &Path, path: &Path) {
        let own_folder = path.parent().unwrap_or(folder).to_owned();
        match path.strip_prefix(folder) {
            // The whole folder given is the border for links; paths in a file
            // are relative to the file's own folder.
            Ok(name) => match open::resolve_below(folder, name) {
                Ok(_) => self.read_at(path, &own_folder, folder, name),
                Err(error) => self.refuse(path, &error),
            },
            Err(_) => self.add_file(path, &own_folder),
        }
    }

    fn read(&mut self, path: &Path, folder: &Path, name: &Path) {
        self.read_at(path, folder, folder, name);
    }

    fn read_at(&mut self, path: &Path, folder: &Path, border: &Path, name: &Path) {
        if self.is_given_twice(path) {
            return;
        }
        match open::read_below(border, name, MAX_MANIFEST, self.owners) {
            Ok(bytes) => self.push(path.display().to_string(), folder.to_owned(), &bytes),
            Err(error) => self.refuse(path, &error),
        }
    }

    /// Whether a file was read before, under this or another name: then all in
    /// it would be given twice, which one finding says as well.
    fn is_given_twice(&mut self, path: &Path) -> bool {
        // What has no real path is refused when it is opened.
        let Ok(real) = open::real_path(path) else {
            return false;
        };
        let name = path.display().to_string();
        let Some(before) = self.given.get(&real) else {
            self.given.insert(real, name);
            return false;
        };
        let message = if *before == name {
            format!("the file {name} is given twice")
        } else {
            format!("{before} and {name} are the same file, given twice")
        };
        let finding = Finding::without_place("given-twice", message);
        self.findings.push(finding.hint("name each file once"));
        true
    }

    fn push(&mut self, name: String, folder: PathBuf, bytes: &[u8]) {
        let source = self.sources.len();
        let (text, finding) = decoded(source, bytes);
        if let Some(finding) = finding {
            self.findings.push(finding);
            self.is_complete = false;
            self.cut_off.insert(source);
        }
        self.sources.push(Source {
            name,
            folder,
            text,
            masks: Vec::new(),
        });
    }

    fn finish(mut self, policy: &HostPolicy) -> Loaded {
        let mut files = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            // What is cut off at a bad byte would only repeat that finding.
            if self.cut_off.contains(&index) {
                continue;
            }
            let (file, findings) = parse::<ManifestFile>(index, &source.text);
            self.findings.absorb(findings);
            match file {
                Some(file) => files.push((index, file)),
                None => self.is_complete = false,
            }
        }
        let icons = self.read_icons(&files);
        let folders = self.sources.iter().map(|s| s.folder.clone()).collect();
        let manifest = merge(&files, folders, &icons, policy, &mut self.findings);
        // With a part missing, what refers to it would only look wrong.
        if !self.is_complete {
            return self.end(None);
        }
        let users = files.iter().flat_map(|(_, file)| file.users.0.values());
        let named = users
            .flat_map(|user| &user.links)
            .map(|l| l.0.0.len())
            .sum();
        check_all(&manifest, named, &mut self.findings);
        self.end(Some(manifest))
    }

    fn end(mut self, manifest: Option<Manifest>) -> Loaded {
        let findings = std::mem::take(&mut self.findings).into_vec();
        let has_errors = findings.iter().any(|f| f.severity == Severity::Error);
        let problems = locate_all(&mut self.sources, findings);
        Loaded {
            sources: self.sources,
            problems,
            manifest: manifest.filter(|_| !has_errors),
        }
    }

    /// Reads every icon that is named, once.
    fn read_icons(&self, files: &[(usize, ManifestFile)]) -> Icons {
        let mut icons = Icons::new();
        for (index, file) in files {
            let Some(source) = self.sources.get(*index) else {
                continue;
            };
            for fields in link_fields(file) {
                let Layered::Set(Text(path)) = &fields.icon else {
                    continue;
                };
                icons
                    .entry((*index, path.clone()))
                    .or_insert_with(|| read_icon(&source.folder, path));
            }
        }
        icons
    }
}

fn link_fields(file: &ManifestFile) -> impl Iterator<Item = &LinkFields> {
    let of_users = file.users.0.values().flat_map(|user| {
        user.links
            .iter()
            .flat_map(|links| links.0.0.values())
            .filter_map(|entry| match entry {
                LinkEntry::Absent => None,
                LinkEntry::Fields(fields) => Some(&**fields),
            })
    });
    file.defaults
        .iter()
        .chain(file.apps.0.values())
        .chain(of_users)
}

fn read_icon(folder: &Path, path: &str) -> Result<(Icon, crate::model::PngSize), String> {
    if let Some(why) = relative_path(path) {
        return Err(format!("{why}; icons lie below the manifest's folder"));
    }
    let limit = MAX_ICON_BYTES as u64;
    // What it shows is in the plan, and an icon does nothing else.
    let bytes = open::read_below(folder, Path::new(path), limit, OwnerCheck::Off)
        .map_err(|e| e.to_string())?;
    Icon::from_png(bytes).map_err(|e| e.to_string())
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
    }
}

/// Turns findings into problems: one locating pass for each text that has any.
pub(super) fn locate_all(sources: &mut [Source], findings: Vec<Finding>) -> Vec<Problem> {
    let mut wanted: BTreeMap<usize, Vec<At>> = BTreeMap::new();
    let mut doubted: BTreeMap<usize, Vec<(At, Doubt)>> = BTreeMap::new();
    // What has a position already comes from text that does not parse.
    let mut unparsed: BTreeSet<usize> = BTreeSet::new();
    for finding in &findings {
        for (spot, _) in &finding.spots {
            match spot {
                Spot::Position { source, .. } => {
                    unparsed.insert(*source);
                }
                Spot::Path(at) => {
                    wanted.entry(at.source).or_default().push(at.clone());
                    let doubt = match finding.rule {
                        "unknown-key" => Doubt::Unknown,
                        "wrong-type" => Doubt::Misplaced,
                        _ => continue,
                    };
                    let of_source = doubted.entry(at.source).or_default();
                    of_source.push((at.clone(), doubt));
                }
            }
        }
    }
    let mut spans: BTreeMap<At, Range<usize>> = BTreeMap::new();
    for (index, source) in sources.iter_mut().enumerate() {
        if let Some(places) = wanted.remove(&index) {
            let doubted = doubted.remove(&index).unwrap_or_default();
            let located = locate(&source.text, &places, &doubted);
            source.masks = located.masks;
            spans.extend(located.spans);
        }
        if unparsed.contains(&index) {
            source.masks.extend(mask_unparsed(&source.text));
        }
    }
    let lines: Vec<Lines> = sources.iter().map(|s| Lines::of(&s.text)).collect();
    let place = |(spot, label): (Spot, String)| {
        let (source, span) = match spot {
            Spot::Position { source, span } => (source, span),
            Spot::Path(at) => (at.source, spans.get(&at).cloned().unwrap_or(0..0)),
        };
        let text = &sources.get(source)?.text;
        let (line, column) = lines.get(source)?.position(text, span.start);
        Some(Place {
            source,
            span,
            line,
            column,
            label,
        })
    };
    let mut problems: Vec<Problem> = findings
        .into_iter()
        .map(|finding| Problem {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message,
            hint: finding.hint,
            places: finding.spots.into_iter().filter_map(place).collect(),
        })
        .collect();
    problems.sort_by_key(|problem| {
        let first = problem.places.first();
        first.map(|place| (place.source, place.span.start))
    });
    problems
}

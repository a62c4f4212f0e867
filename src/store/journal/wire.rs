//! How the journal's lines are spelt: private mirrors of the words in
//! `record`, so that those need not know JSON. One object a line, its one key
//! says what the line is.

use super::super::edit::{KINDS, Trio};
use super::super::key::{Fingerprint, Version};
use super::super::layout::{file_name, live_path};
use super::super::record::{
    Note, Recorded, RunHeader, RunId, RunKind, Verb, WrittenEdit, WrittenFile,
};
use super::super::steps::Step;
use crate::model::{AppName, FileKind, Function, GroupId, Ownership, UserName};
use crate::plan::{Address, Tree};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// The version of this spelling.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Run(HeaderLine),
    Begin(Vec<EditLine>),
    End(Vec<RecordedWord>),
    Done {},
}

#[derive(Serialize, Deserialize)]
struct HeaderLine {
    format: u32,
    run: String,
    kind: KindWord,
    /// The run that an undo brings back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    undone: Option<String>,
    /// The function of WHM's API that was called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    function: Option<String>,
    started: u64,
    who: String,
    revision: Option<String>,
    digest: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindWord {
    Apply,
    Undo,
    Call,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum VerbWord {
    Create,
    Replace,
    Hide,
    Remove,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RecordedWord {
    Done,
    NotDone,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FileWord {
    Userconfig,
    Adminconfig,
    Menu,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StepLine {
    Exchange(FileWord),
    Install(FileWord),
    Back(FileWord),
    Check(FileWord),
    Sync(TreeWord),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TreeWord {
    Links,
    Dynamicui,
}

#[derive(Serialize, Deserialize)]
struct EditLine {
    address: String,
    verb: VerbWord,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    token_reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    autologin_host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    old_token_reference: Option<String>,
    was_ours: bool,
    is_ours: bool,
    steps: Vec<StepLine>,
    files: Vec<FileLine>,
}

#[derive(Serialize, Deserialize)]
struct FileLine {
    kind: FileWord,
    /// For people only: it follows from the address.
    live: String,
    staged: Option<String>,
    before: Option<VersionLine>,
    after: Option<VersionLine>,
}

#[derive(Serialize, Deserialize)]
struct VersionLine {
    hash: String,
    mode: String,
    uid: u32,
    gid: u32,
}

/// A line after the first, read.
pub(super) enum Parsed {
    Begin(Vec<WrittenEdit>),
    End(Vec<Recorded>),
    Done,
}

fn render(line: &Line) -> String {
    // It holds maps with text keys only, which always can be spelt.
    serde_json::to_string(line).unwrap_or_default()
}

pub(super) fn header(id: RunId, header: &RunHeader) -> String {
    render(&Line::Run(HeaderLine {
        format: FORMAT,
        run: id.to_string(),
        kind: match header.kind {
            RunKind::Apply => KindWord::Apply,
            RunKind::Undo(_) => KindWord::Undo,
            RunKind::Call(_) => KindWord::Call,
        },
        undone: match header.kind {
            RunKind::Apply | RunKind::Call(_) => None,
            RunKind::Undo(run) => Some(run.to_string()),
        },
        function: match header.kind {
            RunKind::Apply | RunKind::Undo(_) => None,
            RunKind::Call(function) => Some(function.name().to_owned()),
        },
        started: header.started,
        who: header.who.clone(),
        revision: header.revision.clone(),
        digest: header.digest.clone(),
    }))
}

pub(super) fn begin(edits: &[WrittenEdit]) -> String {
    render(&Line::Begin(edits.iter().map(edit_line).collect()))
}

pub(super) fn end(outcomes: &[Recorded]) -> String {
    let word = |outcome: &Recorded| match outcome {
        Recorded::Done => RecordedWord::Done,
        Recorded::NotDone => RecordedWord::NotDone,
    };
    render(&Line::End(outcomes.iter().map(word).collect()))
}

pub(super) fn done() -> String {
    render(&Line::Done {})
}

/// Whether a journal with this end is done.
pub(super) fn ends_done(tail: &[u8]) -> bool {
    tail.ends_with(format!("{}\n", done()).as_bytes())
}

/// When the run with this first line began.
pub(super) fn started(first: &[u8]) -> Option<u64> {
    parse_header(first).ok().map(|header| header.started)
}

/// Reads the first line.
///
/// # Errors
/// What it is not, in words.
pub(super) fn parse_header(line: &[u8]) -> Result<RunHeader, String> {
    let Ok(Line::Run(header)) = serde_json::from_slice(line) else {
        return Err("does not begin as a journal".to_owned());
    };
    if header.format != FORMAT {
        return Err(format!(
            "has format {}, this version of cplinks knows format {FORMAT}",
            header.format
        ));
    }
    let undone = header.undone.as_deref().and_then(RunId::parse);
    let function = header.function.as_deref().and_then(Function::parse);
    Ok(RunHeader {
        kind: match header.kind {
            KindWord::Apply => RunKind::Apply,
            KindWord::Undo => {
                RunKind::Undo(undone.ok_or_else(|| "does not say which run it undid".to_owned())?)
            }
            KindWord::Call => RunKind::Call(
                function.ok_or_else(|| "does not say which function was called".to_owned())?,
            ),
        },
        started: header.started,
        who: header.who,
        revision: header.revision,
        digest: header.digest,
    })
}

/// Reads a line after the first; `None` if it is not whole.
///
/// # Errors
/// It is whole, and not one of ours.
pub(super) fn parse(line: &[u8]) -> Result<Option<Parsed>, String> {
    // The beginning of an object never is one.
    if serde_json::from_slice::<IgnoredAny>(line).is_err() {
        return Ok(None);
    }
    let parsed = serde_json::from_slice(line).ok().and_then(parse_line);
    parsed
        .map(Some)
        .ok_or_else(|| "has a line that is not understood".to_owned())
}

fn parse_line(line: Line) -> Option<Parsed> {
    Some(match line {
        Line::Run(_) => return None,
        Line::Begin(edits) => {
            Parsed::Begin(edits.iter().map(parse_edit).collect::<Option<Vec<_>>>()?)
        }
        Line::End(outcomes) => Parsed::End(
            outcomes
                .into_iter()
                .map(|word| match word {
                    RecordedWord::Done => Recorded::Done,
                    RecordedWord::NotDone => Recorded::NotDone,
                })
                .collect(),
        ),
        Line::Done {} => Parsed::Done,
    })
}

fn file_word(kind: FileKind) -> FileWord {
    match kind {
        FileKind::Userconfig => FileWord::Userconfig,
        FileKind::Adminconfig => FileWord::Adminconfig,
        FileKind::Menu => FileWord::Menu,
    }
}

fn parse_kind(word: FileWord) -> FileKind {
    match word {
        FileWord::Userconfig => FileKind::Userconfig,
        FileWord::Adminconfig => FileKind::Adminconfig,
        FileWord::Menu => FileKind::Menu,
    }
}

fn step_line(step: Step) -> StepLine {
    match step {
        Step::Exchange(kind) => StepLine::Exchange(file_word(kind)),
        Step::Install(kind) => StepLine::Install(file_word(kind)),
        Step::Back(kind) => StepLine::Back(file_word(kind)),
        Step::Check(kind) => StepLine::Check(file_word(kind)),
        Step::Sync(Tree::Links) => StepLine::Sync(TreeWord::Links),
        Step::Sync(Tree::Menu) => StepLine::Sync(TreeWord::Dynamicui),
    }
}

fn parse_step(line: &StepLine) -> Step {
    match line {
        StepLine::Exchange(word) => Step::Exchange(parse_kind(*word)),
        StepLine::Install(word) => Step::Install(parse_kind(*word)),
        StepLine::Back(word) => Step::Back(parse_kind(*word)),
        StepLine::Check(word) => Step::Check(parse_kind(*word)),
        StepLine::Sync(TreeWord::Links) => Step::Sync(Tree::Links),
        StepLine::Sync(TreeWord::Dynamicui) => Step::Sync(Tree::Menu),
    }
}

fn edit_line(edit: &WrittenEdit) -> EditLine {
    let file = |kind| {
        let WrittenFile {
            staged,
            before,
            after,
        } = edit.files.of(kind);
        let is_there = before.is_some() || after.is_some();
        is_there.then(|| FileLine {
            kind: file_word(kind),
            live: live_path(&edit.address, kind),
            staged: staged.clone(),
            before: before.as_ref().map(version_line),
            after: after.as_ref().map(version_line),
        })
    };
    EditLine {
        address: edit.address.to_string(),
        verb: match edit.note.verb {
            Verb::Create => VerbWord::Create,
            Verb::Replace => VerbWord::Replace,
            Verb::Hide => VerbWord::Hide,
            Verb::Remove => VerbWord::Remove,
        },
        token_reference: edit.note.token_reference.clone(),
        autologin_host: edit.note.autologin_host.clone(),
        old_token_reference: edit.note.old_token_reference.clone(),
        was_ours: edit.note.was_ours,
        is_ours: edit.note.is_ours,
        steps: edit.steps.iter().copied().map(step_line).collect(),
        files: KINDS.into_iter().filter_map(file).collect(),
    }
}

fn parse_edit(line: &EditLine) -> Option<WrittenEdit> {
    let address = parse_address(&line.address)?;
    let mut files: Trio<WrittenFile> = Trio::default();
    for file in &line.files {
        let kind = parse_kind(file.kind);
        // It becomes a path component: nothing but what staging makes.
        let is_ours = |staged: &String| {
            let end = format!("-{}", file_name(&address, kind));
            let number = staged.strip_suffix(&end);
            number.is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        };
        if !file.staged.as_ref().is_none_or(is_ours) {
            return None;
        }
        let version = |line: &Option<VersionLine>| match line {
            Some(line) => parse_version(line).map(Some),
            None => Some(None),
        };
        *files.of_mut(kind) = WrittenFile {
            staged: file.staged.clone(),
            before: version(&file.before)?,
            after: version(&file.after)?,
        };
    }
    Some(WrittenEdit {
        address,
        note: Note {
            verb: match line.verb {
                VerbWord::Create => Verb::Create,
                VerbWord::Replace => Verb::Replace,
                VerbWord::Hide => Verb::Hide,
                VerbWord::Remove => Verb::Remove,
            },
            token_reference: line.token_reference.clone(),
            autologin_host: line.autologin_host.clone(),
            old_token_reference: line.old_token_reference.clone(),
            was_ours: line.was_ours,
            is_ours: line.is_ours,
        },
        steps: line.steps.iter().map(parse_step).collect(),
        files,
    })
}

fn parse_address(text: &str) -> Option<Address> {
    let (user, thing) = text.split_once('/')?;
    let user = UserName::parse(user).ok()?;
    Some(match thing.strip_prefix("group:") {
        Some(id) => Address::Group(user, GroupId::parse(id).ok()?),
        None => Address::Link(user, AppName::parse(thing).ok()?),
    })
}

fn version_line(version: &Version) -> VersionLine {
    let Ownership { mode, uid, gid } = version.ownership;
    VersionLine {
        hash: version.fingerprint.to_string(),
        mode: format!("{mode:04o}"),
        uid,
        gid,
    }
}

fn parse_version(line: &VersionLine) -> Option<Version> {
    Some(Version {
        fingerprint: Fingerprint::parse(&line.hash)?,
        ownership: Ownership {
            mode: u32::from_str_radix(&line.mode, 8).ok()?,
            uid: line.uid,
            gid: line.gid,
        },
    })
}

//! What is wrong with a manifest, as values: a reader finds many problems and
//! stops at none of them. A *finding* says where by path; a *problem* is a
//! finding whose positions in the text have been found.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// One text that was read, and what must not be shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name it is shown by: as it was given, or `<stdin>`.
    pub name: String,
    /// The folder that paths in it are relative to, and may not leave.
    pub folder: PathBuf,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    /// Byte ranges of literal tokens: blanked in every excerpt.
    pub masks: Vec<Range<usize>>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The manifest is refused.
    Error,
    /// It is accepted, unless `--strict`.
    Warning,
}

/// A problem with its positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule's id, such as `unknown-key`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one phrase.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where: the first is the place itself, others explain it. Empty where
    /// there is no text to point at.
    pub places: Vec<Place>,
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the source.
    pub source: usize,
    /// Byte range in its text.
    pub span: Range<usize>,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is there, for the excerpt; may be empty.
    pub label: String,
}

/// One step of a path through a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The value of a key; `nth` counts repetitions of that key from 0.
    Key { name: String, nth: usize },
    /// An item of a list.
    Index(usize),
}

impl Step {
    pub(super) fn key(name: &str) -> Self {
        Self::Key {
            name: name.to_owned(),
            nth: 0,
        }
    }
}

/// Whether a place is a key or what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum On {
    Key,
    Value,
}

/// A place by path, before its position is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) source: usize,
    pub(super) path: Vec<Step>,
    pub(super) on: On,
}

impl At {
    pub(super) fn key(source: usize, path: &[&str]) -> Self {
        Self {
            source,
            path: path.iter().map(|name| Step::key(name)).collect(),
            on: On::Key,
        }
    }

    pub(super) fn value(source: usize, path: &[&str]) -> Self {
        Self {
            on: On::Value,
            ..Self::key(source, path)
        }
    }
}

/// A place in a finding: by path, or already by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    Path(At),
    Position { source: usize, span: Range<usize> },
}

/// Something wrong, before its positions are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) spots: Vec<(Spot, String)>,
    /// Tells findings of one rule at one place apart.
    pub(super) aspect: &'static str,
    /// Findings of one rule about the same are one, wherever they stand.
    pub(super) about: Option<At>,
}

impl Finding {
    pub(super) fn error(rule: &'static str, at: At, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            message: message.into(),
            hint: None,
            spots: vec![(Spot::Path(at), String::new())],
            aspect: "",
            about: None,
        }
    }

    pub(super) fn warning(rule: &'static str, at: At, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, at, message)
        }
    }

    /// A finding at no place in any text.
    pub(super) fn without_place(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            message: message.into(),
            hint: None,
            spots: Vec::new(),
            aspect: "",
            about: None,
        }
    }

    #[must_use]
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    #[must_use]
    pub(super) fn aspect(self, aspect: &'static str) -> Self {
        Self { aspect, ..self }
    }

    #[must_use]
    pub(super) fn about(self, at: At) -> Self {
        Self {
            about: Some(at),
            ..self
        }
    }

    #[must_use]
    pub(super) fn label(mut self, label: &str) -> Self {
        if let Some((_, text)) = self.spots.last_mut() {
            label.clone_into(text);
        }
        self
    }

    #[must_use]
    pub(super) fn also(mut self, at: At, label: &str) -> Self {
        self.spots.push((Spot::Path(at), label.to_owned()));
        self
    }
}

/// Shows a value from a manifest in a message: escaped, and cut to 64
/// characters.
pub(super) fn show(text: &str) -> String {
    const LIMIT: usize = 64;
    let mut shown = String::new();
    for c in text.chars().take(LIMIT) {
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(LIMIT).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// The part of an unknown key that is shown. `token:s3cret` and `token s3cret`
/// are keys to YAML, so what stands behind the word may be a secret.
pub(super) fn leading_word(key: &str) -> &str {
    let is_border = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
    key.split(is_border).next().unwrap_or_default()
}

/// Characters that change how their neighbours look, or do not show at all:
/// marks and joiners, fillers (letters without ink), what is left to private
/// use and means something else on every machine.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
        || matches!(c, '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{2800}'
            | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}'
            | '\u{100000}'..='\u{10fffd}')
}

/// The nearest of some words, if one is near.
pub(crate) fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer ones are no misspelt names, and comparing takes their square.
    const LONGEST: usize = 64;
    let length = word.chars().take(LONGEST + 1).count();
    if length > LONGEST {
        return None;
    }
    let limit = length.div_ceil(3);
    among
        .into_iter()
        .filter(|other| other.len() <= 4 * (length + limit))
        .filter(|other| other.chars().count().abs_diff(length) <= limit)
        .map(|other| (strsim::damerau_levenshtein(word, other), other))
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, other)| other)
}

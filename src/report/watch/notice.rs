//! One line of a watch's log. What can be told is a closed set of events, so
//! that who reads the log with a program knows all of them.

use crate::report::escape::escaped;
use crate::report::json::json_line;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Info,
    /// Somebody should look at it.
    Warning,
    /// It does not work as it should.
    Error,
}

impl Level {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The watch begins.
    Started,
    /// The watch ends.
    Stopping,
    /// A round changed something, or found something to change.
    Round,
    /// One link, group or folder was changed, or would be.
    Change,
    /// The manifest, the policy or the secrets cannot be used.
    ManifestBroken,
    /// They can again, or have changed.
    ManifestRead,
    /// A guard refuses a plan.
    Refused,
    /// A link is undone again and again by somebody else.
    Contested,
    /// It is so no longer.
    Settled,
    /// What cannot be handled.
    Blocked,
    /// Users left the manifest.
    UserGone,
    /// Accounts that the manifest names and this host does not have.
    NoAccount,
    /// Changes wait for a pause to end.
    Paused,
    /// A round failed.
    Failed,
    /// A round came out well after some that failed.
    Recovered,
    /// Somebody else holds the lock.
    Locked,
    /// An interrupted run was put in order.
    Interrupted,
    /// Events were lost, or folders are watched anew.
    Rescan,
    /// Folders are looked at now and then, since the kernel tells nothing.
    Polling,
}

impl Event {
    /// All events, in the order of the README.
    pub const ALL: [Self; 19] = [
        Self::Started,
        Self::Stopping,
        Self::Round,
        Self::Change,
        Self::ManifestBroken,
        Self::ManifestRead,
        Self::Refused,
        Self::Contested,
        Self::Settled,
        Self::Blocked,
        Self::UserGone,
        Self::NoAccount,
        Self::Paused,
        Self::Failed,
        Self::Recovered,
        Self::Locked,
        Self::Interrupted,
        Self::Rescan,
        Self::Polling,
    ];

    /// Its name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Stopping => "stopping",
            Self::Round => "round",
            Self::Change => "change",
            Self::ManifestBroken => "manifest-broken",
            Self::ManifestRead => "manifest-read",
            Self::Refused => "refused",
            Self::Contested => "contested",
            Self::Settled => "settled",
            Self::Blocked => "blocked",
            Self::UserGone => "user-gone",
            Self::NoAccount => "no-account",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::Recovered => "recovered",
            Self::Locked => "locked",
            Self::Interrupted => "interrupted",
            Self::Rescan => "rescan",
            Self::Polling => "polling",
        }
    }

    fn level(self) -> Level {
        match self {
            Self::Started
            | Self::Stopping
            | Self::Round
            | Self::Change
            | Self::ManifestRead
            | Self::Settled
            | Self::Paused
            | Self::Recovered
            | Self::Locked
            | Self::Rescan => Level::Info,
            Self::Refused
            | Self::Contested
            | Self::Blocked
            | Self::UserGone
            | Self::NoAccount
            | Self::Interrupted
            | Self::Polling => Level::Warning,
            Self::ManifestBroken | Self::Failed => Level::Error,
        }
    }
}

/// A value beside the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A text, from anywhere.
    Text(String),
    /// A number.
    Number(u64),
    /// Several texts.
    Texts(Vec<String>),
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What of.
    pub event: Event,
    /// For people. Text of others in it is escaped when it is shown.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// For programs; people are shown those with several texts.
    pub fields: Vec<(&'static str, Field)>,
}

impl Notice {
    /// Tells of something.
    pub fn new(event: Event, message: impl Into<String>) -> Self {
        Self {
            event,
            message: message.into(),
            hint: None,
            fields: Vec::new(),
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.fields.push((name, Field::Text(text.into())));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: &'static str, number: impl TryInto<u64>) -> Self {
        let number = number.try_into().unwrap_or(u64::MAX);
        self.fields.push((name, Field::Number(number)));
        self
    }

    /// Adds several texts, if there are any.
    #[must_use]
    pub fn texts(mut self, name: &'static str, texts: Vec<String>) -> Self {
        if !texts.is_empty() {
            self.fields.push((name, Field::Texts(texts)));
        }
        self
    }
}

/// The form of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogForm {
    /// Lines for people.
    Human,
    /// One JSON object on each line.
    Json,
}

/// Writes one notice; `time` is in UTC, as RFC 3339 has it.
///
/// # Errors
/// Those of `out`.
pub fn log(notice: &Notice, form: LogForm, time: &str, out: &mut dyn Write) -> io::Result<()> {
    match form {
        LogForm::Human => human(notice, time, out),
        LogForm::Json => {
            writeln!(out, "{}", json_line(&json(notice, time))?)
        }
    }
}

fn human(notice: &Notice, time: &str, out: &mut dyn Write) -> io::Result<()> {
    let level = match notice.event.level() {
        Level::Info => "",
        level @ (Level::Warning | Level::Error) => &format!("{}: ", level.name()),
    };
    let (event, message) = (notice.event.name(), escaped(&notice.message));
    writeln!(out, "{time} {event}: {level}{message}")?;
    for (_, field) in &notice.fields {
        match field {
            Field::Texts(texts) => {
                for text in texts {
                    writeln!(out, "    {}", escaped(text))?;
                }
            }
            Field::Text(_) | Field::Number(_) => {}
        }
    }
    match &notice.hint {
        Some(hint) => writeln!(out, "    hint: {}", escaped(hint)),
        None => Ok(()),
    }
}

fn json(notice: &Notice, time: &str) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("time", time.into());
    put("level", notice.event.level().name().into());
    put("event", notice.event.name().into());
    put("message", notice.message.as_str().into());
    for (name, field) in &notice.fields {
        put(
            name,
            match field {
                Field::Text(text) => text.as_str().into(),
                Field::Number(number) => (*number).into(),
                Field::Texts(texts) => texts.as_slice().into(),
            },
        );
    }
    if let Some(hint) = &notice.hint {
        put("hint", hint.as_str().into());
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(notice: &Notice, form: LogForm) -> String {
        let mut out = Vec::new();
        log(notice, form, "2026-11-22T05:00:00Z", &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_for_people_and_one_for_programs() {
        let notice = Notice::new(Event::Refused, "40 of 100 links\u{1b}[31m\nwould go")
            .number("count", 40_usize)
            .text("guard", "hide")
            .texts("links", vec!["ann/a\nb".to_owned()])
            .hint("let them through");
        insta::assert_snapshot!(logged(&notice, LogForm::Human), @r"
        2026-11-22T05:00:00Z refused: warning: 40 of 100 links\u{1b}[31m\nwould go
            ann/a\nb
            hint: let them through
        ");
        insta::assert_snapshot!(logged(&notice, LogForm::Json), @r#"{"time":"2026-11-22T05:00:00Z","level":"warning","event":"refused","message":"40 of 100 links\u001b[31m\nwould go","count":40,"guard":"hide","links":["ann/a\nb"],"hint":"let them through"}"#);
    }

    #[test]
    fn a_line_for_programs_begins_no_command_and_hides_nothing() {
        let text = "a##vso[task.x]b\u{202e}\u{9b}31m";
        let notice =
            Notice::new(Event::ManifestBroken, text).texts("problems", vec![text.to_owned()]);
        let line = logged(&notice, LogForm::Json);
        assert!(!line.contains("##") && !line.contains(['\u{202e}', '\u{9b}']));
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["message"], text);
    }

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> =
            Event::ALL.into_iter().map(Event::name).collect();
        assert_eq!(names.len(), Event::ALL.len());
    }
}

//! A plan as Markdown, for a comment on a pull request: the counts and what is
//! taken away first, the rest folded away, and never longer than a limit.
//!
//! | step | what is left out |
//! |---|---|
//! | 1 | nothing |
//! | 2 | the details of each row |
//! | 3 | all rows but those that take something away, send a token to another host, or are blocked |
//! | 4 | most of those too, most apps of the table on top, and what still has no room |
//!
//! The digest is in each: a plan that is too long must not look like none.
//!
//! Foreign texts stand in code blocks only, behind a fence that is longer than
//! any run in them: there they are no mention, no link and no picture.

use super::escape::escaped;
use super::hold;
use super::reach::{self, MostTouched, NamedHosts, Touched};
use super::text::{Header, TextOptions, guards, scope_in_words, section, summary};
use crate::plan::Plan;
use anstream::adapter::strip_str;
use std::io::{self, Write};

/// By this line a poster finds its comment again, to update it in place.
const MARKER: &str = "<!-- cplinks plan -->";
/// Shortest fence of a code block.
const FENCE: usize = 3;
/// Most rows of the last step.
const LAST_ROWS: usize = 50;
/// Longest row of the last step, in characters.
const LAST_WIDTH: usize = 200;
/// What stands for the rows that are left out.
const MORE: &str = "… and more";

/// Most pauses that are told one by one.
const NAMED_PAUSES: usize = 5;

/// How Markdown is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkdownOptions {
    /// Most characters; details are left out until it fits.
    pub limit: usize,
    /// Whether nothing at all is written where there is nothing to say.
    pub skip_empty: bool,
    /// How rows are laid out.
    pub text: TextOptions,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    All,
    Rows,
    Alarming,
    Few,
}

impl Detail {
    const STEPS: [Self; 4] = [Self::All, Self::Rows, Self::Alarming, Self::Few];

    /// How many apps, and how many hosts, are named on top.
    fn most_named(self) -> usize {
        match self {
            Self::All | Self::Rows => 10,
            Self::Alarming => 5,
            Self::Few => 3,
        }
    }

    /// What is missing, in a sentence.
    fn missing(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Rows => Some("The details of each row are left out"),
            Self::Alarming => Some(
                "Only what is taken away or blocked, and tokens that go to another host, are listed",
            ),
            Self::Few => Some("Only the first of the rows to look at first are listed"),
        }
    }
}

/// Writes a plan as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(
    plan: &Plan,
    header: &Header,
    options: &MarkdownOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_empty = plan.is_empty()
        && plan.held.is_empty()
        && plan.blocked.is_empty()
        && plan.guards.refusals.is_empty();
    if options.skip_empty && is_empty {
        return Ok(());
    }
    for detail in Detail::STEPS {
        let mut page = Page {
            text: String::new(),
            limit: options.limit,
        };
        if page.write(plan, header, options, detail).is_ok() || detail == Detail::Few {
            return out.write_all(page.text.as_bytes());
        }
    }
    Ok(())
}

/// There is no more room.
struct Full;

/// A page in the making, of at most so many characters.
struct Page {
    text: String,
    limit: usize,
}

impl Page {
    fn write(
        &mut self,
        plan: &Plan,
        header: &Header,
        options: &MarkdownOptions,
        detail: Detail,
    ) -> Result<(), Full> {
        let digest = header
            .digest
            .map_or_else(String::new, |digest| format!("\nDigest: `{digest}`\n"));
        let reserved = digest.chars().count();
        self.limit = self.limit.saturating_sub(reserved);
        let written = self.write_parts(plan, header, options, detail);
        self.limit = self.limit.saturating_add(reserved);
        written.and_then(|()| self.push(&digest))
    }

    fn write_parts(
        &mut self,
        plan: &Plan,
        header: &Header,
        options: &MarkdownOptions,
        detail: Detail,
    ) -> Result<(), Full> {
        self.push(MARKER)?;
        self.push(&format!("\n## cplinks: {}\n\n", summary::words(plan)))?;
        for line in about(plan, header, detail) {
            self.part(&line, detail)?;
        }
        self.part(&apps(plan, detail), detail)?;
        if let Some(missing) = detail.missing() {
            let limit = options.limit;
            let missing = format!("\n**{missing}**, to stay below {limit} characters.\n");
            self.part(&missing, detail)?;
        }
        if !plan.guards.refusals.is_empty() {
            let rows = self.rows(|out| guards::write(&plan.guards, out));
            self.block("Refused", &rows, detail)?;
        }
        let text = &options.text;
        let taken = self.rows(|out| section::write_taken(plan, text, out).map(|_| ()));
        let moved = self.rows(|out| section::write_moved(plan, text, out).map(|_| ()));
        // So that neither crowds the other out.
        let spared = match detail {
            Detail::Few if !moved.text.is_empty() => self.room() / 2,
            Detail::All | Detail::Rows | Detail::Alarming | Detail::Few => 0,
        };
        self.limit = self.limit.saturating_sub(spared);
        let written = self.block("Taken away, or blocked", &taken, detail);
        self.limit = self.limit.saturating_add(spared);
        written?;
        self.block("Tokens that go to another host", &moved, detail)?;
        if matches!(detail, Detail::All | Detail::Rows) {
            let rest = self.rows(|out| section::write_rest(plan, text, out).map(|_| ()));
            if !rest.text.is_empty() {
                self.push("\n<details><summary>Everything else</summary>\n")?;
                self.fenced(&rest, detail)?;
                self.push("\n</details>\n")?;
            }
            let held = self.rows(|out| section::write_held(plan, text, out).map(|_| ()));
            self.block("Waits", &held, detail)?;
        }
        Ok(())
    }

    /// How many characters there is room for.
    fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.chars().count())
    }

    fn push(&mut self, text: &str) -> Result<(), Full> {
        if text.chars().count() > self.room() {
            return Err(Full);
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Adds what stands above the rows. In the last step what has no room is
    /// left out, and half of all room is for the rows.
    fn part(&mut self, text: &str, detail: Detail) -> Result<(), Full> {
        let is_too_much = text.chars().count() > self.room().saturating_sub(self.limit / 2);
        if detail == Detail::Few && is_too_much {
            return Ok(());
        }
        self.push(text)
    }

    /// What a writer of rows writes, without colours, as far as it may fit.
    fn rows(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Rows {
        // With colours and details a row takes more than it ends with.
        let mut buffer = Bounded {
            bytes: Vec::new(),
            limit: self.limit.saturating_mul(16),
        };
        let is_torn = write(&mut buffer).is_err();
        if is_torn {
            let whole = buffer.bytes.iter().rposition(|byte| *byte == b'\n');
            buffer.bytes.truncate(whole.unwrap_or(0));
        }
        let text = String::from_utf8_lossy(&buffer.bytes).into_owned();
        Rows {
            text: strip_str(&text).to_string(),
            is_torn,
        }
    }

    fn block(&mut self, title: &str, rows: &Rows, detail: Detail) -> Result<(), Full> {
        if rows.text.is_empty() && !rows.is_torn {
            return Ok(());
        }
        let before = self.text.len();
        let written = self
            .push(&format!("\n### {title}\n"))
            .and_then(|()| self.fenced(rows, detail));
        match (written, detail) {
            (Err(Full), Detail::Few) => {
                self.text.truncate(before);
                Ok(())
            }
            (written, _) => written,
        }
    }

    fn fenced(&mut self, rows: &Rows, detail: Detail) -> Result<(), Full> {
        let text = match detail {
            Detail::Few => few(rows, self.room())?,
            _ if rows.is_torn => return Err(Full),
            Detail::All => rows.text.clone(),
            Detail::Rows | Detail::Alarming => heads(&rows.text).collect::<Vec<_>>().join("\n"),
        };
        self.push(&in_fence(&text))
    }
}

/// What a writer of rows wrote.
struct Rows {
    text: String,
    /// Whether it is not all of it, for want of room.
    is_torn: bool,
}

/// A code block.
fn in_fence(text: &str) -> String {
    let fence = "`".repeat(FENCE.max(longest_run(text) + 1));
    format!("\n{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// The lines that begin a row.
fn heads(rows: &str) -> impl Iterator<Item = &str> {
    rows.lines().filter(|line| !line.starts_with(' '))
}

/// The first rows, as many as have room in a code block.
fn few(rows: &Rows, room: usize) -> Result<String, Full> {
    let mut heads = heads(&rows.text);
    let cut = |line: &str| line.chars().take(LAST_WIDTH).collect::<String>();
    let mut lines: Vec<String> = heads.by_ref().take(LAST_ROWS).map(cut).collect();
    if rows.is_torn || heads.next().is_some() {
        lines.push(MORE.to_owned());
    }
    loop {
        let text = lines.join("\n");
        if in_fence(&text).chars().count() <= room {
            return Ok(text);
        }
        if lines.last().is_some_and(|line| line == MORE) {
            lines.pop();
        }
        // Without a row it says nothing.
        lines.pop();
        if lines.is_empty() {
            return Err(Full);
        }
        lines.push(MORE.to_owned());
    }
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// What the plan is about, and whom it touches.
fn about(plan: &Plan, header: &Header, detail: Detail) -> Vec<String> {
    let server = header.server.as_ref();
    let mut lines = vec![format!("Touches {}", reach::share(plan, server))];
    let resellers = reach::resellers(plan, server, code);
    if !resellers.is_empty() {
        lines.push(format!("Touched accounts {}", resellers.join(" ")));
    }
    let NamedHosts { named, more } = reach::named_hosts(plan, detail.most_named());
    if !named.is_empty() {
        let named = code(&named.join(", "));
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!(
            "Auto-login hosts that tokens would newly go to: {named}{more}"
        ));
    }
    lines.extend(waiting(plan));
    lines.push(format!("{} {}", header.title, code(&header.root)));
    if let Some(scope) = scope_in_words(&header.scope) {
        lines.push(format!("Only {}", code(&scope)));
    }
    lines.extend(
        header
            .notes
            .iter()
            .map(|note| format!("Note: {}", code(note))),
    );
    let lines = lines.into_iter().map(|line| format!("- {line}\n"));
    lines.collect()
}

/// A table of what is done to the apps that are touched most.
fn apps(plan: &Plan, detail: Detail) -> String {
    let Some(MostTouched { named, more }) = reach::most_touched(plan, detail.most_named()) else {
        return String::new();
    };
    let mut lines = vec![
        String::new(),
        "| app | to create | to replace | to hide | to remove |".to_owned(),
        "|---|--:|--:|--:|--:|".to_owned(),
    ];
    for (app, touched) in named {
        let Touched {
            create,
            replace,
            hide,
            remove,
        } = touched;
        let counts = [create, replace, hide, remove].map(|count| match count {
            0 => String::new(),
            _ => count.to_string(),
        });
        lines.push(format!("| {} | {} |", code(app), counts.join(" | ")));
    }
    if more > 0 {
        let more = summary::counted(more, "more app", "more apps");
        lines.push(format!("| … and {more} | | | | |"));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// What waits, a line for each pause that holds something.
fn waiting(plan: &Plan) -> Vec<String> {
    let mut lines = hold::waiting(plan);
    let more = lines.len().saturating_sub(NAMED_PAUSES);
    lines.truncate(NAMED_PAUSES);
    let mut lines: Vec<String> = lines.iter().map(|line| code(line)).collect();
    if more > 0 {
        lines.push(format!("and {more} more that something waits for"));
    }
    lines
}

/// A foreign text in a code span.
fn code(text: &str) -> String {
    let text = escaped(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    if ticks.len() == 1 {
        return format!("`{text}`");
    }
    format!("{ticks} {text} {ticks}")
}

/// A buffer that takes no more than it may.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit.saturating_sub(self.bytes.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.bytes.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! A plan as Markdown, for a comment on a pull request: the counts and what is
//! taken away first, the rest folded away, and never longer than a limit.
//!
//! | step | what is left out |
//! |---|---|
//! | 1 | nothing |
//! | 2 | the details of each row |
//! | 3 | all rows but those that take something away or are blocked |
//! | 4 | most of those too, and most apps of the table on top |
//!
//! Foreign texts stand in code blocks only, behind a fence that is longer than
//! any run in them: there they are no mention, no link and no picture.

use super::escape::escaped;
use super::hold;
use super::reach::{self, MostTouched, Touched};
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

    /// How many apps are named on top.
    fn most_apps(self) -> usize {
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
            Self::Alarming => Some("Only what is taken away or blocked is listed"),
            Self::Few => Some("Only the first rows of what is taken away or blocked are listed"),
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
        self.push(MARKER)?;
        self.push(&format!("\n## cplinks: {}\n\n", summary::words(plan)))?;
        self.push(&about(plan, header))?;
        self.push(&apps(plan, detail))?;
        if let Some(missing) = detail.missing() {
            let limit = options.limit;
            self.push(&format!(
                "\n**{missing}**, to stay below {limit} characters.\n"
            ))?;
        }
        if !plan.guards.refusals.is_empty() {
            let rows = self.rows(|out| guards::write(&plan.guards, out))?;
            self.block("Refused", &rows, detail)?;
        }
        let alarming =
            self.rows(|out| section::write_alarming(plan, &options.text, out).map(|_| ()));
        match (alarming, detail) {
            (Ok(rows), _) => self.block("Taken away, or blocked", &rows, detail)?,
            (Err(Full), Detail::Few) => {
                let first = self.first_rows(plan, options);
                self.block("Taken away, or blocked", &first, detail)?;
            }
            (Err(full), _) => return Err(full),
        }
        if matches!(detail, Detail::All | Detail::Rows) {
            let rest =
                self.rows(|out| section::write_rest(plan, &options.text, out).map(|_| ()))?;
            if !rest.is_empty() {
                self.push("\n<details><summary>Everything else</summary>\n")?;
                self.fenced(&rest, detail)?;
                self.push("\n</details>\n")?;
            }
            let held =
                self.rows(|out| section::write_held(plan, &options.text, out).map(|_| ()))?;
            self.block("Waits", &held, detail)?;
        }
        match header.digest {
            Some(digest) => self.push(&format!("\nDigest: `{digest}`\n")),
            None => Ok(()),
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Full> {
        let room = self.limit.saturating_sub(self.text.chars().count());
        if text.chars().count() > room {
            return Err(Full);
        }
        self.text.push_str(text);
        Ok(())
    }

    /// What a writer of rows writes, without colours, if it may fit at all.
    fn rows(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<String, Full> {
        // With colours and details a row takes more than it ends with.
        let mut buffer = Bounded {
            bytes: Vec::new(),
            limit: self.limit.saturating_mul(16),
        };
        write(&mut buffer).map_err(|_| Full)?;
        let text = String::from_utf8_lossy(&buffer.bytes).into_owned();
        Ok(strip_str(&text).to_string())
    }

    /// The first rows that take something away, where not all of them fit.
    fn first_rows(&self, plan: &Plan, options: &MarkdownOptions) -> String {
        let mut buffer = Bounded {
            bytes: Vec::new(),
            limit: self.limit,
        };
        // It ends in the middle of a row, and the last ones are not shown.
        section::write_alarming(plan, &options.text, &mut buffer).ok();
        let text = String::from_utf8_lossy(&buffer.bytes).into_owned();
        strip_str(&text).to_string()
    }

    fn block(&mut self, title: &str, rows: &str, detail: Detail) -> Result<(), Full> {
        if rows.is_empty() {
            return Ok(());
        }
        self.push(&format!("\n### {title}\n"))?;
        self.fenced(rows, detail)
    }

    fn fenced(&mut self, rows: &str, detail: Detail) -> Result<(), Full> {
        let text = match detail {
            Detail::All => rows.to_owned(),
            Detail::Rows | Detail::Alarming => heads(rows).collect::<Vec<_>>().join("\n"),
            Detail::Few => few(rows),
        };
        let fence = "`".repeat(FENCE.max(longest_run(&text) + 1));
        let text = text.trim_end();
        self.push(&format!("\n{fence}text\n{text}\n{fence}\n"))
    }
}

/// The lines that begin a row.
fn heads(rows: &str) -> impl Iterator<Item = &str> {
    rows.lines().filter(|line| !line.starts_with(' '))
}

fn few(rows: &str) -> String {
    let mut heads = heads(rows);
    let cut = |line: &str| line.chars().take(LAST_WIDTH).collect::<String>();
    let mut lines: Vec<String> = heads.by_ref().take(LAST_ROWS).map(cut).collect();
    if heads.next().is_some() {
        lines.push("… and more".to_owned());
    }
    lines.join("\n")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// What the plan is about, and whom it touches.
fn about(plan: &Plan, header: &Header) -> String {
    let server = header.server.as_ref();
    let mut lines = vec![format!("Touches {}", reach::share(plan, server))];
    let resellers = reach::resellers(plan, server, code);
    if !resellers.is_empty() {
        lines.push(format!("Touched accounts {}", resellers.join(" ")));
    }
    let hosts: Vec<String> = reach::new_hosts(plan).into_iter().collect();
    if !hosts.is_empty() {
        let hosts = code(&hosts.join(", "));
        lines.push(format!(
            "Auto-login hosts that tokens would newly go to: {hosts}"
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
    let Some(MostTouched { named, more }) = reach::most_touched(plan, detail.most_apps()) else {
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

//! A plan as text for people: the summary first and last, what is taken away
//! on top, identical changes of many users as one row. Everything is streamed
//! from the plan; nothing is decided here.
//!
//! Not for programs: the JSON plan is the form that keeps its shape.

mod by_name;
pub(super) mod create;
mod drift;
pub(super) mod fold;
mod found;
mod group;
pub(super) mod guards;
mod inline;
pub(super) mod line;
mod login;
pub(super) mod row;
pub(super) mod section;
mod status;
pub(super) mod summary;
#[cfg(test)]
pub(super) mod tests;
mod value;

pub use drift::{DriftHeader, drift};
pub use found::{FoundLink, Whose, found, found_rows};
pub use login::{UrlShown, login_end, login_form, login_title, login_try};
pub use status::status;
pub(crate) use summary::counted;

use crate::plan::{Digest, Plan, Scope, Server, Unlisted};
use crate::report::escape::escaped;
use crate::report::hold;
use crate::report::style::{DIM, styled};
use std::io::{self, Write};

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether each user's change has a row of its own, even where many are
    /// identical.
    pub expand: bool,
    /// Columns of the terminal, or what to take for it. Only long texts that
    /// are compared are cut to it.
    pub width: usize,
}

/// What stands above a plan: the circumstances under which it was made.
#[derive(Debug, Clone)]
pub struct Header {
    /// What is shown, up to the root: `plan of`.
    pub title: String,
    /// The root that was read.
    pub root: String,
    /// The rule for links that the manifest does not name, where there is a
    /// manifest.
    pub unlisted: Option<Unlisted>,
    /// What this run is limited to.
    pub scope: Scope,
    /// Whether there is a record of what cplinks owns. Without one nothing is
    /// owned, so nothing unlisted is hidden or removed.
    pub ledger: bool,
    /// Sentences that a reader should know of first.
    pub notes: Vec<String>,
    /// What is known of the server's accounts.
    pub server: Option<Server>,
    /// By what the plan is known, where that is told.
    pub digest: Option<Digest>,
}

/// Writes a plan as text.
///
/// # Errors
/// Those of `out`.
pub fn plan(
    plan: &Plan,
    header: &Header,
    options: &TextOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", summary::summary(plan))?;
    if let Some(beside) = summary::beside(plan) {
        writeln!(out, "{beside}")?;
    }
    for line in summary::reach(plan, header.server.as_ref(), options.width) {
        writeln!(out, "{line}")?;
    }
    for line in hold::waiting(plan) {
        writeln!(out, "{line}")?;
    }
    write_header(header, out)?;
    let has_rows = !plan.is_empty()
        || !plan.blocked.is_empty()
        || !plan.held.is_empty()
        || !plan.missing_accounts.is_empty();
    if has_rows {
        writeln!(out)?;
    }
    let body = section::write(plan, options, out)?;
    if has_rows {
        writeln!(out)?;
    }
    guards::write(&plan.guards, out)?;
    if body == section::Body::Folded {
        writeln!(out, "{}", styled(DIM, "use --expand to list each"))?;
    }
    if summary::tokens_not_compared(plan) > 0 {
        writeln!(
            out,
            "hint: tokens that are not known here are not compared; --secrets FILE gives secrets"
        )?;
    }
    // Said once where nothing stands between.
    if has_rows || !plan.guards.refusals.is_empty() {
        writeln!(out, "{}", summary::summary(plan))?;
    }
    if let Some(digest) = header.digest {
        writeln!(out, "digest: {digest}")?;
    }
    Ok(())
}

/// What a run is limited to, as the flags say it; `None` is everything.
pub fn scope_in_words(scope: &Scope) -> Option<String> {
    let words: Vec<String> = [
        ("--user", &scope.users),
        ("--app", &scope.apps),
        ("--exclude-user", &scope.exclude_users),
        ("--exclude-app", &scope.exclude_apps),
    ]
    .into_iter()
    .flat_map(|(flag, globs)| globs.texts().map(move |glob| format!("{flag} {glob}")))
    .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

pub(super) fn write_header(header: &Header, out: &mut dyn Write) -> io::Result<()> {
    let Header {
        title,
        root,
        unlisted,
        scope,
        ledger,
        notes,
        server: _,
        digest: _,
    } = header;
    let scope = match scope_in_words(scope) {
        Some(scope) => format!(" · only {}", escaped(&scope)),
        None => String::new(),
    };
    let rule = unlisted.map(|rule| format!(" · unlisted: {}", rule.name()));
    let line = format!(
        "{title} {}{}{scope}",
        escaped(root),
        rule.as_deref().unwrap_or_default()
    );
    writeln!(out, "{}", styled(DIM, line))?;
    let waits = match unlisted {
        Some(Unlisted::HideOwned) => Some("hidden"),
        Some(Unlisted::RemoveOwned) => Some("removed"),
        Some(Unlisted::HideAll | Unlisted::Keep) | None => None,
    };
    if let (Some(waits), false) = (waits, ledger) {
        writeln!(
            out,
            "note: unlisted links are not {waits} yet: there is no record of what cplinks owns"
        )?;
    }
    for note in notes {
        writeln!(out, "note: {}", escaped(note))?;
    }
    Ok(())
}

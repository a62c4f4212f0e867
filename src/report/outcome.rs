//! What an apply did, as text: the counts first and last, failures between
//! them with where and why. An *outcome* is what became of one change; which
//! ones there are was decided by the plan.

use super::escape::escaped;
use super::style::{BOLD, DIM, REFUSED, styled};
use super::text::counted;
use std::fmt;
use std::io::{self, Write};

/// What was to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// A link that was not there.
    Create,
    /// A link that was.
    Replace,
    /// A link leaves the menu.
    Hide,
    /// A link's files go.
    Remove,
    /// A menu group that was not there.
    CreateGroup,
    /// A menu group that was.
    ReplaceGroup,
    /// A menu group's files go.
    RemoveGroup,
    /// A user folder's mode or owner.
    MendFolder,
}

impl Deed {
    /// All deeds, in the order in which they are told.
    const ALL: [Self; 8] = [
        Self::Create,
        Self::Replace,
        Self::Hide,
        Self::Remove,
        Self::CreateGroup,
        Self::ReplaceGroup,
        Self::RemoveGroup,
        Self::MendFolder,
    ];

    fn verb(self) -> &'static str {
        match self {
            Self::Create | Self::CreateGroup => "create",
            Self::Replace | Self::ReplaceGroup => "replace",
            Self::Hide => "hide",
            Self::Remove | Self::RemoveGroup => "remove",
            Self::MendFolder => "mend",
        }
    }

    fn counted(self, count: usize) -> String {
        let groups = || counted(count, "group", "groups");
        match self {
            Self::Create => format!("{count} created"),
            Self::Replace => format!("{count} replaced"),
            Self::Hide => format!("{count} hidden"),
            Self::Remove => format!("{count} removed"),
            Self::CreateGroup => format!("{} created", groups()),
            Self::ReplaceGroup => format!("{} replaced", groups()),
            Self::RemoveGroup => format!("{} removed", groups()),
            Self::MendFolder => format!("{} mended", counted(count, "folder", "folders")),
        }
    }
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeLine {
    /// What it is about, such as `alice/ACME_billing`.
    pub address: String,
    /// What was to be done.
    pub deed: Deed,
    /// Why it was not; `None` where it was.
    pub failure: Option<Failure>,
}

/// Why a change was not carried out. Its texts hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file or folder it failed at, if it was one.
    pub at: Option<String>,
    /// The error, in one phrase.
    pub error: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What stands beside the changes of an apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The command, as a sentence begins with it.
    pub command: &'static str,
    /// What the plan could not handle; told in the plan.
    pub blocked: usize,
    /// Changes that were not begun, since the run ended early.
    pub not_begun: usize,
    /// Sentences that a reader should know of first.
    pub notes: Vec<String>,
}

/// Writes what an apply did.
///
/// # Errors
/// Those of `out`.
pub fn outcome(lines: &[OutcomeLine], beside: &Beside, out: &mut dyn Write) -> io::Result<()> {
    let Beside {
        command,
        blocked,
        not_begun,
        notes,
    } = beside;
    let summary = summary(command, lines, *not_begun);
    writeln!(out, "{summary}")?;
    if *blocked > 0 {
        let line = format!("{blocked} blocked, left as they are");
        writeln!(out, "{}", styled(DIM, line))?;
    }
    for note in notes {
        writeln!(out, "note: {}", escaped(note))?;
    }
    let mut failed = lines
        .iter()
        .filter_map(|line| Some((line, line.failure.as_ref()?)))
        .peekable();
    // The summary stands alone where there is nothing between.
    if failed.peek().is_none() && *blocked == 0 && notes.is_empty() {
        return Ok(());
    }
    for (line, failure) in failed {
        write_failure(line, failure, out)?;
    }
    writeln!(out, "{summary}")
}

fn summary(command: &str, lines: &[OutcomeLine], not_begun: usize) -> String {
    if lines.is_empty() && not_begun == 0 {
        return styled(BOLD, format_args!("{command}: nothing to do"));
    }
    let count = |is_it: &dyn Fn(&OutcomeLine) -> bool| lines.iter().filter(|l| is_it(l)).count();
    let mut parts: Vec<String> = Deed::ALL
        .into_iter()
        .map(|deed| (deed, count(&|l| l.deed == deed && l.failure.is_none())))
        .filter(|(_, count)| *count > 0)
        .map(|(deed, count)| deed.counted(count))
        .collect();
    parts.push(format!("{} failed", count(&|l| l.failure.is_some())));
    if not_begun > 0 {
        parts.push(format!("{not_begun} not begun"));
    }
    styled(BOLD, format_args!("{command}: {}", parts.join(", ")))
}

fn write_failure(line: &OutcomeLine, failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    let Failure { at, error, hint } = failure;
    let (address, verb) = (escaped(&line.address), line.deed.verb());
    let mark = styled(REFUSED, "! failed ");
    let error = escaped(error);
    writeln!(out, "{mark}  {address}: could not {verb} it: {error}")?;
    let mut detail = |name: &str, text: &Option<String>| match text {
        Some(text) => write_detail(name, escaped(text), out),
        None => Ok(()),
    };
    detail("at", at)?;
    detail("hint", hint)
}

fn write_detail(name: &str, text: impl fmt::Display, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "    {}: {text}", styled(DIM, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[OutcomeLine], beside: &Beside) -> String {
        let mut out = Vec::new();
        outcome(lines, beside, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    }

    fn beside() -> Beside {
        Beside {
            command: "Apply",
            ..Beside::default()
        }
    }

    fn done(deed: Deed) -> OutcomeLine {
        OutcomeLine {
            address: "alice/ACME_billing".to_owned(),
            deed,
            failure: None,
        }
    }

    #[test]
    fn nothing_to_do_is_said_in_a_line() {
        insta::assert_snapshot!(check(&[], &beside()), @r"
Apply: nothing to do
");
    }

    #[test]
    fn what_was_done_is_counted_once() {
        let lines = [done(Deed::Create), done(Deed::Create), done(Deed::Hide)];
        insta::assert_snapshot!(check(&lines, &beside()), @r"
Apply: 2 created, 1 hidden, 0 failed
");
    }

    #[test]
    fn failures_stand_between_the_counts_with_where_and_why() {
        let mut lines: Vec<_> = Deed::ALL.into_iter().map(done).collect();
        lines.push(OutcomeLine {
            failure: Some(Failure {
                at: Some("links/bob/ACME_billing.userconfig".to_owned()),
                error: "changed by someone else\n::error::".to_owned(),
                hint: Some("plan again".to_owned()),
            }),
            address: "bob/ACME_billing".to_owned(),
            deed: Deed::Replace,
        });
        let beside = Beside {
            blocked: 2,
            not_begun: 3,
            notes: vec!["an interrupted run was finished first".to_owned()],
            ..beside()
        };
        insta::assert_snapshot!(check(&lines, &beside), @r"
Apply: 1 created, 1 replaced, 1 hidden, 1 removed, 1 group created, 1 group replaced, 1 group removed, 1 folder mended, 1 failed, 3 not begun
2 blocked, left as they are
note: an interrupted run was finished first
! failed   bob/ACME_billing: could not replace it: changed by someone else\n::error::
    at: links/bob/ACME_billing.userconfig
    hint: plan again
Apply: 1 created, 1 replaced, 1 hidden, 1 removed, 1 group created, 1 group replaced, 1 group removed, 1 folder mended, 1 failed, 3 not begun
");
    }
}

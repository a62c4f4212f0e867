//! The plan in one line, and beside it what is left alone: counts in words,
//! without those that are nought.

use super::row::Verb;
use crate::plan::{Change, Plan, Reason, Server, TokenAfter};
use crate::report::escape::escaped;
use crate::report::reach::{self, MostTouched, NamedHosts};
use crate::report::style::{BOLD, DIM, styled};
use std::fmt::Display;

/// How many changes of each kind there are.
#[derive(Debug, Default)]
struct Tally {
    links: [usize; 4],
    adopted: usize,
    groups_created: usize,
    groups_replaced: usize,
    groups_removed: usize,
}

/// Links by verb, in the order in which they are told.
const VERBS: [Verb; 4] = [Verb::Create, Verb::Replace, Verb::Hide, Verb::Remove];

impl Tally {
    fn of(plan: &Plan) -> Self {
        let mut tally = Self::default();
        for change in &plan.changes {
            match (change, Verb::of(change)) {
                (Change::Group(_), Verb::Create) => tally.groups_created += 1,
                (Change::Group(_), Verb::Remove) => tally.groups_removed += 1,
                (
                    Change::Group(_),
                    Verb::Replace
                    | Verb::Hide
                    | Verb::Blocked
                    | Verb::Mend
                    | Verb::Wait
                    | Verb::Skip,
                ) => tally.groups_replaced += 1,
                (Change::Link(link), verb) => {
                    for (known, count) in VERBS.into_iter().zip(&mut tally.links) {
                        *count += usize::from(known == verb);
                    }
                    let is_adopted = link.reasons.contains(&Reason::Adopt);
                    tally.adopted += usize::from(verb == Verb::Replace && is_adopted);
                }
            }
        }
        tally
    }
}

/// `1 group`, `2 groups`.
pub(crate) fn counted<N>(count: N, one: &str, many: &str) -> String
where
    N: Copy + Display + From<u8> + PartialEq,
{
    let is_one = count == N::from(1);
    format!("{count} {}", if is_one { one } else { many })
}

/// The plan in one line, told first and last.
pub(super) fn summary(plan: &Plan) -> String {
    styled(BOLD, format_args!("Plan: {}", words(plan)))
}

/// What a plan comes to.
pub(in crate::report) fn words(plan: &Plan) -> String {
    let Tally {
        links,
        adopted,
        groups_created,
        groups_replaced,
        groups_removed,
    } = Tally::of(plan);
    let mut parts = Vec::new();
    for (verb, count) in VERBS.into_iter().zip(links) {
        let word = match verb {
            Verb::Create => "create",
            Verb::Replace if adopted > 0 => {
                parts.push(format!("{count} to replace ({adopted} adopted)"));
                continue;
            }
            Verb::Replace => "replace",
            Verb::Hide => "hide",
            Verb::Remove => "remove",
            Verb::Blocked | Verb::Mend | Verb::Wait | Verb::Skip => continue,
        };
        if count > 0 {
            parts.push(format!("{count} to {word}"));
        }
    }
    for (count, word) in [
        (groups_created, "create"),
        (groups_replaced, "replace"),
        (groups_removed, "remove"),
    ] {
        if count > 0 {
            parts.push(format!("{} to {word}", counted(count, "group", "groups")));
        }
    }
    let folders = plan.folders.len();
    if folders > 0 {
        parts.push(format!("{} to mend", counted(folders, "folder", "folders")));
    }
    if parts.is_empty() {
        parts.push("no changes".to_owned());
    }
    if !plan.blocked.is_empty() {
        parts.push(format!("{} blocked", plan.blocked.len()));
    }
    match plan.held.len() {
        0 => {}
        1 => parts.push("1 waits".to_owned()),
        held => parts.push(format!("{held} wait")),
    }
    let mut line = parts.join(", ");
    if !plan.guards.refusals.is_empty() {
        let guards: Vec<&str> = plan
            .guards
            .refusals
            .iter()
            .map(|r| r.guard.name())
            .collect();
        line = format!("{line}; refused by guard {}", guards.join(" and "));
    }
    line
}

/// How many hosts are named.
const NAMED_HOSTS: usize = 5;

/// What it means for customers, in lines of at most so many columns; none if
/// nothing is changed.
pub(super) fn reach(plan: &Plan, server: Option<&Server>, width: usize) -> Vec<String> {
    if plan.is_empty() {
        return Vec::new();
    }
    let mut line = format!("touches {}", reach::share(plan, server));
    let NamedHosts { named, more } = reach::named_hosts(plan, NAMED_HOSTS);
    if !named.is_empty() {
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = escaped(&named.join(", ")).into_owned();
        line = format!("{line} · tokens would newly go to {named}{more}");
    }
    let mut lines = vec![line];
    let resellers = reach::resellers(plan, server, |name| escaped(name).into_owned());
    lines.extend(wrapped(&resellers, width));
    lines.extend(by_app(plan, width));
    lines.into_iter().map(|line| styled(DIM, line)).collect()
}

/// How many apps are named.
const NAMED_APPS: usize = 5;

/// What is done to the apps that are touched most; nothing where the summary
/// and the rows say it.
fn by_app(plan: &Plan, width: usize) -> Vec<String> {
    let Some(MostTouched { named, more }) = reach::most_touched(plan, NAMED_APPS) else {
        return Vec::new();
    };
    let mut pieces = vec!["by app:".to_owned()];
    for (at, (app, touched)) in named.into_iter().enumerate() {
        if let (Some(last), 1..) = (pieces.last_mut(), at) {
            last.push_str(" ·");
        }
        // Between two counts a line may end, within one it may not.
        let counts = format!("{app} {}", touched.parts().join(",\n"));
        pieces.extend(counts.lines().map(str::to_owned));
    }
    if more > 0 {
        pieces.push(format!("… and {}", counted(more, "more app", "more apps")));
    }
    wrapped(&pieces, width)
}

/// Pieces in lines of at most so many columns, if each fits on one; all but the
/// first are indented.
fn wrapped(pieces: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + piece.chars().count() <= width => {
                line.push(' ');
                line.push_str(piece);
            }
            Some(_) => lines.push(format!("    {piece}")),
            None => lines.push(piece.clone()),
        }
    }
    lines
}

const OURS_LEFT: &str = "of cplinks' own not named and left alone";

/// What is not changed, if there is anything of the kind.
pub(in crate::report) fn beside(plan: &Plan) -> Option<String> {
    let counts = &plan.counts;
    let not_compared = tokens_not_compared(plan);
    let in_sync: &str = &match counts.adopted {
        0 => "in sync".to_owned(),
        adopted => format!("in sync ({adopted} adopted)"),
    };
    let parts: Vec<String> = [
        (counts.in_sync, in_sync, in_sync),
        (counts.foreign, "foreign left alone", "foreign left alone"),
        (counts.ours_left, OURS_LEFT, OURS_LEFT),
        (not_compared, "token not compared", "tokens not compared"),
        (counts.strays, "stray file", "stray files"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    (!parts.is_empty()).then(|| styled(DIM, parts.join(" · ")))
}

/// Links whose token could not be resolved: those in sync, which the plan
/// counts, and those among the changes.
pub(in crate::report) fn tokens_not_compared(plan: &Plan) -> usize {
    let changed = plan.changes.iter().filter(|change| match change {
        Change::Group(_) => false,
        Change::Link(link) => {
            let token = link.action.after().map(|after| &after.token);
            matches!(token, Some(TokenAfter::NotCompared { .. }))
        }
    });
    plan.counts.tokens_not_compared + changed.count()
}

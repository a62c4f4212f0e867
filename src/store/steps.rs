//! The order in which the files of one link change, as a pure function. There
//! is no rename of several files at once, and the panel posts the token of
//! the adminconfig (A) to the URL in the userconfig (U) as soon as the menu
//! entry (D) shows: so the order is what keeps tokens from foreign URLs and
//! half links from customers. Does nothing itself.

#![deny(clippy::wildcard_enum_match_arm)]

use super::edit::Trio;
use crate::model::FileKind::{self, Adminconfig, Menu, Userconfig};
use crate::plan::{FileChange, Tree};

/// One step on the live tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Swap the staged file with the live one.
    Exchange(FileKind),
    /// Move the staged file to where none may be.
    Install(FileKind),
    /// Move the live file to the backup.
    Back(FileKind),
    /// Look whether a file that stays is still what the plan was made from,
    /// and go no further if it is not.
    Check(FileKind),
    /// Wait until the user's folder in this tree is on the disk.
    Sync(Tree),
}

impl Step {
    /// The file it moves.
    pub(super) fn file(self) -> Option<FileKind> {
        match self {
            Self::Exchange(kind) | Self::Install(kind) | Self::Back(kind) => Some(kind),
            Self::Check(_) | Self::Sync(_) => None,
        }
    }
}

/// Whether a file is there before the edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nothing.
    Absent,
    /// A regular file, broken or not.
    Present,
}

/// Whether the customer sees the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The menu has an entry that is not switched off, or one that does not
    /// parse.
    Yes,
    /// No entry, or it is switched off.
    No,
}

/// What becomes of auto-login URL and token together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    /// At least one of the two stays, so old and new go together.
    Holds,
    /// The URL changes beside a token whose file is left alone. No exchange
    /// would notice that somebody else puts another token there, which was
    /// never declared for that URL.
    UrlAlone,
    /// Both change, or it is not known that they do not, and there is an
    /// adminconfig now: neither old beside new is declared.
    Changes,
}

/// Whether configuration and token are there before the edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Both, and both parse.
    Whole,
    /// One of them is missing or does not parse.
    Broken,
}

/// What the order of a link's steps depends on, beside which files are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether the customer sees it before.
    pub(crate) before: Shows,
    /// Whether the customer sees it afterwards.
    pub(crate) after: Shows,
    /// What becomes of URL and token.
    pub(crate) pair: Pair,
    /// Whether it is whole before.
    pub(crate) start: Start,
}

/// What kind of thing the files are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A menu group: nothing secret, and it shows only around its links.
    Group,
    /// A link.
    Link(Facts),
}

/// Whether a link that shows must leave the menu while it changes, so that
/// its menu entry has to be written even if it stays the same.
pub(crate) fn needs_menu(facts: Facts) -> bool {
    let is_shown_throughout = facts.before == Shows::Yes && facts.after == Shows::Yes;
    is_shown_throughout && (facts.pair == Pair::Changes || facts.start == Start::Broken)
}

/// What happens to one file, taken by itself: an exchange where there is one
/// before and after, else an install or a move to the backup.
fn lone_step(kind: FileKind, before: Presence, change: FileChange) -> Option<Step> {
    match (before, change) {
        (Presence::Present, FileChange::Write) => Some(Step::Exchange(kind)),
        (Presence::Absent, FileChange::Write) => Some(Step::Install(kind)),
        (Presence::Present, FileChange::Remove) => Some(Step::Back(kind)),
        (Presence::Absent, FileChange::Remove)
        | (Presence::Absent | Presence::Present, FileChange::Keep) => None,
    }
}

/// The steps of one edit; C is a check.
///
/// | transition | steps |
/// |---|---|
/// | create | I(U) I(A), sync links; I(D), sync dynamicui |
/// | fields only | X(U), X(D) |
/// | token only | X(A) |
/// | auto-login URL, not the token's file | C(A) X(U) C(A), X(D) |
/// | fields and token, same auto-login URL | X(U) X(A) X(D) |
/// | auto-login URL and token together | B(D), sync dynamicui; B(A), sync links; X(U) I(A), sync links; I(D), sync dynamicui |
/// | hide | X(D), sync; X(U) |
/// | unhide | X(U), sync; X(D) |
/// | remove | B(D), sync; B(A) B(U), sync |
/// | visible without U or A | B(D), sync; U A, sync links; I(D), sync dynamicui |
/// | group | U then D |
/// | group that goes | sync both; B(D), sync dynamicui; B(U), sync links |
///
/// A folder that is changed after its last sync here is synced at the end of
/// the batch.
pub(super) fn steps(before: Trio<Presence>, change: Trio<FileChange>, manner: Manner) -> Vec<Step> {
    let lone = |kind| lone_step(kind, *before.of(kind), *change.of(kind));
    let (u, a, d) = (lone(Userconfig), lone(Adminconfig), lone(Menu));
    match manner {
        Manner::Group => group_steps(u, d),
        #[cfg(test)]
        Manner::Link(facts) if super::sim::is_order_wrong() => {
            link_steps(u, a, d, facts).into_iter().rev().collect()
        }
        Manner::Link(facts) => link_steps(u, a, d, facts),
    }
}

/// A group that goes does so after its links left it, on the disk too: else a
/// power cut could leave them in a group that is not there. The folders are
/// synced only if something in them changed.
fn group_steps(u: Option<Step>, d: Option<Step>) -> Vec<Step> {
    let goes = |step: &Option<Step>| matches!(step, Some(Step::Back(_)));
    if !goes(&u) && !goes(&d) {
        return [u, d].into_iter().flatten().collect();
    }
    let mut steps = vec![Step::Sync(Tree::Links), Step::Sync(Tree::Menu)];
    for (step, tree) in [(d, Tree::Menu), (u, Tree::Links)] {
        if let Some(step) = step {
            steps.extend([step, Step::Sync(tree)]);
        }
    }
    steps
}

fn link_steps(u: Option<Step>, a: Option<Step>, d: Option<Step>, facts: Facts) -> Vec<Step> {
    let body = body_steps(u, a, facts.pair);
    let goes_first = facts.after == Shows::No || matches!(d, Some(Step::Back(_)));
    let is_withdrawn = needs_menu(facts) && d == Some(Step::Exchange(Menu));
    let mut steps = Vec::new();

    if is_withdrawn {
        // Synced before the token goes: else a power cut could leave it
        // showing without one.
        steps.extend([Step::Back(Menu), Step::Sync(Tree::Menu)]);
        steps.extend(&body);
    } else {
        if goes_first {
            steps.extend(d);
            let leaves_the_menu = facts.before == Shows::Yes || matches!(d, Some(Step::Back(_)));
            if d.is_some() && leaves_the_menu && !body.is_empty() {
                steps.push(Step::Sync(Tree::Menu));
            }
        }
        steps.extend(&body);
    }

    let is_removal = body.iter().any(|s| matches!(s, Step::Back(_)))
        && !body.iter().any(|s| matches!(s, Step::Install(_)));
    match d {
        Some(_) if is_withdrawn => appear(&mut steps, &body, Step::Install(Menu)),
        Some(install @ Step::Install(_)) if !goes_first => appear(&mut steps, &body, install),
        Some(step) if !goes_first => {
            if facts.before == Shows::No && !body.is_empty() {
                steps.push(Step::Sync(Tree::Links));
            }
            steps.push(step);
        }
        _ if is_removal => steps.push(Step::Sync(Tree::Links)),
        _ => {}
    }
    steps
}

/// The link enters the menu once all else is on the disk.
fn appear(steps: &mut Vec<Step>, body: &[Step], install: Step) {
    if !body.is_empty() {
        steps.push(Step::Sync(Tree::Links));
    }
    steps.extend([install, Step::Sync(Tree::Menu)]);
}

/// The steps of U and A. A token that goes leaves before anything else; a new
/// one comes after its URL, and where the old one must not meet that URL
/// either, it leaves for good first.
fn body_steps(u: Option<Step>, a: Option<Step>, pair: Pair) -> Vec<Step> {
    match (a, pair) {
        (Some(Step::Exchange(_)), Pair::Changes) => {
            let withdrawn = [Step::Back(Adminconfig), Step::Sync(Tree::Links)];
            withdrawn
                .into_iter()
                .chain(u)
                .chain([Step::Install(Adminconfig)])
                .collect()
        }
        (Some(Step::Back(_)), _) => a.into_iter().chain(u).collect(),
        // Before, so that a token that is not the one planned never meets the
        // new URL; and after, for one that came in between.
        (None, Pair::UrlAlone) => {
            let check = Step::Check(Adminconfig);
            u.map_or(Vec::new(), |u| vec![check, u, check])
        }
        _ => u.into_iter().chain(a).collect(),
    }
}

#[cfg(test)]
mod tests;

//! What a plan means for customers, in numbers: how many accounts it touches,
//! what it does to each app, and to which hosts tokens would newly go.

use super::text::counted;
use crate::plan::{Change, GroupAction, LinkAction, Plan, Server};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many resellers are named.
const NAMED_RESELLERS: usize = 5;

/// How many links of an app, or menu groups, are changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Touched {
    pub(super) create: usize,
    pub(super) replace: usize,
    pub(super) hide: usize,
    pub(super) remove: usize,
}

impl Touched {
    /// The counts that are not nought, each with its word.
    pub(super) fn parts(self) -> Vec<String> {
        let Self {
            create,
            replace,
            hide,
            remove,
        } = self;
        let counts = [
            (create, "create"),
            (replace, "replace"),
            (hide, "hide"),
            (remove, "remove"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts
            .map(|(count, word)| format!("{count} to {word}"))
            .collect()
    }

    fn total(self) -> usize {
        self.create + self.replace + self.hide + self.remove
    }
}

/// The apps that most is done to, for a form with little room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MostTouched<'p> {
    /// The most touched first.
    pub(super) named: Vec<(&'p str, Touched)>,
    /// How many apps are not named.
    pub(super) more: usize,
}

/// How many accounts are touched.
pub(super) fn accounts(plan: &Plan) -> usize {
    plan.touched().count()
}

/// Of how many accounts how many are touched, in words: of those of the server
/// where it says how many it has, or else of those that were looked at.
pub(super) fn share(plan: &Plan, server: Option<&Server>) -> String {
    let touched = accounts(plan);
    let Some(server) = server else {
        let of = counted(plan.counts.users, "account", "accounts");
        return format!("{touched} of {of} looked at");
    };
    let of = counted(server.accounts, "account", "accounts");
    let percent = percent(server.touched, server.accounts);
    let share = format!("{} of {of} on the server{percent}", server.touched);
    match touched.saturating_sub(server.touched) {
        0 => share,
        others => format!("{share} and {others} that it does not have"),
    }
}

/// A share in brackets, to a tenth. Neither all nor nothing is said of what is
/// only nearly that.
fn percent(count: usize, of: usize) -> String {
    if of == 0 {
        return String::new();
    }
    let tenths = (count * 1000 + of / 2) / of;
    match (tenths, tenths % 10) {
        (0, _) if count > 0 => " (below 0.1 %)".to_owned(),
        (1000, _) if count < of => " (over 99.9 %)".to_owned(),
        (_, 0) => format!(" ({} %)", tenths / 10),
        (_, tenth) => format!(" ({}.{tenth} %)", tenths / 10),
    }
}

/// How many touched accounts are in no reseller's count.
pub(super) fn without_reseller(plan: &Plan, server: Option<&Server>) -> usize {
    let known: usize = server.map_or(0, |server| server.resellers.values().sum());
    accounts(plan).saturating_sub(known)
}

/// The resellers whose accounts are touched, in pieces that may stand on lines
/// of their own: those with the most first, the others counted. None where
/// nothing is known of the server, or nothing is touched.
pub(super) fn resellers(
    plan: &Plan,
    server: Option<&Server>,
    name: impl Fn(&str) -> String,
) -> Vec<String> {
    let Some(server) = server else {
        return Vec::new();
    };
    let mut named: Vec<_> = server.resellers.iter().collect();
    // Of those that have as many the order of their names stays.
    named.sort_by_key(|(_, accounts)| std::cmp::Reverse(**accounts));
    let all = counted(named.len(), "reseller", "resellers");
    let mut pieces: Vec<String> = named
        .iter()
        .take(NAMED_RESELLERS)
        .map(|(reseller, accounts)| format!("{} {accounts}", name(reseller.as_str())))
        .collect();
    let more = named.len().saturating_sub(NAMED_RESELLERS);
    if more > 0 {
        pieces.push(format!("and {more} more"));
    }
    let last = pieces.len().saturating_sub(if more > 0 { 2 } else { 1 });
    for piece in pieces.iter_mut().take(last) {
        piece.push(',');
    }
    if !pieces.is_empty() {
        pieces.insert(0, format!("of {all}:"));
    }
    match without_reseller(plan, Some(server)) {
        0 => {}
        unknown => {
            if let Some(last) = pieces.last_mut() {
                last.push_str(" ·");
            }
            pieces.push(format!("the reseller of {unknown} is not known"));
        }
    }
    pieces
}

/// The changes of each app; the menu groups of all users are one.
pub(super) fn by_app(plan: &Plan) -> BTreeMap<&str, Touched> {
    let mut apps: BTreeMap<&str, Touched> = BTreeMap::new();
    for change in &plan.changes {
        match change {
            Change::Link(link) => {
                let touched = apps.entry(link.app.as_str()).or_default();
                *match &link.action {
                    LinkAction::Create { .. } => &mut touched.create,
                    LinkAction::Replace { .. } => &mut touched.replace,
                    LinkAction::Hide { .. } => &mut touched.hide,
                    LinkAction::Remove { .. } => &mut touched.remove,
                } += 1;
            }
            Change::Group(group) => {
                let touched = apps.entry("menu groups").or_default();
                *match &group.action {
                    GroupAction::Create { .. } => &mut touched.create,
                    GroupAction::Replace { .. } => &mut touched.replace,
                    GroupAction::Remove { .. } => &mut touched.remove,
                } += 1;
            }
        }
    }
    apps
}

/// At most so many of the apps that are changed. `None` where it would say no
/// more than the summary and the rows do: of one app, or where each app is
/// changed once.
pub(super) fn most_touched(plan: &Plan, most: usize) -> Option<MostTouched<'_>> {
    let apps = by_app(plan);
    if apps.len() < 2 || apps.values().all(|touched| touched.total() == 1) {
        return None;
    }
    let mut named: Vec<_> = apps.into_iter().collect();
    // Of those that are touched alike the order of their names stays.
    named.sort_by_key(|(_, touched)| std::cmp::Reverse(touched.total()));
    let more = named.len().saturating_sub(most);
    named.truncate(most);
    Some(MostTouched { named, more })
}

/// The hosts that tokens would newly go to: of links that have none yet, and
/// of links whose token went elsewhere before.
pub(super) fn new_hosts(plan: &Plan) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    // Collected, they would all be in memory before the first two are one.
    for host in plan.changes.iter().filter_map(new_host) {
        hosts.insert(host);
    }
    hosts
}

/// Some of the hosts that tokens would newly go to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NamedHosts {
    /// Those that take a token from another host first: it may be on its way
    /// to a thief, and must not be crowded out by hosts of new links.
    pub(super) named: Vec<String>,
    /// How many hosts are not named.
    pub(super) more: usize,
}

/// At most so many of the hosts that tokens would newly go to.
pub(super) fn named_hosts(plan: &Plan, most: usize) -> NamedHosts {
    let mut moved = BTreeSet::new();
    for change in &plan.changes {
        if let Change::Link(link) = change
            && let Some(host) = link.new_token_host()
        {
            moved.insert(host.to);
        }
    }
    let all = new_hosts(plan);
    let more = all.len().saturating_sub(most);
    let others = all.difference(&moved);
    let named = moved.iter().chain(others).take(most).cloned().collect();
    NamedHosts { named, more }
}

fn new_host(change: &Change) -> Option<String> {
    let Change::Link(link) = change else {
        return None;
    };
    let moved = link.new_token_host().map(|host| host.to);
    moved.or_else(|| link.first_token_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_but_never_to_all_or_nothing() {
        for (count, of, expect) in [
            (0, 0, ""),
            (0, 7, " (0 %)"),
            (1, 100_000, " (below 0.1 %)"),
            (1, 2000, " (0.1 %)"),
            (1, 8, " (12.5 %)"),
            (2, 3, " (66.7 %)"),
            (3999, 4000, " (over 99.9 %)"),
            (4000, 4000, " (100 %)"),
        ] {
            assert_eq!(percent(count, of), expect, "{count} of {of}");
        }
    }
}

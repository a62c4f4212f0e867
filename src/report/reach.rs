//! What a plan means for customers, in numbers: how many accounts it touches,
//! what it does to each app, and to which hosts tokens would newly go.

use crate::model::{UserName, url_host};
use crate::plan::{Change, GroupAction, LinkAction, Plan, TokenAfter};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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

fn user(change: &Change) -> &UserName {
    match change {
        Change::Group(group) => &group.user,
        Change::Link(link) => &link.user,
    }
}

/// Accounts with a change or a folder to mend. Both are sorted by user.
pub(super) fn accounts(plan: &Plan) -> usize {
    let is_new = |last: &mut Option<_>, name| last.replace(name) != Some(name);
    let mut last = None;
    let changes = plan.changes.iter();
    let changed = changes.filter(|change| is_new(&mut last, user(change)));
    let changed = changed.count();
    let mut last = None;
    let mended = plan
        .folders
        .iter()
        .filter(|mend| is_new(&mut last, &mend.user))
        .filter(|mend| {
            let found = plan
                .changes
                .binary_search_by(|change| user(change).cmp(&mend.user));
            found.is_err()
        });
    changed + mended.count()
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

/// The hosts that tokens would newly go to: of new links, and of links whose
/// token went elsewhere before.
pub(super) fn new_hosts(plan: &Plan) -> BTreeSet<String> {
    let hosts = plan.changes.iter().filter_map(|change| {
        let Change::Link(link) = change else {
            return None;
        };
        if let Some(host) = link.new_token_host() {
            return Some(host.to.clone());
        }
        let LinkAction::Create { after } = &link.action else {
            return None;
        };
        match &after.token {
            TokenAfter::Keep | TokenAfter::None => None,
            TokenAfter::Set { .. }
            | TokenAfter::Restore { .. }
            | TokenAfter::NotCompared { .. } => {
                after.link.autologin_token_url.as_deref().and_then(url_host)
            }
        }
    });
    hosts.collect()
}

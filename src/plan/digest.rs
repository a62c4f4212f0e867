//! The digest of a plan: a hash of what it would do, by which two plans are
//! known as the same.
//!
//! | in it | not in it |
//! |---|---|
//! | what the plan is for: the unlisted rule, or the run that is undone | reasons, counts, guards |
//! | the scope | paths, times |
//! | each change: address, action, fields and menu entry before and after | what is in sync, foreign or blocked |
//! | where a token comes from | tokens |
//! | | changes of nothing but a token, a mode or an owner |
//!
//! Of URLs that lie on disk, what is masked in them is not in it: a plan made
//! from a snapshot does not know it.
//!
//! So a plan made without secrets has the digest of the apply made with them,
//! and what others do to their own links makes no plan stale.

use super::change::{
    Change, GroupAction, GroupChange, LinkAction, LinkAfter, LinkChange, TokenAfter,
};
use super::link::{WantedIcon, menu_matches};
use super::policy::{Scope, Unlisted};
use super::reason::Reason;
use super::value::Plan;
use crate::model::{
    ActualLink, Field, FieldValue, Group, Icon, Lies, Link, MenuEntry, MenuFile, masked,
};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt;

/// The version of what is hashed, below.
const FORMAT: &str = "cplinks plan 1";

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent<'a> {
    /// To make the links what a manifest says, with this rule for those it
    /// does not name.
    Manifest(Unlisted),
    /// To bring back what the run with this number changed.
    Undo(&'a str),
}

/// A plan's digest: SHA-256, shown as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Plan {
    /// The plan's digest.
    pub fn digest(&self, intent: Intent<'_>, scope: &Scope) -> Digest {
        let mut canon = Canon(Sha256::new());
        canon.text(FORMAT);
        match intent {
            Intent::Manifest(rule) => canon.texts(["unlisted", rule.name()]),
            Intent::Undo(run) => canon.texts(["undo", run]),
        }
        for (name, globs) in [
            ("user", &scope.users),
            ("app", &scope.apps),
            ("exclude-user", &scope.exclude_users),
            ("exclude-app", &scope.exclude_apps),
        ] {
            let mut globs: Vec<&str> = globs.texts().collect();
            globs.sort_unstable();
            canon.list(name, globs.len());
            canon.texts(globs);
        }
        for change in self
            .changes
            .iter()
            .filter(|change| change.changes_content())
        {
            canon.text(&change.address().to_string());
            match change {
                Change::Link(change) => canon.link(change),
                Change::Group(change) => canon.group(change),
            }
        }
        Digest(canon.0.finalize().into())
    }
}

impl Change {
    /// Whether it does more than put a token, a mode or an owner right.
    pub fn changes_content(&self) -> bool {
        match self {
            Self::Link(change) => match &change.action {
                LinkAction::Replace { before, after } => {
                    let fields = before.userconfig.value();
                    let menu = before.menu.value();
                    let is_same_menu = menu
                        .is_some_and(|found| menu_matches(&after.menu, found, WantedIcon::Some));
                    fields.is_none_or(|found| found.link != after.link) || !is_same_menu
                }
                LinkAction::Create { .. } | LinkAction::Hide { .. } | LinkAction::Remove { .. } => {
                    true
                }
            },
            Self::Group(change) => match &change.action {
                GroupAction::Replace { before, after } => {
                    let entry = MenuEntry::of_group(&change.id, after);
                    let menu = before.menu.value();
                    let is_same_menu =
                        menu.is_some_and(|found| menu_matches(&entry, found, WantedIcon::None));
                    let fields = before.userconfig.value();
                    fields.is_none_or(|found| found.group != *after) || !is_same_menu
                }
                GroupAction::Create { .. } | GroupAction::Remove { .. } => true,
            },
        }
    }
}

/// Whose values are hashed.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// What was found, and what stays as it was found.
    Found,
    /// What the manifest wants, or a run is taken back to.
    Wanted,
}

impl Side {
    fn url(self, url: &str) -> Cow<'_, str> {
        match self {
            Self::Found => masked(url),
            Self::Wanted => Cow::Borrowed(url),
        }
    }
}

/// Hashes texts so that no two lists of them are the same bytes: each with its
/// length before it.
struct Canon(Sha256);

impl Canon {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts {
            self.text(text);
        }
    }

    fn list(&mut self, name: &str, length: usize) {
        self.text(name);
        self.0.update((length as u64).to_be_bytes());
    }

    fn link(&mut self, change: &LinkChange) {
        let (verb, before, after) = match &change.action {
            LinkAction::Create { after } => ("create", None, Some(after)),
            LinkAction::Replace { before, after } => ("replace", Some(before), Some(after)),
            LinkAction::Hide { before, after } => ("hide", Some(before), Some(after)),
            LinkAction::Remove { before } => ("remove", Some(before), None),
        };
        self.text(verb);
        match before {
            Some(before) => self.link_before(before),
            None => self.text("nothing"),
        }
        match after {
            // Hidden because nobody names it any more, it stays as it is.
            Some(after) if change.reasons.contains(&Reason::Unlisted) => {
                self.link_after(after, Side::Found);
            }
            Some(after) => self.link_after(after, Side::Wanted),
            None => self.text("nothing"),
        }
    }

    fn link_before(&mut self, before: &ActualLink) {
        match &before.userconfig {
            Lies::File(found) => self.fields(&found.value.link, Side::Found),
            Lies::Broken(_) => self.text("broken"),
            Lies::Absent | Lies::Obstacle(_) => self.text("absent"),
        }
        self.menu_before(&before.menu);
    }

    fn link_after(&mut self, after: &LinkAfter, side: Side) {
        self.fields(&after.link, side);
        self.menu(&after.menu, side);
        match &after.token {
            TokenAfter::Keep => self.text("keep"),
            TokenAfter::None => self.text("none"),
            TokenAfter::Restore { .. } => self.text("restore"),
            TokenAfter::Set { reference, .. } | TokenAfter::NotCompared { reference } => {
                self.texts(["from", &reference.to_string()]);
            }
        }
    }

    fn group(&mut self, change: &GroupChange) {
        let (verb, before, after) = match &change.action {
            GroupAction::Create { after } => ("create", None, Some(after)),
            GroupAction::Replace { before, after } => ("replace", Some(before), Some(after)),
            GroupAction::Remove { before, .. } => ("remove", Some(before), None),
        };
        self.text(verb);
        match before {
            None => self.text("nothing"),
            Some(before) => {
                match &before.userconfig {
                    Lies::File(found) => self.group_fields(&found.value.group),
                    Lies::Broken(_) => self.text("broken"),
                    Lies::Absent | Lies::Obstacle(_) => self.text("absent"),
                }
                self.menu_before(&before.menu);
            }
        }
        match after {
            None => self.text("nothing"),
            Some(after) => {
                self.group_fields(after);
                self.menu(&MenuEntry::of_group(&change.id, after), Side::Wanted);
            }
        }
    }

    fn fields(&mut self, link: &Link, side: Side) {
        self.list("fields", Field::ALL.len());
        for field in Field::ALL {
            self.text(field.name());
            match link.value(field) {
                None => self.text("absent"),
                Some(FieldValue::Text(url))
                    if matches!(field, Field::Url | Field::AutologinTokenUrl) =>
                {
                    self.texts(["text", &side.url(&url)]);
                }
                Some(FieldValue::Text(text)) => self.texts(["text", &text]),
                Some(FieldValue::Bool(is_so)) => self.text(if is_so { "yes" } else { "no" }),
                Some(FieldValue::Icon(icon)) => self.icon(icon),
            }
        }
    }

    fn group_fields(&mut self, group: &Group) {
        let Group { label, order } = group;
        let order = order.as_ref().map(ToString::to_string);
        for value in [label.as_deref(), order.as_deref()] {
            match value {
                Some(value) => self.texts(["text", value]),
                None => self.text("absent"),
            }
        }
    }

    fn menu_before(&mut self, menu: &Lies<MenuFile>) {
        match menu {
            Lies::File(found) => self.menu(&found.value.entry, Side::Found),
            Lies::Broken(_) => self.text("broken"),
            Lies::Absent | Lies::Obstacle(_) => self.text("absent"),
        }
    }

    fn menu(&mut self, entry: &MenuEntry, side: Side) {
        let MenuEntry { fields, icon } = entry;
        self.list("menu", fields.len());
        for (key, value) in fields {
            match key.as_str() {
                "url" => self.texts(["url", &side.url(value)]),
                key => self.texts([key, value]),
            }
        }
        match icon {
            Some(icon) => self.icon(icon),
            None => self.text("any icon"),
        }
    }

    fn icon(&mut self, icon: &Icon) {
        self.texts(["icon", &icon.hash()]);
    }
}

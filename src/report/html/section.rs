//! The kinds of rows of a page, the most dangerous first, and what a row is
//! made of: a change, or what stands beside the changes.

use crate::model::UserName;
use crate::plan::{Address, Blocked, Change, FolderMend, LinkAction};
use crate::report::text::fold::{self, Key};
use crate::report::text::line::Line;
use crate::report::text::row::{self, Verb};
use crate::report::text::{create, section};

/// Columns to which equal stretches of long texts are cut.
const WIDTH: usize = 160;

/// Lines that may differ within one row; all others are the same in all of it.
/// Where a URL leads is the same too.
const VARYING: [&str; 5] = [
    "label",
    "url",
    "autologin_token_url",
    "subscriber_unique_id",
    "order",
];

/// A kind of rows, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Remove,
    RemoveGroup,
    Hide,
    /// Links whose token would be posted to another host than before.
    Token,
    Blocked,
    ReplaceGroup,
    Replace,
    CreateGroup,
    Create,
    Mend,
}

impl Section {
    pub(super) const ALL: [Self; 10] = [
        Self::Remove,
        Self::RemoveGroup,
        Self::Hide,
        Self::Token,
        Self::Blocked,
        Self::ReplaceGroup,
        Self::Replace,
        Self::CreateGroup,
        Self::Create,
        Self::Mend,
    ];

    /// Its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Remove => "Removed links",
            Self::RemoveGroup => "Removed groups",
            Self::Hide => "Hidden links",
            Self::Token => "Replaced links whose token goes to another host",
            Self::Blocked => "Blocked: left as it is",
            Self::ReplaceGroup => "Replaced groups",
            Self::Replace => "Replaced links",
            Self::CreateGroup => "New groups",
            Self::Create => "New links",
            Self::Mend => "Folders to mend",
        }
    }

    /// The name of its anchor.
    pub(super) fn anchor(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::RemoveGroup => "remove-group",
            Self::Hide => "hide",
            Self::Token => "token",
            Self::Blocked => "blocked",
            Self::ReplaceGroup => "replace-group",
            Self::Replace => "replace",
            Self::CreateGroup => "create-group",
            Self::Create => "create",
            Self::Mend => "mend",
        }
    }

    /// What is done in it.
    pub(super) fn verb(self) -> Verb {
        match self {
            Self::Remove | Self::RemoveGroup => Verb::Remove,
            Self::Hide => Verb::Hide,
            Self::Blocked => Verb::Blocked,
            Self::Token | Self::Replace | Self::ReplaceGroup => Verb::Replace,
            Self::Create | Self::CreateGroup => Verb::Create,
            Self::Mend => Verb::Mend,
        }
    }

    /// Whether a reader has to look at all of it before anything else.
    pub(super) fn is_dangerous(self) -> bool {
        self <= Self::Blocked
    }
}

/// What a row speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'p> {
    Change(&'p Change),
    Blocked(&'p Blocked),
    Folder(&'p FolderMend),
}

impl<'p> Source<'p> {
    pub(super) fn user(self) -> &'p UserName {
        match self {
            Self::Change(change) => change.user(),
            Self::Blocked(blocked) => &blocked.user,
            Self::Folder(mend) => &mend.user,
        }
    }

    pub(super) fn section(self) -> Section {
        match self {
            Self::Change(change) => match (change, Verb::of(change)) {
                (Change::Group(_), Verb::Create) => Section::CreateGroup,
                (Change::Group(_), Verb::Remove) => Section::RemoveGroup,
                (
                    Change::Group(_),
                    Verb::Replace
                    | Verb::Hide
                    | Verb::Blocked
                    | Verb::Mend
                    | Verb::Wait
                    | Verb::Skip,
                ) => Section::ReplaceGroup,
                (Change::Link(_), Verb::Remove) => Section::Remove,
                (Change::Link(_), Verb::Hide) => Section::Hide,
                (Change::Link(_), Verb::Create) => Section::Create,
                (
                    Change::Link(link),
                    Verb::Replace | Verb::Blocked | Verb::Mend | Verb::Wait | Verb::Skip,
                ) => match link.new_token_host() {
                    Some(_) => Section::Token,
                    None => Section::Replace,
                },
            },
            Self::Blocked(_) => Section::Blocked,
            Self::Folder(_) => Section::Mend,
        }
    }

    /// The app, `group:` and an id, or what else it is about.
    pub(super) fn thing(self) -> String {
        match self {
            Self::Change(change) => change.address().thing(),
            Self::Blocked(blocked) => match &blocked.address {
                Some(address) => Address::thing(address),
                None => "whole user".to_owned(),
            },
            Self::Folder(mend) => format!("{} folder", mend.tree.name()),
        }
    }

    /// Why it is there, in brackets; empty where a line says it.
    pub(super) fn reasons(self) -> String {
        match self {
            Self::Change(change) => row::bare_reasons(change),
            Self::Blocked(_) | Self::Folder(_) => String::new(),
        }
    }

    /// Where a token would newly go, in words.
    pub(super) fn token_move(self) -> Option<String> {
        match self {
            Self::Change(Change::Link(link)) => Some(link.new_token_host()?.to_string()),
            Self::Change(Change::Group(_)) | Self::Blocked(_) | Self::Folder(_) => None,
        }
    }

    /// The lines below the row, for one user or for many.
    pub(super) fn lines(self, users: usize) -> Vec<Line> {
        match self {
            Self::Change(change) => row::lines(change, WIDTH),
            Self::Blocked(blocked) => {
                let why = if users > 1 {
                    section::shared_why(&blocked.why)
                } else {
                    blocked.why.to_string()
                };
                let why = crate::report::escape::escaped(&why).into_owned();
                vec![Line::new("why", why)]
            }
            Self::Folder(mend) => vec![Line::new("mend", section::folder(mend))],
        }
    }

    /// By what rows are told apart, and what is the same within one of them.
    /// Hosts, icons, reasons and tokens are in the first key, so that no row
    /// hides one of them behind another.
    pub(super) fn keys(self, section: Section) -> (Key, Key) {
        let mut shared = vec![section.anchor().to_owned(), self.thing()];
        let mut own = Vec::new();
        match self {
            Self::Blocked(blocked) => shared.push(section::same_why(&blocked.why)),
            Self::Folder(mend) => shared.push(section::folder(mend)),
            Self::Change(change) => {
                shared.push(self.reasons());
                shared.extend(self.token_move());
                shared.push(section::icon_hash(change).unwrap_or_default());
                shared.extend(origins(change));
                own.extend(urls(change));
                for line in self.lines(1) {
                    shared.push(line.name.to_owned());
                    let texts = if VARYING.contains(&line.name) {
                        &mut own
                    } else {
                        &mut shared
                    };
                    texts.extend(line.text);
                }
            }
        }
        let shared_key = fold::key(shared.iter().map(String::as_str));
        let own = shared.iter().chain(&own).map(String::as_str);
        (shared_key, fold::key(own))
    }
}

/// Where the URLs lead that a change writes or changes.
fn origins(change: &Change) -> Vec<String> {
    let Change::Link(link) = change else {
        return Vec::new();
    };
    match &link.action {
        LinkAction::Create { after } => create::origins(&after.link),
        LinkAction::Replace { before, after } | LinkAction::Hide { before, after } => {
            let before = before.userconfig.value();
            let before = before.map_or_else(Vec::new, |found| create::origins(&found.link));
            let after = create::origins(&after.link);
            if before == after {
                Vec::new()
            } else {
                [before, after].concat()
            }
        }
        LinkAction::Remove { .. } => Vec::new(),
    }
}

/// The URLs that a change writes or changes, as they are: what is masked may
/// differ, and they are only hashed.
fn urls(change: &Change) -> Vec<String> {
    let Change::Link(link) = change else {
        return Vec::new();
    };
    match &link.action {
        LinkAction::Create { after } => {
            let urls = [&after.link.url, &after.link.autologin_token_url];
            urls.into_iter().flatten().cloned().collect()
        }
        LinkAction::Replace { .. } | LinkAction::Hide { .. } => section::masked_urls(change),
        LinkAction::Remove { .. } => Vec::new(),
    }
}

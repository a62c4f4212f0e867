//! What was read from disk this round, one user at a time. What can lie at a
//! path is a closed family: absent, a file that parses, a file that does not,
//! or something that is never opened.
//!
//! Must not be decided from it: who wrote a file. That is the ledger's word.

use super::{AppName, FoundToken, Group, GroupId, Link, MenuEntry, Secret, UserName};
use std::collections::BTreeMap;

/// What lies at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lies<T> {
    /// Nothing: only a look-up that said "no such file" means this.
    Absent,
    /// A regular file that parses.
    File(Found<T>),
    /// A regular file that does not parse; replaced, its bytes kept.
    Broken(Found<String>),
    /// Anything else; never opened or followed, and it blocks its link.
    Obstacle(Obstacle),
}

impl<T> Lies<T> {
    /// The file, where there is one that parses.
    pub fn file(&self) -> Option<&Found<T>> {
        match self {
            Self::File(found) => Some(found),
            Self::Absent | Self::Broken(_) | Self::Obstacle(_) => None,
        }
    }

    /// The file's content, where there is a file that parses.
    pub fn value(&self) -> Option<&T> {
        self.file().map(|found| &found.value)
    }

    /// The file's stamp, where there is a regular file.
    pub fn stamp(&self) -> Option<&Stamp> {
        match self {
            Self::File(found) => Some(&found.stamp),
            Self::Broken(found) => Some(&found.stamp),
            Self::Absent | Self::Obstacle(_) => None,
        }
    }

    /// Whether nothing is there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// What is in the way, if something is.
    pub fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            Self::Obstacle(obstacle) => Some(obstacle),
            Self::Absent | Self::File(_) | Self::Broken(_) => None,
        }
    }
}

/// A regular file: its content (or, for a broken one, why it does not parse)
/// and its stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// The content.
    pub value: T,
    /// What identifies this very version of the file.
    pub stamp: Stamp,
}

/// What a change is planned against: a file is only replaced if it still has
/// this hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// SHA-256 of the bytes. Of an adminconfig it must never be printed: a
    /// short token could be guessed from it.
    pub sha256: [u8; 32],
    /// Who may do what with it.
    pub ownership: Ownership,
}

/// Mode and owner, as `stat` gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// Permission bits, `0o7777`.
    pub mode: u32,
    /// Owning user id.
    pub uid: u32,
    /// Owning group id.
    pub gid: u32,
}

/// Something at a path that is no readable regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// A symbolic link, wherever it points.
    Symlink,
    /// A directory.
    Directory,
    /// A FIFO, socket or device.
    Special(&'static str),
    /// A regular file over the limit, in bytes.
    TooLarge(u64),
    /// A directory in which others than root could change things.
    Unsafe {
        /// Its permission bits.
        mode: u32,
        /// Its owner.
        uid: u32,
    },
    /// It could not be read; the text is the system's. Never "absent".
    Unreadable(String),
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Symlink => f.write_str("is a symbolic link, which is never followed"),
            Self::Directory => f.write_str("is a directory"),
            Self::Special(kind) => write!(f, "is a {kind}"),
            Self::TooLarge(bytes) => write!(f, "is {bytes} bytes, the limit is 2 MiB"),
            Self::Unsafe { mode, uid } => write!(
                f,
                "belongs to user {uid} and has mode {mode:04o}, so others than root may write in it"
            ),
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

/// A user's folder in one of the two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// Not there yet.
    Absent,
    /// A directory.
    Present(Ownership),
    /// Something else, or it cannot be listed: blocks the whole user.
    Obstacle(Obstacle),
}

/// What the host's account database says about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// It was not asked, since owners are left as they are.
    NotAsked,
    /// The account is there, with this primary group.
    Known {
        /// Primary group id.
        gid: u32,
    },
    /// There is no such account.
    Missing,
    /// The look-up failed, which is not "no such account".
    LookupFailed(String),
}

/// All that was found for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualUser {
    /// The account.
    pub name: UserName,
    /// Whether the host has such an account.
    pub account: Account,
    /// The user's folder for configuration files.
    pub links_folder: Folder,
    /// The user's folder for menu entries.
    pub menu_folder: Folder,
    /// Links: every app that has at least one of the three files.
    pub links: BTreeMap<AppName, ActualLink>,
    /// Menu groups that have at least one of the two files.
    pub groups: BTreeMap<GroupId, ActualGroup>,
    /// File names that belong to no link or group: a crash's leftovers, names
    /// that no link may have. Left alone.
    pub strays: Vec<String>,
}

/// The three files of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualLink {
    /// `APP.userconfig`: the fields.
    pub userconfig: Lies<UserConfig>,
    /// `APP.adminconfig`: the token.
    pub adminconfig: Lies<AdminConfig>,
    /// `dynamicui_APP.conf`: what makes it visible.
    pub menu: Lies<MenuFile>,
}

impl ActualLink {
    /// Whether the customer sees it now: the menu has an entry for it that is
    /// not switched off. A menu file that does not parse may show something.
    pub fn is_visible(&self) -> bool {
        match &self.menu {
            Lies::Absent => false,
            Lies::File(found) => !found.value.entry.is_hidden(),
            Lies::Broken(_) | Lies::Obstacle(_) => true,
        }
    }

    /// Whether any of its files is there.
    pub fn is_there(&self) -> bool {
        let Self {
            userconfig,
            adminconfig,
            menu,
        } = self;
        !(userconfig.is_absent() && adminconfig.is_absent() && menu.is_absent())
    }

    /// What blocks the link, and which file it is.
    pub fn obstacle(&self) -> Option<(FileKind, &Obstacle)> {
        let u = self.userconfig.obstacle();
        let a = self.adminconfig.obstacle();
        let d = self.menu.obstacle();
        u.map(|o| (FileKind::Userconfig, o))
            .or(a.map(|o| (FileKind::Adminconfig, o)))
            .or(d.map(|o| (FileKind::Menu, o)))
    }
}

/// Which of a link's or group's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// The fields; holds the URL the token is posted to.
    Userconfig,
    /// The token; links only.
    Adminconfig,
    /// The menu entry.
    Menu,
}

impl FileKind {
    /// The exact permission bits (`cpanel-links.md` 1.1).
    pub fn mode(self) -> u32 {
        match self {
            Self::Userconfig | Self::Menu => 0o644,
            Self::Adminconfig => 0o600,
        }
    }

    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Userconfig => "userconfig",
            Self::Adminconfig => "adminconfig",
            Self::Menu => "menu entry",
        }
    }
}

/// A userconfig's content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserConfig {
    /// The fields both sides speak.
    pub link: Link,
    /// `app` and `user` as the file states them, if it does; the truth is the
    /// path, so absence is no difference.
    pub stated_app: Option<String>,
    /// See `stated_app`.
    pub stated_user: Option<String>,
    /// Keys we do not know, with the exact JSON text of their values.
    pub unknown: BTreeMap<String, String>,
}

/// An adminconfig's content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdminConfig {
    /// The token.
    pub token: FoundToken,
    /// Keys we do not know, with the exact JSON text of their values. They
    /// may be secrets too and are never shown.
    pub unknown: BTreeMap<String, Secret>,
}

/// A menu file's content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MenuFile {
    /// The keys that follow from the link.
    pub entry: MenuEntry,
    /// All other keys, `width` and `height` among them, with the exact JSON
    /// text of their values.
    pub kept: BTreeMap<String, String>,
}

/// The two files of a menu group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualGroup {
    /// `group_ID.userconfig`.
    pub userconfig: Lies<GroupConfig>,
    /// `dynamicui_group_ID.conf`.
    pub menu: Lies<MenuFile>,
}

/// A group's userconfig content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupConfig {
    /// Label and order.
    pub group: Group,
    /// Keys we do not know, with the exact JSON text of their values.
    pub unknown: BTreeMap<String, String>,
}

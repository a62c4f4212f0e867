//! An edit: all that is to happen to the files of one link or group, with the
//! bytes to write and the version each file must still have.

use super::layout::file_name;
use super::record::Note;
use super::steps::{Manner, Presence};
use crate::model::{FileKind, Stamp};
use crate::plan::{Address, FileChange};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// One of each for the three files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Trio<T> {
    /// For the fields.
    pub(crate) userconfig: T,
    /// For the token.
    pub(crate) adminconfig: T,
    /// For the menu entry.
    pub(crate) menu: T,
}

impl<T> Trio<T> {
    /// The one for a kind of file.
    pub(crate) fn of(&self, kind: FileKind) -> &T {
        match kind {
            FileKind::Userconfig => &self.userconfig,
            FileKind::Adminconfig => &self.adminconfig,
            FileKind::Menu => &self.menu,
        }
    }

    /// The one for a kind of file, to change.
    pub(super) fn of_mut(&mut self, kind: FileKind) -> &mut T {
        match kind {
            FileKind::Userconfig => &mut self.userconfig,
            FileKind::Adminconfig => &mut self.adminconfig,
            FileKind::Menu => &mut self.menu,
        }
    }

    /// The same for each.
    pub(super) fn map<S>(&self, mut f: impl FnMut(&T) -> S) -> Trio<S> {
        Trio {
            userconfig: f(&self.userconfig),
            adminconfig: f(&self.adminconfig),
            menu: f(&self.menu),
        }
    }
}

#[cfg(test)]
impl<T> From<[T; 3]> for Trio<T> {
    fn from([userconfig, adminconfig, menu]: [T; 3]) -> Self {
        Self {
            userconfig,
            adminconfig,
            menu,
        }
    }
}

/// All kinds of file.
pub(super) const KINDS: [FileKind; 3] =
    [FileKind::Userconfig, FileKind::Adminconfig, FileKind::Menu];

/// What is to become of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum After {
    /// It stays as it is, or stays away.
    #[default]
    Keep,
    /// It gets these bytes.
    Write(Zeroizing<Vec<u8>>),
    /// It goes.
    Remove,
}

impl After {
    fn change(&self) -> FileChange {
        match self {
            Self::Keep => FileChange::Keep,
            Self::Write(_) => FileChange::Write,
            Self::Remove => FileChange::Remove,
        }
    }
}

/// One file of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FileEdit {
    /// The version the edit was planned against; `None` is no file at all.
    pub(crate) before: Option<Stamp>,
    /// What is to become of it.
    pub(crate) after: After,
}

/// All that is to happen to one link or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// What it is about.
    pub(crate) address: Address,
    /// Its files; a group has no adminconfig.
    pub(crate) files: Trio<FileEdit>,
    /// What the order of the steps depends on, beside the files themselves.
    pub(crate) manner: Manner,
    /// Earlier edits without which this one must not happen: the group a
    /// link stands in, the links that leave a group that goes.
    pub(crate) needs: BTreeSet<Address>,
    /// What the journal says of it beside the files.
    pub(crate) note: Note,
}

impl Edit {
    /// How many bytes it will stage.
    pub(crate) fn bytes(&self) -> usize {
        KINDS
            .iter()
            .map(|&kind| match &self.files.of(kind).after {
                After::Write(bytes) => bytes.len(),
                After::Keep | After::Remove => 0,
            })
            .sum()
    }

    /// How many files it will stage.
    pub(super) fn writes(&self) -> usize {
        let is_written = |kind: &&FileKind| match &self.files.of(**kind).after {
            After::Write(_) => true,
            After::Keep | After::Remove => false,
        };
        KINDS.iter().filter(is_written).count()
    }

    /// The name of a file in its user's folder.
    pub(super) fn file_name(&self, kind: FileKind) -> String {
        file_name(&self.address, kind)
    }

    /// Which files are there before.
    pub(super) fn presence(&self) -> Trio<Presence> {
        self.files.map(|file| match file.before {
            Some(_) => Presence::Present,
            None => Presence::Absent,
        })
    }

    /// What happens to each file.
    pub(super) fn changes(&self) -> Trio<FileChange> {
        self.files.map(|file| file.after.change())
    }
}

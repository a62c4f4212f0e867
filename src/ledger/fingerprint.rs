//! What we wrote of a file, as a keyed hash of what it means: another order
//! of keys, a number for a text, or a wrapped icon is the same fingerprint.
//! Each is made for one address, so equal files of two users do not show.
//!
//! It is made from the hash of the text that we would write. That text is the
//! file, as long as nobody wrote another: then the hash that was taken when it
//! was read says it, and nothing has to be written down again to compare.

use super::Key;
use crate::codec::{self, menu::Pictured};
use crate::model::{
    ActualGroup, ActualLink, AdminConfig, AppName, FileKind, Found, GroupConfig, Lies, MenuFile,
    Stamp, UserConfig, UserName,
};
use crate::plan::Address;
use sha2::{Digest as _, Sha256};

/// One file's fingerprint.
pub type Fingerprint = [u8; 32];

/// The fingerprints of the files of a link or group; `None` for one that is
/// not there, or not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fingerprints {
    /// Of the fields.
    pub userconfig: Option<Fingerprint>,
    /// Of the token; groups have none.
    pub adminconfig: Option<Fingerprint>,
    /// Of the menu entry.
    pub menu: Option<Fingerprint>,
}

impl Fingerprints {
    /// Whether nothing is known of any file. One that we wrote or took up has
    /// at least one that parses.
    pub fn are_unknown(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn of(&self, file: FileKind) -> Option<Fingerprint> {
        match file {
            FileKind::Userconfig => self.userconfig,
            FileKind::Adminconfig => self.adminconfig,
            FileKind::Menu => self.menu,
        }
    }

    /// Those of a link as it lies on disk.
    pub fn of_link(key: &Key, user: &UserName, app: &AppName, link: &ActualLink) -> Self {
        let address = Address::Link(user.clone(), app.clone());
        let maker = Maker::new(key, &address);
        let ActualLink {
            userconfig,
            adminconfig,
            menu,
        } = link;
        Self {
            userconfig: maker.of_file(FileKind::Userconfig, userconfig, |found| {
                userconfig_text(user, app, found)
            }),
            adminconfig: maker.of_file(FileKind::Adminconfig, adminconfig, adminconfig_text),
            menu: maker.of_file(FileKind::Menu, menu, menu_text),
        }
    }

    /// Those of a group as it lies on disk.
    pub fn of_group(key: &Key, address: &Address, group: &ActualGroup) -> Self {
        let maker = Maker::new(key, address);
        let ActualGroup { userconfig, menu } = group;
        Self {
            userconfig: maker.of_file(FileKind::Userconfig, userconfig, group_text),
            adminconfig: None,
            menu: maker.of_file(FileKind::Menu, menu, menu_text),
        }
    }
}

/// How a file is like the one that a fingerprint was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It means the same, and who may read it is the same.
    Same,
    /// It means the same, but had the right mode.
    OtherMode,
    /// It means something else, or had another wrong mode.
    Other,
}

/// A file's permission bits, where they are not those it must have.
pub(super) fn wrong_mode(file: FileKind, stamp: &Stamp) -> Option<u32> {
    let mode = stamp.ownership.mode;
    (mode != file.mode()).then_some(mode)
}

/// Makes the fingerprints of one address.
pub(super) struct Maker<'k> {
    key: &'k Key,
    address: String,
}

impl<'k> Maker<'k> {
    pub(super) fn new(key: &'k Key, address: &Address) -> Self {
        Self {
            key,
            address: address.to_string(),
        }
    }

    /// Of a file that we write, with the mode that it must have.
    pub(super) fn make(&self, file: FileKind, text: &[u8]) -> Fingerprint {
        self.make_of(file, &Sha256::digest(text).into(), None)
    }

    /// Of a file on disk as it is; `None` where there is none that parses.
    pub(super) fn of_file<T, B: AsRef<[u8]>>(
        &self,
        file: FileKind,
        lies: &Lies<T>,
        text: impl FnOnce(&T) -> B,
    ) -> Option<Fingerprint> {
        lies.file().map(|found| {
            let sha256 = Sha256::digest(text(&found.value)).into();
            self.make_of(file, &sha256, wrong_mode(file, &found.stamp))
        })
    }

    /// A wrong mode is part of it, so that one that we left as it was is
    /// nobody else's doing.
    fn make_of(&self, file: FileKind, sha256: &[u8; 32], wrong_mode: Option<u32>) -> Fingerprint {
        let file = match file {
            FileKind::Userconfig => "U",
            FileKind::Adminconfig => "A",
            FileKind::Menu => "D",
        };
        let mode = wrong_mode.map(u32::to_be_bytes);
        let mode = mode.as_ref().map_or(&[][..], |mode| mode);
        let parts = [file.as_bytes(), self.address.as_bytes(), sha256, mode];
        self.key.hmac(&parts)
    }

    /// Whether a fingerprint is that of a file that says this and has the mode
    /// that it must have. It is decoded only where somebody else wrote it: then
    /// its bytes are not the text that the fingerprint was made of.
    pub(super) fn is_of(
        &self,
        address: &Address,
        file: FileKind,
        print: Fingerprint,
        bytes: &[u8],
    ) -> bool {
        let is = |text: &[u8]| self.make(file, text) == print;
        if is(bytes) {
            return true;
        }
        match (file, address) {
            (FileKind::Userconfig, Address::Link(user, app)) => codec::userconfig::parse(bytes)
                .is_ok_and(|found| is(&userconfig_text(user, app, &found))),
            (FileKind::Userconfig, Address::Group(..)) => {
                codec::group::parse(bytes).is_ok_and(|found| is(&group_text(&found)))
            }
            (FileKind::Adminconfig, _) => {
                codec::adminconfig::parse(bytes).is_ok_and(|found| is(&adminconfig_text(&found)))
            }
            (FileKind::Menu, _) => {
                codec::menu::parse(bytes).is_ok_and(|found| is(&menu_text(&found)))
            }
        }
    }

    /// Holds a file on disk against the fingerprint of one; `text` is what we
    /// would write of it.
    pub(super) fn compare<T, B: AsRef<[u8]>>(
        &self,
        file: FileKind,
        print: Fingerprint,
        found: &Found<T>,
        text: impl FnOnce(&T) -> B,
    ) -> Likeness {
        let wrong_mode = wrong_mode(file, &found.stamp);
        let is = |sha256: &[u8; 32], mode| self.make_of(file, sha256, mode) == print;
        let as_read = found.stamp.sha256;
        if is(&as_read, wrong_mode) {
            return Likeness::Same;
        }
        let written = Sha256::digest(text(&found.value)).into();
        if is(&written, wrong_mode) {
            Likeness::Same
        } else if is(&as_read, None) || is(&written, None) {
            Likeness::OtherMode
        } else {
            Likeness::Other
        }
    }
}

pub(super) fn userconfig_text(user: &UserName, app: &AppName, found: &UserConfig) -> Vec<u8> {
    let mut text = codec::userconfig::render(user, app, &found.link, Some(found));
    // What we write states the right names, so the text alone would hide that
    // a file states others.
    let stated = [
        (&b"\0app "[..], &found.stated_app, app.as_str()),
        (&b"\0user "[..], &found.stated_user, user.as_str()),
    ];
    for (whose, stated, truth) in stated {
        if let Some(stated) = stated.as_deref().filter(|stated| *stated != truth) {
            text.extend_from_slice(whose);
            text.extend_from_slice(stated.as_bytes());
        }
    }
    text
}

pub(super) fn adminconfig_text(found: &AdminConfig) -> zeroize::Zeroizing<Vec<u8>> {
    codec::adminconfig::render(found.token.seen(), Some(found))
}

/// Without the icon that a new entry would be given: one that is gone shows.
pub(super) fn menu_text(found: &MenuFile) -> Vec<u8> {
    codec::menu::render(&found.entry, Pictured::No, Some(found))
}

pub(super) fn group_text(found: &GroupConfig) -> Vec<u8> {
    codec::group::render(&found.group, Some(found))
}

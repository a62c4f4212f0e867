//! The fingerprints of what a change leaves, made from the change alone: so
//! they are those of what was written, and not of what somebody else puts in
//! its place right after.

use super::Key;
use super::fingerprint::{
    Fingerprint, Fingerprints, Maker, adminconfig_text, group_text, menu_text, userconfig_text,
};
use crate::codec::{self, menu::Pictured};
use crate::model::{FileKind, Group, Lies, MenuEntry};
use crate::plan::{Change, FileChange, GroupChange, LinkAfter, LinkChange, TokenAfter};

impl Fingerprints {
    /// Those of a link or group once a change is carried out.
    pub fn after(key: &Key, change: &Change) -> Self {
        let address = change.address();
        let maker = Maker::new(key, &address);
        match change {
            Change::Link(change) => match (change.origin.restored(), change.action.after()) {
                (_, None) => Self::default(),
                (Some(found), Some(_)) => {
                    Self::of_link(key, &change.user, &change.app, &found.files)
                }
                (None, Some(after)) => maker.after_link(change, after),
            },
            Change::Group(change) => match (change.origin.restored(), change.action.after()) {
                (_, None) => Self::default(),
                (Some(found), Some(_)) => Self::of_group(key, &address, &found.files),
                (None, Some(after)) => maker.after_group(change, after),
            },
        }
    }
}

impl Maker<'_> {
    fn after_link(&self, change: &LinkChange, after: &LinkAfter) -> Fingerprints {
        let LinkChange {
            user, app, action, ..
        } = change;
        let before = action.before();
        let userconfig = before.map(|b| &b.userconfig);
        let adminconfig = before.map(|b| &b.adminconfig);
        let menu = before.map(|b| &b.menu);
        let found = adminconfig.and_then(Lies::value);
        let token = match &after.token {
            TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret, .. } => Some(secret),
            TokenAfter::Keep => found.and_then(|found| found.token.seen()),
            TokenAfter::None | TokenAfter::NotCompared { .. } => None,
        };
        let touch = change.touch;
        Fingerprints {
            userconfig: self.after_file(
                (FileKind::Userconfig, touch.userconfig),
                userconfig,
                |found| userconfig_text(user, app, found),
                |before| codec::userconfig::render(user, app, &after.link, before),
            ),
            adminconfig: self.after_file(
                (FileKind::Adminconfig, touch.adminconfig),
                adminconfig,
                adminconfig_text,
                |before| codec::adminconfig::render(token, before),
            ),
            menu: self.after_file((FileKind::Menu, touch.menu), menu, menu_text, |before| {
                codec::menu::render(&after.menu, Pictured::Yes, before)
            }),
        }
    }

    fn after_group(&self, change: &GroupChange, after: &Group) -> Fingerprints {
        let before = change.action.before();
        let entry = MenuEntry::of_group(&change.id, after);
        Fingerprints {
            userconfig: self.after_file(
                (FileKind::Userconfig, change.touch.userconfig),
                before.map(|b| &b.userconfig),
                group_text,
                |before| codec::group::render(after, before),
            ),
            adminconfig: None,
            menu: self.after_file(
                (FileKind::Menu, change.touch.menu),
                before.map(|b| &b.menu),
                menu_text,
                |before| codec::menu::render(&entry, Pictured::No, before),
            ),
        }
    }

    /// Of a file once a change is carried out: as it stays, or as it is
    /// written.
    fn after_file<T, B: AsRef<[u8]>>(
        &self,
        (file, touch): (FileKind, FileChange),
        before: Option<&Lies<T>>,
        kept: impl FnOnce(&T) -> B,
        written: impl FnOnce(Option<&T>) -> B,
    ) -> Option<Fingerprint> {
        match touch {
            FileChange::Write => {
                let text = written(before.and_then(Lies::value));
                Some(self.make(file, text.as_ref()))
            }
            FileChange::Keep => before.and_then(|before| self.of_file(file, before, kept)),
            FileChange::Remove => None,
        }
    }
}

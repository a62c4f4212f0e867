//! What we wrote of a file, as a keyed hash of what it means: another order
//! of keys, a number for a text, or a wrapped icon is the same fingerprint.
//! Each is made for one address, so equal files of two users do not show.

use super::Key;
use crate::codec::{self, menu::Pictured};
use crate::model::{ActualGroup, ActualLink, AdminConfig, AppName, MenuFile, UserName};
use crate::model::{Group, GroupConfig, MenuEntry, UserConfig};
use crate::plan::{Address, Change, FileChange, GroupChange, LinkAfter, LinkChange, TokenAfter};

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
            userconfig: userconfig
                .value()
                .map(|found| maker.make("U", &userconfig_text(user, app, found))),
            adminconfig: adminconfig
                .value()
                .map(|found| maker.make("A", &adminconfig_text(found))),
            menu: menu.value().map(|found| maker.make("D", &menu_text(found))),
        }
    }

    /// Those of a group as it lies on disk.
    pub fn of_group(key: &Key, address: &Address, group: &ActualGroup) -> Self {
        let maker = Maker::new(key, address);
        let ActualGroup { userconfig, menu } = group;
        Self {
            userconfig: userconfig
                .value()
                .map(|found| maker.make("U", &group_text(found))),
            adminconfig: None,
            menu: menu.value().map(|found| maker.make("D", &menu_text(found))),
        }
    }

    /// Those of a link or group once a change is carried out.
    pub fn after(key: &Key, change: &Change) -> Self {
        let address = change.address();
        let maker = Maker::new(key, &address);
        match change {
            Change::Link(change) => match (&change.restore, change.action.after()) {
                (_, None) => Self::default(),
                (Some(found), Some(_)) => {
                    Self::of_link(key, &change.user, &change.app, &found.files)
                }
                (None, Some(after)) => maker.after_link(change, after),
            },
            Change::Group(change) => match (&change.restore, change.action.after()) {
                (_, None) => Self::default(),
                (Some(found), Some(_)) => Self::of_group(key, &address, &found.files),
                (None, Some(after)) => maker.after_group(change, after),
            },
        }
    }
}

/// Makes the fingerprints of one address.
struct Maker<'k> {
    key: &'k Key,
    address: String,
}

impl<'k> Maker<'k> {
    fn new(key: &'k Key, address: &Address) -> Self {
        Self {
            key,
            address: address.to_string(),
        }
    }

    fn make(&self, file: &str, text: &[u8]) -> Fingerprint {
        let parts = [file.as_bytes(), self.address.as_bytes(), text];
        self.key.hmac(&parts)
    }

    fn after_link(&self, change: &LinkChange, after: &LinkAfter) -> Fingerprints {
        let LinkChange {
            user, app, action, ..
        } = change;
        let before = action.before();
        let userconfig = before.and_then(|b| b.userconfig.value());
        let adminconfig = before.and_then(|b| b.adminconfig.value());
        let menu = before.and_then(|b| b.menu.value());
        let touch = change.touch;
        Fingerprints {
            userconfig: match touch.userconfig {
                FileChange::Write => Some(codec::userconfig::render(
                    user,
                    app,
                    &after.link,
                    userconfig,
                )),
                FileChange::Keep => userconfig.map(|found| userconfig_text(user, app, found)),
                FileChange::Remove => None,
            }
            .map(|text| self.make("U", &text)),
            adminconfig: match touch.adminconfig {
                FileChange::Write => {
                    let token = match &after.token {
                        TokenAfter::Set { secret, .. } | TokenAfter::Restore { secret } => {
                            Some(secret)
                        }
                        TokenAfter::Keep => adminconfig.and_then(|found| found.token.as_ref()),
                        TokenAfter::None | TokenAfter::NotCompared { .. } => None,
                    };
                    Some(codec::adminconfig::render(token, adminconfig))
                }
                FileChange::Keep => adminconfig.map(adminconfig_text),
                FileChange::Remove => None,
            }
            .map(|text| self.make("A", &text)),
            menu: self.after_menu(touch.menu, &after.menu, Pictured::Yes, menu),
        }
    }

    fn after_group(&self, change: &GroupChange, after: &Group) -> Fingerprints {
        let before = change.action.before();
        let userconfig = before.and_then(|b| b.userconfig.value());
        let menu = before.and_then(|b| b.menu.value());
        let entry = MenuEntry::of_group(&change.id, after);
        Fingerprints {
            userconfig: match change.touch.userconfig {
                FileChange::Write => Some(codec::group::render(after, userconfig)),
                FileChange::Keep => userconfig.map(group_text),
                FileChange::Remove => None,
            }
            .map(|text| self.make("U", &text)),
            adminconfig: None,
            menu: self.after_menu(change.touch.menu, &entry, Pictured::No, menu),
        }
    }

    fn after_menu(
        &self,
        touch: FileChange,
        entry: &MenuEntry,
        pictured: Pictured,
        before: Option<&MenuFile>,
    ) -> Option<Fingerprint> {
        match touch {
            FileChange::Write => Some(codec::menu::render(entry, pictured, before)),
            FileChange::Keep => before.map(menu_text),
            FileChange::Remove => None,
        }
        .map(|text| self.make("D", &text))
    }
}

fn userconfig_text(user: &UserName, app: &AppName, found: &UserConfig) -> Vec<u8> {
    codec::userconfig::render(user, app, &found.link, Some(found))
}

fn adminconfig_text(found: &AdminConfig) -> zeroize::Zeroizing<Vec<u8>> {
    codec::adminconfig::render(found.token.as_ref(), Some(found))
}

/// Without the icon that a new entry would be given: one that is gone shows.
fn menu_text(found: &MenuFile) -> Vec<u8> {
    codec::menu::render(&found.entry, Pictured::No, Some(found))
}

fn group_text(found: &GroupConfig) -> Vec<u8> {
    codec::group::render(&found.group, Some(found))
}

//! From what was read of a user to what a snapshot holds of it. Icons are
//! handed over as they are met.

use super::mark::Salt;
use super::wire::{self, Image};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AdminConfig, Folder, Found, GroupConfig, Icon,
    Lies, MenuFile, Obstacle, Ownership, UserConfig, masked,
};
use crate::plan::Owned;
use std::collections::BTreeMap;

/// Redacts one user.
pub(super) struct Redaction<'r> {
    pub(super) salt: Salt,
    /// What is done with an icon; called for each use of one.
    pub(super) see: &'r mut dyn FnMut(&Image, &Icon),
}

impl Redaction<'_> {
    pub(super) fn user(&mut self, actual: &ActualUser, owned: &Owned) -> wire::User {
        let ActualUser {
            name,
            account,
            links_folder,
            menu_folder,
            links,
            groups,
            strays,
        } = actual;
        wire::User {
            name: name.to_string(),
            account: redact_account(account),
            listed: None,
            links_folder: redact_folder(links_folder),
            menu_folder: redact_folder(menu_folder),
            links: links
                .iter()
                .map(|(app, link)| (app.to_string(), self.link(link)))
                .collect(),
            groups: groups
                .iter()
                .map(|(id, group)| (id.to_string(), self.group(group)))
                .collect(),
            strays: strays.len(),
            owned_links: owned
                .apps(name)
                .map(|app| {
                    let written = wire::Written {
                        host: owned.host(name, app).map(str::to_owned),
                        reference: owned.token(name, app).map(str::to_owned),
                    };
                    (app.to_string(), written)
                })
                .collect(),
            owned_groups: owned.groups(name).map(ToString::to_string).collect(),
        }
    }

    fn link(&mut self, link: &ActualLink) -> wire::Link {
        let ActualLink {
            userconfig,
            adminconfig,
            menu,
        } = link;
        wire::Link {
            userconfig: redact_lies(userconfig, |found| self.fields(found)),
            adminconfig: redact_lies(adminconfig, redact_admin),
            menu: redact_lies(menu, |found| self.menu(found)),
        }
    }

    fn group(&mut self, group: &ActualGroup) -> wire::Group {
        let ActualGroup { userconfig, menu } = group;
        wire::Group {
            userconfig: redact_lies(userconfig, redact_group_fields),
            menu: redact_lies(menu, |found| self.menu(found)),
        }
    }

    fn fields(&mut self, found: &UserConfig) -> wire::Fields {
        let UserConfig {
            link,
            stated_app,
            stated_user,
            unknown,
        } = found;
        let url = |url: &Option<String>| url.as_deref().map(|url| self.salt.redact(url));
        wire::Fields {
            label: link.label.clone(),
            implements: link.implements.clone(),
            url: url(&link.url),
            autologin_token_url: url(&link.autologin_token_url),
            subscriber_unique_id: link.subscriber_unique_id.clone(),
            group_id: link.group_id.clone(),
            order: link.order.as_ref().map(ToString::to_string),
            hide: link.hide,
            base64_png_image: link.icon.as_ref().map(|icon| self.icon(icon)),
            app: stated_app.clone(),
            user: stated_user.clone(),
            unknown_keys: keys(unknown),
        }
    }

    fn menu(&mut self, found: &MenuFile) -> wire::Menu {
        let MenuFile { entry, kept } = found;
        let mut fields = entry.fields.clone();
        // No wanted entry has anything to mask, so no mark is needed.
        if let Some(url) = fields.get_mut("url") {
            *url = masked(url).into_owned();
        }
        wire::Menu {
            fields,
            base64_png_image: entry.icon.as_ref().map(|icon| self.icon(icon)),
            kept_keys: keys(kept),
        }
    }

    fn icon(&mut self, icon: &Icon) -> Image {
        let image = match icon {
            Icon::Image(_) => Image::Image(icon.hash().into_owned()),
            Icon::Damaged(_) => Image::Damaged(icon.hash().into_owned()),
        };
        (self.see)(&image, icon);
        image
    }
}

/// The names of keys, without their values.
fn keys<T>(map: &BTreeMap<String, T>) -> Vec<String> {
    map.keys().cloned().collect()
}

fn redact_admin(found: &AdminConfig) -> wire::Admin {
    let AdminConfig { token, unknown } = found;
    wire::Admin {
        token: token.is_there(),
        unknown_keys: keys(unknown),
    }
}

fn redact_group_fields(found: &GroupConfig) -> wire::GroupFields {
    let GroupConfig { group, unknown } = found;
    wire::GroupFields {
        label: group.label.clone(),
        order: group.order.as_ref().map(ToString::to_string),
        unknown_keys: keys(unknown),
    }
}

fn redact_lies<T, W>(lies: &Lies<T>, content: impl FnOnce(&T) -> W) -> Option<Box<wire::Lies<W>>> {
    let lies = match lies {
        Lies::Absent => return None,
        Lies::File(Found { value, stamp }) => wire::Lies::File {
            owner: redact_ownership(stamp.ownership),
            content: content(value),
        },
        Lies::Broken(Found { value, stamp }) => wire::Lies::Broken {
            owner: redact_ownership(stamp.ownership),
            why: value.clone(),
        },
        Lies::Obstacle(obstacle) => wire::Lies::Obstacle(redact_obstacle(obstacle)),
    };
    Some(Box::new(lies))
}

fn redact_account(account: &Account) -> Option<wire::Account> {
    match account {
        Account::NotAsked => None,
        Account::Known { gid } => Some(wire::Account::Known { gid: *gid }),
        Account::Missing => Some(wire::Account::Missing),
        Account::LookupFailed(error) => Some(wire::Account::LookupFailed(error.clone())),
    }
}

fn redact_folder(folder: &Folder) -> Option<wire::Folder> {
    match folder {
        Folder::Absent => None,
        Folder::Present(ownership) => Some(wire::Folder::Present(redact_ownership(*ownership))),
        Folder::Obstacle(obstacle) => Some(wire::Folder::Obstacle(redact_obstacle(obstacle))),
    }
}

fn redact_ownership(ownership: Ownership) -> wire::Ownership {
    let Ownership { mode, uid, gid } = ownership;
    wire::Ownership {
        mode: octal(mode),
        uid,
        gid,
    }
}

fn redact_obstacle(obstacle: &Obstacle) -> wire::Obstacle {
    match obstacle {
        Obstacle::Symlink => wire::Obstacle::Symlink,
        Obstacle::Directory => wire::Obstacle::Directory,
        Obstacle::Special(kind) => wire::Obstacle::Special((*kind).to_owned()),
        Obstacle::TooLarge(bytes) => wire::Obstacle::TooLarge(*bytes),
        Obstacle::Unsafe { mode, uid } => wire::Obstacle::Unsafe {
            mode: octal(*mode),
            uid: *uid,
        },
        Obstacle::Unreadable(error) => wire::Obstacle::Unreadable(error.clone()),
    }
}

fn octal(mode: u32) -> String {
    format!("{mode:04o}")
}

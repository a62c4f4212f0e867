//! From what a snapshot holds of a user to what a plan is made from. Every
//! name and number is checked: the file may come from anybody.

use super::mark::Salt;
use super::wire::{self, Image};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AdminConfig, AppName, Customer, DesiredLink,
    DesiredUser, Folder, Found, FoundToken, Group, GroupConfig, GroupId, Icon, Lies, Link,
    MenuEntry, MenuFile, NameError, Obstacle, Order, Ownership, Reseller, Secret, Stamp,
    UserConfig, UserName, Wanted,
};
use std::collections::BTreeMap;

/// Files in one user's folders that belong to no link: they are counted, never
/// named, and each takes some memory.
const MAX_STRAYS: usize = 100_000;
/// What may lie at a path and is never opened, in words.
const SPECIAL: [&str; 6] = [
    "regular file",
    "FIFO",
    "socket",
    "character device",
    "block device",
    "special file",
];
/// The value of a key of which only the name is in a snapshot. No plan
/// compares or shows it.
const NOT_KEPT: &str = "null";
/// The hash of a file's bytes, which is not in a snapshot. No plan shows it,
/// and an apply would take no file for this one.
const NO_HASH: [u8; 32] = [0; 32];

/// What a restoration needs beside the entry.
pub(super) struct Restoration<'r> {
    pub(super) salt: Salt,
    pub(super) images: &'r BTreeMap<Image, Icon>,
    /// What the manifest wants of the user, to know masked URLs again.
    pub(super) desired: Option<&'r DesiredUser>,
}

impl Restoration<'_> {
    /// The user.
    ///
    /// # Errors
    /// What cplinks would not have written, in words.
    pub(super) fn user(&self, user: wire::User) -> Result<ActualUser, String> {
        let wire::User {
            name,
            account,
            listed: _,
            links_folder,
            menu_folder,
            links,
            groups,
            strays,
            owned_links: _,
            owned_groups: _,
        } = user;
        if strays > MAX_STRAYS {
            return Err(format!("{strays} stray files, the most is {MAX_STRAYS}"));
        }
        let links = links.into_iter().map(|(app, link)| {
            let app = parse_app(&app)?;
            let link = self.link(&app, link)?;
            Ok((app, link))
        });
        let groups = groups.into_iter().map(|(id, group)| {
            let id = parse_group(&id)?;
            let group = self.group(group)?;
            Ok((id, group))
        });
        Ok(ActualUser {
            name: parse_user(&name)?,
            account: match account {
                None => Account::NotAsked,
                Some(wire::Account::Known { gid }) => Account::Known { gid },
                Some(wire::Account::Missing) => Account::Missing,
                Some(wire::Account::LookupFailed(error)) => Account::LookupFailed(error),
            },
            links_folder: restore_folder(links_folder)?,
            menu_folder: restore_folder(menu_folder)?,
            links: links.collect::<Result<_, String>>()?,
            groups: groups.collect::<Result<_, String>>()?,
            strays: vec![String::new(); strays],
        })
    }

    fn link(&self, app: &AppName, link: wire::Link) -> Result<ActualLink, String> {
        let wanted = self.desired.and_then(|d| d.links.get(app));
        let wanted = match wanted {
            Some(Wanted::Link(wanted)) => Some(wanted.as_ref()),
            Some(Wanted::Absent) | None => None,
        };
        let link = ActualLink {
            userconfig: restore_lies(link.userconfig, |fields| self.fields(fields, wanted))?,
            adminconfig: restore_lies(link.adminconfig, |admin| Ok(restore_admin(admin)))?,
            menu: restore_lies(link.menu, |menu| self.menu(menu))?,
        };
        if link.is_there() {
            Ok(link)
        } else {
            Err(format!("the link `{app}` has none of its files"))
        }
    }

    fn group(&self, group: wire::Group) -> Result<ActualGroup, String> {
        Ok(ActualGroup {
            userconfig: restore_lies(group.userconfig, |fields| {
                Ok(GroupConfig {
                    group: Group {
                        label: fields.label,
                        order: fields.order.as_deref().map(Order::from_disk),
                    },
                    unknown: without_values(fields.unknown_keys),
                })
            })?,
            menu: restore_lies(group.menu, |menu| self.menu(menu))?,
        })
    }

    fn fields(
        &self,
        fields: wire::Fields,
        wanted: Option<&DesiredLink>,
    ) -> Result<UserConfig, String> {
        let url = |url: Option<wire::Url>, wanted: Option<&String>| {
            url.map(|url| self.salt.restore(&url, wanted.map(String::as_str)))
        };
        let wanted = wanted.map(|wanted| &wanted.link);
        let login = wanted.and_then(|w| w.autologin_token_url.as_ref());
        Ok(UserConfig {
            link: Link {
                label: fields.label,
                implements: fields.implements,
                url: url(fields.url, wanted.and_then(|w| w.url.as_ref())),
                autologin_token_url: url(fields.autologin_token_url, login),
                subscriber_unique_id: fields.subscriber_unique_id,
                group_id: fields.group_id,
                order: fields.order.as_deref().map(Order::from_disk),
                hide: fields.hide,
                icon: self.icon(fields.base64_png_image)?,
            },
            stated_app: fields.app,
            stated_user: fields.user,
            unknown: without_values(fields.unknown_keys),
        })
    }

    fn menu(&self, menu: wire::Menu) -> Result<MenuFile, String> {
        let is_known = |key: &&String| MenuEntry::KEYS.contains(&key.as_str());
        if let Some(key) = menu.fields.keys().find(|key| !is_known(key)) {
            return Err(format!("`{key}` is no field of a menu entry"));
        }
        Ok(MenuFile {
            entry: MenuEntry {
                fields: menu.fields,
                icon: self.icon(menu.base64_png_image)?,
            },
            kept: without_values(menu.kept_keys),
        })
    }

    fn icon(&self, image: Option<Image>) -> Result<Option<Icon>, String> {
        let icon = image.map(|image| {
            let missing = "an icon that no line before it holds".to_owned();
            self.images.get(&image).cloned().ok_or(missing)
        });
        icon.transpose()
    }
}

fn restore_admin(admin: wire::Admin) -> AdminConfig {
    let unknown = admin.unknown_keys.into_iter();
    AdminConfig {
        token: if admin.token {
            FoundToken::Unseen
        } else {
            FoundToken::None
        },
        unknown: unknown
            .map(|key| (key, Secret::new(NOT_KEPT.to_owned())))
            .collect(),
    }
}

fn without_values(keys: Vec<String>) -> BTreeMap<String, String> {
    let keys = keys.into_iter();
    keys.map(|key| (key, NOT_KEPT.to_owned())).collect()
}

fn restore_lies<W, T>(
    lies: Option<Box<wire::Lies<W>>>,
    content: impl FnOnce(W) -> Result<T, String>,
) -> Result<Lies<T>, String> {
    let Some(lies) = lies else {
        return Ok(Lies::Absent);
    };
    Ok(match *lies {
        wire::Lies::File {
            owner,
            content: found,
        } => Lies::File(Found {
            value: content(found)?,
            stamp: stamp(&owner)?,
        }),
        wire::Lies::Broken { owner, why } => Lies::Broken(Found {
            value: why,
            stamp: stamp(&owner)?,
        }),
        wire::Lies::Obstacle(obstacle) => Lies::Obstacle(restore_obstacle(obstacle)?),
    })
}

fn stamp(owner: &wire::Ownership) -> Result<Stamp, String> {
    Ok(Stamp {
        sha256: NO_HASH,
        ownership: restore_ownership(owner)?,
    })
}

fn restore_folder(folder: Option<wire::Folder>) -> Result<Folder, String> {
    Ok(match folder {
        None => Folder::Absent,
        Some(wire::Folder::Present(owner)) => Folder::Present(restore_ownership(&owner)?),
        Some(wire::Folder::Obstacle(obstacle)) => Folder::Obstacle(restore_obstacle(obstacle)?),
    })
}

fn restore_ownership(owner: &wire::Ownership) -> Result<Ownership, String> {
    Ok(Ownership {
        mode: parse_mode(&owner.mode)?,
        uid: owner.uid,
        gid: owner.gid,
    })
}

fn restore_obstacle(obstacle: wire::Obstacle) -> Result<Obstacle, String> {
    Ok(match obstacle {
        wire::Obstacle::Symlink => Obstacle::Symlink,
        wire::Obstacle::Directory => Obstacle::Directory,
        wire::Obstacle::Special(kind) => {
            let known = SPECIAL.into_iter().find(|known| *known == kind);
            Obstacle::Special(known.ok_or_else(|| format!("`{kind}` is no kind of file"))?)
        }
        wire::Obstacle::TooLarge(bytes) => Obstacle::TooLarge(bytes),
        wire::Obstacle::Unsafe { mode, uid } => Obstacle::Unsafe {
            mode: parse_mode(&mode)?,
            uid,
        },
        wire::Obstacle::Unreadable(error) => Obstacle::Unreadable(error),
    })
}

/// What the server's list said of an account.
pub(super) fn restore_listed(listed: wire::Listed) -> Result<Customer, String> {
    let reseller = listed.reseller.map(|name| {
        let bad = |error| format!("the reseller `{name}` {error}");
        Reseller::parse(&name).map_err(bad)
    });
    Ok(Customer {
        reseller: reseller.transpose()?,
    })
}

fn parse_mode(text: &str) -> Result<u32, String> {
    let is_octal = (4..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let mode = u32::from_str_radix(text, 8).ok();
    let mode = mode.filter(|mode| is_octal && *mode <= 0o7777);
    mode.ok_or_else(|| format!("`{text}` is no file mode in octal"))
}

pub(super) fn parse_user(text: &str) -> Result<UserName, String> {
    UserName::parse(text).map_err(|error| bad_name("user", text, &error))
}

pub(super) fn parse_app(text: &str) -> Result<AppName, String> {
    AppName::parse(text).map_err(|error| bad_name("app", text, &error))
}

pub(super) fn parse_group(text: &str) -> Result<GroupId, String> {
    GroupId::parse(text).map_err(|error| bad_name("group", text, &error))
}

fn bad_name(what: &str, text: &str, error: &NameError) -> String {
    let start: String = text.chars().take(64).collect();
    format!("the {what} `{start}` {error}")
}

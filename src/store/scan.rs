//! One user's files, read: each folder listed once, each known file read once
//! and decoded. What cannot be read is an obstacle in its place, never absent.

use super::Store;
use super::disk::{Dir, Disk, PathError, Reach};
use super::layout::{Named, file_name, parse_name};
use super::owners::{Sticky, is_unsafe};
use super::read::{Seen, SeenDir, open_dir, ownership, read_file};
use crate::codec::{self, FormatError};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AppName, FileKind, Folder, Found, GroupId, Lies,
    Obstacle, UserName,
};
use crate::plan::{Address, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Reads all of one user's files.
pub(super) fn scan_user<D: Disk>(
    store: &Store<D>,
    user: &UserName,
    account: Account,
) -> ActualUser {
    let mut strays = Vec::new();
    let links = open_folder(store, Tree::Links, user, &mut strays);
    let menu = open_folder(store, Tree::Menu, user, &mut strays);
    strays.sort();
    let apps: BTreeSet<_> = links.apps.union(&menu.apps).cloned().collect();
    let ids: BTreeSet<_> = links.groups.union(&menu.groups).cloned().collect();
    let disk = &store.disk;
    ActualUser {
        links: apps
            .into_iter()
            .map(|app| {
                let link = read_link(disk, user, &app, &links, &menu);
                (app, link)
            })
            .filter(|(_, link)| !is_gone(link))
            .collect(),
        groups: ids
            .into_iter()
            .map(|id| {
                let group = read_group(disk, user, &id, &links, &menu);
                (id, group)
            })
            .filter(|(_, group)| !(group.userconfig.is_absent() && group.menu.is_absent()))
            .collect::<BTreeMap<_, _>>(),
        name: user.clone(),
        account,
        links_folder: links.folder,
        menu_folder: menu.folder,
        strays,
    }
}

/// All three files went away between the listing and the reading.
fn is_gone(link: &ActualLink) -> bool {
    link.userconfig.is_absent() && link.adminconfig.is_absent() && link.menu.is_absent()
}

/// A user's folder in one tree, and what its names stand for.
struct Listed {
    folder: Folder,
    dir: Option<Dir>,
    apps: BTreeSet<AppName>,
    groups: BTreeSet<GroupId>,
    names: BTreeSet<String>,
}

impl Listed {
    fn without_names(folder: Folder) -> Self {
        Self {
            folder,
            dir: None,
            apps: BTreeSet::new(),
            groups: BTreeSet::new(),
            names: BTreeSet::new(),
        }
    }

    fn unreadable(error: &PathError) -> Self {
        Self::without_names(Folder::Obstacle(unreadable(error)))
    }
}

fn unreadable(error: &PathError) -> Obstacle {
    Obstacle::Unreadable(error.source.to_string())
}

fn open_folder<D: Disk>(
    store: &Store<D>,
    tree: Tree,
    user: &UserName,
    strays: &mut Vec<String>,
) -> Listed {
    let parent = match store.tree(tree) {
        Ok(Some(parent)) => parent,
        Ok(None) => return Listed::without_names(Folder::Absent),
        // It was absent when the store was opened, and is no tree now.
        Err(error) => {
            let obstacle = Obstacle::Unreadable(error.to_string());
            return Listed::without_names(Folder::Obstacle(obstacle));
        }
    };
    let disk = &store.disk;
    let (dir, stat) = match open_dir(disk, &parent, user.as_str().as_ref(), Reach::Full) {
        Ok(SeenDir::Dir(dir, stat)) => (dir, stat),
        Ok(SeenDir::Absent) => return Listed::without_names(Folder::Absent),
        Ok(SeenDir::Obstacle(obstacle)) => {
            return Listed::without_names(Folder::Obstacle(obstacle));
        }
        Err(error) => return Listed::unreadable(&error),
    };
    if is_unsafe(&stat, store.owners.check, Sticky::Unsafe) {
        let (mode, uid) = (stat.mode, stat.uid);
        return Listed::without_names(Folder::Obstacle(Obstacle::Unsafe { mode, uid }));
    }
    let names = match disk.list(&dir) {
        Ok(names) => names,
        Err(error) => return Listed::unreadable(&error),
    };
    let mut listed = Listed::without_names(Folder::Present(ownership(&stat)));
    listed.dir = Some(dir);
    for name in names {
        let meaning = name.to_str().map_or(Named::Stray, |n| parse_name(tree, n));
        match meaning {
            Named::Link(app, _) => {
                listed.apps.insert(app);
            }
            Named::Group(id, _) => {
                listed.groups.insert(id);
            }
            Named::Stray => {
                strays.push(name.to_string_lossy().into_owned());
                continue;
            }
        }
        listed.names.insert(name.to_string_lossy().into_owned());
    }
    listed
}

fn read_link<D: Disk>(
    disk: &D,
    user: &UserName,
    app: &AppName,
    links: &Listed,
    menu: &Listed,
) -> ActualLink {
    let address = Address::Link(user.clone(), app.clone());
    let name = |kind| file_name(&address, kind);
    ActualLink {
        userconfig: read_as(
            disk,
            links,
            &name(FileKind::Userconfig),
            codec::userconfig::parse,
        ),
        adminconfig: read_as(
            disk,
            links,
            &name(FileKind::Adminconfig),
            codec::adminconfig::parse,
        ),
        menu: read_as(disk, menu, &name(FileKind::Menu), codec::menu::parse),
    }
}

fn read_group<D: Disk>(
    disk: &D,
    user: &UserName,
    id: &GroupId,
    links: &Listed,
    menu: &Listed,
) -> ActualGroup {
    let address = Address::Group(user.clone(), id.clone());
    let name = |kind| file_name(&address, kind);
    ActualGroup {
        userconfig: read_as(
            disk,
            links,
            &name(FileKind::Userconfig),
            codec::group::parse,
        ),
        menu: read_as(disk, menu, &name(FileKind::Menu), codec::menu::parse),
    }
}

/// Reads and decodes one file. A name that was not listed is absent without
/// being asked for: the listing is the one moment this user is read at.
fn read_as<D: Disk, T>(
    disk: &D,
    listed: &Listed,
    name: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, FormatError>,
) -> Lies<T> {
    let Some(dir) = listed.dir.as_ref().filter(|_| listed.names.contains(name)) else {
        return Lies::Absent;
    };
    match read_file(disk, dir, name) {
        Ok(Seen::Absent) => Lies::Absent,
        Ok(Seen::Obstacle(obstacle)) => Lies::Obstacle(obstacle),
        Ok(Seen::File(contents)) => {
            let stamp = contents.stamp();
            match parse(&contents.bytes) {
                Ok(value) => Lies::File(Found { value, stamp }),
                Err(error) => Lies::Broken(Found {
                    value: error.to_string(),
                    stamp,
                }),
            }
        }
        Err(error) => Lies::Obstacle(unreadable(&error)),
    }
}

#[cfg(test)]
mod tests;

//! One user's files, read: each folder listed once, each known file read once
//! and decoded. What cannot be read is an obstacle in its place, never absent.
//!
//! Most files are just as wanted. Told what is wanted, a user's files are held
//! against it as bytes first, and decoded only if that leaves any doubt; no
//! file is read a second time for it.

mod meet;
#[cfg(test)]
mod tests;

pub(super) use meet::meet_user;
pub use meet::{AlsoRight, Met};

use super::Store;
use super::buffer::Buffer;
use super::disk::{Dir, Disk, PathError, Reach};
use super::layout::{Named, parse_name};
use super::owners::{Sticky, is_unsafe};
use super::read::{Extent, Seen, SeenDir, open_dir, ownership, read_listed, stamp};
use crate::codec::{self, FormatError};
use crate::model::{
    Account, ActualGroup, ActualLink, ActualUser, AppName, FileKind, Folder, Found, GroupId, Lies,
    LinkForms, Obstacle, UserName,
};
use crate::plan::{Address, Tree};
use rustix::fs::FileType;
use std::collections::BTreeMap;

/// Reads all of one user's files.
pub(super) fn scan_user<D: Disk>(
    store: &Store<D>,
    user: &UserName,
    account: Account,
) -> ActualUser {
    let mut buffer = Buffer::default();
    Listing::of(store, user).decoded(user, account, Fetched::default(), &mut buffer)
}

/// Reads the userconfig of a link or group as it is.
pub(super) fn read_userconfig<D: Disk>(store: &Store<D>, address: &Address) -> Lies<Vec<u8>> {
    let listing = Listing::of(store, address.user());
    if let Folder::Obstacle(obstacle) = &listing.in_links.folder {
        return Lies::Obstacle(obstacle.clone());
    }
    let alone = |names: &Names| Names {
        userconfig: names.userconfig.clone(),
        ..Names::default()
    };
    let mut buffer = Buffer::default();
    let files = match address {
        Address::Link(_, app) => {
            let names = listing.links.get(app);
            names.map(|names| listing.fetch(&alone(names), &mut buffer))
        }
        Address::Group(_, id) => {
            let names = listing.groups.get(id);
            names.map(|names| listing.fetch(&alone(names), &mut buffer))
        }
    };
    files.map_or(Lies::Absent, |files| {
        decoded(files.userconfig, &buffer, |bytes| Ok(bytes.to_vec()))
    })
}

/// Reads the two files of a link that an auto-login sends, the adminconfig
/// first.
pub(super) fn scan_forms<D: Disk>(store: &Store<D>, user: &UserName, app: &AppName) -> LinkForms {
    let listing = Listing::of_links(store, user);
    if let Folder::Obstacle(obstacle) = &listing.in_links.folder {
        return LinkForms {
            userconfig: Lies::Obstacle(obstacle.clone()),
            adminconfig: Lies::Obstacle(obstacle.clone()),
        };
    }
    let names = listing.links.get(app).cloned().unwrap_or_default();
    let admin = Names {
        adminconfig: names.adminconfig,
        ..Names::default()
    };
    let fields = Names {
        userconfig: names.userconfig,
        ..Names::default()
    };
    let mut buffer = Buffer::default();
    let adminconfig = listing.fetch(&admin, &mut buffer).adminconfig;
    let userconfig = listing.fetch(&fields, &mut buffer).userconfig;
    LinkForms {
        userconfig: decoded(userconfig, &buffer, codec::form::parse),
        adminconfig: decoded(adminconfig, &buffer, codec::form::parse),
    }
}

/// A user's folder in one tree.
struct Listed {
    folder: Folder,
    dir: Option<Dir>,
}

impl Listed {
    fn none(folder: Folder) -> Self {
        Self { folder, dir: None }
    }
}

fn unreadable(error: &PathError) -> Obstacle {
    Obstacle::Unreadable(error.source.to_string())
}

/// A listed name, and what kind of thing lies there.
type Name = (String, FileType);

/// Each name of a link or group that was listed; `None` is nothing.
#[derive(Debug, Clone, Default)]
struct Names {
    userconfig: Option<Name>,
    adminconfig: Option<Name>,
    menu: Option<Name>,
}

impl Names {
    fn set(&mut self, file: FileKind, name: Name) {
        let slot = match file {
            FileKind::Userconfig => &mut self.userconfig,
            FileKind::Adminconfig => &mut self.adminconfig,
            FileKind::Menu => &mut self.menu,
        };
        *slot = Some(name);
    }
}

/// Both folders of a user, and what their names stand for.
struct Listing<'s, D: Disk> {
    store: &'s Store<D>,
    in_links: Listed,
    in_menu: Listed,
    links: BTreeMap<AppName, Names>,
    groups: BTreeMap<GroupId, Names>,
    strays: Vec<String>,
}

/// What came of reading one file.
type Raw = Result<Seen<Extent>, PathError>;

/// The files of a link; a group has no adminconfig.
struct RawFiles {
    userconfig: Raw,
    adminconfig: Raw,
    menu: Raw,
}

/// What was read already, each once; the bytes are in a buffer.
#[derive(Default)]
struct Fetched<'k> {
    links: Vec<(&'k AppName, RawFiles)>,
    groups: Vec<(&'k GroupId, RawFiles)>,
}

impl<'s, D: Disk> Listing<'s, D> {
    /// Of the files that hold links, and not of the menu.
    fn of_links(store: &'s Store<D>, user: &UserName) -> Self {
        let mut listing = Self {
            store,
            in_links: Listed::none(Folder::Absent),
            in_menu: Listed::none(Folder::Absent),
            links: BTreeMap::new(),
            groups: BTreeMap::new(),
            strays: Vec::new(),
        };
        listing.in_links = listing.list(Tree::Links, user);
        listing
    }

    fn of(store: &'s Store<D>, user: &UserName) -> Self {
        let mut listing = Self::of_links(store, user);
        listing.in_menu = listing.list(Tree::Menu, user);
        listing.strays.sort();
        listing
    }

    fn list(&mut self, tree: Tree, user: &UserName) -> Listed {
        let store = self.store;
        let parent = match store.tree(tree) {
            Ok(Some(parent)) => parent,
            Ok(None) => return Listed::none(Folder::Absent),
            // It was absent when the store was opened, and is no tree now.
            Err(error) => {
                let obstacle = Obstacle::Unreadable(error.to_string());
                return Listed::none(Folder::Obstacle(obstacle));
            }
        };
        let disk = &store.disk;
        let (dir, stat) = match open_dir(disk, &parent, user.as_str().as_ref(), Reach::Full) {
            Ok(SeenDir::Dir(dir, stat)) => (dir, stat),
            Ok(SeenDir::Absent) => return Listed::none(Folder::Absent),
            Ok(SeenDir::Obstacle(obstacle)) => return Listed::none(Folder::Obstacle(obstacle)),
            Err(error) => return Listed::none(Folder::Obstacle(unreadable(&error))),
        };
        if is_unsafe(&stat, store.owners.check, Sticky::Unsafe) {
            let (mode, uid) = (stat.mode, stat.uid);
            return Listed::none(Folder::Obstacle(Obstacle::Unsafe { mode, uid }));
        }
        let entries = match disk.list_new(&dir) {
            Ok(entries) => entries,
            Err(error) => return Listed::none(Folder::Obstacle(unreadable(&error))),
        };
        for entry in entries {
            let name = match entry.name.into_string() {
                Ok(name) => name,
                Err(name) => {
                    self.strays.push(name.to_string_lossy().into_owned());
                    continue;
                }
            };
            match parse_name(tree, &name) {
                Named::Link(app, file) => {
                    let names = self.links.entry(app).or_default();
                    names.set(file, (name, entry.kind));
                }
                Named::Group(id, file) => {
                    let names = self.groups.entry(id).or_default();
                    names.set(file, (name, entry.kind));
                }
                Named::Stray => self.strays.push(name),
            }
        }
        Listed {
            folder: Folder::Present(ownership(&stat)),
            dir: Some(dir),
        }
    }

    /// All of it decoded. What was read already is not read again; what was not
    /// is read into the buffer, and only for as long as it is decoded: a folder
    /// may be full of large files, and nothing need be kept of a broken one.
    fn decoded(
        self,
        user: &UserName,
        account: Account,
        fetched: Fetched<'_>,
        buffer: &mut Buffer,
    ) -> ActualUser {
        let mut of_links: BTreeMap<_, _> = fetched.links.into_iter().collect();
        let mut of_groups: BTreeMap<_, _> = fetched.groups.into_iter().collect();
        let links = self.links.iter().map(|(app, names)| {
            let (files, length) = (of_links.remove(app), buffer.len());
            let files = files.unwrap_or_else(|| self.fetch(names, buffer));
            let link = decoded_link(files, buffer);
            buffer.cut(length);
            (app.clone(), link)
        });
        // All three files may go away between the listing and the reading.
        let links = links.filter(|(_, link)| link.is_there()).collect();
        let groups = self.groups.iter().map(|(id, names)| {
            let (files, length) = (of_groups.remove(id), buffer.len());
            let files = files.unwrap_or_else(|| self.fetch(names, buffer));
            let group = decoded_group(files, buffer);
            buffer.cut(length);
            (id.clone(), group)
        });
        let is_there =
            |group: &ActualGroup| !(group.userconfig.is_absent() && group.menu.is_absent());
        let groups = groups.filter(|(_, group)| is_there(group)).collect();
        ActualUser {
            links,
            groups,
            name: user.clone(),
            account,
            links_folder: self.in_links.folder,
            menu_folder: self.in_menu.folder,
            strays: self.strays,
        }
    }

    /// A name that was not listed is absent without being asked for: the
    /// listing is the one moment this user is read at.
    fn fetch(&self, names: &Names, into: &mut Buffer) -> RawFiles {
        let mut fetch = |listed: &Listed, name: &Option<Name>| match (&listed.dir, name) {
            (Some(dir), Some((name, kind))) => {
                read_listed(&self.store.disk, dir, (name, *kind), into)
            }
            (None, _) | (_, None) => Ok(Seen::Absent),
        };
        RawFiles {
            userconfig: fetch(&self.in_links, &names.userconfig),
            adminconfig: fetch(&self.in_links, &names.adminconfig),
            menu: fetch(&self.in_menu, &names.menu),
        }
    }
}

fn decoded_link(files: RawFiles, buffer: &Buffer) -> ActualLink {
    ActualLink {
        userconfig: decoded(files.userconfig, buffer, codec::userconfig::parse),
        adminconfig: decoded(files.adminconfig, buffer, codec::adminconfig::parse),
        menu: decoded(files.menu, buffer, codec::menu::parse),
    }
}

fn decoded_group(files: RawFiles, buffer: &Buffer) -> ActualGroup {
    ActualGroup {
        userconfig: decoded(files.userconfig, buffer, codec::group::parse),
        menu: decoded(files.menu, buffer, codec::menu::parse),
    }
}

fn decoded<T>(
    raw: Raw,
    buffer: &Buffer,
    parse: impl FnOnce(&[u8]) -> Result<T, FormatError>,
) -> Lies<T> {
    match raw {
        Ok(Seen::Absent) => Lies::Absent,
        Ok(Seen::Obstacle(obstacle)) => Lies::Obstacle(obstacle),
        Ok(Seen::File(extent)) => {
            let bytes = extent.bytes(buffer);
            let stamp = stamp(bytes, extent.ownership);
            match parse(bytes) {
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

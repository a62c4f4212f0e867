//! What lies under the root beside the files of links and groups, and a second
//! look at single ones: what a person is told who asks what is wrong. Reads
//! only; no round needs it.

use super::Store;
use super::disk::{Disk, Reach};
use super::error::StoreError;
use super::layout::{
    LOCK, Named, RUNS, STATE, STATE_KEY, TREE_MODE, WATCH_LOCK, WORK, file_name, live_path,
    parse_name, tree_of,
};
use super::read::{Seen, SeenDir, obstacle, open_dir, ownership, read_file};
use crate::codec::panel;
use crate::model::{FileKind, Look, Obstacle, Standing, Stray, StrayKind, UserName};
use crate::plan::{Address, Fixture, Place, Shield, Tree};
use rustix::fs::FileType;
use std::ffi::OsStr;
use std::path::PathBuf;

/// What is in the work folder: name, kind, mode.
const IN_WORK: [(&str, FileType, u32); 6] = [
    (LOCK, FileType::RegularFile, 0o600),
    (WATCH_LOCK, FileType::RegularFile, 0o600),
    (STATE, FileType::RegularFile, 0o600),
    (STATE_KEY, FileType::RegularFile, 0o600),
    (RUNS, FileType::Directory, 0o700),
    (Place::ASIDE, FileType::Directory, 0o700),
];

/// A place's path below the root; empty for the root.
pub fn path_of(place: &Place) -> PathBuf {
    match place {
        Place::Root => PathBuf::new(),
        Place::Work => WORK.into(),
        Place::InWork(name) => [WORK, name].iter().collect(),
        Place::Tree(tree) => tree.name().into(),
        Place::InTree(tree, name) => [OsStr::new(tree.name()), name].iter().collect(),
        Place::Folder(tree, user) => [tree.name(), user.as_str()].iter().collect(),
        Place::Stray(tree, user, name) => {
            let folder = [OsStr::new(tree.name()), OsStr::new(user.as_str()), name];
            folder.iter().collect()
        }
        Place::File(address, kind) => live_path(address, *kind).into(),
    }
}

/// The folder, below the root, into which a place's content can be moved so
/// that no panel reads it and nothing is lost. Nobody but a person does that.
pub fn aside_of(place: &Place) -> PathBuf {
    let path = path_of(place);
    let aside = [WORK, Place::ASIDE].iter().collect::<PathBuf>();
    let below = path.strip_prefix(WORK).unwrap_or(&path);
    match below.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => aside.join(parent),
        Some(_) | None => aside,
    }
}

impl<D: Disk> Store<D> {
    /// The root, its trees and what cplinks keeps beside them, as they are and
    /// as they should be. What is not there is left out.
    ///
    /// # Errors
    /// A call failed.
    pub fn fixtures(&self) -> Result<Vec<Fixture>, StoreError> {
        let fixture = |place, standing, (mode, shield)| Fixture {
            place,
            standing,
            mode,
            shield,
        };
        let root = Standing::Seen(ownership(&self.root_stat));
        let mut fixtures = vec![fixture(Place::Root, root, (TREE_MODE, Shield::Write))];
        let mut look = |place: Place, dir, name: &str, kind, what| {
            match self.disk.stat(dir, OsStr::new(name)) {
                Ok(stat) if stat.kind == kind => {
                    fixtures.push(fixture(place, Standing::Seen(ownership(&stat)), what));
                }
                Ok(stat) => {
                    let obstacle = Standing::Obstacle(obstacle(stat.kind));
                    fixtures.push(fixture(place, obstacle, what));
                }
                Err(error) if error.is_absent() => {}
                Err(error) => return Err(StoreError::from(error)),
            }
            Ok(())
        };
        let directory = FileType::Directory;
        for tree in [Tree::Links, Tree::Menu] {
            let what = (TREE_MODE, Shield::Write);
            look(Place::Tree(tree), &self.root, tree.name(), directory, what)?;
        }
        let what = (0o700, Shield::Read);
        look(Place::Work, &self.root, WORK, directory, what)?;
        if let Ok(SeenDir::Dir(work, _)) =
            open_dir(&self.disk, &self.root, WORK.as_ref(), Reach::Full)
        {
            for (name, kind, mode) in IN_WORK {
                look(
                    Place::InWork(name),
                    &work,
                    name,
                    kind,
                    (mode, Shield::Above),
                )?;
            }
        }
        Ok(fixtures)
    }

    /// What lies in a tree and is no user's: a name that no account may have.
    ///
    /// # Errors
    /// The tree cannot be listed.
    pub fn strays_of_tree(&self, tree: Tree) -> Result<Vec<Stray>, StoreError> {
        match self.tree(tree)? {
            Some(dir) => self.strays(&dir, |name| {
                name.to_str()
                    .is_none_or(|name| UserName::parse(name).is_err())
            }),
            None => Ok(Vec::new()),
        }
    }

    /// What lies in a user's folder and belongs to no link or group. Nothing
    /// of a folder that is not there, or is none.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn strays_of(&self, user: &UserName, tree: Tree) -> Result<Vec<Stray>, StoreError> {
        let Some(parent) = self.tree(tree)? else {
            return Ok(Vec::new());
        };
        match open_dir(&self.disk, &parent, user.as_str().as_ref(), Reach::Full)? {
            SeenDir::Dir(dir, _) => self.strays(&dir, |name| {
                let named = name.to_str().map(|name| parse_name(tree, name));
                matches!(named, None | Some(Named::Stray))
            }),
            SeenDir::Absent | SeenDir::Obstacle(_) => Ok(Vec::new()),
        }
    }

    fn strays(
        &self,
        dir: &super::Dir,
        is_stray: impl Fn(&OsStr) -> bool,
    ) -> Result<Vec<Stray>, StoreError> {
        let mut strays = Vec::new();
        let names = self.disk.list(dir)?.into_iter().map(|entry| entry.name);
        for name in names.filter(|name| is_stray(name)) {
            let stat = match self.disk.stat(dir, &name) {
                Ok(stat) => stat,
                // Gone since it was listed.
                Err(error) if error.is_absent() => continue,
                // One bad name must not hide what is wrong elsewhere.
                Err(_) => {
                    let kind = StrayKind::Other("thing that cannot be looked at");
                    strays.push(Stray { name, kind });
                    continue;
                }
            };
            let kind = match obstacle(stat.kind) {
                _ if stat.kind == FileType::RegularFile => StrayKind::File { mode: stat.mode },
                Obstacle::Symlink => StrayKind::Other("symbolic link"),
                Obstacle::Directory => StrayKind::Other("directory"),
                Obstacle::Special(kind) => StrayKind::Other(kind),
                Obstacle::TooLarge(_) | Obstacle::Unsafe { .. } | Obstacle::Unreadable(_) => {
                    StrayKind::Other("special file")
                }
            };
            strays.push(Stray { name, kind });
        }
        strays.sort();
        Ok(strays)
    }

    /// Reads a file of a link or group once more, for what the panel makes of
    /// it; `None` if no file is there that can be read.
    ///
    /// # Errors
    /// A call failed.
    pub fn look_closer(
        &self,
        address: &Address,
        kind: FileKind,
    ) -> Result<Option<Look>, StoreError> {
        let Some(parent) = self.tree(tree_of(kind))? else {
            return Ok(None);
        };
        let user = address.user().as_str().as_ref();
        let SeenDir::Dir(dir, _) = open_dir(&self.disk, &parent, user, Reach::Full)? else {
            return Ok(None);
        };
        match read_file(&self.disk, &dir, &file_name(address, kind))? {
            Seen::File(contents) => Ok(Some(Look {
                reading: panel::reading(kind, &contents.bytes),
                has_spaced_icon: panel::has_spaced_icon(kind, &contents.bytes),
            })),
            Seen::Absent | Seen::Obstacle(_) => Ok(None),
        }
    }
}

//! Which folders to watch so that any change of what a manifest is made of is
//! seen. A *way* is what the kernel goes along to a file: each folder in it
//! that holds a symbolic link can turn the way to somewhere else.

#[cfg(test)]
mod tests;

use super::check::relative_path;
use super::expand::{ExpandedToken, Expansion};
use super::layer::{Key, TokenWish, Value};
use super::load::Loader;
use super::merge::Manifest;
use super::open::{self, Listing, MAX_LINKS};
use super::tokens::CREDENTIALS;
use crate::model::TokenRef;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// Most folders that are watched for one manifest: a manifest can name as many
/// as it likes, and the kernel's watches are for the whole machine.
pub const MAX_FOLDERS: usize = 10_000;

/// Folders to watch, each for itself and not for what lies below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    /// Their real, absolute paths.
    pub paths: BTreeSet<PathBuf>,
    /// Whether there were more than [`MAX_FOLDERS`]. Those of the manifest's
    /// own files come first, then those of icons, then those of token files.
    /// Changes in the others are seen only by loading again now and then.
    pub is_cut_off: bool,
}

impl Loader {
    /// The folders in which a change can be one of the manifest, as it was
    /// loaded last: those of the files, the given folders and all below them
    /// that are looked into, those of icons and, for the manifest that is in
    /// force, those of token files. Those that hold a link on the way to one
    /// of them too, and for what is missing the nearest folder that is there.
    ///
    /// Left out are `-`, what systemd passes as credentials, and folders above
    /// that are no links: one that is renamed is seen by loading again.
    pub fn folders_to_watch(&self, arguments: &[PathBuf], manifest: Option<&Manifest>) -> Folders {
        let mut ways = Ways::default();
        let arguments = arguments.iter().filter(|path| path.as_os_str() != "-");
        // The way to each before what lies below any.
        let given: Vec<PathBuf> = arguments.filter_map(|path| ways.to(path)).collect();
        for real in &given {
            ways.below(real);
        }
        for (folder, path) in self.named_icons() {
            if relative_path(path).is_none() {
                ways.named(folder, Path::new(path));
            }
        }
        for (folder, path) in manifest.map(Manifest::token_files).unwrap_or_default() {
            ways.named(&folder, &path);
        }
        ways.folders
    }
}

/// The folders in which a change can be one of these files, such as a policy
/// or secrets, whether they are there or not.
pub fn folders_of_files<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Folders {
    let mut ways = Ways::default();
    for path in paths {
        ways.to(path);
    }
    ways.folders
}

/// The token files of a manifest as they were at one moment, without a word
/// of what is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenStamps(BTreeMap<PathBuf, Option<Stamp>>);

/// Device, inode, size, and when it was changed.
type Stamp = (u64, u64, u64, (i64, i64));

impl Manifest {
    /// The token files it names, as they are now: whether another token may be
    /// in one of them can be told without reading it.
    pub fn token_stamps(&self) -> TokenStamps {
        let stamp = |path: &Path| {
            let found = fs::metadata(path).ok()?;
            let changed = (found.ctime(), found.ctime_nsec());
            Some((found.dev(), found.ino(), found.size(), changed))
        };
        let files = self.token_files().into_iter();
        let paths = files.map(|(folder, path)| folder.join(path));
        TokenStamps(paths.map(|path| (path.clone(), stamp(&path))).collect())
    }

    /// The token files it names: a folder, and the path below it.
    fn token_files(&self) -> BTreeSet<(PathBuf, PathBuf)> {
        let links = self.users.values().flat_map(|part| part.links.values());
        let mut layers = links
            .filter_map(|link| link.layer.as_ref())
            .chain(self.apps.values())
            .chain(&self.defaults);
        let has_file = layers.any(|layer| {
            let token = layer.value(Key::Token);
            matches!(token, Some((_, Value::Token(TokenWish::File(_)))))
        });
        if !has_file {
            return BTreeSet::new();
        }
        let mut files = BTreeSet::new();
        for (user, part) in &self.users {
            for (app, link) in &part.links {
                let token =
                    Expansion::new(self, user, part, app, link).map(|expansion| expansion.token());
                if let Some(ExpandedToken::Reference(TokenRef::File(path), source)) = token {
                    files.extend(self.token_file(&path, source));
                }
            }
        }
        files
    }

    fn token_file(&self, path: &str, source: usize) -> Option<(PathBuf, PathBuf)> {
        if path.starts_with(CREDENTIALS) {
            return None;
        }
        if let Some((folder, rest)) = self.settings.host.below_secrets(path) {
            return Some((folder.to_owned(), rest.to_owned()));
        }
        Some((self.folders.get(source)?.clone(), PathBuf::from(path)))
    }
}

/// The ways that were gone so far.
#[derive(Default)]
struct Ways {
    folders: Folders,
    /// Real folders that were met: many ways begin alike.
    met: BTreeSet<PathBuf>,
}

impl Ways {
    fn watch(&mut self, folder: &Path) {
        let paths = &mut self.folders.paths;
        if paths.contains(folder) {
            return;
        }
        if paths.len() >= MAX_FOLDERS {
            self.folders.is_cut_off = true;
            return;
        }
        paths.insert(folder.to_owned());
    }

    /// Goes to what somebody named at the command line, and says where it
    /// really lies; `None` if nothing is there.
    fn to(&mut self, path: &Path) -> Option<PathBuf> {
        let real = self.go(path, Path::new("/"))?;
        if self.met.contains(&real) {
            self.watch(&real);
        }
        Some(real)
    }

    /// Goes to what a manifest names, below a folder. What lies outside is
    /// never read, so nobody needs to know when it changes.
    fn named(&mut self, folder: &Path, path: &Path) {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        if let Some(folder) = self.to(folder) {
            self.go(&folder.join(path), &folder);
        }
    }

    /// The folders below a given one, and the ways to the files in them.
    fn below(&mut self, folder: &Path) {
        if !self.met.contains(folder) {
            return;
        }
        let mut files = Vec::new();
        let mut enter = |folder: &Path| {
            self.watch(folder);
            if self.folders.is_cut_off {
                Listing::End
            } else {
                Listing::GoOn
            }
        };
        match open::list_into(folder, &mut files, &mut enter) {
            // Loading says what cannot be listed.
            Ok(()) | Err(_) => {}
        }
        for file in files {
            self.go(&file, folder);
        }
    }

    /// Goes as the kernel does, and watches, of the folders within `border`,
    /// each that holds a link and the last one. `None` if nothing is there.
    fn go(&mut self, path: &Path, border: &Path) -> Option<PathBuf> {
        let mut real = PathBuf::from("/");
        let mut ahead = Vec::new();
        push(&std::path::absolute(path).ok()?, &mut ahead);
        let mut links = 0;
        while let Some(step) = ahead.pop() {
            if step == ".." {
                real.pop();
                continue;
            }
            let next = real.join(&step);
            if self.met.contains(&next) {
                real = next;
                continue;
            }
            let kind = fs::symlink_metadata(&next).map(|metadata| metadata.file_type());
            if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
                self.met.insert(next.clone());
                real = next;
                continue;
            }
            if real.starts_with(border) {
                self.watch(&real);
            }
            // Missing, or not for us to see: it may come in this folder.
            if !kind.ok()?.is_symlink() {
                return ahead.is_empty().then_some(next);
            }
            links += 1;
            if links > MAX_LINKS {
                return None;
            }
            let target = fs::read_link(&next).ok()?;
            if target.is_absolute() {
                real = PathBuf::from("/");
            }
            push(&target, &mut ahead);
        }
        Some(real)
    }
}

/// Puts the steps of a path in front of those that are still to be taken.
fn push(path: &Path, ahead: &mut Vec<OsString>) {
    let steps = path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    });
    ahead.extend(steps);
}

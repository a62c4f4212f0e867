//! The *eyes*: the kernel's notices of what happens in the folders that
//! matter. Folders are watched and never files, since editors, `git` and
//! Kubernetes put new files and links in the place of old ones; and none is
//! watched with what is below it, since for that every file would be looked
//! at. A notice decides nothing: it becomes a hint in the inbox.

use super::inbox::{Hints, Inbox};
use crate::model::UserName;
use crate::plan::Tree;
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, ErrorKind, Event, EventKind, INotifyWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// Our own folder below the root; nothing happens in it that is not ours.
const WORK: &str = ".cplinks";
/// The ledger's database in it, where pauses come and go.
const STATE: &str = "state.db";

/// Why the kernel's notices cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Blind {
    /// No more folders may be watched.
    #[error("the kernel lets no more folders be watched")]
    Watches,
    /// No more programs may watch.
    #[error("the kernel lets no more programs watch folders")]
    Instances,
    /// Something else.
    #[error("folders cannot be watched: {0}")]
    Other(String),
}

impl Blind {
    fn of(error: &notify::Error) -> Self {
        match &error.kind {
            ErrorKind::MaxFilesWatch => Self::Watches,
            ErrorKind::Io(error)
                if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) =>
            {
                Self::Instances
            }
            ErrorKind::Generic(_)
            | ErrorKind::Io(_)
            | ErrorKind::PathNotFound
            | ErrorKind::WatchNotFound
            | ErrorKind::InvalidConfig(_) => Self::Other(error.to_string()),
        }
    }
}

/// What paths stand for.
#[derive(Debug)]
struct Lens {
    root: PathBuf,
    /// Folders beside the manifest.
    inputs: RwLock<BTreeSet<PathBuf>>,
    /// What we write ourselves beside it.
    own: Vec<PathBuf>,
}

/// The folders that are watched.
#[derive(Debug)]
pub struct Eyes {
    watcher: INotifyWatcher,
    lens: Arc<Lens>,
    folders: BTreeSet<(Tree, UserName)>,
    /// Of the folders beside the manifest, those that were there to be
    /// watched.
    inputs: BTreeSet<PathBuf>,
    has_root: bool,
}

impl Eyes {
    /// Begins with the root, its two trees, and where the ledger is. `root` is absolute and has no
    /// link in it; what happens to the files in `own` is not told.
    ///
    /// # Errors
    /// Nothing can be watched.
    pub fn open(root: &Path, own: Vec<PathBuf>, inbox: Arc<Inbox>) -> Result<Self, Blind> {
        let lens = Arc::new(Lens {
            root: root.to_owned(),
            inputs: RwLock::default(),
            own,
        });
        let seeing = Arc::clone(&lens);
        let watcher = INotifyWatcher::new(
            move |event| seeing.take(event, &inbox),
            Config::default().with_follow_symlinks(false),
        );
        let mut eyes = Self {
            watcher: watcher.map_err(|error| Blind::of(&error))?,
            lens,
            folders: BTreeSet::new(),
            inputs: BTreeSet::new(),
            has_root: false,
        };
        eyes.has_root = eyes.watch(root)?;
        eyes.watch(&root.join(WORK))?;
        for tree in [Tree::Links, Tree::Menu] {
            eyes.watch(&root.join(tree.name()))?;
        }
        Ok(eyes)
    }

    /// Watches the two folders of each of these users, and no others.
    ///
    /// # Errors
    /// Not all of them can be watched.
    pub fn set_users<'u>(
        &mut self,
        users: impl IntoIterator<Item = &'u UserName>,
    ) -> Result<(), Blind> {
        let both = |user: &UserName| [(Tree::Links, user.clone()), (Tree::Menu, user.clone())];
        let wanted: BTreeSet<_> = users.into_iter().flat_map(both).collect();
        let gone: Vec<_> = self.folders.difference(&wanted).cloned().collect();
        for (tree, user) in gone {
            self.unwatch(&self.folder(tree, &user));
            self.folders.remove(&(tree, user));
        }
        for (tree, user) in wanted {
            if !self.folders.contains(&(tree, user.clone())) {
                self.watch_folder(tree, user)?;
            }
        }
        Ok(())
    }

    /// Watches folders of users anew that came or went.
    ///
    /// # Errors
    /// Not all of them can be watched.
    pub fn renew(&mut self, folders: BTreeSet<(Tree, UserName)>) -> Result<(), Blind> {
        for (tree, user) in folders {
            // Others' folders are nobody's business here.
            if self.folders.remove(&(tree, user.clone())) {
                self.unwatch(&self.folder(tree, &user));
                self.watch_folder(tree, user)?;
            }
        }
        Ok(())
    }

    /// Watches these folders beside the manifest, and no others; those in
    /// `anew` also if they are watched already. Gives whether all of them were
    /// there: if not, what is to be watched has changed since it was asked.
    ///
    /// # Errors
    /// Not all of them can be watched.
    pub fn set_inputs(
        &mut self,
        wanted: &BTreeSet<PathBuf>,
        anew: &BTreeSet<PathBuf>,
    ) -> Result<bool, Blind> {
        let is_kept = |folder: &PathBuf| wanted.contains(folder) && !anew.contains(folder);
        let known = std::mem::take(&mut self.inputs);
        for folder in &known {
            if is_kept(folder) {
                self.inputs.insert(folder.clone());
            } else if !self.is_of_root(folder) {
                self.unwatch(folder);
            }
        }
        let inputs = self.lens.inputs.write();
        inputs
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(wanted);
        for folder in wanted {
            if !self.inputs.contains(folder) && self.watch(folder)? {
                self.inputs.insert(folder.clone());
            }
        }
        Ok(self.inputs.len() == wanted.len())
    }

    /// How many folders of users are watched or waited for.
    pub fn len(&self) -> usize {
        self.folders.len()
    }

    /// Whether the root was there to be watched.
    pub fn has_root(&self) -> bool {
        self.has_root
    }

    /// Whether no folder of a user is watched.
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Whether a folder is also watched for the root's sake.
    fn is_of_root(&self, folder: &Path) -> bool {
        folder.starts_with(&self.lens.root)
    }

    fn folder(&self, tree: Tree, user: &UserName) -> PathBuf {
        self.lens.root.join(tree.name()).join(user.as_str())
    }

    /// One that is not there is waited for: its parent tells when it comes.
    fn watch_folder(&mut self, tree: Tree, user: UserName) -> Result<(), Blind> {
        self.watch(&self.folder(tree, &user))?;
        self.folders.insert((tree, user));
        Ok(())
    }

    /// Watches a folder, if it is there; whether it is.
    fn watch(&mut self, folder: &Path) -> Result<bool, Blind> {
        match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => Ok(true),
            Err(error) => match &error.kind {
                ErrorKind::PathNotFound => Ok(false),
                // It went between being watched and being asked about.
                ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::NotFound => Ok(false),
                // What is in the way there is the round's to tell.
                ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::NotADirectory => Ok(false),
                ErrorKind::Io(_)
                | ErrorKind::Generic(_)
                | ErrorKind::WatchNotFound
                | ErrorKind::InvalidConfig(_)
                | ErrorKind::MaxFilesWatch => Err(Blind::of(&error)),
            },
        }
    }

    fn unwatch(&mut self, folder: &Path) {
        match self.watcher.unwatch(folder) {
            // Gone with the folder, or never there.
            Ok(()) | Err(_) => {}
        }
    }
}

impl Lens {
    fn take(&self, event: notify::Result<Event>, inbox: &Inbox) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                let why = error.to_string();
                inbox.put(|hints| hints.rebuild = Some(why));
                return;
            }
        };
        if event.need_rescan() {
            inbox.put(|hints| {
                hints.events += 1;
                hints.lost = true;
            });
            return;
        }
        match event.kind {
            // Reading must not wake who reads.
            EventKind::Access(AccessKind::Open(_)) => {
                if event.paths.contains(&self.root) {
                    inbox.pass_fence();
                }
                return;
            }
            EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write) => return,
            // That one closes what was written counts: a file that was mapped
            // says nothing before.
            EventKind::Access(_)
            | EventKind::Any
            | EventKind::Create(_)
            | EventKind::Modify(_)
            | EventKind::Remove(_)
            | EventKind::Other => {}
        }
        let comes_or_goes = match event.kind {
            EventKind::Create(_)
            | EventKind::Remove(_)
            | EventKind::Modify(ModifyKind::Name(_)) => true,
            EventKind::Any | EventKind::Access(_) | EventKind::Modify(_) | EventKind::Other => {
                false
            }
        };
        let is_written = matches!(event.kind, EventKind::Modify(ModifyKind::Data(_)));
        let is_settled =
            comes_or_goes || event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write));
        let writing = (is_written || is_settled).then_some(is_written);
        for path in &event.paths {
            if !self.own.contains(path) {
                self.take_path(path, comes_or_goes, writing, inbox);
            }
        }
    }

    fn take_path(&self, path: &Path, comes_or_goes: bool, writing: Option<bool>, inbox: &Inbox) {
        if let Some(note) = self.below_root(path, comes_or_goes) {
            inbox.put(|hints| {
                hints.events += 1;
                note.put(hints);
            });
        }
        let inputs = self.inputs.read().unwrap_or_else(PoisonError::into_inner);
        let is_folder = inputs.contains(path);
        if is_folder || path.parent().is_some_and(|parent| inputs.contains(parent)) {
            drop(inputs);
            inbox.put(|hints| {
                hints.events += 1;
                hints.inputs = true;
                if let Some(is_written) = writing.filter(|_| may_be_input(path)) {
                    hints.note_writing(path, is_written);
                }
                if is_folder && comes_or_goes {
                    hints.input_folders.insert(path.to_owned());
                }
            });
        }
    }

    fn below_root(&self, path: &Path, comes_or_goes: bool) -> Option<Note> {
        let below = path.strip_prefix(&self.root).ok()?;
        let mut names = below.components().filter_map(|component| match component {
            Component::Normal(name) => Some(name),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => None,
        });
        let Some(first) = names.next() else {
            return comes_or_goes
                .then(|| Note::Rebuild("the root was moved or removed".to_owned()));
        };
        if first == OsStr::new(WORK) {
            let Some(name) = names.next() else {
                let why = format!("the folder {WORK} came or went");
                return comes_or_goes.then_some(Note::Rebuild(why));
            };
            return (name == OsStr::new(STATE)).then_some(Note::State);
        }
        let is_of = |tree: &Tree| OsStr::new(tree.name()) == first;
        let tree = [Tree::Links, Tree::Menu].into_iter().find(is_of)?;
        let Some(user) = names.next() else {
            let why = format!("the folder {} came or went", tree.name());
            return comes_or_goes.then_some(Note::Rebuild(why));
        };
        let user = UserName::parse(user.to_str()?).ok()?;
        if names.next().is_none() && comes_or_goes {
            return Some(Note::Folder(tree, user));
        }
        Some(Note::User(user))
    }
}

/// Whether a file may be one of a manifest, or of what is beside it. A log in
/// the same folder is written all the time, and means nothing.
fn may_be_input(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    extension.is_some_and(|e| matches!(e, "yaml" | "yml" | "json"))
}

enum Note {
    State,
    User(UserName),
    Folder(Tree, UserName),
    Rebuild(String),
}

impl Note {
    fn put(self, hints: &mut Hints) {
        match self {
            Self::State => hints.state = true,
            Self::User(user) => hints.note_user(user),
            Self::Folder(tree, user) => {
                hints.note_user(user.clone());
                hints.note_folder(tree, user);
            }
            Self::Rebuild(why) => hints.rebuild = Some(why),
        }
    }
}

#[cfg(test)]
mod tests;

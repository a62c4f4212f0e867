//! A user's folder while a batch is carried out: found and held open, synced
//! together with others where edits wait for it and once after the last change.
//! Knows nothing of the files in it, and makes none: see `folders`.

use super::Store;
use super::StoreError;
use super::disk::{Dir, Disk, PathError, Reach, Stat};
use super::owners::{Sticky, is_unsafe};
use super::read::{SeenDir, open_dir};
use crate::model::{Obstacle, UserName};
use crate::plan::{FolderMend, Tree};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::path::PathBuf;
use thiserror::Error;

/// Why a user's folder cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FolderError {
    /// A call failed.
    #[error("{}", .0.text())]
    Io(PathError),
    /// Something else lies there, or others may write in it.
    #[error("`{}` {obstacle}", .path.display())]
    Obstacle {
        /// Where.
        path: PathBuf,
        /// What it is.
        obstacle: Obstacle,
    },
    /// It is not what the plan was made from.
    #[error("`{}` was changed by someone else, and is left as it is", .0.display())]
    Changed(PathBuf),
    /// It is to be made for an account, and there is none.
    #[error("there is no account `{0}` that its folder could belong to")]
    NoAccount(UserName),
    /// The account's look-up failed, which is not "no such account".
    #[error("the account `{user}` could not be looked up: {error}")]
    LookupFailed {
        /// The account.
        user: UserName,
        /// The system's words.
        error: String,
    },
    /// The tree it would be in cannot be used.
    #[error(transparent)]
    Tree(StoreError),
    /// A new folder is charged to the account's group, whose quota is used up.
    #[error("{}", .0.text())]
    Quota(PathError),
}

impl FolderError {
    /// Whether every other user would meet it too.
    pub(super) fn concerns_all(&self) -> bool {
        match self {
            Self::Io(error) | Self::Tree(StoreError::Io(error)) => error.concerns_all(),
            Self::Tree(StoreError::ReadOnly(_)) => true,
            Self::Tree(_)
            | Self::Obstacle { .. }
            | Self::Changed(_)
            | Self::NoAccount(_)
            | Self::LookupFailed { .. }
            | Self::Quota(_) => false,
        }
    }
}

impl From<PathError> for FolderError {
    fn from(error: PathError) -> Self {
        Self::Io(error)
    }
}

/// An open folder, and which edits of the batch changed it since its last
/// sync.
#[derive(Debug)]
pub(super) struct OpenFolder {
    pub(super) dir: Dir,
    pub(super) unsynced: BTreeSet<usize>,
    failed: Option<PathError>,
}

impl OpenFolder {
    pub(super) fn new(dir: Dir) -> Self {
        Self {
            dir,
            unsynced: BTreeSet::new(),
            failed: None,
        }
    }

    /// Brings all changes so far to the disk. Once that failed it is never
    /// tried again: the kernel may have dropped what it could not write, and
    /// a second try would say that all is well.
    ///
    /// # Errors
    /// The first failure, from then on always.
    pub(super) fn sync<D: Disk>(&mut self, disk: &D) -> Result<(), PathError> {
        if self.is_to_sync() {
            let outcome = disk.sync(&self.dir.0);
            self.note(outcome);
        }
        self.synced()
    }

    /// What came of its syncs so far.
    ///
    /// # Errors
    /// The first failure, from then on always.
    pub(super) fn synced(&self) -> Result<(), PathError> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn is_to_sync(&self) -> bool {
        self.failed.is_none() && !self.unsynced.is_empty()
    }

    fn note(&mut self, outcome: Result<(), PathError>) {
        match outcome {
            Ok(()) => self.unsynced.clear(),
            Err(error) => self.failed = Some(error),
        }
    }
}

/// Syncs those of the folders that changed, all at once. What came of it each
/// of them says.
pub(super) fn sync_together<'f, D: Disk>(
    disk: &D,
    folders: impl Iterator<Item = &'f mut OpenFolder>,
) {
    let folders: Vec<_> = folders.filter(|folder| folder.is_to_sync()).collect();
    let handles: Vec<_> = folders.iter().map(|folder| &folder.dir.0).collect();
    let outcomes = disk.sync_each(&handles);
    for (folder, outcome) in folders.into_iter().zip(outcomes) {
        folder.note(outcome);
    }
}

/// Opens or makes a private folder of ours, such as the one of a run.
///
/// # Errors
/// A call failed, or something else lies there.
pub(super) fn private_dir<D: Disk>(disk: &D, parent: &Dir, name: &str) -> Result<Dir, PathError> {
    match disk.make_dir(parent, name) {
        Ok(()) => {
            let dir = disk.open_dir(parent, name.as_ref(), Reach::Full)?;
            // What the umask took away.
            disk.chmod(&dir.0, 0o700)?;
            Ok(dir)
        }
        Err(error) if error.source == Errno::EXIST => {
            disk.open_dir(parent, name.as_ref(), Reach::Full)
        }
        Err(error) => Err(error),
    }
}

impl<D: Disk> Store<D> {
    /// A user's folder in one tree, if it is there.
    ///
    /// # Errors
    /// What is there cannot be used.
    pub(super) fn open_found(
        &self,
        tree: Tree,
        user: &UserName,
    ) -> Result<Option<OpenFolder>, FolderError> {
        let Some(parent) = self.tree(tree).map_err(FolderError::Tree)? else {
            return Ok(None);
        };
        let found = self.find_folder(&parent, user)?;
        Ok(found.map(|(dir, _)| OpenFolder::new(dir)))
    }

    pub(super) fn find_folder(
        &self,
        parent: &Dir,
        user: &UserName,
    ) -> Result<Option<(Dir, Stat)>, FolderError> {
        let obstacle = |obstacle| FolderError::Obstacle {
            path: parent.path().join(user.as_str()),
            obstacle,
        };
        match open_dir(&self.disk, parent, user.as_str().as_ref(), Reach::Full)? {
            SeenDir::Absent => Ok(None),
            SeenDir::Dir(_, stat) if is_unsafe(&stat, self.owners.check, Sticky::Unsafe) => {
                let (mode, uid) = (stat.mode, stat.uid);
                Err(obstacle(Obstacle::Unsafe { mode, uid }))
            }
            SeenDir::Dir(dir, stat) => Ok(Some((dir, stat))),
            SeenDir::Obstacle(found) => Err(obstacle(found)),
        }
    }

    /// Puts a folder's mode and owner right, if it is still what the plan was
    /// made from.
    ///
    /// # Errors
    /// It is not, or a call failed.
    pub(super) fn mend_folder(&self, mend: &FolderMend) -> Result<(), FolderError> {
        let changed = || {
            let tree = self.root.path().join(mend.tree.name());
            FolderError::Changed(tree.join(mend.user.as_str()))
        };
        let parent = self.tree(mend.tree).map_err(FolderError::Tree)?;
        let parent = parent.ok_or_else(changed)?;
        let (dir, stat) = self.find_folder(&parent, &mend.user)?.ok_or_else(changed)?;
        let is_owner_planned = |(found, _)| found == (stat.uid, stat.gid);
        if stat.mode != mend.mode.0 || !mend.owner.is_none_or(is_owner_planned) {
            return Err(changed());
        }
        if let Some((_, (uid, gid))) = mend.owner {
            self.disk.chown(&dir.0, uid, gid)?;
        }
        self.disk.chmod(&dir.0, mend.mode.1)?;
        self.disk.sync(&dir.0)?;
        Ok(())
    }
}

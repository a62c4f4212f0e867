//! Users' folders while a batch is carried out: opened or made before
//! anything in them changes, held open, synced together where edits wait for
//! it and once after the last change. Knows nothing of the files in them.

use super::Store;
use super::disk::{Dir, Disk, PathError, Reach, Stat};
use super::layout::{TREE_MODE, USER_MODE};
use super::owners::{Sticky, is_unsafe};
use super::read::{SeenDir, open_dir};
use super::{StoreError, account};
use crate::model::{Account, Obstacle, UserName};
use crate::plan::{FileOwner, FolderMend, Tree};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
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

/// Whether a folder that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// It stays away.
    Leave,
    /// It is made.
    Make,
}

/// A user's folder, and whether its tree must be synced before it is used.
pub(super) enum Opened {
    /// There is none, and none is to be made.
    Absent,
    /// It was there.
    Found(OpenFolder),
    /// It was just made.
    Made(OpenFolder),
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

/// Something that was made in the live trees for a batch, by us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// A whole tree.
    Tree(Tree),
    /// A user's folder in a tree.
    Folder(Tree, UserName),
}

/// Who made a folder that was not there a moment ago.
enum Maker {
    /// We, who have it open.
    Us(Dir),
    SomeoneElse,
}

/// Owner and mode a new folder gets before anyone can see it.
struct Birth {
    owner: Option<(u32, u32)>,
    mode: u32,
}

/// Makes a folder privately and moves it to its place. Somebody else may have
/// made it meanwhile; then it is theirs that is used.
fn bear<D: Disk>(
    disk: &D,
    nursery: (&Dir, &str),
    place: (&Dir, &str),
    birth: &Birth,
) -> Result<Maker, PathError> {
    let (nursery_dir, private) = nursery;
    match disk.make_dir(nursery_dir, private) {
        Ok(()) => {}
        Err(error) if error.source == Errno::EXIST => {}
        Err(error) => return Err(error),
    }
    let dir = disk.open_dir(nursery_dir, private.as_ref(), Reach::Full)?;
    let prepare = || {
        if let Some((uid, gid)) = birth.owner {
            disk.chown(&dir.0, uid, gid)?;
        }
        // Exact, whatever the umask took away.
        disk.chmod(&dir.0, birth.mode)?;
        // Not synced: what happens to one folder reaches the disk in order
        // (ext4, XFS, Btrfs), so it is never at its place with another owner
        // or mode. A sync for each new user would be two of seven.
        disk.rename_new(nursery, place)
    };
    match prepare() {
        Ok(()) => Ok(Maker::Us(dir.moved_to(place.0, place.1))),
        Err(error) => {
            // Empty and ours; if it stays, it does so in the run's folder.
            disk.remove_dir(nursery_dir, private).ok();
            if error.source == Errno::EXIST {
                Ok(Maker::SomeoneElse)
            } else {
                Err(error)
            }
        }
    }
}

impl<D: Disk> Store<D> {
    /// Opens a user's folder in one tree, or makes it with the help of a
    /// private folder on the same file system. What it makes it adds to
    /// `made`, also if it fails then.
    ///
    /// # Errors
    /// What is there cannot be used, or it could not be made.
    pub(super) fn open_folder(
        &self,
        tree: Tree,
        user: &UserName,
        missing: Missing,
        nursery: &Dir,
        made: &mut Vec<Made>,
    ) -> Result<Opened, FolderError> {
        let parent = match (self.tree(tree).map_err(FolderError::Tree)?, missing) {
            (Some(parent), _) => parent,
            (None, Missing::Leave) => return Ok(Opened::Absent),
            (None, Missing::Make) => self.make_tree(tree, nursery, made)?,
        };
        if let Some((dir, _)) = self.find_folder(&parent, user)? {
            return Ok(Opened::Found(OpenFolder::new(dir)));
        }
        if missing == Missing::Leave {
            return Ok(Opened::Absent);
        }
        let birth = Birth {
            owner: self.folder_owner(user)?,
            mode: USER_MODE,
        };
        let private = format!("new-{}-{user}", tree.name());
        let place = (&*parent, user.as_str());
        match bear(&self.disk, (nursery, &private), place, &birth) {
            Ok(Maker::Us(dir)) => {
                made.push(Made::Folder(tree, user.clone()));
                return Ok(Opened::Made(OpenFolder::new(dir)));
            }
            Ok(Maker::SomeoneElse) => {}
            Err(error) if error.source == Errno::DQUOT && birth.owner.is_some() => {
                return Err(FolderError::Quota(error));
            }
            Err(error) => return Err(error.into()),
        }
        match self.find_folder(&parent, user)? {
            Some((dir, _)) => Ok(Opened::Made(OpenFolder::new(dir))),
            None => Err(FolderError::Changed(parent.path().join(user.as_str()))),
        }
    }

    fn find_folder(
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

    /// Takes away what was made for a batch of which nothing becomes live, the
    /// last first. Where somebody has put something in it meanwhile, it stays.
    pub(super) fn unmake(&self, made: &[Made]) {
        for made in made.iter().rev() {
            match made {
                Made::Tree(tree) => {
                    if self.disk.remove_dir(&self.root, tree.name()).is_ok() {
                        self.forget(*tree);
                    }
                }
                Made::Folder(tree, user) => {
                    if let Ok(Some(parent)) = self.tree(*tree) {
                        self.disk.remove_dir(&parent, user.as_str()).ok();
                    }
                }
            }
        }
    }

    fn make_tree(
        &self,
        tree: Tree,
        nursery: &Dir,
        made: &mut Vec<Made>,
    ) -> Result<Arc<Dir>, FolderError> {
        let birth = Birth {
            owner: match self.owners.set {
                FileOwner::Keep => None,
                FileOwner::Root => Some((0, 0)),
            },
            mode: TREE_MODE,
        };
        let private = format!("new-{}", tree.name());
        let place = (&self.root, tree.name());
        match bear(&self.disk, (nursery, &private), place, &birth)? {
            Maker::Us(_) => made.push(Made::Tree(tree)),
            Maker::SomeoneElse => {}
        }
        self.disk.sync(&self.root.0)?;
        let path = || self.root.path().join(tree.name());
        self.tree(tree)
            .map_err(FolderError::Tree)?
            .ok_or_else(|| FolderError::Changed(path()))
    }

    fn folder_owner(&self, user: &UserName) -> Result<Option<(u32, u32)>, FolderError> {
        match self.owners.set {
            FileOwner::Keep => Ok(None),
            FileOwner::Root => match account::ask(user) {
                Account::Known { gid } => Ok(Some((0, gid))),
                Account::NotAsked | Account::Missing => Err(FolderError::NoAccount(user.clone())),
                Account::LookupFailed(error) => Err(FolderError::LookupFailed {
                    user: user.clone(),
                    error,
                }),
            },
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

    /// Brings a tree's list of users to the disk.
    ///
    /// # Errors
    /// The call failed.
    pub(super) fn sync_tree(&self, tree: Tree) -> Result<(), FolderError> {
        match self.tree(tree).map_err(FolderError::Tree)? {
            Some(dir) => Ok(self.disk.sync(&dir.0)?),
            None => Ok(()),
        }
    }
}

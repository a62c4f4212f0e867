//! The only place that knows where links live: it reads them, holds the lock,
//! and changes them so that no reader and no crash ever meets half a file or
//! a token beside a foreign URL. Decides nothing about what should be there.
//!
//! | file | what it holds |
//! |---|---|
//! | `disk`, `read`, `buffer`, `root` | the primitive calls; reading and opening without following links |
//! | `layout`, `owners`, `account`, `users`, `customers` | names and modes; whose folders are; who there is |
//! | `scan`, `stamp` | one user's files, read; whether its folders changed |
//! | `survey` | what lies beside links and groups, for people |
//! | `state` | where the ledger's files are |
//! | `lock` | who may read and write |
//! | `run`, `batch`, `folder`, `stage`, `room` | a run's folder, and all of a batch made ready before anything is live |
//! | `steps`, `commit`, `undo` | the order of one link's steps as a pure table, and the steps |
//! | `waves` | how the links of a batch wait for the disk together |
//! | `record`, `journal`, `key`, `history` | what a run writes down of itself, and reading it |
//! | `recover`, `standing` | putting an interrupted run in order, from the disk alone |
//! | `retain` | how long run folders stay |

mod account;
mod batch;
mod birth;
mod buffer;
mod commit;
mod customers;
mod disk;
mod edit;
mod error;
#[cfg(test)]
pub(crate) mod faulty;
mod folder;
mod folders;
mod found;
mod history;
mod journal;
mod key;
mod layout;
mod lock;
mod outcome;
mod owners;
mod read;
mod record;
mod recover;
mod retain;
mod room;
mod root;
mod run;
mod scan;
#[cfg(test)]
pub(crate) mod sim;
mod stage;
mod stamp;
mod standing;
mod state;
mod steps;
mod survey;
#[cfg(test)]
pub(crate) mod testing;
mod undo;
mod users;
mod waves;

pub use account::Accounts;
pub use buffer::Buffer;
pub use customers::AccountList;
pub use disk::{Dir, Disk, File, Handle, PathError, Reach, RealDisk, Room, Share, Stat};
pub use error::StoreError;
pub use folder::FolderError;
pub use key::{Fingerprint, RunKey, Version};
pub use lock::{Lock, LockError, SharedLock, WatchLock};
pub use outcome::{FileState, Live, Outcome};
pub use owners::{Owners, OwnersCheck};
pub use record::{
    ChangeRecord, FileRecord, Recorded, RunHeader, RunId, RunKind, RunRecord, RunState, Verb,
};
pub use recover::{Recovered, Recovery};
pub use scan::{AlsoRight, Met};
pub use stamp::Stamp;
pub use survey::{aside_of, path_of};

pub(crate) use edit::{After, Edit, FileEdit, Trio};
pub(crate) use read::sha256;
pub(crate) use record::Note;
pub(crate) use room::Need;
pub(crate) use run::{Batch, Finished};
pub(crate) use steps::{Facts, Manner, Pair, Shows, Start, needs_menu};

use crate::model::{Account, ActualUser, AppName, Lies, LinkForms, UserName};
use crate::plan::{Address, Glance, Tree};
use owners::Sticky;
use read::{SeenDir, open_dir};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The root and its two trees, held open.
#[derive(Debug)]
pub struct Store<D: Disk = RealDisk> {
    disk: D,
    root: Dir,
    root_stat: Stat,
    links: RwLock<Option<Arc<Dir>>>,
    menu: RwLock<Option<Arc<Dir>>>,
    owners: Owners,
    /// Runs up to this number were once, whether their folders are there or
    /// not.
    counted: AtomicU64,
}

impl Store {
    /// Opens the root, whoever owns what is in it.
    ///
    /// # Errors
    /// It is missing, its path has a link in it, or it is no directory.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(RealDisk, path, Owners::default())
    }
}

impl<D: Disk> Store<D> {
    /// Opens the root.
    ///
    /// # Errors
    /// It is missing, its path has a link in it, it is no directory, one of
    /// its trees is none, or others than root may write in it.
    pub fn open_with(disk: D, path: &Path, owners: Owners) -> Result<Self, StoreError> {
        let (root, root_stat) = root::open_root(&disk, path, owners)?;
        let store = Self {
            disk,
            root,
            root_stat,
            links: RwLock::default(),
            menu: RwLock::default(),
            owners,
            counted: AtomicU64::new(0),
        };
        store.tree(Tree::Links)?;
        store.tree(Tree::Menu)?;
        Ok(store)
    }

    /// The root's path, made absolute.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// Uses no number up to this one for a run: it was used once.
    pub fn count_from(&self, newest: RunId) {
        self.counted.fetch_max(newest.0, Ordering::Relaxed);
    }

    /// Reads all of one user's files. It never fails: what cannot be read
    /// stands in its place as an obstacle.
    pub fn read_user(&self, user: &UserName, account: Account) -> ActualUser {
        scan::scan_user(self, user, account)
    }

    /// Reads all of one user's files as [`Store::read_user`] does, unless a
    /// glance at them tells that all is as wanted, and `also` that each file is
    /// all right in its way too. They are read into the buffer, which is
    /// emptied for them.
    pub fn meet_user(
        &self,
        account: Account,
        glance: &Glance<'_>,
        also: Option<AlsoRight<'_>>,
        buffer: &mut Buffer,
    ) -> Met {
        scan::meet_user(self, account, glance, also, buffer)
    }

    /// The bytes of the userconfig of a link or group, whether they parse or
    /// not. It never fails: what cannot be read stands in its place as an
    /// obstacle.
    pub fn read_userconfig(&self, address: &Address) -> Lies<Vec<u8>> {
        scan::read_userconfig(self, address)
    }

    /// Reads what an auto-login of one link sends: the adminconfig first, as a
    /// writer makes the userconfig first. So what is read of the token is never
    /// newer than the URL beside it. It never fails, as [`Store::read_user`].
    pub fn read_forms(&self, user: &UserName, app: &AppName) -> LinkForms {
        scan::scan_forms(self, user, app)
    }

    /// One of the two trees, if it is there. Once seen it is held open, and
    /// nothing that is later put in its place is looked at.
    fn tree(&self, tree: Tree) -> Result<Option<Arc<Dir>>, StoreError> {
        let held = self.held(tree);
        let known = held.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.is_some() {
            return Ok(known);
        }
        match open_dir(&self.disk, &self.root, tree.name().as_ref(), Reach::Full)? {
            SeenDir::Absent => Ok(None),
            SeenDir::Dir(dir, stat) => {
                root::check_owner(&dir, &stat, self.owners.check, Sticky::Unsafe)?;
                let mut held = held.write().unwrap_or_else(PoisonError::into_inner);
                Ok(Some(held.get_or_insert_with(|| Arc::new(dir)).clone()))
            }
            SeenDir::Obstacle(obstacle) => Err(StoreError::NotADirectory {
                path: self.root.path().join(tree.name()),
                obstacle,
            }),
        }
    }

    fn held(&self, tree: Tree) -> &RwLock<Option<Arc<Dir>>> {
        match tree {
            Tree::Links => &self.links,
            Tree::Menu => &self.menu,
        }
    }

    /// Holds a tree no longer, since it was taken away again.
    fn forget(&self, tree: Tree) {
        *self
            .held(tree)
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }
}

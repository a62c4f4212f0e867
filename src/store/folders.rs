//! The folders that a batch needs in both trees: opened, or made privately and
//! moved to their place. What happens in one of them is in `folder`.

use super::birth::{Birth, Maker, bear};
use super::disk::{Dir, Disk, PathError, Reach};
use super::folder::{FolderError, OpenFolder, private_dir};
use super::layout::{TREE_MODE, USER_MODE, nursery_name};
use super::{Accounts, Store};
use crate::model::{Account, UserName};
use crate::plan::{FileOwner, Tree};
use crate::spread::Spread;
use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Fewer folders are opened in turn, and each of their accounts asked for
/// alone: that takes a millisecond.
const OPENED_IN_TURN: usize = 64;

/// Whether a folder that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// It stays away.
    Leave,
    /// It is made.
    Make,
}

/// The folders of one tree that a batch needs, and whether those that are
/// missing are made.
pub(super) type Needed = BTreeMap<UserName, Missing>;

/// What came of opening folders of one tree.
#[derive(Debug, Default)]
pub(super) struct OpenedTree {
    /// Each user's; `None` where there is none.
    pub(super) folders: Vec<(UserName, Result<Option<OpenFolder>, FolderError>)>,
    /// What was made in the live trees, also if it failed then.
    pub(super) made: Vec<Made>,
    /// What concerns all, so that it went no further.
    pub(super) ended: Option<FolderError>,
}

/// Something that was made in the live trees for a batch, by us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    /// A whole tree.
    Tree(Tree),
    /// A user's folder in a tree.
    Folder(Tree, UserName),
}

/// Who owns a new folder of the user; `None` leaves it as the system sets it.
fn folder_owner(user: &UserName, account: Account) -> Result<Option<(u32, u32)>, FolderError> {
    match account {
        Account::NotAsked => Ok(None),
        Account::Known { gid } => Ok(Some((0, gid))),
        Account::Missing => Err(FolderError::NoAccount(user.clone())),
        Account::LookupFailed(error) => Err(FolderError::LookupFailed {
            user: user.clone(),
            error,
        }),
    }
}

impl<D: Disk> Store<D> {
    /// Opens folders of users in the trees, or makes them with the help of
    /// private ones in the run's, which is on the same file system. One user's
    /// trouble stays with that user; what concerns all ends all.
    pub(super) fn open_folders(&self, needs: &[(Tree, Needed)], run: &Dir) -> Vec<OpenedTree> {
        let count: usize = needs.iter().map(|(_, users)| users.len()).sum();
        let is_few = count < OPENED_IN_TURN;
        let owner = self.owners.set;
        let accounts = OnceLock::new();
        let read_accounts = || {
            if is_few {
                Accounts::for_few(owner)
            } else {
                Accounts::for_many(self, owner)
            }
        };
        let account = |user: &UserName| accounts.get_or_init(read_accounts).look_up(user);
        let is_over = AtomicBool::new(false);
        let open = |part: &[(Tree, Needed)]| -> Vec<OpenedTree> {
            let part = part.iter();
            part.map(|(tree, users)| {
                let opener = Opener {
                    store: self,
                    tree: *tree,
                    run,
                    nursery: None,
                    account: &account,
                    is_over: &is_over,
                    opened: OpenedTree::default(),
                    unsynced: BTreeSet::new(),
                };
                opener.open(users)
            })
            .collect()
        };
        let threads = if is_few {
            Spread::alone()
        } else {
            self.disk.at_once(needs.len())
        };
        let mut opened = Vec::new();
        threads.each(needs, 1, open, |part| opened.extend(part));
        opened
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

    /// Removes from a run's folder where new folders were made. What stays, stays
    /// there.
    pub(super) fn clear_nurseries(&self, run: &Dir) {
        for tree in [Tree::Links, Tree::Menu] {
            self.clear_nursery(tree, run).ok();
        }
    }

    /// With those that a crash kept from their place: nobody ever saw them, and
    /// nothing is in them.
    fn clear_nursery(&self, tree: Tree, run: &Dir) -> Result<(), PathError> {
        let (disk, name) = (&self.disk, nursery_name(tree));
        match disk.remove_dir(run, &name) {
            Err(error) if error.source == Errno::NOTEMPTY => {}
            removed => return removed,
        }
        let nursery = disk.open_dir(run, name.as_ref(), Reach::Full)?;
        for entry in disk.list(&nursery)? {
            if let Some(name) = entry.name.to_str() {
                disk.remove_dir(&nursery, name)?;
            }
        }
        disk.remove_dir(run, &name)
    }
}

/// Opens the folders of one tree, one after another.
struct Opener<'s, D: Disk> {
    store: &'s Store<D>,
    tree: Tree,
    run: &'s Dir,
    /// Where new folders are made; opened with the first of them.
    nursery: Option<Dir>,
    account: &'s dyn Fn(&UserName) -> Account,
    /// Whether what concerns all was met, in either tree.
    is_over: &'s AtomicBool,
    opened: OpenedTree,
    /// Whose folders are new, so that the tree must be synced.
    unsynced: BTreeSet<UserName>,
}

impl<D: Disk> Opener<'_, D> {
    fn open(mut self, users: &Needed) -> OpenedTree {
        for (user, missing) in users {
            if self.is_over.load(Ordering::Relaxed) {
                return self.opened;
            }
            let folder = match missing {
                Missing::Leave => self.store.open_found(self.tree, user),
                Missing::Make => self.find_or_make(user).map(Some),
            };
            match folder {
                Err(error) if error.concerns_all() => return self.end(error),
                folder => self.opened.folders.push((user.clone(), folder)),
            }
        }
        match self.sync() {
            Ok(()) => {}
            Err(error) if error.concerns_all() => return self.end(error),
            Err(error) => {
                for (user, folder) in &mut self.opened.folders {
                    if self.unsynced.contains(user) {
                        *folder = Err(error.clone());
                    }
                }
            }
        }
        self.opened
    }

    fn end(mut self, error: FolderError) -> OpenedTree {
        self.is_over.store(true, Ordering::Relaxed);
        self.opened.ended = Some(error);
        self.opened
    }

    fn find_or_make(&mut self, user: &UserName) -> Result<OpenFolder, FolderError> {
        let store = self.store;
        let parent = match store.tree(self.tree).map_err(FolderError::Tree)? {
            Some(parent) => parent,
            None => self.make_tree()?,
        };
        if let Some((dir, _)) = store.find_folder(&parent, user)? {
            return Ok(OpenFolder::new(dir));
        }
        let made = self.make(&parent, user)?;
        self.unsynced.insert(user.clone());
        Ok(OpenFolder::new(made))
    }

    fn make(&mut self, parent: &Dir, user: &UserName) -> Result<Dir, FolderError> {
        let store = self.store;
        let birth = Birth {
            owner: folder_owner(user, (self.account)(user))?,
            mode: USER_MODE,
        };
        let private = format!("new-{user}");
        let nursery = (self.nursery()?, private.as_str());
        match bear(&store.disk, nursery, (parent, user.as_str()), &birth) {
            Ok(Maker::Us(dir)) => {
                let made = Made::Folder(self.tree, user.clone());
                self.opened.made.push(made);
                Ok(dir)
            }
            Ok(Maker::SomeoneElse) => {
                let changed = || FolderError::Changed(parent.path().join(user.as_str()));
                let (dir, _) = store.find_folder(parent, user)?.ok_or_else(changed)?;
                Ok(dir)
            }
            Err(error) if error.source == Errno::DQUOT && birth.owner.is_some() => {
                Err(FolderError::Quota(error))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn nursery(&mut self) -> Result<&Dir, PathError> {
        let nursery = match self.nursery.take() {
            Some(nursery) => nursery,
            None => private_dir(&self.store.disk, self.run, &nursery_name(self.tree))?,
        };
        Ok(self.nursery.insert(nursery))
    }

    fn make_tree(&mut self) -> Result<Arc<Dir>, FolderError> {
        let (store, name) = (self.store, self.tree.name());
        let birth = Birth {
            owner: match store.owners.set {
                FileOwner::Keep => None,
                FileOwner::Root => Some((0, 0)),
            },
            mode: TREE_MODE,
        };
        let private = format!("new-{name}");
        match bear(
            &store.disk,
            (self.run, &private),
            (&store.root, name),
            &birth,
        )? {
            Maker::Us(_) => self.opened.made.push(Made::Tree(self.tree)),
            Maker::SomeoneElse => {}
        }
        store.disk.sync(&store.root.0)?;
        let changed = || FolderError::Changed(store.root.path().join(name));
        let tree = store.tree(self.tree).map_err(FolderError::Tree)?;
        tree.ok_or_else(changed)
    }

    /// Brings the tree's list of users to the disk, if we added to it.
    fn sync(&self) -> Result<(), FolderError> {
        if self.unsynced.is_empty() {
            return Ok(());
        }
        match self.store.tree(self.tree).map_err(FolderError::Tree)? {
            Some(dir) => Ok(self.store.disk.sync(&dir.0)?),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;

//! A batch: many edits staged and synced together, then made live one by one
//! in their order, then synced, each folder once. One edit's failure stops no
//! other, but for links whose group failed.

use super::commit::{Commit, Ready};
use super::disk::Disk;
use super::edit::Edit;
use super::folder::{FolderError, Missing, OpenFolder, Opened};
use super::layout::tree_of;
use super::outcome::{Live, Outcome};
use super::run::{Batch, Run};
use super::steps::{Step, steps};
use crate::model::UserName;
use crate::plan::{Address, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// One user's folders while a batch is carried out. A failed one fails each
/// edit that needs it.
#[derive(Debug)]
pub(super) struct UserFolders {
    pub(super) links: Result<Option<OpenFolder>, FolderError>,
    pub(super) menu: Result<Option<OpenFolder>, FolderError>,
    /// Opened with the first file that goes there.
    pub(super) backup: Option<OpenFolder>,
}

impl UserFolders {
    pub(super) fn tree(&self, tree: Tree) -> &Result<Option<OpenFolder>, FolderError> {
        match tree {
            Tree::Links => &self.links,
            Tree::Menu => &self.menu,
        }
    }

    pub(super) fn tree_mut(&mut self, tree: Tree) -> &mut Result<Option<OpenFolder>, FolderError> {
        match tree {
            Tree::Links => &mut self.links,
            Tree::Menu => &mut self.menu,
        }
    }

    /// Syncs all that changed, the backup first. Says which edits are not
    /// known to be on the disk, and why.
    fn sync<D: Disk>(&mut self, disk: &D) -> Vec<(BTreeSet<usize>, String)> {
        let live = [&mut self.links, &mut self.menu];
        let live = live.into_iter().filter_map(|f| f.as_mut().ok()?.as_mut());
        self.backup
            .as_mut()
            .into_iter()
            .chain(live)
            .filter_map(|folder| {
                let error = folder.sync(disk).err()?;
                Some((folder.unsynced.clone(), error.text()))
            })
            .collect()
    }
}

/// An edit on its way.
enum State {
    Ready(Box<Ready>),
    Ended(Outcome),
}

fn failed(error: String) -> State {
    State::Ended(Outcome::Failed {
        error,
        live: Live::Old,
    })
}

impl<D: Disk> Run<'_, D> {
    /// Carries out a batch, and says what happened to each edit, in their
    /// order.
    pub(crate) fn carry_out(&mut self, batch: Batch) -> Vec<(Address, Outcome)> {
        let mut edits: Vec<(Address, State)> = batch
            .edits
            .into_iter()
            .map(|edit| {
                let state = self.make_ready(&edit);
                (edit.address, state)
            })
            .collect();
        self.sync_stage(&mut edits);
        let mut folders = self.open_folders(&edits);
        let mut outcomes: Vec<(Address, Outcome)> = edits
            .into_iter()
            .enumerate()
            .map(|(index, (address, state))| {
                let outcome = match state {
                    State::Ended(outcome) => outcome,
                    State::Ready(ready) => self.commit(index, &address, &ready, &mut folders),
                };
                if let Address::Group(user, id) = &address
                    && !outcome.is_done()
                {
                    self.failed_groups.insert((user.clone(), id.clone()));
                }
                (address, outcome)
            })
            .collect();
        for folders in folders.values_mut() {
            for (unsynced, error) in folders.sync(&self.store.disk) {
                for index in unsynced {
                    if let Some((_, outcome @ Outcome::Done)) = outcomes.get_mut(index) {
                        let error = error.clone();
                        *outcome = Outcome::NotDurable { error };
                    }
                }
            }
        }
        outcomes
    }

    /// Stages an edit. From here on its bytes are only on the disk.
    fn make_ready(&mut self, edit: &Edit) -> State {
        match self.stage(edit) {
            Ok(staged) => State::Ready(Box::new(Ready {
                before: edit.files.map(|file| file.before.clone()),
                steps: steps(edit.presence(), edit.changes(), edit.manner),
                staged,
                needs_group: edit.needs_group.clone(),
            })),
            Err(error) => failed(error.text()),
        }
    }

    fn sync_stage(&self, edits: &mut [(Address, State)]) {
        for (_, state) in &mut *edits {
            if let State::Ready(ready) = state
                && let Err(error) = self.sync_staged(&ready.staged)
            {
                *state = failed(error.text());
            }
        }
        if let Err(error) = self.store.disk.sync(&self.stage.0) {
            for (_, state) in edits {
                if let State::Ready(ready) = state {
                    self.discard(&ready.staged);
                    *state = failed(error.text());
                }
            }
        }
    }

    /// Opens the folders of all users in the batch. One that is missing is
    /// made if an edit begins something in it; a folder that should hold a
    /// file was taken away, and stays away.
    fn open_folders(&self, edits: &[(Address, State)]) -> BTreeMap<UserName, UserFolders> {
        let mut needs: BTreeMap<(UserName, Tree), Missing> = BTreeMap::new();
        for (address, state) in edits {
            let State::Ready(ready) = state else { continue };
            for tree in [Tree::Links, Tree::Menu] {
                let in_tree = |s: &&Step| s.file().is_some_and(|kind| tree_of(kind) == tree);
                let mut moves = ready.steps.iter().filter(in_tree).peekable();
                if moves.peek().is_none() {
                    continue;
                }
                let missing = if moves.all(|s| matches!(s, Step::Install(_))) {
                    Missing::Make
                } else {
                    Missing::Leave
                };
                let need = needs
                    .entry((address.user().clone(), tree))
                    .or_insert(missing);
                *need = missing.max(*need);
            }
        }
        let mut folders: BTreeMap<UserName, UserFolders> = BTreeMap::new();
        let mut made: BTreeMap<Tree, Vec<UserName>> = BTreeMap::new();
        for ((user, tree), missing) in needs {
            let opened = match self.store.open_folder(tree, &user, missing, &self.dir) {
                Ok(Opened::Absent) => Ok(None),
                Ok(Opened::Found(folder)) => Ok(Some(folder)),
                Ok(Opened::Made(folder)) => {
                    made.entry(tree).or_default().push(user.clone());
                    Ok(Some(folder))
                }
                Err(error) => Err(error),
            };
            let entry = folders.entry(user).or_insert_with(|| UserFolders {
                links: Ok(None),
                menu: Ok(None),
                backup: None,
            });
            *entry.tree_mut(tree) = opened;
        }
        for (tree, users) in made {
            let Err(error) = self.store.sync_tree(tree) else {
                continue;
            };
            for user in users {
                if let Some(folders) = folders.get_mut(&user) {
                    *folders.tree_mut(tree) = Err(error.clone());
                }
            }
        }
        folders
    }

    fn commit(
        &self,
        index: usize,
        address: &Address,
        ready: &Ready,
        folders: &mut BTreeMap<UserName, UserFolders>,
    ) -> Outcome {
        if let Some(group) = &ready.needs_group
            && self
                .failed_groups
                .contains(&(address.user().clone(), group.clone()))
        {
            self.discard(&ready.staged);
            let group = group.clone();
            return Outcome::Blocked { group };
        }
        match folders.get_mut(address.user()) {
            Some(folders) => Commit::new(self, index, address, ready, folders).carry_out(),
            // Only an edit without a step needs no folder.
            None => Outcome::Done,
        }
    }
}

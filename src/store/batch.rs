//! A batch: many edits staged and synced together, then made live in waves,
//! then synced, each folder once. One edit's failure stops no other, but for
//! those that need it. What concerns the whole disk, such as no room, stops
//! the batch before anything of it is live, and the run.

use super::commit::Ready;
use super::disk::{Dir, Disk, File, PathError, SYNCED_IN_TURN};
use super::edit::{Edit, Trio};
use super::folder::{FolderError, OpenFolder, sync_together};
use super::folders::{Missing, Needed};
use super::key::Version;
use super::layout::tree_of;
use super::outcome::{Live, Outcome};
use super::run::{Batch, Run};
use super::stage::{Interrupt, Staged};
use super::steps::{Step, steps};
use crate::model::UserName;
use crate::plan::{Address, Tree};
use crate::process;
use std::collections::{BTreeMap, BTreeSet};

/// One user's folders while a batch is carried out. A failed one fails each
/// edit that needs it.
#[derive(Debug)]
pub(super) struct UserFolders {
    pub(super) links: Result<Option<OpenFolder>, FolderError>,
    pub(super) menu: Result<Option<OpenFolder>, FolderError>,
    /// Opened with the first file that goes there.
    pub(super) backup: Option<Dir>,
}

impl UserFolders {
    /// Nothing is open yet.
    pub(super) fn closed() -> Self {
        Self {
            links: Ok(None),
            menu: Ok(None),
            backup: None,
        }
    }

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

    /// Those that are open.
    pub(super) fn open(&mut self) -> impl Iterator<Item = (Tree, &mut OpenFolder)> {
        let live = [(Tree::Links, &mut self.links), (Tree::Menu, &mut self.menu)];
        live.into_iter()
            .filter_map(|(tree, folder)| Some((tree, folder.as_mut().ok()?.as_mut()?)))
    }
}

/// The folders of all users of a batch.
pub(super) type Folders = BTreeMap<UserName, UserFolders>;

/// Syncs all folders that changed. Says which edits are not known to be on
/// the disk, and why.
pub(super) fn sync_all<D: Disk>(
    disk: &D,
    folders: &mut Folders,
) -> Vec<(BTreeSet<usize>, PathError)> {
    let open = folders.values_mut().flat_map(UserFolders::open);
    sync_together(disk, open.map(|(_, folder)| folder));
    let open = folders.values_mut().flat_map(UserFolders::open);
    open.filter_map(|(_, folder)| Some((folder.unsynced.clone(), folder.synced().err()?)))
        .collect()
}

/// An edit on its way.
pub(super) enum State {
    Ready(Box<Ready>),
    Ended(Outcome),
}

/// Most staged files of one edit.
const FILES_EACH: usize = 3;

/// Edits on their way, in their order.
pub(super) type States = Vec<(Address, State)>;

fn failed(error: String) -> State {
    State::Ended(Outcome::Failed {
        error,
        live: Live::Old,
    })
}

/// Which folders the edits need, and whether those that are missing are made.
fn needs(edits: &States) -> Vec<(Tree, Needed)> {
    let needs_in = |tree| {
        let mut needed = Needed::new();
        for (address, state) in edits {
            let State::Ready(ready) = state else { continue };
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
            let need = needed.entry(address.user().clone()).or_insert(missing);
            *need = missing.max(*need);
        }
        (tree, needed)
    };
    [Tree::Links, Tree::Menu].map(needs_in).into()
}

impl<D: Disk> Run<'_, D> {
    /// Carries out a batch, and says what happened to each edit, in their
    /// order.
    pub(crate) fn carry_out(
        &mut self,
        batch: Batch,
        interrupt: Interrupt<'_>,
    ) -> Vec<(Address, Outcome)> {
        let mut edits = self.stage_all(batch, interrupt);
        let journaled = self.announce(&mut edits);
        let mut folders = self.open_folders(&mut edits);
        let kept = edits.iter().enumerate();
        let kept: BTreeSet<usize> = kept
            .filter(|(_, (_, state))| matches!(state, State::Ready(r) if r.keeps_old()))
            .map(|(index, _)| index)
            .collect();
        let mut outcomes = self.make_live(edits, &mut folders, interrupt);
        let disk = &self.store.disk;
        let mut unsynced = sync_all(disk, &mut folders);
        // What was replaced left the stage for the backup: a move is on the
        // disk once one of its two folders is.
        if !kept.is_empty()
            && let Err(error) = disk.sync(&self.stage.0)
        {
            unsynced.push((kept, error));
        }
        for (indexes, error) in unsynced {
            for index in indexes {
                if let Some((address, outcome @ Outcome::Done)) = outcomes.get_mut(index) {
                    let error = error.text();
                    *outcome = Outcome::NotDurable { error };
                    self.failed.insert(address.clone());
                }
            }
        }
        let recorded: Vec<_> = journaled
            .iter()
            .filter_map(|index| outcomes.get(*index))
            .map(|(_, outcome)| outcome.recorded())
            .collect();
        if !recorded.is_empty() {
            // If it fails, so does the end of the run, which is told; and
            // recovery finds out the same from the live files.
            self.journal.end(&self.store.disk, &recorded).ok();
        }
        outcomes
    }

    /// Stages all edits and brings them to the disk. Nothing is live yet, so
    /// an interrupted batch leaves nothing.
    fn stage_all(&mut self, batch: Batch, interrupt: Interrupt<'_>) -> States {
        let files = batch.edits.iter().map(Edit::writes).sum::<usize>();
        let (mut edits, is_interrupted) = if files < SYNCED_IN_TURN {
            self.stage_in_turn(batch, interrupt)
        } else {
            self.stage_at_once(batch, interrupt)
        };
        if is_interrupted {
            self.end_all(&mut edits, || State::Ended(Outcome::NotBegun));
        } else if let Some(why) = &self.stopped {
            self.end_all(&mut edits, || failed(why.clone()));
        } else if let Err(error) = self.store.disk.sync(&self.stage.0) {
            self.fail_staging(&error);
            self.end_all(&mut edits, || failed(error.text()));
        }
        edits
    }

    /// Stages a few edits, one after another. Says whether it was interrupted.
    fn stage_in_turn(&mut self, batch: Batch, interrupt: Interrupt<'_>) -> (States, bool) {
        let mut edits: States = Vec::new();
        let mut open = Vec::new();
        let mut is_interrupted = false;
        for edit in batch.edits {
            is_interrupted = is_interrupted || interrupt();
            let state = if is_interrupted {
                State::Ended(Outcome::NotBegun)
            } else if let Some(why) = &self.stopped {
                failed(why.clone())
            } else {
                match self.stage(&edit) {
                    Ok((staged, files)) => {
                        open.push((edits.len(), files));
                        State::Ready(Box::new(self.make_ready(&edit, staged)))
                    }
                    Err(error) => self.fail_staging(&error),
                }
            };
            edits.push((edit.address, state));
            // More would need more open files than the process may have.
            if open.len() >= (process::spare_files() / FILES_EACH).max(1) {
                is_interrupted = is_interrupted || self.sync_all(&mut edits, &mut open, interrupt);
            }
        }
        is_interrupted = is_interrupted || self.sync_all(&mut edits, &mut open, interrupt);
        (edits, is_interrupted)
    }

    /// Stages many edits. Says whether it was interrupted.
    fn stage_at_once(&mut self, batch: Batch, interrupt: Interrupt<'_>) -> (States, bool) {
        if interrupt() {
            let edits = batch.edits.into_iter();
            let ended = |edit: Edit| (edit.address, State::Ended(Outcome::NotBegun));
            return (edits.map(ended).collect(), true);
        }
        let staged = self.stage_many(&batch.edits);
        let states = batch.edits.into_iter().zip(staged).map(|(edit, staged)| {
            let state = match staged {
                Ok(staged) => State::Ready(Box::new(self.make_ready(&edit, staged))),
                Err(error) => self.fail_staging(&error),
            };
            (edit.address, state)
        });
        (states.collect(), interrupt())
    }

    /// What an error while staging means for its edit. One that concerns all
    /// stops the run.
    fn fail_staging(&mut self, error: &PathError) -> State {
        if error.concerns_all() {
            self.stopped = Some(error.text());
        }
        failed(error.text())
    }

    /// Brings the files of these edits to the disk and closes them; of an edit
    /// of which one fails, none stays. Says whether it was interrupted.
    fn sync_all(
        &mut self,
        edits: &mut States,
        open: &mut Vec<(usize, Vec<File>)>,
        interrupt: Interrupt<'_>,
    ) -> bool {
        let open = std::mem::take(open);
        if open.is_empty() || self.is_stopped() {
            return false;
        }
        if interrupt() {
            return true;
        }
        for ((index, _), synced) in open.iter().zip(self.sync_staged(&open)) {
            if let Err(error) = synced
                && let Some((_, state)) = edits.get_mut(*index)
                && let State::Ready(ready) = state
            {
                self.discard(&ready.staged);
                *state = self.fail_staging(&error);
            }
        }
        false
    }

    /// Ends all edits that are ready, before anything of them is live.
    fn end_all(&self, edits: &mut States, end: impl Fn() -> State) {
        for (_, state) in edits {
            if let State::Ready(ready) = state {
                self.discard(&ready.staged);
                *state = end();
            }
        }
    }

    /// Writes the batch into the journal, and says which edits are in it. If
    /// that fails nothing of the batch may become live.
    fn announce(&mut self, edits: &mut States) -> Vec<usize> {
        let mut journaled = Vec::new();
        let mut written = Vec::new();
        let mut users = BTreeSet::new();
        for (index, (address, state)) in edits.iter().enumerate() {
            if let State::Ready(ready) = state {
                journaled.push(index);
                written.push(ready.written(address));
                if ready.keeps_old() {
                    users.insert(address.user().clone());
                }
            }
        }
        if written.is_empty() {
            return journaled;
        }
        let announced = self
            .make_backups(&users)
            .and_then(|()| self.journal.begin(&self.store.disk, &written));
        match announced {
            Ok(()) => journaled,
            Err(error) => {
                if error.concerns_all() || self.journal.has_failed() {
                    self.stopped = Some(error.text());
                }
                self.end_all(edits, || failed(error.text()));
                Vec::new()
            }
        }
    }

    /// What is left of an edit once it is staged: its bytes are only on the
    /// disk from here on.
    fn make_ready(&self, edit: &Edit, staged: Trio<Option<Staged>>) -> Ready {
        Ready {
            before: edit.files.map(|file| {
                file.before.as_ref().map(|stamp| Version {
                    fingerprint: self.key.fingerprint(stamp),
                    ownership: stamp.ownership,
                })
            }),
            steps: steps(edit.presence(), edit.changes(), edit.manner),
            changes: edit.changes(),
            staged,
            needs: edit.needs.clone(),
            note: edit.note.clone(),
        }
    }

    /// Opens the folders of all users in the batch. One that is missing is
    /// made if an edit begins something in it; a folder that should hold a
    /// file was taken away, and stays away. An error that concerns all ends
    /// the batch, and what was made for it goes again.
    fn open_folders(&mut self, edits: &mut States) -> Folders {
        let mut folders = Folders::new();
        let mut made = Vec::new();
        let mut ended = None;
        let needs = needs(edits);
        let opened = self.store.open_folders(&needs, &self.dir);
        for ((tree, _), opened) in needs.iter().zip(opened) {
            made.extend(opened.made);
            ended = ended.or(opened.ended);
            for (user, folder) in opened.folders {
                let entry = folders.entry(user);
                *entry.or_insert_with(UserFolders::closed).tree_mut(*tree) = folder;
            }
        }
        if let Some(error) = ended {
            self.store.unmake(&made);
            let why = error.to_string();
            self.end_all(edits, || failed(why.clone()));
            self.stopped = Some(why);
        }
        folders
    }
}

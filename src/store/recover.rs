//! Putting an interrupted run in order, from its folder and the live files
//! alone: no manifest, no token source. Each link of the batch that was going
//! on ends all old or all new, by the same steps in the same order as ever;
//! what somebody else wrote since stays. Killed itself, it starts over.
#![deny(clippy::wildcard_enum_match_arm)]

use super::batch::{Folders, UserFolders, sync_all};
use super::commit::{Commit, Exposed, Ready, Trouble};
use super::disk::{Disk, Reach};
use super::edit::{KINDS, Trio};
use super::error::StoreError;
use super::folder::{FolderError, OpenFolder};
use super::journal;
use super::layout::{live_path, tree_of};
use super::outcome::{FileState, Live, Outcome};
use super::read::{SeenDir, open_dir};
use super::record::{Recorded, RunId, WrittenEdit};
use super::run::Run;
use super::stage::Staged;
use super::standing::{Standing, Standings};
use super::steps::Step;
use super::{Lock, Store};
use crate::model::{FileKind, UserName};
use crate::plan::{Address, FileChange, Tree};
use std::collections::BTreeSet;
use std::fmt;

/// What was made of one link of the interrupted batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// All of it was live already.
    WasDone,
    /// Nothing of it was live, and nothing is.
    NotBegun,
    /// It was half done, and now is as planned.
    Completed,
    /// It was half done, and now is as before.
    TakenBack,
    /// A file is neither what was there before nor what was written. It is
    /// left as it is, and the others are as before, or as planned if they all
    /// were.
    ChangedBySomeoneElse {
        /// The file, below the root.
        file: String,
    },
    /// It is half done and stays so, for the next apply to put right.
    Stuck {
        /// What went wrong, with the path.
        error: String,
    },
}

impl Recovered {
    fn recorded(&self) -> Recorded {
        match self {
            Self::WasDone | Self::Completed => Recorded::Done,
            Self::NotBegun
            | Self::TakenBack
            | Self::ChangedBySomeoneElse { .. }
            | Self::Stuck { .. } => Recorded::NotDone,
        }
    }
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WasDone => f.write_str("was done already"),
            Self::NotBegun => f.write_str("was not begun"),
            Self::Completed => f.write_str("was half done, and was completed"),
            Self::TakenBack => f.write_str("was half done, and is as before again"),
            Self::ChangedBySomeoneElse { file } => {
                write!(
                    f,
                    "`{file}` was changed by someone else, and is left as it is"
                )
            }
            Self::Stuck { error } => write!(f, "is half done: {error}"),
        }
    }
}

/// What a recovery did. Without a run there was none to recover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The run that was put in order.
    pub run: Option<RunId>,
    /// The links and groups of the batch that was going on.
    pub links: Vec<(Address, Recovered)>,
}

impl<D: Disk> Store<D> {
    /// Puts the interrupted run in order, if there is one; else it writes
    /// nothing. The lock is asked for so that no live run is taken for a dead
    /// one.
    ///
    /// # Errors
    /// The run's folder cannot be used, or what was done cannot be brought to
    /// the disk: then the run still counts as interrupted.
    pub fn recover(&self, _lock: &Lock) -> Result<Recovery, StoreError> {
        let Some(runs) = self.runs_folder()? else {
            return Ok(Recovery::default());
        };
        let Some(id) = self.interrupted_in(&runs)? else {
            return Ok(Recovery::default());
        };
        let dir = self
            .disk
            .open_dir(&runs, id.to_string().as_ref(), Reach::Full)?;
        let Some(written) = journal::read(&self.disk, &dir)? else {
            return Err(StoreError::Damaged {
                path: dir.path().to_owned(),
                why: "has no journal".to_owned(),
            });
        };
        let mut run = self.reopen_run(dir, id, &written)?;
        let mut links = Vec::new();
        // Every earlier batch was over before this one began.
        if let Some(batch) = written.batches.last()
            && batch.outcomes.is_none()
        {
            links = run.recover_batch(&batch.edits)?;
            let recorded: Vec<_> = links.iter().map(|(_, link)| link.recorded()).collect();
            run.journal.end(&self.disk, &recorded)?;
        }
        run.close()?;
        Ok(Recovery {
            run: Some(id),
            links,
        })
    }
}

/// An edit that was read back from the journal.
fn ready(edit: &WrittenEdit) -> Ready {
    let mut staged: Trio<Option<Staged>> = Trio::default();
    let mut changes: Trio<FileChange> = Trio::default();
    for kind in KINDS {
        let file = edit.files.of(kind);
        (*staged.of_mut(kind), *changes.of_mut(kind)) =
            match (&file.staged, file.after, file.before) {
                (Some(name), Some(version), _) => {
                    let name = name.clone();
                    (Some(Staged { name, version }), FileChange::Write)
                }
                (None, None, Some(_)) => (None, FileChange::Remove),
                (None, _, _) | (Some(_), None, _) => (None, FileChange::Keep),
            };
    }
    Ready {
        before: edit.files.map(|file| file.before),
        steps: edit.steps.clone(),
        changes,
        staged,
        needs: BTreeSet::new(),
        note: edit.note.clone(),
    }
}

impl<D: Disk> Run<'_, D> {
    fn recover_batch(
        &mut self,
        edits: &[WrittenEdit],
    ) -> Result<Vec<(Address, Recovered)>, StoreError> {
        let edits: Vec<_> = edits.iter().map(|e| (&e.address, ready(e))).collect();
        let keeping = edits.iter().filter(|(_, ready)| ready.keeps_old());
        let users: BTreeSet<_> = keeping.map(|(a, _)| a.user().clone()).collect();
        self.make_backups(&users)?;
        let mut folders = Folders::new();
        let mut links = Vec::new();
        for (index, (address, ready)) in edits.iter().enumerate() {
            let user = address.user();
            if !folders.contains_key(user) {
                folders.insert(user.clone(), self.open_found(user)?);
            }
            let Some(open) = folders.get_mut(user) else {
                continue;
            };
            // Whoever was killed may not have synced them.
            for tree in [Tree::Links, Tree::Menu] {
                if let Ok(Some(folder)) = open.tree_mut(tree) {
                    folder.unsynced.insert(index);
                }
            }
            let recovered = self.recover_edit(index, address, ready, open)?;
            links.push(((*address).clone(), recovered));
        }
        let unsynced = sync_all(&self.store.disk, &mut folders);
        if let Some((_, error)) = unsynced.into_iter().next() {
            return Err(error.into());
        }
        self.store.disk.sync(&self.stage.0)?;
        Ok(links)
    }

    /// Opens a user's folders as far as they are there.
    fn open_found(&self, user: &UserName) -> Result<UserFolders, StoreError> {
        let mut folders = UserFolders::closed();
        for tree in [Tree::Links, Tree::Menu] {
            *folders.tree_mut(tree) = match self.store.open_found(tree, user) {
                // It may well go next time.
                Err(FolderError::Io(error)) => return Err(error.into()),
                found => found,
            };
        }
        Ok(folders)
    }

    fn recover_edit(
        &self,
        index: usize,
        address: &Address,
        ready: &Ready,
        folders: &mut UserFolders,
    ) -> Result<Recovered, StoreError> {
        if let Some(error) = unusable(ready, folders) {
            return Ok(Recovered::Stuck { error });
        }
        let standings = self.standings(address, ready, folders)?;
        let done = standings.done(&ready.steps);
        let mut commit = Commit::new(self, index, address, ready, folders);
        commit.assume(&done);
        if let Some(kind) = standings.theirs() {
            return Ok(Self::leave_theirs(commit, address, kind, &standings, &done));
        }
        if standings.all(Standing::Before) {
            return Ok(Recovered::NotBegun);
        }
        let (is_whole, was_done) = (standings.is_whole, standings.all(Standing::After));
        let outcome = if was_done || is_whole {
            commit.carry_on(done)
        } else {
            commit.bring_back_to_stage(&done);
            let why = "what was staged for it is not whole";
            commit.end_undone(&Trouble::Failed(why.to_owned()), &done)
        };
        Ok(match outcome {
            Outcome::Done if was_done => Recovered::WasDone,
            Outcome::Done => Recovered::Completed,
            Outcome::ChangedBySomeoneElse { file } => Recovered::ChangedBySomeoneElse { file },
            Outcome::Failed {
                live: Live::Old, ..
            } => Recovered::TakenBack,
            Outcome::Failed { .. }
            | Outcome::NotDurable { .. }
            | Outcome::NotBegun
            | Outcome::Blocked { .. } => Recovered::Stuck {
                error: outcome.to_string(),
            },
        })
    }

    /// Somebody else has the last word on one file. The others follow only if
    /// they are halfway.
    fn leave_theirs(
        mut commit: Commit<'_, D>,
        address: &Address,
        kind: FileKind,
        standings: &Standings,
        done: &BTreeSet<usize>,
    ) -> Recovered {
        let file = live_path(address, kind);
        let is_given_back = KINDS
            .into_iter()
            .try_for_each(|kind| match standings.of(kind) {
                Some(Standing::SwappedOut(held)) => commit.give_back(kind, held),
                Some(Standing::MovedOut) => commit.put_back(kind),
                Some(
                    Standing::Before | Standing::Withdrawn | Standing::After | Standing::Theirs,
                )
                | None => Ok(()),
            });
        if let Err(trouble) = is_given_back {
            let error = commit.tell(&trouble);
            return Recovered::Stuck { error };
        }
        if standings.are_halfway() {
            commit.bring_back_to_stage(done);
            commit.end_undone(&Trouble::Changed(kind), done);
        }
        Recovered::ChangedBySomeoneElse { file }
    }
}

/// Why an edit's folders cannot be used, if they cannot.
fn unusable(ready: &Ready, folders: &UserFolders) -> Option<String> {
    let kinds = ready.steps.iter().filter_map(|step| step.file());
    kinds
        .filter_map(|kind| folders.tree(tree_of(kind)).as_ref().err())
        .map(ToString::to_string)
        .next()
}

impl<D: Disk> Commit<'_, D> {
    /// Takes over where another process stopped. What it staged may have been
    /// live, so nothing of it is deleted.
    fn assume(&mut self, done: &BTreeSet<usize>) {
        self.exposed = self.exposed.map(|_| Exposed::Once);
        for place in done {
            match self.ready.steps.get(*place) {
                Some(Step::Exchange(kind) | Step::Install(kind)) => {
                    *self.states.of_mut(*kind) = FileState::New;
                }
                Some(Step::Back(kind)) => *self.states.of_mut(*kind) = FileState::Gone,
                Some(Step::Check(_) | Step::Sync(_)) | None => {}
            }
        }
    }

    /// Undoing an exchange needs the old file in the stage; it may be in the
    /// backup already. If it is in neither, undoing says so.
    fn bring_back_to_stage(&mut self, done: &BTreeSet<usize>) {
        for place in done {
            if let Some(Step::Exchange(kind)) = self.ready.steps.get(*place) {
                self.move_from_backup(*kind).ok();
            }
        }
    }
}

impl<D: Disk> Run<'_, D> {
    /// Whether a user has a folder in the backup, and that folder.
    ///
    /// # Errors
    /// A call failed.
    pub(super) fn found_backup_of(
        &self,
        user: &UserName,
    ) -> Result<Option<super::Dir>, StoreError> {
        let Some(old) = &self.old else {
            return Ok(None);
        };
        match open_dir(&self.store.disk, old, user.as_str().as_ref(), Reach::Full)? {
            SeenDir::Dir(dir, _) => Ok(Some(dir)),
            SeenDir::Absent | SeenDir::Obstacle(_) => Ok(None),
        }
    }
}

/// The folder of a tree, where it is open.
pub(super) fn found(folders: &UserFolders, tree: Tree) -> Option<&OpenFolder> {
    folders.tree(tree).as_ref().ok()?.as_ref()
}

//! Making one edit live, step by step, in the order of `steps`. Where a step
//! is to wait for a folder, the edit may stand aside while others come so far
//! that the folders of all are synced at once: see `waves`. A look before
//! a rename proves nothing, since another writer may come in between; so each
//! file is swapped out first and hashed then, and put back if it is not the
//! one the plan was made from. How steps are undone is in `undo`.

use super::batch::UserFolders;
use super::disk::{Dir, Disk, PathError};
use super::edit::{KINDS, Trio};
use super::key::{Fingerprint, Version};
use super::layout::{file_name, live_path, tree_of};
use super::outcome::{FileState, Live, Outcome};
use super::record::{Note, WrittenEdit, WrittenFile};
use super::run::Run;
use super::stage::Staged;
use super::steps::Step;
use crate::model::FileKind;
use crate::plan::{Address, FileChange, Tree};
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::ops::Range;

/// A staged edit.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) before: Trio<Option<Version>>,
    pub(super) steps: Vec<Step>,
    pub(super) changes: Trio<FileChange>,
    pub(super) staged: Trio<Option<Staged>>,
    pub(super) needs: BTreeSet<Address>,
    pub(super) note: Note,
}

impl Ready {
    /// Whether any of its files goes to the backup.
    pub(super) fn keeps_old(&self) -> bool {
        let goes = |step: &Step| matches!(step, Step::Exchange(_) | Step::Back(_));
        self.steps.iter().any(goes)
    }

    /// Whether something that was live is away until a later step. Such an
    /// edit is carried out in one go: the customer misses the link all the
    /// while, and after a crash until the recovery.
    fn withdraws(&self) -> bool {
        let comes_back = |kind| self.steps.contains(&Step::Install(kind));
        let mut steps = self.steps.iter();
        steps.any(|step| matches!(step, Step::Back(kind) if comes_back(*kind)))
    }

    /// The first sync at this place or after it that the edit may wait for
    /// together with others.
    fn next_wait(&self, from: usize) -> Option<(usize, Tree)> {
        if self.withdraws() {
            return None;
        }
        let mut steps = self.steps.iter().enumerate().skip(from);
        steps.find_map(|(place, step)| match step {
            Step::Sync(tree) => Some((place, *tree)),
            Step::Exchange(_) | Step::Install(_) | Step::Back(_) | Step::Check(_) => None,
        })
    }

    /// What the journal says of it before anything is live.
    pub(super) fn written(&self, address: &Address) -> WrittenEdit {
        let mut files: Trio<WrittenFile> = Trio::default();
        for kind in KINDS {
            let (before, staged) = (*self.before.of(kind), self.staged.of(kind).as_ref());
            *files.of_mut(kind) = WrittenFile {
                staged: staged.map(|staged| staged.name.clone()),
                before,
                after: match self.changes.of(kind) {
                    FileChange::Keep => before,
                    FileChange::Write => staged.map(|staged| staged.version),
                    FileChange::Remove => None,
                },
            };
        }
        WrittenEdit {
            address: address.clone(),
            note: self.note.clone(),
            steps: self.steps.clone(),
            files,
        }
    }
}

/// What a file that can be read holds; `None` is no such file.
pub(super) type Held = Option<Fingerprint>;

/// Why a step was not carried out.
pub(super) enum Trouble {
    /// The file is not what the plan was made from.
    Changed(FileKind),
    /// It went wrong.
    Failed(String),
}

impl From<PathError> for Trouble {
    fn from(error: PathError) -> Self {
        Self::Failed(error.text())
    }
}

/// Whether a staged file was live, if only for a moment: then somebody may
/// have written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Exposed {
    #[default]
    Never,
    Once,
}

/// An edit that waits for a folder to be synced.
#[derive(Debug)]
pub(super) struct Paused {
    /// The tree of the user's folder that it waits for.
    pub(super) tree: Tree,
    /// The place of the step that waits.
    place: usize,
    /// The places of the moves that are done.
    done: BTreeSet<usize>,
    states: Trio<FileState>,
    exposed: Trio<Exposed>,
}

/// How far an edit went.
pub(super) enum Went {
    /// To its end.
    Ended(Outcome),
    /// To a step that waits.
    Waits(Paused),
}

/// One edit being made live.
pub(super) struct Commit<'a, D: Disk> {
    pub(super) run: &'a Run<'a, D>,
    index: usize,
    address: &'a Address,
    pub(super) ready: &'a Ready,
    folders: &'a mut UserFolders,
    pub(super) states: Trio<FileState>,
    pub(super) exposed: Trio<Exposed>,
}

impl<'a, D: Disk> Commit<'a, D> {
    /// Nothing is done yet. `index` is the edit's place in its batch.
    pub(super) fn new(
        run: &'a Run<'a, D>,
        index: usize,
        address: &'a Address,
        ready: &'a Ready,
        folders: &'a mut UserFolders,
    ) -> Self {
        Self {
            run,
            index,
            address,
            ready,
            folders,
            states: ready.before.map(|_| FileState::Old),
            exposed: Trio::default(),
        }
    }

    /// Carries out the steps up to the first that waits. In the end all moves
    /// are done, or none.
    pub(super) fn begin(self) -> Went {
        let done = BTreeSet::new();
        match self.check_folders() {
            Ok(()) => self.go_to_wait(0, done),
            Err(trouble) => Went::Ended(self.end_undone(&trouble, &done)),
        }
    }

    /// Goes on after its folder was synced with those of others.
    pub(super) fn go_on(mut self, paused: Paused) -> Went {
        let Paused {
            tree,
            place,
            done,
            states,
            exposed,
        } = paused;
        (self.states, self.exposed) = (states, exposed);
        let synced = match self.folders.tree(tree) {
            Ok(Some(folder)) => folder.synced(),
            Ok(None) | Err(_) => Ok(()),
        };
        match synced {
            Ok(()) => self.go_to_wait(place + 1, done),
            Err(error) => Went::Ended(self.end_stopped(place, &error.into(), &done)),
        }
    }

    /// Carries out the moves that are not done yet, or undoes those that are,
    /// and waits for nobody else. `done` holds their places among the steps.
    pub(super) fn carry_on(mut self, mut done: BTreeSet<usize>) -> Outcome {
        if let Err(trouble) = self.check_folders() {
            return self.end_undone(&trouble, &done);
        }
        match self.walk(0..self.ready.steps.len(), &mut done) {
            Ok(()) => self.end_live(),
            Err((place, trouble)) => self.end_stopped(place, &trouble, &done),
        }
    }

    fn go_to_wait(mut self, from: usize, mut done: BTreeSet<usize>) -> Went {
        let wait = self.ready.next_wait(from);
        let end = wait.map_or(self.ready.steps.len(), |(place, _)| place);
        if let Err((place, trouble)) = self.walk(from..end, &mut done) {
            return Went::Ended(self.end_stopped(place, &trouble, &done));
        }
        match wait {
            None => Went::Ended(self.end_live()),
            Some((place, tree)) => Went::Waits(Paused {
                tree,
                place,
                done,
                states: self.states,
                exposed: self.exposed,
            }),
        }
    }

    /// Whether each folder that it needs is there.
    fn check_folders(&self) -> Result<(), Trouble> {
        let mut kinds = self.ready.steps.iter().filter_map(|step| step.file());
        kinds.try_for_each(|kind| self.live(kind).map(|_| ()))
    }

    /// Carries out the steps at these places, but for moves that are done, and
    /// says which of them failed.
    fn walk(
        &mut self,
        places: Range<usize>,
        done: &mut BTreeSet<usize>,
    ) -> Result<(), (usize, Trouble)> {
        let steps = self.ready.steps.iter().enumerate();
        for (place, &step) in steps.take(places.end).skip(places.start) {
            if done.contains(&place) {
                continue;
            }
            self.step(step).map_err(|trouble| (place, trouble))?;
            if step.file().is_some() {
                done.insert(place);
            }
        }
        Ok(())
    }

    /// The step at this place failed.
    fn end_stopped(self, place: usize, trouble: &Trouble, done: &BTreeSet<usize>) -> Outcome {
        let steps = &self.ready.steps;
        let is_move = |(_, step): &(usize, &Step)| step.file().is_some();
        let mut moves = steps.iter().enumerate().filter(is_move);
        // A check may come last, and is no formality for that.
        let is_sync = matches!(steps.get(place), Some(Step::Sync(_)));
        if is_sync && moves.all(|(place, _)| done.contains(&place)) {
            self.end_unsynced(trouble)
        } else {
            self.end_undone(trouble, done)
        }
    }

    /// All is live.
    fn end_live(mut self) -> Outcome {
        match self.keep_old() {
            Ok(()) => Outcome::Done,
            Err(trouble) => Outcome::Failed {
                error: self.tell(&trouble),
                live: Live::New,
            },
        }
    }

    /// All is live, but its last sync failed.
    fn end_unsynced(mut self, trouble: &Trouble) -> Outcome {
        let mut error = self.tell(trouble);
        if let Err(more) = self.keep_old() {
            error = format!("{error}; {}", self.tell(&more));
        }
        Outcome::NotDurable { error }
    }

    /// A step failed before all was live.
    pub(super) fn end_undone(mut self, trouble: &Trouble, done: &BTreeSet<usize>) -> Outcome {
        self.undo(done);
        self.clear_stage();
        let states: Vec<_> = KINDS
            .into_iter()
            .filter(|kind| self.ready.steps.iter().any(|s| s.file() == Some(*kind)))
            .map(|kind| (live_path(self.address, kind), *self.states.of(kind)))
            .collect();
        let is_restored = states.iter().all(|(_, state)| *state == FileState::Old);
        match trouble {
            Trouble::Changed(kind) if is_restored => Outcome::ChangedBySomeoneElse {
                file: live_path(self.address, *kind),
            },
            Trouble::Changed(_) | Trouble::Failed(_) => Outcome::Failed {
                error: self.tell(trouble),
                live: if is_restored {
                    Live::Old
                } else {
                    Live::Mixed(states)
                },
            },
        }
    }

    pub(super) fn tell(&self, trouble: &Trouble) -> String {
        match trouble {
            Trouble::Failed(error) => error.clone(),
            Trouble::Changed(kind) => {
                let path = live_path(self.address, *kind);
                format!("`{path}` was changed by someone else")
            }
        }
    }

    fn step(&mut self, step: Step) -> Result<(), Trouble> {
        match step {
            Step::Exchange(kind) | Step::Install(kind) => {
                if kind == FileKind::Adminconfig {
                    self.check_url()?;
                }
                if matches!(step, Step::Exchange(_)) {
                    self.exchange(kind)
                } else {
                    self.install(kind)
                }
            }
            Step::Back(kind) => self.back(kind),
            Step::Check(kind) => self.check(kind),
            Step::Sync(tree) => self.sync(tree),
        }
    }

    /// Looks at the userconfig before a token is put beside it that the edit
    /// leaves as it is: no exchange would notice that it changed, and the
    /// token would go to a URL it was not declared for. Somebody may still
    /// change it right after; then it is theirs that came last.
    fn check_url(&self) -> Result<(), Trouble> {
        match self.ready.changes.of(FileKind::Userconfig) {
            FileChange::Keep => self.check(FileKind::Userconfig),
            FileChange::Write | FileChange::Remove => Ok(()),
        }
    }

    /// Looks whether a file is what the plan was made from.
    fn check(&self, kind: FileKind) -> Result<(), Trouble> {
        let live = self.live(kind)?;
        let held = self.run.fingerprint_at(live, &self.name(kind))?;
        if held == self.planned(kind) {
            Ok(())
        } else {
            Err(Trouble::Changed(kind))
        }
    }

    fn exchange(&mut self, kind: FileKind) -> Result<(), Trouble> {
        let (run, name) = (self.run, self.name(kind));
        let staged = self.staged(kind)?;
        let live = self.live_to_change(kind)?;
        match run
            .store
            .disk
            .exchange((&run.stage, &staged.name), (live, &name))
        {
            Ok(()) => {}
            Err(error) if error.is_absent() => return Err(Trouble::Changed(kind)),
            Err(error) => return Err(error.into()),
        }
        *self.exposed.of_mut(kind) = Exposed::Once;
        *self.states.of_mut(kind) = FileState::New;
        let came_out = run.fingerprint_at(&run.stage, &staged.name);
        let planned = self.planned(kind);
        match came_out {
            Ok(held) if held == planned => Ok(()),
            Ok(held) => {
                self.give_back(kind, held)?;
                // Whoever wrote what is there now, it is not ours to call.
                *self.states.of_mut(kind) = FileState::Old;
                Err(Trouble::Changed(kind))
            }
            Err(error) => {
                self.give_back(kind, planned)?;
                Err(error.into())
            }
        }
    }

    fn install(&mut self, kind: FileKind) -> Result<(), Trouble> {
        let (run, name) = (self.run, self.name(kind));
        let staged = self.staged(kind)?;
        let live = self.live_to_change(kind)?;
        let from = (&run.stage, staged.name.as_str());
        match run.store.disk.rename_new(from, (live, &name)) {
            Ok(()) => {
                *self.exposed.of_mut(kind) = Exposed::Once;
                *self.states.of_mut(kind) = FileState::New;
                Ok(())
            }
            Err(error) if error.source == Errno::EXIST => Err(Trouble::Changed(kind)),
            Err(error) => Err(error.into()),
        }
    }

    fn back(&mut self, kind: FileKind) -> Result<(), Trouble> {
        let (run, name) = (self.run, self.name(kind));
        let (live, backup) = self.live_and_backup(kind)?;
        match run.store.disk.rename_new((live, &name), (backup, &name)) {
            Ok(()) => {}
            Err(error) if error.is_absent() => return Err(Trouble::Changed(kind)),
            Err(error) => return Err(error.into()),
        }
        let came_out = run.fingerprint_at(backup, &name);
        *self.states.of_mut(kind) = FileState::Gone;
        match came_out {
            Ok(held) if held == self.planned(kind) => Ok(()),
            Ok(_) => {
                self.put_back(kind)?;
                *self.states.of_mut(kind) = FileState::Old;
                Err(Trouble::Changed(kind))
            }
            Err(error) => {
                self.put_back(kind)?;
                Err(error.into())
            }
        }
    }

    /// Syncs the user's folder in a tree. The backup needs none: a move is
    /// one change of the file system (ext4, XFS, Btrfs), so the disk never
    /// knows that a file left without knowing where it went.
    pub(super) fn sync(&mut self, tree: Tree) -> Result<(), Trouble> {
        let disk = &self.run.store.disk;
        if let Ok(Some(folder)) = self.folders.tree_mut(tree) {
            folder.sync(disk)?;
        }
        Ok(())
    }

    /// Moves what was exchanged out to the backup.
    fn keep_old(&mut self) -> Result<(), Trouble> {
        for &step in &self.ready.steps {
            if let Step::Exchange(kind) = step {
                let name = self.name(kind);
                let Err(trouble) = self.move_to_backup(kind, &name) else {
                    continue;
                };
                // It may be there already, if this is a recovery.
                let run = self.run;
                if run.fingerprint_at(self.backup()?, &name)? != self.planned(kind) {
                    return Err(trouble);
                }
            }
        }
        Ok(())
    }

    /// Moves what was exchanged out from the backup to the stage again.
    pub(super) fn move_from_backup(&mut self, kind: FileKind) -> Result<(), Trouble> {
        let (run, name) = (self.run, self.name(kind));
        let staged = self.staged(kind)?;
        let backup = self.backup()?;
        let to = (&run.stage, staged.name.as_str());
        Ok(run.store.disk.rename_new((backup, &name), to)?)
    }

    pub(super) fn move_to_backup(&mut self, kind: FileKind, name: &str) -> Result<(), Trouble> {
        let run = self.run;
        let staged = self.staged(kind)?;
        let backup = self.backup()?;
        let from = (&run.stage, staged.name.as_str());
        Ok(run.store.disk.rename_new(from, (backup, name))?)
    }

    pub(super) fn name(&self, kind: FileKind) -> String {
        file_name(self.address, kind)
    }

    /// The version the plan was made from.
    pub(super) fn planned(&self, kind: FileKind) -> Held {
        self.ready.before.of(kind).map(|v| v.fingerprint)
    }

    pub(super) fn staged(&self, kind: FileKind) -> Result<&'a Staged, Trouble> {
        let missing = || Trouble::Failed(format!("nothing was staged for its {}", kind.name()));
        self.ready.staged.of(kind).as_ref().ok_or_else(missing)
    }

    /// The user's folder that a file is in. If it is gone, somebody took it.
    fn live(&self, kind: FileKind) -> Result<&Dir, Trouble> {
        match self.folders.tree(tree_of(kind)) {
            Ok(Some(folder)) => Ok(&folder.dir),
            Ok(None) => Err(Trouble::Changed(kind)),
            Err(error) => Err(Trouble::Failed(error.to_string())),
        }
    }

    pub(super) fn live_to_change(&mut self, kind: FileKind) -> Result<&Dir, Trouble> {
        if let Ok(Some(folder)) = self.folders.tree_mut(tree_of(kind)) {
            folder.unsynced.insert(self.index);
        }
        self.live(kind)
    }

    pub(super) fn backup(&mut self) -> Result<&Dir, Trouble> {
        let backup = match self.folders.backup.take() {
            Some(backup) => backup,
            None => self.run.backup_of(self.address.user())?,
        };
        Ok(self.folders.backup.insert(backup))
    }

    pub(super) fn live_and_backup(&mut self, kind: FileKind) -> Result<(&Dir, &Dir), Trouble> {
        self.backup()?;
        self.live_to_change(kind)?;
        match &self.folders.backup {
            Some(backup) => Ok((self.live(kind)?, backup)),
            None => Err(Trouble::Failed("the backup is not open".to_owned())),
        }
    }
}

//! Making one edit live, step by step, in the order of `steps`. A look before
//! a rename proves nothing, since another writer may come in between; so each
//! file is swapped out first and hashed then, and put back if it is not the
//! one the plan was made from. How steps are undone is in `undo`.

use super::batch::UserFolders;
use super::disk::{Dir, Disk, PathError};
use super::edit::{KINDS, Trio};
use super::layout::{file_name, live_path, tree_of};
use super::outcome::{FileState, Live, Outcome};
use super::read::{Seen, read_file};
use super::run::Run;
use super::stage::Staged;
use super::steps::Step;
use crate::model::{FileKind, GroupId, Stamp};
use crate::plan::{Address, Tree};
use rustix::io::Errno;

/// A staged edit.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) before: Trio<Option<Stamp>>,
    pub(super) steps: Vec<Step>,
    pub(super) staged: Trio<Option<Staged>>,
    pub(super) needs_group: Option<GroupId>,
}

/// What tells one version of a file from another; `None` is no file that can
/// be read at all.
pub(super) type Version = Option<[u8; 32]>;

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

    /// Carries out all steps, or none.
    pub(super) fn carry_out(mut self) -> Outcome {
        let ready = self.ready;
        for step in &ready.steps {
            if let Some(kind) = step.file()
                && let Err(trouble) = self.live(kind)
            {
                return self.end_undone(&trouble, &[]);
            }
        }
        for (position, &step) in ready.steps.iter().enumerate() {
            let Err(trouble) = self.step(step) else {
                continue;
            };
            let (done, rest) = ready.steps.split_at(position);
            if rest.iter().all(|step| step.file().is_none()) {
                return self.end_unsynced(&trouble);
            }
            return self.end_undone(&trouble, done);
        }
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
    fn end_undone(mut self, trouble: &Trouble, done: &[Step]) -> Outcome {
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

    fn tell(&self, trouble: &Trouble) -> String {
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
            Step::Exchange(kind) => self.exchange(kind),
            Step::Install(kind) => self.install(kind),
            Step::Back(kind) => self.back(kind),
            Step::Sync(tree) => self.sync(tree),
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
        let came_out = version(&run.store.disk, &run.stage, &staged.name);
        let planned = self.planned(kind);
        match came_out {
            Ok(version) if version == planned => Ok(()),
            Ok(version) => {
                self.give_back(kind, version)?;
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
        let (disk, name) = (&self.run.store.disk, self.name(kind));
        let (live, backup) = self.live_and_backup(kind)?;
        match disk.rename_new((live, &name), (backup, &name)) {
            Ok(()) => {}
            Err(error) if error.is_absent() => return Err(Trouble::Changed(kind)),
            Err(error) => return Err(error.into()),
        }
        let came_out = version(disk, backup, &name);
        *self.states.of_mut(kind) = FileState::Gone;
        match came_out {
            Ok(version) if version == self.planned(kind) => Ok(()),
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

    /// Syncs the user's folder in a tree; before it the backup, so that the
    /// disk never knows that a file left without knowing where it went.
    pub(super) fn sync(&mut self, tree: Tree) -> Result<(), Trouble> {
        let disk = &self.run.store.disk;
        if let Some(backup) = &mut self.folders.backup {
            backup.sync(disk)?;
        }
        if let Ok(Some(folder)) = self.folders.tree_mut(tree) {
            folder.sync(disk)?;
        }
        Ok(())
    }

    /// Moves what was exchanged out to the backup.
    fn keep_old(&mut self) -> Result<(), Trouble> {
        for &step in &self.ready.steps {
            if let Step::Exchange(kind) = step {
                self.move_to_backup(kind, &self.name(kind))?;
            }
        }
        Ok(())
    }

    pub(super) fn move_to_backup(&mut self, kind: FileKind, name: &str) -> Result<(), Trouble> {
        let run = self.run;
        let staged = self.staged(kind)?;
        let backup = self.backup_to_change()?;
        let from = (&run.stage, staged.name.as_str());
        Ok(run.store.disk.rename_new(from, (backup, name))?)
    }

    pub(super) fn name(&self, kind: FileKind) -> String {
        file_name(self.address, kind)
    }

    /// The version the plan was made from.
    pub(super) fn planned(&self, kind: FileKind) -> Version {
        self.ready.before.of(kind).as_ref().map(|s| s.sha256)
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

    fn backup_to_change(&mut self) -> Result<&Dir, Trouble> {
        let backup = match self.folders.backup.take() {
            Some(backup) => backup,
            None => self.run.backup_of(self.address.user())?,
        };
        let backup = self.folders.backup.insert(backup);
        backup.unsynced.insert(self.index);
        Ok(&backup.dir)
    }

    pub(super) fn live_and_backup(&mut self, kind: FileKind) -> Result<(&Dir, &Dir), Trouble> {
        self.backup_to_change()?;
        self.live_to_change(kind)?;
        match &self.folders.backup {
            Some(backup) => Ok((self.live(kind)?, &backup.dir)),
            None => Err(Trouble::Failed("the backup is not open".to_owned())),
        }
    }
}

/// Which version lies at a name of ours.
pub(super) fn version<D: Disk>(disk: &D, dir: &Dir, name: &str) -> Result<Version, PathError> {
    match read_file(disk, dir, name)? {
        Seen::File(contents) => Ok(Some(contents.stamp().sha256)),
        Seen::Absent | Seen::Obstacle(_) => Ok(None),
    }
}

//! Undoing what was done of one edit, in reverse order: that leads back
//! through states that were all safe. Somebody else may write all the while;
//! whatever they made last is what stays, and no version of a file is lost.
#![deny(clippy::wildcard_enum_match_arm)]

use super::commit::{Commit, Exposed, Held, Trouble};
use super::disk::Disk;
use super::edit::KINDS;
use super::outcome::FileState;
use super::steps::Step;
use crate::model::FileKind;
use rustix::io::Errno;
use std::collections::BTreeSet;

/// How often a file is swapped back while somebody else replaces it at the
/// same time, before it is left as it is.
const ATTEMPTS: usize = 8;

impl<D: Disk> Commit<'_, D> {
    /// Undoes the moves at these places in reverse order, and stops where
    /// that goes wrong: what comes after could put an old URL beside a new
    /// token. It syncs where the steps do, and before the first of them too.
    pub(super) fn undo(&mut self, done: &BTreeSet<usize>) {
        let ready = self.ready;
        for (place, &step) in ready.steps.iter().enumerate().rev() {
            if step.file().is_some() && !done.contains(&place) {
                continue;
            }
            let undone = match step {
                Step::Exchange(kind) => self.give_back(kind, self.planned(kind)),
                Step::Install(kind) => self.take_out(kind),
                Step::Back(kind) => self.put_back(kind),
                Step::Check(_) => Ok(()),
                // Its failure is that of the edit, which has failed anyway.
                Step::Sync(tree) => {
                    self.sync(tree).ok();
                    Ok(())
                }
            };
            if undone.is_err() {
                return;
            }
        }
    }

    /// Undoes an exchange, after which `came_out` lies in the stage. Whoever
    /// replaced our file meanwhile has the last word: then theirs comes out,
    /// and is put back in turn.
    pub(super) fn give_back(&mut self, kind: FileKind, came_out: Held) -> Result<(), Trouble> {
        let (run, name) = (self.run, self.name(kind));
        let staged = self.staged(kind)?;
        let mut lives = Some(staged.version.fingerprint);
        let mut waits = came_out;
        let mut state = FileState::Old;
        for _ in 0..ATTEMPTS {
            let live = self.live_to_change(kind)?;
            match run
                .store
                .disk
                .exchange((&run.stage, &staged.name), (live, &name))
            {
                Ok(()) => {}
                // They removed it: that is their word.
                Err(error) if error.is_absent() => {
                    *self.states.of_mut(kind) = FileState::Foreign;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
            *self.states.of_mut(kind) = FileState::Unknown;
            let out = run.fingerprint_at(&run.stage, &staged.name)?;
            if out == lives {
                *self.states.of_mut(kind) = state;
                return Ok(());
            }
            state = FileState::Foreign;
            (lives, waits) = (waits, out);
        }
        *self.states.of_mut(kind) = FileState::Foreign;
        Ok(())
    }

    /// Undoes an install.
    fn take_out(&mut self, kind: FileKind) -> Result<(), Trouble> {
        let (run, name) = (self.run, self.name(kind));
        let disk = &run.store.disk;
        let staged = self.staged(kind)?;
        let stage = (&run.stage, staged.name.as_str());
        let live = self.live_to_change(kind)?;
        match disk.rename_new((live, &name), stage) {
            Ok(()) => {}
            Err(error) if error.is_absent() => {
                *self.states.of_mut(kind) = FileState::Foreign;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        if run.fingerprint_at(&run.stage, &staged.name)? != Some(staged.version.fingerprint) {
            // Theirs. If they made yet another one, ours stays in the stage.
            let live = self.live_to_change(kind)?;
            disk.rename_new(stage, (live, &name)).ok();
            *self.states.of_mut(kind) = FileState::Foreign;
            return Ok(());
        }
        *self.states.of_mut(kind) = match self.ready.before.of(kind) {
            Some(_) => FileState::Gone,
            None => FileState::Old,
        };
        Ok(())
    }

    /// Undoes a move to the backup.
    pub(super) fn put_back(&mut self, kind: FileKind) -> Result<(), Trouble> {
        let (disk, name) = (&self.run.store.disk, self.name(kind));
        let (live, backup) = self.live_and_backup(kind)?;
        let state = match disk.rename_new((backup, &name), (live, &name)) {
            Ok(()) => FileState::Old,
            // They made a new one: that is their word, and the old one stays
            // in the backup.
            Err(error) if error.source == Errno::EXIST => FileState::Foreign,
            Err(error) => return Err(error.into()),
        };
        *self.states.of_mut(kind) = state;
        Ok(())
    }

    /// Clears the stage of an edit that was undone. A file that never was
    /// live is ours and goes; one that was is kept, since somebody may have
    /// written into it. Of a file that is not as before everything stays.
    pub(super) fn clear_stage(&mut self) {
        let run = self.run;
        for kind in KINDS {
            let Some(staged) = self.ready.staged.of(kind) else {
                continue;
            };
            match (self.exposed.of(kind), self.states.of(kind)) {
                (Exposed::Never, _) => {
                    run.store.disk.remove_file(&run.stage, &staged.name).ok();
                }
                (Exposed::Once, FileState::Old) => {
                    let name = format!("{}.undone", self.name(kind));
                    self.move_to_backup(kind, &name).ok();
                }
                (Exposed::Once, _) => {}
            }
        }
    }
}

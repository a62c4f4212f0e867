//! A run: its folder `.cplinks/runs/NNNNNN`, made after everything that can
//! be known beforehand was checked. It holds new files before they are live
//! (`stage`) and what was live before (`old`). No number is used twice.

use super::disk::{Dir, Disk, PathError, Reach};
use super::edit::Edit;
use super::error::StoreError;
use super::folder::{FolderError, OpenFolder, private_dir};
use super::layout::{OLD, RUNS, STAGE, WORK};
use super::owners::Sticky;
use super::read::{SeenDir, open_dir};
use super::{Lock, Store, root};
use crate::model::{GroupId, UserName};
use crate::plan::{FolderMend, Tree};
use rustix::io::Errno;
use std::collections::BTreeSet;

/// Most edits in a batch; each may hold two folders open.
const MAX_EDITS: usize = 256;
/// Most bytes a batch stages, but for its last edit.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Edits that are staged together before the first of them is live.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(super) edits: Vec<Edit>,
    bytes: usize,
}

impl Batch {
    /// Adds an edit at the end.
    pub(crate) fn push(&mut self, edit: Edit) {
        self.bytes += edit.bytes();
        self.edits.push(edit);
    }

    /// Whether it should be carried out before more is added.
    pub(crate) fn is_full(&self) -> bool {
        self.edits.len() >= MAX_EDITS || self.bytes >= MAX_BYTES
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }
}

/// A run in progress.
#[derive(Debug)]
pub(crate) struct Run<'s, D: Disk> {
    pub(super) store: &'s Store<D>,
    pub(super) dir: Dir,
    pub(super) stage: Dir,
    /// How many edits were staged, which numbers their files.
    pub(super) staged: usize,
    /// Groups that went wrong: their links are not begun.
    pub(super) failed_groups: BTreeSet<(UserName, GroupId)>,
    runs: Dir,
    name: String,
}

impl<D: Disk> Store<D> {
    /// Checks that a run can work here and makes its folder. The lock is
    /// asked for so that nobody forgets it.
    ///
    /// # Errors
    /// What stops the run before its first change.
    pub(crate) fn begin(&self, _lock: &Lock) -> Result<Run<'_, D>, StoreError> {
        let work = self.work_folder()?;
        self.check_device(&work)?;
        for tree in [Tree::Links, Tree::Menu] {
            if let Some(dir) = self.tree(tree)? {
                self.check_device(dir)?;
            }
        }
        let runs = private_dir(&self.disk, &work, RUNS)?;
        self.disk.sync(&work.0)?;
        let name = self.claim_number(&runs)?;
        let run = self.open_run(runs, name)?;
        match run.check_renames() {
            Ok(()) => Ok(run),
            Err(error) => {
                run.finish();
                Err(error)
            }
        }
    }

    fn work_folder(&self) -> Result<Dir, StoreError> {
        let path = || self.root.path().join(WORK);
        match open_dir(&self.disk, &self.root, WORK.as_ref(), Reach::Full)? {
            SeenDir::Dir(work, stat) => {
                root::check_owner(&work, &stat, self.owners.check, Sticky::Unsafe)?;
                Ok(work)
            }
            SeenDir::Obstacle(obstacle) => Err(StoreError::NotADirectory {
                path: path(),
                obstacle,
            }),
            // Taking the lock made it.
            SeenDir::Absent => Err(StoreError::Io(PathError {
                path: path(),
                verb: "open",
                source: Errno::NOENT,
            })),
        }
    }

    fn check_device(&self, dir: &Dir) -> Result<(), StoreError> {
        if self.disk.stat_open(&dir.0)?.device == self.root_stat.device {
            return Ok(());
        }
        Err(StoreError::OtherDevice {
            path: dir.path().to_owned(),
            root: self.root.path().to_owned(),
        })
    }

    /// Makes the folder with the next number; only making it claims it.
    fn claim_number(&self, runs: &Dir) -> Result<String, StoreError> {
        let names = self.disk.list(runs)?;
        let numbers = names.iter().filter_map(|n| n.to_str()?.parse::<u64>().ok());
        let mut number = numbers.max().unwrap_or(0);
        loop {
            number = number.saturating_add(1);
            let name = format!("{number:06}");
            match self.disk.make_dir(runs, &name) {
                Ok(()) => return Ok(name),
                Err(error) if error.source == Errno::EXIST && number < u64::MAX => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn open_run(&self, runs: Dir, name: String) -> Result<Run<'_, D>, StoreError> {
        let dir = self.disk.open_dir(&runs, name.as_ref(), Reach::Full)?;
        self.disk.chmod(&dir.0, 0o700)?;
        self.disk.sync(&runs.0)?;
        let stage = private_dir(&self.disk, &dir, STAGE)?;
        self.disk.sync(&dir.0)?;
        Ok(Run {
            store: self,
            dir,
            stage,
            staged: 0,
            failed_groups: BTreeSet::new(),
            runs,
            name,
        })
    }
}

impl<D: Disk> Run<'_, D> {
    /// Tries on two private files what every change depends on.
    fn check_renames(&self) -> Result<(), StoreError> {
        let disk = &self.store.disk;
        let (one, two, three) = ("probe-1", "probe-2", "probe-3");
        disk.create_file(&self.stage, one)?;
        let outcome = disk
            .create_file(&self.stage, two)
            .and_then(|_| disk.exchange((&self.stage, one), (&self.stage, two)))
            .and_then(|()| disk.rename_new((&self.stage, two), (&self.stage, three)));
        for name in [one, two, three] {
            // Whichever of them are there; nobody else knows the names.
            disk.remove_file(&self.stage, name).ok();
        }
        match outcome {
            Ok(()) => Ok(()),
            Err(error)
                if matches!(error.source, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) =>
            {
                Err(StoreError::NoExchange(self.store.root.path().to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a user folder's mode and owner right.
    ///
    /// # Errors
    /// It is not what the plan was made from, or a call failed.
    pub(crate) fn mend(&self, mend: &FolderMend) -> Result<(), FolderError> {
        self.store.mend_folder(mend)
    }

    /// The user's folder in the backup.
    pub(super) fn backup_of(&self, user: &UserName) -> Result<OpenFolder, PathError> {
        let disk = &self.store.disk;
        let old = private_dir(disk, &self.dir, OLD)?;
        let folder = private_dir(disk, &old, user.as_str())?;
        disk.sync(&old.0)?;
        disk.sync(&self.dir.0)?;
        Ok(OpenFolder::new(folder))
    }

    /// Ends the run and says its name, if it has anything to keep. A folder
    /// that holds something cannot be removed, so failing to is the answer.
    pub(crate) fn finish(self) -> Option<String> {
        let disk = &self.store.disk;
        disk.remove_dir(&self.dir, STAGE).ok();
        disk.remove_dir(&self.dir, OLD).ok();
        match disk.remove_dir(&self.runs, &self.name) {
            Ok(()) => None,
            Err(_) => Some(self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty::{Fault, Faulty};
    use crate::store::testing::Fixture;
    use std::time::Duration;

    /// Fails the call that the text begins with and says how the run refuses.
    fn refusal(call: &str, errno: Errno) -> (String, Fixture) {
        let fixture = Fixture::new();
        let disk: Faulty = Faulty::default();
        let store = fixture.store_on(disk.clone());
        let lock = store.lock_exclusive(Duration::ZERO).unwrap();
        disk.take_calls();
        for calls in 0.. {
            disk.arm(calls, Fault::Once(errno));
            let outcome = store.begin(&lock);
            assert!(disk.disarm(), "no call {call}");
            let trace = disk.take_calls();
            if trace[calls].starts_with(call) {
                let error = outcome.err().map(|e| e.to_string()).unwrap_or_default();
                let root = fixture.path("").display().to_string();
                return (error.replace(&root, ""), fixture);
            }
            if let Ok(run) = outcome {
                run.finish();
            }
        }
        (String::new(), fixture)
    }

    #[test]
    fn a_file_system_that_cannot_exchange_is_refused_and_nothing_stays() {
        let (error, fixture) = refusal("exchange", Errno::INVAL);
        assert!(
            error.ends_with("cannot exchange two files in one step"),
            "{error}"
        );
        let tree = fixture.tree();
        assert!(!tree.contains("probe"), "{tree}");
    }

    #[test]
    fn a_read_only_file_system_is_named_as_such() {
        let (error, _) = refusal("create", Errno::ROFS);
        assert!(
            error.ends_with("is on a file system mounted read-only"),
            "{error}"
        );
    }

    #[test]
    fn numbers_go_up_from_the_highest_there_is() {
        let fixture = Fixture::new();
        for name in ["000002", "000010", "000007", "notes"] {
            fixture.make_dir(&format!(".cplinks/runs/{name}"));
        }
        let store = fixture.store();
        let lock = store.lock_exclusive(Duration::ZERO).unwrap();
        let run = store.begin(&lock).unwrap();
        assert_eq!(run.name, "000011");
    }
}

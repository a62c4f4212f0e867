//! A run: its folder `.cplinks/runs/NNNNNN`, made after everything that can
//! be known beforehand was checked. It holds the journal and its key, new
//! files before they are live (`stage`) and what was live before (`old`). No
//! number is used twice.

use super::disk::{Dir, Disk, PathError, Reach};
use super::edit::Edit;
use super::error::StoreError;
use super::folder::{FolderError, private_dir};
use super::journal::{self, Journal};
use super::key::{Fingerprint, RunKey};
use super::layout::{JOURNAL, KEY, OLD, RUNS, STAGE, WORK};
use super::owners::Sticky;
use super::read::{Seen, SeenDir, open_dir, read_file};
use super::record::{RunHeader, RunId};
use super::room::Need;
use super::{Lock, Store, root};
use crate::model::UserName;
use crate::plan::{Address, FolderMend, Tree};
use crate::process;
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

/// Most edits in a batch.
const MAX_EDITS: usize = 256;
/// Most folders that the user of one edit has open: two live ones and that of
/// the backup.
const FOLDERS_EACH: usize = 3;
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
        let most = MAX_EDITS.min(process::spare_files() / FOLDERS_EACH).max(1);
        self.edits.len() >= most || self.bytes >= MAX_BYTES
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
    pub(super) key: RunKey,
    pub(super) journal: Journal,
    /// How many edits were staged, which numbers their files.
    pub(super) staged: usize,
    /// What went wrong: edits that need it are not begun.
    pub(super) failed: BTreeSet<Address>,
    /// What was live before, by user; made when there is something to keep.
    pub(super) old: Option<Dir>,
    /// Why no further batch can be carried out, in one phrase.
    pub(super) stopped: Option<String>,
    id: RunId,
    /// When it began, which is what age is counted from.
    started: u64,
}

/// What a run leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finished {
    /// Its number.
    pub(crate) id: RunId,
    /// Whether its folder keeps anything that was live before.
    pub(crate) has_old: bool,
    /// Why it ended before the end of the plan, in one phrase.
    pub(crate) stopped: Option<String>,
    /// Why its journal has no end; then it counts as interrupted.
    pub(crate) unclosed: Option<String>,
}

impl<D: Disk> Store<D> {
    /// Checks that a run can work here and makes its folder. The lock is
    /// asked for so that nobody forgets it.
    ///
    /// # Errors
    /// What stops the run before its first change.
    pub(crate) fn begin(
        &self,
        _lock: &Lock,
        header: &RunHeader,
        need: Need,
    ) -> Result<Run<'_, D>, StoreError> {
        let work = self.work_folder()?;
        self.check_device(&work)?;
        for tree in [Tree::Links, Tree::Menu] {
            if let Some(dir) = self.tree(tree)? {
                self.check_device(&dir)?;
            }
        }
        let runs = private_dir(&self.disk, &work, RUNS)?;
        if let Some(id) = self.interrupted_in(&runs)? {
            return Err(StoreError::Interrupted(id));
        }
        need.check(&self.disk, &work.0, self.root.path())?;
        self.check_renames(&runs)?;
        self.disk.sync(&work.0)?;
        let id = self.claim_number(&runs)?;
        self.open_run(&runs, id, header)
    }

    pub(super) fn work_folder(&self) -> Result<Dir, StoreError> {
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

    /// Tries on two private files what every change depends on.
    fn check_renames(&self, runs: &Dir) -> Result<(), StoreError> {
        let disk = &self.disk;
        let (one, two, three) = ("probe-1", "probe-2", "probe-3");
        // Left by a crash in just this place; nobody else knows the names.
        let clear = || {
            for name in [one, two, three] {
                disk.remove_file(runs, name).ok();
            }
        };
        let attempt = || {
            disk.create_file(runs, one)?;
            disk.create_file(runs, two)?;
            disk.exchange((runs, one), (runs, two))?;
            disk.rename_new((runs, two), (runs, three))
        };
        clear();
        let outcome = attempt();
        clear();
        match outcome {
            Ok(()) => Ok(()),
            Err(error)
                if matches!(error.source, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) =>
            {
                Err(StoreError::NoExchange(self.root.path().to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the folder with the next number; only making it claims it.
    fn claim_number(&self, runs: &Dir) -> Result<RunId, StoreError> {
        let counted = self.counted.load(Ordering::Relaxed);
        let mut number = self.ids_in(runs)?.last().map_or(0, |id| id.0).max(counted);
        loop {
            number = number.saturating_add(1);
            let id = RunId(number);
            match self.disk.make_dir(runs, &id.to_string()) {
                Ok(()) => return Ok(id),
                Err(error) if error.source == Errno::EXIST && number < u64::MAX => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn open_run(
        &self,
        runs: &Dir,
        id: RunId,
        header: &RunHeader,
    ) -> Result<Run<'_, D>, StoreError> {
        let disk = &self.disk;
        let name = id.to_string();
        let open = || {
            let dir = disk.open_dir(runs, name.as_ref(), Reach::Full)?;
            disk.chmod(&dir.0, 0o700)?;
            disk.sync(&runs.0)?;
            let stage = private_dir(disk, &dir, STAGE)?;
            let key = journal::create_key(disk, &dir)?;
            // Before the journal, which is nothing without it.
            disk.sync(&dir.0)?;
            let journal = Journal::create(disk, &dir, id, header)?;
            disk.sync(&dir.0)?;
            Ok((dir, stage, key, journal))
        };
        let opened: Result<_, PathError> = open();
        match opened {
            Ok((dir, stage, key, journal)) => Ok(Run {
                store: self,
                dir,
                stage,
                key,
                journal,
                staged: 0,
                failed: BTreeSet::new(),
                old: None,
                stopped: None,
                id,
                started: header.started,
            }),
            Err(error) => {
                // Nothing was begun. What stays for all that is a folder
                // without a journal, which means just that.
                if let Ok(dir) = disk.open_dir(runs, name.as_ref(), Reach::Full) {
                    disk.remove_file(&dir, JOURNAL).ok();
                    disk.remove_file(&dir, KEY).ok();
                    disk.remove_dir(&dir, STAGE).ok();
                    disk.remove_dir(runs, &name).ok();
                }
                Err(error.into())
            }
        }
    }

    /// Opens the folder of an interrupted run to put it in order.
    ///
    /// # Errors
    /// A call failed, or the folder is not as we make it.
    pub(super) fn reopen_run(
        &self,
        dir: Dir,
        id: RunId,
        written: &journal::Written,
    ) -> Result<Run<'_, D>, StoreError> {
        let disk = &self.disk;
        Ok(Run {
            store: self,
            stage: private_dir(disk, &dir, STAGE)?,
            key: journal::read_key(disk, &dir)?,
            journal: Journal::reopen(disk, &dir, written)?,
            staged: 0,
            failed: BTreeSet::new(),
            old: match open_dir(disk, &dir, OLD.as_ref(), Reach::Full)? {
                SeenDir::Dir(old, _) => Some(old),
                SeenDir::Absent | SeenDir::Obstacle(_) => None,
            },
            stopped: None,
            dir,
            id,
            started: written.header.started,
        })
    }
}

impl<D: Disk> Run<'_, D> {
    /// Notes that a change went wrong before it could be an edit.
    pub(crate) fn went_wrong(&mut self, address: Address) {
        self.failed.insert(address);
    }

    /// Puts a user folder's mode and owner right.
    ///
    /// # Errors
    /// It is not what the plan was made from, or a call failed.
    pub(crate) fn mend(&self, mend: &FolderMend) -> Result<(), FolderError> {
        self.store.mend_folder(mend)
    }

    /// Makes the users' folders in the backup, and brings them to the disk:
    /// a file that is moved into one must not be lost with it.
    ///
    /// # Errors
    /// A call failed.
    pub(super) fn make_backups(&mut self, users: &BTreeSet<UserName>) -> Result<(), PathError> {
        if users.is_empty() {
            return Ok(());
        }
        let disk = &self.store.disk;
        let old = match self.old.take() {
            Some(old) => old,
            None => private_dir(disk, &self.dir, OLD)?,
        };
        let old = self.old.insert(old);
        for user in users {
            private_dir(disk, old, user.as_str())?;
        }
        disk.sync(&old.0)?;
        disk.sync(&self.dir.0)
    }

    /// A user's folder in the backup.
    ///
    /// # Errors
    /// A call failed, or it was never made.
    pub(super) fn backup_of(&self, user: &UserName) -> Result<Dir, PathError> {
        let absent = || PathError {
            path: self.dir.path().join(OLD),
            verb: "open",
            source: Errno::NOENT,
        };
        let old = self.old.as_ref().ok_or_else(absent)?;
        self.store
            .disk
            .open_dir(old, user.as_str().as_ref(), Reach::Full)
    }

    /// What a name of ours holds; `None` is no file that can be read.
    ///
    /// # Errors
    /// A call failed.
    pub(super) fn fingerprint_at(
        &self,
        dir: &Dir,
        name: &str,
    ) -> Result<Option<Fingerprint>, PathError> {
        match read_file(&self.store.disk, dir, name)? {
            Seen::File(contents) => Ok(Some(self.key.of_bytes(&contents.bytes))),
            Seen::Absent | Seen::Obstacle(_) => Ok(None),
        }
    }

    /// Moves whatever is still staged to the backup. A leftover may be the
    /// only copy of what was live, so none is ever deleted here.
    ///
    /// # Errors
    /// A call failed.
    pub(super) fn clear_leftovers(&mut self) -> Result<(), PathError> {
        let disk = &self.store.disk;
        let names = disk.list(&self.stage)?;
        if names.is_empty() {
            return Ok(());
        }
        let old = match self.old.take() {
            Some(old) => old,
            None => private_dir(disk, &self.dir, OLD)?,
        };
        let old = self.old.insert(old);
        for name in names.iter().filter_map(|entry| entry.name.to_str()) {
            // Staged names are used once in a run, and no user's name has a
            // colon.
            disk.rename_new((&self.stage, name), (old, &format!("left:{name}")))?;
        }
        disk.sync(&old.0)?;
        disk.sync(&self.dir.0)
    }

    /// Brings the end of the run to the disk.
    ///
    /// # Errors
    /// A call failed, now or at an earlier line of the journal.
    pub(super) fn close(&mut self) -> Result<(), PathError> {
        self.clear_leftovers()?;
        let disk = &self.store.disk;
        // Empty by now; what stays, stays in the run's folder.
        disk.remove_dir(&self.dir, STAGE).ok();
        self.store.clear_nurseries(&self.dir);
        self.journal.done(disk)
    }

    /// Whether no further batch can be carried out.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// Ends the run.
    pub(crate) fn finish(mut self) -> Finished {
        let closed = self.close();
        if closed.is_ok() {
            // What stays for all that is tried again after the next run.
            self.store.prune(self.started).ok();
        }
        Finished {
            id: self.id,
            has_old: self.old.is_some(),
            stopped: self.stopped,
            unclosed: closed.err().map(|error| error.text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty::{Fault, Faulty};
    use crate::store::testing::{Fixture, header};
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
            let outcome = store.begin(&lock, &header(), Need::default());
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
        let run = store.begin(&lock, &header(), Need::default()).unwrap();
        assert_eq!(run.finish().id.to_string(), "000011");
    }
}

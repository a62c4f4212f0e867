//! What the run folders say of earlier runs. Reads only, and reads nothing
//! but those folders: what they say outlives any other record.

use super::Store;
use super::disk::{Dir, Disk, Reach};
use super::error::StoreError;
use super::journal::{self, Ends};
use super::layout::{OLD, RUNS, WORK, file_name};
use super::read::{Seen, SeenDir, open_dir, read_file};
use super::record::{ChangeRecord, Recorded, RunId, RunRecord, RunState};
use crate::model::FileKind;
use crate::plan::Address;
use std::path::PathBuf;
use zeroize::Zeroizing;

impl<D: Disk> Store<D> {
    /// All runs that began, the oldest first.
    ///
    /// # Errors
    /// A call failed, or something else lies where their folders must be.
    pub fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        self.runs_after(None)
    }

    /// The runs after that one that began, the oldest first. Of earlier ones
    /// nothing is opened: a month of repairs is thousands of them.
    ///
    /// # Errors
    /// A call failed, or something else lies where their folders must be.
    pub fn runs_after(&self, after: Option<RunId>) -> Result<Vec<RunId>, StoreError> {
        let Some(runs) = self.runs_folder()? else {
            return Ok(Vec::new());
        };
        let mut ids = self.ids_in(&runs)?;
        ids.retain(|id| after.is_none_or(|after| *id > after));
        let mut begun = Vec::new();
        for id in ids {
            if self.ends_of(&runs, id)? != Ends::NotBegun {
                begun.push(id);
            }
        }
        Ok(begun)
    }

    /// All that is known of one run.
    ///
    /// # Errors
    /// There is no such run, its journal is damaged, or a call failed.
    pub fn run_record(&self, id: &RunId) -> Result<RunRecord, StoreError> {
        let dir = self.run_folder(*id)?;
        let missing = || StoreError::Damaged {
            path: dir.path().to_owned(),
            why: "has no journal".to_owned(),
        };
        let written = journal::read(&self.disk, &dir)?.ok_or_else(missing)?;
        let key = journal::read_key(&self.disk, &dir)?;
        let mut changes: Vec<ChangeRecord> = Vec::new();
        for batch in written.batches {
            let count = batch.edits.len();
            let outcomes = batch.outcomes;
            let outcomes = outcomes.unwrap_or_else(|| vec![Recorded::NotDone; count]);
            let edits = batch.edits.into_iter().zip(outcomes);
            changes.extend(edits.map(|(edit, outcome)| edit.recorded(outcome)));
        }
        Ok(RunRecord {
            id: *id,
            header: written.header,
            changes,
            state: if written.is_done {
                RunState::Finished
            } else {
                RunState::Interrupted
            },
            key,
        })
    }

    /// What a file held before a run changed it; `None` if there was none, or
    /// the run left it alone. Said of finished runs only: while one is
    /// interrupted the old bytes may lie elsewhere in its folder.
    ///
    /// # Errors
    /// There is no such run, or a call failed.
    pub fn old_bytes(
        &self,
        id: &RunId,
        address: &Address,
        kind: FileKind,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let dir = self.run_folder(*id)?;
        let disk = &self.disk;
        let SeenDir::Dir(old, _) = open_dir(disk, &dir, OLD.as_ref(), Reach::Full)? else {
            return Ok(None);
        };
        let user = address.user().as_str().as_ref();
        let SeenDir::Dir(folder, _) = open_dir(disk, &old, user, Reach::Full)? else {
            return Ok(None);
        };
        let name = file_name(address, kind);
        match read_file(disk, &folder, &name)? {
            Seen::Absent => Ok(None),
            Seen::File(contents) => Ok(Some(contents.bytes)),
            Seen::Obstacle(obstacle) => Err(StoreError::Damaged {
                path: folder.path().join(name),
                why: obstacle.to_string(),
            }),
        }
    }

    /// Where those bytes are kept.
    pub fn old_path(&self, id: &RunId, address: &Address, kind: FileKind) -> PathBuf {
        let run = self.root.path().join(WORK).join(RUNS).join(id.to_string());
        let user = run.join(OLD).join(address.user().as_str());
        user.join(file_name(address, kind))
    }

    /// The run that was killed and is not yet in order, if there is one.
    /// Writes nothing. While another process applies, that run is one too:
    /// ask under the lock.
    ///
    /// # Errors
    /// A call failed, or something else lies where the run folders must be.
    pub fn interrupted(&self) -> Result<Option<RunId>, StoreError> {
        match self.runs_folder()? {
            Some(runs) => self.interrupted_in(&runs),
            None => Ok(None),
        }
    }

    /// Only the newest run can be: none begins while one is.
    pub(super) fn interrupted_in(&self, runs: &Dir) -> Result<Option<RunId>, StoreError> {
        for id in self.ids_in(runs)?.into_iter().rev() {
            match self.ends_of(runs, id)? {
                Ends::NotBegun => {}
                Ends::Open => return Ok(Some(id)),
                Ends::Closed(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The numbers of all run folders, the lowest first.
    pub(super) fn ids_in(&self, runs: &Dir) -> Result<Vec<RunId>, StoreError> {
        let names = self.disk.list(runs)?;
        let mut ids: Vec<_> = names
            .iter()
            .filter_map(|entry| RunId::parse(entry.name.to_str()?))
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    pub(super) fn ends_of(&self, runs: &Dir, id: RunId) -> Result<Ends, StoreError> {
        match open_dir(&self.disk, runs, id.to_string().as_ref(), Reach::Full)? {
            SeenDir::Dir(dir, _) => journal::read_ends(&self.disk, &dir),
            SeenDir::Absent | SeenDir::Obstacle(_) => Ok(Ends::NotBegun),
        }
    }

    /// The folder of all runs, if there is one.
    pub(super) fn runs_folder(&self) -> Result<Option<Dir>, StoreError> {
        let work = match open_dir(&self.disk, &self.root, WORK.as_ref(), Reach::Full)? {
            SeenDir::Absent => return Ok(None),
            SeenDir::Dir(work, _) => work,
            SeenDir::Obstacle(obstacle) => {
                return Err(StoreError::NotADirectory {
                    path: self.root.path().join(WORK),
                    obstacle,
                });
            }
        };
        match open_dir(&self.disk, &work, RUNS.as_ref(), Reach::Full)? {
            SeenDir::Absent => Ok(None),
            SeenDir::Dir(runs, _) => Ok(Some(runs)),
            SeenDir::Obstacle(obstacle) => Err(StoreError::NotADirectory {
                path: work.path().join(RUNS),
                obstacle,
            }),
        }
    }

    fn run_folder(&self, id: RunId) -> Result<Dir, StoreError> {
        let path = || -> PathBuf {
            let runs = self.root.path().join(WORK).join(RUNS);
            runs.join(id.to_string())
        };
        let missing = || StoreError::Damaged {
            path: path(),
            why: "does not exist".to_owned(),
        };
        let runs = self.runs_folder()?.ok_or_else(missing)?;
        match open_dir(&self.disk, &runs, id.to_string().as_ref(), Reach::Full)? {
            SeenDir::Dir(dir, _) => Ok(dir),
            SeenDir::Absent => Err(missing()),
            SeenDir::Obstacle(obstacle) => Err(StoreError::NotADirectory {
                path: path(),
                obstacle,
            }),
        }
    }
}

//! Staging: the new files of a batch, whole, with their final owner and mode
//! and on the disk, before anything live changes. So a full disk is met here.

use super::disk::{Disk, File, PathError};
use super::edit::{After, Edit, KINDS, Trio};
use super::key::Version;
use super::read::ownership;
use super::run::Run;
use crate::model::FileKind;
use crate::plan::FileOwner;

/// A staged file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staged {
    /// Its name in the run's stage; no other edit's.
    pub(super) name: String,
    /// What tells it from what others write.
    pub(super) version: Version,
}

/// The staged files of an edit, and the same open.
pub(super) type StagedEdit = (Trio<Option<Staged>>, Vec<File>);

/// Tells whether the run is to end early. Read between the files that are
/// staged, and before each link that is begun: a signal waits for what is
/// synced together, and for the links of one batch that are begun.
pub(crate) type Interrupt<'a> = &'a dyn Fn() -> bool;

impl<D: Disk> Run<'_, D> {
    /// Stages the files of one edit; if one fails, none stays. The files are
    /// still open, and not on the disk yet.
    ///
    /// # Errors
    /// The call that failed.
    pub(super) fn stage(&mut self, edit: &Edit) -> Result<StagedEdit, PathError> {
        self.staged += 1;
        let mut staged = Trio::default();
        let mut open = Vec::new();
        for kind in KINDS {
            let After::Write(bytes) = &edit.files.of(kind).after else {
                continue;
            };
            // The number keeps it from beginning like a menu entry's name.
            let name = format!("{:06}-{}", self.staged, edit.file_name(kind));
            match self.stage_file(&name, kind, bytes) {
                Ok((version, file)) => {
                    *staged.of_mut(kind) = Some(Staged { name, version });
                    open.push(file);
                }
                Err(error) => {
                    self.discard(&staged);
                    return Err(error);
                }
            }
        }
        Ok((staged, open))
    }

    fn stage_file(
        &self,
        name: &str,
        kind: FileKind,
        bytes: &[u8],
    ) -> Result<(Version, File), PathError> {
        let disk = &self.store.disk;
        let file = disk.create_file(&self.stage, name)?;
        let write_all = || {
            match self.store.owners.set {
                FileOwner::Keep => {}
                FileOwner::Root => disk.chown(&file.0, 0, 0)?,
            }
            disk.write(&file, bytes)?;
            // Last, so that it is 0600 while it is not whole; and exact,
            // whatever the umask.
            disk.chmod(&file.0, kind.mode())?;
            // The first sync then finds all of them on their way, and the
            // others little to wait for: half the time of a large apply.
            disk.begin_sync(&file);
            Ok(Version {
                fingerprint: self.key.of_bytes(bytes),
                ownership: ownership(&disk.stat_open(&file.0)?),
            })
        };
        match write_all() {
            Ok(version) => Ok((version, file)),
            Err(error) => {
                disk.remove_file(&self.stage, name).ok();
                Err(error)
            }
        }
    }

    /// Brings the staged files of these edits to the disk, all at once, and
    /// says of each edit whether all of its files are there. They were open all
    /// the time, so that no write-back error can be forgotten between.
    pub(super) fn sync_staged(&self, open: &[(usize, Vec<File>)]) -> Vec<Result<(), PathError>> {
        let files = open.iter().flat_map(|(_, files)| files);
        let handles: Vec<_> = files.map(|file| &file.0).collect();
        let mut outcomes = self.store.disk.sync_each(&handles).into_iter();
        open.iter()
            .map(|(_, files)| {
                // All of its own are taken, whichever failed first.
                let own: Vec<_> = outcomes.by_ref().take(files.len()).collect();
                own.into_iter().collect()
            })
            .collect()
    }

    /// Removes staged files that never were live.
    pub(super) fn discard(&self, staged: &Trio<Option<Staged>>) {
        for kind in KINDS {
            if let Some(staged) = staged.of(kind) {
                // If one stays, it does so in the run's folder.
                self.store.disk.remove_file(&self.stage, &staged.name).ok();
            }
        }
    }
}

//! Staging: the new files of a batch, whole, with their final owner and mode
//! and on the disk, before anything live changes. So a full disk is met here.

use super::disk::{Disk, PathError};
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

/// Tells whether the run is to end early. Read between links and between
/// staged files, so that a signal never waits for more than one link.
pub(crate) type Interrupt<'a> = &'a dyn Fn() -> bool;

impl<D: Disk> Run<'_, D> {
    /// Stages the files of one edit; if one fails, none stays.
    ///
    /// # Errors
    /// The call that failed.
    pub(super) fn stage(&mut self, edit: &Edit) -> Result<Trio<Option<Staged>>, PathError> {
        self.staged += 1;
        let mut staged = Trio::default();
        for kind in KINDS {
            let After::Write(bytes) = &edit.files.of(kind).after else {
                continue;
            };
            // The number keeps it from beginning like a menu entry's name.
            let name = format!("{:06}-{}", self.staged, edit.file_name(kind));
            match self.stage_file(&name, kind, bytes) {
                Ok(version) => *staged.of_mut(kind) = Some(Staged { name, version }),
                Err(error) => {
                    self.discard(&staged);
                    return Err(error);
                }
            }
        }
        Ok(staged)
    }

    fn stage_file(&self, name: &str, kind: FileKind, bytes: &[u8]) -> Result<Version, PathError> {
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
            Ok(Version {
                fingerprint: self.key.of_bytes(bytes),
                ownership: ownership(&disk.stat_open(&file.0)?),
            })
        };
        write_all().inspect_err(|_| {
            disk.remove_file(&self.stage, name).ok();
        })
    }

    /// Brings the staged files of one edit to the disk; if one fails, none
    /// stays. They are opened anew, so that a batch need not hold hundreds of
    /// files open: the kernel tells a write-back error to whoever syncs next.
    ///
    /// # Errors
    /// The call that failed.
    pub(super) fn sync_staged(&self, staged: &Trio<Option<Staged>>) -> Result<(), PathError> {
        let disk = &self.store.disk;
        let sync = || {
            for kind in KINDS {
                if let Some(staged) = staged.of(kind) {
                    let file = disk.open_file(&self.stage, &staged.name)?;
                    disk.sync(&file.0)?;
                }
            }
            Ok(())
        };
        sync().inspect_err(|_| self.discard(staged))
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

//! Staging: the new files of a batch, whole, with their final owner and mode
//! and on the disk, before anything live changes. So a full disk is met here.

use super::disk::{Disk, File, NewFile, PathError, Stat};
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

/// A file to be staged with many others.
struct ToStage<'e> {
    /// The place of its edit among them.
    index: usize,
    kind: FileKind,
    name: String,
    bytes: &'e [u8],
}

/// Tells whether the run is to end early. Read before and after what is staged
/// together, and before each link that is begun: a signal waits for the files
/// of one batch, and for the links of it that are begun.
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
            let name = self.name_of(edit, kind);
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
        let new = self.new_file(name, kind, bytes);
        let (file, stat) = disk.make_file(&self.stage, &new)?;
        // The first sync then finds all of them on their way, and the others
        // little to wait for.
        disk.begin_sync(&file);
        Ok((self.version(bytes, &stat), file))
    }

    fn new_file<'f>(&self, name: &'f str, kind: FileKind, bytes: &'f [u8]) -> NewFile<'f> {
        NewFile {
            name,
            bytes,
            mode: kind.mode(),
            owner: match self.store.owners.set {
                FileOwner::Keep => None,
                FileOwner::Root => Some((0, 0)),
            },
        }
    }

    fn version(&self, bytes: &[u8], stat: &Stat) -> Version {
        Version {
            fingerprint: self.key.of_bytes(bytes),
            ownership: ownership(stat),
        }
    }

    /// Stages the files of many edits at once and brings them to the disk; of
    /// an edit of which one fails, none stays. Each file is made and synced by
    /// one thread: to make them takes longer than to sync them, and while one
    /// waits for the disk, others are made.
    pub(super) fn stage_many(
        &mut self,
        edits: &[Edit],
    ) -> Vec<Result<Trio<Option<Staged>>, PathError>> {
        let mut files = Vec::new();
        for (index, edit) in edits.iter().enumerate() {
            self.staged += 1;
            for kind in KINDS {
                if let After::Write(bytes) = &edit.files.of(kind).after {
                    let name = self.name_of(edit, kind);
                    files.push(ToStage {
                        index,
                        kind,
                        name,
                        bytes,
                    });
                }
            }
        }
        let (run, disk) = (&*self, &self.store.disk);
        let made = disk.each_waiting(&files, |file| {
            let new = run.new_file(&file.name, file.kind, file.bytes);
            let stat = disk.make_durable(&run.stage, &new)?;
            Ok(run.version(file.bytes, &stat))
        });
        let mut outcomes: Vec<_> = edits.iter().map(|_| Ok(Trio::default())).collect();
        for (
            ToStage {
                index, kind, name, ..
            },
            made,
        ) in files.into_iter().zip(made)
        {
            let Some(outcome) = outcomes.get_mut(index) else {
                continue;
            };
            match (made, &mut *outcome) {
                (Ok(version), Ok(staged)) => {
                    *staged.of_mut(kind) = Some(Staged { name, version });
                }
                (Ok(_), Err(_)) => {
                    self.store.disk.remove_file(&self.stage, &name).ok();
                }
                (Err(error), Ok(staged)) => {
                    self.discard(staged);
                    *outcome = Err(error);
                }
                (Err(_), Err(_)) => {}
            }
        }
        outcomes
    }

    /// The name of a staged file of the edit in hand. The number keeps it from
    /// beginning like a menu entry's name.
    fn name_of(&self, edit: &Edit, kind: FileKind) -> String {
        format!("{:06}-{}", self.staged, edit.file_name(kind))
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

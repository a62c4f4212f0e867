//! Whether a whole plan fits on the disk: added up before anything is made,
//! so that a file system that is too small is met before the first change.
//! A sum that fits promises nothing, since others write too.

use super::disk::{Disk, Handle};
use super::edit::{After, Edit, KINDS};
use super::error::StoreError;
use super::record::Verb;
use std::path::Path;

/// What an edit takes up in the journal, roughly and at most.
const JOURNAL_BYTES: u64 = 1536;
/// Blocks beside what is counted: the run's own folder and files, and folders
/// that grow.
const MARGIN_BLOCKS: u64 = 64;
/// Files beside what is counted.
const MARGIN_FILES: u64 = 16;
/// Folders that a link of a new user needs: two live ones.
const NEW_FOLDERS: u64 = 2;
/// The block that is assumed while adding up.
const BLOCK: u64 = 4096;

/// What carrying out a plan takes, at most. Nothing is subtracted for what is
/// replaced, since the old bytes are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Need {
    bytes: u64,
    files: u64,
}

impl Need {
    /// Adds an edit.
    pub(crate) fn add(&mut self, edit: &Edit) {
        let sizes = KINDS
            .iter()
            .filter_map(|&kind| match &edit.files.of(kind).after {
                After::Write(bytes) => Some(bytes.len() as u64),
                After::Keep | After::Remove => None,
            });
        for size in sizes {
            self.files += 1;
            self.bytes += size.div_ceil(BLOCK) * BLOCK;
        }
        self.bytes += JOURNAL_BYTES;
        if edit.note.verb == Verb::Create {
            self.files += NEW_FOLDERS;
            self.bytes += NEW_FOLDERS * BLOCK;
        } else {
            // The user's folder in the backup.
            self.files += 1;
            self.bytes += BLOCK;
        }
    }

    /// Adds what others take.
    pub(crate) fn add_all(&mut self, others: Self) {
        self.bytes += others.bytes;
        self.files += others.files;
    }

    /// Checks that it fits.
    ///
    /// # Errors
    /// It does not, or the file system could not be asked.
    pub(super) fn check<D: Disk>(
        self,
        disk: &D,
        handle: &Handle,
        root: &Path,
    ) -> Result<(), StoreError> {
        let room = disk.room(handle)?;
        let too_small = |what, need, have| {
            let root = root.to_owned();
            Err(StoreError::NoRoom {
                root,
                what,
                need,
                have,
            })
        };
        let bytes = self.bytes + MARGIN_BLOCKS * room.block;
        if bytes > room.bytes {
            return too_small("bytes", bytes, room.bytes);
        }
        let files = self.files + MARGIN_FILES;
        match room.files {
            Some(have) if files > have => too_small("files", files, have),
            Some(_) | None => Ok(()),
        }
    }
}

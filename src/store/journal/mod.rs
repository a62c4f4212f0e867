//! The journal of a run: JSON lines, each appended whole. What a batch is
//! about to do is on the disk before the first of it is live, so that after a
//! crash the disk alone says what was meant. Decides nothing about recovery.

mod wire;

use super::disk::{Dir, Disk, File, PathError};
use super::error::StoreError;
use super::key::{KEY_BYTES, RunKey};
use super::layout::{JOURNAL, KEY};
use super::read::{Obstructed, open_regular};
use super::record::{Recorded, RunHeader, RunId, WrittenEdit};
use rustix::io::Errno;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// How much of a journal is read to find its first line.
const HEADER_BYTES: usize = 64 * 1024;
/// How much of a journal's end is read to see whether the run is done.
const TAIL_BYTES: u64 = 4096;
/// Longest journal that is read whole.
const MAX_BYTES: usize = 1024 * 1024 * 1024;

/// A journal that is written.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Why nothing more can be written: after a failed call nobody knows what
    /// the file holds.
    failed: Option<PathError>,
    /// Whether it ends in half a line of an earlier process.
    is_torn: bool,
}

impl Journal {
    /// Makes the journal of a new run, with its first line.
    ///
    /// # Errors
    /// A call failed.
    pub(super) fn create<D: Disk>(
        disk: &D,
        dir: &Dir,
        id: RunId,
        header: &RunHeader,
    ) -> Result<Self, PathError> {
        let mut journal = Self {
            file: disk.create_file(dir, JOURNAL)?,
            failed: None,
            is_torn: false,
        };
        disk.chmod(&journal.file.0, 0o600)?;
        journal.append(disk, &wire::header(id, header))?;
        journal.sync(disk)?;
        Ok(journal)
    }

    /// Opens the journal of an interrupted run to write its end.
    ///
    /// # Errors
    /// A call failed.
    pub(super) fn reopen<D: Disk>(
        disk: &D,
        dir: &Dir,
        written: &Written,
    ) -> Result<Self, PathError> {
        Ok(Self {
            file: disk.open_append(dir, JOURNAL)?,
            failed: None,
            is_torn: written.is_torn,
        })
    }

    /// Says what a batch is about to do, and brings it to the disk. Where
    /// there is no room for it the journal stays usable: the half line that
    /// may be there counts as none, and nothing is live because of it.
    ///
    /// # Errors
    /// A call failed, now or before.
    pub(super) fn begin<D: Disk>(
        &mut self,
        disk: &D,
        edits: &[WrittenEdit],
    ) -> Result<(), PathError> {
        let was_usable = self.failed.is_none();
        self.append(disk, &wire::begin(edits))
            .inspect_err(|error| {
                if was_usable && matches!(error.source, Errno::NOSPC | Errno::DQUOT) {
                    self.failed = None;
                    self.is_torn = true;
                }
            })?;
        self.sync(disk)
    }

    /// Whether nothing more can be written to it.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Says what came of the batch begun last. It comes to the disk with the
    /// next batch or the end: until then the live files say it too.
    ///
    /// # Errors
    /// A call failed, now or before.
    pub(super) fn end<D: Disk>(
        &mut self,
        disk: &D,
        outcomes: &[Recorded],
    ) -> Result<(), PathError> {
        self.append(disk, &wire::end(outcomes))
    }

    /// Says that the run is over, and brings all of it to the disk.
    ///
    /// # Errors
    /// A call failed, now or before.
    pub(super) fn done<D: Disk>(&mut self, disk: &D) -> Result<(), PathError> {
        self.append(disk, &wire::done())?;
        self.sync(disk)
    }

    fn append<D: Disk>(&mut self, disk: &D, line: &str) -> Result<(), PathError> {
        let start = if self.is_torn { "\n" } else { "" };
        let text = format!("{start}{line}\n");
        self.attempt(|file| disk.write(file, text.as_bytes()))?;
        self.is_torn = false;
        Ok(())
    }

    fn sync<D: Disk>(&mut self, disk: &D) -> Result<(), PathError> {
        self.attempt(|file| disk.sync(&file.0))
    }

    fn attempt(
        &mut self,
        call: impl FnOnce(&File) -> Result<(), PathError>,
    ) -> Result<(), PathError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => call(&self.file).inspect_err(|error| self.failed = Some(error.clone())),
        }
    }
}

/// Makes the key of a new run.
///
/// # Errors
/// A call failed.
pub(super) fn create_key<D: Disk>(disk: &D, dir: &Dir) -> Result<RunKey, PathError> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    disk.fill_random(&mut *bytes)?;
    let key = RunKey::new(bytes);
    let file = disk.create_file(dir, KEY)?;
    disk.chmod(&file.0, 0o600)?;
    disk.write(&file, key.bytes())?;
    disk.sync(&file.0)?;
    Ok(key)
}

/// Reads the key of a run.
///
/// # Errors
/// A call failed, or it is no key.
pub(super) fn read_key<D: Disk>(disk: &D, dir: &Dir) -> Result<RunKey, StoreError> {
    let damaged = |why: &str| StoreError::Damaged {
        path: dir.path().join(KEY),
        why: why.to_owned(),
    };
    let file = open_regular(disk, dir, KEY)
        .map_err(|error| unusable(error, &dir.path().join(KEY)))?
        .ok_or_else(|| damaged("is not there"))?;
    let bytes = disk.read(&file, KEY_BYTES + 1)?;
    RunKey::parse(&bytes).ok_or_else(|| damaged("is not a key of 32 bytes"))
}

fn unusable(error: Obstructed, path: &Path) -> StoreError {
    match error {
        Obstructed::Io(error) => error.into(),
        Obstructed::By(obstacle) => StoreError::Damaged {
            path: path.to_owned(),
            why: obstacle.to_string(),
        },
    }
}

/// A batch in the journal.
#[derive(Debug)]
pub(super) struct WrittenBatch {
    pub(super) edits: Vec<WrittenEdit>,
    /// What came of each; `None` if the run got no further.
    pub(super) outcomes: Option<Vec<Recorded>>,
}

/// A journal that was read.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) header: RunHeader,
    pub(super) batches: Vec<WrittenBatch>,
    pub(super) is_done: bool,
    is_torn: bool,
}

/// What the two ends of a journal say of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// It has no first line, so nothing was ever live because of it.
    NotBegun,
    /// It has no last line.
    Open,
    /// It is over; when it began, if that can be read.
    Closed(Option<u64>),
}

fn open<D: Disk>(disk: &D, dir: &Dir) -> Result<Option<File>, StoreError> {
    open_regular(disk, dir, JOURNAL).map_err(|error| unusable(error, &dir.path().join(JOURNAL)))
}

/// Reads the first and the last line only, since a journal may be long.
///
/// # Errors
/// A call failed, or something else lies there.
pub(super) fn read_ends<D: Disk>(disk: &D, dir: &Dir) -> Result<Ends, StoreError> {
    let Some(file) = open(disk, dir)? else {
        return Ok(Ends::NotBegun);
    };
    let start = disk.read(&file, HEADER_BYTES)?;
    let Some(first) = start.split_inclusive(|b| *b == b'\n').next() else {
        return Ok(Ends::NotBegun);
    };
    if first.last() != Some(&b'\n') && first.len() < HEADER_BYTES {
        return Ok(Ends::NotBegun);
    }
    let size = disk.stat_open(&file.0)?.size;
    let tail = disk.read_from(&file, size.saturating_sub(TAIL_BYTES))?;
    if !wire::ends_done(&tail) {
        return Ok(Ends::Open);
    }
    Ok(Ends::Closed(wire::started(first)))
}

/// Reads all of a journal; `None` if it has no first line.
///
/// # Errors
/// A call failed, or it does not begin as a journal of ours.
pub(super) fn read<D: Disk>(disk: &D, dir: &Dir) -> Result<Option<Written>, StoreError> {
    let Some(file) = open(disk, dir)? else {
        return Ok(None);
    };
    let bytes = disk.read(&file, MAX_BYTES)?;
    parse(&bytes).map_err(|why| StoreError::Damaged {
        path: path_of(dir),
        why,
    })
}

fn path_of(dir: &Dir) -> PathBuf {
    dir.path().join(JOURNAL)
}

/// A line counts only if it is whole: half a line was never on the disk when
/// something became live because of it.
fn parse(bytes: &[u8]) -> Result<Option<Written>, String> {
    let is_torn = bytes.last().is_some_and(|b| *b != b'\n');
    let mut lines = bytes
        .split_inclusive(|b| *b == b'\n')
        .filter_map(|line| line.strip_suffix(b"\n"));
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let mut written = Written {
        header: wire::parse_header(first)?,
        batches: Vec::new(),
        is_done: false,
        is_torn,
    };
    for line in lines {
        match wire::parse(line)? {
            Some(wire::Parsed::Begin(edits)) => written.batches.push(WrittenBatch {
                edits,
                outcomes: None,
            }),
            Some(wire::Parsed::End(outcomes)) => match written.batches.last_mut() {
                Some(batch) if batch.edits.len() == outcomes.len() => {
                    batch.outcomes = Some(outcomes);
                }
                Some(_) | None => return Err("has outcomes of no batch".to_owned()),
            },
            Some(wire::Parsed::Done) => written.is_done = true,
            // Torn by an earlier crash, and closed by the recovery after it.
            None => {}
        }
    }
    Ok(Some(written))
}

#[cfg(test)]
mod tests;

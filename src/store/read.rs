//! Reading what lies at one name, without trusting it: nothing is followed,
//! nothing that is no regular file is opened, nothing over the limit is read.

use super::buffer::Buffer;
use super::disk::{Dir, Disk, File, Opening, PathError, Reach, Stat};
use crate::model::{Obstacle, Ownership, Stamp};
use rustix::fs::FileType;
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::ops::Range;
use zeroize::Zeroizing;

/// Largest file that is read, in bytes.
pub(super) const MAX_FILE: usize = 2 * 1024 * 1024;

/// What lies at a name.
pub(super) enum Seen<File = Contents> {
    /// Nothing.
    Absent,
    /// A regular file, read whole.
    File(File),
    /// Something that is never read.
    Obstacle(Obstacle),
}

/// A file's bytes, and who may do what with it.
pub(super) struct Contents {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) ownership: Ownership,
}

/// Where a file's bytes are in a buffer, and who may do what with it.
pub(super) struct Extent {
    range: Range<usize>,
    pub(super) ownership: Ownership,
}

impl Extent {
    /// The file's bytes, out of the buffer that it was read into.
    pub(super) fn bytes<'b>(&self, buffer: &'b Buffer) -> &'b [u8] {
        buffer.get(self.range.clone())
    }
}

/// What identifies this very version of a file.
pub(super) fn stamp(bytes: &[u8], ownership: Ownership) -> Stamp {
    Stamp {
        sha256: sha256(bytes),
        ownership,
    }
}

/// The hash that tells versions of a file apart.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Mode and owner of what was looked at.
pub(super) fn ownership(stat: &Stat) -> Ownership {
    Ownership {
        mode: stat.mode,
        uid: stat.uid,
        gid: stat.gid,
    }
}

/// What stands in the way of reading it as a file; `None` for a regular file
/// that is not too large.
fn file_obstacle(stat: &Stat, limit: usize) -> Option<Obstacle> {
    match stat.kind {
        FileType::RegularFile if stat.size > limit as u64 => Some(Obstacle::TooLarge(stat.size)),
        FileType::RegularFile => None,
        kind => Some(obstacle(kind)),
    }
}

/// The word for what is there instead of what should be.
pub(super) fn obstacle(kind: FileType) -> Obstacle {
    match kind {
        FileType::Symlink => Obstacle::Symlink,
        FileType::Directory => Obstacle::Directory,
        FileType::RegularFile => Obstacle::Special("regular file"),
        FileType::Fifo => Obstacle::Special("FIFO"),
        FileType::Socket => Obstacle::Special("socket"),
        FileType::CharacterDevice => Obstacle::Special("character device"),
        FileType::BlockDevice => Obstacle::Special("block device"),
        FileType::Unknown => Obstacle::Special("special file"),
    }
}

/// Why a file of ours cannot be opened.
pub(super) enum Obstructed {
    /// A call failed.
    Io(PathError),
    /// Something else lies there.
    By(Obstacle),
}

impl From<PathError> for Obstructed {
    fn from(error: PathError) -> Self {
        Self::Io(error)
    }
}

/// Opens a file of ours, of any length; `None` if nothing is there.
///
/// # Errors
/// It is no regular file, or a call failed.
pub(super) fn open_regular<D: Disk>(
    disk: &D,
    dir: &Dir,
    name: &str,
) -> Result<Option<File>, Obstructed> {
    let file = match disk.open_file(dir, name) {
        Ok(file) => file,
        Err(error) if error.is_absent() => return Ok(None),
        Err(error) if error.source == Errno::LOOP => {
            return Err(Obstructed::By(Obstacle::Symlink));
        }
        // So a socket answers, and a device that nobody drives.
        Err(error) if error.source == Errno::NXIO => {
            let kind = disk.stat(dir, OsStr::new(name))?.kind;
            return Err(Obstructed::By(obstacle(kind)));
        }
        Err(error) => return Err(error.into()),
    };
    match disk.stat_open(&file.0)?.kind {
        FileType::RegularFile => Ok(Some(file)),
        kind => Err(Obstructed::By(obstacle(kind))),
    }
}

/// Reads a file of a link or group.
///
/// # Errors
/// Those of [`read_within`].
pub(super) fn read_file<D: Disk>(disk: &D, dir: &Dir, name: &str) -> Result<Seen, PathError> {
    read_within(disk, dir, name, MAX_FILE)
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// What the system says, other than that nothing is there.
pub(super) fn read_within<D: Disk>(
    disk: &D,
    dir: &Dir,
    name: &str,
    limit: usize,
) -> Result<Seen, PathError> {
    let mut buffer = Buffer::default();
    Ok(match read_looked_at(disk, dir, name, limit, &mut buffer)? {
        Seen::Absent => Seen::Absent,
        Seen::File(Extent { ownership, .. }) => Seen::File(Contents {
            bytes: buffer.into_bytes(),
            ownership,
        }),
        Seen::Obstacle(obstacle) => Seen::Obstacle(obstacle),
    })
}

/// It is looked at before it is opened, since opening alone can have effects
/// on a device, and again after, since it may have been replaced in between.
fn read_looked_at<D: Disk>(
    disk: &D,
    dir: &Dir,
    name: &str,
    limit: usize,
    into: &mut Buffer,
) -> Result<Seen<Extent>, PathError> {
    let stat = match disk.stat(dir, OsStr::new(name)) {
        Ok(stat) => stat,
        Err(error) if error.is_absent() => return Ok(Seen::Absent),
        Err(error) => return Err(error),
    };
    if let Some(obstacle) = file_obstacle(&stat, limit) {
        return Ok(Seen::Obstacle(obstacle));
    }
    read_opened(disk, dir, name, limit, into)
}

/// Reads a file of a link or group whose folder was just listed, which said
/// what kind of thing it is.
///
/// # Errors
/// Those of [`read_within`].
pub(super) fn read_listed<D: Disk>(
    disk: &D,
    dir: &Dir,
    (name, kind): (&str, FileType),
    into: &mut Buffer,
) -> Result<Seen<Extent>, PathError> {
    match kind {
        FileType::RegularFile => read_opened(disk, dir, name, MAX_FILE, into),
        FileType::Unknown => read_looked_at(disk, dir, name, MAX_FILE, into),
        kind => Ok(Seen::Obstacle(obstacle(kind))),
    }
}

fn read_opened<D: Disk>(
    disk: &D,
    dir: &Dir,
    name: &str,
    limit: usize,
    into: &mut Buffer,
) -> Result<Seen<Extent>, PathError> {
    let start = into.len();
    let is_read = |stat: &Stat| file_obstacle(stat, limit).is_none();
    let stat = match disk.read_named((dir, name), limit + 1, into, &is_read)? {
        Opening::Absent => return Ok(Seen::Absent),
        Opening::Link => return Ok(Seen::Obstacle(Obstacle::Symlink)),
        Opening::Opened(stat) => stat,
    };
    if let Some(obstacle) = file_obstacle(&stat, limit) {
        return Ok(Seen::Obstacle(obstacle));
    }
    let range = start..into.len();
    if range.len() > limit {
        return Ok(Seen::Obstacle(Obstacle::TooLarge(range.len() as u64)));
    }
    Ok(Seen::File(Extent {
        range,
        ownership: ownership(&stat),
    }))
}

/// What lies where a directory is looked for.
pub(super) enum SeenDir {
    /// Nothing.
    Absent,
    /// A directory, and what is known of it.
    Dir(Dir, Stat),
    /// Something else.
    Obstacle(Obstacle),
}

/// Opens a directory.
///
/// # Errors
/// What the system says, other than that it is not there or is none.
pub(super) fn open_dir<D: Disk>(
    disk: &D,
    parent: &Dir,
    name: &OsStr,
    reach: Reach,
) -> Result<SeenDir, PathError> {
    match disk.open_dir(parent, name, reach) {
        Ok(dir) => {
            let stat = disk.stat_open(&dir.0)?;
            Ok(SeenDir::Dir(dir, stat))
        }
        Err(error) if error.is_absent() => Ok(SeenDir::Absent),
        // Which of the two it is for a symbolic link depends on the kernel.
        Err(error) if matches!(error.source, Errno::NOTDIR | Errno::LOOP) => {
            match disk.stat(parent, name) {
                // Swapped for a directory just now: then it cannot be trusted.
                Ok(stat) if stat.kind == FileType::Directory => Err(error),
                Ok(stat) => Ok(SeenDir::Obstacle(obstacle(stat.kind))),
                Err(gone) if gone.is_absent() => Ok(SeenDir::Absent),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

//! The handful of primitive calls that reach the file system, as a trait so
//! that tests can make each of them fail. The real ones are in `real`. A call
//! knows no meaning: what a link is, what may be followed, what order is safe,
//! is decided by its callers.

mod real;
#[cfg(test)]
mod tests;

pub use real::RealDisk;

use super::buffer::Buffer;
use crate::spread::Spread;
use rustix::fs::FileType;
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// Fewer are synced in turn, in some 20 ms: no threads are made for a small
/// apply, and its calls come in the same order each time, by which tests find
/// the one that they strike at.
pub(super) const SYNCED_IN_TURN: usize = 64;

/// How many files are synced at once. A sync waits for the device and for no
/// processor, and those that wait at the same time share one commit of the
/// file system: one by one 3,100 files a second, 9,400 with 8 threads, 15,500
/// with 32 (ext4, two processors).
const SYNCING: usize = 32;

/// For fewer than so many, to make one more of these threads costs more than it
/// saves.
const EACH: usize = 8;

/// A call that failed: which, on what, and the system's number for why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot {verb} `{}`", .path.display())]
pub struct PathError {
    /// What it was about.
    pub path: PathBuf,
    /// What was tried, as a verb.
    pub verb: &'static str,
    /// Why not.
    pub source: Errno,
}

impl PathError {
    /// Whether nothing is there: the only error that means "absent".
    pub fn is_absent(&self) -> bool {
        self.source == Errno::NOENT
    }

    /// Whether it is about the whole disk or the whole process: no room, no
    /// quota, read-only, no memory, no descriptor. The next link would meet it
    /// too. A disk that cannot read or write one place (EIO) may well have
    /// others.
    pub fn concerns_all(&self) -> bool {
        matches!(
            self.source,
            Errno::NOSPC | Errno::DQUOT | Errno::ROFS | Errno::NOMEM | Errno::MFILE | Errno::NFILE
        )
    }

    /// The error and its cause on one line.
    pub fn text(&self) -> String {
        format!("{self}: {}", self.source)
    }
}

/// An open file or directory and the path it was opened by, for messages.
#[derive(Debug)]
pub struct Handle {
    fd: OwnedFd,
    path: PathBuf,
}

/// An open directory.
#[derive(Debug)]
pub struct Dir(pub(super) Handle);

/// An open file.
#[derive(Debug)]
pub struct File(pub(super) Handle);

impl Handle {
    /// The path it was opened by; never used to open anything again.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
impl Handle {
    /// One of a disk that is no real one.
    pub(super) fn simulated(fd: OwnedFd, path: PathBuf) -> Self {
        Self { fd, path }
    }

    /// What tells it from other open ones.
    pub(super) fn as_raw_fd(&self) -> std::os::fd::RawFd {
        std::os::fd::AsRawFd::as_raw_fd(&self.fd)
    }
}

impl Dir {
    /// The path it was opened by, for messages.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The same directory once it was moved there, for messages.
    pub(super) fn moved_to(self, parent: &Self, name: &str) -> Self {
        Self(Handle {
            path: parent.0.path.join(name),
            ..self.0
        })
    }
}

/// What is to be done with a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only to open what is in it, which needs no right to read it.
    Pass,
    /// To list and sync it too.
    Full,
}

/// What `stat` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What kind of thing it is.
    pub kind: FileType,
    /// Permission bits, `0o7777`.
    pub mode: u32,
    /// Owning user id.
    pub uid: u32,
    /// Owning group id.
    pub gid: u32,
    /// Length in bytes.
    pub size: u64,
    /// The device of its file system.
    pub device: u64,
    /// Its number in that file system.
    pub inode: u64,
    /// When it was changed last, its names or its mode: seconds and
    /// nanoseconds.
    pub changed: (i64, u64),
}

/// A file to be made.
#[derive(Clone, Copy)]
pub struct NewFile<'f> {
    /// Its name, where nothing is.
    pub name: &'f str,
    /// All that it is to hold.
    pub bytes: &'f [u8],
    /// Its exact permission bits.
    pub mode: u32,
    /// Its user and group; `None` leaves them as the system sets them.
    pub owner: Option<(u32, u32)>,
}

/// A name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// What kind of thing it was when it was listed; `Unknown` where the file
    /// system does not tell.
    pub kind: FileType,
}

/// What is left on a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that are free to everybody.
    pub bytes: u64,
    /// Files that can still be made; `None` where they are not counted.
    pub files: Option<u64>,
    /// Bytes in the unit in which files take up room.
    pub block: u64,
}

/// How a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// By one process alone.
    Exclusive,
    /// By any number of readers.
    Shared,
}

/// What lies at a name that was opened for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Nothing.
    Absent,
    /// A symbolic link, which is not followed.
    Link,
    /// Something that could be opened.
    Opened(Stat),
}

impl Opening {
    fn of_failed(error: PathError) -> Result<Self, PathError> {
        match error.source {
            Errno::NOENT => Ok(Self::Absent),
            Errno::LOOP => Ok(Self::Link),
            _ => Err(error),
        }
    }
}

/// The primitive calls. Names are single components, relative to an open
/// directory, and are never followed where they are links.
pub trait Disk: Sync {
    /// Threads for calls that may be made at the same time, where so many are
    /// of use. One, unless the disk has a reason for more: tests find the call
    /// that they strike at by its number.
    fn at_once(&self, _threads: usize) -> Spread {
        Spread::alone()
    }
    /// Opens `/`.
    fn open_top(&self) -> Result<Dir, PathError>;
    /// Opens a directory in another.
    fn open_dir(&self, parent: &Dir, name: &OsStr, reach: Reach) -> Result<Dir, PathError>;
    /// What is in a directory, without `.` and `..`, in no order. Never asked
    /// for by two threads at once of the same open directory.
    fn list(&self, dir: &Dir) -> Result<Vec<Entry>, PathError>;
    /// Lists a directory that was opened just now and not listed since, which
    /// may spare a call.
    fn list_new(&self, dir: &Dir) -> Result<Vec<Entry>, PathError> {
        self.list(dir)
    }
    /// What lies at a name.
    fn stat(&self, dir: &Dir, name: &OsStr) -> Result<Stat, PathError>;
    /// What is open.
    fn stat_open(&self, handle: &Handle) -> Result<Stat, PathError>;
    /// Opens a file for reading and waits for nobody.
    fn open_file(&self, dir: &Dir, name: &str) -> Result<File, PathError>;
    /// Reads from the start, at most `limit` bytes.
    fn read(&self, file: &File, limit: usize) -> Result<Zeroizing<Vec<u8>>, PathError> {
        let stated = self.stat_open(&file.0)?.size;
        let mut buffer = Buffer::default();
        self.read_into(file, stated, limit, &mut buffer)?;
        Ok(buffer.into_bytes())
    }
    /// Reads like [`Disk::read`] a file that is `stated` bytes long by what
    /// was asked of it before; by now it may be longer or shorter. What is read
    /// goes behind what is in the buffer; after an error nothing does.
    fn read_into(
        &self,
        file: &File,
        stated: u64,
        limit: usize,
        into: &mut Buffer,
    ) -> Result<(), PathError>;
    /// Opens a file for reading, looks at it, and reads it like
    /// [`Disk::read_into`] if what was seen of it `is_read`.
    fn read_named(
        &self,
        (dir, name): (&Dir, &str),
        limit: usize,
        into: &mut Buffer,
        is_read: &dyn Fn(&Stat) -> bool,
    ) -> Result<Opening, PathError> {
        let file = match self.open_file(dir, name) {
            Ok(file) => file,
            Err(error) => return Opening::of_failed(error),
        };
        let stat = self.stat_open(&file.0)?;
        if is_read(&stat) {
            self.read_into(&file, stat.size, limit, into)?;
        }
        Ok(Opening::Opened(stat))
    }
    /// Reads from there to the end.
    fn read_from(&self, file: &File, start: u64) -> Result<Vec<u8>, PathError>;
    /// Makes a directory that is nobody else's business (0700).
    fn make_dir(&self, parent: &Dir, name: &str) -> Result<(), PathError>;
    /// Makes a file that was not there (0600), for writing.
    fn create_file(&self, dir: &Dir, name: &str) -> Result<File, PathError>;
    /// Makes a file and writes all of it. If that fails, nothing stays. It is
    /// not on the disk yet.
    fn make_file(&self, dir: &Dir, new: &NewFile<'_>) -> Result<(File, Stat), PathError> {
        let file = self.create_file(dir, new.name)?;
        let write_all = || {
            if let Some((uid, gid)) = new.owner {
                self.chown(&file.0, uid, gid)?;
            }
            self.write(&file, new.bytes)?;
            // Last, so that it is 0600 while it is not whole; and exact,
            // whatever the umask.
            self.chmod(&file.0, new.mode)?;
            self.stat_open(&file.0)
        };
        match write_all() {
            Ok(stat) => Ok((file, stat)),
            Err(error) => {
                self.remove_file(dir, new.name).ok();
                Err(error)
            }
        }
    }
    /// Makes a file as [`Disk::make_file`] does and waits until it is on the
    /// disk. It is open from its first byte until then, so that no error of
    /// write-back can be forgotten between.
    fn make_durable(&self, dir: &Dir, new: &NewFile<'_>) -> Result<Stat, PathError> {
        let (file, stat) = self.make_file(dir, new)?;
        match self.sync(&file.0) {
            Ok(()) => Ok(stat),
            Err(error) => {
                self.remove_file(dir, new.name).ok();
                Err(error)
            }
        }
    }
    /// Opens a file to write at its end.
    fn open_append(&self, dir: &Dir, name: &str) -> Result<File, PathError>;
    /// Writes all of it.
    fn write(&self, file: &File, bytes: &[u8]) -> Result<(), PathError>;
    /// Sets owner and group of what is open.
    fn chown(&self, handle: &Handle, uid: u32, gid: u32) -> Result<(), PathError>;
    /// Sets the exact permission bits of what is open.
    fn chmod(&self, handle: &Handle, mode: u32) -> Result<(), PathError>;
    /// Begins to bring what was written to the disk, and waits for nothing. It
    /// promises nothing either; only the sync that follows does.
    fn begin_sync(&self, file: &File);
    /// Waits until what is open is on the disk.
    fn sync(&self, handle: &Handle) -> Result<(), PathError>;
    /// Does what waits for the disk with each of many, many at the same time,
    /// and gives in their order what came of it. Each is tried, whichever fails;
    /// in no order, so nothing may depend on which of them is done first.
    fn each_waiting<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let count = SYNCING.min(items.len() / EACH);
        let threads = if items.len() < SYNCED_IN_TURN {
            Spread::alone()
        } else {
            self.at_once(count)
        };
        // To give out each of them costs more than it brings, and in the end
        // all threads should have work.
        let share = items.len() / (4 * count.max(1));
        let in_turn = |part: &[T]| part.iter().map(&work).collect::<Vec<R>>();
        let mut outcomes = Vec::with_capacity(items.len());
        threads.each(items, share, in_turn, |part| outcomes.extend(part));
        outcomes
    }
    /// Waits until each of these is on the disk, once, and says whether it is.
    fn sync_each(&self, handles: &[&Handle]) -> Vec<Result<(), PathError>> {
        self.each_waiting(handles, |handle| self.sync(handle))
    }
    /// Moves a name where nothing may be.
    fn rename_new(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError>;
    /// Swaps two names.
    fn exchange(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError>;
    /// Removes a name that is not a directory.
    fn remove_file(&self, dir: &Dir, name: &str) -> Result<(), PathError>;
    /// Removes an empty directory.
    fn remove_dir(&self, dir: &Dir, name: &str) -> Result<(), PathError>;
    /// Takes a lock if it is free; `false` means somebody has it.
    fn try_lock(&self, file: &File, share: Share) -> Result<bool, PathError>;
    /// How much room is left on the file system of what is open.
    fn room(&self, handle: &Handle) -> Result<Room, PathError>;
    /// Fills a buffer with what nobody can guess.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), PathError>;
}

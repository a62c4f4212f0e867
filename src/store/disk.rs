//! The handful of primitive calls that reach the file system, as a trait so
//! that tests can make each of them fail, and the real ones. A call knows no
//! meaning: what a link is, what may be followed, what order is safe, is
//! decided by its callers.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place where the trees are opened, through directory descriptors"
)]

use super::buffer::Buffer;
use crate::spread::Spread;
use rustix::fs::{
    AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, RawDir, RenameFlags, SeekFrom, Uid,
};
use rustix::io::{Errno, retry_on_intr};
use rustix::rand::GetRandomFlags;
use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// What one read of a file of `/proc` gives at most.
const KERNEL_PAGE: usize = 4096;
/// How much of a directory is listed with one call, in bytes: some hundred
/// names.
const LISTING: usize = 16 * 1024;

/// How many files are synced at once. A sync waits for the device and for no
/// processor, and those that wait at the same time share one commit of the
/// file system: one by one 3,100 files a second, 9,400 with 8 threads, 15,500
/// with 32 (ext4, two processors).
const SYNCING: usize = 32;
/// Fewer are synced in turn, in some 20 ms: no threads are made for a small
/// apply, and its calls come in the same order each time, by which tests find
/// the one that they strike at.
pub(super) const SYNCED_IN_TURN: usize = 64;

/// How many of so many one thread takes at a time: to give out each of them
/// costs more than it brings, and in the end all threads should have work.
fn share(count: usize) -> usize {
    count / (4 * SYNCING)
}

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
pub trait Disk {
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
    /// Makes each of these files, waits until each is on the disk, and says in
    /// their order what came of it. They are tried each, whichever fails, and
    /// of one that fails nothing stays; in no order, as [`Disk::sync_each`].
    fn make_each(&self, dir: &Dir, files: &[NewFile<'_>]) -> Vec<Result<Stat, PathError>> {
        let files = files.iter();
        files.map(|new| make_durable(self, dir, new)).collect()
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
    /// Waits until each of these is on the disk, and says in their order
    /// whether it is. They are tried each, once, whichever fails; in no order,
    /// so nothing may depend on which of them is there first.
    fn sync_each(&self, handles: &[&Handle]) -> Vec<Result<(), PathError>> {
        handles.iter().map(|handle| self.sync(handle)).collect()
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

/// Open from its first byte until it is on the disk, so that no error of
/// write-back can be forgotten between.
fn make_durable<D: Disk + ?Sized>(
    disk: &D,
    dir: &Dir,
    new: &NewFile<'_>,
) -> Result<Stat, PathError> {
    let (file, stat) = disk.make_file(dir, new)?;
    match disk.sync(&file.0) {
        Ok(()) => Ok(stat),
        Err(error) => {
            disk.remove_file(dir, new.name).ok();
            Err(error)
        }
    }
}

/// The machine's own file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

/// Names the call and the path in an error.
fn at<T>(
    verb: &'static str,
    path: impl FnOnce() -> PathBuf,
    result: Result<T, Errno>,
) -> Result<T, PathError> {
    result.map_err(|source| PathError {
        path: path(),
        verb,
        source,
    })
}

/// How a file is opened for reading: that waits for nobody.
const READ_FILE: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

fn open_fd(parent: &Dir, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    if flags.contains(OFlags::EXCL) {
        // Interrupted, it may have made the file: then a second try would
        // take our own file for another's.
        rustix::fs::openat(&parent.0.fd, name, flags, mode)
    } else {
        retry_on_intr(|| rustix::fs::openat(&parent.0.fd, name, flags, mode))
    }
}

fn open(
    parent: &Dir,
    name: &OsStr,
    flags: OFlags,
    verb: &'static str,
) -> Result<Handle, PathError> {
    let path = joined(&parent.0.path, name);
    match open_fd(parent, name, flags) {
        Ok(fd) => Ok(Handle { fd, path }),
        Err(source) => Err(PathError { path, verb, source }),
    }
}

/// A path in a folder, with memory asked for once: one is made for each file
/// that is opened.
fn joined(folder: &Path, name: &OsStr) -> PathBuf {
    let length = folder.as_os_str().len() + 1 + name.len();
    let mut path = PathBuf::with_capacity(length);
    path.push(folder);
    path.push(name);
    path
}

// The widths of these fields differ between systems.
fn stat_of(stat: &rustix::fs::Stat) -> Stat {
    Stat {
        kind: FileType::from_raw_mode(stat.st_mode),
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: u64::try_from(stat.st_size).unwrap_or(0),
        device: stat.st_dev,
        inode: stat.st_ino,
        changed: (stat.st_ctime, stat.st_ctime_nsec),
    }
}

/// Reads from the start, at most `limit` bytes, behind what is in the buffer.
fn read_all(fd: &OwnedFd, stated: u64, limit: usize, into: &mut Buffer) -> Result<(), Errno> {
    let start = into.len();
    let stated = usize::try_from(stated).unwrap_or(usize::MAX);
    let mut size = match stated {
        // Files of the kernel say nothing of their size, and what they
        // say changes between two reads: ask for as much as they give.
        0 => KERNEL_PAGE,
        // One byte more, so that the end is seen without growing.
        _ => stated.saturating_add(1),
    };
    size = size.min(limit);
    let mut length = 0;
    while length < limit {
        if length == size {
            size = (length * 2).max(4096).min(limit);
        }
        let room = into.room(size - length);
        match retry_on_intr(|| rustix::io::read(fd, &mut *room)) {
            Ok(0) => break,
            Ok(count) => {
                into.fill(count);
                length += count;
            }
            Err(errno) => {
                into.cut(start);
                return Err(errno);
            }
        }
        // There was room for more than it is long, and no more came.
        if length == stated && length < size {
            break;
        }
    }
    Ok(())
}

impl Disk for RealDisk {
    fn open_top(&self) -> Result<Dir, PathError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(rustix::fs::CWD, "/", flags, Mode::empty());
        let path = PathBuf::from("/");
        let fd = at("open", || path.clone(), opened)?;
        Ok(Dir(Handle { fd, path }))
    }

    fn open_dir(&self, parent: &Dir, name: &OsStr, reach: Reach) -> Result<Dir, PathError> {
        let reach = match reach {
            Reach::Pass => OFlags::PATH,
            Reach::Full => OFlags::RDONLY,
        };
        open(parent, name, OFlags::DIRECTORY | reach, "open").map(Dir)
    }

    fn list(&self, dir: &Dir) -> Result<Vec<Entry>, PathError> {
        let start = rustix::fs::seek(&dir.0.fd, SeekFrom::Start(0));
        at("list", || dir.0.path.clone(), start)?;
        self.list_new(dir)
    }

    fn list_new(&self, dir: &Dir) -> Result<Vec<Entry>, PathError> {
        let list = || {
            let mut buffer = [MaybeUninit::uninit(); LISTING];
            let mut listing = RawDir::new(&dir.0.fd, &mut buffer);
            let mut entries = Vec::new();
            while let Some(entry) = listing.next() {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if name != b"." && name != b".." {
                    entries.push(Entry {
                        name: OsString::from_vec(name.to_vec()),
                        kind: entry.file_type(),
                    });
                }
            }
            Ok(entries)
        };
        at("list", || dir.0.path.clone(), list())
    }

    fn stat(&self, dir: &Dir, name: &OsStr) -> Result<Stat, PathError> {
        let stat = rustix::fs::statat(&dir.0.fd, name, AtFlags::SYMLINK_NOFOLLOW);
        at("look at", || dir.0.path.join(name), stat).map(|s| stat_of(&s))
    }

    fn stat_open(&self, handle: &Handle) -> Result<Stat, PathError> {
        let stat = rustix::fs::fstat(&handle.fd);
        at("look at", || handle.path.clone(), stat).map(|s| stat_of(&s))
    }

    fn open_file(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        open(dir, name.as_ref(), READ_FILE, "open").map(File)
    }

    fn read_named(
        &self,
        (dir, name): (&Dir, &str),
        limit: usize,
        into: &mut Buffer,
        is_read: &dyn Fn(&Stat) -> bool,
    ) -> Result<Opening, PathError> {
        // The same calls as those of the trait. Only the path, which takes as
        // long to put together as a small file takes to read, is made where
        // there is something to say of it.
        let path = || dir.0.path.join(name);
        let fd = match open_fd(dir, name.as_ref(), READ_FILE) {
            Ok(fd) => fd,
            Err(source) => {
                let verb = "open";
                return Opening::of_failed(PathError {
                    path: path(),
                    verb,
                    source,
                });
            }
        };
        let stat = stat_of(&at("look at", path, rustix::fs::fstat(&fd))?);
        if is_read(&stat) {
            at("read", path, read_all(&fd, stat.size, limit, into))?;
        }
        Ok(Opening::Opened(stat))
    }

    fn read_into(
        &self,
        file: &File,
        stated: u64,
        limit: usize,
        into: &mut Buffer,
    ) -> Result<(), PathError> {
        let read = read_all(&file.0.fd, stated, limit, into);
        at("read", || file.0.path.clone(), read)
    }

    fn read_from(&self, file: &File, start: u64) -> Result<Vec<u8>, PathError> {
        let read = || {
            let mut bytes = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let at = start.saturating_add(bytes.len() as u64);
                let count = retry_on_intr(|| rustix::io::pread(&file.0.fd, &mut buffer[..], at))?;
                if count == 0 {
                    return Ok(bytes);
                }
                bytes.extend(buffer.iter().take(count));
            }
        };
        at("read", || file.0.path.clone(), read())
    }

    fn make_dir(&self, parent: &Dir, name: &str) -> Result<(), PathError> {
        let made = rustix::fs::mkdirat(&parent.0.fd, name, Mode::RWXU);
        at("make", || parent.0.path.join(name), made)
    }

    fn create_file(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        open(dir, name.as_ref(), flags, "create").map(File)
    }

    fn open_append(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::NONBLOCK | OFlags::NOCTTY;
        open(dir, name.as_ref(), flags, "open").map(File)
    }

    fn write(&self, file: &File, bytes: &[u8]) -> Result<(), PathError> {
        let write = || {
            let mut rest = bytes;
            while !rest.is_empty() {
                let count = retry_on_intr(|| rustix::io::write(&file.0.fd, rest))?;
                rest = match rest.get(count..) {
                    Some(rest) if count > 0 => rest,
                    _ => return Err(Errno::IO),
                };
            }
            Ok(())
        };
        at("write", || file.0.path.clone(), write())
    }

    fn chown(&self, handle: &Handle, uid: u32, gid: u32) -> Result<(), PathError> {
        let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
        let changed = rustix::fs::fchown(&handle.fd, Some(uid), Some(gid));
        at("change the owner of", || handle.path.clone(), changed)
    }

    fn chmod(&self, handle: &Handle, mode: u32) -> Result<(), PathError> {
        let changed = rustix::fs::fchmod(&handle.fd, Mode::from_raw_mode(mode));
        at("change the mode of", || handle.path.clone(), changed)
    }

    fn begin_sync(&self, file: &File) {
        // What is not needed any more is written back at once: the one call
        // for that without a pointer. Where it does nothing, the sync does all.
        rustix::fs::fadvise(&file.0.fd, 0, None, rustix::fs::Advice::DontNeed).ok();
    }

    fn sync(&self, handle: &Handle) -> Result<(), PathError> {
        // Not even an interrupted one is tried again: a second success would
        // prove nothing about the first.
        let synced = rustix::fs::fsync(handle.fd.as_fd());
        at("sync", || handle.path.clone(), synced)
    }

    fn make_each(&self, dir: &Dir, files: &[NewFile<'_>]) -> Vec<Result<Stat, PathError>> {
        let in_turn = |part: &[NewFile<'_>]| -> Vec<_> {
            let part = part.iter();
            part.map(|new| make_durable(self, dir, new)).collect()
        };
        if files.len() < SYNCED_IN_TURN {
            return in_turn(files);
        }
        let mut outcomes = Vec::with_capacity(files.len());
        let size = share(files.len());
        Spread::over(SYNCING).each(files, size, in_turn, |part| outcomes.extend(part));
        outcomes
    }

    fn sync_each(&self, handles: &[&Handle]) -> Vec<Result<(), PathError>> {
        let in_turn = |part: &[&Handle]| -> Vec<_> {
            let part = part.iter();
            part.map(|handle| self.sync(handle)).collect()
        };
        if handles.len() < SYNCED_IN_TURN {
            return in_turn(handles);
        }
        let mut outcomes = Vec::with_capacity(handles.len());
        let size = share(handles.len());
        Spread::over(SYNCING).each(handles, size, in_turn, |part| outcomes.extend(part));
        outcomes
    }

    fn rename_new(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError> {
        rename(from, to, RenameFlags::NOREPLACE, "move a file to")
    }

    fn exchange(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError> {
        rename(from, to, RenameFlags::EXCHANGE, "exchange")
    }

    fn remove_file(&self, dir: &Dir, name: &str) -> Result<(), PathError> {
        let removed = rustix::fs::unlinkat(&dir.0.fd, name, AtFlags::empty());
        at("remove", || dir.0.path.join(name), removed)
    }

    fn remove_dir(&self, dir: &Dir, name: &str) -> Result<(), PathError> {
        let removed = rustix::fs::unlinkat(&dir.0.fd, name, AtFlags::REMOVEDIR);
        at("remove", || dir.0.path.join(name), removed)
    }

    fn try_lock(&self, file: &File, share: Share) -> Result<bool, PathError> {
        let operation = match share {
            Share::Exclusive => FlockOperation::NonBlockingLockExclusive,
            Share::Shared => FlockOperation::NonBlockingLockShared,
        };
        match retry_on_intr(|| rustix::fs::flock(&file.0.fd, operation)) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(source) => at("lock", || file.0.path.clone(), Err(source)),
        }
    }

    fn room(&self, handle: &Handle) -> Result<Room, PathError> {
        let stat = rustix::fs::fstatvfs(&handle.fd);
        let stat = at("ask for the room on", || handle.path.clone(), stat)?;
        Ok(Room {
            bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            // Some file systems, Btrfs among them, make files as they need.
            files: (stat.f_files > 0).then_some(stat.f_ffree),
            block: stat.f_frsize.max(1),
        })
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), PathError> {
        let mut fill = || {
            let mut filled = 0;
            while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                let flags = GetRandomFlags::empty();
                filled += retry_on_intr(|| rustix::rand::getrandom(&mut *rest, flags))?;
            }
            Ok(())
        };
        at(
            "ask for random numbers from",
            || "the system".into(),
            fill(),
        )
    }
}

/// The error names the target, which is what the caller is about.
fn rename(
    from: (&Dir, &str),
    to: (&Dir, &str),
    flags: RenameFlags,
    verb: &'static str,
) -> Result<(), PathError> {
    let renamed = rustix::fs::renameat_with(&from.0.0.fd, from.1, &to.0.0.fd, to.1, flags);
    at(verb, || to.0.0.path.join(to.1), renamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty::{Fault, Faulty};
    use crate::store::testing::scratch;

    fn open(path: &Path) -> Dir {
        let top = RealDisk.open_top().unwrap();
        let path = path.strip_prefix("/").unwrap();
        path.iter().fold(top, |dir, name| {
            RealDisk.open_dir(&dir, name, Reach::Full).unwrap()
        })
    }

    #[test]
    fn each_of_many_files_is_made_whole_or_has_its_error_at_its_place() {
        for count in [1, SYNCED_IN_TURN - 1, SYNCED_IN_TURN, 300] {
            let scratch = scratch();
            let dir = open(scratch.path());
            let name = |index: usize| format!("{index:03}");
            let is_taken = |index: &usize| index % 7 == 3;
            for index in (0..count).filter(is_taken) {
                let file = RealDisk.create_file(&dir, &name(index)).unwrap();
                RealDisk.write(&file, b"theirs").unwrap();
            }
            let mode = |index: usize| {
                if index.is_multiple_of(2) {
                    0o644
                } else {
                    0o600
                }
            };
            let named: Vec<_> = (0..count).map(|index| (name(index), index)).collect();
            let new = |(name, index): &(String, usize)| (name.clone(), name.repeat(*index));
            let texts: Vec<_> = named.iter().map(new).collect();
            let files = texts.iter().enumerate();
            let files: Vec<_> = files
                .map(|(index, (name, text))| NewFile {
                    name,
                    bytes: text.as_bytes(),
                    mode: mode(index),
                    owner: None,
                })
                .collect();
            let outcomes = RealDisk.make_each(&dir, &files);
            assert_eq!(outcomes.len(), count);
            for (index, outcome) in outcomes.into_iter().enumerate() {
                let file = RealDisk.open_file(&dir, &name(index)).unwrap();
                let held = RealDisk.read(&file, 4096).unwrap();
                if is_taken(&index) {
                    assert_eq!(outcome.unwrap_err().source, Errno::EXIST);
                    assert_eq!(*held, b"theirs");
                } else {
                    let stat = outcome.unwrap();
                    assert_eq!(stat.mode, mode(index));
                    assert_eq!(stat, RealDisk.stat_open(&file.0).unwrap());
                    assert_eq!(*held, files[index].bytes);
                }
            }
        }
    }

    #[test]
    fn a_file_is_made_on_the_disk_or_not_at_all() {
        let scratch = scratch();
        let dir = open(scratch.path());
        let disk: Faulty = Faulty::default();
        let file = NewFile {
            name: "new",
            bytes: b"text",
            mode: 0o600,
            owner: None,
        };
        let verbs = |calls: Vec<String>| -> Vec<String> {
            let calls = calls.iter();
            calls
                .filter_map(|call| call.split(' ').next().map(str::to_owned))
                .collect()
        };
        let mut failed = 0;
        loop {
            disk.arm(failed, Fault::Once(Errno::IO));
            let outcome = disk.make_each(&dir, &[file]).remove(0);
            if !disk.disarm() {
                break;
            }
            disk.take_calls();
            let names = RealDisk.list(&dir).unwrap();
            assert_eq!((outcome.is_ok(), names.len()), (false, 0), "call {failed}");
            failed += 1;
        }
        let expect = ["create", "write", "chmod", "stat", "sync"];
        assert_eq!(verbs(disk.take_calls()), expect);
    }

    #[test]
    fn each_of_many_syncs_has_its_own_outcome_at_its_own_place() {
        let scratch = scratch();
        let dir = open(scratch.path());
        for count in [0, 1, SYNCED_IN_TURN - 1, SYNCED_IN_TURN, 300] {
            let handle = |index: usize| {
                if index % 7 == 3 {
                    // What cannot be synced.
                    let (fd, _) = std::io::pipe().unwrap();
                    return Handle::simulated(fd.into(), index.to_string().into());
                }
                let name = format!("{count}-{index}");
                RealDisk.create_file(&dir, &name).unwrap().0
            };
            let handles: Vec<Handle> = (0..count).map(handle).collect();
            let handles: Vec<&Handle> = handles.iter().collect();
            let outcomes = RealDisk.sync_each(&handles);
            assert_eq!(outcomes.len(), count);
            for (index, outcome) in outcomes.into_iter().enumerate() {
                let path = outcome.err().map(|error| error.path);
                let expect = (index % 7 == 3).then(|| PathBuf::from(index.to_string()));
                assert_eq!(path, expect, "{index} of {count}");
            }
        }
    }
}

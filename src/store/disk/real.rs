//! The machine's own file system.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place where the trees are opened, through directory descriptors"
)]

use super::{Dir, Disk, Entry, File, Handle, Opening, PathError, Reach, Room, Share, Stat};
use crate::spread::Spread;
use crate::store::buffer::Buffer;
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

/// What one read of a file of `/proc` gives at most.
const KERNEL_PAGE: usize = 4096;
/// How much of a directory is listed with one call, in bytes: some hundred
/// names.
const LISTING: usize = 16 * 1024;

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
    fn at_once(&self, threads: usize) -> Spread {
        Spread::over(threads)
    }

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
                let (path, verb) = (path(), "open");
                return Opening::of_failed(PathError { path, verb, source });
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

//! The lock on the root: one writer, or any number of readers. The kernel
//! frees it when its process ends, and nothing is ever written into the file,
//! so who holds it is asked of the kernel too.

use super::Store;
use super::disk::{Dir, Disk, File, PathError, Reach, Share, Stat};
use super::layout::{LOCK, WATCH_LOCK, WORK};
use super::read::{Obstructed, SeenDir, open_dir, open_regular};
use crate::model::Obstacle;
use rustix::io::Errno;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long to wait between two tries.
const POLL: Duration = Duration::from_millis(50);
/// How long somebody may take who only looks whether there is a watch.
const LOOKED_AT: Duration = Duration::from_millis(200);
/// How much of `/proc/locks` is read.
const MAX_PROC: usize = 1024 * 1024;

/// Nobody else reads or writes under the root while this lives.
#[derive(Debug)]
#[must_use = "the lock is free again when this is dropped"]
pub struct Lock {
    _file: File,
}

/// Nobody writes under the root while this lives.
#[derive(Debug)]
#[must_use = "the lock is free again when this is dropped"]
pub struct SharedLock {
    _file: File,
}

/// No other watch keeps the root while this lives. Plans and applies beside it
/// go on.
#[derive(Debug)]
#[must_use = "another watch may begin when this is dropped"]
pub struct WatchLock {
    file: File,
}

/// Why there is no lock.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LockError {
    /// Somebody has it, and still had it after the wait.
    #[error("`{}` is locked by {holder}, and still was after {} s", .path.display(), .waited.as_secs())]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who has it: a process by id and name, or "another process".
        holder: String,
        /// How long we waited.
        waited: Duration,
    },
    /// Something else lies where the lock or its folder must be.
    #[error("`{}` {obstacle}", .path.display())]
    Obstacle {
        /// Where.
        path: PathBuf,
        /// What it is.
        obstacle: Obstacle,
    },
    /// A call failed.
    #[error(transparent)]
    Io(#[from] PathError),
}

impl<D: Disk> Store<D> {
    /// Takes the lock for writing, and makes its file if there is none yet.
    ///
    /// # Errors
    /// Somebody has it until the timeout, or a call failed.
    pub fn lock_exclusive(&self, timeout: Duration) -> Result<Lock, LockError> {
        let file = self.open_or_make(LOCK)?;
        self.wait_for(&file, Share::Exclusive, timeout)?;
        Ok(Lock { _file: file })
    }

    /// Takes the lock of a watch, which another watch has to itself for as
    /// long as it lasts, so there is no use in waiting for it.
    ///
    /// # Errors
    /// Another watch has it, or a call failed.
    pub fn lock_watch(&self) -> Result<WatchLock, LockError> {
        let file = self.open_or_make(WATCH_LOCK)?;
        self.wait_for(&file, Share::Exclusive, LOOKED_AT)?;
        Ok(WatchLock { file })
    }

    /// Takes the lock of a watch again where another file lies in its place,
    /// or none: what is removed or moved away keeps nobody off.
    ///
    /// # Errors
    /// Another watch was faster, or a call failed.
    pub fn renew_watch_lock(&self, lock: &mut WatchLock) -> Result<(), LockError> {
        let ours = self.disk.stat_open(&lock.file.0)?;
        if let Some(work) = self.open_work_folder()?
            && let Some(file) = self.open_lock(&work, WATCH_LOCK)?
        {
            let there = self.disk.stat_open(&file.0)?;
            if (there.device, there.inode) == (ours.device, ours.inode) {
                return Ok(());
            }
        }
        *lock = self.lock_watch()?;
        Ok(())
    }

    /// Who keeps the root as a watch, for people; `None` if nobody does. Holds
    /// nothing and writes nothing.
    ///
    /// # Errors
    /// A call failed.
    pub fn watched_by(&self) -> Result<Option<String>, LockError> {
        let Some(work) = self.open_work_folder()? else {
            return Ok(None);
        };
        let Some(file) = self.open_lock(&work, WATCH_LOCK)? else {
            return Ok(None);
        };
        if self.disk.try_lock(&file, Share::Shared)? {
            return Ok(None);
        }
        let lock = self.disk.stat_open(&file.0)?;
        Ok(Some(holder(&self.disk, &lock)))
    }

    fn open_or_make(&self, name: &'static str) -> Result<File, LockError> {
        let work = match self.open_work_folder()? {
            Some(work) => work,
            None => self.make_work_folder()?,
        };
        match self.open_lock(&work, name)? {
            Some(file) => Ok(file),
            None => self.make_lock(&work, name),
        }
    }

    /// Takes the lock for reading. Writes nothing: where no apply ever ran
    /// there is no lock, and nobody to wait for.
    ///
    /// # Errors
    /// Somebody writes until the timeout, or a call failed.
    pub fn lock_shared(&self, timeout: Duration) -> Result<Option<SharedLock>, LockError> {
        let Some(work) = self.open_work_folder()? else {
            return Ok(None);
        };
        let Some(file) = self.open_lock(&work, LOCK)? else {
            return Ok(None);
        };
        self.wait_for(&file, Share::Shared, timeout)?;
        Ok(Some(SharedLock { _file: file }))
    }

    fn open_work_folder(&self) -> Result<Option<Dir>, LockError> {
        match open_dir(&self.disk, &self.root, WORK.as_ref(), Reach::Full)? {
            SeenDir::Absent => Ok(None),
            SeenDir::Dir(work, _) => Ok(Some(work)),
            SeenDir::Obstacle(obstacle) => Err(LockError::Obstacle {
                path: self.root.path().join(WORK),
                obstacle,
            }),
        }
    }

    fn make_work_folder(&self) -> Result<Dir, LockError> {
        match self.disk.make_dir(&self.root, WORK) {
            Ok(()) => {}
            // Another first apply was faster.
            Err(error) if error.source == Errno::EXIST => {}
            Err(error) => return Err(error.into()),
        }
        let work = self.disk.open_dir(&self.root, WORK.as_ref(), Reach::Full)?;
        self.disk.chmod(&work.0, 0o700)?;
        self.disk.sync(&self.root.0)?;
        Ok(work)
    }

    fn open_lock(&self, work: &Dir, name: &str) -> Result<Option<File>, LockError> {
        open_regular(&self.disk, work, name).map_err(|error| match error {
            Obstructed::Io(error) => error.into(),
            Obstructed::By(obstacle) => LockError::Obstacle {
                path: work.path().join(name),
                obstacle,
            },
        })
    }

    fn make_lock(&self, work: &Dir, name: &str) -> Result<File, LockError> {
        match self.disk.create_file(work, name) {
            Ok(file) => {
                self.disk.chmod(&file.0, 0o600)?;
                Ok(file)
            }
            Err(error) if error.source == Errno::EXIST => {
                self.open_lock(work, name)?.ok_or(LockError::Io(error))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn wait_for(&self, file: &File, share: Share, timeout: Duration) -> Result<(), LockError> {
        let start = Instant::now();
        while !self.disk.try_lock(file, share)? {
            let waited = start.elapsed();
            if waited >= timeout {
                let lock = self.disk.stat_open(&file.0)?;
                return Err(LockError::Held {
                    path: file.0.path().to_owned(),
                    holder: holder(&self.disk, &lock),
                    waited,
                });
            }
            std::thread::sleep(POLL.min(timeout.saturating_sub(waited)));
        }
        Ok(())
    }
}

/// How often the kernel's list is looked through. Beyond its first page it is
/// not one moment's, and a line may be missed.
const LOOKS: usize = 3;

/// Who holds the lock, for people. Nothing is decided from it, so whatever
/// goes wrong on the way only makes it less precise.
fn holder<D: Disk>(disk: &D, lock: &Stat) -> String {
    let unknown = || "another process".to_owned();
    let Some(pid) = (0..LOOKS).find_map(|_| holder_pid(disk, lock)) else {
        return unknown();
    };
    let name = read_proc(disk, &[&pid.to_string()], "comm");
    name.map_or_else(
        || format!("process {pid}"),
        |name| format!("process {pid} ({})", name.trim_end().escape_debug()),
    )
}

fn holder_pid<D: Disk>(disk: &D, lock: &Stat) -> Option<u32> {
    let locks = read_proc(disk, &[], "locks")?;
    let id = format!(
        "{:02x}:{:02x}:{}",
        rustix::fs::major(lock.device),
        rustix::fs::minor(lock.device),
        lock.inode
    );
    parse_holder(&locks, &id)
}

/// Finds the holder in lines such as
/// `1: FLOCK  ADVISORY  WRITE 709 08:02:1311768 0 EOF`; those that wait have
/// `->` after the number.
fn parse_holder(locks: &str, id: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, _, pid, at, ..] if *at == id => {
                // 0 and -1 stand for processes we cannot see from here.
                pid.parse().ok().filter(|pid| *pid > 0)
            }
            _ => None,
        }
    })
}

fn read_proc<D: Disk>(disk: &D, folders: &[&str], name: &str) -> Option<String> {
    let mut dir = disk.open_top().ok()?;
    for folder in std::iter::once(&"proc").chain(folders) {
        dir = disk.open_dir(&dir, folder.as_ref(), Reach::Pass).ok()?;
    }
    let file = disk.open_file(&dir, name).ok()?;
    let bytes = disk.read(&file, MAX_PROC).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RealDisk;
    use crate::store::testing::{Fixture, mode};
    use rustix::fs::FileType;
    use std::os::unix::fs::symlink;

    const AT_ONCE: Duration = Duration::ZERO;

    #[test]
    fn a_reader_of_an_untouched_root_writes_nothing() {
        let fixture = Fixture::new();
        assert!(fixture.store().lock_shared(AT_ONCE).unwrap().is_none());
        assert_eq!(fixture.tree(), "");
    }

    #[test]
    fn readers_share_and_a_writer_is_alone() {
        let fixture = Fixture::new();
        let store = fixture.store();
        let writer = store.lock_exclusive(AT_ONCE).unwrap();
        assert_eq!(mode(&fixture.path(".cplinks")), 0o700);
        assert_eq!(mode(&fixture.path(".cplinks/lock")), 0o600);
        let error = fixture.store().lock_shared(AT_ONCE).unwrap_err();
        let me = std::process::id();
        assert!(
            error.to_string().contains(&format!("process {me} (")),
            "{error}"
        );
        drop(writer);
        let reader = store.lock_shared(AT_ONCE).unwrap().unwrap();
        let other = fixture.store().lock_shared(AT_ONCE).unwrap().unwrap();
        let error = store
            .lock_exclusive(Duration::from_millis(120))
            .unwrap_err();
        assert!(matches!(
            error,
            LockError::Held { waited, .. } if waited >= Duration::from_millis(120)
        ));
        drop((reader, other));
        drop(store.lock_exclusive(AT_ONCE).unwrap());
    }

    #[test]
    fn a_watch_keeps_out_watches_and_nobody_else() {
        let fixture = Fixture::new();
        let store = fixture.store();
        assert_eq!(store.watched_by().unwrap(), None);
        assert_eq!(fixture.tree(), "");
        let watch = store.lock_watch().unwrap();
        assert_eq!(mode(&fixture.path(".cplinks/watch.lock")), 0o600);
        let error = fixture.store().lock_watch().unwrap_err();
        assert!(matches!(error, LockError::Held { .. }), "{error}");
        let holder = fixture.store().watched_by().unwrap().unwrap();
        let me = format!("process {} (", std::process::id());
        assert!(holder.starts_with(&me), "{holder}");
        drop(store.lock_exclusive(AT_ONCE).unwrap());
        drop(store.lock_shared(AT_ONCE).unwrap());
        drop(watch);
        assert_eq!(store.watched_by().unwrap(), None);
        drop(store.lock_watch().unwrap());
    }

    #[test]
    fn a_lock_that_is_a_link_is_not_followed() {
        let fixture = Fixture::new();
        drop(fixture.store().lock_exclusive(AT_ONCE).unwrap());
        let lock = fixture.path(".cplinks/lock");
        symlink("elsewhere", fixture.path(".cplinks/new")).unwrap();
        rustix::fs::rename(fixture.path(".cplinks/new"), &lock).unwrap();
        let error = fixture.store().lock_exclusive(AT_ONCE).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`{}` is a symbolic link, which is never followed",
                lock.display()
            )
        );
        let other = Fixture::new();
        symlink("elsewhere", other.path(".cplinks")).unwrap();
        assert!(other.store().lock_shared(AT_ONCE).is_err());
        assert!(other.store().lock_exclusive(AT_ONCE).is_err());
    }

    #[test]
    fn the_holder_is_found_among_other_locks() {
        let locks = "1: POSIX  ADVISORY  WRITE 7 08:02:99 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 8 08:02:98 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 9 08:02:99 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 10 08:02:99 0 EOF\n\
                     4: FLOCK  ADVISORY  WRITE -1 08:02:97 0 EOF\n";
        assert_eq!(parse_holder(locks, "08:02:99"), Some(10));
        assert_eq!(parse_holder(locks, "08:02:97"), None);
        assert_eq!(parse_holder(locks, "08:02:96"), None);
        // What cannot be read leaves the holder unnamed.
        let nowhere = Stat {
            kind: FileType::RegularFile,
            mode: 0,
            uid: 0,
            gid: 0,
            size: 0,
            device: 0,
            inode: 0,
            changed: (0, 0),
        };
        assert_eq!(holder(&RealDisk, &nowhere), "another process");
    }
}

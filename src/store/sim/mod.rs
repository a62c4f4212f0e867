//! A simulated file system below the `Disk` trait. It keeps what processes
//! see apart from what a power cut leaves, which no test can see on a real
//! one, and can be told to do its work wrongly, to see whether tests notice.

mod state;

pub(crate) use state::Fate;

use super::buffer::Buffer;
use super::disk::{Dir, Disk, Entry, File, Handle, PathError, Reach, Room, Share, Stat};
use rustix::fs::FileType;
use rustix::io::Errno;
use state::{Ino, State};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// A mistake that is made on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// None.
    None,
    /// A live file is written into instead of exchanged.
    InPlaceWrite,
    /// Staged files are not synced.
    NoFileSync,
    /// Users' folders are not synced.
    NoFolderSync,
    /// Modes are set only after a file is live.
    LateMode,
    /// Files are made for all to read.
    OpenSecret,
    /// What goes to the backup takes one name after the other.
    ReusedBackup,
}

thread_local! {
    static IS_ORDER_WRONG: Cell<bool> = const { Cell::new(false) };
}

/// Whether the steps of links come in the wrong order in this thread: the
/// one mistake that no disk can make.
pub(crate) fn is_order_wrong() -> bool {
    IS_ORDER_WRONG.get()
}

/// Puts the steps of links in the wrong order in this thread, or not.
pub(crate) fn set_order_wrong(is_wrong: bool) {
    IS_ORDER_WRONG.set(is_wrong);
}

#[derive(Debug)]
struct Shared {
    state: State,
    bug: Bug,
    /// What each open descriptor stands for.
    open: BTreeMap<RawFd, Ino>,
    /// Mutating calls until the power goes.
    left: Option<usize>,
    is_out: bool,
    late_modes: Vec<(Ino, u32)>,
}

/// The disk; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Sim {
    shared: Arc<Mutex<Shared>>,
    null: Arc<OwnedFd>,
}

impl Sim {
    /// An empty root at `/r`, all of it on the disk.
    pub(crate) fn new(bug: Bug) -> Self {
        Self::of(State::with_root("r"), bug)
    }

    fn of(state: State, bug: Bug) -> Self {
        // Any descriptor will do: only its number is looked at.
        let (fd, _) = std::io::pipe().unwrap();
        Self {
            shared: Arc::new(Mutex::new(Shared {
                state,
                bug,
                open: BTreeMap::new(),
                left: None,
                is_out: false,
                late_modes: Vec::new(),
            })),
            null: Arc::new(fd.into()),
        }
    }

    /// Another disk that looks just the same, with all of it on the disk.
    pub(crate) fn settled(&self) -> Self {
        let shared = self.shared();
        Self::of(shared.state.settled(), shared.bug)
    }

    /// The same disk, which from now on makes this mistake.
    pub(crate) fn with_bug(self, bug: Bug) -> Self {
        self.shared().bug = bug;
        self
    }

    /// Lets so many more mutating calls pass before the power goes.
    pub(crate) fn cut_after(&self, calls: usize) {
        self.shared().left = Some(calls);
    }

    /// Whether the power went.
    pub(crate) fn is_out(&self) -> bool {
        self.shared().is_out
    }

    /// What a power cut now can leave: at most so many disks.
    pub(crate) fn after_power_cut(&self, most: usize) -> Vec<Self> {
        let shared = self.shared();
        let states = shared.state.after_power_cut(most);
        states
            .into_iter()
            .map(|s| Self::of(s, shared.bug))
            .collect()
    }

    /// Everything there is: path below `/r`, mode, and the bytes of a file.
    pub(crate) fn everything(&self) -> Vec<(String, u32, Option<Vec<u8>>)> {
        self.shared().state.everything("r")
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }

    fn handle(&self, ino: Ino, path: PathBuf) -> Handle {
        let fd = self.null.try_clone().unwrap();
        let raw = fd.as_fd().as_raw_fd();
        self.shared().open.insert(raw, ino);
        Handle::simulated(fd, path)
    }

    fn ino(&self, handle: &Handle) -> Ino {
        self.shared().open[&handle.as_raw_fd()]
    }

    /// One call on the state. Mutating ones count, and fail once the power is
    /// out; so do all others then.
    fn call<T>(
        &self,
        verb: &'static str,
        path: PathBuf,
        fate: Fate,
        act: impl FnOnce(&mut State) -> Result<T, Errno>,
    ) -> Result<T, PathError> {
        let mut shared = self.shared();
        if let (Fate::Mutates, Some(left)) = (fate, shared.left) {
            shared.is_out = shared.is_out || left == 0;
            shared.left = Some(left.saturating_sub(1));
        }
        let result = if shared.is_out {
            Err(Errno::IO)
        } else {
            act(&mut shared.state)
        };
        result.map_err(|source| PathError { path, verb, source })
    }

    fn bug(&self) -> Bug {
        self.shared().bug
    }
}

fn stat_of(state: &State, ino: Ino) -> Stat {
    let node = state.node(ino);
    Stat {
        kind: if node.is_dir() {
            FileType::Directory
        } else {
            FileType::RegularFile
        },
        mode: node.mode,
        uid: 0,
        gid: 0,
        size: node.data().len() as u64,
        device: 1,
        inode: ino,
        changed: (0, 0),
    }
}

impl Disk for Sim {
    fn open_top(&self) -> Result<Dir, PathError> {
        Ok(Dir(self.handle(State::TOP, "/".into())))
    }

    fn open_dir(&self, parent: &Dir, name: &OsStr, _: Reach) -> Result<Dir, PathError> {
        let (at, path) = (self.ino(&parent.0), parent.path().join(name));
        let ino = self.call("open", path.clone(), Fate::Looks, |state| {
            let ino = state.find(at, name.to_str().unwrap())?;
            if state.node(ino).is_dir() {
                Ok(ino)
            } else {
                Err(Errno::NOTDIR)
            }
        })?;
        Ok(Dir(self.handle(ino, path)))
    }

    fn list(&self, dir: &Dir) -> Result<Vec<Entry>, PathError> {
        let at = self.ino(&dir.0);
        self.call("list", dir.path().into(), Fate::Looks, |state| {
            let entries = state.names(at).map(|name| Entry {
                name: OsString::from(name),
                // As some file systems do.
                kind: FileType::Unknown,
            });
            Ok(entries.collect())
        })
    }

    fn stat(&self, dir: &Dir, name: &OsStr) -> Result<Stat, PathError> {
        let (at, path) = (self.ino(&dir.0), dir.path().join(name));
        self.call("look at", path, Fate::Looks, |state| {
            Ok(stat_of(state, state.find(at, name.to_str().unwrap())?))
        })
    }

    fn stat_open(&self, handle: &Handle) -> Result<Stat, PathError> {
        let ino = self.ino(handle);
        self.call("look at", handle.path().into(), Fate::Looks, |state| {
            Ok(stat_of(state, ino))
        })
    }

    fn open_file(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        let (at, path) = (self.ino(&dir.0), dir.path().join(name));
        let ino = self.call("open", path.clone(), Fate::Looks, |state| {
            state.find(at, name)
        })?;
        Ok(File(self.handle(ino, path)))
    }

    fn read_into(
        &self,
        file: &File,
        _: u64,
        limit: usize,
        into: &mut Buffer,
    ) -> Result<(), PathError> {
        let ino = self.ino(&file.0);
        self.call("read", file.0.path().into(), Fate::Looks, |state| {
            let bytes = state.node(ino).data();
            let bytes = &bytes[..bytes.len().min(limit)];
            into.room(bytes.len()).copy_from_slice(bytes);
            into.fill(bytes.len());
            Ok(())
        })
    }

    fn read_from(&self, file: &File, start: u64) -> Result<Vec<u8>, PathError> {
        let bytes = self.read(file, usize::MAX)?;
        let start = usize::try_from(start).unwrap().min(bytes.len());
        Ok(bytes[start..].to_vec())
    }

    fn make_dir(&self, parent: &Dir, name: &str) -> Result<(), PathError> {
        let (at, path) = (self.ino(&parent.0), parent.path().join(name));
        self.call("make", path, Fate::Mutates, |state| {
            state.make(at, name, state::Made::Dir, 0o700).map(drop)
        })
    }

    fn create_file(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        let (at, path) = (self.ino(&dir.0), dir.path().join(name));
        let mode = if self.bug() == Bug::OpenSecret {
            0o644
        } else {
            0o600
        };
        let ino = self.call("create", path.clone(), Fate::Mutates, |state| {
            state.make(at, name, state::Made::File, mode)
        })?;
        Ok(File(self.handle(ino, path)))
    }

    fn open_append(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        self.open_file(dir, name)
    }

    /// Always at the end: nothing here writes anywhere else.
    fn write(&self, file: &File, bytes: &[u8]) -> Result<(), PathError> {
        let ino = self.ino(&file.0);
        self.call("write", file.0.path().into(), Fate::Mutates, |state| {
            state.append(ino, bytes);
            Ok(())
        })
    }

    fn chown(&self, handle: &Handle, _: u32, _: u32) -> Result<(), PathError> {
        self.call("chown", handle.path().into(), Fate::Mutates, |_| Ok(()))
    }

    fn chmod(&self, handle: &Handle, mode: u32) -> Result<(), PathError> {
        let (ino, bug) = (self.ino(handle), self.bug());
        let is_late = bug == Bug::LateMode && !self.shared().state.node(ino).is_dir();
        if is_late {
            self.shared().late_modes.push((ino, mode));
            return Ok(());
        }
        self.call("chmod", handle.path().into(), Fate::Mutates, |state| {
            state.set_mode(ino, mode);
            Ok(())
        })
    }

    fn begin_sync(&self, _file: &File) {}

    fn sync(&self, handle: &Handle) -> Result<(), PathError> {
        let (ino, bug) = (self.ino(handle), self.bug());
        let path = handle.path().to_str().unwrap();
        let is_forgotten = match bug {
            Bug::NoFileSync => path.contains("/stage/"),
            Bug::NoFolderSync => path.ends_with("/alice"),
            _ => false,
        };
        let late = if handle.path().starts_with("/r/links") {
            std::mem::take(&mut self.shared().late_modes)
        } else {
            Vec::new()
        };
        self.call("sync", handle.path().into(), Fate::Mutates, |state| {
            for (ino, mode) in late {
                state.set_mode(ino, mode);
            }
            if !is_forgotten {
                state.sync(ino);
            }
            Ok(())
        })
    }

    fn rename_new(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError> {
        let (source, target) = (self.ino(&from.0.0), self.ino(&to.0.0));
        let path = to.0.path().join(to.1);
        let is_reused = self.bug() == Bug::ReusedBackup && path.to_str().unwrap().contains("/old/");
        self.call("move a file to", path, Fate::Mutates, |state| {
            if is_reused {
                state.remove(target, "backup").ok();
                return state.rename((source, from.1), (target, "backup"));
            }
            state.rename((source, from.1), (target, to.1))
        })
    }

    fn exchange(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError> {
        let (source, target) = (self.ino(&from.0.0), self.ino(&to.0.0));
        let (path, bug) = (to.0.path().join(to.1), self.bug());
        self.call("exchange", path, Fate::Mutates, |state| {
            if bug == Bug::InPlaceWrite {
                return state.swap_bytes((source, from.1), (target, to.1));
            }
            state.exchange((source, from.1), (target, to.1))
        })
    }

    fn remove_file(&self, dir: &Dir, name: &str) -> Result<(), PathError> {
        let (at, path) = (self.ino(&dir.0), dir.path().join(name));
        self.call("remove", path, Fate::Mutates, |state| {
            state.remove(at, name)
        })
    }

    fn remove_dir(&self, dir: &Dir, name: &str) -> Result<(), PathError> {
        let (at, path) = (self.ino(&dir.0), dir.path().join(name));
        self.call("remove", path, Fate::Mutates, |state| {
            let ino = state.find(at, name)?;
            if state.names(ino).next().is_some() {
                return Err(Errno::NOTEMPTY);
            }
            state.remove(at, name)
        })
    }

    fn try_lock(&self, _: &File, _: Share) -> Result<bool, PathError> {
        Ok(true)
    }

    fn room(&self, _: &Handle) -> Result<Room, PathError> {
        Ok(Room {
            bytes: 1 << 30,
            files: None,
            block: 4096,
        })
    }

    /// The same for all: a test must be able to happen again.
    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), PathError> {
        buffer.fill(7);
        Ok(())
    }
}

//! A disk that fails on purpose: the n-th call once, every call from the n-th
//! on as in a power loss, or all that need room, as on a full one. It also
//! records the calls, since no test can see from the files whether they were
//! synced.

use super::buffer::Buffer;
use super::disk::{Dir, Disk, Entry, File, Handle, PathError, Reach, RealDisk, Room, Share, Stat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// One call fails. A write leaves half of its bytes behind, all others
    /// have no effect.
    Once(Errno),
    /// All calls fail from this one on.
    PowerLoss,
    /// From this call on there is no room: whatever makes something or writes
    /// fails. What is there can be moved and removed.
    Full,
}

#[derive(Default)]
struct State {
    calls: Vec<String>,
    /// Counts down to the failure.
    left: Option<usize>,
    fault: Option<Fault>,
    fired: bool,
    /// How much room it says there is, if that is not the truth.
    room: Option<Room>,
    /// What somebody else does just before the first such call.
    meanwhile: Option<Meanwhile>,
}

struct Meanwhile {
    verb: &'static str,
    path_end: &'static str,
    act: Box<dyn FnOnce() + Send>,
}

/// The disk; clones share what they count.
#[derive(Clone, Default)]
pub(crate) struct Faulty<D = RealDisk> {
    inner: D,
    state: Arc<Mutex<State>>,
}

/// What becomes of one call.
enum Fate {
    Goes,
    Tears(PathError),
}

impl<D> Faulty<D> {
    /// Lets `calls` more calls pass and then fails.
    pub(crate) fn arm(&self, calls: usize, fault: Fault) {
        let mut state = self.state();
        state.left = Some(calls);
        state.fault = Some(fault);
        state.fired = false;
    }

    /// Fails no more, and says whether it ever did.
    pub(crate) fn disarm(&self) -> bool {
        let mut state = self.state();
        state.left = None;
        state.fired
    }

    /// Says that there is this much room.
    pub(crate) fn pretend_room(&self, room: Room) {
        self.state().room = Some(room);
    }

    /// Lets somebody else act just before the first such call.
    pub(crate) fn meanwhile(
        &self,
        verb: &'static str,
        path_end: &'static str,
        act: impl FnOnce() + Send + 'static,
    ) {
        self.state().meanwhile = Some(Meanwhile {
            verb,
            path_end,
            act: Box::new(act),
        });
    }

    /// The calls so far, which are then forgotten.
    pub(crate) fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn call(&self, verb: &'static str, path: PathBuf) -> Result<Fate, PathError> {
        let told = format!("{verb} {}", path.display());
        let is_now = |m: &mut Meanwhile| m.verb == verb && told.ends_with(m.path_end);
        let meanwhile = self.state().meanwhile.take_if(is_now);
        // Not locked while they act: they may arm a fault.
        if let Some(meanwhile) = meanwhile {
            (meanwhile.act)();
        }
        let mut state = self.state();
        state.calls.push(told);
        let Some(left) = &mut state.left else {
            return Ok(Fate::Goes);
        };
        if *left > 0 {
            *left -= 1;
            return Ok(Fate::Goes);
        }
        let is_full = state.fault == Some(Fault::Full);
        if is_full && !matches!(verb, "create" | "make-dir" | "write") {
            return Ok(Fate::Goes);
        }
        state.fired = true;
        let error = |source| PathError { path, verb, source };
        match state.fault {
            Some(Fault::PowerLoss) => Err(error(Errno::IO)),
            Some(Fault::Full) if verb == "write" => Ok(Fate::Tears(error(Errno::NOSPC))),
            Some(Fault::Full) => Err(error(Errno::NOSPC)),
            Some(Fault::Once(errno)) => {
                state.left = None;
                if verb == "write" {
                    Ok(Fate::Tears(error(errno)))
                } else {
                    Err(error(errno))
                }
            }
            None => Ok(Fate::Goes),
        }
    }
}

impl<D: Disk> Disk for Faulty<D> {
    fn open_top(&self) -> Result<Dir, PathError> {
        self.call("open-top", "/".into())?;
        self.inner.open_top()
    }

    fn open_dir(&self, parent: &Dir, name: &OsStr, reach: Reach) -> Result<Dir, PathError> {
        self.call("open-dir", parent.path().join(name))?;
        self.inner.open_dir(parent, name, reach)
    }

    fn list(&self, dir: &Dir) -> Result<Vec<Entry>, PathError> {
        self.call("list", dir.path().to_owned())?;
        self.inner.list(dir)
    }

    fn list_new(&self, dir: &Dir) -> Result<Vec<Entry>, PathError> {
        self.call("list", dir.path().to_owned())?;
        self.inner.list_new(dir)
    }

    fn stat(&self, dir: &Dir, name: &OsStr) -> Result<Stat, PathError> {
        self.call("stat", dir.path().join(name))?;
        self.inner.stat(dir, name)
    }

    fn stat_open(&self, handle: &Handle) -> Result<Stat, PathError> {
        self.call("stat", handle.path().to_owned())?;
        self.inner.stat_open(handle)
    }

    fn open_file(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        self.call("open-file", dir.path().join(name))?;
        self.inner.open_file(dir, name)
    }

    fn read_into(
        &self,
        file: &File,
        stated: u64,
        limit: usize,
        into: &mut Buffer,
    ) -> Result<(), PathError> {
        self.call("read", file.0.path().to_owned())?;
        self.inner.read_into(file, stated, limit, into)
    }

    fn read_from(&self, file: &File, start: u64) -> Result<Vec<u8>, PathError> {
        self.call("read", file.0.path().to_owned())?;
        self.inner.read_from(file, start)
    }

    fn make_dir(&self, parent: &Dir, name: &str) -> Result<(), PathError> {
        self.call("make-dir", parent.path().join(name))?;
        self.inner.make_dir(parent, name)
    }

    fn create_file(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        self.call("create", dir.path().join(name))?;
        self.inner.create_file(dir, name)
    }

    fn open_append(&self, dir: &Dir, name: &str) -> Result<File, PathError> {
        self.call("open-append", dir.path().join(name))?;
        self.inner.open_append(dir, name)
    }

    fn write(&self, file: &File, bytes: &[u8]) -> Result<(), PathError> {
        match self.call("write", file.0.path().to_owned())? {
            Fate::Goes => self.inner.write(file, bytes),
            Fate::Tears(error) => {
                self.inner.write(file, &bytes[..bytes.len() / 2])?;
                Err(error)
            }
        }
    }

    fn chown(&self, handle: &Handle, uid: u32, gid: u32) -> Result<(), PathError> {
        self.call("chown", handle.path().to_owned())?;
        self.inner.chown(handle, uid, gid)
    }

    fn chmod(&self, handle: &Handle, mode: u32) -> Result<(), PathError> {
        self.call("chmod", handle.path().to_owned())?;
        self.inner.chmod(handle, mode)
    }

    /// Recorded only: nothing is really lost in a test, and waiting for the
    /// disk would take most of its time.
    fn begin_sync(&self, file: &File) {
        self.inner.begin_sync(file);
    }

    fn sync(&self, handle: &Handle) -> Result<(), PathError> {
        self.call("sync", handle.path().to_owned())?;
        Ok(())
    }

    fn rename_new(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError> {
        self.call("rename", to.0.path().join(to.1))?;
        self.inner.rename_new(from, to)
    }

    fn exchange(&self, from: (&Dir, &str), to: (&Dir, &str)) -> Result<(), PathError> {
        self.call("exchange", to.0.path().join(to.1))?;
        self.inner.exchange(from, to)
    }

    fn remove_file(&self, dir: &Dir, name: &str) -> Result<(), PathError> {
        self.call("remove", dir.path().join(name))?;
        self.inner.remove_file(dir, name)
    }

    fn remove_dir(&self, dir: &Dir, name: &str) -> Result<(), PathError> {
        self.call("remove-dir", dir.path().join(name))?;
        self.inner.remove_dir(dir, name)
    }

    fn try_lock(&self, file: &File, share: Share) -> Result<bool, PathError> {
        self.call("lock", file.0.path().to_owned())?;
        self.inner.try_lock(file, share)
    }

    fn room(&self, handle: &Handle) -> Result<Room, PathError> {
        self.call("room", handle.path().to_owned())?;
        let pretended = self.state().room;
        pretended.map_or_else(|| self.inner.room(handle), Ok)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), PathError> {
        self.call("random", PathBuf::new())?;
        self.inner.fill_random(buffer)
    }
}

//! The files of the ledger in `.cplinks`: where they are, and making them so
//! that only root can read them. What is in them is the ledger's business.

use super::disk::{Dir, Disk, Reach};
use super::error::StoreError;
use super::key::KEY_BYTES;
use super::layout::{NEW_STATE_KEY, STATE, STATE_KEY, WORK};
use super::owners::Sticky;
use super::read::{Seen, SeenDir, obstacle, open_dir, read_file};
use super::{Lock, Store, root};
use rustix::fs::FileType;
use std::ffi::OsStr;
use std::path::PathBuf;
use zeroize::Zeroizing;

impl<D: Disk> Store<D> {
    /// The path of the state, if there is one. It is looked at, not opened:
    /// the root was opened without following a link, and nobody but root can
    /// have put one there since.
    ///
    /// # Errors
    /// Something else lies there, or a call failed.
    pub fn state_path(&self) -> Result<Option<PathBuf>, StoreError> {
        match self.work_folder_if_any()? {
            None => Ok(None),
            Some(work) => self.state_in(&work),
        }
    }

    /// The path of the state; an empty file is made where there is none.
    ///
    /// # Errors
    /// Something else lies there, or a call failed.
    pub fn make_state(&self, _lock: &Lock) -> Result<PathBuf, StoreError> {
        let work = self.work_folder()?;
        if let Some(path) = self.state_in(&work)? {
            return Ok(path);
        }
        let file = self.disk.create_file(&work, STATE)?;
        // Whatever the umask is.
        self.disk.chmod(&file.0, 0o600)?;
        self.disk.sync(&work.0)?;
        Ok(work.path().join(STATE))
    }

    /// The bytes of the ledger's key, if there is one.
    ///
    /// # Errors
    /// Something else lies there, or a call failed.
    pub fn key(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let Some(work) = self.work_folder_if_any()? else {
            return Ok(None);
        };
        match read_file(&self.disk, &work, STATE_KEY)? {
            Seen::Absent => Ok(None),
            Seen::File(contents) => Ok(Some(contents.bytes)),
            Seen::Obstacle(obstacle) => Err(StoreError::NotAFile {
                path: work.path().join(STATE_KEY),
                obstacle,
            }),
        }
    }

    /// Makes the ledger's key, whole or not at all.
    ///
    /// # Errors
    /// There is one already, or a call failed.
    pub fn make_key(&self, _lock: &Lock) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let work = self.work_folder()?;
        match self.disk.remove_file(&work, NEW_STATE_KEY) {
            Ok(()) => {}
            // What a first apply left that was cut off; mostly there is none.
            Err(error) if error.is_absent() => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = Zeroizing::new(vec![0; KEY_BYTES]);
        self.disk.fill_random(&mut bytes)?;
        let file = self.disk.create_file(&work, NEW_STATE_KEY)?;
        self.disk.chmod(&file.0, 0o600)?;
        self.disk.write(&file, &bytes)?;
        self.disk.sync(&file.0)?;
        self.disk
            .rename_new((&work, NEW_STATE_KEY), (&work, STATE_KEY))?;
        self.disk.sync(&work.0)?;
        Ok(bytes)
    }

    fn state_in(&self, work: &Dir) -> Result<Option<PathBuf>, StoreError> {
        let path = work.path().join(STATE);
        match self.disk.stat(work, OsStr::new(STATE)) {
            Ok(stat) if stat.kind == FileType::RegularFile => Ok(Some(path)),
            Ok(stat) => Err(StoreError::NotAFile {
                path,
                obstacle: obstacle(stat.kind),
            }),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn work_folder_if_any(&self) -> Result<Option<Dir>, StoreError> {
        match open_dir(&self.disk, &self.root, WORK.as_ref(), Reach::Full)? {
            SeenDir::Absent => Ok(None),
            SeenDir::Dir(work, stat) => {
                root::check_owner(&work, &stat, self.owners.check, Sticky::Unsafe)?;
                Ok(Some(work))
            }
            SeenDir::Obstacle(obstacle) => Err(StoreError::NotADirectory {
                path: self.root.path().join(WORK),
                obstacle,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::store::testing::{Fixture, mode};
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    #[test]
    fn looking_for_a_state_makes_none() {
        let fixture = Fixture::new();
        let store = fixture.store();
        assert_eq!(store.state_path().unwrap(), None);
        assert_eq!(store.key().unwrap(), None);
        assert_eq!(fixture.tree(), "");
    }

    #[test]
    fn the_state_and_its_key_are_roots_alone() {
        let fixture = Fixture::new();
        let store = fixture.store();
        let lock = store.lock_exclusive(Duration::ZERO).unwrap();
        let path = store.make_state(&lock).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(store.make_state(&lock).unwrap(), path);
        assert_eq!(store.state_path().unwrap(), Some(path));
        // A first apply that was cut off.
        fixture.write(".cplinks/key.new", b"half");
        let key = store.make_key(&lock).unwrap();
        assert_eq!(key.len(), 32);
        assert_eq!(mode(&fixture.path(".cplinks/key")), 0o600);
        assert!(store.make_key(&lock).is_err());
        assert_eq!(store.key().unwrap().unwrap(), key);
    }

    #[test]
    fn links_in_their_place_are_not_followed() {
        let fixture = Fixture::new();
        let store = fixture.store();
        let lock = store.lock_exclusive(Duration::ZERO).unwrap();
        for name in ["state.db", "key"] {
            symlink("elsewhere", fixture.path(&format!(".cplinks/{name}"))).unwrap();
        }
        let error = store.state_path().unwrap_err().to_string();
        assert!(error.contains("is a symbolic link"), "{error}");
        assert!(store.make_state(&lock).is_err());
        assert!(store.key().is_err());
        assert!(!fixture.path(".cplinks/elsewhere").exists());
    }
}

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
use rustix::io::Errno;
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

    /// Moves a state that cannot be used out of the way, with the journal that
    /// the database keeps beside it: that must never meet another state. Says
    /// where it lies now; `None` if there is none.
    ///
    /// # Errors
    /// Something else lies there, or a call failed.
    pub fn set_state_aside(&self, _lock: &Lock) -> Result<Option<PathBuf>, StoreError> {
        let work = self.work_folder()?;
        if self.state_in(&work)?.is_none() {
            return Ok(None);
        }
        for number in 1_u64.. {
            let aside = match number {
                1 => format!("{STATE}.damaged"),
                _ => format!("{STATE}.damaged{number}"),
            };
            match self.disk.rename_new((&work, STATE), (&work, &aside)) {
                Ok(()) => {}
                // An earlier one, which is kept too.
                Err(error) if error.source == Errno::EXIST => continue,
                Err(error) => return Err(error.into()),
            }
            let journals = [STATE, &aside].map(|name| format!("{name}-journal"));
            let [from, to] = &journals;
            match self.disk.rename_new((&work, from), (&work, to)) {
                Ok(()) => {}
                Err(error) if error.is_absent() => {}
                Err(error) => return Err(error.into()),
            }
            self.disk.sync(&work.0)?;
            return Ok(Some(work.path().join(aside)));
        }
        Ok(None)
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
    fn a_state_that_is_set_aside_takes_its_journal_along_and_no_others_place() {
        let fixture = Fixture::new();
        let store = fixture.store();
        let lock = store.lock_exclusive(Duration::ZERO).unwrap();
        assert_eq!(store.set_state_aside(&lock), Ok(None));
        for (state, journal, aside) in [
            ("one", Some("j1"), "state.db.damaged"),
            ("two", None, "state.db.damaged2"),
            ("three", Some("j3"), "state.db.damaged3"),
        ] {
            fixture.write(".cplinks/state.db", state.as_bytes());
            if let Some(journal) = journal {
                fixture.write(".cplinks/state.db-journal", journal.as_bytes());
            }
            let aside = fixture.path(&format!(".cplinks/{aside}"));
            assert_eq!(store.set_state_aside(&lock), Ok(Some(aside)));
        }
        for (name, bytes) in [
            ("", "one"),
            ("-journal", "j1"),
            ("2", "two"),
            ("3", "three"),
            ("3-journal", "j3"),
        ] {
            let kept = format!(".cplinks/state.db.damaged{name}");
            assert_eq!(fixture.read(&kept), bytes.as_bytes());
        }
        let tree = fixture.tree();
        assert!(!tree.contains("state.db\n"), "{tree}");
        assert!(!tree.contains("/state.db-journal"), "{tree}");
        assert!(!tree.contains("damaged2-journal"), "{tree}");
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

//! How long run folders stay: the newest ten, and all of the last thirty
//! days. Removes nothing but finished runs' own folders, through directory
//! descriptors and without following a link.

use super::Store;
use super::disk::{Dir, Disk, PathError, Reach};
use super::error::StoreError;
use super::journal::Ends;
use super::layout::JOURNAL;
use super::record::RunId;
use rustix::fs::FileType;

/// Runs that stay however old they are. At least one must: its number keeps
/// the next run from using one again.
const KEEP_RUNS: usize = 10;
/// Seconds for which all runs stay.
const KEEP_SECONDS: u64 = 30 * 24 * 60 * 60;
/// Folders in each other below a run's: `old`, then a user's.
const DEPTH: usize = 2;

/// Whether a run is over for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Old,
    Young,
    /// It cannot be told.
    Unknown,
}

impl<D: Disk> Store<D> {
    /// Removes the folders of runs that are over for long enough.
    ///
    /// # Errors
    /// The first call that failed; what stays is tried again after the next
    /// run.
    pub(super) fn prune(&self, now: u64) -> Result<(), StoreError> {
        let Some(runs) = self.runs_folder()? else {
            return Ok(());
        };
        let ids = self.ids_in(&runs)?;
        let beyond = ids.len().saturating_sub(KEEP_RUNS);
        let mut outcome = Ok(());
        for id in ids.into_iter().take(beyond) {
            match self.prune_run(&runs, id, now) {
                Ok(Age::Old | Age::Unknown) => {}
                // Those after it began later: of a month of repairs, which are
                // thousands of runs, only the first is looked at each time.
                Ok(Age::Young) => break,
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        outcome
    }

    /// Removes a run if it is old.
    fn prune_run(&self, runs: &Dir, id: RunId, now: u64) -> Result<Age, StoreError> {
        let age = match self.ends_of(runs, id)? {
            Ends::NotBegun => Age::Old,
            Ends::Closed(Some(started)) if started.saturating_add(KEEP_SECONDS) < now => Age::Old,
            Ends::Closed(Some(_)) => Age::Young,
            // Nobody knows how old it is, or what it still is needed for.
            Ends::Closed(None) | Ends::Open => Age::Unknown,
        };
        match age {
            Age::Old => self.remove_run(runs, id)?,
            Age::Young | Age::Unknown => {}
        }
        Ok(age)
    }

    fn remove_run(&self, runs: &Dir, id: RunId) -> Result<(), PathError> {
        let name = id.to_string();
        let dir = self.disk.open_dir(runs, name.as_ref(), Reach::Full)?;
        // First, so that half a removal is a run that never began, and not
        // one whose old bytes are missing.
        match self.disk.remove_file(&dir, JOURNAL) {
            Ok(()) => {}
            Err(error) if error.is_absent() => {}
            Err(error) => return Err(error),
        }
        self.empty(&dir, DEPTH)?;
        self.disk.remove_dir(runs, &name)
    }

    fn empty(&self, dir: &Dir, depth: usize) -> Result<(), PathError> {
        for entry in self.disk.list(dir)? {
            let Some(name) = entry.name.to_str() else {
                continue;
            };
            let is_dir = self.disk.stat(dir, name.as_ref())?.kind == FileType::Directory;
            if !is_dir {
                self.disk.remove_file(dir, name)?;
                continue;
            }
            if depth > 0 {
                let inner = self.disk.open_dir(dir, name.as_ref(), Reach::Full)?;
                self.empty(&inner, depth - 1)?;
            }
            // Where it is deeper than we make it, this says so.
            self.disk.remove_dir(dir, name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::store::disk::RealDisk;
    use crate::store::faulty::Faulty;
    use crate::store::testing::{Fixture, header};
    use crate::store::{Need, RunHeader};
    use std::time::Duration;

    const DAY: u64 = 24 * 60 * 60;

    /// Makes runs that began on these days, and says which are left.
    fn left(fixture: &Fixture, days: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let store = fixture.store();
        for day in days {
            let lock = store.lock_exclusive(Duration::ZERO).unwrap();
            let header = RunHeader {
                started: day * DAY,
                ..header()
            };
            let run = store.begin(&lock, &header, Need::default()).unwrap();
            assert_eq!(run.finish().unclosed, None);
        }
        store.runs().unwrap().iter().map(|id| id.0).collect()
    }

    #[test]
    fn ten_runs_stay_however_old_they_are() {
        let fixture = Fixture::new();
        assert_eq!(
            left(&fixture, (0..12).map(|n| n * 100)),
            (3..=12).collect::<Vec<_>>()
        );
    }

    #[test]
    fn all_runs_of_thirty_days_stay_however_many_they_are() {
        let fixture = Fixture::new();
        let days = (100..=130).chain([131]);
        assert_eq!(left(&fixture, days), (2..=32).collect::<Vec<_>>());
    }

    /// Ten years ahead, in 1970, and back: the newest ten are those with the
    /// highest numbers, whatever they say of the time.
    #[test]
    fn a_clock_that_jumps_takes_none_of_the_newest() {
        let fixture = Fixture::new();
        let days = (0..8).map(|_| 20_000).chain([23_650, 0, 23_650, 0, 20_000]);
        let mut newest = 0;
        for day in days {
            let kept = left(&fixture, [day]);
            newest += 1;
            assert_eq!(kept.last(), Some(&newest), "{kept:?}");
            let expect = newest.saturating_sub(9).max(1)..=newest;
            let has = |run: u64| kept.contains(&run);
            assert!(expect.clone().all(has), "day {day}: {kept:?}");
        }
    }

    #[test]
    fn a_run_after_many_calls_for_no_more_than_one_after_a_few() {
        let fixture = Fixture::new();
        let disk = Faulty::<RealDisk>::default();
        let store = fixture.store_on(disk.clone());
        let calls = || {
            disk.take_calls();
            let lock = store.lock_exclusive(Duration::ZERO).unwrap();
            let newest = store.interrupted().unwrap();
            assert_eq!(newest, None);
            let run = store.begin(&lock, &header(), Need::default()).unwrap();
            let id = run.finish().id;
            assert_eq!(store.runs_after(Some(id)).unwrap(), []);
            disk.take_calls().len()
        };
        let all: Vec<usize> = (0..112).map(|_| calls()).collect();
        assert_eq!(all[11], all[111], "{all:?}");
        assert_eq!(store.runs().unwrap().len(), 112);
    }

    #[test]
    fn only_what_is_a_run_of_ours_goes_and_links_in_it_are_not_followed() {
        let fixture = Fixture::new();
        left(&fixture, 0..4);
        fixture.write("precious/file", b"theirs");
        let old = ".cplinks/runs/000001/old/alice";
        fixture.write(&format!("{old}/a.userconfig"), b"{}");
        let link = fixture.path(&format!("{old}/link"));
        std::os::unix::fs::symlink(fixture.path("precious"), link).unwrap();
        fixture.write(".cplinks/runs/notes/journal", b"theirs");
        fixture.write(".cplinks/runs/000002/old/a/b/c/deep", b"theirs");
        fixture.write(".cplinks/runs/000003/journal", b"{\"run\":\n");
        let runs = left(&fixture, (0..9).map(|n| 1000 + n));
        assert_eq!(runs, (3..=13).collect::<Vec<_>>());
        assert!(!fixture.path(".cplinks/runs/000001").exists());
        assert_eq!(fixture.read("precious/file"), b"theirs");
        assert!(fixture.path(".cplinks/runs/notes/journal").exists());
        let deep = ".cplinks/runs/000002/old/a/b/c/deep";
        assert_eq!(fixture.read(deep), b"theirs", "deeper than we go");
        left(&fixture, [3000, 3001]);
        let kept = fixture.read(".cplinks/runs/000003/journal");
        assert_eq!(kept, b"{\"run\":\n", "it may still be needed");
    }
}

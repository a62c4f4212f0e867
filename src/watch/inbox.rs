//! The *inbox*: what came in, until somebody takes it up. However much comes,
//! it holds each user and each folder once, so that a storm of events takes
//! no more memory than the accounts there are.

use crate::model::UserName;
use crate::plan::Tree;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// More names than this are no accounts that could be told apart: then
/// everything is looked at.
const MOST_NAMES: usize = 500_000;

/// More files than this are not written at once by who means a manifest.
const MOST_WRITING: usize = 1000;

/// What somebody wants of the watch; of two wishes the greater holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Everything is to be looked at.
    Look,
    /// The watch is to end.
    Stop,
}

/// What came in.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Users below whose folders something happened.
    pub users: BTreeSet<UserName>,
    /// Folders of users that came or went, so that they must be watched anew.
    pub folders: BTreeSet<(Tree, UserName)>,
    /// Something happened beside the manifest.
    pub inputs: bool,
    /// Files beside the manifest that somebody has written to and not closed
    /// yet: what is in them may be half of what is meant.
    pub writing: BTreeSet<PathBuf>,
    /// Folders beside the manifest that came or went.
    pub input_folders: BTreeSet<PathBuf>,
    /// Something happened to the ledger: a pause may have come or gone.
    pub state: bool,
    /// Events were lost: anything may have happened.
    pub lost: bool,
    /// What was watched is not what the paths name any more.
    pub rebuild: Option<String>,
    /// What somebody wants, by a signal.
    pub wish: Option<Wish>,
    /// How many events it was.
    pub events: u64,
    /// When the first and the last of it came.
    pub when: Option<(Instant, Instant)>,
}

impl Hints {
    fn is_empty(&self) -> bool {
        self.when.is_none()
    }

    fn is_urgent(&self) -> bool {
        self.lost || self.wish.is_some() || self.rebuild.is_some()
    }

    /// A file beside the manifest is written, or is not any more.
    pub fn note_writing(&mut self, path: &Path, is_written: bool) {
        if !is_written {
            self.writing.remove(path);
        } else if self.writing.len() < MOST_WRITING {
            self.writing.insert(path.to_owned());
        }
    }

    /// Something happened below a user's folders.
    pub fn note_user(&mut self, user: UserName) {
        self.users.insert(user);
        if self.users.len() > MOST_NAMES {
            self.users.clear();
            self.lost = true;
        }
    }

    /// A user's folder came or went.
    pub fn note_folder(&mut self, tree: Tree, user: UserName) {
        self.folders.insert((tree, user));
        if self.folders.len() > MOST_NAMES {
            self.folders.clear();
            self.rebuild = Some("too many folders came and went".to_owned());
        }
    }
}

#[derive(Debug, Default)]
struct State {
    hints: Hints,
    fences: u64,
}

/// Where hints are put, by any thread.
#[derive(Debug, Default)]
pub struct Inbox {
    state: Mutex<State>,
    bell: Condvar,
}

impl Inbox {
    /// Puts something in.
    pub fn put(&self, note: impl FnOnce(&mut Hints)) {
        let mut state = self.lock();
        let now = Instant::now();
        let was_empty = state.hints.is_empty();
        note(&mut state.hints);
        let first = state.hints.when.map_or(now, |(first, _)| first);
        state.hints.when = Some((first, now));
        // Who waits for a debounce is not woken by each event of a storm.
        if was_empty || state.hints.is_urgent() {
            self.bell.notify_all();
        }
    }

    /// Takes everything out; waits for something to come, at most so long.
    pub fn wait(&self, most: Duration) -> Hints {
        self.wait_for(most, |hints| !hints.is_empty())
    }

    /// Takes everything out after so long, or as soon as there is something
    /// that cannot wait.
    pub fn pause(&self, most: Duration) -> Hints {
        self.wait_for(most, Hints::is_urgent)
    }

    fn wait_for(&self, most: Duration, is_enough: impl Fn(&Hints) -> bool) -> Hints {
        let state = self.lock();
        let (mut state, _) = self
            .bell
            .wait_timeout_while(state, most, |state| !is_enough(&state.hints))
            .unwrap_or_else(PoisonError::into_inner);
        // Who writes goes on doing so, whether somebody looks or not.
        let writing = state.hints.writing.clone();
        let hints = std::mem::take(&mut state.hints);
        state.hints.writing = writing;
        hints
    }

    /// Forgets who writes what: notices may have been lost.
    pub fn forget_writing(&self) {
        self.lock().hints.writing.clear();
    }

    /// Whether the watch is to end.
    pub fn is_stopping(&self) -> bool {
        self.lock().hints.wish == Some(Wish::Stop)
    }

    /// A fence was seen: all that happened before it is in the inbox.
    pub fn pass_fence(&self) {
        self.lock().fences += 1;
        self.bell.notify_all();
    }

    /// How many fences were seen.
    pub fn fences(&self) -> u64 {
        self.lock().fences
    }

    /// Waits until more fences were seen than that, at most so long.
    pub fn wait_for_fence(&self, after: u64, most: Duration) {
        let state = self.lock();
        drop(
            self.bell
                .wait_timeout_while(state, most, |state| state.fences <= after)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn name(name: &str) -> UserName {
        UserName::parse(name).unwrap()
    }

    #[test]
    fn a_storm_is_one_hint() {
        let inbox = Inbox::default();
        for _ in 0..100_000 {
            inbox.put(|hints| {
                hints.events += 1;
                hints.note_user(name("ann"));
            });
        }
        let hints = inbox.wait(Duration::from_secs(9));
        assert_eq!((hints.users.len(), hints.events), (1, 100_000));
        assert!(inbox.wait(Duration::ZERO).is_empty());
    }

    #[test]
    fn who_pauses_is_only_woken_by_what_cannot_wait() {
        let inbox = Arc::new(Inbox::default());
        inbox.put(|hints| hints.note_user(name("ann")));
        let begin = Instant::now();
        let hints = inbox.pause(Duration::from_millis(50));
        assert!(begin.elapsed() >= Duration::from_millis(50));
        assert_eq!(hints.users.len(), 1);
        let other = Arc::clone(&inbox);
        let thread = std::thread::spawn(move || other.put(|hints| hints.wish = Some(Wish::Stop)));
        let hints = inbox.pause(Duration::from_secs(60));
        assert_eq!(hints.wish, Some(Wish::Stop));
        thread.join().unwrap();
    }

    #[test]
    fn a_fence_lets_through_who_waits_for_it() {
        let inbox = Arc::new(Inbox::default());
        let before = inbox.fences();
        let other = Arc::clone(&inbox);
        let thread = std::thread::spawn(move || other.pass_fence());
        inbox.wait_for_fence(before, Duration::from_secs(60));
        assert_eq!(inbox.fences(), before + 1);
        thread.join().unwrap();
        // One that never comes is not waited for for ever.
        inbox.wait_for_fence(before + 1, Duration::from_millis(1));
    }
}

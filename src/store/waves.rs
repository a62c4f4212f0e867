//! The live part of a batch, in *waves*: each edit goes as far as the step
//! that waits for a folder of its user, then the folders of all of them are
//! synced at once, and so on. Within a wave edits take their turns in the
//! plan's order and in one thread. What is safe for one link is decided by its
//! steps, which keep their order; here is only how links share their waiting:
//! a new link waits twice, and 256 of them also do.

use super::batch::{Folders, State, States};
use super::commit::{Commit, Paused, Ready, Went};
use super::disk::Disk;
use super::folder::sync_together;
use super::outcome::Outcome;
use super::run::Run;
use super::stage::Interrupt;
use crate::model::UserName;
use crate::plan::{Address, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// An edit that is not over.
enum Going {
    /// Not begun.
    Ready(Box<Ready>),
    /// Half way.
    Waits(Box<Ready>, Paused),
}

/// What came of an edit's turn.
enum Turn {
    /// It is over.
    Ended(Outcome),
    /// It takes a turn in the next wave too.
    Goes(Going),
}

impl<D: Disk> Run<'_, D> {
    /// Makes a batch live, and says what became of each edit, in their order.
    /// Once it is interrupted it begins none, and ends those that are begun.
    pub(super) fn make_live(
        &mut self,
        edits: States,
        folders: &mut Folders,
        interrupt: Interrupt<'_>,
    ) -> Vec<(Address, Outcome)> {
        let mut ended: BTreeMap<usize, (Address, Outcome)> = BTreeMap::new();
        let mut going = Vec::new();
        for (index, (address, state)) in edits.into_iter().enumerate() {
            match state {
                State::Ready(ready) => going.push((index, address, Going::Ready(ready))),
                State::Ended(outcome) => self.end(&mut ended, index, address, outcome),
            }
        }
        // The first of those that go on waits for no other edit, so each wave
        // brings at least that one further.
        while !going.is_empty() {
            let mut next = Vec::new();
            let mut unfinished = BTreeSet::new();
            for (index, address, edit) in going {
                if let Going::Ready(ready) = &edit
                    && !ready.needs.is_disjoint(&unfinished)
                {
                    unfinished.insert(address.clone());
                    next.push((index, address, edit));
                    continue;
                }
                match self.turn(index, &address, edit, folders, interrupt) {
                    Turn::Ended(outcome) => self.end(&mut ended, index, address, outcome),
                    Turn::Goes(edit) => {
                        unfinished.insert(address.clone());
                        next.push((index, address, edit));
                    }
                }
            }
            self.sync_waited(&next, folders);
            going = next;
        }
        ended.into_values().collect()
    }

    fn end(
        &mut self,
        ended: &mut BTreeMap<usize, (Address, Outcome)>,
        index: usize,
        address: Address,
        outcome: Outcome,
    ) {
        if !outcome.is_done() {
            self.failed.insert(address.clone());
        }
        ended.insert(index, (address, outcome));
    }

    /// Takes an edit as far as it goes without waiting.
    fn turn(
        &self,
        index: usize,
        address: &Address,
        edit: Going,
        folders: &mut Folders,
        interrupt: Interrupt<'_>,
    ) -> Turn {
        if let Going::Ready(ready) = &edit {
            let blocked = ready.needs.intersection(&self.failed).next();
            let blocked = blocked.map(|by| Outcome::Blocked { by: by.clone() });
            let outcome = if interrupt() {
                Some(Outcome::NotBegun)
            } else {
                blocked
            };
            if let Some(outcome) = outcome {
                self.discard(&ready.staged);
                return Turn::Ended(outcome);
            }
        }
        // Only an edit without a step needs no folder.
        let Some(folders) = folders.get_mut(address.user()) else {
            return Turn::Ended(Outcome::Done);
        };
        let (ready, paused) = match edit {
            Going::Ready(ready) => (ready, None),
            Going::Waits(ready, paused) => (ready, Some(paused)),
        };
        let commit = Commit::new(self, index, address, &ready, folders);
        let went = match paused {
            None => commit.begin(),
            Some(paused) => commit.go_on(paused),
        };
        match went {
            Went::Ended(outcome) => Turn::Ended(outcome),
            Went::Waits(paused) => Turn::Goes(Going::Waits(ready, paused)),
        }
    }

    /// Syncs the folders that edits wait for. Edits that find it failed end
    /// with that in their next turn.
    fn sync_waited(&self, edits: &[(usize, Address, Going)], folders: &mut Folders) {
        let waits = edits.iter().filter_map(|(_, address, edit)| match edit {
            Going::Waits(_, paused) => Some((address.user(), paused.tree)),
            Going::Ready(_) => None,
        });
        let waits: BTreeSet<(&UserName, Tree)> = waits.collect();
        let waited = folders.iter_mut().flat_map(|(user, folders)| {
            let open = folders.open();
            open.filter(|(tree, _)| waits.contains(&(user, *tree)))
        });
        sync_together(&self.store.disk, waited.map(|(_, folder)| folder));
    }
}

//! How the files of one link of an interrupted run stand, judged by what is
//! live, what is staged and what is in the backup. A *standing* says how far
//! the steps of one file got; it changes nothing.
#![deny(clippy::wildcard_enum_match_arm)]

use super::batch::UserFolders;
use super::commit::{Held, Ready};
use super::disk::{Dir, Disk};
use super::edit::{KINDS, Trio};
use super::error::StoreError;
use super::key::Version;
use super::layout::{file_name, tree_of};
use super::read::{Seen, read_file};
use super::recover::found;
use super::run::Run;
use super::steps::Step;
use crate::model::FileKind;
use crate::plan::Address;
use std::collections::BTreeSet;

/// How far the steps of one file got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// None is done.
    Before,
    /// It is in the backup, and a new one is not yet in its place.
    Withdrawn,
    /// All are done.
    After,
    /// Somebody else's file was swapped out and not yet given back; it lies
    /// in the stage and holds this.
    SwappedOut(Held),
    /// Somebody else's file was moved to the backup and not yet put back.
    MovedOut,
    /// It is neither what was there before nor what was written.
    Theirs,
}

/// How the files of one link stand.
#[derive(Debug)]
pub(super) struct Standings {
    files: Trio<Option<Standing>>,
    /// Whether all that is still to be moved in is staged, and whole.
    pub(super) is_whole: bool,
}

impl Standings {
    /// How a file stands; `None` if the edit leaves it alone, and so did
    /// everybody else where that matters.
    pub(super) fn of(&self, kind: FileKind) -> Option<Standing> {
        *self.files.of(kind)
    }

    fn each(&self) -> impl Iterator<Item = Standing> {
        KINDS.into_iter().filter_map(|kind| self.of(kind))
    }

    /// Whether all files stand like this.
    pub(super) fn all(&self, standing: Standing) -> bool {
        self.each().all(|s| s == standing)
    }

    /// The first file that somebody else has the last word on.
    pub(super) fn theirs(&self) -> Option<FileKind> {
        KINDS
            .into_iter()
            .find(|kind| self.of(*kind).is_some_and(is_theirs))
    }

    /// Whether the files that are ours are neither all old nor all new.
    pub(super) fn are_halfway(&self) -> bool {
        let ours = || self.each().filter(|s| !is_theirs(*s));
        !(ours().all(|s| s == Standing::Before) || ours().all(|s| s == Standing::After))
    }

    /// The places of the moves that are done.
    pub(super) fn done(&self, steps: &[Step]) -> BTreeSet<usize> {
        let is_done = |step: &Step| {
            let standing = step.file().and_then(|kind| self.of(kind));
            match standing {
                Some(Standing::After) => true,
                Some(Standing::Withdrawn) => matches!(step, Step::Back(_)),
                Some(
                    Standing::Before
                    | Standing::SwappedOut(_)
                    | Standing::MovedOut
                    | Standing::Theirs,
                )
                | None => false,
            }
        };
        let places = steps.iter().enumerate();
        places.filter(|(_, s)| is_done(s)).map(|(p, _)| p).collect()
    }
}

fn is_theirs(standing: Standing) -> bool {
    match standing {
        Standing::SwappedOut(_) | Standing::MovedOut | Standing::Theirs => true,
        Standing::Before | Standing::Withdrawn | Standing::After => false,
    }
}

/// What lies at a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Nothing,
    File(Version),
    /// Something that is never read.
    Other,
}

impl Look {
    fn is(self, version: Option<Version>) -> bool {
        match (self, version) {
            (Self::File(found), Some(version)) => found.fingerprint == version.fingerprint,
            (Self::File(_), None) | (Self::Nothing | Self::Other, _) => false,
        }
    }

    /// Whether it is what was there before, be that nothing.
    fn is_still(self, before: Option<Version>) -> bool {
        match self {
            Self::Nothing => before.is_none(),
            Self::File(_) => self.is(before),
            Self::Other => false,
        }
    }

    fn held(self) -> Held {
        match self {
            Self::File(version) => Some(version.fingerprint),
            Self::Nothing | Self::Other => None,
        }
    }
}

/// The three places of one file, and the versions it may have.
struct Places {
    live: Look,
    staged: Look,
    kept: Look,
    before: Option<Version>,
    after: Option<Version>,
}

impl<D: Disk> Run<'_, D> {
    /// Looks at all files of one link.
    ///
    /// # Errors
    /// A call failed; then nothing is known.
    pub(super) fn standings(
        &self,
        address: &Address,
        ready: &Ready,
        folders: &UserFolders,
    ) -> Result<Standings, StoreError> {
        let backup = self.found_backup_of(address.user())?;
        let mut standings = Standings {
            files: Trio::default(),
            is_whole: true,
        };
        for kind in KINDS {
            let moves: Vec<_> = ready
                .steps
                .iter()
                .filter(|step| step.file() == Some(kind))
                .collect();
            let is_checked = ready.steps.contains(&Step::Check(kind));
            if moves.is_empty() && !is_checked {
                continue;
            }
            let name = file_name(address, kind);
            let live = found(folders, tree_of(kind)).map(|folder| &folder.dir);
            if moves.is_empty() {
                let (live, before) = (self.look(live, &name)?, *ready.before.of(kind));
                if !live.is_still(before) {
                    *standings.files.of_mut(kind) = Some(Standing::Theirs);
                }
                continue;
            }
            let staged = ready.staged.of(kind).as_ref();
            let places = Places {
                live: self.look(live, &name)?,
                staged: match staged {
                    Some(staged) => self.look(Some(&self.stage), &staged.name)?,
                    None => Look::Nothing,
                },
                kept: self.look(backup.as_ref(), &name)?,
                before: *ready.before.of(kind),
                after: staged.map(|staged| staged.version),
            };
            let standing = places.standing(&moves);
            let still_to_come = staged.is_some() && standing != Standing::After;
            if still_to_come && !places.staged.is(places.after) {
                standings.is_whole = false;
            }
            *standings.files.of_mut(kind) = Some(standing);
        }
        Ok(standings)
    }

    fn look(&self, dir: Option<&Dir>, name: &str) -> Result<Look, StoreError> {
        let Some(dir) = dir else {
            return Ok(Look::Nothing);
        };
        Ok(match read_file(&self.store.disk, dir, name)? {
            Seen::Absent => Look::Nothing,
            Seen::Obstacle(_) => Look::Other,
            Seen::File(contents) => Look::File(Version {
                fingerprint: self.key.of_bytes(&contents.bytes),
                ownership: contents.ownership,
            }),
        })
    }
}

impl Places {
    /// The table:
    ///
    /// | moves | live | standing |
    /// |---|---|---|
    /// | exchange | new | after; but swapped out, if the stage has what nobody planned |
    /// | exchange, back | old | before |
    /// | install | nothing, new | before, after |
    /// | back | nothing | after if the backup has the old one; moved out, if it has another |
    /// | back, then install | nothing | the same, but withdrawn; new is after |
    /// | any | anything else | theirs |
    fn standing(&self, moves: &[&Step]) -> Standing {
        match moves {
            [Step::Exchange(_)] => self.exchanged(),
            [Step::Install(_)] => match self.live {
                Look::Nothing => Standing::Before,
                live if live.is(self.after) => Standing::After,
                Look::File(_) | Look::Other => Standing::Theirs,
            },
            [Step::Back(_)] => match self.live {
                Look::Nothing => self.backed(Standing::After),
                live if live.is(self.before) => Standing::Before,
                Look::File(_) | Look::Other => Standing::Theirs,
            },
            // A withdrawn file and its successor; no other two there are.
            _ => match self.live {
                Look::Nothing => self.backed(Standing::Withdrawn),
                live if live.is(self.after) && live.is(self.before) => {
                    if self.kept.is(self.before) {
                        Standing::After
                    } else {
                        Standing::Before
                    }
                }
                live if live.is(self.after) => Standing::After,
                live if live.is(self.before) => Standing::Before,
                Look::File(_) | Look::Other => Standing::Theirs,
            },
        }
    }

    fn exchanged(&self) -> Standing {
        let is_new = match (self.live.is(self.before), self.live.is(self.after)) {
            (true, true) => self.is_newly_owned() || self.kept.is(self.before),
            (false, true) => true,
            (true, false) => false,
            (false, false) => return Standing::Theirs,
        };
        if !is_new {
            return Standing::Before;
        }
        let is_planned = self.staged.is(self.before) || self.staged.is(self.after);
        match self.staged {
            Look::Nothing => Standing::After,
            Look::File(_) if is_planned => Standing::After,
            Look::File(_) | Look::Other => Standing::SwappedOut(self.staged.held()),
        }
    }

    /// Where only the mode or owner changes, they are what tells.
    fn is_newly_owned(&self) -> bool {
        let (Some(before), Some(after)) = (self.before, self.after) else {
            return false;
        };
        match self.live {
            Look::File(live) => {
                live.ownership == after.ownership && before.ownership != after.ownership
            }
            Look::Nothing | Look::Other => false,
        }
    }

    fn backed(&self, done: Standing) -> Standing {
        match self.kept {
            kept if kept.is(self.before) => done,
            // Somebody else removed it.
            Look::Nothing => Standing::Theirs,
            Look::File(_) | Look::Other => Standing::MovedOut,
        }
    }
}

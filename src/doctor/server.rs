//! What each root has once: its own mode, the trees, and what cplinks keeps
//! beside them.

use super::files;
use super::finding::{Finding, Mend};
use super::permit::{self, Wanted};
use super::rule::Rule;
use super::strays;
use crate::model::{Standing, Stray, UserName};
use crate::plan::{FileOwner, Fixture, Pause, Place, Shield, Tree};
use std::collections::BTreeSet;

/// What is wrong with what cplinks remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Memory {
    /// A write of the state was cut off.
    Unfinished,
    /// The state is damaged.
    Damaged,
    /// There is none, but there are runs.
    Lost,
    /// It cannot be used for another reason, which is told.
    Unusable(String),
    /// Its key cannot be used; why.
    BadKey(String),
    /// Its key is missing, or another one.
    OtherKey,
}

/// What was found of the server itself.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// The root, its trees, the work folder and what is in it.
    pub fixtures: &'a [Fixture],
    /// Names in the trees that no account may have: `links`, `dynamicui`.
    pub strays: &'a [Vec<Stray>; 2],
    /// How owners are compared.
    pub owner: FileOwner,
}

impl Server<'_> {
    /// All that is wrong with it.
    pub fn check(&self) -> Vec<Finding> {
        let fixtures = self.fixtures.iter();
        let mut findings: Vec<Finding> = fixtures.filter_map(|of| self.fixture(of)).collect();
        for (tree, strays) in [Tree::Links, Tree::Menu].into_iter().zip(self.strays) {
            findings.extend(strays.iter().map(|stray| {
                let place = Place::InTree(tree, stray.name.clone());
                let found = strays::words(stray);
                Finding::new(Rule::StrayInTree, place, found).mended_by(Mend::Aside)
            }));
        }
        findings.sort_by(|one, other| one.place.cmp(&other.place));
        findings
    }

    /// What is wrong with the work folder and what is in it.
    pub fn work(&self) -> Vec<Finding> {
        let fixtures = self.fixtures.iter();
        let of_work = fixtures.filter(|of| matches!(of.place, Place::Work | Place::InWork(_)));
        of_work.filter_map(|of| self.fixture(of)).collect()
    }

    /// Whether nothing else lies in the place of the work folder or of what
    /// belongs in it.
    pub fn can_use_work(&self) -> bool {
        let in_the_way = |of: &Fixture| matches!(of.standing, Standing::Obstacle(_));
        let of_work = |of: &&Fixture| match of.place {
            Place::Work => true,
            Place::InWork(name) => name != Place::ASIDE,
            _ => false,
        };
        !self.fixtures.iter().filter(of_work).any(in_the_way)
    }

    /// Whether what is moved aside goes to where only root comes: then it may
    /// be said how. A folder that is not there is made so.
    pub fn can_move_aside(&self) -> bool {
        let mut of_aside = self
            .fixtures
            .iter()
            .filter(|of| matches!(of.place, Place::Work | Place::InWork(Place::ASIDE)));
        let is_private = of_aside.all(|fixture| match fixture.standing {
            Standing::Seen(found) => {
                let for_others = found.mode & 0o077;
                for_others == 0 && !permit::lets_others_write(found, self.wanted_owner())
            }
            Standing::Obstacle(_) => false,
        });
        is_private && !self.lets_others_swap_folders()
    }

    /// Whether others than root could put other folders in place of users'.
    pub fn lets_others_swap_folders(&self) -> bool {
        self.fixtures.iter().any(|fixture| match fixture.standing {
            Standing::Seen(found) => {
                fixture.shield == Shield::Write
                    && permit::lets_others_write(found, self.wanted_owner())
            }
            Standing::Obstacle(_) => false,
        })
    }

    fn fixture(&self, fixture: &Fixture) -> Option<Finding> {
        let place = fixture.place.clone();
        match &fixture.standing {
            Standing::Obstacle(obstacle) => {
                let mut finding = files::obstacle(place, obstacle);
                if fixture.place == Place::Work {
                    // What is moved aside is moved into this folder.
                    finding.mend = None;
                }
                Some(finding)
            }
            Standing::Seen(found) => {
                let wanted = Wanted {
                    mode: fixture.mode,
                    owner: self.wanted_owner(),
                    shield: fixture.shield,
                    // The root itself is where its path says.
                    may_be_swapped: place != Place::Root && self.is_root_open(),
                };
                permit::check(place, *found, wanted)
            }
        }
    }

    fn is_root_open(&self) -> bool {
        self.fixtures.iter().any(|fixture| match fixture.standing {
            Standing::Seen(found) => {
                fixture.place == Place::Root
                    && permit::lets_others_write(found, self.wanted_owner())
            }
            Standing::Obstacle(_) => false,
        })
    }

    fn wanted_owner(&self) -> Option<(u32, Option<u32>)> {
        match self.owner {
            FileOwner::Keep => None,
            FileOwner::Root => Some((0, Some(0))),
        }
    }
}

impl Finding {
    /// A run that was cut off, by its number.
    pub fn interrupted(run: &str) -> Self {
        let place = Place::InWork("runs");
        let found = format!("run {run}");
        Self::new(Rule::InterruptedRun, place, found).mended_by(Mend::Recover)
    }

    /// What is wrong with what cplinks remembers.
    pub fn memory(memory: &Memory) -> Self {
        let state = |rule, found: &str| Self::new(rule, Place::InWork("state.db"), found);
        let key = |rule, found: &str| Self::new(rule, Place::InWork("key"), found);
        match memory {
            Memory::Unfinished => state(
                Rule::StateUnreadable,
                "it was left in the middle of a write",
            )
            .mended_by(Mend::Recover),
            Memory::Damaged => {
                state(Rule::StateUnreadable, "it is damaged").mended_by(Mend::Recover)
            }
            Memory::Lost => {
                state(Rule::StateLost, "it is missing, and there are runs").mended_by(Mend::Recover)
            }
            Memory::Unusable(why) => state(Rule::StateUnreadable, why),
            // A new one is made in its place, which is then another one.
            Memory::BadKey(why) => key(Rule::StateUnreadable, why).mended_by(Mend::Aside),
            Memory::OtherKey => key(
                Rule::StateKey,
                "it is missing, or not the one that the state was made with",
            )
            .mended_by(Mend::Apply),
        }
    }

    /// A pause of users of whom none is there any more; `None` for any other.
    pub fn stale_pause(
        pause: &Pause,
        users: &BTreeSet<UserName>,
        has_account: &dyn Fn(&UserName) -> bool,
    ) -> Option<Self> {
        let mut names = users.iter().map(UserName::as_str);
        let mut exact = pause.users.texts().filter_map(|t| UserName::parse(t).ok());
        let is_of_somebody = pause.users.is_empty()
            || names.any(|name| pause.users.matches(name))
            || exact.any(|user| has_account(&user));
        if is_of_somebody {
            return None;
        }
        let users: Vec<&str> = pause.users.texts().collect();
        let found = format!("nobody is called {}", users.join(" or "));
        let place = Place::InWork("state.db");
        let finding = Self::new(Rule::PauseStale, place, found);
        Some(finding.mended_by(Mend::Resume(pause.clone())))
    }
}

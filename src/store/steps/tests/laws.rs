//! Every edit there can be, planned or not, and what must hold at each of its
//! prefixes.

use super::spell;
use crate::model::FileKind::{Adminconfig, Menu, Userconfig};
use crate::plan::FileChange::{self, Keep, Remove, Write};
use crate::plan::Tree;
use crate::store::edit::Trio;
use crate::store::steps::Presence::{self, Absent, Present};
use crate::store::steps::{Facts, Manner, Pair, Shows, Start, Step, needs_menu, steps};

/// A file in the enumeration: what its content means, old or new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    None,
    Old,
    New,
}

/// Everything that can be so before and after, with more than is ever
/// planned.
struct Case {
    u: (Presence, bool, FileChange, bool),
    a: (Presence, bool, FileChange, bool),
    d: (Presence, bool, FileChange, bool),
}

/// Present or not, whole (or visible), what happens, changed (or visible
/// afterwards).
fn sides() -> Vec<(Presence, bool, FileChange, bool)> {
    let mut sides = Vec::new();
    for change in [Keep, Write, Remove] {
        for after in [false, true] {
            if after && change != Write {
                continue;
            }
            sides.push((Absent, false, change, after));
            sides.push((Present, false, change, after));
            sides.push((Present, true, change, after));
        }
    }
    sides
}

fn shows(visible: bool) -> Shows {
    if visible { Shows::Yes } else { Shows::No }
}

impl Case {
    fn ends_visible(&self) -> bool {
        match self.d.2 {
            Keep => self.d.1,
            Write => self.d.3,
            Remove => false,
        }
    }

    fn url_changes(&self) -> bool {
        self.u.2 == Write && (self.u.3 || !self.u.1)
    }

    fn token_changes(&self) -> bool {
        self.a.2 == Write && (self.a.3 || !self.a.1)
    }

    fn facts(&self) -> Facts {
        let pair_changes = self.a.0 == Present && self.url_changes() && self.token_changes();
        Facts {
            before: shows(self.d.1),
            after: shows(self.ends_visible()),
            pair: if pair_changes {
                Pair::Changes
            } else if self.url_changes() && self.a.2 == Keep {
                Pair::UrlAlone
            } else {
                Pair::Holds
            },
            start: if self.u.1 && self.a.1 {
                Start::Whole
            } else {
                Start::Broken
            },
        }
    }

    fn steps(&self) -> Vec<Step> {
        steps(
            Trio::from([self.u.0, self.a.0, self.d.0]),
            Trio::from([self.u.2, self.a.2, self.d.2]),
            Manner::Link(self.facts()),
        )
    }

    fn start(&self) -> Trio<Content> {
        Trio::from([self.u.0, self.a.0, self.d.0]).map(|p| match p {
            Present => Content::Old,
            Absent => Content::None,
        })
    }

    fn end(&self) -> Trio<Content> {
        let mut at = self.start();
        for step in self.steps() {
            carry_out(&mut at, step);
        }
        at
    }

    fn is_whole(side: (Presence, bool, FileChange, bool), content: Content) -> bool {
        match content {
            Content::None => false,
            Content::Old => side.1,
            Content::New => true,
        }
    }

    /// Invariant 2: what shows is whole.
    fn is_sound(&self, at: Trio<Content>) -> bool {
        let is_visible = match at.menu {
            Content::None => false,
            Content::Old => self.d.1,
            Content::New => self.d.3,
        };
        !is_visible
            || Self::is_whole(self.u, at.userconfig) && Self::is_whole(self.a, at.adminconfig)
    }

    /// Invariant 3: no token beside a URL it was not declared with.
    fn is_safe(&self, at: Trio<Content>) -> bool {
        if !(self.url_changes() && self.token_changes()) {
            return true;
        }
        !matches!(
            (at.userconfig, at.adminconfig),
            (Content::Old, Content::New) | (Content::New, Content::Old)
        )
    }
}

fn carry_out(at: &mut Trio<Content>, step: Step) {
    match step {
        Step::Exchange(kind) => {
            assert_eq!(*at.of(kind), Content::Old, "exchange needs a file");
            *at.of_mut(kind) = Content::New;
        }
        Step::Install(kind) => {
            assert_eq!(*at.of(kind), Content::None, "install needs none");
            *at.of_mut(kind) = Content::New;
        }
        Step::Back(kind) => {
            assert_eq!(*at.of(kind), Content::Old, "only what was there goes");
            *at.of_mut(kind) = Content::None;
        }
        Step::Check(kind) => assert_ne!(*at.of(kind), Content::New, "only what stays is checked"),
        Step::Sync(_) => {}
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for u in sides() {
        for a in sides() {
            for d in sides() {
                let case = Case { u, a, d };
                // The one who makes an edit writes the entry in this case.
                if !(needs_menu(case.facts()) && d.2 == Keep) {
                    cases.push(case);
                }
            }
        }
    }
    cases
}

#[test]
fn every_edit_ends_as_it_should_and_is_sound_and_safe_at_every_prefix() {
    for case in cases() {
        let (steps, facts) = (case.steps(), case.facts());
        let mut at = case.start();
        let mut states = vec![at];
        for step in &steps {
            carry_out(&mut at, *step);
            states.push(at);
        }
        let told = format!("{:?} {:?} {:?}: {}", case.u, case.a, case.d, spell(&steps));
        for (kind, side) in [(Userconfig, case.u), (Adminconfig, case.a), (Menu, case.d)] {
            let expect = match side.2 {
                Keep => *case.start().of(kind),
                Write => Content::New,
                Remove => Content::None,
            };
            assert_eq!(*at.of(kind), expect, "{kind:?} of {told}");
        }
        assert!(states.iter().all(|s| case.is_safe(*s)), "(3) {told}");
        // A change that leaves half a link showing is not made sound here.
        if case.is_sound(at) {
            let from = usize::from(!case.is_sound(case.start()));
            assert!(
                states.iter().skip(from).all(|s| case.is_sound(*s)),
                "(2) {told}"
            );
        }
        assert!(
            facts.after == Shows::Yes || states.iter().all(|s| s.menu != Content::New || !case.d.3),
            "{told}"
        );
    }
}

/// Invariant 3, where somebody else writes too: a URL that comes to a token
/// which stays has a look at it on either side, and nothing in between.
#[test]
fn no_other_url_comes_to_a_token_that_nobody_looks_at() {
    let mut found = 0;
    for case in cases() {
        let steps = case.steps();
        let is_u = |step: &Step| step.file() == Some(Userconfig);
        let Some(place) = steps.iter().position(is_u) else {
            continue;
        };
        if case.url_changes() && case.a.2 == Keep {
            let around = [&steps[place - 1], &steps[place + 1]];
            assert_eq!(around, [&Step::Check(Adminconfig); 2], "{}", spell(&steps));
            found += 1;
        } else {
            assert!(
                !steps.contains(&Step::Check(Adminconfig)),
                "{}",
                spell(&steps)
            );
        }
    }
    assert!(found > 0);
}

/// What a power cut can leave: in each folder all that was synced, and any
/// first part of what came later, whatever the other folder has.
#[test]
fn every_edit_is_safe_after_a_power_cut_at_any_step() {
    let tree_of = |kind| match kind {
        Userconfig | Adminconfig => Tree::Links,
        Menu => Tree::Menu,
    };
    for case in cases() {
        let steps = case.steps();
        let end = case.end();
        let is_kept_sound = case.is_sound(case.start()) && case.is_sound(end);
        for cut in 0..=steps.len() {
            let lost: Vec<_> = [Tree::Links, Tree::Menu]
                .map(|tree| {
                    let synced = steps[..cut]
                        .iter()
                        .rposition(|s| *s == Step::Sync(tree))
                        .unwrap_or(0);
                    synced..=cut
                })
                .into_iter()
                .collect();
            for links in lost[0].clone() {
                for menu in lost[1].clone() {
                    let mut at = case.start();
                    for (index, step) in steps[..cut].iter().enumerate() {
                        let Some(kind) = step.file() else { continue };
                        let reached = match tree_of(kind) {
                            Tree::Links => links,
                            Tree::Menu => menu,
                        };
                        if index < reached {
                            carry_out(&mut at, *step);
                        }
                    }
                    assert!(case.is_safe(at), "{}", spell(&steps));
                    if is_kept_sound {
                        assert!(case.is_sound(at), "{}", spell(&steps));
                    }
                }
            }
        }
    }
}

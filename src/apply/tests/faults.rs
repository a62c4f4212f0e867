//! Every primitive call fails once, and the power goes at every call: what is
//! live is then old or new, safe, and the next round puts it right.

use super::world::{Wish, World, absent, app, link, token};
use crate::apply::{Outcome, apply};
use crate::model::{Account, ActualLink};
use crate::store::faulty::Fault;
use crate::store::testing::{header, user};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn files(world: &World) -> Files {
    let live = world.fixture.live();
    live.into_iter()
        .map(|(path, _, bytes)| (path, bytes))
        .collect()
}

/// Without those of groups.
fn of_links(files: Files) -> Files {
    let files = files.into_iter();
    files.filter(|(path, _)| !path.contains("group_")).collect()
}

/// One transition, and how its files lie when nothing goes wrong.
pub(super) struct Sweep<'a> {
    before: &'a [Wish],
    after: &'a [Wish],
    old: Files,
    pub(super) new: Files,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(before: &'a [Wish], after: &'a [Wish]) -> Self {
        let world = World::new();
        world.round(before);
        let old = files(&world);
        assert!(world.round(after).is_done());
        let new = files(&world);
        assert_ne!(old, new);
        Self {
            before,
            after,
            old,
            new,
        }
    }

    /// Fails at each call in turn until none is left to fail.
    fn carry_out(&self, fault: Fault) {
        for calls in 0.. {
            let world = World::new();
            world.round(self.before);
            let plan = world.plan(self.after);
            let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
            world.disk.take_calls();
            world.disk.arm(calls, fault);
            let report = apply(
                &plan,
                &world.store,
                &lock,
                &header(),
                &|| false,
                &mut |_, _| {},
            );
            let fired = world.disk.disarm();
            drop(lock);
            let trace = world.disk.take_calls();
            let told = format!(
                "{fault:?} at call {calls} ({:?}): {report:?}",
                trace.get(calls)
            );
            self.check(&world, &told);
            if let Ok(report) = &report {
                let outcomes = report.outcomes.iter().map(|(_, outcome)| outcome);
                let is_new = files(&world) == self.new;
                let is_old = files(&world) == self.old;
                for outcome in outcomes {
                    match outcome {
                        // A group and its link end in two outcomes.
                        Outcome::Done if report.outcomes.len() == 1 => assert!(is_new, "{told}"),
                        Outcome::NotDurable { .. } if report.outcomes.len() == 1 => {
                            assert!(is_new, "{told}");
                        }
                        Outcome::Failed { live, .. } => match live {
                            crate::apply::Live::Old if report.outcomes.len() == 1 => {
                                assert!(is_old, "{told}");
                            }
                            // A group that waits for it stays as it was.
                            crate::apply::Live::New => {
                                let ends = [files(&world), self.new.clone()].map(of_links);
                                assert_eq!(ends[0], ends[1], "{told}");
                            }
                            crate::apply::Live::Old | crate::apply::Live::Mixed(_) => {}
                        },
                        Outcome::ChangedBySomeoneElse { .. } => panic!("{told}"),
                        Outcome::Done
                        | Outcome::NotDurable { .. }
                        | Outcome::NotBegun
                        | Outcome::Blocked { .. } => {}
                    }
                    if let (Fault::Once(_), Outcome::Failed { live, .. }) = (fault, outcome) {
                        let is_mixed = matches!(live, crate::apply::Live::Mixed(_));
                        assert!(!is_mixed, "one fault can always be undone: {told}");
                    }
                }
            }
            let again = world.round(self.after);
            assert!(again.is_done(), "{told}, then {again:?}");
            assert_eq!(files(&world), self.new, "{told}");
            assert!(world.plan(self.after).is_empty(), "{told}");
            if !fired {
                assert!(report.unwrap().is_done(), "{told}");
                break;
            }
        }
    }

    /// Each file is old, new or absent; secrets are private wherever they
    /// are; what shows is whole; no token is beside another's URL; and no
    /// bytes that were live are lost.
    pub(super) fn check(&self, world: &World, told: &str) {
        let live = world.fixture.live();
        for (path, mode, bytes) in &live {
            let is_old = self.old.get(path) == Some(bytes);
            let is_new = self.new.get(path) == Some(bytes);
            assert!(is_old || is_new, "{path} is neither old nor new; {told}");
            let expect = if path.ends_with(".adminconfig") {
                0o600
            } else {
                0o644
            };
            assert_eq!(*mode, expect, "{path}; {told}");
        }
        let tree = world.fixture.tree();
        for line in tree.lines().filter(|line| line.contains(".adminconfig")) {
            assert!(line.starts_with("0600 "), "{line}; {told}");
        }
        for line in tree.lines().filter(|line| line.ends_with("/alice/")) {
            let is_live = !line.contains(".cplinks");
            assert!(!is_live || line.starts_with("0750 "), "{line}; {told}");
        }
        let actual = world.store.read_user(&user("alice"), Account::NotAsked);
        if let Some(link) = actual.links.get(&app("a")) {
            check_link(link, told);
        }
        let kept: Vec<_> = tree
            .lines()
            .filter_map(|line| line.split(' ').nth(1))
            .filter(|path| !path.ends_with('/'))
            .map(|path| world.fixture.read(path))
            .collect();
        for (path, bytes) in &self.old {
            assert!(kept.contains(bytes), "{path} is lost; {told}");
        }
    }
}

fn check_link(link: &ActualLink, told: &str) {
    if link.is_visible() {
        assert!(link.userconfig.value().is_some(), "shows without U; {told}");
        assert!(
            link.adminconfig.value().is_some(),
            "shows without A; {told}"
        );
    }
    let url = link
        .userconfig
        .value()
        .and_then(|u| u.link.autologin_token_url.clone());
    if let (Some(url), Some(token)) = (url, token(link)) {
        // In these tests a URL names the token it was declared with.
        assert!(url.contains(&token), "{token} beside {url}; {told}");
    }
}

fn sweep(before: &[Wish], after: &[Wish]) {
    let sweep = Sweep::new(before, after);
    sweep.carry_out(Fault::Once(Errno::IO));
    sweep.carry_out(Fault::PowerLoss);
}

pub(super) fn one() -> Wish {
    link("Billing").url("https://one.example/").token("one")
}

#[test]
fn creating_survives_a_failure_of_every_call() {
    sweep(&[], &[one()]);
}

#[test]
fn replacing_survives_a_failure_of_every_call() {
    sweep(
        &[one()],
        &[link("Invoices").url("https://one.example/").token("one")],
    );
}

#[test]
fn changing_url_and_token_survives_a_failure_of_every_call() {
    sweep(
        &[one()],
        &[link("Invoices").url("https://two.example/").token("two")],
    );
}

#[test]
fn changing_only_url_and_token_survives_a_failure_of_every_call() {
    sweep(
        &[one()],
        &[link("Billing").url("https://two.example/").token("two")],
    );
}

#[test]
fn changing_only_the_url_survives_a_failure_of_every_call() {
    sweep(
        &[one()],
        &[link("Billing").url("https://two.example/one").token("one")],
    );
}

#[test]
fn hiding_survives_a_failure_of_every_call() {
    sweep(&[one()], &[one().hide()]);
}

#[test]
fn showing_again_survives_a_failure_of_every_call() {
    sweep(&[one().hide()], &[one()]);
}

#[test]
fn removing_survives_a_failure_of_every_call() {
    sweep(&[one()], &[absent()]);
}

#[test]
fn making_a_group_survives_a_failure_of_every_call() {
    sweep(&[one()], &[one().group("g")]);
}

#[test]
fn removing_a_group_survives_a_failure_of_every_call() {
    sweep(&[one().group("g")], &[one()]);
    sweep(&[one().group("g")], &[absent()]);
}

#[test]
fn a_failed_sync_of_a_folder_is_not_tried_again_and_not_called_done() {
    for calls in 0.. {
        let world = World::new();
        world.round(&[one()]);
        let plan = world.plan(&[link("Invoices").url("https://one.example/").token("one")]);
        let lock = world.store.lock_exclusive(Duration::ZERO).unwrap();
        world.disk.take_calls();
        world.disk.arm(calls, Fault::Once(Errno::IO));
        let report = apply(
            &plan,
            &world.store,
            &lock,
            &header(),
            &|| false,
            &mut |_, _| {},
        );
        let fired = world.disk.disarm();
        let trace = world.disk.take_calls();
        if !fired {
            break;
        }
        let failed = &trace[calls];
        let is_live_folder = failed.starts_with("sync") && failed.ends_with("/alice");
        if !is_live_folder {
            continue;
        }
        let outcome = report.unwrap().outcomes[0].1.clone();
        assert!(
            matches!(outcome, Outcome::NotDurable { .. }),
            "{failed}: {outcome}"
        );
        let times = trace.iter().filter(|call| *call == failed).count();
        assert_eq!(times, 1, "{failed}");
    }
}

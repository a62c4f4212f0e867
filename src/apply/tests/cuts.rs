//! Power cuts on a simulated disk: at every call of an apply that changes
//! something, everything that could be left is looked at, recovered and
//! applied to again. And whether all this would notice a mistake: each of
//! some planted ones is found.

use super::faults::one;
use super::world::{Wish, absent, link, plan_on, token};
use crate::apply::apply;
use crate::model::Account;
use crate::store::sim::{Bug, Sim, set_order_wrong};
use crate::store::testing::{header, user};
use crate::store::{Owners, Store};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

type Files = BTreeMap<String, Vec<u8>>;

/// The files of the group `g`.
const GROUP: [&str; 2] = [
    "links/alice/group_g.userconfig",
    "dynamicui/alice/dynamicui_group_g.conf",
];

fn store(disk: &Sim) -> Store<Sim> {
    Store::open_with(disk.clone(), Path::new("/r"), Owners::default()).unwrap()
}

fn is_live(path: &str) -> bool {
    !path.starts_with(".cplinks")
}

fn live(disk: &Sim) -> Files {
    let everything = disk.everything().into_iter();
    everything
        .filter_map(|(path, _, bytes)| Some((path, bytes?)))
        .filter(|(path, _)| is_live(path))
        .collect()
}

/// Recovers, plans and applies as the binary does.
fn round(disk: &Sim, wishes: &[Wish]) -> Result<(), String> {
    let store = store(disk);
    let lock = store.lock_exclusive(Duration::ZERO);
    let lock = lock.map_err(|e| e.to_string())?;
    store.recover(&lock).map_err(|e| e.to_string())?;
    let plan = plan_on(&store, &[user("alice")], wishes);
    let heard = &mut |_, _| {};
    let report = apply(&plan, &store, &lock, &header(), &|| false, heard);
    let report = report.map_err(|e| e.to_string())?;
    if report.is_done() {
        Ok(())
    } else {
        Err(format!("{report:?}"))
    }
}

/// One transition, and how its files lie before and after.
struct Cuts<'a> {
    after: &'a [Wish],
    start: Sim,
    old: Files,
    new: Files,
    looked_at: usize,
}

impl<'a> Cuts<'a> {
    fn new(before: &[Wish], after: &'a [Wish], bug: Bug) -> Result<Self, String> {
        let start = Sim::new(Bug::None);
        round(&start, before)?;
        let end = start.settled();
        round(&end, after)?;
        Ok(Self {
            after,
            old: live(&start),
            new: live(&end),
            start: start.with_bug(bug),
            looked_at: 0,
        })
    }

    /// Cuts at every call until none is left to cut at.
    fn carry_out(&mut self, most: usize) -> Result<(), String> {
        for calls in 0.. {
            let disk = self.start.settled();
            disk.cut_after(calls);
            let outcome = round(&disk, self.after);
            let is_out = disk.is_out();
            let told = |why: String| format!("cut at call {calls}: {why}");
            for left in disk.after_power_cut(most) {
                self.check(&left).map_err(told)?;
                if !is_out && live(&left) != self.new {
                    return Err("lost what was said to be done".to_owned());
                }
                // Sampled: the recovery is cut too, at a place that moves.
                if !(calls + self.looked_at).is_multiple_of(4) {
                    self.converge(&left).map_err(told)?;
                    continue;
                }
                let again = left.settled();
                again.cut_after((calls * 7 + self.looked_at) % 23);
                round(&again, self.after).ok();
                for left in again.after_power_cut(2) {
                    self.check(&left).map_err(told)?;
                    self.converge(&left).map_err(told)?;
                }
                self.converge(&left).map_err(told)?;
            }
            if !is_out {
                return outcome;
            }
        }
        Ok(())
    }

    /// Each file is old, new or absent, with its mode; secrets are private
    /// wherever they are; what shows is whole; no token is beside another's
    /// URL; no link is in a group that went; and no bytes that were live are
    /// lost.
    fn check(&mut self, disk: &Sim) -> Result<(), String> {
        self.looked_at += 1;
        let everything = disk.everything();
        for (path, mode, bytes) in &everything {
            let is_secret = path.contains(".adminconfig");
            if is_secret && *mode != 0o600 {
                return Err(format!("{path} has mode {mode:o}"));
            }
            if !is_live(path) {
                continue;
            }
            let expect = match bytes {
                Some(_) if is_secret => 0o600,
                Some(_) => 0o644,
                None if path.ends_with("/alice/") => 0o750,
                None => 0o751,
            };
            if *mode != expect {
                return Err(format!("{path} has mode {mode:o}"));
            }
            if let Some(bytes) = bytes
                && self.old.get(path) != Some(bytes)
                && self.new.get(path) != Some(bytes)
            {
                return Err(format!("{path} is neither old nor new"));
            }
        }
        for (path, bytes) in &self.old {
            if !everything.iter().any(|(.., b)| b.as_ref() == Some(bytes)) {
                return Err(format!("{path} is lost"));
            }
        }
        let actual = store(disk).read_user(&user("alice"), Account::NotAsked);
        let is_in = |path: &str, text: &str| {
            let of_link = everything.iter().find(|(p, ..)| p == path);
            let bytes = of_link.and_then(|(.., bytes)| bytes.as_deref());
            bytes.is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(text))
        };
        let stands_in_it = is_in("links/alice/a.userconfig", "\"group_id\" : \"g\"")
            || is_in("dynamicui/alice/dynamicui_a.conf", "\"group\" : \"g\"");
        for file in GROUP {
            let is_there = everything.iter().any(|(path, ..)| path == file);
            if stands_in_it && self.old.contains_key(file) && !is_there {
                return Err(format!("a is in a group without {file}"));
            }
        }
        for (name, link) in &actual.links {
            let url = link.userconfig.value();
            if link.is_visible() && (url.is_none() || link.adminconfig.value().is_none()) {
                return Err(format!("{name} shows half"));
            }
            let url = url.and_then(|u| u.link.autologin_token_url.clone());
            if let (Some(url), Some(token)) = (url, token(link))
                && !url.contains(&token)
            {
                return Err(format!("{name} has {token} beside {url}"));
            }
        }
        Ok(())
    }

    /// The next run puts all right, and the one after finds nothing to do.
    fn converge(&mut self, disk: &Sim) -> Result<(), String> {
        let disk = disk.settled().with_bug(Bug::None);
        let store = store(&disk);
        let lock = store.lock_exclusive(Duration::ZERO).unwrap();
        store.recover(&lock).map_err(|e| e.to_string())?;
        self.check(&disk)?;
        round(&disk, self.after)?;
        if live(&disk) != self.new {
            return Err("the next run does not converge".to_owned());
        }
        let plan = plan_on(&store, &[user("alice")], self.after);
        if plan.is_empty() {
            Ok(())
        } else {
            Err("the run after the next finds something to do".to_owned())
        }
    }
}

fn moved() -> Wish {
    link("Invoices").url("https://two.example/one").token("one")
}

fn two() -> Wish {
    link("Invoices").url("https://two.example/").token("two")
}

/// Every row of the table of transitions.
fn transitions() -> Vec<(Vec<Wish>, Vec<Wish>)> {
    let invoices = || link("Invoices").url("https://one.example/").token("one");
    vec![
        (vec![], vec![one()]),
        (vec![one()], vec![invoices()]),
        (vec![one()], vec![two()]),
        (vec![one()], vec![moved()]),
        (vec![one()], vec![one().hide()]),
        (vec![one().hide()], vec![one()]),
        (vec![one()], vec![absent()]),
        (vec![one()], vec![one().group("g")]),
        (vec![one().group("g")], vec![one()]),
        (vec![one().group("g")], vec![absent()]),
        (
            vec![one(), one().app("b"), one().app("c")],
            vec![two(), one().app("b").hide(), invoices().app("d")],
        ),
        (vec![], vec![one(), one().app("b")]),
        (
            vec![one().group("g"), one().app("b").group("g")],
            vec![one(), absent().app("b")],
        ),
    ]
}

/// Looks for a violation in every transition.
fn search(bug: Bug, most: usize) -> Result<usize, String> {
    let mut looked_at = 0;
    for (before, after) in transitions() {
        let mut cuts = Cuts::new(&before, &after, bug)?;
        let told = |why| format!("{} to {} links: {why}", before.len(), after.len());
        cuts.carry_out(most).map_err(told)?;
        looked_at += cuts.looked_at;
    }
    Ok(looked_at)
}

#[test]
fn no_power_cut_at_any_call_breaks_the_promise() {
    let looked_at = search(Bug::None, 8).unwrap();
    println!("{looked_at} states after a power cut");
    assert!(looked_at > 1000);
}

#[test]
fn every_planted_mistake_is_found() {
    for bug in [
        Bug::InPlaceWrite,
        Bug::NoFileSync,
        Bug::NoFolderSync,
        Bug::LateMode,
        Bug::OpenSecret,
        Bug::ReusedBackup,
    ] {
        let found = search(bug, 12);
        println!(
            "{bug:?}: {}",
            found.as_ref().err().unwrap_or(&String::new())
        );
        assert!(found.is_err(), "{bug:?} is not found");
    }
    set_order_wrong(true);
    let found = search(Bug::None, 12);
    set_order_wrong(false);
    println!(
        "wrong order: {}",
        found.as_ref().err().unwrap_or(&String::new())
    );
    assert!(found.is_err(), "a wrong order is not found");
}

//! What a watch says of what it found and did. What lasts is said once: a log
//! that nobody reads for a year must still fit on the disk.

use super::keeper::Keeper;
use crate::apply::Report;
use crate::cli::Mode;
use crate::manifest::{ChangedUsers, MAX_FOLDERS};
use crate::plan::{Address, Change, GroupAction, Guard, Hold, LinkAction, Plan};
use crate::report::{Event, InForce, Notice, counted};
use crate::run::World;
use std::collections::{BTreeMap, BTreeSet};

/// How many links of one round are named.
const MOST_NAMED: usize = 20;

impl Keeper<'_> {
    pub(super) fn say_manifest_broken(&mut self, problems: Vec<String>, world: &mut World<'_>) {
        let (in_force, words) = if self.inputs.good.is_some() {
            let words = "the manifest cannot be used; the last good one stays in force";
            (InForce::Older, words)
        } else {
            let words = "the manifest cannot be used; nothing is done until it can";
            (InForce::Nothing, words)
        };
        self.teller.figures.manifest = in_force;
        let detail = problems.join("\n");
        let notice = Notice::new(Event::ManifestBroken, words)
            .texts("problems", problems)
            .hint("`cplinks validate` shows all of it in place");
        self.teller.say_once(&detail, &notice, world);
        // What was wrong before that may be said again.
        self.teller
            .keep_only(Event::ManifestBroken, |about| about == detail);
    }

    /// The manifest can be used; it is new to these.
    pub(super) fn say_manifest_read(
        &mut self,
        changed: Option<&ChangedUsers>,
        world: &mut World<'_>,
    ) {
        let figures = &mut self.teller.figures;
        let before = std::mem::replace(&mut figures.manifest, InForce::Newest);
        let was_broken = before == InForce::Older;
        self.teller.keep_only(Event::ManifestBroken, |_| false);
        let count = match changed {
            None if !was_broken => return,
            None => Some(0),
            Some(ChangedUsers::Users(users)) if users.is_empty() && !was_broken => return,
            Some(ChangedUsers::Users(users)) => Some(users.len()),
            Some(ChangedUsers::Everybody) => None,
        };
        let words = match (count, was_broken) {
            (Some(0), _) => "the manifest can be used again, and says what it said".to_owned(),
            (Some(1), _) => "the manifest changed for 1 account".to_owned(),
            (Some(count), _) => format!("the manifest changed for {count} accounts"),
            (None, _) => "the manifest, its policy and its secrets were read".to_owned(),
        };
        let mut notice = Notice::new(Event::ManifestRead, words);
        if let Some(count) = count {
            notice = notice.number("accounts", count);
        }
        if let Some(revision) = self.inputs.good.as_ref().and_then(|g| g.revision.clone()) {
            notice = notice.text("revision", revision);
        }
        self.teller.say(&notice, world);
    }

    /// There are more folders beside the manifest than are watched, or not.
    pub(super) fn say_cut_off(&mut self, is_cut_off: bool, world: &mut World<'_>) {
        const ABOUT: &str = "inputs";
        if !is_cut_off {
            self.teller.forget(Event::Polling, ABOUT);
            return;
        }
        let message = format!(
            "there are more than {MAX_FOLDERS} folders beside the manifest: what changes in the others is found by the next full round only"
        );
        let notice = Notice::new(Event::Polling, message)
            .hint("name the manifest's own folders, and not one that holds others too");
        self.teller.say_once(ABOUT, &notice, world);
    }

    /// Says what is new of what a round found.
    pub(super) fn tell_found(
        &mut self,
        plan: &Plan,
        new: &BTreeSet<Address>,
        world: &mut World<'_>,
    ) {
        self.tell_blocked(world);
        self.tell_users_gone(world);
        self.tell_paused(world);
        self.tell_missing(world);
        match self.args.mode {
            Mode::Apply => {}
            Mode::Report => self.tell_pending(plan, new, world),
        }
    }

    fn tell_blocked(&mut self, world: &mut World<'_>) {
        let blocked: Vec<String> = self.standing.blocked().cloned().collect();
        let known: BTreeSet<&str> = blocked.iter().map(String::as_str).collect();
        self.teller
            .keep_only(Event::Blocked, |about| known.contains(about));
        for line in blocked.iter().take(MOST_NAMED) {
            let notice = Notice::new(Event::Blocked, line);
            self.teller.say_once(line, &notice, world);
        }
    }

    fn tell_users_gone(&mut self, world: &mut World<'_>) {
        let why = Hold::UserGone;
        let links = self.standing.held(&why);
        if links == 0 {
            self.teller.forget(Event::UserGone, "");
            return;
        }
        let users: Vec<_> = self
            .standing
            .users_held(&why)
            .map(ToString::to_string)
            .collect();
        let accounts = counted(users.len(), "account is", "accounts are");
        let changes = counted(links, "change waits", "changes wait");
        let message = format!("{accounts} not in the manifest any more; {changes} for a person");
        let named = users.into_iter().take(MOST_NAMED).collect();
        let notice = Notice::new(Event::UserGone, message)
            .number("changes", links)
            .texts("users", named)
            .hint("a watch never takes that for a wish: run `cplinks apply` if it is one");
        self.teller.say_once("", &notice, world);
    }

    fn tell_missing(&mut self, world: &mut World<'_>) {
        let missing: Vec<_> = self.standing.missing().map(ToString::to_string).collect();
        if missing.is_empty() {
            self.teller.forget(Event::NoAccount, "");
            return;
        }
        let message = match missing.len() {
            1 => "1 account of the manifest is not on this host".to_owned(),
            count => format!("{count} accounts of the manifest are not on this host"),
        };
        let notice = Notice::new(Event::NoAccount, message)
            .number("accounts", missing.len())
            .texts("users", missing.into_iter().take(MOST_NAMED).collect());
        self.teller.say_once("", &notice, world);
    }

    fn tell_paused(&mut self, world: &mut World<'_>) {
        let links = self.standing.held(&paused());
        if links == 0 {
            self.teller.forget(Event::Paused, "");
            return;
        }
        let changes = counted(links, "change waits", "changes wait");
        let message = format!("{changes} for a pause to end");
        let notice = Notice::new(Event::Paused, message).number("changes", links);
        self.teller.say_once("", &notice, world);
    }

    fn tell_pending(&mut self, plan: &Plan, new: &BTreeSet<Address>, world: &mut World<'_>) {
        if new.is_empty() {
            return;
        }
        let changes = plan.changes.iter().filter(|c| new.contains(&c.address()));
        for change in changes.take(MOST_NAMED) {
            let address = change.address().to_string();
            let verb = verb(change);
            let message = format!("{address} would be {}", done(verb));
            let notice = Notice::new(Event::Change, message)
                .text("address", address)
                .text("action", verb);
            self.teller.say(&notice, world);
        }
        let pending = counted(plan.changes.len(), "change is", "changes are");
        let message = format!("{pending} pending, {} new", new.len());
        let notice = Notice::new(Event::Round, message)
            .number("pending", plan.changes.len())
            .number("new", new.len());
        self.teller.say(&notice, world);
    }

    /// Says what became of each change.
    pub(super) fn tell_done(&mut self, plan: &Plan, report: &Report, world: &mut World<'_>) {
        let run = report.run.map_or_else(String::new, |run| run.to_string());
        let verbs: BTreeMap<Address, &'static str> = plan
            .changes
            .iter()
            .map(|c| (c.address(), verb(c)))
            .collect();
        let mut failed = 0_usize;
        for (index, (address, outcome)) in report.outcomes.iter().enumerate() {
            let verb = verbs.get(address).copied().unwrap_or_default();
            let message = if outcome.is_done() {
                *self.teller.figures.changes.entry(verb).or_default() += 1;
                format!("{address} {}", done(verb))
            } else {
                failed += 1;
                format!("{address} is not {}: {outcome}", done(verb))
            };
            if index < MOST_NAMED {
                let notice = Notice::new(Event::Change, message)
                    .text("run", &run)
                    .text("address", address.to_string())
                    .text("action", verb);
                self.teller.say(&notice, world);
            }
        }
        let mended = report.folders.iter().filter(|(_, r)| r.is_ok()).count();
        if mended > 0 {
            *self.teller.figures.changes.entry("mend").or_default() += mended as u64;
        }
        let changed = report.outcomes.len() - failed + mended;
        let failed = failed + report.folders.len() - mended;
        let words = match (changed, failed) {
            (changed, 0) => format!("{changed} changed, in run {run}"),
            (changed, failed) => format!("{changed} changed and {failed} not, in run {run}"),
        };
        let notice = Notice::new(Event::Round, words)
            .text("run", run)
            .number("changed", changed)
            .number("failed", failed);
        self.teller.say(&notice, world);
    }

    pub(super) fn tell_refused(&mut self, plan: &Plan, world: &mut World<'_>) {
        for refusal in &plan.guards.refusals {
            let flag = refusal.guard.flag().map(|flag| match refusal.guard {
                Guard::Empty => String::new(),
                Guard::Hide | Guard::Replace | Guard::UserGone | Guard::NewHost => {
                    format!(
                        "look at `cplinks plan`, and if it is right: cplinks apply {flag} {}",
                        refusal.count
                    )
                }
            });
            let mut notice =
                Notice::new(Event::Refused, format!("{refusal}; nothing of it is done"))
                    .text("guard", refusal.guard.name())
                    .number("count", refusal.count)
                    .texts("first", refusal.first.clone());
            if let Some(flag) = flag {
                notice = notice.hint(flag);
            }
            self.teller.say_once(refusal.guard.name(), &notice, world);
        }
    }

    /// Says which links are contested, and which are so no more.
    pub(super) fn tell_contested(&mut self, world: &mut World<'_>) {
        if self.refused.is_empty() {
            self.teller.keep_only(Event::Refused, |_| false);
        }
        let contested: BTreeSet<String> =
            self.contests.contested().map(ToString::to_string).collect();
        for address in contested.iter().take(MOST_NAMED) {
            let message = format!(
                "{address} is undone by somebody else again and again; it is repaired less and less often"
            );
            let notice = Notice::new(Event::Contested, message)
                .text("address", address)
                .hint("find who else writes it; `cplinks pause` leaves it to them for a while");
            self.teller.say_once(address, &notice, world);
        }
        for address in self.teller.said(Event::Contested) {
            if !contested.contains(&address) {
                self.teller.forget(Event::Contested, &address);
                let message = format!("{address} stays as it should be again");
                let notice = Notice::new(Event::Settled, message).text("address", address);
                self.teller.say(&notice, world);
            }
        }
    }
}

/// Any pause: only what it is called matters.
fn paused() -> Hold {
    Hold::Paused {
        pause: 0,
        until: 0,
        reason: String::new(),
    }
}

fn verb(change: &Change) -> &'static str {
    match change {
        Change::Group(change) => match change.action {
            GroupAction::Create { .. } => "create",
            GroupAction::Replace { .. } => "replace",
            GroupAction::Remove { .. } => "remove",
        },
        Change::Link(change) => match change.action {
            LinkAction::Create { .. } => "create",
            LinkAction::Replace { .. } => "replace",
            LinkAction::Hide { .. } => "hide",
            LinkAction::Remove { .. } => "remove",
        },
    }
}

fn done(verb: &str) -> &'static str {
    match verb {
        "create" => "created",
        "replace" => "replaced",
        "hide" => "hidden",
        "remove" => "removed",
        _ => "changed",
    }
}

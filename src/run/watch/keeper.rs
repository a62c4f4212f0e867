//! The keeper of a root: what it knows from one round to the next, and what it
//! does with what comes in.

use super::clock::Clock;
use super::inputs::{Good, Inputs, News};
use super::pulse::Pulse;
use super::round::{Done, Refused};
use super::sight::Sight;
use super::standing::Standing;
use super::tell::{Phase, Teller};
use crate::cli::WatchArgs;
use crate::manifest::ChangedUsers;
use crate::model::UserName;
use crate::plan::{Address, Census, Pause, Scope};
use crate::report::{Event, Notice};
use crate::run::signal::Signals;
use crate::run::target::Ground;
use crate::run::{Exit, Stop, World, pause, record};
use crate::store::{Stamp, WatchLock};
use crate::watch::{Agenda, Cause, Contests, Hints, Inbox, Look, Moment, Round, Wish};
use anyhow::anyhow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Where more than one user in so many is to be looked at, all are: that is
/// hardly more work, and the guards count what there is now.
const MANY: usize = 4;
/// After all folders were watched anew, at least so long nothing of the kind.
const REST: Duration = Duration::from_millis(200);
/// And for each time unit it took, so many.
const SPACING: u32 = 4;
/// How long a file that is written may stay open.
const MOST_WRITING: Duration = Duration::from_secs(600);
/// How often folders beside the manifest are looked for that go just then.
const TRIES: usize = 3;
/// What is done about a failure that nothing else is known to help.
const AGAIN: &str = "it is tried again, after longer and longer waits of up to 5 minutes";
/// Added before a time is cut to seconds, so that it is rounded up.
const ALMOST: Duration = Duration::from_millis(999);
/// Fewer than this are few, whatever the share.
const FEW: usize = 100;

pub(super) struct Keeper<'a> {
    pub(super) args: &'a WatchArgs,
    pub(super) ground: Ground,
    /// No other watch keeps the root.
    pub(super) lock: WatchLock,
    pub(super) scope: Scope,
    pub(super) clock: Clock,
    pub(super) signals: Signals,
    pub(super) inbox: Arc<Inbox>,
    pub(super) inputs: Inputs<'a>,
    pub(super) sight: Sight,
    pub(super) pulse: Pulse,
    pub(super) teller: Teller,
    pub(super) agenda: Agenda,
    pub(super) contests: Contests,
    pub(super) standing: Standing,
    pub(super) census: Census,
    /// Everybody that is looked at: who the manifest names, and who something
    /// of ours is of.
    pub(super) users: BTreeSet<UserName>,
    /// Users something of ours is of.
    ours: BTreeSet<UserName>,
    /// What a guard refused.
    pub(super) refused: BTreeSet<Address>,
    /// Users that something else is wanted of in this round.
    pub(super) renewed: ChangedUsers,
    /// Which folder the root was, when it was opened last.
    pub(super) root: Option<(u64, u64)>,
    /// The ledger's database, when the pauses in it were read last, and what
    /// they were then.
    pub(super) paused: (Option<Stamp>, Vec<Pause>),
    /// Since when some file of the manifest is written and not closed.
    written_since: Option<Moment>,
    /// Whether somebody waits to hear that we have read everything again.
    is_reloading: bool,
    /// Whether notices are lost for good, and it has to begin anew.
    pub(super) must_reopen: Option<String>,
    /// Not before then: what is mounted and unmounted all the time must not
    /// keep a processor busy.
    reopen_at: Moment,
    is_first_opening: bool,
}

/// What cannot happen where a round is planned.
pub(super) fn no_manifest() -> Stop {
    anyhow!("no manifest is in force").into()
}

/// What is needed to begin.
pub(super) struct Parts<'a> {
    pub(super) args: &'a WatchArgs,
    pub(super) ground: Ground,
    pub(super) lock: WatchLock,
    pub(super) scope: Scope,
    pub(super) clock: Clock,
    pub(super) signals: Signals,
    pub(super) inbox: Arc<Inbox>,
    pub(super) sight: Sight,
    pub(super) teller: Teller,
    pub(super) agenda: Agenda,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        let Parts {
            args,
            ground,
            lock,
            scope,
            clock,
            signals,
            inbox,
            sight,
            teller,
            agenda,
        } = parts;
        Self {
            inputs: Inputs::new(args, ground.manifest_check),
            pulse: Pulse::new(Arc::clone(&inbox)),
            args,
            ground,
            lock,
            scope,
            clock,
            signals,
            inbox,
            sight,
            teller,
            agenda,
            contests: Contests::default(),
            standing: Standing::default(),
            census: Census::default(),
            users: BTreeSet::new(),
            ours: BTreeSet::new(),
            refused: BTreeSet::new(),
            renewed: ChangedUsers::Users(BTreeSet::new()),
            root: None,
            paused: (None, Vec::new()),
            written_since: None,
            is_reloading: false,
            must_reopen: None,
            reopen_at: Moment::ZERO,
            is_first_opening: true,
        }
    }

    pub(super) fn lock_timeout(&self) -> Duration {
        Duration::from_secs(self.args.at.lock_timeout)
    }

    pub(super) fn good(&self) -> Result<&Good, Stop> {
        self.inputs.good.as_ref().ok_or_else(no_manifest)
    }

    /// Waits for something to come in or to be due, and takes it up; whether
    /// to go on.
    pub(super) fn wait(&mut self, world: &mut World<'_>) -> bool {
        let now = self.clock.now();
        let mut until = self.agenda.due();
        until = self.sight.next_poll().map_or(until, |poll| until.min(poll));
        if self.must_reopen.is_some() {
            until = until.min(self.reopen_at);
        }
        if let Some(period) = self.teller.watchdog() {
            until = until.min(now + period / 2);
        }
        let most = until.saturating_sub(now);
        let hints = if self.agenda.is_gathering() {
            self.inbox.pause(most)
        } else {
            self.inbox.wait(most)
        };
        self.teller.feed_watchdog();
        self.take(hints, world)
    }

    /// Takes up what came in; whether to go on.
    fn take(&mut self, hints: Hints, world: &mut World<'_>) -> bool {
        let Hints {
            mut users,
            folders,
            inputs,
            writing,
            input_folders,
            state,
            lost,
            rebuild,
            wish,
            events,
            when,
        } = hints;
        self.teller.figures.events += events;
        if wish == Some(Wish::Stop) {
            return false;
        }
        let now = self.clock.now();
        // Of when it happened, not of when it was taken up: what goes on for
        // long is a storm, however it is taken up.
        let times = when.map_or([now, now], |(first, last)| {
            [self.clock.moment(first), self.clock.moment(last)]
        });
        if lost || rebuild.is_some() || wish == Some(Wish::Look) {
            // That a file was closed may be what was lost.
            self.inbox.forget_writing();
            self.written_since = None;
        } else if writing.is_empty() {
            self.written_since = None;
        } else {
            self.written_since.get_or_insert(now);
        }
        if let Err(blind) = self.sight.renew(folders) {
            self.must_reopen.get_or_insert(blind.to_string());
        }
        if let Some(why) = rebuild {
            self.must_reopen.get_or_insert(why);
        }
        if !input_folders.is_empty() {
            self.watch_inputs(&input_folders, world);
        }
        users.retain(|user| self.users.contains(user));
        if state {
            self.take_pauses();
        }
        for at in times {
            self.agenda.note_users(users.clone(), at);
            if inputs {
                self.agenda.note_inputs(at);
            }
        }
        if lost {
            self.teller.figures.lost += 1;
            self.agenda.note_lost(now);
            let notice = Notice::new(
                Event::Rescan,
                "the kernel dropped notices, so everything is looked at",
            );
            self.teller.say(&notice, world);
        }
        if wish == Some(Wish::Look) {
            self.is_reloading = true;
            Phase::Reloading.tell();
            self.agenda.note_asked(now);
        }
        true
    }

    /// A pause that begins or ends is news to those it is about; which those
    /// are, a round over everything finds out.
    fn take_pauses(&mut self) {
        let Ok(store) = self.ground.open(&self.args.at) else {
            return;
        };
        let stamp = store.state_stamp();
        if stamp == self.paused.0 {
            return;
        }
        // In the middle of a write it cannot be read; the end of the write is
        // told of too.
        let pauses =
            record::reading_ledger(&store).and_then(|ledger| Ok(ledger.pauses(pause::now())?));
        let Ok(pauses) = pauses else { return };
        let is_news = pauses != self.paused.1;
        self.paused = (stamp, pauses);
        if is_news {
            self.agenda
                .note_everything(Cause::Changes, self.clock.now());
        }
    }

    /// The next round, if it is due.
    pub(super) fn turn(&mut self, world: &mut World<'_>) {
        if self.must_reopen.is_some() && self.reopen_at <= self.clock.now() {
            self.open_eyes(world);
            // What happened before they were open was not seen.
            self.agenda.note_lost(self.clock.now());
        }
        let now = self.clock.now();
        if self.sight.next_poll().is_some_and(|next| next <= now) {
            let store = self.ground.open(&self.args.at).ok();
            if let Some((cost, rest)) = self.sight.poll(store.as_ref(), now) {
                let notice = super::polling::cost(self.sight.folders(), cost, rest);
                // How long it takes differs each time: once is enough.
                if !self.teller.is_said(Event::Polling, "cost") {
                    self.teller.say_once("cost", &notice, world);
                }
            }
            self.take_pauses();
        }
        let Some(round) = self.agenda.take(now) else {
            return;
        };
        let begin = self.clock.now();
        let Round { mut look, inputs } = round.clone();
        // When it is closed that is told, and it is read then.
        let inputs = inputs && !self.is_half_written(now);
        let mut refused = Refused::Waits;
        self.renewed = ChangedUsers::Users(BTreeSet::new());
        if inputs {
            self.renewed = self.read_inputs(world);
            match &self.renewed {
                ChangedUsers::Everybody => {
                    refused = Refused::Anew;
                    look = match look {
                        Look::Everything(cause) => Look::Everything(cause),
                        Look::Users(_) => Look::Everything(Cause::Changes),
                    };
                    self.contests.forget_all();
                }
                ChangedUsers::Users(changed) if changed.is_empty() => {}
                ChangedUsers::Users(changed) => {
                    refused = Refused::Anew;
                    self.contests.forget(changed);
                    match &mut look {
                        Look::Everything(_) => {}
                        Look::Users(users) => {
                            users.extend(changed.iter().cloned());
                            // What waits counts with it, as in an apply.
                            users.extend(self.refused.iter().map(|a| a.user().clone()));
                        }
                    }
                }
            }
        }
        if self.is_first_opening {
            self.open_eyes(world);
        }
        if inputs {
            self.watch_inputs(&BTreeSet::new(), world);
        }
        look = self.widened(look);
        if self.inputs.good.is_none() {
            self.agenda.done(&look, Duration::ZERO, now, random());
            return self.end_round(None, world);
        }
        match &look {
            Look::Users(users) if users.is_empty() => {
                return self.end_round(None, world);
            }
            Look::Users(_) | Look::Everything(_) => {}
        }
        self.contests.settle(now);
        let done = self.carry_out(&look, refused, world);
        let ended = self.clock.now();
        let took = ended.saturating_sub(begin);
        // What it came to, and not what it began with: once read, a manifest
        // is no news any more.
        let round = Round {
            look: look.clone(),
            inputs: round.inputs,
        };
        let result = self.after(done, &round, (took, ended), world);
        self.end_round(Some((&look, result, took)), world);
    }

    /// Whether somebody is in the middle of writing a file of the manifest: half
    /// of it may be a manifest too, and one that says less. Who takes longer
    /// than the patience for it has forgotten to close it.
    fn is_half_written(&self, now: Moment) -> bool {
        let is_recent = |since: Moment| now.saturating_sub(since) < MOST_WRITING;
        self.inputs.good.is_some() && self.written_since.is_some_and(is_recent)
    }

    /// Where it is about so many users, it is about all.
    fn widened(&self, look: Look) -> Look {
        match look {
            Look::Users(users) if users.len() > FEW && users.len() * MANY > self.users.len() => {
                Look::Everything(Cause::Changes)
            }
            look @ (Look::Users(_) | Look::Everything(_)) => look,
        }
    }

    /// What follows from how a round came out; that in a word.
    fn after(
        &mut self,
        done: Result<Done, Stop>,
        round: &Round,
        (took, now): (Duration, Moment),
        world: &mut World<'_>,
    ) -> &'static str {
        let (result, again, why, hint) = match done {
            Ok(Done {
                result,
                failed: None,
            }) => {
                self.agenda.done(&round.look, took, now, random());
                self.say_recovered(world);
                self.look_again_later();
                if self.sight.lacks_root() {
                    let why = "the root is there again".to_owned();
                    self.must_reopen.get_or_insert(why);
                }
                return result;
            }
            Ok(Done {
                result,
                failed: Some((users, why)),
            }) => {
                let look = if users.is_empty() {
                    Look::Everything(Cause::Changes)
                } else {
                    Look::Users(users)
                };
                let again = Round {
                    look,
                    inputs: false,
                };
                (result, again, why, None)
            }
            // It ends, and nothing has failed.
            Err(_) if self.signals.seen().is_some() => return "stopped",
            Err(stop) if stop.exit == Exit::Locked => {
                let notice = Notice::new(Event::Locked, format!("{:#}", stop.error));
                self.teller.say_once("", &notice, world);
                self.agenda.postponed(round.clone(), now);
                return "locked";
            }
            Err(stop) => {
                let why = format!("{:#}", stop.error);
                ("failed", round.clone(), why, stop.hint)
            }
        };
        let wait = self.agenda.failed(again, now, random());
        let notice = Notice::new(Event::Failed, why)
            .number("failures", self.agenda.failures())
            .number("retry_seconds", (wait + ALMOST).as_secs())
            .hint(hint.unwrap_or_else(|| AGAIN.to_owned()));
        self.teller.say_once("round", &notice, world);
        result
    }

    fn say_recovered(&mut self, world: &mut World<'_>) {
        self.teller.forget(Event::Locked, "");
        if self.teller.forget(Event::Failed, "round") {
            let notice = Notice::new(Event::Recovered, "it works again");
            self.teller.say(&notice, world);
        }
    }

    /// What waits is looked at again when it need not wait any more.
    fn look_again_later(&mut self) {
        let now = self.clock.now();
        let waiting: Vec<_> = self
            .contests
            .waiting(now)
            .map(|(address, until)| (address.user().clone(), until))
            .collect();
        for (user, until) in waiting {
            self.agenda.look_later(user, until);
        }
        let unix = self.clock.unix();
        let ends = self.standing.ends_of_pauses();
        for (user, until) in ends {
            let wait = Duration::from_secs(until.saturating_sub(unix) + 1);
            self.agenda.look_later(user, now + wait);
        }
    }

    fn end_round(&mut self, round: Option<(&Look, &'static str, Duration)>, world: &mut World<'_>) {
        let unix = self.clock.unix();
        let figures = &mut self.teller.figures;
        if let Some((look, result, took)) = round {
            let look = match look {
                Look::Everything(_) => "full",
                Look::Users(_) => "users",
            };
            *figures.rounds.entry((look, result)).or_default() += 1;
            figures.seconds += took.as_secs_f64();
            figures.last_seconds = took.as_secs_f64();
            figures.last_round = Some(unix);
            if result != "failed" && result != "locked" {
                figures.last_success = Some(unix);
            }
        }
        self.standing.count(figures);
        figures.users = self.users.len() as u64;
        figures.contested = self.contests.contested().count() as u64;
        figures.is_refused = !self.refused.is_empty();
        figures.failures = u64::from(self.agenda.failures());
        figures.folders = self.sight.folders() as u64;
        figures.is_polling = self.sight.is_polling();
        figures.next_full = unix + self.agenda.longest_silence(self.clock.now()).as_secs();
        self.pulse.is_watched = self.sight.has_eyes();
        self.tell_contested(world);
        // Where nothing was looked at and nothing is new there is nothing to
        // write: who writes beside the manifest must not make us do so too.
        if round.is_some() || self.teller.has_news() {
            self.teller.publish(world);
        }
        if std::mem::take(&mut self.is_reloading) {
            Phase::Ready.tell();
        }
    }

    /// Reads manifest, policy and secrets; who they are news to.
    fn read_inputs(&mut self, world: &mut World<'_>) -> ChangedUsers {
        let nobody = ChangedUsers::Users(BTreeSet::new());
        match self.inputs.read() {
            News::Same => {
                self.say_manifest_read(None, world);
                nobody
            }
            News::Good(changed) => {
                self.say_manifest_read(Some(&changed), world);
                let ours = std::mem::take(&mut self.ours);
                self.set_users(ours);
                changed
            }
            News::Broken(problems) => {
                self.say_manifest_broken(problems, world);
                nobody
            }
        }
    }

    /// Looks at these users, and at those that the manifest names.
    pub(super) fn set_users(&mut self, ours: BTreeSet<UserName>) {
        let Some(good) = &self.inputs.good else {
            return;
        };
        let named = good.manifest.users().chain(&ours);
        let users = named.filter(|user| self.scope.has_user(user));
        let users: BTreeSet<&UserName> = users.collect();
        let is_same = users.len() == self.users.len() && users.iter().copied().eq(&self.users);
        if !is_same {
            self.users = users.into_iter().cloned().collect();
        }
        self.ours = ours;
        if !is_same
            && !self.is_first_opening
            && let Err(blind) = self.sight.set_users(&self.users)
        {
            self.must_reopen = Some(blind.to_string());
        }
    }

    /// Watches the folders in which the manifest's changes show; `anew` those
    /// that came or went. Where one goes just then, its nearest parent is to be
    /// watched in its place: so it is asked again.
    fn watch_inputs(&mut self, anew: &BTreeSet<std::path::PathBuf>, world: &mut World<'_>) {
        for _ in 0..TRIES {
            let (folders, is_cut_off) = self.inputs.folders();
            self.say_cut_off(is_cut_off, world);
            match self.sight.set_inputs(folders, anew) {
                Ok(true) => return,
                Ok(false) => {}
                Err(blind) => {
                    self.must_reopen.get_or_insert(blind.to_string());
                    return;
                }
            }
        }
        // They come and go all the time: the next round sees to it.
        self.agenda.note_inputs(self.clock.now());
    }

    /// Watches everything from the beginning: the first time, or since what
    /// was watched is not what the paths name any more.
    fn open_eyes(&mut self, world: &mut World<'_>) {
        let begin = self.clock.now();
        let is_first = std::mem::take(&mut self.is_first_opening);
        if let Some(why) = self.must_reopen.take()
            && !is_first
        {
            let notice = Notice::new(Event::Rescan, format!("{why}: folders are watched anew"));
            self.teller.say(&notice, world);
        }
        self.watch_inputs(&BTreeSet::new(), world);
        match self.sight.open(&self.users) {
            Ok(None) => {
                self.teller.forget(Event::Polling, "");
            }
            Ok(Some(why)) => {
                let notice = super::polling::notice(&why, self.users.len());
                self.teller.say_once("", &notice, world);
            }
            Err(why) => {
                // Asked for notices or nothing: the timer is left.
                let notice = Notice::new(Event::Failed, why.to_string())
                    .hint("only the full round on its timer is left; --watcher auto polls");
                self.teller.say_once("watcher", &notice, world);
            }
        }
        // Those that went while the eyes were being opened.
        self.watch_inputs(&BTreeSet::new(), world);
        self.pulse.is_watched = self.sight.has_eyes();
        let now = self.clock.now();
        let cost = now.saturating_sub(begin);
        self.reopen_at = now + REST.max(cost.saturating_mul(SPACING));
    }
}

/// A number from 0 to 1, to spread the load of many servers.
fn random() -> f64 {
    let mut bytes = [0; 4];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) {
        Ok(_) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        // Without it all servers keep step, and still come round.
        Err(_) => 0.5,
    }
}

//! The keeper of a root: what it knows from one round to the next, and what it
//! does with what comes in.

use super::clock::Clock;
use super::inputs::{Good, Inputs};
use super::pulse::Pulse;
use super::sight::Sight;
use super::standing::Standing;
use super::tell::{Phase, Teller};
use crate::cli::WatchArgs;
use crate::manifest::ChangedUsers;
use crate::model::UserName;
use crate::plan::{Address, Census, Pause, Scope};
use crate::report::{Event, Notice};
use crate::run::signal::Signals;
use crate::run::target::{Ground, scope};
use crate::run::{Stop, World};
use crate::store::{Stamp, WatchLock};
use crate::watch::{Agenda, Contests, Hints, Inbox, Moment, Times, Wish, watch_mounts};
use anyhow::anyhow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

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
    pub(super) ours: BTreeSet<UserName>,
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
    pub(super) written_since: Option<Moment>,
    /// Whether somebody waits to hear that we have read everything again.
    pub(super) is_reloading: bool,
    /// Whether notices are lost for good, and it has to begin anew.
    pub(super) must_reopen: Option<String>,
    /// Not before then: what is mounted and unmounted all the time must not
    /// keep a processor busy.
    pub(super) reopen_at: Moment,
    pub(super) is_first_opening: bool,
}

/// What cannot happen where a round is planned.
pub(super) fn no_manifest() -> Stop {
    anyhow!("no manifest is in force").into()
}

impl<'a> Keeper<'a> {
    /// Takes the lock of a watch, and listens from then on; nothing is looked
    /// at yet.
    pub(super) fn begin(args: &'a WatchArgs) -> Result<Self, Stop> {
        let scope = scope(&args.scope)?;
        let ground = Ground::at(&args.at.root, args.owners, args.manifest.host.strict_owners);
        let store = ground.open(&args.at)?;
        let lock = store.lock_watch().map_err(super::already_watched)?;
        let inbox = Arc::new(Inbox::default());
        // From here on a signal is a wish: it may come in the middle of a round.
        let signals = Signals::listen_but_to_hangups()?;
        super::listen(Arc::clone(&inbox))?;
        let clock = Clock::start();
        let teller = Teller::new(args, clock);
        // Held open, a root that is put in the place of this one is never seen.
        let root = store.path().to_owned();
        drop(store);
        watch_mounts(vec![root.clone()], Arc::clone(&inbox));
        let every = Duration::from_secs(args.every.seconds());
        Ok(Self {
            inputs: Inputs::new(args, ground.manifest_check),
            pulse: Pulse::new(Arc::clone(&inbox)),
            sight: Sight::new(&root, teller.own_files(), Arc::clone(&inbox), args.watcher),
            agenda: Agenda::new(Times::usual(every), clock.now()),
            args,
            ground,
            lock,
            scope,
            clock,
            signals,
            inbox,
            teller,
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
        })
    }

    /// Says that it begins.
    pub(super) fn say_started(&mut self, world: &mut World<'_>) {
        let (root, mode) = (&self.args.at.root, self.args.mode.name());
        let absolute = std::path::absolute(root).unwrap_or_else(|_| root.clone());
        let message = format!("{} is watched, in mode {mode}", root.display());
        let started = Notice::new(Event::Started, message)
            .text("root", absolute.display().to_string())
            .text("mode", mode)
            .text("version", env!("CARGO_PKG_VERSION"));
        self.teller.say(&started, world);
        Phase::Ready.tell();
    }

    /// Says that it ends.
    pub(super) fn say_stopping(&mut self, world: &mut World<'_>) {
        Phase::Stopping.tell();
        let notice = Notice::new(Event::Stopping, "the watch ends");
        self.teller.say(&notice, world);
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
}

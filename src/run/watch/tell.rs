//! What a watch lets others know: its log, its figures, its line of health,
//! and the service manager.

use super::clock::Clock;
use super::log::Log;
use crate::cli::WatchArgs;
use crate::report::{self, Event, Figures, InForce, Notice, counted};
use crate::run::{World, output};
use crate::watch::Moment;
use sd_notify::NotifyState;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// After so long something that lasts is told of again.
const REMINDER: Duration = Duration::from_secs(3600);

/// Not more often than that is the service manager told that we are alive.
const SHORTEST: Duration = Duration::from_millis(10);

/// Who is told, and what they were told last.
pub(super) struct Teller {
    log: Log,
    metrics: Option<PathBuf>,
    health: Option<PathBuf>,
    pub(super) figures: Figures,
    /// What was written last.
    published: Option<Figures>,
    /// What lasts, and when it was told of.
    said: BTreeMap<(Event, String), (String, Moment)>,
    clock: Clock,
    /// How often the service manager wants to hear of us.
    watchdog: Option<Duration>,
    fed: Moment,
}

impl Teller {
    pub(super) fn new(args: &WatchArgs, clock: Clock) -> Self {
        Self {
            log: Log::new(args.log_format),
            metrics: args.metrics_file.clone(),
            health: args.health_file.clone(),
            figures: Figures {
                mode: args.mode.name(),
                started: clock.unix(),
                ..Figures::default()
            },
            published: None,
            said: BTreeMap::new(),
            clock,
            // Twice as often, so that one time may be late. No time at all is
            // none that could be kept.
            watchdog: sd_notify::watchdog_enabled()
                .filter(|period| !period.is_zero())
                .map(|period| SHORTEST.max(period / 2)),
            fed: Moment::ZERO,
        }
    }

    /// The files that are written here, as the kernel names them.
    pub(super) fn own_files(&self) -> Vec<PathBuf> {
        let files = [&self.metrics, &self.health];
        let files = files.into_iter().flatten();
        files.flat_map(|file| output::names_of(file)).collect()
    }

    pub(super) fn say(&mut self, notice: &Notice, world: &mut World<'_>) {
        let time = self.clock.rfc3339(self.clock.unix());
        self.log.say(notice, &time, world);
    }

    /// Says something that lasts: once, again when it is put otherwise, and
    /// now and then as a reminder. `about` tells it from others of its kind.
    pub(super) fn say_once(&mut self, about: &str, notice: &Notice, world: &mut World<'_>) {
        let now = self.clock.now();
        let key = (notice.event, about.to_owned());
        let is_known = self.said.get(&key).is_some_and(|(message, at)| {
            *message == notice.message && now.saturating_sub(*at) < REMINDER
        });
        if !is_known {
            self.said.insert(key, (notice.message.clone(), now));
            self.say(notice, world);
        }
    }

    /// Whether something of that kind was said, and lasts.
    pub(super) fn is_said(&self, event: Event, about: &str) -> bool {
        self.said.contains_key(&(event, about.to_owned()))
    }

    /// Something is over; whether it was said that it is so.
    pub(super) fn forget(&mut self, event: Event, about: &str) -> bool {
        self.said.remove(&(event, about.to_owned())).is_some()
    }

    /// What was said of that kind, and lasts.
    pub(super) fn said(&self, event: Event) -> Vec<String> {
        let said = self.said.keys().filter(|(said, _)| *said == event);
        said.map(|(_, about)| about.clone()).collect()
    }

    /// Forgets what is about none of these any more.
    pub(super) fn keep_only(&mut self, event: Event, is_so: impl Fn(&str) -> bool) {
        self.said
            .retain(|(said, about), _| *said != event || is_so(about));
    }

    /// Whether there is more to write than that something happened.
    pub(super) fn has_news(&self) -> bool {
        let still = |figures: &Figures| Figures {
            events: 0,
            next_full: 0,
            ..figures.clone()
        };
        self.published.as_ref().map(still) != Some(still(&self.figures))
    }

    /// Writes the files, and tells the service manager how it is.
    pub(super) fn publish(&mut self, world: &mut World<'_>) {
        let (now, until) = (self.clock.unix(), self.figures.next_full);
        let (now, until) = (self.clock.rfc3339(now), self.clock.rfc3339(until));
        let figures = &self.figures;
        let mut failed = Vec::new();
        let mut write = |path: &Option<PathBuf>, result: &dyn Fn(&Path) -> anyhow::Result<()>| {
            if let Some(path) = path
                && let Err(error) = result(path)
            {
                failed.push(format!("{error:#}"));
            }
        };
        write(&self.metrics, &|path| {
            output::write_public(path, |out| report::metrics(figures, out))
        });
        write(&self.health, &|path| {
            output::write_public(path, |out| report::health(figures, (&now, &until), out))
        });
        if failed.is_empty() {
            self.forget(Event::Failed, "files");
        }
        for message in failed {
            self.say_once("files", &Notice::new(Event::Failed, message), world);
        }
        self.published = Some(self.figures.clone());
        let status = self.status();
        notify(&[NotifyState::Status(&status)]);
    }

    fn status(&self) -> String {
        let figures = &self.figures;
        let mut parts = vec![format!(
            "{}: {}, {} pending",
            figures.health().name(),
            counted(figures.users, "account", "accounts"),
            figures.pending
        )];
        for (count, what) in [
            (figures.drifted, "drifted"),
            (figures.contested, "contested"),
            (figures.blocked, "blocked"),
            (figures.held.values().sum(), "waiting"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        if figures.manifest != InForce::Newest {
            parts.push("the manifest cannot be used".to_owned());
        }
        parts.join(", ")
    }

    /// Tells the service manager that we are alive, where it wants to know and
    /// is due to hear it.
    pub(super) fn feed_watchdog(&mut self) {
        let now = self.clock.now();
        if self
            .watchdog
            .is_some_and(|period| now.saturating_sub(self.fed) >= period / 2)
        {
            self.fed = now;
            notify(&[NotifyState::Watchdog]);
        }
    }

    /// How long we may be silent.
    pub(super) fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }
}

/// What the service manager is told of the watch as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It keeps the root.
    Ready,
    /// It reads everything again, since it was asked to.
    Reloading,
    /// It ends.
    Stopping,
}

impl Phase {
    pub(super) fn tell(self) {
        match self {
            Self::Ready => notify(&[NotifyState::Ready]),
            Self::Stopping => notify(&[NotifyState::Stopping]),
            Self::Reloading => {
                // Both in one message, as it is asked for.
                if let Ok(now) = NotifyState::monotonic_usec_now() {
                    notify(&[NotifyState::Reloading, now]);
                }
            }
        }
    }
}

/// Where no service manager listens there is nobody to tell.
fn notify(state: &[NotifyState<'_>]) {
    match sd_notify::notify(state) {
        Ok(()) | Err(_) => {}
    }
}

//! A watch in numbers, for Prometheus and for a probe. No number is of one
//! customer: what is behind it is in the log.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

/// A watch in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// `report` or `apply`.
    pub mode: &'static str,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// Rounds, by what they looked at and what came of them.
    pub rounds: BTreeMap<(&'static str, &'static str), u64>,
    /// How long all rounds took together, in seconds.
    pub seconds: f64,
    /// How long the last one took, in seconds.
    pub last_seconds: f64,
    /// Changes made, by action.
    pub changes: BTreeMap<&'static str, u64>,
    /// Accounts that are looked at.
    pub users: u64,
    /// Links, groups and folders that are not as the manifest says.
    pub pending: u64,
    /// Links and groups that somebody else changed since cplinks wrote them.
    pub drifted: u64,
    /// Links and groups that somebody else keeps undoing.
    pub contested: u64,
    /// Changes that wait, by why.
    pub held: BTreeMap<&'static str, u64>,
    /// What cannot be handled.
    pub blocked: u64,
    /// What is in force.
    pub manifest: InForce,
    /// Whether a guard refuses something.
    pub is_refused: bool,
    /// Rounds that failed since the last that did not.
    pub failures: u64,
    /// When a round came out well the last time, in seconds since 1970.
    pub last_success: Option<u64>,
    /// When a round ended the last time, in seconds since 1970.
    pub last_round: Option<u64>,
    /// By when the next full round is done at the latest, in seconds since
    /// 1970.
    pub next_full: u64,
    /// Notices of the kernel.
    pub events: u64,
    /// How often notices were lost.
    pub lost: u64,
    /// Folders that are watched.
    pub folders: u64,
    /// Whether folders are looked at now and then.
    pub is_polling: bool,
}

/// Which manifest is in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InForce {
    /// None: there was no good one yet.
    #[default]
    Nothing,
    /// An older one than the files hold, which cannot be used.
    Older,
    /// That of the files.
    Newest,
}

impl InForce {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Older => "broken",
            Self::Newest => "good",
        }
    }
}

/// How a watch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// All is as it should be.
    Ok,
    /// It works, and somebody should look at something.
    Degraded,
    /// It does not work.
    Failing,
}

impl Health {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
        }
    }
}

impl Figures {
    /// How the watch is.
    pub fn health(&self) -> Health {
        let is_odd = self.manifest == InForce::Older
            || self.is_refused
            || self.contested > 0
            || self.blocked > 0
            || self.held.get("user-gone").is_some_and(|held| *held > 0);
        if self.failures > 0 || self.manifest == InForce::Nothing {
            Health::Failing
        } else if is_odd {
            Health::Degraded
        } else {
            Health::Ok
        }
    }
}

/// Writes one line for a probe: how it is, when that was, by when it is told
/// again at the latest, and why. `now` and `until` are in UTC, as RFC 3339 has
/// them.
///
/// # Errors
/// Those of `out`.
pub fn health(
    figures: &Figures,
    (now, until): (&str, &str),
    out: &mut dyn Write,
) -> io::Result<()> {
    let manifest = figures.manifest.name();
    let held: u64 = figures.held.values().sum();
    let Figures {
        mode,
        pending,
        drifted,
        contested,
        blocked,
        failures,
        ..
    } = figures;
    writeln!(
        out,
        "{} at={now} until={until} mode={mode} manifest={manifest} pending={pending} \
         drifted={drifted} contested={contested} refused={} held={held} blocked={blocked} \
         failures={failures}",
        figures.health().name(),
        u8::from(figures.is_refused),
    )
}

/// Writes all figures in Prometheus' text form.
///
/// # Errors
/// Those of `out`.
pub fn metrics(figures: &Figures, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page(out);
    page.head("info", "gauge", "What runs: always 1.")?;
    let version = env!("CARGO_PKG_VERSION");
    page.row("info", &[("version", version), ("mode", figures.mode)], 1)?;
    page.gauge(
        "start_time_seconds",
        "When the watch began, in seconds since 1970.",
        figures.started,
    )?;
    page.head(
        "rounds_total",
        "counter",
        "Rounds, by what they looked at and what came of them.",
    )?;
    for ((look, result), count) in &figures.rounds {
        page.row("rounds_total", &[("look", look), ("result", result)], count)?;
    }
    page.head("round_seconds", "summary", "How long rounds took.")?;
    page.row("round_seconds_sum", &[], figures.seconds)?;
    page.row(
        "round_seconds_count",
        &[],
        figures.rounds.values().sum::<u64>(),
    )?;
    page.gauge(
        "last_round_seconds",
        "How long the last round took.",
        figures.last_seconds,
    )?;
    page.head("changes_total", "counter", "Changes made, by action.")?;
    for action in ["create", "replace", "hide", "remove", "mend"] {
        let count = figures.changes.get(action).copied().unwrap_or(0);
        page.row("changes_total", &[("action", action)], count)?;
    }
    for (name, help, value) in gauges(figures) {
        page.gauge(name, help, value)?;
    }
    page.head("held", "gauge", "Changes that wait, by why.")?;
    for why in ["contested", "paused", "refused", "user-gone"] {
        let count = figures.held.get(why).copied().unwrap_or(0);
        page.row("held", &[("why", why)], count)?;
    }
    let last = figures.last_success;
    page.moment(
        "last_success_timestamp_seconds",
        "When a round came out well the last time, in seconds since 1970.",
        last,
    )?;
    let last = figures.last_round;
    page.moment(
        "last_round_timestamp_seconds",
        "When a round ended the last time, in seconds since 1970.",
        last,
    )?;
    page.head(
        "events_total",
        "counter",
        "Notices of the kernel that something happened.",
    )?;
    page.row("events_total", &[], figures.events)?;
    page.head(
        "lost_events_total",
        "counter",
        "How often notices were lost, so that all was looked at.",
    )?;
    page.row("lost_events_total", &[], figures.lost)
}

/// What goes up and down: name, meaning, value.
fn gauges(figures: &Figures) -> [(&'static str, &'static str, u64); 11] {
    let Figures {
        users,
        pending,
        drifted,
        contested,
        blocked,
        failures,
        folders,
        ..
    } = *figures;
    let is_broken = u64::from(figures.manifest != InForce::Newest);
    let is_healthy = u64::from(figures.health() != Health::Failing);
    [
        ("users", "Accounts that are looked at.", users),
        (
            "pending",
            "Links, groups and folders that are not as the manifest says.",
            pending,
        ),
        (
            "drifted",
            "Links and groups that somebody else changed since cplinks wrote them.",
            drifted,
        ),
        (
            "contested",
            "Links and groups that somebody else keeps undoing.",
            contested,
        ),
        (
            "blocked",
            "Links, groups and accounts that cannot be handled.",
            blocked,
        ),
        (
            "manifest_broken",
            "1 while the files hold no manifest that can be used.",
            is_broken,
        ),
        (
            "refused",
            "1 while a guard refuses changes.",
            u64::from(figures.is_refused),
        ),
        (
            "failures",
            "Rounds that failed since the last that did not.",
            failures,
        ),
        (
            "watched_folders",
            "Folders of accounts that are watched.",
            folders,
        ),
        (
            "polling",
            "1 while folders are looked at now and then, since the kernel tells nothing.",
            u64::from(figures.is_polling),
        ),
        ("healthy", "1 while the watch works.", is_healthy),
    ]
}

struct Page<'o>(&'o mut dyn Write);

impl Page<'_> {
    fn head(&mut self, name: &str, kind: &str, help: &str) -> io::Result<()> {
        writeln!(self.0, "# HELP cplinks_watch_{name} {help}")?;
        writeln!(self.0, "# TYPE cplinks_watch_{name} {kind}")
    }

    /// Labels are our own words, in which nothing needs to be escaped.
    fn row(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        value: impl fmt::Display,
    ) -> io::Result<()> {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        if labels.is_empty() {
            writeln!(self.0, "cplinks_watch_{name} {value}")
        } else {
            writeln!(
                self.0,
                "cplinks_watch_{name}{{{}}} {value}",
                labels.join(",")
            )
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl fmt::Display) -> io::Result<()> {
        self.head(name, "gauge", help)?;
        self.row(name, &[], value)
    }
}

impl Page<'_> {
    fn moment(&mut self, name: &str, help: &str, value: Option<u64>) -> io::Result<()> {
        value.map_or(Ok(()), |value| self.gauge(name, help, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(figures: &Figures) -> String {
        let mut out = Vec::new();
        health(figures, ("A", "B"), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn health_is_the_first_word() {
        let good = Figures {
            mode: "apply",
            manifest: InForce::Newest,
            ..Figures::default()
        };
        insta::assert_snapshot!(line(&good), @"ok at=A until=B mode=apply manifest=good pending=0 drifted=0 contested=0 refused=0 held=0 blocked=0 failures=0");
        for odd in [
            Figures {
                manifest: InForce::Older,
                ..good.clone()
            },
            Figures {
                is_refused: true,
                ..good.clone()
            },
            Figures {
                contested: 1,
                ..good.clone()
            },
            Figures {
                blocked: 1,
                ..good.clone()
            },
            Figures {
                held: BTreeMap::from([("user-gone", 2)]),
                ..good.clone()
            },
        ] {
            assert_eq!(odd.health(), Health::Degraded, "{odd:?}");
        }
        for bad in [
            Figures {
                failures: 1,
                contested: 1,
                ..good.clone()
            },
            Figures {
                manifest: InForce::Nothing,
                ..good.clone()
            },
        ] {
            assert_eq!(bad.health(), Health::Failing, "{bad:?}");
        }
        // What waits for a pause, or is about to be done, is no trouble.
        let busy = Figures {
            pending: 3,
            held: BTreeMap::from([("paused", 2)]),
            is_polling: true,
            ..good
        };
        assert_eq!(busy.health(), Health::Ok);
    }

    #[test]
    fn metrics_are_as_prometheus_reads_them() {
        let figures = Figures {
            mode: "report",
            rounds: BTreeMap::from([(("full", "nothing"), 3), (("users", "changed"), 2)]),
            seconds: 1.5,
            last_success: Some(1_790_000_000),
            ..Figures::default()
        };
        let mut out = Vec::new();
        metrics(&figures, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for line in text.lines() {
            let words = line.strip_prefix("# ").unwrap_or(line);
            let is_known = words.starts_with("HELP cplinks_watch_")
                || words.starts_with("TYPE cplinks_watch_")
                || words.starts_with("cplinks_watch_");
            assert!(is_known, "{line}");
        }
        assert!(text.contains("cplinks_watch_rounds_total{look=\"full\",result=\"nothing\"} 3\n"));
        assert!(text.contains("cplinks_watch_round_seconds_sum 1.5\n"));
        assert!(text.contains("cplinks_watch_round_seconds_count 5\n"));
        assert!(text.contains("cplinks_watch_held{why=\"paused\"} 0\n"));
    }
}

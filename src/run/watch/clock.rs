//! The time: how long the watch has been, and what the clock on the wall says.

use crate::watch::Moment;
use jiff::Timestamp;
use std::time::{Instant, UNIX_EPOCH};

/// The clock of a watch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    began: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }

    /// How long it has been.
    pub(super) fn now(&self) -> Moment {
        self.began.elapsed()
    }

    /// When that was.
    pub(super) fn moment(&self, at: Instant) -> Moment {
        at.saturating_duration_since(self.began)
    }

    /// Seconds since 1970.
    #[expect(
        clippy::unused_self,
        reason = "the time is asked of the clock, and of nothing else"
    )]
    pub(super) fn unix(&self) -> u64 {
        // Before 1970 the clock is wrong, and nothing depends on it.
        UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs())
    }

    /// Seconds since 1970 as people and programs read them, in UTC.
    #[expect(clippy::unused_self, reason = "as above")]
    pub(super) fn rfc3339(&self, unix: u64) -> String {
        let time = i64::try_from(unix).ok();
        let time = time.and_then(|seconds| Timestamp::from_second(seconds).ok());
        time.map_or_else(|| unix.to_string(), |time| time.to_string())
    }
}

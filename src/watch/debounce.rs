//! The *debounce*: how long to wait after something happened until it is
//! worth a look. Pure: it is told the time.

use super::Moment;
use std::time::Duration;

/// Waits for a quiet window, and no longer than its patience.
#[derive(Debug, Clone)]
pub struct Debounce {
    /// How long nothing must have happened.
    quiet: Duration,
    /// How long to wait at most, where something keeps happening.
    most: Duration,
    /// The first and the last of what happened since the last look.
    seen: Option<(Moment, Moment)>,
}

impl Debounce {
    /// Starts with nothing to wait for.
    pub fn new(quiet: Duration, most: Duration) -> Self {
        Self {
            quiet,
            most,
            seen: None,
        }
    }

    /// Something happened.
    pub fn note(&mut self, now: Moment) {
        let first = self.seen.map_or(now, |(first, _)| first);
        self.seen = Some((first, now));
    }

    /// When to look; `None` where nothing happened.
    pub fn due(&self) -> Option<Moment> {
        let (first, last) = self.seen?;
        Some((last + self.quiet).min(first + self.most))
    }

    /// It was looked.
    pub fn clear(&mut self) {
        self.seen = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// When it is looked, for things that happen at these moments.
    fn check(happens: &[u64], expect: &[u64]) {
        let mut debounce = Debounce::new(ms(100), ms(2000));
        let mut looks = Vec::new();
        for at in happens {
            while let Some(due) = debounce.due().filter(|due| *due <= ms(*at)) {
                looks.push(u64::try_from(due.as_millis()).unwrap());
                debounce.clear();
            }
            debounce.note(ms(*at));
        }
        looks.extend(
            debounce
                .due()
                .map(|due| u64::try_from(due.as_millis()).unwrap()),
        );
        assert_eq!(looks, expect, "{happens:?}");
    }

    #[test]
    fn a_quiet_window_is_waited_for() {
        check(&[], &[]);
        check(&[5], &[105]);
        check(&[0, 50, 90], &[190]);
        check(&[0, 99, 300], &[199, 400]);
    }

    #[test]
    fn a_storm_is_looked_at_every_two_seconds() {
        let storm: Vec<u64> = (0..5000).step_by(10).collect();
        check(&storm, &[2000, 4000, 5090]);
    }
}

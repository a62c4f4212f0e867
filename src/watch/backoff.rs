//! The *back-off*: how long to wait before something that failed is tried
//! again. Pure: what is random about it is given to it.

use std::time::Duration;

/// Waits that grow with each failure, up to a longest.
#[derive(Debug, Clone)]
pub struct Backoff {
    least: Duration,
    factor: u32,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// Starts with no failure. `least` is the first wait, each further one is
    /// `factor` times as long, and none is longer than `most`.
    pub const fn new(least: Duration, factor: u32, most: Duration) -> Self {
        Self {
            least,
            factor,
            most,
            failures: 0,
        }
    }

    /// It failed once more: how long to wait now.
    pub fn fail(&mut self) -> Duration {
        let wait = self
            .least
            .saturating_mul(self.factor.checked_pow(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        wait.min(self.most)
    }

    /// It came out well: the next failure is a first one.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How often it failed in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// A wait of between three quarters of this and all of it: many servers that
/// failed together shall not all come back together. `random` is from 0 to 1.
pub fn with_jitter(wait: Duration, random: f64) -> Duration {
    wait.mul_f64(0.75 + 0.25 * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_its_cap_and_starts_anew() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(2 * second, 3, 300 * second);
        let mut waits = || (0..7).map(|_| backoff.fail().as_secs()).collect::<Vec<_>>();
        assert_eq!(waits(), [2, 6, 18, 54, 162, 300, 300]);
        // However often: no number overflows.
        for _ in 0..10 {
            assert_eq!(waits(), [300; 7]);
        }
        backoff.reset();
        assert_eq!(backoff.fail(), 2 * second);
        assert_eq!(backoff.failures(), 1);
    }

    #[test]
    fn jitter_only_shortens() {
        let wait = Duration::from_secs(100);
        for (random, expect) in [(0.0, 75), (0.5, 87), (1.0, 100), (7.0, 100), (-1.0, 75)] {
            assert_eq!(with_jitter(wait, random).as_secs(), expect);
        }
    }
}

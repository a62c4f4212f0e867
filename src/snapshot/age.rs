//! How old a snapshot may be: a plan against what was true last week is no
//! review of what an apply would do today.

use jiff::Timestamp;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How far clocks may be apart: a snapshot from further in the future has a
/// wrong time, or one that somebody made up to have it last.
const MAX_SKEW: u64 = 5 * 60;

/// Units of a duration and their seconds, the largest first.
const UNITS: [(char, u64); 4] = [('d', 24 * 60 * 60), ('h', 60 * 60), ('m', 60), ('s', 1)];

/// The oldest a snapshot may be, in seconds. Written as a whole number and a
/// unit: `90m`, `24h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaxAge(u64);

impl MaxAge {
    /// In seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }
}

impl FromStr for MaxAge {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected a whole number and one of s, m, h, d, such as 24h";
        let mut digits = text.chars();
        let unit = digits.next_back().ok_or(expected)?;
        let (_, seconds) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or(expected)?;
        let digits = digits.as_str();
        // `parse` alone would take a sign.
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(expected);
        }
        let count: u64 = digits.parse().map_err(|_| expected)?;
        count
            .checked_mul(seconds)
            .map(Self)
            .ok_or("it is longer than time is counted")
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&in_words(self.0))
    }
}

/// Why a snapshot's time does not do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AgeError {
    /// It is too old.
    #[error("it was taken {} ago, at {taken}; the most is {most}", in_words(*.age))]
    Old {
        /// When it was taken.
        taken: Timestamp,
        /// Seconds since then.
        age: u64,
        /// The most that was allowed.
        most: MaxAge,
    },
    /// It is not from the past.
    #[error("it was taken at {taken}, which is {} from now", in_words(*.ahead))]
    Future {
        /// When it says it was taken.
        taken: Timestamp,
        /// Seconds until then.
        ahead: u64,
    },
}

impl AgeError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Old { .. } => {
                "take a new one with `cplinks snapshot`, or allow it with --max-age"
            }
            Self::Future { .. } => "set the clocks of both hosts, and take a new one",
        }
    }
}

/// Checks how long ago a snapshot was taken.
///
/// # Errors
/// It is older than `most`, or from more than five minutes in the future.
pub fn check_age(taken: Timestamp, now: Timestamp, most: MaxAge) -> Result<(), AgeError> {
    let age = now.duration_since(taken).as_secs();
    match u64::try_from(age) {
        Ok(age) if age > most.0 => Err(AgeError::Old { taken, age, most }),
        Err(_) if age.unsigned_abs() > MAX_SKEW => Err(AgeError::Future {
            taken,
            ahead: age.unsigned_abs(),
        }),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A number of seconds in its two largest units: `1d 2h`.
fn in_words(seconds: u64) -> String {
    let mut rest = seconds;
    let mut words = Vec::new();
    for (name, unit) in UNITS {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            words.push(format!("{count}{name}"));
        } else if !words.is_empty() {
            break;
        }
        if words.len() == 2 {
            break;
        }
    }
    if words.is_empty() {
        return "0s".to_owned();
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_an_age() {
        for (text, expect) in [
            ("24h", Some("1d")),
            ("90m", Some("1h 30m")),
            ("36h", Some("1d 12h")),
            ("7d", Some("7d")),
            ("0s", Some("0s")),
            ("3601s", Some("1h")),
            ("86460s", Some("1d")),
            ("", None),
            ("h", None),
            ("24", None),
            ("+1h", None),
            ("-1h", None),
            ("1.5h", None),
            ("1 h", None),
            ("1H", None),
            ("1ü", None),
            ("99999999999999999999d", None),
            ("999999999999999999d", None),
        ] {
            let shown = text.parse::<MaxAge>().ok().map(|age| age.to_string());
            assert_eq!(shown.as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn both_ends_of_the_time_are_held() {
        let second = |second| Timestamp::from_second(second).unwrap();
        let now = second(1_000_000);
        let check = |taken| check_age(second(taken), now, MaxAge(60)).map_err(|e| e.to_string());
        assert_eq!(check(1_000_000), Ok(()));
        assert_eq!(check(1_000_000 - 60), Ok(()));
        assert_eq!(
            check(1_000_000 - 61),
            Err("it was taken 1m 1s ago, at 1970-01-12T13:45:39Z; the most is 1m".to_owned())
        );
        assert_eq!(check(1_000_000 + 300), Ok(()));
        assert_eq!(
            check(1_000_000 + 301),
            Err("it was taken at 1970-01-12T13:51:41Z, which is 5m 1s from now".to_owned())
        );
        let ends = [Timestamp::MIN, Timestamp::MAX];
        for (taken, now) in ends.into_iter().zip(ends.into_iter().rev()) {
            assert!(check_age(taken, now, MaxAge(60)).is_err());
        }
    }
}

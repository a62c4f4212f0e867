//! Arguments of `pause` and `resume`: for how long, why, and of what.

use super::RootArgs;
use crate::snapshot::MaxAge;
use clap::Args;
use std::str::FromStr;

/// Longest pause, in seconds: 365 days.
const MAX_PAUSE: u64 = 365 * 24 * 60 * 60;
/// Longest reason, in characters.
const MAX_REASON: usize = 200;

/// Arguments of `pause`.
#[derive(Debug, Args)]
pub struct PauseArgs {
    /// For how long: a number and s, m, h or d, such as 2h; at most 365d
    #[arg(long = "for", value_name = "DURATION")]
    pub duration: PauseFor,
    /// Why, in one line, for whoever meets the pause
    #[arg(long, value_name = "TEXT")]
    pub reason: Reason,
    /// What is paused.
    #[command(flatten)]
    pub paused: PausedArgs,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

/// Arguments of `resume`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// End every pause there is
    #[arg(long, conflicts_with_all = ["user", "app"])]
    pub all: bool,
    /// What was paused.
    #[command(flatten)]
    pub paused: PausedArgs,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

/// What a pause is of. Without any it is of everything.
#[derive(Debug, Args)]
pub struct PausedArgs {
    /// Only of these users (glob, repeatable); they need not exist yet
    #[arg(long, value_name = "GLOB")]
    pub user: Vec<String>,
    /// Only of links of these apps (glob, repeatable), and not of groups and folders
    #[arg(long, value_name = "GLOB")]
    pub app: Vec<String>,
}

/// How long a pause lasts, at least a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PauseFor(u64);

impl PauseFor {
    /// In seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }
}

impl FromStr for PauseFor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<MaxAge>()?.seconds() {
            0 => Err("a pause lasts at least 1s"),
            seconds if seconds > MAX_PAUSE => Err("a pause lasts at most 365d"),
            seconds => Ok(Self(seconds)),
        }
    }
}

/// Why something is paused: one line of 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reason {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err("a reason has at least one character");
        }
        if text.chars().count() > MAX_REASON {
            return Err("a reason has at most 200 characters");
        }
        if text.contains(char::is_control) {
            return Err("a reason is one line, without control characters");
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_lasts_a_second_to_a_year() {
        for (text, expect) in [
            ("1s", Some(1)),
            ("90s", Some(90)),
            ("30m", Some(1_800)),
            ("2h", Some(7_200)),
            ("3d", Some(259_200)),
            ("365d", Some(MAX_PAUSE)),
            ("366d", None),
            ("31536001s", None),
            ("0s", None),
            ("2", None),
            ("-1h", None),
            ("forever", None),
            ("99999999999999999d", None),
        ] {
            let found = text.parse().map(PauseFor::seconds).ok();
            assert_eq!(found, expect, "{text}");
        }
    }

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        for (text, is_one) in [
            ("x".to_owned(), true),
            ("ü".repeat(200), true),
            ("ü".repeat(201), false),
            (String::new(), false),
            (" \u{a0}".to_owned(), false),
            ("a\nb".to_owned(), false),
            ("a\u{9b}b".to_owned(), false),
            ("a\tb".to_owned(), false),
        ] {
            assert_eq!(text.parse::<Reason>().is_ok(), is_one, "{text:?}");
        }
    }
}

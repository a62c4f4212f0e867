//! The arguments of `watch`.

use super::{EXIT_CODES, ManifestArgs, Owners, RootArgs, ScopeArgs};
use crate::snapshot::MaxAge;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `watch`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct WatchArgs {
    /// Whether to change anything
    ///
    /// The default is report: what is not as it should be is told, in the log
    /// and in numbers.
    #[arg(long, value_name = "MODE", default_value = "report")]
    pub mode: Mode,
    /// How long after one full round the next one comes: a number and s, m, h or d
    ///
    /// Changes are seen at once; the full round finds what no notice tells of.
    /// A tenth more or less, so that many servers do not keep step.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = every)]
    pub every: MaxAge,
    /// How changes are seen
    ///
    /// The default is auto: the kernel's notices (inotify), and polling where
    /// there are none to be had.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    pub watcher: Watcher,
    /// The form of the log, on standard error
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub log_format: LogFormat,
    /// Write figures for Prometheus to this file after each round
    ///
    /// For the node exporter's textfile collector. The file is replaced whole.
    #[arg(long, value_name = "FILE")]
    pub metrics_file: Option<PathBuf>,
    /// Write one line for a probe to this file after each round
    ///
    /// It begins with ok, degraded or failing. The file is replaced whole.
    #[arg(long, value_name = "FILE")]
    pub health_file: Option<PathBuf>,
    /// Which manifest.
    #[command(flatten)]
    pub manifest: ManifestArgs,
    /// A YAML or JSON map of secret names to tokens; repeatable
    #[arg(
        long,
        env = "CPLINKS_SECRETS",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub secrets: Vec<PathBuf>,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// Limit the run.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Whether a watch changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Tell what is not as it should be
    Report,
    /// Make it so
    Apply,
}

impl Mode {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Apply => "apply",
        }
    }
}

/// How changes are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Watcher {
    /// By notices where they can be had
    Auto,
    /// By the kernel's notices, or not at all
    Inotify,
    /// By looking at the folders now and then
    Poll,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Human,
    /// One JSON object on each line
    Json,
}

/// The longest time between two full rounds, in seconds: a year.
const MOST_EVERY: u64 = 365 * 24 * 60 * 60;

/// Less than a second would be no rest, and much more than a year is beyond
/// what clocks count.
fn every(text: &str) -> Result<MaxAge, String> {
    let every: MaxAge = text.parse().map_err(str::to_owned)?;
    if !(1..=MOST_EVERY).contains(&every.seconds()) {
        return Err("it must be from 1s to 365d".to_owned());
    }
    Ok(every)
}

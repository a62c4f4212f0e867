//! The arguments of `call`.

use super::{HostArgs, Owners, RootArgs};
use clap::{Args, ValueEnum};
use std::ffi::OsString;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or there was nothing to do: result is 1
  1  an error, wrong parameters included: result is 0, and reason says why
  5  another cplinks holds the lock: result is 0
  128 + signal  interrupted before the change: result is 0";

/// The forms of an answer, by the words of `whmapi1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CallOutput {
    /// JSON on one line
    Json,
    /// JSON on a line each
    Jsonpretty,
    /// YAML
    Yaml,
}

/// Arguments of `call`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct CallArgs {
    /// Which function
    #[arg(value_name = "FUNCTION")]
    pub function: String,
    /// Its parameters, such as user=alice
    ///
    /// A value that begins with @ is read: @FILE from a file, @- from
    /// standard input, less one line break at its end; @@ stands for an @. A
    /// token is only taken in one of these ways, never as text. Other values
    /// are taken as they are; nothing is decoded. A parameter that the
    /// function does not take, or one that is given twice, is an error; one
    /// that may be left out and is empty is left out.
    #[arg(value_name = "KEY=VALUE")]
    pub parameters: Vec<OsString>,
    /// The form of the answer
    #[arg(long, value_name = "FORM", default_value = "yaml")]
    pub output: CallOutput,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// What holds on this host.
    #[command(flatten)]
    pub host: HostArgs,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

//! The arguments of `login`.

use super::{FoundFormat, HostArgs, RootArgs};
use clap::Args;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  the customer would be logged in: the endpoint gave a redirect_url; with --dry-run: a form would be sent
  1  the customer would not be, for the reason that is shown; or an error, wrong usage included
  5  another cplinks holds the lock
  128 + signal  interrupted";

/// Arguments of `login`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct LoginArgs {
    /// Whose link
    #[arg(value_name = "USER")]
    pub of: String,
    /// Of which app
    #[arg(value_name = "APP")]
    pub app: String,
    /// Only show what would be sent, secrets masked; looks up no name and opens no connection
    #[arg(long, conflicts_with = "show_url")]
    pub dry_run: bool,
    /// Show the whole URL that the customer is sent to
    ///
    /// Who has it may be logged in as the customer. One that holds the link's
    /// own token is shown in no case.
    #[arg(long)]
    pub show_url: bool,
    /// The form in which it is told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FoundFormat,
    /// Seconds that one try may take, from looking up the name to the last byte of the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub timeout: u64,
    /// Trust the certificate authorities in this file (PEM) instead of the public ones
    ///
    /// The public ones are built in (Mozilla's); those of the system are not
    /// asked unless they are named, such as /etc/pki/tls/certs/ca-bundle.crt.
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// What holds on this host.
    #[command(flatten)]
    pub host: HostArgs,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

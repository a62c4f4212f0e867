//! The arguments of `import`.

use super::{HostArgs, Owners, RootArgs, ScopeArgs};
use clap::Args;
use std::path::PathBuf;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The folder for the manifest; made, or added to
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Import every link; needed where no glob says which
    #[arg(long)]
    pub all: bool,
    /// Write the tokens to this file (mode 0600), for `--secrets`
    ///
    /// A YAML map of USER/APP to token, with those of links that stand as
    /// comments, unless the host's policy forbids them. It may not be in the
    /// manifest's folder or below the root. Without this no token is written
    /// anywhere.
    #[arg(long, value_name = "FILE")]
    pub write_secrets: Option<PathBuf>,
    /// Replace files that are there and differ
    ///
    /// Only files that the import itself would write. Files of users that an
    /// import wrote before and that are no longer needed are removed.
    #[arg(long)]
    pub force: bool,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise. With set, a link whose files have another owner
    /// is left as it is.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// What holds on this host.
    #[command(flatten)]
    pub host: HostArgs,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
    /// Limit the run.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

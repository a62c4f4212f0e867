//! The arguments of `doctor`.

use super::{FoundFormat, Owners, RootArgs, ScopeArgs};
use clap::{Args, ValueEnum};

/// Whether the host is asked for accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskAccounts {
    /// Asked as root on the default root, and with `--owners set`
    Auto,
    /// Asked: a user that the host does not have is a finding
    Ask,
    /// Not asked
    Skip,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Exit with 1 for warnings too
    #[arg(long)]
    pub strict: bool,
    /// The form in which findings are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FoundFormat,
    /// Whether this host is asked which accounts it has
    ///
    /// The default is auto: asked when cplinks runs as root on the default
    /// root, and with --owners set. On another host than the root's, skip.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub accounts: AskAccounts,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise. With keep, owners are not compared.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// Refuse roots and user folders that others than root could change
    ///
    /// Always on when cplinks runs as root on the default root. What lies in
    /// such a user folder is not looked at.
    #[arg(long)]
    pub strict_owners: bool,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
    /// Limit the run.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

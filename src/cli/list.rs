//! The arguments of `list` and `get`.

use super::{RootArgs, ScopeArgs};
use clap::{Args, ValueEnum};

/// The forms of what lies on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FoundFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only the links of this user
    #[arg(value_name = "USER", conflicts_with_all = ["user", "exclude_user"])]
    pub of: Option<String>,
    /// The form in which links are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FoundFormat,
    /// Refuse roots and user folders that others than root could change
    ///
    /// Always on when cplinks runs as root on the default root.
    #[arg(long)]
    pub strict_owners: bool,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
    /// Limit the run.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Arguments of `get`.
#[derive(Debug, Args)]
pub struct GetArgs {
    /// Whose link
    #[arg(value_name = "USER")]
    pub of: String,
    /// Of which app
    #[arg(value_name = "APP")]
    pub app: String,
    /// The form in which the link is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FoundFormat,
    /// Refuse roots and user folders that others than root could change
    ///
    /// Always on when cplinks runs as root on the default root.
    #[arg(long)]
    pub strict_owners: bool,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

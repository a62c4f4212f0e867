//! The arguments of `list`, `get` and `unmanaged`.

use super::{ManifestArgs, Owners, RootArgs, ScopeArgs};
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

/// The forms of unmanaged links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnmanagedFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// A manifest of just these links, to be added to the one there is
    Yaml,
}

/// Arguments of `unmanaged`.
#[derive(Debug, Args)]
pub struct UnmanagedArgs {
    /// Which manifest.
    #[command(flatten)]
    pub manifest: ManifestArgs,
    /// The form in which links are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: UnmanagedFormat,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise. It says which links YAML names.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
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

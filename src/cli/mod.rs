//! The command line: what may be said, and nothing of what it does.
#![expect(
    clippy::doc_markdown,
    reason = "these docs are the help texts, which are no Markdown"
)]

mod call;
mod doctor;
mod import;
mod list;
mod login;
mod parse;
mod pause;
mod watch;

pub use call::{CallArgs, CallOutput};
pub use doctor::{AskAccounts, DoctorArgs};
pub use import::ImportArgs;
pub use list::{FoundFormat, GetArgs, ListArgs, UnmanagedArgs, UnmanagedFormat};
pub use login::LoginArgs;
pub use pause::{PauseArgs, PauseFor, PausedArgs, Reason, ResumeArgs};
pub use watch::{LogFormat, Mode, WatchArgs, Watcher};

use crate::snapshot::MaxAge;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where cPanel keeps integration links.
pub const DEFAULT_ROOT: &str = "/var/cpanel/integration";

/// Where a host keeps its policy.
pub const DEFAULT_POLICY: &str = "/etc/cplinks/policy.yaml";

const EXIT_CODES: &str = "\
Exit codes:
  0  done, nothing to do, or planned
  1  an error, wrong usage included; with apply and undo also: a link failed or was blocked, or the prompt was declined
  2  changes are pending (only with --detailed-exitcode); with drift: there is some
  3  a guard refuses the plan
  4  the plan is another one than was shown or approved
  5  another cplinks holds the lock
  128 + signal  interrupted between two links";

/// Keep cPanel integration links as a YAML manifest says
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXIT_CODES)]
#[command(
    long_about = "Keep cPanel integration links as a YAML manifest says.\n\n\
    `plan` compares the manifest with the config files on disk and shows what would change; \
    `apply` carries out just that. Start with `cplinks validate MANIFEST`."
)]
pub struct Cli {
    /// When to colour output
    ///
    /// The default is auto: on a terminal, unless NO_COLOR is set.
    /// CLICOLOR_FORCE colours elsewhere too.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a manifest; needs neither a root nor secrets
    Validate(ValidateArgs),
    /// Show what apply would change; writes nothing
    ///
    /// On top stands what it means for customers: the accounts touched, to
    /// which hosts tokens would newly go, and what is done to each app. Where
    /// the server lists its accounts in a folder `users` beside the root, as
    /// cPanel does, also how many of them are touched and whose they are.
    Plan(PlanArgs),
    /// Make the links on disk what the manifest says
    ///
    /// Where it takes longer than a second and standard error is a terminal, it
    /// shows there how many of the changes are done.
    Apply(ApplyArgs),
    /// Show what somebody else changed of what cplinks wrote; writes nothing
    ///
    /// Holds every link and group that is recorded as cplinks' own against a
    /// fingerprint of what it last wrote, so it needs no manifest. Another
    /// spelling of the same values is no drift; another file mode is. Exits
    /// with 2 when there is any.
    Drift(DriftArgs),
    /// Show drift and what apply would do side by side; writes nothing
    ///
    /// One line for each link or group that somebody else changed since
    /// cplinks wrote it (first column), or that apply would change (second
    /// column).
    Status(StatusArgs),
    /// Put in order what an interrupted apply left; needs no manifest
    ///
    /// Links that are half done are finished or taken back. A state that was
    /// left in the middle of a write is put in order; one that is damaged is
    /// set aside, and made anew from the runs that are kept, as is one that is
    /// missing.
    Recover(RecoverArgs),
    /// Keep the links as the manifest says, for as long as it runs
    ///
    /// Begins with a round over everything, then waits: for changes below the
    /// root and beside the manifest, for SIGHUP, and for its timer. In the
    /// mode report it changes nothing. A manifest that cannot be used is told
    /// of, and the last good one stays in force. Guards hold as in apply: what
    /// one refuses waits for a person who runs apply with the number. Users
    /// that leave the manifest are only told of. SIGTERM and SIGINT end it
    /// after the link in hand, with exit code 0.
    Watch(WatchArgs),
    /// List the runs that changed something, or show one of them
    History(HistoryArgs),
    /// Bring back what a run changed; needs no manifest
    Undo(UndoArgs),
    /// Leave links alone for a while, where somebody works on them by hand
    ///
    /// Until the pause is over apply and undo change nothing that it covers:
    /// such changes wait, and plan, apply and status show them with who paused
    /// them and why. Without --user and --app it is of everything.
    Pause(PauseArgs),
    /// End a pause before its time
    ///
    /// Ends the pauses that were made with just these globs; without any,
    /// those of everything.
    Resume(ResumeArgs),
    /// Write what is on disk and what is ours as one redacted file, for `plan --against`
    ///
    /// It holds no token, only whether a link has one, and nothing that reports
    /// mask in URLs. Treat it as confidential all the same: it lists customers,
    /// and where something is masked in a URL it holds a salted hash, from
    /// which a short secret could be guessed.
    Snapshot(SnapshotArgs),
    /// List the links that are on disk, and whose they are
    ///
    /// A link is ours if cplinks wrote or adopted it, else foreign. It shows,
    /// or is hidden; it is broken where one of its files is missing or does
    /// not parse, and blocked where something else lies in a file's place.
    List(ListArgs),
    /// Find what is wrong under the root, and what mends it; needs no manifest
    ///
    /// Each finding has a rule, a grade (error, warning or note), its place,
    /// what it means for the customer, and mostly the command that mends it:
    /// those are for a person to paste, doctor itself writes nothing. MANIFEST
    /// in one stands for yours. No command removes a file; what is in the way
    /// is moved to .cplinks/aside below the root. Exits with 1 when there are
    /// errors, with --strict also for warnings. With --user, --app and their
    /// opposites only what is about these users or links is looked at.
    Doctor(DoctorArgs),
    /// Show all that is known of one link on disk
    ///
    /// Of its token only whether there is one.
    Get(GetArgs),
    /// List the foreign links that a manifest does not name
    ///
    /// With --format yaml they are a manifest that can be added to the one
    /// there is, each link whole by itself. One that no manifest may hold, or
    /// that an apply would rewrite, is a comment in it that says why. Tokens
    /// are only named.
    Unmanaged(UnmanagedArgs),
    /// Write a manifest of the links that are on disk
    ///
    /// For the day a server is taken over that already has links: a plan of
    /// what it writes shows no changes. What links of one app share becomes
    /// the app's template. A link that no manifest may hold, or that an apply
    /// would rewrite, is left as it is: a comment says why. Tokens are only
    /// named. Nothing below the root is written, and no file is replaced
    /// without --force.
    Import(ImportArgs),
    /// Call a function of WHM API 1 on the local root
    ///
    /// The eight functions for integration links, with the documented
    /// parameters and answers: create_integration_group,
    /// create_integration_link, get_integration_link_user_config,
    /// list_integration_groups, list_integration_links,
    /// remove_integration_group, remove_integration_link,
    /// update_integration_link_token.
    ///
    /// What a call makes is foreign, as if WHM had made it, and one of
    /// cplinks' own stays that: drift and plan show what the call changed. A
    /// call that changes something is a run, and undo brings back what was.
    Call(CallArgs),
    /// Try what a customer's click on a link would do, and show each step
    ///
    /// Posts what is on disk to the link's autologin_token_url, the token too,
    /// as cPanel does: at most three tries, a minute between them at most. No
    /// redirect is followed and no proxy asked, and TLS is verified. The
    /// host's policy is asked whether the token may go there. Without
    /// autologin_hosts in it, a host is refused that is or leads to a loopback,
    /// unspecified, link-local, multicast or cloud metadata address; other
    /// addresses of this server itself are not. Writes nothing. Of the answer
    /// only its status, kind and length are shown, and the URL that the
    /// customer is sent to, its secret parts masked.
    Login(LoginArgs),
    /// Print the JSON Schema of manifests, for editors
    Schema(SchemaArgs),
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Print that of the host's policy instead
    #[arg(long)]
    pub policy: bool,
    /// Print that of JSON plans instead
    #[arg(long, conflicts_with = "policy")]
    pub plan: bool,
}

/// Which manifest.
#[derive(Debug, Args)]
pub struct ManifestArgs {
    /// Manifest files, folders of them, or `-` for standard input
    ///
    /// All of them together are one manifest. A folder means every *.yaml and
    /// *.yml file below it, in path order; hidden files and folders are left
    /// out.
    #[arg(required = true, value_name = "MANIFEST")]
    pub manifest: Vec<PathBuf>,
    /// Turn warnings into errors
    #[arg(long)]
    pub strict: bool,
    /// What holds on this host.
    #[command(flatten)]
    pub host: HostArgs,
}

/// What holds on this host.
#[derive(Debug, Args)]
pub struct HostArgs {
    /// Refuse manifests, secrets, roots and user folders that others than root could change
    ///
    /// Of a manifest, a secrets file, a token file and a root the folders
    /// above count too; a sticky folder is safe. A link whose token file is
    /// refused is blocked.
    ///
    /// Always on when cplinks runs as root on the default root.
    #[arg(long)]
    pub strict_owners: bool,
    /// The host's policy, which says what any manifest may do
    ///
    /// The default is /etc/cplinks/policy.yaml, if there is
    /// one; validate reads one only if it is named. Refused when run as root
    /// and others could change it.
    #[arg(
        long,
        env = "CPLINKS_POLICY",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub policy: Option<PathBuf>,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Which manifest.
    #[command(flatten)]
    pub manifest: ManifestArgs,
    /// Also write the problems to a file, such as sarif=problems.sarif; repeatable
    ///
    /// FORMAT is sarif, or codequality, which GitLab takes. A file is replaced
    /// whole, or not at all.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = ProblemOutput::parse)]
    pub out: Vec<ProblemOutput>,
}

/// The forms of problems for pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProblemFormat {
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitLab's code quality report
    Codequality,
}

/// A form of problems, and the file it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemOutput {
    /// Which form.
    pub format: ProblemFormat,
    /// Where to.
    pub file: PathBuf,
}

impl ProblemOutput {
    fn parse(text: &str) -> Result<Self, String> {
        let (format, file) = output(text)?;
        Ok(Self { format, file })
    }
}

/// Reads `FORMAT=FILE`.
fn output<F: ValueEnum>(text: &str) -> Result<(F, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("write FORMAT=FILE")?;
    let known = || {
        let names = F::value_variants().iter().filter_map(F::to_possible_value);
        let names: Vec<_> = names.map(|name| name.get_name().to_owned()).collect();
        names.join(", ")
    };
    let format = F::from_str(format, false)
        .map_err(|_| format!("there is no format `{format}`; the formats are {}", known()))?;
    if file.is_empty() {
        return Err("a file is missing behind the `=`".to_owned());
    }
    Ok((format, file.into()))
}

/// What `plan`, `apply` and `status` share.
#[derive(Debug, Args)]
pub struct TargetArgs {
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
    /// Which links, and how they are shown.
    #[command(flatten)]
    pub ground: GroundArgs,
}

/// Which root, and how long to wait for it.
#[derive(Debug, Args)]
pub struct RootArgs {
    /// The folder that holds links/ and dynamicui/
    #[arg(long, env = "CPLINKS_ROOT", value_name = "DIR", hide_env_values = true, default_value = DEFAULT_ROOT)]
    pub root: PathBuf,
    /// Seconds to wait for another cplinks to finish
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub lock_timeout: u64,
}

/// Which links may change, how much of them, and how that is shown.
#[derive(Debug, Args)]
pub struct GroundArgs {
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// Give each user's change a row of its own
    #[arg(long)]
    pub expand: bool,
    /// Limit the run.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Let guards through.
    #[command(flatten)]
    pub allow: AllowArgs,
}

/// Who should own files and folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Owners {
    /// Set as root on the default root, keep otherwise
    Auto,
    /// root for files, root and the account's group for its folders
    Set,
    /// Leave owners alone
    Keep,
}

/// What the run looks at, on disk and in the manifest.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scope")]
pub struct ScopeArgs {
    /// Look only at these users (glob, repeatable)
    #[arg(long, value_name = "GLOB")]
    pub user: Vec<String>,
    /// Look only at these apps (glob, repeatable)
    #[arg(long, value_name = "GLOB")]
    pub app: Vec<String>,
    /// Leave out these users (glob, repeatable)
    #[arg(long, value_name = "GLOB")]
    pub exclude_user: Vec<String>,
    /// Leave out these apps (glob, repeatable)
    #[arg(long, value_name = "GLOB")]
    pub exclude_app: Vec<String>,
}

/// Numbers that let a refused plan through.
#[derive(Debug, Args)]
#[command(next_help_heading = "Guards")]
pub struct AllowArgs {
    /// Let up to so many links be hidden or removed
    #[arg(long, value_name = "LINKS")]
    pub allow_hide: Option<usize>,
    /// Let up to so many links be replaced
    #[arg(long, value_name = "LINKS")]
    pub allow_replace: Option<usize>,
    /// Let the links of up to so many users be hidden that left the manifest
    #[arg(long, value_name = "USERS")]
    pub allow_user_gone: Option<usize>,
    /// Let the tokens of up to so many links go to another host than before
    #[arg(long, value_name = "LINKS")]
    pub allow_new_host: Option<usize>,
}

/// Where a plan is written beside standard output.
#[derive(Debug, Args)]
pub struct OutArgs {
    /// Also write the plan to a file, such as json=plan.json; repeatable
    ///
    /// FORMAT is text, json, markdown, html or gitlab. A file is replaced
    /// whole, or not at all. Each is a file of its own, and none may be below
    /// the root.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = Output::parse)]
    pub out: Vec<Output>,
    /// Most characters of a plan in Markdown; details are left out until it fits
    #[arg(long, value_name = "CHARS", default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(2000..))]
    pub markdown_limit: u32,
    /// Write no Markdown at all where there is nothing to do, so that nothing is posted
    #[arg(long)]
    pub skip_empty: bool,
}

/// The forms of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs, shaped like Terraform's plans
    Json,
    /// For a comment on a pull request
    Markdown,
    /// For a browser: one page that loads nothing from anywhere
    Html,
    /// GitLab's Terraform report: three numbers
    Gitlab,
}

/// A form of a plan, and the file it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Which form.
    pub format: Format,
    /// Where to.
    pub file: PathBuf,
}

impl Output {
    fn parse(text: &str) -> Result<Self, String> {
        let (format, file) = output(text)?;
        Ok(Self { format, file })
    }
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct PlanArgs {
    /// Exit with 2 when changes are pending
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// The form in which the plan is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Where else the plan goes.
    #[command(flatten)]
    pub outputs: OutArgs,
    /// Plan from this snapshot of a server, made by `cplinks snapshot`
    ///
    /// Nothing of this host is read but the manifest and what it names, and a
    /// policy only if it is named with --policy: give the server's. Tokens on
    /// the server are not compared. `--owners auto` means what it meant where
    /// the snapshot was taken.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// How old the snapshot may be: a number and s, m, h or d
    #[arg(long, value_name = "AGE", default_value = "24h", requires = "against")]
    pub max_age: MaxAge,
    /// What `plan` and `apply` share.
    #[command(flatten)]
    pub target: TargetArgs,
}

/// Arguments of `snapshot`.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// Write it to this file (mode 0600), not to standard output
    ///
    /// The file is replaced when all is written; it may not be below the root.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Who should own files and folders, for the plans made from it
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise. With set, the names of all accounts in /etc/passwd
    /// are in it; those in a folder `users` beside the root always are.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// What holds on this host.
    #[command(flatten)]
    pub host: HostArgs,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

/// Arguments of `drift`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct DriftArgs {
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
    /// Who should own files and folders
    ///
    /// The default is auto: set when cplinks runs as root on the default
    /// root, keep otherwise. With keep, owners are not compared.
    #[arg(long, value_name = "WHO", default_value = "auto")]
    pub owners: Owners,
    /// Refuse roots and user folders that others than root could change
    ///
    /// Always on when cplinks runs as root on the default root.
    #[arg(long)]
    pub strict_owners: bool,
    /// Limit the run.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct StatusArgs {
    /// Exit with 2 when there is anything in either column
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// What `plan`, `apply` and `status` share.
    #[command(flatten)]
    pub target: TargetArgs,
}

/// Arguments of `recover`.
#[derive(Debug, Args)]
pub struct RecoverArgs {
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

/// Arguments of `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Show this run in detail
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// How many runs to list, the newest first
    #[arg(long, value_name = "RUNS", default_value_t = 20)]
    pub limit: usize,
    /// Which root.
    #[command(flatten)]
    pub at: RootArgs,
}

/// Arguments of `undo`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct UndoArgs {
    /// The run to bring back, as `history` numbers it [default: the newest]
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Do not ask; needed where there is no terminal
    #[arg(long, short)]
    pub yes: bool,
    /// Only show what would be brought back; writes nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Where else the plan goes.
    #[command(flatten)]
    pub outputs: OutArgs,
    /// What holds on this host.
    #[command(flatten)]
    pub host: HostArgs,
    /// Which links, and how they are shown.
    #[command(flatten)]
    pub ground: GroundArgs,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ApplyArgs {
    /// Do not ask; needed where there is no terminal
    #[arg(long, short)]
    pub yes: bool,
    /// Carry out only the plan with this digest, without asking
    ///
    /// The plan is made again. If it is another one, nothing is done and the
    /// exit code is 4.
    #[arg(long, value_name = "DIGEST", conflicts_with = "plan")]
    pub expect: Option<String>,
    /// Carry out only this saved JSON plan, without asking
    ///
    /// As --expect with its digest, under its scope. Says what has moved if
    /// the plan is another one by now.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "app", "exclude_user", "exclude_app"])]
    pub plan: Option<PathBuf>,
    /// Where else the plan goes.
    #[command(flatten)]
    pub outputs: OutArgs,
    /// What `plan` and `apply` share.
    #[command(flatten)]
    pub target: TargetArgs,
}

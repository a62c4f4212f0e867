//! A *fleet*: the manifest of a hosting company and the tree of its server,
//! of any size, realistic, and the same for the same options. What is written
//! has no fsync behind it: it is data for tests and benchmarks.
//!
//! The tree is written by the codec of the crate, from fields that stand here;
//! the manifest says the same in YAML. So a plan of the two without drift is
//! empty, or one of them is wrong.
//!
//! | file | what it holds |
//! |---|---|
//! | `dice` | numbers from a seed |
//! | `apps` | what all accounts are offered |
//! | `links` | accounts and their links |
//! | `manifest` | the YAML |
//! | `drift` | what somebody changed on the disk |
//! | `tree`, `cpanel` | the bytes of the files |
//! | `write` | the folder |

mod apps;
mod cpanel;
mod dice;
mod drift;
mod links;
mod manifest;
mod tree;
mod write;

pub(crate) use dice::Share;
use std::fmt;
use std::path::PathBuf;

/// How the manifest says what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// A template for each app, and for each link what is its own
    Template,
    /// Each link with all of its fields
    Spelled,
}

/// What lies under the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Root {
    /// What the manifest asks for, but for drift and foreign links
    Filled,
    /// Nothing, so that a plan creates all links
    Empty,
}

/// A fleet that is asked for.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Fleet {
    /// Accounts
    #[arg(long, value_name = "N", default_value_t = Self::default().users, value_parser = users)]
    pub(crate) users: usize,
    /// Links of each account, from 1 to 20
    #[arg(long, value_name = "N", default_value_t = Self::default().links, value_parser = links)]
    pub(crate) links: usize,
    /// Links of each account that the manifest does not name, at most 8
    #[arg(long, value_name = "N", default_value_t = Self::default().foreign, value_parser = foreign)]
    pub(crate) foreign: usize,
    /// Menu groups that the manifest declares, at most 3
    #[arg(long, value_name = "N", default_value_t = Self::default().groups, value_parser = groups)]
    pub(crate) groups: usize,
    /// Apps with a picture of their own, at most 6
    #[arg(long, value_name = "N", default_value_t = Self::default().icons, value_parser = icons)]
    pub(crate) icons: usize,
    /// How the manifest says it
    #[arg(long, default_value = "template")]
    pub(crate) form: Form,
    /// Files of the manifest, no more than accounts
    #[arg(long, value_name = "N", default_value_t = Self::default().files, value_parser = files)]
    pub(crate) files: usize,
    /// What lies under the root
    #[arg(long, default_value = "filled")]
    pub(crate) root: Root,
    /// Links that differ on disk, as a share of all
    #[arg(long, value_name = "PERCENT", default_value_t = Self::default().drift)]
    pub(crate) drift: Share,
    /// Files as cPanel writes them, as a share of those that cplinks could
    /// have written; foreign links always are
    #[arg(long, value_name = "PERCENT", default_value_t = Self::default().cpanel)]
    pub(crate) cpanel: Share,
    /// Another number makes another fleet
    #[arg(long, value_name = "N", default_value_t = Self::default().seed)]
    pub(crate) seed: u64,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            users: 100,
            links: 3,
            foreign: 0,
            groups: 1,
            icons: 3,
            form: Form::Template,
            files: 1,
            root: Root::Filled,
            drift: Share::NONE,
            cpanel: Share::percent(50),
            seed: 1,
        }
    }
}

/// A number within bounds, for the command line.
fn within(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("give a number from {least} to {most}"))
}

fn users(text: &str) -> Result<usize, String> {
    within(text, 1, 10_000_000)
}

fn links(text: &str) -> Result<usize, String> {
    within(text, 1, apps::APPS.len())
}

fn foreign(text: &str) -> Result<usize, String> {
    within(text, 0, apps::FOREIGN.len())
}

fn groups(text: &str) -> Result<usize, String> {
    within(text, 0, apps::GROUPS.len())
}

fn icons(text: &str) -> Result<usize, String> {
    within(text, 0, apps::ICONS.len())
}

fn files(text: &str) -> Result<usize, String> {
    within(text, 1, 10_000)
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) folder: PathBuf,
    pub(crate) users: usize,
    /// Links that the manifest asks for.
    pub(crate) links: usize,
    /// Links on disk that it does not name.
    pub(crate) foreign: usize,
    /// Links that differ on disk: as many changes a plan has.
    pub(crate) drifted: usize,
    pub(crate) manifest_files: usize,
    pub(crate) manifest_bytes: usize,
    /// Files under the root.
    pub(crate) files: usize,
    pub(crate) bytes: usize,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.folder.display();
        writeln!(
            f,
            "manifest  {} links of {} accounts, {} bytes in {} files",
            self.links, self.users, self.manifest_bytes, self.manifest_files
        )?;
        writeln!(
            f,
            "root      {} files of {} bytes; {} links differ, {} are foreign",
            self.files, self.bytes, self.drifted, self.foreign
        )?;
        writeln!(
            f,
            "next      cplinks plan {folder}/manifest --secrets {folder}/secrets.yaml --root {folder}/root"
        )
    }
}

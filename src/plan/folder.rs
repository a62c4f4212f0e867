//! Users' folders in the two trees, and what is put right about them.

use super::policy::FileOwner;
use crate::model::{Account, Ownership, UserName};

/// The mode of a user's folder in either tree (`cpanel-links.md` 1.1).
const FOLDER_MODE: u32 = 0o750;

/// One of the two trees under the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// `links/`: userconfig and adminconfig.
    Links,
    /// `dynamicui/`: menu entries.
    Menu,
}

impl Tree {
    /// The folder's name under the root.
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Menu => "dynamicui",
        }
    }
}

/// A user folder whose mode or owner is put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderMend {
    /// The account.
    pub user: UserName,
    /// Which tree the folder is in.
    pub tree: Tree,
    /// Permission bits found and wanted.
    pub mode: (u32, u32),
    /// Owner and group found and wanted, where they are compared.
    pub owner: Option<((u32, u32), (u32, u32))>,
}

/// What is to be put right about a user's folder, if anything is.
pub(super) fn folder_mend(
    user: &UserName,
    tree: Tree,
    found: Ownership,
    account: &Account,
    owner: FileOwner,
) -> Option<FolderMend> {
    let owner = match (owner, account) {
        (FileOwner::Root, Account::Known { gid }) => Some(((found.uid, found.gid), (0, *gid))),
        (FileOwner::Root | FileOwner::Keep, _) => None,
    };
    let owner_differs = owner.is_some_and(|(found, wanted)| found != wanted);
    (found.mode != FOLDER_MODE || owner_differs).then(|| FolderMend {
        user: user.clone(),
        tree,
        mode: (found.mode, FOLDER_MODE),
        owner,
    })
}

//! Users' folders in the two trees, and what is put right about them.

use crate::model::UserName;

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

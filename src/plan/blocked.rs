//! What should change and cannot be handled, and why.

use super::address::Address;
use super::folder::Tree;
use crate::model::{FileKind, GroupId, Obstacle, TokenRef, UserName};
use std::fmt;

/// Something that should change but cannot be handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// What it is about; the whole user has no app.
    pub user: UserName,
    /// The link or group; `None` blocks the whole user.
    pub address: Option<Address>,
    /// Why.
    pub why: Why,
}

/// Why something is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Something at a file's path is no readable regular file.
    Obstacle(FileKind, Obstacle),
    /// A user's folder is no readable directory.
    Folder(Tree, Obstacle),
    /// `token: keep`, and there is none.
    NothingToKeep,
    /// `token: keep`, and the adminconfig does not parse.
    KeepBroken(String),
    /// The token to write could not be resolved.
    TokenUnknown {
        /// Its reference.
        reference: TokenRef,
        /// Why there is no value.
        why: String,
    },
    /// It is to be hidden, but its userconfig does not parse.
    HideBroken(String),
    /// The group it stands in is blocked.
    Group(GroupId),
    /// It is to be brought back, but a file is not as the run left it.
    ChangedSince(FileKind),
    /// It is to be brought back, but what the run found is kept no more.
    Lost(String),
    /// It is to be brought back, but the file that a run replaced is no use.
    WasBroken(FileKind, String),
    /// It is to be brought back, but would show without this file.
    WasIncomplete(FileKind),
    /// A run made the group that is to go, and links still stand in it.
    GroupStays,
    /// This host does not let its token go where it would go.
    HostRefused(String),
    /// The host's policy does not let cplinks touch the app.
    NotManaged,
    /// It is to get another token, and there is no link: a token that nobody
    /// uses would lie there.
    NoLink,
    /// It is to get another token, and what that would be posted to cannot be
    /// read.
    Unreadable(FileKind, String),
    /// The account's look-up failed, which is not "no such account".
    Account(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obstacle(file, obstacle) => write!(f, "its {} {obstacle}", file.name()),
            Self::Folder(tree, obstacle) => {
                write!(f, "the user's folder in `{}` {obstacle}", tree.name())
            }
            Self::NothingToKeep => {
                f.write_str("`token: keep`, but there is no token on disk to keep")
            }
            Self::KeepBroken(why) => write!(
                f,
                "`token: keep`, but the adminconfig that should hold it {why}"
            ),
            Self::TokenUnknown { reference, why } => {
                write!(f, "its token ({reference}) is not known here: {why}")
            }
            Self::HideBroken(why) => write!(
                f,
                "it should be hidden, but its userconfig {why}; name it `absent` to remove it"
            ),
            Self::Group(id) => write!(f, "the group `{id}` it stands in is blocked"),
            Self::ChangedSince(file) => write!(
                f,
                "its {} is not as that run left it; later runs are undone first, the newest before \
                 the others, and what others changed stays",
                file.name()
            ),
            Self::Lost(why) => write!(f, "what that run found is kept no more: {why}"),
            Self::WasBroken(file, why) => write!(
                f,
                "its {} before that run {why}, and so does not come back",
                file.name()
            ),
            Self::WasIncomplete(file) => write!(
                f,
                "it would show without its {}, as it did before that run",
                file.name()
            ),
            Self::GroupStays => f.write_str("that run made it, and other links stand in it by now"),
            Self::HostRefused(why) => f.write_str(why),
            Self::NotManaged => {
                f.write_str("the policy of this host does not let cplinks touch this app")
            }
            Self::NoLink => f.write_str("there is no link that the token could be for"),
            Self::Unreadable(file, why) => write!(
                f,
                "its {} {why}, so nobody can say where the token would go",
                file.name()
            ),
            Self::Account(error) => write!(f, "the account could not be looked up: {error}"),
        }
    }
}

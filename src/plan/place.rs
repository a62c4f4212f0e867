//! Places under the root, by what they are for. What each is called there is
//! the store's word.

use super::address::Address;
use super::folder::Tree;
use crate::model::{AppName, FileKind, GroupId, Standing, UserName};
use std::ffi::OsString;

/// A place under the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The root itself.
    Root,
    /// cplinks' own folder.
    Work,
    /// A file or folder in it, by its name there.
    InWork(&'static str),
    /// One of the two trees.
    Tree(Tree),
    /// Something in a tree that is no user's folder.
    InTree(Tree, OsString),
    /// A user's folder.
    Folder(Tree, UserName),
    /// Something in a user's folder that belongs to no link or group.
    Stray(Tree, UserName, OsString),
    /// A file of a link or group.
    File(Address, FileKind),
}

impl Place {
    /// The folder in cplinks' own into which people move what has to leave the
    /// trees.
    pub const ASIDE: &str = "aside";

    /// Whose it is, where it is one user's.
    pub fn user(&self) -> Option<&UserName> {
        match self {
            Self::Root | Self::Work | Self::InWork(_) | Self::Tree(_) | Self::InTree(..) => None,
            Self::Folder(_, user) | Self::Stray(_, user, _) => Some(user),
            Self::File(address, _) => Some(address.user()),
        }
    }

    /// The app, where it is a link's.
    pub fn app(&self) -> Option<&AppName> {
        match self {
            Self::File(Address::Link(_, app), _) => Some(app),
            Self::File(Address::Group(..), _)
            | Self::Root
            | Self::Work
            | Self::InWork(_)
            | Self::Tree(_)
            | Self::InTree(..)
            | Self::Folder(..)
            | Self::Stray(..) => None,
        }
    }

    /// The group, where it is a group's.
    pub fn group(&self) -> Option<&GroupId> {
        match self {
            Self::File(Address::Group(_, id), _) => Some(id),
            Self::File(Address::Link(..), _)
            | Self::Root
            | Self::Work
            | Self::InWork(_)
            | Self::Tree(_)
            | Self::InTree(..)
            | Self::Folder(..)
            | Self::Stray(..) => None,
        }
    }
}

/// What others than root must not be able to do with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shield {
    /// To read it, nor to change it: it holds secrets.
    Read,
    /// To change it.
    Write,
    /// Anything; the folder above keeps them off.
    Above,
}

/// A folder or file that each root has at most once, as it is and as it
/// should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture {
    /// Which.
    pub place: Place,
    /// What lies there.
    pub standing: Standing,
    /// The permission bits it should have.
    pub mode: u32,
    /// What its mode has to keep others from.
    pub shield: Shield,
}

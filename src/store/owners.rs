//! Whose the folders must be, and whose the files are made. Two choices of
//! the host, since on a developer's machine neither makes sense.

use super::disk::Stat;
use crate::plan::FileOwner;

/// Whether folders that others than root could change are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OwnersCheck {
    /// Whose they are does not matter.
    #[default]
    Off,
    /// The root, its trees and all folders above must be root's alone; a
    /// user's folder that is not is an obstacle.
    Strict,
}

/// How the store deals with owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owners {
    /// Whether they are checked.
    pub check: OwnersCheck,
    /// Whether they are set on what is written. Must be what the plan was
    /// made with, or every round finds something to do.
    pub set: FileOwner,
}

impl Default for Owners {
    fn default() -> Self {
        Self {
            check: OwnersCheck::Off,
            set: FileOwner::Keep,
        }
    }
}

/// Whether a sticky directory that all may write counts as safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sticky {
    /// It does where only one known name in it matters, which others cannot
    /// take away: every folder above the root.
    Safe,
    /// It does not where others could add names that we would read.
    Unsafe,
}

/// Whether others than root could change what lies in a directory.
pub(super) fn is_unsafe(stat: &Stat, check: OwnersCheck, sticky: Sticky) -> bool {
    let is_sticky = sticky == Sticky::Safe && stat.mode & 0o1000 != 0;
    match check {
        OwnersCheck::Off => false,
        OwnersCheck::Strict => stat.uid != 0 || (stat.mode & 0o022 != 0 && !is_sticky),
    }
}

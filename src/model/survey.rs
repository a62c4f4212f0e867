//! What is looked at more closely than a link or a plan needs: the files that
//! belong to neither link nor group, and what becomes of a file that does not
//! parse when the panel reads it.

use super::{Obstacle, Ownership};
use std::ffi::OsString;

/// Something in a folder that stands for no link, group or user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stray {
    /// Its name, byte for byte: anybody may have chosen it.
    pub name: OsString,
    /// What it is.
    pub kind: StrayKind,
}

/// What a stray is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StrayKind {
    /// A regular file with these permission bits.
    File {
        /// Permission bits, `0o7777`.
        mode: u32,
    },
    /// Something else, in a word: `symlink`, `directory`, `FIFO`.
    Other(&'static str),
}

/// What the panel makes of a file. Never asked of a file that we can read:
/// that one it reads too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It reads the file, which we do not: a key stands there twice, or, in a
    /// menu entry, there are comments or a comma too many.
    Reads,
    /// It finds JSON, but of another shape than it expects.
    OtherShape,
    /// It finds no JSON, which for a menu entry ends the whole menu.
    Fails,
}

/// A second look at one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What the panel makes of it.
    pub reading: Reading,
    /// Whether the base64 of its icon holds spaces.
    pub has_spaced_icon: bool,
}

/// A folder or file that each root has at most once: mode and owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is there.
    Seen(Ownership),
    /// Something else is there, in words that follow a path: `is a FIFO`.
    Obstacle(Obstacle),
}

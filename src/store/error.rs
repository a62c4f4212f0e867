//! Why the store cannot be used at all. What concerns one user or one link is
//! never an error here: it is an obstacle in what was read, or an outcome.

use super::disk::PathError;
use super::layout::WORK;
use super::record::RunId;
use crate::model::Obstacle;
use rustix::io::Errno;
use std::path::PathBuf;
use thiserror::Error;

/// What stops a run before its first change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// A call failed.
    #[error(transparent)]
    Io(PathError),
    /// The root, or a folder above it, is not there.
    #[error("the root `{}` does not exist", .root.display())]
    Missing {
        /// The root.
        root: PathBuf,
        /// The folder that is not there: the root or one above it.
        missing: PathBuf,
    },
    /// A component of the root's path is a symbolic link, which is never
    /// followed.
    #[error("`{}` is a symbolic link, and the root is opened without following any", .0.display())]
    Link(PathBuf),
    /// Something else lies where a directory must be.
    #[error("`{}` {obstacle}, a directory was expected", .path.display())]
    NotADirectory {
        /// Where.
        path: PathBuf,
        /// What it is.
        obstacle: Obstacle,
    },
    /// Something else lies where a file of ours must be.
    #[error("`{}` {obstacle}, a regular file was expected", .path.display())]
    NotAFile {
        /// Where.
        path: PathBuf,
        /// What it is.
        obstacle: Obstacle,
    },
    /// Nothing can be written.
    #[error("`{}` is on a file system mounted read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Files cannot be moved between two of our folders.
    #[error(
        "`{}` is on another file system than `{}`, so files cannot be moved between them in one step",
        .path.display(),
        .root.display()
    )]
    OtherDevice {
        /// The folder that is elsewhere.
        path: PathBuf,
        /// The root.
        root: PathBuf,
    },
    /// The file system cannot swap two names.
    #[error("the file system of `{}` cannot exchange two files in one step", .0.display())]
    NoExchange(PathBuf),
    /// An earlier run was killed, and what it left is not yet put in order.
    #[error("run {0} was interrupted, and what it was doing may be half done")]
    Interrupted(RunId),
    /// The file system is too full for all that is to be written.
    #[error(
        "the file system of `{}` has room for {have} {what}, the plan needs {need}",
        .root.display()
    )]
    NoRoom {
        /// The root.
        root: PathBuf,
        /// `bytes` or `files`.
        what: &'static str,
        /// How many the plan needs, with a margin.
        need: u64,
        /// How many there are.
        have: u64,
    },
    /// A file of ours is not as we write it.
    #[error("`{}` {why}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Others than root could change what lies in it.
    #[error(
        "`{}` belongs to user {uid} and has mode {mode:04o}, it must belong to root and be writable only by root",
        .path.display()
    )]
    Unsafe {
        /// Which directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Its owner.
        uid: u32,
    },
}

impl StoreError {
    /// The next step, for people.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { root, missing } if root == missing => {
                Some(format!("mkdir -m 0751 {}", root.display()))
            }
            Self::Missing { root, .. } => Some(format!("mkdir -p -m 0751 {}", root.display())),
            Self::Link(path) => Some(format!(
                "pass the real path, `realpath {}` prints that of the link",
                path.display()
            )),
            Self::NoExchange(_) => Some(
                "ext4, XFS, Btrfs and tmpfs can; network and overlay file systems often cannot"
                    .to_owned(),
            ),
            Self::Unsafe { path, .. } => Some(format!(
                "chown root {path} && chmod go-w {path}",
                path = path.display()
            )),
            Self::Interrupted(_) => Some("cplinks recover".to_owned()),
            Self::NoRoom { .. } => Some("nothing was changed; make room and try again".to_owned()),
            Self::Damaged { path, .. } => path.parent().map(|run| {
                format!(
                    "if nothing in `{}` is needed any more, move that folder away",
                    run.display()
                )
            }),
            Self::NotADirectory { path, .. } | Self::NotAFile { path, .. } => {
                let is_in_work = path.components().any(|part| part.as_os_str() == WORK);
                is_in_work.then(|| {
                    format!(
                        "cplinks did not make it: look at what it is, and move it away (mv {} …)",
                        path.display()
                    )
                })
            }
            Self::Io(error) if error.source == Errno::ACCESS => {
                Some("cplinks runs as root, or as the owner of the root's files".to_owned())
            }
            Self::Io(_) | Self::ReadOnly(_) => None,
            Self::OtherDevice { .. } => {
                Some("links, dynamicui and .cplinks must be plain folders of the root".to_owned())
            }
        }
    }
}

impl From<PathError> for StoreError {
    fn from(error: PathError) -> Self {
        match error.source {
            Errno::ROFS => Self::ReadOnly(error.path),
            _ => Self::Io(error),
        }
    }
}

//! What can be wrong with the state. It is never passed over: a state that
//! cannot be read must not mean that nothing is owned.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the state cannot be used.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// It is no database, or a damaged one.
    #[error("the state `{}` is damaged", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the database says.
        source: rusqlite::Error,
    },
    /// It is a database, but holds something else than it should.
    #[error("the state `{}` is damaged: it holds {what}", .path.display())]
    Odd {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// A later cplinks wrote it.
    #[error("the state `{}` has version {found}, this cplinks knows up to {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A run was interrupted while it wrote the state, and this one may write
    /// nothing.
    #[error("the state `{}` was left in the middle of a write", .0.display())]
    Unfinished(PathBuf),
    /// Something else lies where it or its journal must be.
    #[error("`{}` is no regular file", .0.display())]
    NoFile(PathBuf),
    /// The database could not be read or written.
    #[error("the state `{}` cannot be used", .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What the database says.
        source: rusqlite::Error,
    },
}

impl LedgerError {
    /// Sorts what the database says by what is to be done about it.
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let code = source.sqlite_error().map(|error| error.extended_code);
        match code {
            Some(rusqlite::ffi::SQLITE_READONLY_ROLLBACK) => Self::Unfinished(path),
            Some(code) if is_damage(code) => Self::Damaged { path, source },
            _ => Self::Database { path, source },
        }
    }

    /// The next step, for people.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Damaged { .. } | Self::Odd { .. } => Some(
                "run `cplinks recover`: it keeps the damaged one and makes it anew from the runs \
                 that are kept"
                    .to_owned(),
            ),
            Self::NoFile(path) => Some(format!(
                "cplinks did not make it: look at what it is, and move it away (mv {path} …)",
                path = path.display()
            )),
            Self::Newer { .. } => Some("use the newer cplinks".to_owned()),
            Self::Unfinished(_) => {
                Some("run `cplinks recover`, which finishes or undoes that write".to_owned())
            }
            Self::Database { .. } => None,
        }
    }
}

/// The low byte of an extended code is the code itself.
fn is_damage(code: i32) -> bool {
    matches!(
        code & 0xff,
        rusqlite::ffi::SQLITE_CORRUPT | rusqlite::ffi::SQLITE_NOTADB
    )
}

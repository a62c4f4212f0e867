//! What keeps a snapshot from being written or read.

use crate::model::UserName;
use std::io;
use thiserror::Error;

/// Why a document is no snapshot. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// It is laid out in another way: reformatted, or something else.
    #[error("line {line} should be {expected}")]
    Layout {
        /// Where.
        line: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// A newer cplinks wrote it.
    #[error("it has version {0} of the form, and this cplinks reads version {known}", known = super::wire::VERSION)]
    Version(u64),
    /// A line is no JSON, or not of the shape it should have.
    #[error("line {line} cannot be read from column {column} on: {why}")]
    Json {
        /// Where.
        line: usize,
        /// Where in it.
        column: usize,
        /// Why.
        why: String,
    },
    /// A value is none that cplinks would write.
    #[error("line {line}: {what}")]
    Value {
        /// Where.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The end is missing.
    #[error("it ends in line {0}, before its end")]
    Cut(usize),
    /// Something is larger than any server has.
    #[error("line {line} has more than {limit} {what}")]
    TooMuch {
        /// Where.
        line: usize,
        /// The limit.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
}

/// Why a snapshot could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The stream failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is more of one user than a reader takes.
    #[error("the user `{user}` has more than {limit} {what}")]
    TooMuch {
        /// The account.
        user: UserName,
        /// The limit.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
}

//! What the system allows this process, and what the process gives up for the
//! secrets that it may hold. It opens no file and decides nothing of links.
//!
//! | limit | what is done |
//! |---|---|
//! | core dumps | none, and no other process of the user may look inside |
//! | open files | as many as may be had; with few, less is done at once |
//! | fewer than [`LEAST_OPEN`] | [`TooFewFiles`], before anything is read |
//! | the size of a file | the write that is too much fails, as on a full disk |

use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use signal_hook::consts::SIGXFSZ;
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use thiserror::Error;

/// The fewest files that a process must be able to have open.
pub const LEAST_OPEN: usize = 32;
/// How many are open whatever is done: the streams, the root and its folders,
/// the lock, the state and the run.
const ALWAYS_OPEN: usize = 24;

/// Fewer files may be open than any work needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this process may have only {allowed} files open, and needs {LEAST_OPEN}")]
pub struct TooFewFiles {
    /// How many may be open.
    pub allowed: usize,
}

impl TooFewFiles {
    /// What to do about it.
    pub fn hint(&self) -> String {
        "raise the limit, such as with `ulimit -n 1024`, or `LimitNOFILE=` of a service".to_owned()
    }
}

/// Keeps what is in memory out of core dumps and away from other processes of
/// the same user: tokens are in it. For a process of its own, once, before
/// anything is read.
///
/// # Errors
/// What the system refuses, which no system does that runs as documented.
pub fn keep_memory_private() -> Result<(), Errno> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // The other would be enough, but for a system that pipes dumps to a
    // program whatever is set.
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)
}

/// Has a write fail that makes a file larger than is allowed, where the system
/// would end the process without a word. For a process of its own, once.
///
/// # Errors
/// The system takes no handler.
pub fn outlive_large_files() -> io::Result<()> {
    // Nobody asks whether it was raised: the write says so.
    flag::register(SIGXFSZ, Arc::default()).map(|_| ())
}

/// Lets as many files be open as the system gives without being asked for
/// more. For a process of its own, once.
pub fn open_all_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: maximum,
        maximum,
    };
    // Without it less is done at once.
    setrlimit(Resource::Nofile, most).ok();
}

/// Checks that there is enough to work with.
///
/// # Errors
/// Fewer than [`LEAST_OPEN`] files may be open.
pub fn check_open_files() -> Result<(), TooFewFiles> {
    let allowed = allowed_files();
    if allowed < LEAST_OPEN {
        return Err(TooFewFiles { allowed });
    }
    Ok(())
}

/// How many files may be open beside those that always are; at least one.
pub fn spare_files() -> usize {
    allowed_files().saturating_sub(ALWAYS_OPEN).max(1)
}

fn allowed_files() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    // A limit that no number holds is none.
    limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spare_is_never_nothing_and_never_all() {
        let allowed = allowed_files();
        assert!((1..=allowed).contains(&spare_files()));
        assert_eq!(check_open_files().is_ok(), allowed >= LEAST_OPEN);
    }
}

//! Watching: what tells that something may have changed, and when it is worth
//! a look. What a look is, and what follows from it, is decided elsewhere:
//! an event is only a hint, and a round reads the disk again.
//!
//! | file | what it holds |
//! |---|---|
//! | `debounce`, `backoff`, `contest` | how long to wait: after events, failures, and for another writer; pure |
//! | `agenda` | what is to be looked at, and when; pure |
//! | `inbox` | what came in, until somebody takes it up |
//! | `eyes`, `mounts` | who puts it there: the kernel's notices of changed folders and of new file systems |
//!
//! The pure ones are told the time as a *moment*, so that a test can let a
//! year pass.

mod agenda;
mod backoff;
mod contest;
mod debounce;
mod eyes;
mod inbox;
mod mounts;

pub use agenda::{Agenda, Cause, Look, Round, Times};
pub use backoff::{Backoff, with_jitter};
pub use contest::Contests;
pub use debounce::Debounce;
pub use eyes::{Blind, Eyes};
pub use inbox::{Hints, Inbox, Wish};
pub use mounts::watch_mounts;

use std::time::Duration;

/// A point in time: how long after the watch began.
pub type Moment = Duration;

//! The ledger: what cplinks remembers of its own doings in `state.db`. Which
//! links and groups are ours, what we wrote of them, where tokens went, what
//! runs did. It holds no token, nor anything made from one without the key.
//!
//! | file | what it holds |
//! |---|---|
//! | `database`, `error` | opening the file, its schema, what can be wrong with it |
//! | `key`, `fingerprint`, `after` | what we wrote, as keyed hashes of what it means |
//! | `run`, `record` | a run to record; recording it, and rebuilding from many |
//! | `catch_up` | runs that are not recorded yet |
//! | `read` | what is owned, which runs there were |
//! | `pause` | what is paused, and until when |
//! | `baseline`, `drift` | how we left what is ours, and how it is not so any more |
//!
//! Losing it loses no link: then everything is foreign, and the next apply
//! adopts what the manifest names.

mod after;
mod baseline;
mod catch_up;
mod database;
mod drift;
mod error;
mod fingerprint;
mod key;
mod pause;
mod read;
mod record;
mod run;
#[cfg(test)]
mod tests;

pub use baseline::{Baseline, Known, Left, left_in_scope};
pub use database::Ledger;
pub use error::LedgerError;
pub use fingerprint::{Fingerprint, Fingerprints};
pub use key::Key;
pub use read::{Change, RunCounts, RunSummary};
pub use run::{Deed, Kind, Recorded, RunHeader, RunToRecord, Verb};

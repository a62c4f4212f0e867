//! The plan: a pure comparison of what is wanted with what is there. Nothing
//! here does I/O, and planning cannot fail: what cannot be handled is blocked
//! beside the changes, and what is too much is refused by a guard.
#![deny(clippy::wildcard_enum_match_arm)]

mod address;
mod between;
mod blocked;
mod call;
mod change;
mod diff;
mod digest;
mod drift;
mod folder;
mod glance;
mod group;
mod guard;
mod hold;
mod host;
mod link;
mod origin;
mod owned;
mod place;
mod policy;
mod reason;
mod server;
mod tally;
#[cfg(test)]
mod tests;
mod undo;
mod unrecorded;
mod value;

pub use address::Address;
pub use blocked::{Blocked, Why};
pub use call::Call;
pub use change::{
    Change, FileChange, GroupAction, GroupChange, LinkAction, LinkAfter, LinkChange, TokenAfter,
    Touch,
};
pub use diff::{FieldDiff, LinkDiff, TokenDiff};
pub use digest::{Digest, Intent};
pub use drift::{Departure, Drift, DriftTotal, FileDrift, UserDrift};
pub use folder::{FolderMend, Tree};
pub use glance::{AsWanted, Glance};
pub use guard::{Allowances, Guard, GuardCheck, Headroom, Limits, Percent, Refusal};
pub use hold::{Held, HeldVerb, Hold, Holds, Pause, Waiting};
pub use host::NewHost;
pub use link::is_wrong_owner;
pub use origin::{Origin, RecordAfter, Restore};
pub use owned::Owned;
pub use place::{Fixture, Place, Shield};
pub use policy::{AppRules, FileOwner, GlobSet, Policy, Scope, UnknownTokens, Unlisted};
pub use reason::Reason;
pub use server::Server;
pub use tally::Census;
pub use undo::{Found, Now, Undoable};
pub use unrecorded::{Adoption, Unrecorded};
pub use value::{Counts, Plan};

pub use between::Planner;

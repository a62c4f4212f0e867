//! What is wrong on a server, judged without a manifest: from what was found
//! under the root to *findings*, each with what mends it. It reads no file and
//! changes none; what a link should say is a manifest's word, not its.
//!
//! A finding is of one *rule*, which gives it a *grade*: an *error* hurts a
//! customer or opens a secret, a *warning* is not as it should be, a *note* is
//! worth knowing.

mod files;
mod finding;
mod folders;
mod group;
mod icon;
mod link;
mod menu;
mod permit;
mod rule;
mod server;
mod size;
mod strays;
mod tally;
mod visit;

pub use finding::{Finding, Mend};
pub use rule::{Grade, Rule};
pub use server::{Memory, Server};
pub use tally::Tally;
pub use visit::{Doctor, Looks, Visit};

//! The real binary, killed, starved and raced from the outside: at each system
//! call of an apply that holds every transition of a link, what lies on the
//! disk must keep the promises of the README, and the next apply must finish.
//!
//! A sample runs by default; `CPLINKS_CRASH=all` tries every point. Without
//! `strace`, or without root for the small file systems, the tests that need
//! them say on standard error that they were skipped, and why.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests, which may panic and write files"
)]

mod counted;
mod errors;
#[path = "../../examples/fleet/mod.rs"]
mod fleet;
mod foreign;
mod full;
mod invariants;
mod kill;
mod locks;
mod manifest;
mod recovery;
mod render;
mod sandbox;
mod sharp;
mod silent;
mod strace;
mod sweep;
mod tree;
mod world;

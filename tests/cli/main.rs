//! The real binary, from the outside: arguments and a tree in; standard
//! output, standard error, exit code and the whole tree out.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "helpers of tests, which may panic and write files"
)]

mod support;

mod apply;
mod bad_inputs;
mod call;
mod ci;
mod doctor;
mod drift;
mod examples;
mod fleet;
mod fuzzed;
mod groups;
mod help;
mod history;
mod import;
mod laws;
mod ledger;
mod limits;
mod list;
mod login;
mod markdown;
mod pause;
mod pinned;
mod plan;
mod policy;
mod readme;
mod recover;
mod scale;
mod schema;
mod snapshot;
mod systemd;
mod undo;
mod validate;
mod watch;
mod workflows;

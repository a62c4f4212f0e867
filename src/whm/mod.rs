//! What a server of WHM says and does about integration links. No I/O and no
//! clock: who calls it brings files, answers and time.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod api;
pub mod login;

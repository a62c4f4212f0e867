//! `cplinks watch` in real time: the binary is started on a root of its own,
//! the world around it changes, and what follows must follow in time.

mod beside;
mod bounds;
mod contested;
mod edits;
mod ending;
mod failing;
mod figures;
mod flat;
mod foreign;
mod guards;
mod log;
mod mounts;
mod notes;
mod pauses;
mod polling;
mod service;
mod start;
mod storm;
mod stuck;
mod world;

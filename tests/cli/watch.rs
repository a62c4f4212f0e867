//! `cplinks watch` in real time: the binary is started on a root of its own,
//! the world around it changes, and what follows must follow in time.

mod edits;
mod foreign;
mod notes;
mod start;
mod storm;
mod world;

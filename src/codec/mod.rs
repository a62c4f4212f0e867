//! The files' bytes and the words of `model`, both ways: one module for each
//! kind of file. No paths, no I/O. The byte form is that of
//! `cpanel-links.md` 1.3 with sorted keys; reading accepts any strict JSON.

pub mod account;
pub mod adminconfig;
mod agree;
pub mod form;
pub mod group;
mod json;
pub mod menu;
pub mod panel;
#[cfg(test)]
mod tests;
pub mod userconfig;

pub use json::{FormatError, keys, quote};

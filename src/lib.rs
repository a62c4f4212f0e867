//! cplinks
#![forbid(unsafe_code)]

pub mod apply;
pub mod codec;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod report;
pub mod store;

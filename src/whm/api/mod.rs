//! The eight functions of WHM API 1 for integration links: from parameters to
//! a request, from a request and what is there to a plan of at most one
//! change, and to what is answered. Pure: who reads, locks and writes is the
//! caller.
//!
//! ```text
//! parameters ─▶ Request ─▶ Wish::plan ─▶ (apply) ─▶ Data ─▶ Response
//!                  └──────▶ (read) ─────────────────▲
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | `parameter` | the parameters by name, and which function takes which |
//! | `request`, `parse`, `reading` | what is asked for; parameters to a request, all that is wrong at once |
//! | `refused` | why nothing is done, in words for `metadata.reason` |
//! | `plan` | what a request changes |
//! | `response` | what is answered |

mod parameter;
mod parse;
mod plan;
mod reading;
mod refused;
mod request;
mod response;
#[cfg(test)]
mod tests;

pub use parameter::{Parameter, Value};
pub use parse::Parsed;
pub use plan::Bounds;
pub use refused::{Called, Flaw, Place, Refused};
pub use request::{Request, Wish};
pub use response::{Data, Response};

//! A snapshot: what lies on one server and what is ours there, as one
//! document, so that a plan can be made where the server cannot be reached.
//! Pure: it writes to what the caller gives and reads what the caller has
//! read; it knows no files and no clock.
//!
//! It is redacted. What a plan neither compares nor shows is not in it:
//!
//! | of | is in it | is not |
//! |---|---|---|
//! | tokens | whether there is one | the token, or anything made of it |
//! | URLs | all but what reports mask, and a salted hash where something is masked | masked parts |
//! | keys nobody here knows | their names | their values |
//! | files | mode, owner, why one does not parse | hashes, times |
//! | icons | each picture once | |
//!
//! The hash is there because a plan tells a URL whose masked part differs from
//! one that is equal. It is a plain hash with a salt of the snapshot's own: who
//! has the file can try out values, so a short one could be guessed.
//!
//! The form is JSON with one entry a line. A reader holds it to that, since so
//! each line is bounded, is named where it is wrong, and can be read alone.

mod about;
mod age;
mod contents;
mod error;
mod lines;
mod mark;
mod read;
mod redact;
mod restore;
#[cfg(test)]
mod tests;
mod wire;
mod write;

pub use about::About;
pub use age::{AgeError, MaxAge, check_age};
pub use error::{SnapshotError, WriteError};
pub use mark::Salt;
pub use read::{MAX_SNAPSHOT, Snapshot};
pub use write::Writer;

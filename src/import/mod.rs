//! From what lies on disk to a manifest that says just that: the texts of its
//! files, one user at a time. Nothing here does I/O; whether a text would be
//! accepted is asked of the loader by who reads the disk.
//!
//! Must not be decided from it: what is ours. A link is *taken over* here when
//! the manifest may name it without a change; all others are *left*, written
//! as comments with the reason.
//!
//! Two rounds over the users: a *survey* counts what the links of one app
//! share, then the *pages* are written against the templates that follow.
#![deny(clippy::wildcard_enum_match_arm)]

mod candidate;
mod entry;
mod extra;
mod group;
mod icons;
mod page;
mod sift;
mod survey;
mod templates;
mod user;
mod user_text;
mod vote;
mod yaml;

pub use candidate::{Candidate, Fields, IconChecks, Token, candidates};
pub use entry::{document, settings};
pub use extra::Extra;
pub use group::{broken_groups, group_document};
pub use icons::UserIcons;
pub use page::{MANIFEST, Notes, Pages, is_header, manifest};
pub use sift::{Sifted, sift};
pub use survey::Survey;
pub use templates::Templates;
pub use user::{ImportedUser, Standing};
pub use yaml::{comment, secret_line, text as yaml_text};

//! The manifest: from YAML files to what is wanted. Everything that is wrong
//! is found in one run, each with its place.
//!
//! ```text
//! load ─▶ parse ─▶ merge ─▶ check_all ─▶ Manifest ─▶ desired(user)
//!   │       │        │           │
//!   │     wire     layer       expand          (pure: parse … expand)
//!   └─ open, tokens: the files and variables a manifest may name
//! ```

mod budget;
mod changed;
mod check;
mod check_all;
mod desired;
mod expand;
mod extent;
mod fields;
mod findings;
mod icons;
mod layer;
mod lines;
mod load;
mod locate;
mod look;
mod mask;
mod merge;
mod open;
mod parse;
mod parsed;
mod part;
mod place;
mod policy;
mod problem;
mod read;
mod revision;
mod schema;
mod secrets;
mod settings;
mod sorted;
mod template;
mod texts;
mod token_hosts;
mod tokens;
mod values;
mod watched;
mod wire;
mod written;

pub use changed::ChangedUsers;
pub use check::Breach;
pub use fields::FieldRules;
pub use layer::check_token;
pub use load::{Loaded, Loader, Reload, load};
pub use merge::Manifest;
pub use open::{OpenError, OwnerCheck};
pub(crate) use open::{read_file, read_stream};
pub use policy::{HostPolicy, LoadedPolicy, Presence, load_policy};
pub(crate) use problem::nearest;
pub use problem::{Place, Problem, Severity, Source};
pub use revision::revision;
pub use schema::{policy_schema, schema};
pub use secrets::SecretsLoader;
pub use settings::Settings;
pub use tokens::{SecretsError, Tokens};
pub use watched::{Folders, MAX_FOLDERS, TokenStamps, folders_of_files};

//! cplinks keeps cPanel **integration links** (the icons that take a hosting
//! customer from cPanel to billing, support or an upgrade page) as a YAML
//! manifest says. This page is the architecture: the flow, the words, and
//! what must stay true.
//!
//! # The flow
//!
//! The manifest and the files on disk are read into the same words. A pure
//! function compares them and returns a plan; it does no I/O and cannot fail.
//! A guard may refuse the plan. Apply carries it out file by file, each only
//! if it is still the one planned against, and returns a report.
//!
//! ```text
//! main ─▶ run ─▶ cli, report, reconcile, apply, ledger, watch, import, whm, doctor
//!                run::login::client ─▶ the network
//!                reconcile ─▶ manifest::load, store, ledger, plan
//!                apply ─▶ plan, codec, store
//!                ledger ─▶ codec, plan
//!                store ─▶ codec, store::disk ─▶ the file system
//! ═══════════ nothing below this line does I/O ═══════════
//! report ─▶ plan, whm, doctor      plan ─▶ model      codec ─▶ model
//! manifest (parse, merge, expand) ─▶ model
//! snapshot ─▶ report, plan, model
//! import ─▶ plan, model
//! doctor ─▶ plan, model
//! whm ─▶ manifest, plan, codec, model
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`model`] | the words both sides speak: names, links, groups, icons, secrets |
//! | [`codec`] | the bytes of each kind of file, to words and back |
//! | [`manifest`] | YAML to what is wanted; everything wrong in one run |
//! | [`plan`] | what is wanted against what is there: changes, guards |
//! | [`store`] | the only place that knows where links live |
//! | [`apply`] | carries out a plan through the store |
//! | [`ledger`] | what cplinks remembers: what is ours, where tokens went, its runs |
//! | [`reconcile`] | one round, the only place its order is written down |
//! | [`report`] | plans, outcomes and problems as people read them |
//! | [`snapshot`] | what lies on a server and is ours there, as one redacted document |
//! | [`import`] | from what is on disk to the texts of a manifest that says just that |
//! | [`doctor`] | what is wrong on a server, judged without a manifest, and what mends it |
//! | [`process`] | what the system allows this process, and no core dumps |
//! | [`spread`] | work over threads, with results in order |
//! | [`watch`] | what tells that something changed, and when it is worth a look |
//! | [`whm`] | what WHM does with links: its API's functions, and the auto-login handshake |
//! | [`cli`], [`run`] | arguments, and from them to an exit code |
//! | [`security`] | who is trusted with what, and what was found so far: a page, no code |
//!
//! # The words
//!
//! A *link* is one app for one user; a *group* a heading in that user's menu.
//! *Desired* is what the manifest asks for, *actual* what was read from disk
//! this round. A *plan* is an ordered set of *changes*: *create*, *replace*
//! (rewrite in place), *hide* (out of the menu, files stay) and *remove*. A
//! link that cplinks has no record of writing is *foreign*; naming it in the
//! manifest *adopts* it. A link on disk that the manifest does not name is
//! *unlisted*. What cannot be handled is *blocked*, and what has to wait is
//! *held*: for one, by a *pause* that a person asked for.
//!
//! # What must stay true
//!
//! 1. `model`, `codec`, `plan`, `snapshot`, `import`, `doctor`, `whm` and the pure half of
//!    `manifest` do no I/O, read no clock and no environment; [`plan::Plan::between`] returns no
//!    `Result`.
//! 2. Only `store` names a path under the root; only `store::disk` and
//!    `manifest::open` open files, and `rusqlite` the one of `ledger`. Only
//!    `run::login::client` opens connections.
//! 3. Only `report` knows colours; core types derive no `Serialize`.
//! 4. Only `run` and `main` know exit codes; nothing else prints.
//! 5. A file changes only if it is still the one the plan was made from.
//! 6. The same inputs give the same bytes: ordered maps, no time and no
//!    randomness in the core.
//! 7. What the plan does not name is not touched; foreign links are never
//!    taken over silently.
//! 8. A token is a [`model::Secret`] from the moment it is read.
//!
//! `tests/tidy.rs` holds the arrows and the borders.
//!
//! # The YAML parser
//!
//! `serde_yaml` is `yaml_serde`, the fork of the YAML organisation, under the
//! old name; going back to `serde_yaml` 0.9.34 is one line in `Cargo.toml`.
//! It stops at its first error and has no positions, so the manifest is read
//! by a schema-directed reader of our own that records problems and goes on,
//! and a second pass over the same parser finds their places.
#![forbid(unsafe_code)]

pub mod model;
pub mod process;

pub mod codec;
pub mod doctor;
pub mod manifest;
pub mod plan;

pub mod apply;
pub mod import;
pub mod ledger;
pub mod reconcile;
pub mod report;
pub mod snapshot;
pub mod spread;
pub mod store;
pub mod watch;
pub mod whm;

pub mod cli;
pub mod run;

#[doc = include_str!("../SECURITY.md")]
pub mod security {}

//! Plans, outcomes and problems in the forms people and pipelines read. The
//! only place that knows colours and output formats. It decides nothing and
//! does no I/O of its own: everything is written to what the caller gives.
//!
//! Each form is a module; all share what makes a foreign text safe to show:
//! `escape`, and what the model masks in URLs.
#![deny(clippy::wildcard_enum_match_arm)]

mod ci;
mod doctor;
mod escape;
mod history;
mod hold;
mod html;
mod json;
mod login;
mod markdown;
mod outcome;
mod problems;
mod reach;
mod response;
mod shell;
mod style;
mod text;
mod watch;

pub use ci::{annotations, code_quality, notices, outputs, sarif, terraform_report};
pub use doctor::{FindingLine, finding, tally};
pub use escape::escaped;
pub use history::{RunDeed, RunLine, run, runs};
pub use hold::{changes_wait, flags, held, pause_in_words, waiting, when};
pub use html::html;
pub(crate) use json::json_line;
pub use json::{
    Approved, ApprovedError, FORMAT_VERSION, LoginStory, PLAN_SCHEMA, finding_json, findings_json,
    found_json, json, login_json, tally_json,
};
pub use login::{LoginAnswer, LoginTry, login_hint};
pub use markdown::{MarkdownOptions, markdown};
pub use outcome::{Beside, Deed, Failure, OutcomeLine, outcome};
pub use problems::problems;
pub use response::{ResponseForm, response};
pub use shell::{shell_quoted, shell_word};
pub(crate) use text::counted;
pub use text::{
    DriftHeader, FoundLink, Header, TextOptions, UrlShown, Whose, drift, found, found_rows,
    login_end, login_form, login_title, login_try, plan, scope_in_words, status,
};
pub use watch::{
    Event, Field, Figures, Health, InForce, Level, LogForm, Notice, health, log, metrics,
};

//! The keys of a link's files as an auto-login sends them: every one, as the
//! text that a form carries. What the keys mean is not decided here.

use super::{Lies, Secret};
use std::collections::BTreeMap;

/// The keys of one file.
pub type FormFields = BTreeMap<String, FormValue>;

/// One value. All are kept as secrets: those of an adminconfig are, and a key
/// that nobody knows may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormValue {
    /// The text that is sent; empty for `null`.
    pub text: Secret,
    /// What it was in the file.
    pub shape: FormShape,
}

/// What a value was in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormShape {
    /// A text, a number, a switch or `null`, which a form can carry.
    Plain,
    /// An object or an array, which it cannot: the text is its JSON.
    Nested,
}

/// The two files of a link that an auto-login sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkForms {
    /// `APP.userconfig`.
    pub userconfig: Lies<FormFields>,
    /// `APP.adminconfig`.
    pub adminconfig: Lies<FormFields>,
}

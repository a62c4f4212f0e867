//! Whose customer an account is. Only shown and counted: nothing may be
//! decided from it, since the file it stands in is optional.

use super::name::{NameError, UserName};
use std::fmt;

/// Who owns accounts that no reseller owns.
const ROOT: &str = "root";

/// The owner of accounts, by the name of its own: a reseller, or `root`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reseller(String);

impl Reseller {
    /// Parses a name: that of an account, or `root`.
    ///
    /// # Errors
    /// Says which rule for accounts' names the text breaks.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text != ROOT {
            UserName::parse(text)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reseller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account that is in the server's own list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Whose it is; `None` where that is not known.
    pub reseller: Option<Reseller>,
}

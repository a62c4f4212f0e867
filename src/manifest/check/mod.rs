//! The rules for single values (`design.md` section 2, `cpanel-links.md` 1.6).
//! Each takes a text and says what breaks; where it stands is not its concern.

mod label;
mod number;
mod path;
mod url;

pub(super) use label::{label, opaque};
pub(super) use number::{group_order, link_order, percent};
pub(super) use path::relative_path;
pub(super) use url::{
    host, host_of_url, is_about_reach, local_address, local_host, plain_http, secret_parts,
    shown_url, url,
};

use super::problem::Severity;

/// One rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The rule's id, such as `url`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one phrase that holds no token.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl Breach {
    fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            message: message.into(),
            hint: None,
        }
    }

    fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, message)
        }
    }

    /// A word that is no name.
    pub(super) fn name(message: String) -> Self {
        Self::error("name", message)
    }

    /// A path that may not be read.
    pub(super) fn path(message: String) -> Self {
        Self::error("path", message)
    }

    /// A host that tokens may not be posted to.
    pub(super) fn host(message: String, hint: &'static str) -> Self {
        Self::error("autologin-host", message).hint(hint)
    }

    /// An icon that is none.
    pub(super) fn icon(message: String) -> Self {
        Self::error("icon", message)
    }

    /// An icon of another size than menus show.
    pub(super) fn icon_size(message: String) -> Self {
        Self::warning("icon-size", message)
    }

    /// Auto-login with nothing to fall back on.
    pub(super) fn no_fallback() -> Self {
        let message = "auto-login without a `url` leaves customers stranded when it fails";
        Self::warning("no-fallback", message)
    }

    /// A switch that is neither on nor off.
    pub(super) fn switch(message: String, hint: &'static str) -> Self {
        Self::error("hide", message).hint(hint)
    }

    fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }
}

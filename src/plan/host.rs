//! Where a link's token is posted, before and after a change: what the guard
//! `new-host` counts. A token that meets another host than before may be on
//! its way to a thief.
//!
//! | userconfig before | token | another host? |
//! |---|---|---|
//! | with an auto-login host | any | if that one differs |
//! | with an auto-login URL that has no host | any | yes |
//! | without auto-login | one on disk | yes: it was declared for none |
//! | without auto-login | none on disk | no: as good as a new link |
//! | missing or broken | any | if the host we last wrote differs |
//! | missing or broken, no record | kept | yes: nothing says what it was declared for |
//! | any, or none | a reference that was used before | if it was used with another host |

use super::Owned;
use super::change::{LinkChange, TokenAfter};
use crate::model::{ActualLink, url_host};
use std::fmt;

/// A host that a token would be posted to, and the one it was posted to
/// before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHost {
    from: Before,
    /// The host, in lower case.
    pub to: String,
    /// Set where the record of the reference says it, not the link itself.
    reference: Option<String>,
}

/// Where a token was posted before.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Before {
    Host(String),
    /// Nowhere: the link had no auto-login.
    Nowhere,
    /// Nobody can say.
    Unknown,
}

impl fmt::Display for NewHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reference) = &self.reference {
            write!(f, "token {reference}: ")?;
        }
        match &self.from {
            Before::Host(host) => write!(f, "{host}")?,
            Before::Nowhere => f.write_str("(no auto-login)")?,
            Before::Unknown => f.write_str("(unknown)")?,
        }
        write!(f, " → {}", self.to)
    }
}

impl LinkChange {
    /// Where the token of an existing link would newly be posted, as far as
    /// its own files say. For the eye: the guard knows the record too.
    pub fn new_token_host(&self) -> Option<NewHost> {
        new_host(self, &Owned::default())
    }

    /// The host that a token of this link would go to where none of it went
    /// anywhere before: the link is new, or gets its first auto-login, or
    /// nothing says where it went. `None` where [`Self::new_token_host`] says
    /// it.
    pub fn first_token_host(&self) -> Option<String> {
        let after = self.action.after()?;
        match &after.token {
            TokenAfter::Keep | TokenAfter::None => return None,
            TokenAfter::Set { .. }
            | TokenAfter::Restore { .. }
            | TokenAfter::NotCompared { .. } => {}
        }
        let to = url_host(after.link.autologin_token_url.as_deref()?)?;
        let before = self.action.before().and_then(|b| b.userconfig.value());
        let before = before.and_then(|found| found.link.autologin_token_url.as_deref());
        let is_known = before.and_then(url_host).is_some_and(|host| host == to);
        (!is_known && self.new_token_host().is_none()).then_some(to)
    }
}

/// Whether a change brings a token to another host than before.
pub(super) fn new_host(change: &LinkChange, owned: &Owned) -> Option<NewHost> {
    let after = change.action.after()?;
    let to = url_host(after.link.autologin_token_url.as_deref()?)?;
    let of_link = change.action.before().and_then(|before| {
        let written = owned.host(&change.user, &change.app);
        host_before(before, &after.token, written)
    });
    if let Some(from) = of_link
        && from != Before::Host(to.clone())
    {
        let reference = None;
        return Some(NewHost {
            from,
            to,
            reference,
        });
    }
    let (text, shown) = match &after.token {
        TokenAfter::Set { reference, .. } | TokenAfter::NotCompared { reference } => {
            (reference.key()?, reference.to_string())
        }
        TokenAfter::Restore {
            reference: Some(reference),
            ..
        } => (reference.clone(), reference.clone()),
        TokenAfter::Keep
        | TokenAfter::None
        | TokenAfter::Restore {
            reference: None, ..
        } => return None,
    };
    let known = owned.token_host_of(&text)?;
    (known != to).then(|| NewHost {
        from: Before::Host(known.to_owned()),
        to,
        reference: Some(shown),
    })
}

/// Where the token of an existing link was posted; `None` if no token could
/// meet another host.
fn host_before(before: &ActualLink, token: &TokenAfter, written: Option<&str>) -> Option<Before> {
    let has_token = match before.adminconfig.value() {
        Some(found) => found.token.is_there(),
        None => false,
    };
    let Some(userconfig) = before.userconfig.value() else {
        return match (written, token) {
            (Some(host), _) => Some(Before::Host(host.to_owned())),
            (None, TokenAfter::Keep) => has_token.then_some(Before::Unknown),
            (
                None,
                TokenAfter::None
                | TokenAfter::Set { .. }
                | TokenAfter::Restore { .. }
                | TokenAfter::NotCompared { .. },
            ) => None,
        };
    };
    match userconfig.link.autologin_token_url.as_deref() {
        None | Some("") => has_token.then_some(Before::Nowhere),
        Some(url) => Some(url_host(url).map_or(Before::Unknown, Before::Host)),
    }
}

//! What a round found out that the state does not know yet, although nothing
//! on disk has to change: what an apply remembers beside its changes.

use super::Owned;
use super::address::Address;
use super::drift::UserDrift;
use crate::model::{ActualLink, AppName, DesiredLink, DesiredToken, TokenRef, UserName, url_host};

/// What the state should learn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unrecorded {
    /// Links and groups that the manifest names and that are just as it says,
    /// but that are not recorded as ours, or not as they are now: somebody
    /// else made them what they should be, or nobody knows what we wrote.
    /// Hidden ones of ours that it does not name too.
    pub adopted: Vec<Adoption>,
    /// Links and groups that are recorded as ours and are so no more. They are
    /// neither wanted nor there, and what somebody else makes of that name
    /// later is theirs; or an undo gives them back.
    pub gone: Vec<Address>,
}

impl Unrecorded {
    /// Whether the state knows everything.
    pub fn is_empty(&self) -> bool {
        self.adopted.is_empty() && self.gone.is_empty()
    }
}

/// Something to be recorded as ours, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The link or group.
    pub address: Address,
    /// The host its token is posted to; `None` without auto-login.
    pub host: Option<String>,
    /// The reference of its token, where that was compared.
    pub token: Option<TokenRef>,
}

impl Adoption {
    /// A group, which has no token.
    pub(super) fn of_group(address: Address) -> Self {
        Self {
            address,
            host: None,
            token: None,
        }
    }

    /// A link, if the state does not know all of it.
    pub(super) fn of_link(
        user: &UserName,
        app: &AppName,
        desired: &DesiredLink,
        owned: &Owned,
        drift: &UserDrift,
    ) -> Option<Self> {
        let address = Address::Link(user.clone(), app.clone());
        let url = desired.link.autologin_token_url.as_deref();
        let host = url.and_then(url_host);
        let token = match &desired.token {
            DesiredToken::Known { reference, .. } => Some(reference.clone()),
            DesiredToken::None | DesiredToken::Keep | DesiredToken::Unknown { .. } => None,
        };
        let is_known = owned.has(user, app) && owned.host(user, app) == host.as_deref();
        let is_token_known = match (&token, &host) {
            (Some(reference), Some(host)) => {
                reference.key().is_none() || owned.token_host(reference) == Some(host)
            }
            (None, _) | (_, None) => true,
        };
        (!is_known || !is_token_known || drift.is_news(&address)).then_some(Self {
            address,
            host,
            token,
        })
    }

    /// A link that is not wanted, and hidden as it should be: if it is ours and
    /// the state does not know how it is. One of which no file can be read is
    /// left out, since there would be nothing to record.
    pub(super) fn of_hidden(
        address: &Address,
        app: &AppName,
        found: &ActualLink,
        owned: &Owned,
        drift: &UserDrift,
    ) -> Option<Self> {
        let user = address.user();
        let has_content = found.userconfig.value().is_some()
            || found.adminconfig.value().is_some()
            || found.menu.value().is_some();
        let is_news = owned.has(user, app) && has_content && drift.is_news(address);
        is_news.then(|| Self {
            address: address.clone(),
            host: owned.host(user, app).map(str::to_owned),
            token: None,
        })
    }
}

//! The parameters of the functions by their names, and which function takes
//! which.

use crate::model::{Function, Secret};

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parameter {
    /// `api.version`: always 1, and may be left out.
    ApiVersion,
    /// `user`: the account.
    User,
    /// `app`: the link's name.
    App,
    /// `implements`: the service; may be empty.
    Implements,
    /// `label`: the text under the icon, or over a group.
    Label,
    /// `subscriber_unique_id`: who the customer is at the auto-login URL.
    SubscriberUniqueId,
    /// `token`: a secret, never a text.
    Token,
    /// `autologin_token_url`: where the token is posted.
    AutologinTokenUrl,
    /// `url`: the plain destination.
    Url,
    /// `base64_png_image`: the icon.
    Icon,
    /// `group_id`: a menu group.
    GroupId,
    /// `hide`: `1` leaves the link out of the menu.
    Hide,
    /// `order`: the place in the group, or in the menu.
    Order,
}

impl Parameter {
    /// All parameters.
    pub const ALL: [Self; 13] = [
        Self::ApiVersion,
        Self::User,
        Self::App,
        Self::Implements,
        Self::Label,
        Self::SubscriberUniqueId,
        Self::Token,
        Self::AutologinTokenUrl,
        Self::Url,
        Self::Icon,
        Self::GroupId,
        Self::Hide,
        Self::Order,
    ];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiVersion => "api.version",
            Self::User => "user",
            Self::App => "app",
            Self::Implements => "implements",
            Self::Label => "label",
            Self::SubscriberUniqueId => "subscriber_unique_id",
            Self::Token => "token",
            Self::AutologinTokenUrl => "autologin_token_url",
            Self::Url => "url",
            Self::Icon => "base64_png_image",
            Self::GroupId => "group_id",
            Self::Hide => "hide",
            Self::Order => "order",
        }
    }

    /// The parameter with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|parameter| parameter.name() == name)
    }

    /// The parameters that a function takes: those that it needs first, then
    /// those that may be left out.
    pub fn of(function: Function) -> (&'static [Self], &'static [Self]) {
        match function {
            Function::CreateGroup => (
                &[Self::User, Self::GroupId, Self::Label, Self::Order],
                &[Self::ApiVersion],
            ),
            Function::CreateLink => (
                &[
                    Self::User,
                    Self::App,
                    Self::Implements,
                    Self::Label,
                    Self::SubscriberUniqueId,
                    Self::Token,
                ],
                &[
                    Self::AutologinTokenUrl,
                    Self::Url,
                    Self::Icon,
                    Self::GroupId,
                    Self::Hide,
                    Self::Order,
                    Self::ApiVersion,
                ],
            ),
            Function::GetLink | Function::RemoveLink => {
                (&[Self::User, Self::App], &[Self::ApiVersion])
            }
            Function::ListGroups | Function::ListLinks => (&[Self::User], &[Self::ApiVersion]),
            Function::RemoveGroup => (&[Self::User, Self::GroupId], &[Self::ApiVersion]),
            Function::UpdateToken => (&[Self::User, Self::App, Self::Token], &[Self::ApiVersion]),
        }
    }
}

/// What a parameter is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, which may be shown. No token is taken from one.
    Text(String),
    /// A text that was read from somewhere, which is never shown: it may be
    /// that of a token's file.
    Read(String),
    /// A secret. Only a token is one.
    Secret(Secret),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Secret> for Value {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

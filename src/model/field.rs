//! The fields of a link, by the WHM API's own parameter names.

/// One parameter of `create_integration_link` that is stored in the
/// userconfig. The token is not among them: it lives in a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `label`: the text under the icon.
    Label,
    /// `implements`: the service, such as `billing`; may be empty.
    Implements,
    /// `url`: where the customer goes when auto-login is not set or fails.
    Url,
    /// `autologin_token_url`: where the server posts the token.
    AutologinTokenUrl,
    /// `subscriber_unique_id`: who the customer is, for that URL.
    SubscriberUniqueId,
    /// `group_id`: the menu group.
    GroupId,
    /// `order`: the place inside the group.
    Order,
    /// `hide`: whether the menu leaves it out.
    Hide,
    /// `base64_png_image`: the icon.
    Icon,
}

impl Field {
    /// All fields, in the order in which plans show them.
    pub const ALL: [Self; 9] = [
        Self::Label,
        Self::Implements,
        Self::Url,
        Self::AutologinTokenUrl,
        Self::SubscriberUniqueId,
        Self::GroupId,
        Self::Order,
        Self::Hide,
        Self::Icon,
    ];

    /// The API's parameter name, which is also the key in the userconfig.
    pub fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Implements => "implements",
            Self::Url => "url",
            Self::AutologinTokenUrl => "autologin_token_url",
            Self::SubscriberUniqueId => "subscriber_unique_id",
            Self::GroupId => "group_id",
            Self::Order => "order",
            Self::Hide => "hide",
            Self::Icon => "base64_png_image",
        }
    }
}

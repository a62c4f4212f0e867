//! The token of a link as it was found. A file shows it; a snapshot only
//! tells that there is one.

use super::Secret;

/// What is known of the token in an adminconfig.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FoundToken {
    /// There is none; `null` and a missing key are both this.
    #[default]
    None,
    /// This one.
    Seen(Secret),
    /// There is one that cannot be seen from here. It is compared with no
    /// other, and nothing that was planned with it may be written. Two of
    /// them being equal says nothing of the tokens.
    Unseen,
}

impl FoundToken {
    /// Whether there is a token, seen or not.
    pub fn is_there(&self) -> bool {
        match self {
            Self::None => false,
            Self::Seen(_) | Self::Unseen => true,
        }
    }

    /// The token, where it can be seen. Nothing here does not mean that there
    /// is none: [`FoundToken::is_there`] says that.
    pub fn seen(&self) -> Option<&Secret> {
        match self {
            Self::Seen(secret) => Some(secret),
            Self::None | Self::Unseen => None,
        }
    }
}

impl From<Option<Secret>> for FoundToken {
    fn from(found: Option<Secret>) -> Self {
        found.map_or(Self::None, Self::Seen)
    }
}

//! The fields of a link as they are kept until files are merged: those that
//! were written, and no room for the others. A manifest may name 300,000
//! links, and most write one or two fields.

use super::read::{Read, Reading};
use super::values::{Layered, Switch, Text};
use super::wire::{LinkFields, TokenSpec};
use serde::de::Deserializer;

/// A field that was written; `None` is `null`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Label(Option<Text>),
    Implements(Option<Text>),
    Url(Option<Text>),
    AutologinTokenUrl(Option<Text>),
    SubscriberUniqueId(Option<Text>),
    GroupId(Option<Text>),
    Order(Option<Text>),
    Hide(Option<Switch>),
    Token(Option<Box<TokenSpec>>),
    Icon(Option<Text>),
    Base64PngImage(Option<Text>),
}

/// The fields that were written, each once, in the order of [`Written`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WrittenFields(Box<[Written]>);

impl WrittenFields {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Written> {
        self.0.iter()
    }

    /// The path of an icon's file, where one is named.
    pub(super) fn icon(&self) -> Option<&str> {
        self.iter().find_map(|field| match field {
            Written::Icon(path) => path.as_ref().map(|Text(path)| &**path),
            Written::Label(_)
            | Written::Implements(_)
            | Written::Url(_)
            | Written::AutologinTokenUrl(_)
            | Written::SubscriberUniqueId(_)
            | Written::GroupId(_)
            | Written::Order(_)
            | Written::Hide(_)
            | Written::Token(_)
            | Written::Base64PngImage(_) => None,
        })
    }
}

impl From<LinkFields> for WrittenFields {
    fn from(fields: LinkFields) -> Self {
        fn written<T>(field: Layered<T>, write: fn(Option<T>) -> Written) -> Option<Written> {
            match field {
                Layered::Inherit => None,
                Layered::Clear => Some(write(None)),
                Layered::Set(value) => Some(write(Some(value))),
            }
        }
        let LinkFields {
            label,
            implements,
            url,
            autologin_token_url,
            subscriber_unique_id,
            token,
            group_id,
            order,
            hide,
            icon,
            base64_png_image,
            given: _,
        } = fields;
        let token_written = |token: Option<TokenSpec>| Written::Token(token.map(Box::new));
        let all = [
            written(label, Written::Label),
            written(implements, Written::Implements),
            written(url, Written::Url),
            written(autologin_token_url, Written::AutologinTokenUrl),
            written(subscriber_unique_id, Written::SubscriberUniqueId),
            written(group_id, Written::GroupId),
            written(order, Written::Order),
            written(hide, Written::Hide),
            written(token, token_written),
            written(icon, Written::Icon),
            written(base64_png_image, Written::Base64PngImage),
        ];
        Self(all.into_iter().flatten().collect())
    }
}

impl Read for WrittenFields {
    fn read<'de, D: Deserializer<'de>>(from: D, reading: &mut Reading) -> Result<Self, D::Error> {
        LinkFields::read(from, reading).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_takes_no_more_room_than_its_text_needs() {
        assert_eq!(size_of::<Written>(), 24);
        assert_eq!(size_of::<WrittenFields>(), 16);
    }

    #[test]
    fn what_was_not_written_takes_no_room_and_null_is_written() {
        let text = |text: &str| Text(text.into());
        let fields = WrittenFields::from(LinkFields {
            icon: Layered::Set(text("a.png")),
            label: Layered::Clear,
            hide: Layered::Set(Switch(true)),
            ..LinkFields::default()
        });
        let expect = [
            Written::Label(None),
            Written::Hide(Some(Switch(true))),
            Written::Icon(Some(text("a.png"))),
        ];
        assert!(fields.iter().eq(&expect), "{fields:?}");
        assert_eq!(fields.icon(), Some("a.png"));
        assert_eq!(WrittenFields::default().icon(), None);
    }
}

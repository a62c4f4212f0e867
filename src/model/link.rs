//! A link: the fields of the userconfig, in words both sides speak.

use super::{Field, Icon, Order};
use std::borrow::Cow;

/// One app for one user, without its token. A `None` is a key that is absent
/// on disk, which is not the same as an empty text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// The text under the icon; desired links always have one.
    pub label: Option<String>,
    /// The service it stands for; may be an empty text.
    pub implements: Option<String>,
    /// The plain destination.
    pub url: Option<String>,
    /// Where the server posts the token for automatic log-in.
    pub autologin_token_url: Option<String>,
    /// The subscriber's id at that endpoint; exact text, never a number.
    pub subscriber_unique_id: Option<String>,
    /// The menu group.
    pub group_id: Option<String>,
    /// The place inside the group.
    pub order: Option<Order>,
    /// Whether the menu leaves it out. Absent on disk equals `false`.
    pub hide: bool,
    /// The icon; `None` leaves the icon of an existing menu entry alone.
    pub icon: Option<Icon>,
}

/// The value of one field, for comparing and for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// Text, to be shown quoted.
    Text(Cow<'a, str>),
    /// A switch.
    Bool(bool),
    /// An image, to be shown as its size and hash.
    Icon(&'a Icon),
}

impl Link {
    /// The value of one field; `None` where the key is absent.
    pub fn value(&self, field: Field) -> Option<FieldValue<'_>> {
        fn text(value: Option<&String>) -> Option<FieldValue<'_>> {
            value.map(|v| FieldValue::Text(Cow::Borrowed(v)))
        }
        match field {
            Field::Label => text(self.label.as_ref()),
            Field::Implements => text(self.implements.as_ref()),
            Field::Url => text(self.url.as_ref()),
            Field::AutologinTokenUrl => text(self.autologin_token_url.as_ref()),
            Field::SubscriberUniqueId => text(self.subscriber_unique_id.as_ref()),
            Field::GroupId => text(self.group_id.as_ref()),
            Field::Order => self
                .order
                .as_ref()
                .map(|o| FieldValue::Text(Cow::Borrowed(o.as_str()))),
            Field::Hide => self.hide.then_some(FieldValue::Bool(true)),
            Field::Icon => self.icon.as_ref().map(FieldValue::Icon),
        }
    }

    /// The fields in which two links differ, in display order.
    pub fn differing(&self, other: &Self) -> Vec<Field> {
        Field::ALL
            .into_iter()
            .filter(|&field| self.value(field) != other.value(field))
            .collect()
    }
}

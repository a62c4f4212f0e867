//! The rules for a manifest's values, for values that come from elsewhere, one
//! by one: nothing is inherited, and no text is a template.

use super::check::{self, Breach};
use super::layer::{Key, check_icon_size, check_text, icon_error};
use super::policy::HostPolicy;
use super::problem::show;
use super::settings::Settings;
use crate::model::{Field, Icon, Order};

/// What values of links and groups may be on a host.
#[derive(Debug, Clone)]
pub struct FieldRules {
    settings: Settings,
}

impl FieldRules {
    /// Those that hold under a host's policy.
    pub fn of_host(policy: &HostPolicy) -> Self {
        Self {
            settings: Settings::of_host(policy),
        }
    }

    /// What is wrong with the text of a field: all of it, errors and warnings.
    /// Fields that are no plain text have readers of their own.
    pub fn text(&self, field: Field, text: &str) -> Vec<Breach> {
        let key = match field {
            Field::Label => Key::Label,
            Field::Implements => Key::Implements,
            Field::Url => Key::Url,
            Field::AutologinTokenUrl => Key::AutologinTokenUrl,
            Field::SubscriberUniqueId => Key::SubscriberUniqueId,
            Field::GroupId => Key::GroupId,
            Field::Order => Key::Order,
            Field::Hide => Key::Hide,
            Field::Icon => Key::Icon,
        };
        check_text(key, text, &self.settings)
    }

    /// A link's place in its group, and what should be known of it.
    ///
    /// # Errors
    /// It is no plain integer in its range.
    pub fn link_order(text: &str) -> Result<(Order, Option<Breach>), Breach> {
        let (order, warning) = check::link_order(text)?;
        Ok((Order::from(order), warning))
    }

    /// A group's place in the menu.
    ///
    /// # Errors
    /// It is no plain integer in its range.
    pub fn group_order(text: &str) -> Result<Order, Breach> {
        check::group_order(text).map(Order::from)
    }

    /// What should be known of a link that has only an auto-login URL.
    pub fn no_fallback() -> Breach {
        Breach::no_fallback()
    }

    /// Whether a link is left out of the menu.
    ///
    /// # Errors
    /// It is neither `0` nor `1`.
    pub fn hide(text: &str) -> Result<bool, Breach> {
        match text {
            "0" => Ok(false),
            "1" => Ok(true),
            _ => Err(Breach::switch(
                format!("{} is neither 0 nor 1", show(text)),
                "1 leaves the link out of the menu, 0 shows it",
            )),
        }
    }

    /// An icon as base64, and what should be known of it.
    ///
    /// # Errors
    /// It is no base64, or no whole PNG.
    pub fn icon(text: &str) -> Result<(Icon, Option<Breach>), Breach> {
        match Icon::from_base64(text) {
            Ok((icon, size)) => Ok((icon, check_icon_size(size))),
            Err(error) => {
                let why = icon_error(error.as_ref());
                Err(Breach::icon(format!("the icon {why}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::neutral_icon;

    fn rules(breaches: Vec<Breach>) -> Vec<&'static str> {
        breaches.into_iter().map(|breach| breach.rule).collect()
    }

    #[test]
    fn values_are_held_against_the_rules_of_manifests() {
        let fields = FieldRules::of_host(&HostPolicy::default());
        for (field, text, expect) in [
            (Field::Label, "O'Brien", &["label"][..]),
            (Field::Label, "{{ user }}", &["label-markup"]),
            (Field::Implements, "", &[]),
            (Field::Implements, "a b", &["name"]),
            (Field::Url, "https://127.0.0.1/", &["url-local"]),
            (
                Field::AutologinTokenUrl,
                "http://a.example/",
                &["url-plain-http"],
            ),
            (Field::SubscriberUniqueId, "a\nb", &["text"]),
            (Field::GroupId, "group_x", &["name"]),
        ] {
            assert_eq!(rules(fields.text(field, text)), expect, "{field:?} {text}");
        }
        assert!(FieldRules::link_order("0").unwrap().1.is_some());
        assert_eq!(FieldRules::link_order("1.5").unwrap_err().rule, "order");
        assert_eq!(FieldRules::group_order("0").unwrap_err().rule, "order");
        assert_eq!(FieldRules::hide("1"), Ok(true));
        assert_eq!(FieldRules::hide("yes").unwrap_err().rule, "hide");
        let icon = neutral_icon();
        let text = icon.to_base64();
        assert_eq!(FieldRules::icon(&text), Ok((icon, None)));
        assert_eq!(FieldRules::icon("a b").unwrap_err().rule, "icon");
    }
}

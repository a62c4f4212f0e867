//! `APP.userconfig`: the fields of a link.

use super::agree::{self, Say};
use super::json::{self, FormatError};
use crate::model::{AppName, Field, FieldValue, Icon, Link, Order, UserConfig, UserName};

/// Reads a userconfig.
///
/// # Errors
/// When the bytes are not one strict JSON object.
pub fn parse(bytes: &[u8]) -> Result<UserConfig, FormatError> {
    let mut object = json::parse_object(bytes)?;
    let mut take = |key: &str| object.remove(key).and_then(|raw| json::as_text(&raw));
    let link = Link {
        label: take("label"),
        implements: take("implements"),
        url: take("url"),
        autologin_token_url: take("autologin_token_url"),
        subscriber_unique_id: take("subscriber_unique_id"),
        group_id: take("group_id"),
        order: take("order").map(|text| Order::from_disk(&text)),
        // Perl's idea of truth, since that is who reads it.
        hide: take("hide").is_some_and(|text| !matches!(text.as_str(), "" | "0")),
        icon: take(json::ICON).map(|text| Icon::from_disk(&text)),
    };
    Ok(UserConfig {
        link,
        stated_app: take("app"),
        stated_user: take("user"),
        unknown: object,
    })
}

/// Whether a userconfig surely says just this, so that nothing is to be done
/// for it. A no says nothing: then it must be read.
pub fn says(bytes: &[u8], user: &UserName, app: &AppName, link: &Link) -> bool {
    fn text(text: Option<&String>) -> Say<'_> {
        Say::text(text.map(String::as_str))
    }
    let Link {
        label,
        implements,
        url,
        autologin_token_url,
        subscriber_unique_id,
        group_id,
        order,
        hide,
        icon,
    } = link;
    let order = order.as_ref().map(Order::as_str);
    agree::object_says(
        bytes,
        &[
            // In the order in which they are written.
            ("app", Say::TextOrNothing(app.as_str())),
            ("autologin_token_url", text(autologin_token_url.as_ref())),
            (json::ICON, icon.as_ref().map_or(Say::Nothing, Say::icon)),
            ("group_id", text(group_id.as_ref())),
            ("hide", if *hide { Say::On } else { Say::Off }),
            ("implements", text(implements.as_ref())),
            ("label", text(label.as_ref())),
            ("order", order.map_or(Say::Nothing, Say::Integer)),
            ("subscriber_unique_id", text(subscriber_unique_id.as_ref())),
            ("url", text(url.as_ref())),
            ("user", Say::TextOrNothing(user.as_str())),
        ],
    )
}

/// Writes a userconfig. `app` and `user` are stated, as the documented
/// response of `get_integration_link_user_config` has them; keys we do not
/// know come from the file that is replaced.
pub fn render(user: &UserName, app: &AppName, link: &Link, before: Option<&UserConfig>) -> Vec<u8> {
    let mut object = before.map(|b| b.unknown.clone()).unwrap_or_default();
    object.insert("app".to_owned(), json::quote(app.as_str()));
    object.insert("user".to_owned(), json::quote(user.as_str()));
    for field in Field::ALL {
        let text = match link.value(field) {
            None => continue,
            Some(FieldValue::Text(text)) => json::quote(&text),
            Some(FieldValue::Bool(value)) => json::quote(if value { "1" } else { "0" }),
            Some(FieldValue::Icon(icon)) => json::quote(&icon.to_base64()),
        };
        object.insert(field.name().to_owned(), text);
    }
    json::render_object(&object)
}

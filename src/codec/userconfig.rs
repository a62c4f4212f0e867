//! `APP.userconfig`: the fields of a link.

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
        icon: take("base64_png_image").map(|text| Icon::from_disk(&text)),
    };
    Ok(UserConfig {
        link,
        stated_app: take("app"),
        stated_user: take("user"),
        unknown: object,
    })
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

//! `APP.adminconfig`: the token. Its bytes are wiped from memory when they
//! are dropped.

use super::agree::{self, Say};
use super::json::{self, FormatError};
use crate::model::{AdminConfig, DesiredToken, Secret};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Reads an adminconfig.
///
/// # Errors
/// When the bytes are not one strict JSON object.
pub fn parse(bytes: &[u8]) -> Result<AdminConfig, FormatError> {
    let mut object = json::parse_object(bytes)?;
    let token = object
        .remove("token")
        .map(Zeroizing::new)
        .and_then(|raw| json::as_text(&raw))
        .map(Secret::new)
        .into();
    let unknown = object
        .into_iter()
        .map(|(key, raw)| (key, Secret::new(raw)))
        .collect();
    Ok(AdminConfig { token, unknown })
}

/// Whether an adminconfig surely has the token that is wanted, or one that is
/// not compared. A no says nothing: then it must be read.
pub fn says(bytes: &[u8], token: &DesiredToken) -> bool {
    let token = match token {
        DesiredToken::None => Say::Nothing,
        DesiredToken::Keep => Say::SomeText,
        DesiredToken::Known { secret, .. } => Say::text(Some(secret.expose())),
        DesiredToken::Unknown { .. } => Say::Anything,
    };
    agree::object_says(bytes, &[("token", token)])
}

/// Writes an adminconfig; without a token it holds `null`, as `cPanel` writes
/// it, so that a link that shows always has all of its files.
pub fn render(token: Option<&Secret>, before: Option<&AdminConfig>) -> Zeroizing<Vec<u8>> {
    let mut object: BTreeMap<String, String> = before
        .map(|b| &b.unknown)
        .into_iter()
        .flatten()
        .map(|(key, raw)| (key.clone(), raw.expose().to_owned()))
        .collect();
    let value = token.map_or_else(|| "null".to_owned(), |t| json::quote(t.expose()));
    object.insert("token".to_owned(), value);
    Zeroizing::new(json::render_object(&object))
}

//! A userconfig or an adminconfig as an auto-login sends it: every key of the
//! file, known or not, as text.

use super::json::{self, FormatError, Repeated};
use crate::model::{FormFields, FormShape, FormValue, Secret};
use zeroize::Zeroizing;

/// Reads a file's keys; of one that is given twice the last counts, since it
/// is Perl that sends it. Numbers are sent as they are spelled, `true` and
/// `false` as `1` and `0`, and `null` as an empty text.
///
/// # Errors
/// When the bytes are not one strict JSON object.
pub fn parse(bytes: &[u8]) -> Result<FormFields, FormatError> {
    let object = json::parse_object_with(bytes, Repeated::LastCounts)?;
    let fields = object.into_iter().map(|(key, raw)| {
        let raw = Zeroizing::new(raw);
        let shape = if raw.starts_with(['{', '[']) {
            FormShape::Nested
        } else {
            FormShape::Plain
        };
        let text = json::as_text(&raw).unwrap_or_default();
        let text = Secret::new(text);
        (key, FormValue { text, shape })
    });
    Ok(fields.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_sent_as_the_text_that_it_means() {
        let text = r#"{"label":"a\u00e9\"b","order":1.10,"hide":true,"x":false,"token":"x","token":null,
            "o": {"a" : 1},"l":[ ],"autologin_token_url":"https://a.example/"}"#;
        let fields = parse(text.as_bytes()).unwrap();
        let shown: Vec<_> = fields
            .iter()
            .map(|(key, value)| (key.as_str(), value.text.expose(), value.shape))
            .collect();
        assert_eq!(
            shown,
            [
                (
                    "autologin_token_url",
                    "https://a.example/",
                    FormShape::Plain
                ),
                ("hide", "1", FormShape::Plain),
                ("l", "[ ]", FormShape::Nested),
                ("label", "aé\"b", FormShape::Plain),
                ("o", "{\"a\" : 1}", FormShape::Nested),
                ("order", "1.10", FormShape::Plain),
                ("token", "", FormShape::Plain),
                ("x", "0", FormShape::Plain),
            ]
        );
        assert!(parse(b"[]").is_err());
        assert!(!format!("{fields:?}").contains("a.example"));
    }
}

//! Text made safe for a page: as text between tags, in a quoted attribute, and
//! as JSON inside a script element. What cannot be seen was made visible
//! before (`report::escape`); this is only about what a browser would obey.

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};

/// Writes at the end of a text.
pub(super) fn push(out: &mut String, text: Arguments<'_>) {
    // Writing to a `String` cannot fail.
    out.write_fmt(text).ok();
}

/// A text between tags or between the quotes of an attribute.
pub(super) fn escape_html(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// JSON as it may stand in a script element. A `<` there could end the element
/// or open a comment, and two separators end a line in some readers; inside
/// strings, the only place where JSON has them, all have escapes.
pub(super) fn escape_json(json: &str) -> Cow<'_, str> {
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_opens_a_tag_or_ends_an_attribute() {
        for (text, expect) in [
            (
                "<img src=x onerror=alert(1)>",
                "&lt;img src=x onerror=alert(1)&gt;",
            ),
            (
                "\" onfocus='x' & </script>",
                "&quot; onfocus=&#39;x&#39; &amp; &lt;/script&gt;",
            ),
            ("Größe", "Größe"),
        ] {
            assert_eq!(escape_html(text), expect);
        }
    }

    #[test]
    fn no_json_ends_its_element_and_its_value_stays() {
        let text = "</script><!-- <script> ]]> & \u{2028}\u{2029}";
        let json = serde_json::to_string(text).unwrap();
        let escaped = escape_json(&json);
        for forbidden in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            assert!(!escaped.contains(forbidden), "{escaped}");
        }
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}

//! One value before and after, as one or several lines: texts quoted, URLs
//! masked, images described, and an absent side named. Decides only how a
//! value looks, never whether it differs.

use super::inline::{cut_end, inline_diff};
use crate::model::{Field, FieldValue, Icon, masked, written_host};
use crate::report::escape::quoted;
use crate::report::style::{DIM, GREEN, RED, styled};
use url::Url;

/// Texts longer than this on both sides are shown one above the other.
const LONG: usize = 40;
/// Characters of a text that are shown; desired texts are shorter, but a file
/// on disk may hold 2 MiB.
const MOST_SHOWN: usize = 1000;

/// A value as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Escaped, and quoted where it is text.
    text: String,
    /// The host a browser would go to, where that is not what is written.
    host: Option<String>,
    is_multi_line: bool,
}

impl Shown {
    /// Words of our own: numbers, switches, descriptions.
    pub(super) fn bare(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            host: None,
            is_multi_line: false,
        }
    }

    /// A text from a disk or a manifest.
    pub(super) fn text(text: &str) -> Self {
        Self {
            text: quoted(text),
            host: None,
            is_multi_line: text.contains('\n'),
        }
    }

    /// A URL from a disk or a manifest.
    pub(super) fn url(url: &str) -> Self {
        let text = masked(url);
        Self {
            text: quoted(&text),
            host: other_host(url),
            is_multi_line: url.contains('\n'),
        }
    }

    /// An image: its size and hash, never its base64.
    pub(super) fn icon(icon: &Icon) -> Self {
        Self::bare(icon.describe())
    }

    /// The value of a link's field.
    pub(super) fn field(field: Field, value: &FieldValue<'_>) -> Self {
        match (field, value) {
            (_, FieldValue::Icon(icon)) => Self::icon(icon),
            (_, FieldValue::Bool(value)) => Self::bare(value.to_string()),
            (Field::Url | Field::AutologinTokenUrl, FieldValue::Text(text)) => Self::url(text),
            (Field::Order, FieldValue::Text(text)) => Self::order(text),
            (
                Field::Label
                | Field::Implements
                | Field::SubscriberUniqueId
                | Field::GroupId
                | Field::Hide
                | Field::Icon,
                FieldValue::Text(text),
            ) => Self::text(text),
        }
    }

    /// A place in a menu: bare where it is a number, else quoted as the text
    /// that it is.
    pub(super) fn order(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            Self::bare(text)
        } else {
            Self::text(text)
        }
    }

    /// The value on one line.
    pub(super) fn line(&self) -> String {
        format!("{}{}", cut_end(&self.text, MOST_SHOWN), self.host_note())
    }

    fn host_note(&self) -> String {
        match &self.host {
            Some(host) => format!(" ({host})"),
            None => String::new(),
        }
    }

    fn is_long(&self) -> bool {
        self.text.chars().nth(LONG).is_some()
    }
}

/// The host a browser would go to, where the text does not say so: names
/// beyond ASCII become punycode, odd spellings of addresses become plain.
fn other_host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let is_written = written_host(text).is_some_and(|written| written.eq_ignore_ascii_case(host));
    (!is_written).then(|| quoted(host).trim_matches('"').to_owned())
}

/// Both sides of a difference; `width` is the room to the right of the name.
pub(super) fn change(before: Option<&Shown>, after: Option<&Shown>, width: usize) -> Vec<String> {
    let (old, new) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (before, after) => {
            let side = |shown: Option<&Shown>, style| match shown {
                Some(shown) => styled(style, shown.line()),
                None => styled(DIM, "(none)"),
            };
            return vec![format!("{} → {}", side(before, RED), side(after, GREEN))];
        }
    };
    if old == new {
        // Only what may not be shown differs: a masked part of a URL.
        let note = styled(DIM, "(differs only in what is masked)");
        return vec![format!("{} {note}", old.line())];
    }
    let is_stacked = (old.is_long() && new.is_long()) || old.is_multi_line || new.is_multi_line;
    if !is_stacked {
        let (old, new) = (styled(RED, old.line()), styled(GREEN, new.line()));
        return vec![format!("{old} → {new}")];
    }
    let mut lines = inline_diff(&old.text, &new.text, width);
    if old.host != new.host {
        let name = |shown: &Shown| {
            shown
                .host
                .clone()
                .unwrap_or_else(|| "as written".to_owned())
        };
        let (old, new) = (styled(RED, name(old)), styled(GREEN, name(new)));
        lines.push(format!("  host {old} → {new}"));
    } else if old.host.is_some() {
        lines.push(styled(DIM, format_args!("  host{}", old.host_note())));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &Shown, after: &Shown) -> String {
        let lines = change(Some(before), Some(after), 76).join("\n");
        anstream::adapter::strip_str(&lines).to_string()
    }

    #[test]
    fn a_host_that_is_not_what_is_written_is_shown() {
        for (text, expect) in [
            (
                "https://bücher.example/x",
                "\"https://bücher.example/x\" (xn--bcher-kva.example)",
            ),
            ("https://0x7f.1/", "\"https://0x7f.1/\" (127.0.0.1)"),
            ("https://Billing.Example/", "\"https://Billing.Example/\""),
            (
                "https://u:p@a.example/?token=x",
                "\"https://***@a.example/?token=***\"",
            ),
            ("no url", "\"no url\""),
        ] {
            assert_eq!(Shown::url(text).line(), expect, "{text}");
        }
    }

    #[test]
    fn a_difference_in_a_masked_part_is_told_without_showing_it() {
        insta::assert_snapshot!(check(
            &Shown::url("https://a.example/?key=one"),
            &Shown::url("https://a.example/?key=two"),
        ), @r#"
"https://a.example/?key=***" (differs only in what is masked)
"#);
    }

    #[test]
    fn hosts_are_compared_below_long_urls() {
        insta::assert_snapshot!(check(
            &Shown::url("https://paypal.example/account/of/the/customer"),
            &Shown::url("https://pаypal.example/account/of/the/customer"),
        ), @r#"
- "https://paypal.example/account/of/the/customer"
           ^^^^^^
+ "https://pаypal.example/account/of/the/customer"
           ^^^^^^
  host as written → xn--pypal-4ve.example
"#);
    }

    #[test]
    fn an_order_that_is_no_number_is_quoted_and_an_endless_one_cut() {
        assert_eq!(Shown::order("-7").line(), "-7");
        assert_eq!(Shown::order("first").line(), "\"first\"");
        assert!(Shown::order(&"9".repeat(5000)).line().len() < 1100);
    }
}

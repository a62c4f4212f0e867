//! What is said about a link that is not there yet: all that it will have. A
//! wrong subscriber id would log a customer in as another.

use super::fold::{self, Said, Slot};
use super::line::Line;
use super::row::field_name;
use super::value::Shown;
use crate::model::{Field, FieldValue, Link, url_front};
use crate::plan::{LinkAfter, TokenAfter};
use crate::report::style::{DIM, GREEN, styled};
use std::borrow::Cow;
use url::Url;

/// The lines of a new link.
pub(super) fn lines(after: &LinkAfter) -> Vec<Line> {
    let LinkAfter {
        link,
        token,
        menu: _,
    } = after;
    let mut lines: Vec<Line> = Field::ALL
        .into_iter()
        .filter_map(|field| {
            let value = link.value(field)?;
            let text = Shown::field(field, &value).line();
            Some(Line::new(field_name(field), styled(GREEN, text)))
        })
        .collect();
    match token {
        TokenAfter::Keep | TokenAfter::None => {}
        TokenAfter::Set { .. } | TokenAfter::Restore { .. } => {
            lines.push(Line::new("token", styled(GREEN, "(added)")));
        }
        TokenAfter::NotCompared { .. } => {
            lines.push(Line::new("token", styled(DIM, "not compared")));
        }
    }
    lines
}

/// What the same lines say, to tell one new link from another: all of a text,
/// masked or cut or not.
pub(super) fn slots(after: &LinkAfter) -> Vec<Slot<'_>> {
    let fields = Field::ALL.into_iter().filter_map(|field| {
        let said = match after.link.value(field)? {
            FieldValue::Text(Cow::Borrowed(text)) => Said::Text(text),
            FieldValue::Text(Cow::Owned(text)) => Said::Key(fold::key([text.as_str()])),
            FieldValue::Bool(true) => Said::Text("true"),
            FieldValue::Bool(false) => Said::Text("false"),
            FieldValue::Icon(icon) => Said::Icon(icon),
        };
        Some((field_name(field), said))
    });
    let token = match after.token {
        TokenAfter::Keep | TokenAfter::None => None,
        TokenAfter::Set { .. } | TokenAfter::Restore { .. } => Some("added"),
        TokenAfter::NotCompared { .. } => Some("not compared"),
    };
    let token = token.map(|word| ("token", Said::Text(word)));
    fields.chain(token).collect()
}

/// Where a link leads and where its token goes: scheme, host and port.
/// Links are folded into one row only where these are equal, so that a row
/// never hides a host. A text that is no URL stands for itself.
pub(in crate::report) fn origins(link: &Link) -> Vec<String> {
    [&link.url, &link.autologin_token_url]
        .into_iter()
        .map(|text| {
            let Some(text) = text else {
                return String::new();
            };
            Url::parse(url_front(text))
                .map_or_else(|_| text.clone(), |url| url.origin().ascii_serialization())
        })
        .collect()
}

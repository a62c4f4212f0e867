//! What is said about a link that is not there yet: all that it will have. A
//! wrong subscriber id would log a customer in as another.

use super::line::Line;
use super::row::field_name;
use super::value::Shown;
use crate::model::{Field, Link};
use crate::plan::{LinkAfter, TokenAfter};
use crate::report::style::{DIM, GREEN, styled};
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
            Url::parse(text).map_or_else(|_| text.clone(), |url| url.origin().ascii_serialization())
        })
        .collect()
}

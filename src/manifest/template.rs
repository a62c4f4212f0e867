//! Templates: exactly `{{ user }}`, `{{ app }}` and `{{ vars.NAME }}`, each
//! with an optional `| urlencode`. Few lines on purpose: a template engine
//! would be a hole here, since manifests come from pull requests.

use super::sorted::Sorted;
use crate::model::{AppName, UserName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::sync::Arc;
use thiserror::Error;

/// What `urlencode` leaves alone: RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text with places to fill in.
///
/// There are hundreds of thousands of these: no room is kept to grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Template {
    /// No place: the text as it was read, which is not copied.
    Plain(Arc<str>),
    /// Some.
    Parts(Box<[Part]>),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(Box<str>),
    Hole { name: Name, is_url_encoded: bool },
}

/// What a place is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    User,
    App,
    Var(String),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum TemplateError {
    /// `{{` without `}}`.
    #[error("`{{{{` is not closed")]
    Unclosed,
    /// Something else between the braces.
    #[error("unknown template {{{{{0}}}}}")]
    Unknown(String),
    /// Something else behind the bar.
    #[error("unknown filter `{0}`")]
    Filter(String),
}

/// Why a template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfilled {
    /// The user does not have this variable.
    Undefined(String),
    /// It would be longer than [`LONGEST`].
    TooLong,
}

/// Longest text that is filled in, in bytes: twice the longest that any field
/// takes. Holes repeat a variable for a few bytes each.
pub(super) const LONGEST: usize = 8 * 1024;

/// Room that is made for each hole, in bytes: what most are filled with. Texts
/// of a change are kept as long as its plan, and so is what is left of this.
const HOLE: usize = 16;

/// A user's variables, by name.
pub(super) type Vars = Sorted<Arc<str>, Arc<str>>;

/// What the holes are filled from.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) user: &'a UserName,
    pub(super) app: &'a AppName,
    pub(super) vars: &'a Vars,
}

impl Template {
    /// Reads a text.
    pub(super) fn parse(text: &Arc<str>) -> Result<Self, TemplateError> {
        if !text.contains("{{") {
            return Ok(Self::Plain(Arc::clone(text)));
        }
        let mut parts = Vec::new();
        let mut rest = &**text;
        while let Some((before, from)) = rest.split_once("{{") {
            let (inside, after) = from.split_once("}}").ok_or(TemplateError::Unclosed)?;
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(hole(inside)?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Self::Parts(parts.into_boxed_slice()))
    }

    /// The text itself, where nothing is to be filled in.
    pub(super) fn plain(&self) -> Option<&str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Parts(_) => None,
        }
    }

    /// Fills it in.
    pub(super) fn fill(&self, values: Values<'_>) -> Result<Cow<'_, str>, Unfilled> {
        let parts = match self {
            Self::Plain(text) if text.len() > LONGEST => return Err(Unfilled::TooLong),
            Self::Plain(text) => return Ok(Cow::Borrowed(text)),
            Self::Parts(parts) => parts,
        };
        let rooms = parts.iter().map(|part| match part {
            Part::Text(part) => part.len(),
            Part::Hole { .. } => HOLE,
        });
        let mut text = String::with_capacity(rooms.sum());
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Hole {
                    name,
                    is_url_encoded,
                } => {
                    let value = match name {
                        Name::User => values.user.as_str(),
                        Name::App => values.app.as_str(),
                        Name::Var(name) => values
                            .vars
                            .get(name.as_str())
                            .ok_or_else(|| Unfilled::Undefined(name.clone()))?,
                    };
                    if *is_url_encoded {
                        text.extend(utf8_percent_encode(value, RESERVED));
                    } else {
                        text.push_str(value);
                    }
                }
            }
            if text.len() > LONGEST {
                return Err(Unfilled::TooLong);
            }
        }
        Ok(Cow::Owned(text))
    }
}

/// Whether a text can name a variable.
pub(super) fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn hole(inside: &str) -> Result<Part, TemplateError> {
    let (name, filter) = match inside.split_once('|') {
        Some((name, filter)) => (name.trim(), Some(filter.trim())),
        None => (inside.trim(), None),
    };
    let is_url_encoded = match filter {
        None => false,
        Some("urlencode") => true,
        Some(other) => return Err(TemplateError::Filter(other.to_owned())),
    };
    let name = match name {
        "user" => Name::User,
        "app" => Name::App,
        other => match other.strip_prefix("vars.") {
            Some(name) if is_variable(name) => Name::Var(name.to_owned()),
            _ => return Err(TemplateError::Unknown(inside.to_owned())),
        },
    };
    Ok(Part::Hole {
        name,
        is_url_encoded,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let vars = Vars::from_iter([("plan".into(), "a b&c".into())]);
        let user = UserName::parse("alice").unwrap();
        let app = AppName::parse("ACME_x").unwrap();
        let values = Values {
            user: &user,
            app: &app,
            vars: &vars,
        };
        let outcome = Template::parse(&text.into()).map_or_else(
            |e| format!("error: {e}"),
            |t| {
                let filled = t.fill(values).map(Cow::into_owned);
                filled.unwrap_or_else(|unfilled| match unfilled {
                    Unfilled::Undefined(name) => format!("undefined: {name}"),
                    Unfilled::TooLong => "too long".to_owned(),
                })
            },
        );
        assert_eq!(outcome, expect, "{text:?}");
    }

    #[test]
    fn only_the_documented_forms_are_filled_in() {
        check("", "");
        check("plain { } }} text", "plain { } }} text");
        check("{{user}}/{{ app }}", "alice/ACME_x");
        check("{{ vars.plan }}", "a b&c");
        check("?p={{ vars.plan | urlencode }}!", "?p=a%20b%26c!");
        check("{{ vars.nope }}", "undefined: nope");
        check("{{7*7}}", "error: unknown template {{7*7}}");
        check("{{ user", "error: `{{` is not closed");
        check("{{ user | upper }}", "error: unknown filter `upper`");
        check("{{ vars. }}", "error: unknown template {{ vars. }}");
        check("{{ env.HOME }}", "error: unknown template {{ env.HOME }}");
        check(&"{{user}}".repeat(LONGEST / 4), "too long");
        check("{{{{ user }}}}", "error: unknown template {{{{ user }}");
    }
}

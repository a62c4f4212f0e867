//! Where the browser is sent to: a foreign text that usually holds a one-time
//! token, and may hold the link's own. Only an absolute http or https URL is
//! ever shown; of anything else only what kind of value it is.

use super::echo::echoes;
use crate::model::{Secret, masked};
use std::borrow::Cow;
use url::Url;

/// What a key of an answer holds that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A text.
    Text(String),
    /// Something else, whose content nobody asks for.
    Other(ValueKind),
}

/// What kind of value something is that is no absolute http or https URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A text that is none.
    Text,
    /// `true`.
    True,
    /// A number.
    Number,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl ValueKind {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::True => "true",
            Self::Number => "a number",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// Where the browser is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An absolute http or https URL. Its query may hold a log-in.
    Url(Secret),
    /// One that holds a secret that was sent, which may be anywhere in it: it
    /// is shown in no case.
    Echo,
    /// No such URL, and not shown either.
    NoUrl(ValueKind),
}

impl Destination {
    /// Takes what was given, and looks whether it echoes one of these secrets.
    pub(super) fn new(given: Given, secrets: &[Secret]) -> Self {
        match given {
            Given::Other(kind) => Self::NoUrl(kind),
            Given::Text(text) if web_url(&text).is_none() => Self::NoUrl(ValueKind::Text),
            Given::Text(text) if echoes(&text, secrets) => Self::Echo,
            Given::Text(text) => Self::Url(Secret::new(text)),
        }
    }

    /// The URL without the secret parts of its query; `None` if it is not to
    /// be shown.
    pub fn masked(&self) -> Option<Cow<'_, str>> {
        self.whole().map(masked)
    }

    /// The whole URL, for who asks for it; `None` as for
    /// [`Destination::masked`]: no token of a link is ever shown.
    pub fn whole(&self) -> Option<&str> {
        match self {
            Self::Url(url) => Some(url.expose()),
            Self::Echo | Self::NoUrl(_) => None,
        }
    }

    /// Whether a browser can be sent there from anywhere.
    pub(super) fn is_web_url(&self) -> bool {
        match self {
            Self::Url(_) | Self::Echo => true,
            Self::NoUrl(_) => false,
        }
    }
}

/// Reads an absolute http or https URL. What a browser would repair is none:
/// `https:evil`, a leading space.
pub fn web_url(text: &str) -> Option<Url> {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let is_absolute = lower.starts_with("https://") || lower.starts_with("http://");
    let url = Url::parse(text).ok().filter(|_| is_absolute)?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    has_host.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(url: &str, secret: &str) -> Destination {
        let given = Given::Text(url.to_owned());
        Destination::new(given, &[Secret::new(secret.to_owned())])
    }

    #[test]
    fn a_url_that_echoes_the_token_is_not_shown() {
        for (url, expect) in [
            ("https://a.example/canary", Destination::Echo),
            ("https://CANARY.example/", Destination::Echo),
            (
                "https://a.example/?next=https%3A%2F%2Fb%2Fcan%25252561ry",
                Destination::Echo,
            ),
            ("not a url, canary", Destination::NoUrl(ValueKind::Text)),
        ] {
            let destination = destination(url, "canary");
            assert_eq!(destination, expect, "{url}");
            let shown = (destination.masked(), destination.whole());
            assert_eq!(shown, (None, None), "{url}");
        }
        let destination = destination("https://a.example/?token=one&x=abc", "abc");
        let masked = destination.masked();
        assert_eq!(
            masked.as_deref(),
            Some("https://a.example/?token=***&x=abc")
        );
        assert_eq!(
            destination.whole(),
            Some("https://a.example/?token=one&x=abc")
        );
        assert!(!format!("{destination:?}").contains("example"));
    }

    #[test]
    fn only_absolute_web_urls_can_be_gone_to() {
        for (url, expect) in [
            ("https://a.example/x?y", true),
            ("http://a.example", true),
            ("HTTPS://A.example/", true),
            ("/login", false),
            ("//a.example/", false),
            ("https:a.example", false),
            ("https://", false),
            (" https://a.example/", false),
            ("javascript:alert(1)", false),
            ("ftp://a.example/", false),
            ("1", false),
        ] {
            assert_eq!(destination(url, "").is_web_url(), expect, "{url}");
        }
    }
}

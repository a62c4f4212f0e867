//! Where the browser is sent to: a foreign text that usually holds a one-time
//! token, and may hold the link's own.

use crate::model::{Secret, masked};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use url::Url;

/// Shorter secrets are not looked for: they are in any text by chance.
const SHORTEST: usize = 4;
/// How often a text may be percent-encoded over and over.
const DECODINGS: usize = 8;

/// A URL that the browser is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    url: Secret,
    holds_secret: bool,
}

impl Destination {
    /// Takes a URL, and looks whether it echoes one of these secrets.
    pub(super) fn new(url: String, secrets: &[Secret]) -> Self {
        Self {
            holds_secret: secrets.iter().any(|secret| echoes(&url, secret.expose())),
            url: Secret::new(url),
        }
    }

    /// The URL without the secret parts of its query; `None` if it echoes a
    /// secret that was sent, since that may be anywhere in it.
    pub fn masked(&self) -> Option<Cow<'_, str>> {
        (!self.holds_secret).then(|| masked(self.url.expose()))
    }

    /// The whole URL, for who asks for it; `None` as for
    /// [`Destination::masked`]: no token of a link is ever shown.
    pub fn whole(&self) -> Option<&str> {
        (!self.holds_secret).then(|| self.url.expose())
    }

    /// Whether a browser can be sent there from anywhere.
    pub(super) fn is_web_url(&self) -> bool {
        web_url(self.url.expose()).is_some()
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

/// Whether a text holds a secret, plain or percent-encoded, in any case: a
/// browser would write a host in lower case.
fn echoes(text: &str, secret: &str) -> bool {
    let secret = secret.to_lowercase();
    if secret.chars().count() < SHORTEST {
        return false;
    }
    let mut text = text.to_lowercase();
    for _ in 0..=DECODINGS {
        if text.contains(&secret) || text.replace('+', " ").contains(&secret) {
            return true;
        }
        text = percent_decode_str(&text).decode_utf8_lossy().to_lowercase();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(url: &str, secret: &str) -> Destination {
        Destination::new(url.to_owned(), &[Secret::new(secret.to_owned())])
    }

    #[test]
    fn a_url_that_echoes_the_token_is_not_shown() {
        for (url, secret) in [
            ("https://a.example/canary", "canary"),
            ("https://CANARY.example/", "canary"),
            ("https://a.example/?x=Can%61ry", "Canary"),
            (
                "https://a.example/?next=https%3A%2F%2Fb%2Fcan%25252561ry",
                "canary",
            ),
            ("https://a.example/a+b%2Fc", "a b/c"),
            ("https://a.example/a%2Bb%25", "a+b%"),
            ("not a url, canary", "canary"),
        ] {
            let destination = destination(url, secret);
            let shown = (destination.masked(), destination.whole());
            assert_eq!(shown, (None, None), "{url}");
            assert!(!format!("{destination:?}").contains("example"));
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

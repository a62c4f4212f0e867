//! The host of a URL, as hosts are compared and listed.

use url::Url;

/// The host that a request to this URL goes to, in lower case; `None` if the
/// text is no URL or has no host.
pub fn url_host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.host_str()
        .filter(|host| !host.is_empty())
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_a_request_would_go_to() {
        for (url, host) in [
            ("https://Billing.Example:8443/x?y", Some("billing.example")),
            ("https://user@evil.example/", Some("evil.example")),
            ("http://0x7f.1/", Some("127.0.0.1")),
            ("https://[::1]/", Some("[::1]")),
            ("mailto:a@b.example", None),
            ("/x", None),
            ("", None),
        ] {
            assert_eq!(url_host(url).as_deref(), host, "{url}");
        }
    }
}

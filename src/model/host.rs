//! The host of a URL, as hosts are compared and listed.

use url::Url;

/// The host that a request to this URL goes to, in lower case; `None` if the
/// text is no URL or has no host.
pub fn url_host(url: &str) -> Option<String> {
    let url = Url::parse(url_front(url)).ok()?;
    url.host_str()
        .filter(|host| !host.is_empty())
        .map(str::to_ascii_lowercase)
}

/// The start of a URL that says alone where it leads, for what looks at
/// hundreds of thousands: scheme, host and port, where all of it is spelt so
/// plainly that nothing behind it can matter. Else the whole text.
pub fn url_front(url: &str) -> &str {
    let is_plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':');
    let https = url.strip_prefix("https://");
    let Some(authority) = https.or_else(|| url.strip_prefix("http://")) else {
        return url;
    };
    let rest = authority.trim_start_matches(is_plain);
    // Where nothing stands between the slashes, what follows is the host.
    if rest.len() == authority.len() || !rest.starts_with(['/', '?', '#']) {
        return url;
    }
    url.split_at(url.len() - rest.len()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_of_a_url_leads_where_all_of_it_does() {
        for (url, front) in [
            ("https://a.example/x?y", "https://a.example"),
            ("http://a.example:8443?y", "http://a.example:8443"),
            ("https://a.example#/b@c", "https://a.example"),
            ("https://1.2/x", "https://1.2"),
            ("https://a.example:x/y", "https://a.example:x"),
            ("https://a.example", "https://a.example"),
            (
                "https://a.example\\@b.example/",
                "https://a.example\\@b.example/",
            ),
            ("https://a@b.example/x", "https://a@b.example/x"),
            ("https://a.ex\tample/x", "https://a.ex\tample/x"),
            ("https:///b.example/x", "https:///b.example/x"),
            ("https:b.example/x", "https:b.example/x"),
            ("https://A.example/x", "https://A.example/x"),
            ("https://a%2eb/x", "https://a%2eb/x"),
        ] {
            assert_eq!(url_front(url), front, "{url}");
            let origin = |text: &str| Url::parse(text).map(|url| url.origin()).ok();
            assert_eq!(origin(front), origin(url), "{url}");
        }
    }

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

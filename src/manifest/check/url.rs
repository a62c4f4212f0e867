//! URLs a customer is sent to, and URLs the server posts a token to. What
//! passes here is what a browser opens at that very host: nothing is repaired
//! the way a browser would.

use super::super::problem::show;
use super::Breach;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Longest URL, in bytes.
const MAX_URL: usize = 4096;

/// Checks a URL; the host is there if it is one.
pub(in super::super) fn url(text: &str) -> (Option<String>, Vec<Breach>) {
    match parse(text) {
        Err(breach) => (None, vec![breach]),
        Ok((url, host)) => {
            let mut breaches = check_host(&host);
            if let Host::Domain(domain) = &host
                && domain.split('.').any(|label| label.starts_with("xn--"))
            {
                let message = format!(
                    "the host {} is an internationalised name; check that it is the one you mean",
                    show(domain)
                );
                breaches.push(Breach::warning("url-idn", message));
            }
            let name = url.host_str().unwrap_or_default().to_ascii_lowercase();
            (Some(name), breaches)
        }
    }
}

/// Whether a breach is about where a host is, which the host's policy may
/// allow.
pub(in super::super) fn is_about_reach(breach: &Breach) -> bool {
    matches!(breach.rule, "url-local" | "url-private")
}

/// Auto-login posts the token: without TLS anyone on the way reads it.
pub(in super::super) fn plain_http(text: &str) -> Option<Breach> {
    let is_plain = text
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("http:"));
    is_plain.then(|| {
        Breach::warning(
            "url-plain-http",
            "the token would be posted over plain http",
        )
        .hint("use https")
    })
}

fn parse(text: &str) -> Result<(Url, Host<String>), Breach> {
    let refuse = |why: &str| Breach::error("url", format!("the URL {} {why}", show(text)));
    if text.is_empty() {
        return Err(refuse("is empty").hint("write null to take an inherited URL away"));
    }
    if text.len() > MAX_URL {
        return Err(refuse(&format!("is longer than {MAX_URL} bytes")));
    }
    let odd = |c: char| {
        !c.is_ascii_graphic()
            || matches!(
                c,
                '"' | '\'' | '\\' | '<' | '>' | '`' | '{' | '}' | '|' | '^'
            )
    };
    if let Some(c) = text.chars().find(|&c| odd(c)) {
        let what = match c {
            ' ' => "holds a space".to_owned(),
            c if c.is_ascii_graphic() => format!("holds `{c}`"),
            c => format!("holds U+{:04X}", u32::from(c)),
        };
        let hint =
            "percent-encode such characters; write an internationalised host as punycode (xn--…)";
        return Err(refuse(&what).hint(hint));
    }
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))
        .ok_or_else(|| refuse("does not begin with `https://` or `http://`"))?;
    if rest.is_empty() || rest.starts_with(['/', '?', '#', ':', '.']) {
        return Err(refuse("has no host"));
    }
    let url = Url::parse(text).map_err(|e| refuse(&format!("is not valid: {e}")))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(refuse("holds a user name or password").hint("put no credentials into URLs"));
    }
    let host = url.host().ok_or_else(|| refuse("has no host"))?.to_owned();
    Ok((url, host))
}

/// A host as `autologin_hosts` lists it, in the spelling that URLs are
/// compared by.
pub(in super::super) fn host(text: &str) -> Result<String, Breach> {
    let refuse = || {
        let message = format!("{} is not a host name", show(text));
        Breach::error("host", message)
            .hint("list hosts without scheme, port and path, such as `billing.example.com`")
    };
    let is_plain = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':'));
    if !is_plain || (text.contains(':') && !text.starts_with('[')) {
        return Err(refuse());
    }
    let host = Host::parse(text).map_err(|_| refuse())?;
    Ok(host.to_string())
}

fn check_host(host: &Host<String>) -> Vec<Breach> {
    let reach = match host {
        Host::Domain(domain) => domain_reach(domain),
        Host::Ipv4(address) => v4_reach(*address),
        Host::Ipv6(address) => v6_reach(*address),
    };
    match reach {
        Reach::Public => Vec::new(),
        Reach::Private => {
            let message = format!(
                "the host {} is in a private network",
                show(&host.to_string())
            );
            vec![Breach::warning("url-private", message)]
        }
        Reach::Local(what) => {
            let message = format!("the host {} is {what}", show(&host.to_string()));
            let hint = "the server itself would open it: use a public host name";
            vec![Breach::error("url-local", message).hint(hint)]
        }
    }
}

enum Reach {
    Public,
    Private,
    Local(&'static str),
}

const LOOPBACK: Reach = Reach::Local("a loopback address");
const LINK_LOCAL: Reach = Reach::Local("a link-local address");
const METADATA: Reach = Reach::Local("a cloud metadata address");

fn domain_reach(domain: &str) -> Reach {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let is_or_below = |name: &str| domain == name || domain.ends_with(&format!(".{name}"));
    if is_or_below("localhost") || is_or_below("localdomain") || is_or_below("ip6-localhost") {
        LOOPBACK
    } else if is_or_below("metadata.google.internal")
        || domain == "metadata"
        || domain == "instance-data"
    {
        METADATA
    } else {
        Reach::Public
    }
}

fn v4_reach(address: Ipv4Addr) -> Reach {
    let [a, b, ..] = address.octets();
    if address.is_loopback() || a == 0 || address.is_broadcast() {
        LOOPBACK
    } else if address == Ipv4Addr::new(169, 254, 169, 254)
        || address == Ipv4Addr::new(100, 100, 100, 200)
    {
        METADATA
    } else if address.is_link_local() {
        LINK_LOCAL
    } else if address.is_private() || (a == 100 && (64..128).contains(&b)) {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn v6_reach(address: Ipv6Addr) -> Reach {
    if let Some(v4) = address.to_ipv4_mapped() {
        return v4_reach(v4);
    }
    let first = address.segments()[0];
    if let IpAddr::V4(v4) = IpAddr::V6(address).to_canonical() {
        return v4_reach(v4);
    }
    if address.is_loopback() || address.is_unspecified() {
        LOOPBACK
    } else if address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) {
        METADATA
    } else if first & 0xffc0 == 0xfe80 {
        LINK_LOCAL
    } else if first & 0xfe00 == 0xfc00 {
        Reach::Private
    } else {
        Reach::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::problem::Severity;

    fn check(text: &str, rule: Option<(&str, Severity)>) {
        let (_, breaches) = url(text);
        let first = breaches.first().map(|b| (b.rule, b.severity));
        assert_eq!(first, rule, "{text:?}: {breaches:?}");
    }

    #[test]
    fn only_absolute_web_urls_with_a_host_pass() {
        let refused = Some(("url", Severity::Error));
        for text in [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://a.example/",
            "//evil.example/x",
            "/x",
            "x",
            "https:evil",
            "https:///x",
            "https://h:99999/",
            "https://",
            "https://?x",
            "https://:80/",
            "https://user@a.example/",
            "https://user:pw@a.example/",
            "https://@a.example/",
            "https://a.example/a b",
            "https://a.example\\@evil.example/",
            "https://a.example/\"",
            "https://a.example/'",
            "https://аpple.example/",
            "https://a.example/\u{202e}x",
            "https://a.example/<script>",
            "https://a.example/{{",
            " https://a.example/",
            "https://a..example:x/",
            "https://[::1/",
            "https://a.example%00/",
        ] {
            check(text, refused);
        }
        for text in [
            "https://a.example/",
            "http://a.example",
            "HTTPS://A.EXAMPLE/x?y=z#f",
            "https://a.example:8443/",
            "https://a.example/?mail=a@b.example",
            "https://8.8.8.8/",
            "https://a.example/%27",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn addresses_of_the_server_itself_are_refused_in_every_spelling() {
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://x.localhost/",
            "http://0.0.0.0/",
            "https://169.254.169.254/",
            "https://[fe80::1]/",
            "http://metadata.google.internal/",
            "https://[fd00:ec2::254]/",
            "https://[::]/",
        ] {
            check(text, Some(("url-local", Severity::Error)));
        }
        for text in [
            "http://10.0.0.1/",
            "http://192.168.1.1/",
            "http://172.16.0.1/",
            "http://[fd12::1]/",
            "http://100.64.0.1/",
        ] {
            check(text, Some(("url-private", Severity::Warning)));
        }
        for text in [
            "http://172.32.0.1/",
            "http://localhost.example/",
            "http://11.0.0.1/",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_punycode_host_is_pointed_out() {
        check(
            "https://xn--pple-43d.example/",
            Some(("url-idn", Severity::Warning)),
        );
    }

    #[test]
    fn hosts_are_names_without_anything_around_them() {
        assert_eq!(host("Billing.Example").unwrap(), "billing.example");
        assert_eq!(host("[::1]").unwrap(), "[::1]");
        for text in [
            "",
            "https://a.example",
            "a.example/",
            "a.example:443",
            "*",
            "a b",
            "user@a.example",
        ] {
            assert!(host(text).is_err(), "{text:?}");
        }
    }
}

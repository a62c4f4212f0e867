//! URLs a customer is sent to, and URLs the server posts a token to. What
//! passes here is what a browser opens at that very host: nothing is repaired
//! the way a browser would.

use super::super::problem::show;
use super::Breach;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;
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
                && is_encoded(domain)
            {
                let message = format!(
                    "the host {} is an internationalised name; check that it is the one you mean",
                    show(domain)
                );
                breaches.push(Breach::warning("url-idn", message));
            }
            (Some(host_of(&url)), breaches)
        }
    }
}

/// The host of a URL that [`url()`] takes for one.
pub(in super::super) fn host_of_url(text: &str) -> Option<String> {
    parse(text).ok().map(|(url, _)| host_of(&url))
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

/// What of a URL may be a secret, in bytes: user-info, and the query and the
/// fragment. An `@` anywhere counts, since a refused URL is no URL and a
/// password may hold any sign.
pub(in super::super) fn secret_parts(text: &str) -> Vec<Range<usize>> {
    let authority = text.find("://").map_or(0, |at| at + 3);
    let user_info = text.rfind('@').filter(|end| *end > authority);
    let from = user_info.unwrap_or(0);
    let parameters = text
        .get(from..)
        .and_then(|rest| rest.find(['?', '#']))
        .map(|at| from + at + 1..text.len());
    user_info
        .map(|end| authority..end)
        .into_iter()
        .chain(parameters)
        .filter(|part| !part.is_empty())
        .collect()
}

/// A URL for a message, without what may be a secret.
pub(in super::super) fn shown_url(text: &str) -> String {
    let mut shown = String::new();
    let mut from = 0;
    for part in secret_parts(text) {
        shown.push_str(text.get(from..part.start).unwrap_or_default());
        shown.push_str("***");
        from = part.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    show(&shown)
}

/// The host as it would be looked up, where that is not how it is written.
fn punycode(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    is_encoded(host).then(|| host.to_owned())
}

/// Whether a host is an internationalised name, as it is looked up.
fn is_encoded(host: &str) -> bool {
    host.split('.').any(|label| label.starts_with("xn--"))
}

/// The host in the spelling that hosts are compared by.
fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_ascii_lowercase()
}

fn parse(text: &str) -> Result<(Url, Host<String>), Breach> {
    let refuse = |why: &str| Breach::error("url", format!("the URL {} {why}", shown_url(text)));
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
            c => {
                let looked_up = punycode(text);
                let looked_up = looked_up.map(|host| format!(", and its host is {}", show(&host)));
                format!(
                    "holds U+{:04X}{}",
                    u32::from(c),
                    looked_up.unwrap_or_default()
                )
            }
        };
        let hint =
            "percent-encode such characters; write an internationalised host as punycode (xn--…)";
        return Err(refuse(&what).hint(hint));
    }
    let rest = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| behind_scheme(text, scheme))
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

/// What stands behind a scheme, however its letters are written.
fn behind_scheme<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// A host as `autologin_hosts` lists it, in the spelling that URLs are
/// compared by.
pub(in super::super) fn host(text: &str) -> Result<String, Breach> {
    let refuse = || {
        let message = format!("{} is not a host name", shown_url(text));
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

/// Why nothing is posted to a URL of this host, unless the policy lists it.
pub(in super::super) fn local_host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = url.host()?.to_owned();
    match reach(&host) {
        Reach::Public | Reach::Private => None,
        Reach::Local(what) => Some(format!("the auto-login host `{host}` is {what}")),
    }
}

/// What an address is that nothing is posted to, unless the policy lists its
/// host.
pub(in super::super) fn local_address(address: IpAddr) -> Option<&'static str> {
    let reach = match address {
        IpAddr::V4(address) => v4_reach(address),
        IpAddr::V6(address) => v6_reach(address),
    };
    match reach {
        Reach::Public | Reach::Private => None,
        Reach::Local(what) => Some(what),
    }
}

fn reach(host: &Host<String>) -> Reach {
    match host {
        Host::Domain(domain) => domain_reach(domain),
        Host::Ipv4(address) => v4_reach(*address),
        Host::Ipv6(address) => v6_reach(*address),
    }
}

fn check_host(host: &Host<String>) -> Vec<Breach> {
    match reach(host) {
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
const MULTICAST: Reach = Reach::Local("a multicast address");
const SITE_LOCAL: Reach = Reach::Local("a site-local address");

fn domain_reach(domain: &str) -> Reach {
    let lower = domain.to_ascii_lowercase();
    let domain = lower.trim_end_matches('.');
    if ["metadata", "instance-data"].contains(&domain) {
        return METADATA;
    }
    let is_below = |(name, _): &(&str, Reach)| {
        let above = domain.strip_suffix(name);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    let known = LOCAL_DOMAINS.into_iter().find(is_below);
    known.map_or(Reach::Public, |(_, reach)| reach)
}

/// Domains that lead to the server itself, and all below them.
const LOCAL_DOMAINS: [(&str, Reach); 7] = [
    ("localhost", LOOPBACK),
    ("localdomain", LOOPBACK),
    ("ip6-localhost", LOOPBACK),
    ("ip6-loopback", LOOPBACK),
    ("metadata.google.internal", METADATA),
    ("metadata.goog", METADATA),
    ("instance-data.ec2.internal", METADATA),
];

/// Where clouds answer a server's questions about itself.
const METADATA_V4: [[u8; 4]; 4] = [
    [169, 254, 169, 254],
    [100, 100, 100, 200],
    [168, 63, 129, 16],
    [192, 0, 0, 192],
];

fn v4_reach(address: Ipv4Addr) -> Reach {
    let [a, b, ..] = address.octets();
    if address.is_loopback() || a == 0 || address.is_broadcast() {
        LOOPBACK
    } else if METADATA_V4.contains(&address.octets()) {
        METADATA
    } else if address.is_multicast() {
        MULTICAST
    } else if address.is_link_local() {
        LINK_LOCAL
    } else if address.is_private() || (a == 100 && (64..128).contains(&b)) {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// The IPv4 address that an IPv6 address leads to.
///
/// | form | what |
/// |---|---|
/// | `::a.b.c.d` | IPv4-compatible |
/// | `::ffff:a.b.c.d` | IPv4-mapped |
/// | `::ffff:0:a.b.c.d` | IPv4-translated (RFC 2765) |
/// | `64:ff9b::a.b.c.d`, `64:ff9b:1::/48` | NAT64 |
/// | `2002:AABB:CCDD::/48` | 6to4 |
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

fn v6_reach(address: Ipv6Addr) -> Reach {
    let [first, ..] = address.segments();
    if address.is_loopback() || address.is_unspecified() {
        LOOPBACK
    } else if let Some(v4) = embedded_v4(address) {
        v4_reach(v4)
    } else if address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) {
        METADATA
    } else if first & 0xffc0 == 0xfe80 {
        LINK_LOCAL
    } else if first & 0xffc0 == 0xfec0 {
        SITE_LOCAL
    } else if address.is_multicast() {
        MULTICAST
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
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[64:ff9b:1::a9fe:a9fe]/",
            "https://[2002:7f00:1::]/",
            "https://[::ffff:0:7f00:1]/",
            "https://[fec0::1]/",
            "https://[ff02::1]/",
            "https://224.0.0.1/",
            "https://168.63.129.16/",
            "https://192.0.0.192/",
            "https://metadata.goog/",
            "https://instance-data.ec2.internal/",
            "https://ip6-loopback/",
        ] {
            check(text, Some(("url-local", Severity::Error)));
        }
        for text in [
            "http://10.0.0.1/",
            "http://192.168.1.1/",
            "http://172.16.0.1/",
            "http://[fd12::1]/",
            "http://[64:ff9b::a00:1]/",
            "http://100.64.0.1/",
        ] {
            check(text, Some(("url-private", Severity::Warning)));
        }
        for text in [
            "http://172.32.0.1/",
            "http://localhost.example/",
            "http://11.0.0.1/",
            "http://[2606:4700::1]/",
            "http://[64:ff9b::808:808]/",
            "http://223.255.255.255/",
            "http://notmetadata.goog/",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_message_holds_no_secret_of_a_url() {
        for (text, expect) in [
            ("https://u:CANARY@a.example/", "`https://***@a.example/`"),
            (
                "https://a.example/?token=CANARY x",
                "`https://a.example/?***`",
            ),
            ("https://a.example/#CANARY x", "`https://a.example/#***`"),
            (
                "https://u:CAN?ARY@a.example/?x",
                "`https://***@a.example/?***`",
            ),
            ("u:CANARY@a.example", "`***@a.example`"),
            ("https://a.example/x", "`https://a.example/x`"),
            ("https://@a.example/?", "`https://@a.example/?`"),
        ] {
            assert_eq!(shown_url(text), expect);
            assert!(!format!("{:?}", url(text)).contains("CANARY"), "{text}");
        }
        assert!(
            !host("u:CANARY@a.example")
                .unwrap_err()
                .message
                .contains("CAN")
        );
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

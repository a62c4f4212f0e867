//! URLs: where customers are sent, and where the server posts a token.

use super::{Refused, Row, Warned, autologin, check, link, row};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let url = |text: &str| link("url", text);
    let quoted = |text: &str| url(&format!("\"{text}\""));
    let good = || url("https://b.example/x?y=z#f");
    let mut rows: Vec<Row> = [
        ("V7", "javascript:alert(1)"),
        ("V7", "data:text/html,x"),
        ("V7", "vbscript:x"),
        ("V7", "file:///etc/passwd"),
        ("V7", "JaVaScRiPt:alert(1)"),
        ("V7", "java\\nscript:x"),
        ("V9", "//evil.example/x"),
        ("V9", "/x"),
        ("V9", "https:evil"),
        ("V9", "https:///x"),
        ("V9", "https://h:99999/"),
        ("V9", "https://аpple.example/"),
        ("V9", "https://a.example/a b"),
        ("V9", "https://a.example\\\\@evil.example/"),
        ("V9x", "https://user:pw@a.example/"),
        ("V9x", "https://a.example/\\u202Ex"),
        ("V9x", "https://a.example/\\0"),
        ("V9x", ""),
    ]
    .into_iter()
    .map(|(id, text)| row(id, quoted(text), Refused("url"), good()))
    .collect();
    let local = [
        "http://127.0.0.1/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "https://[::ffff:127.0.0.1]/",
        "http://x.localhost./",
    ];
    let near = || quoted("http://128.0.0.1/");
    rows.extend(local.map(|text| row("V11", quoted(text), Refused("url-local"), near())));
    let long = |length: usize| url(&format!("https://a.example/{}", "a".repeat(length)));
    rows.extend([
        row(
            "V11",
            quoted("http://10.0.0.1/"),
            Warned("url-private"),
            quoted("http://11.0.0.1/"),
        ),
        row(
            "V9",
            quoted("https://xn--pple-43d.example/"),
            Warned("url-idn"),
            good(),
        ),
        row("V9x", long(5000), Refused("url"), long(4000)),
        row(
            "V7",
            autologin("autologin_token_url", "http://a.example/sso"),
            Warned("url-plain-http"),
            autologin("autologin_token_url", "https://a.example/sso"),
        ),
        row(
            "V7x",
            link("url", "https://{{ user }}@evil.example/"),
            Refused("url"),
            link("url", "https://{{ user }}.a.example/"),
        ),
        row(
            "V11x",
            link("url", "https://[64:ff9b::7f00:1]/"),
            Refused("url-local"),
            link("url", "https://[64:ff9b::808:808]/"),
        ),
        row(
            "V11x",
            autologin("autologin_token_url", "https://localhost/"),
            Refused("url-local"),
            autologin("autologin_token_url", "https://localhost.example/"),
        ),
    ]);
    rows
}

#[test]
fn urls_that_lead_elsewhere_than_they_seem_to_are_refused() {
    check(&rows());
}

#[test]
fn a_host_that_looks_like_another_is_shown_as_it_is_looked_up() {
    let sandbox = Sandbox::new();
    // The first letter is Cyrillic.
    sandbox.write("m.yaml", link("url", "https://\u{430}pple.example/"));
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("xn--pple-43d.example");
    sandbox.write("m.yaml", link("url", "https://apple.example/"));
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(0)
        .is_silent_about("xn--");
}

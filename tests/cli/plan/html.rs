//! A plan as a page: what the binary writes, and where. What a browser makes
//! of it is in `tests/browser`.

use super::{SECRETS, acme};
use crate::support::Sandbox;

#[test]
fn the_page_of_the_examples_is_written_and_nothing_else() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    let page = acme(&sandbox, &[&SECRETS[..], &["--format", "html"]].concat());
    let page = page.expect(0);
    assert_eq!(page.stderr, "");
    assert_eq!(sandbox.fingerprint(), before);
    let text = acme(&sandbox, &SECRETS).expect(0).stdout;
    let summary = text.lines().next().unwrap();
    let page = page.stdout;
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    assert!(page.ends_with("</html>\n"), "{page}");
    assert!(page.contains(&format!("<h1>{summary}</h1>")), "{summary}");
    // Escaped, and the same words as in the text.
    assert!(text.contains("\"Billing & Invoices\""));
    assert!(page.contains("&quot;Billing &amp; Invoices&quot;"));
    let digest = text.lines().last().unwrap().trim_start_matches("digest: ");
    assert!(page.contains(&format!("<code>{digest}</code>")), "{digest}");
    assert_eq!(
        page.matches("<symbol").count(),
        6,
        "the icons of the example"
    );
}

#[test]
fn a_file_gets_the_same_page_whatever_the_colours() {
    let sandbox = Sandbox::with_examples();
    let html = ["--format", "html"];
    let page = acme(&sandbox, &html).expect(0).stdout;
    let colored = [&html[..], &["--color", "always", "--out", "html=plan.html"]].concat();
    assert_eq!(acme(&sandbox, &colored).expect(0).stdout, page);
    assert_eq!(sandbox.read("plan.html"), page);
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn no_token_is_on_the_page() {
    let sandbox = Sandbox::with_examples();
    let page = acme(&sandbox, &[&SECRETS[..], &["--format", "html"]].concat());
    let page = page.expect(0).stdout;
    let secrets = sandbox.read("examples/acme-secrets.yaml");
    let tokens: Vec<&str> = secrets
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(_, token)| token.trim_matches('"'))
        .collect();
    assert!(tokens.len() > 10, "{tokens:?}");
    for token in tokens {
        assert!(!page.contains(token), "{token}");
    }
}

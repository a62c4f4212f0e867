//! `--dry-run`: what would be posted, and not a word to anybody.

use super::server::Server;
use super::{A, CANARY, U, at, login, token, world};
use crate::support::Sandbox;

#[test]
fn it_opens_no_connection_and_shows_no_secret() {
    let server = Server::plain(Vec::new());
    let sandbox = world(&at(&server));
    let more = serde_json::json!({"token": CANARY, "second": "Other-Secret", "label": "L-secret"});
    sandbox.write(A, more.to_string());
    for format in ["text", "json"] {
        let outcome = login(&sandbox, &["--dry-run", "--format", format]).expect(0);
        let shown = outcome.shown().replace(&server.port.to_string(), "PORT");
        insta::assert_snapshot!(format!("dry_run_{format}"), shown);
        outcome
            .is_silent_about("Other-Secret")
            .is_silent_about("L-secret")
            .is_silent_about("nobody");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn it_needs_no_network_at_all() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .run(&[
            "login",
            "northsea",
            "ACME_domains",
            "--root=root",
            "--dry-run",
        ])
        .expect(0)
        .says("log-in of northsea/ACME_domains at \"https://")
        .says("  token ");
}

#[test]
fn hostile_names_and_values_are_shown_as_what_they_are() {
    let sandbox = world("");
    let fields = serde_json::json!({
        "autologin_token_url": "https://127.0.0.1/?token=Inner",
        "::error::\u{1b}[2J": "x",
        "label": "\u{1b}]0;x\u{7}",
        "url": "https://a.example/?password=Inner",
        "x".repeat(5000): "y",
    });
    sandbox.write(U, fields.to_string());
    for format in ["text", "json"] {
        let outcome = login(&sandbox, &["--dry-run", "--format", format]).expect(0);
        let outcome = outcome
            .is_silent_about("Inner")
            .is_silent_about("\u{1b}")
            .is_silent_about("\u{7}");
        assert!(!outcome.stdout.contains("\n::"), "{}", outcome.shown());
        let longest = outcome.stdout.lines().map(str::len).max().unwrap();
        assert!(format == "json" || longest < 600, "{}", outcome.shown());
    }
}

#[test]
fn without_a_token_nothing_would_be_posted() {
    let sandbox = world("https://127.0.0.1/");
    std::fs::remove_file(sandbox.path(A)).unwrap();
    login(&sandbox, &["--dry-run"])
        .expect(1)
        .says("not logged in: the adminconfig is missing, so there is no token to send; ");
}

#[test]
fn a_link_without_a_token_is_shown_as_one() {
    let sandbox = world("https://127.0.0.1/");
    let note = "note: the link has no token: an empty text is sent in its place\n";
    for empty in [r#"{"token":null}"#, r#"{"token":""}"#] {
        sandbox.write(A, empty);
        login(&sandbox, &["--dry-run"])
            .expect(0)
            .says("    token                 \"\"\n")
            .says(note);
        login(&sandbox, &["--dry-run", "--format=json"])
            .expect(0)
            .says(r#""token":"","#)
            .says(note);
    }
    sandbox.write(A, "{}");
    login(&sandbox, &["--dry-run"])
        .expect(0)
        .says("note: the link has no token: none is sent\n")
        .is_silent_about("    token ");
    sandbox.write(A, token(CANARY));
    login(&sandbox, &["--dry-run"])
        .expect(0)
        .says("    token                 ***\n")
        .is_silent_about("no token");
}

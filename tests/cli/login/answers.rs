//! What endpoints answer, good and bad, and where the customer arrives.

use super::server::{Server, answer, json, raw};
use super::{A, CANARY, D, IN, U, at, login, numbers, token, world};
use std::fs;

const FALLBACK: &str = "the customer is sent to \"https://shop.example/start?key=***\"\n";

#[test]
fn an_answer_that_asks_for_it_is_tried_again() {
    let server = Server::plain(vec![
        json(r#"{"retry":1}"#),
        json(r#"{"retry":"1"}"#),
        json(IN),
    ]);
    let sandbox = world(&at(&server));
    let began = std::time::Instant::now();
    let outcome = login(&sandbox, &[]).expect(0);
    assert!(began.elapsed().as_secs() >= 2);
    insta::assert_snapshot!(outcome.stdout.replace(&server.port.to_string(), "PORT"));
    assert_eq!(numbers(&server.requests()), ["1", "2", "3"]);
}

#[test]
fn three_tries_are_all() {
    let again = || json(r#"{"retry":0.5}"#);
    let server = Server::plain(vec![again(), again(), again(), json(IN)]);
    let sandbox = world(&at(&server));
    login(&sandbox, &[])
        .expect(1)
        .says("not logged in: none of 3 answers had a redirect_url; ")
        .says(FALLBACK);
    assert_eq!(numbers(&server.requests()), ["1", "2", "3"]);
}

#[test]
fn what_is_no_success_or_no_object_sends_the_customer_to_the_plain_url() {
    for (given, says) in [
        (
            answer("500 Oops", "text/html", "<h1>"),
            "status 500, text/html (took [T] s)\n\
             not logged in: the answer has status 500, which is no success; ",
        ),
        (
            answer("404 No", "text/plain", IN),
            "the answer has status 404, which is no success",
        ),
        (
            answer("200 OK", "text/html", "<html>"),
            "status 200, text/html, 6 bytes (took [T] s)\n\
             not logged in: the answer is no JSON; ",
        ),
        (
            json("[]"),
            "status 200, application/json, 2 bytes (took [T] s)\n\
             not logged in: the answer is JSON, but no object; ",
        ),
        (
            json("{}"),
            "2 bytes (took [T] s)\nnot logged in: the answer has no redirect_url; ",
        ),
        (
            json(r#"{"redirect_url":"","retry":0}"#),
            "the answer has no redirect_url",
        ),
        (
            raw("nonsense\r\n\r\n"),
            "try 1 of 3: no answer (took [T] s)\n\
             not logged in: the answer is no HTTP; ",
        ),
        (raw(""), "try 1 of 3: no answer (took [T] s)\n"),
    ] {
        let server = Server::plain(vec![given]);
        let sandbox = world(&at(&server));
        login(&sandbox, &[]).expect(1).says(says).says(FALLBACK);
        assert_eq!(server.connections(), 1, "{says}");
    }
}

#[test]
fn without_a_plain_url_the_customer_gets_an_error() {
    let server = Server::plain(vec![answer("500 Oops", "text/html", ""), json("{}")]);
    let sandbox = world(&at(&server));
    let fields = serde_json::json!({"autologin_token_url": at(&server), "label": "Shop"});
    sandbox.write(U, fields.to_string());
    for _ in 0..2 {
        login(&sandbox, &[])
            .expect(1)
            .says("the customer gets an error\n");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let second = Server::plain(vec![json(IN)]);
    for status in ["301 x", "302 x", "303 x", "307 x", "308 x"] {
        let there = format!("http://127.0.0.1:{}/", second.port);
        let server = Server::plain(vec![raw(format!(
            "HTTP/1.1 {status}\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n"
        ))]);
        let sandbox = world(&at(&server));
        login(&sandbox, &[])
            .expect(1)
            .says("the answer is a redirect (status 30")
            .says("hint: let autologin_token_url be where the redirect leads\n")
            .says(FALLBACK);
        assert_eq!(server.connections(), 1);
    }
    assert_eq!(second.connections(), 0);
}

#[test]
fn a_redirect_url_that_no_browser_can_be_sent_to_is_none() {
    for (given, kind) in [
        (r#""/insight""#, "a text"),
        (r#""javascript:insight(1)""#, "a text"),
        (r#""https:insight.example""#, "a text"),
        ("987654", "a number"),
        ("true", "true"),
        (r#"["https://insight.example/"]"#, "an array"),
        (r#"{"insight":"https://insight.example/"}"#, "an object"),
    ] {
        for more in [&[][..], &["--show-url"]] {
            let server = Server::plain(vec![json(&format!("{{\"redirect_url\":{given}}}"))]);
            login(&world(&at(&server)), more)
                .expect(1)
                .says(&format!(
                    "not logged in: the redirect_url of the answer is no absolute http or https \
                     URL; the customer is sent to {kind}, which is no absolute http or https URL \
                     and not shown\n"
                ))
                .is_silent_about("insight")
                .is_silent_about("987654");
        }
    }
}

#[test]
fn a_body_is_shown_in_no_part() {
    let hostile = "::error::x \u{1b}[2J";
    let server = Server::plain(vec![answer("200 OK", "x/y", hostile)]);
    login(&world(&at(&server)), &[])
        .expect(1)
        .says("status 200, another content type, 15 bytes (took [T] s)\n")
        .is_silent_about("::")
        .is_silent_about("\u{1b}");
}

#[test]
fn a_token_that_was_pushed_meanwhile_is_sent_with_the_next_try() {
    let sandbox = world("");
    let admin = sandbox.path(A);
    let push: super::server::Answer = Box::new(move |stream| {
        fs::write(&admin, token("NewOne")).unwrap();
        json(r#"{"retry":1}"#)(stream);
    });
    let server = Server::plain(vec![push, json(IN)]);
    let fields = serde_json::json!({"autologin_token_url": at(&server)});
    sandbox.write(U, fields.to_string());
    login(&sandbox, &["--timeout=21"])
        .expect(0)
        .is_silent_about("NewOne");
    let tokens: Vec<_> = server.requests().iter().map(|r| r.field("token")).collect();
    assert_eq!(tokens, [Some(CANARY.to_owned()), Some("NewOne".to_owned())]);
}

#[test]
fn a_token_is_not_sent_to_a_url_that_it_does_not_stand_beside_any_more() {
    let sandbox = world("");
    let user = sandbox.path(U);
    let moved: super::server::Answer = Box::new(move |stream| {
        fs::write(&user, r#"{"autologin_token_url":"https://new.example/"}"#).unwrap();
        json(r#"{"retry":1}"#)(stream);
    });
    let server = Server::plain(vec![moved, json(IN)]);
    let fields = serde_json::json!({"autologin_token_url": at(&server)});
    sandbox.write(U, fields.to_string());
    login(&sandbox, &["--timeout=21"]).expect(1).says(
        "error: the link's autologin_token_url was changed meanwhile, so nothing more is posted\n\
         hint: run it again for the link as it is now\n",
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_link_without_an_endpoint_is_a_plain_one() {
    let sandbox = world("");
    sandbox.write(U, r#"{"url":"https://shop.example/?x=1"}"#);
    for more in [&[][..], &["--dry-run"]] {
        login(&sandbox, more).expect(1).says(
            "not logged in: the link has no autologin_token_url; \
             the customer is sent to \"https://shop.example/?x=1\"\n",
        );
    }
    sandbox.write(U, r#"{"label":"Shop"}"#);
    login(&sandbox, &[])
        .expect(1)
        .says("has no autologin_token_url; the customer gets an error\n");
}

#[test]
fn files_that_are_missing_or_broken_send_nothing() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    fs::remove_file(sandbox.path(A)).unwrap();
    let first = "  [T] s  try 1 of 3: nothing posted (took [T] s)\nnot logged in: ";
    login(&sandbox, &[]).expect(1).says(FALLBACK).says(&format!(
        "{first}the adminconfig is missing, so there is no token to send; "
    ));
    sandbox.write(A, format!("{{\"token\":\"{CANARY}\""));
    login(&sandbox, &[])
        .expect(1)
        .says(&format!(
            "{first}the adminconfig is not valid JSON (line 1, column "
        ))
        .says(FALLBACK);
    fs::remove_file(sandbox.path(A)).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", sandbox.path(A)).unwrap();
    login(&sandbox, &[])
        .expect(1)
        .says("error: the adminconfig is a symbolic link, which is never followed\n")
        .is_silent_about("the customer");
    sandbox.write(U, "[]");
    login(&sandbox, &[])
        .expect(1)
        .says("not logged in: the userconfig is not a JSON object; the customer gets an error\n");
    fs::remove_file(sandbox.path(U)).unwrap();
    login(&sandbox, &[])
        .expect(1)
        .says("not logged in: the userconfig is missing; the customer gets an error\n");
    fs::remove_file(sandbox.path(A)).unwrap();
    fs::remove_file(sandbox.path(D)).unwrap();
    login(&sandbox, &[])
        .expect(1)
        .says("error: there is no file of a link ann/Shop\nhint: `cplinks list ann` lists");
    assert_eq!(server.connections(), 0);
}

#[test]
fn of_a_key_that_is_given_twice_the_last_is_sent() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    sandbox.write(A, r#"{"token":"first1","token":"second2"}"#);
    login(&sandbox, &[]).expect(0).is_silent_about("second2");
    let request = server.requests().remove(0);
    assert_eq!(request.field("token").as_deref(), Some("second2"));
}

#[test]
fn a_token_that_is_null_is_sent_as_an_empty_one() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    sandbox.write(A, r#"{"token":null,"extra":"e1"}"#);
    login(&sandbox, &[])
        .expect(0)
        .says("note: the link has no token: an empty text is sent in its place\n")
        .is_silent_about("e1");
    let request = server.requests().remove(0);
    assert_eq!(request.field("token").as_deref(), Some(""));
    assert_eq!(request.field("extra").as_deref(), Some("e1"));
}

//! Endpoints that send back what they were sent: a token comes into no output,
//! however it is written.

use super::server::{Server, answer, json, raw};
use super::{A, CANARY, at, login, token, world};

/// Has all that JSON and URLs write in other ways.
const TOKEN: &str = r#"Quo"te\Slash7-n%41é/Rest9"#;

/// Parts of it that no output may hold, in any case of letters.
const PARTS: [&str; 3] = ["quo", "slash7", "rest9"];

/// Each character as `\uXXXX`.
fn unicode_escaped(text: &str) -> String {
    let units = text.encode_utf16();
    let escapes: Vec<_> = units.map(|unit| format!("\\u{unit:04X}")).collect();
    escapes.concat()
}

fn percent_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Each byte as `%XX`.
fn percent_encoded_whole(text: &str) -> String {
    let escapes: Vec<_> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    escapes.concat()
}

/// Each character as `&#N;`.
fn as_entities(text: &str) -> String {
    let characters = text.chars().map(u32::from);
    let escapes: Vec<_> = characters.map(|c| format!("&#{c};")).collect();
    escapes.concat()
}

#[track_caller]
fn is_silent(body: &str, code: i32) {
    for more in [
        &[][..],
        &["--show-url"],
        &["--format=json"],
        &["--format=json", "--show-url"],
    ] {
        let server = Server::plain(vec![json(body)]);
        let sandbox = world(&at(&server));
        sandbox.write(A, token(TOKEN));
        let outcome = login(&sandbox, more).expect(code);
        let shown = outcome.shown().to_lowercase();
        for part in PARTS {
            assert!(!shown.contains(part), "{body}\n{shown}");
        }
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_token_in_an_array_or_object_is_not_shown() {
    for given in [
        serde_json::json!([TOKEN]),
        serde_json::json!([["https://shop.example/", TOKEN]]),
        serde_json::json!({"token": TOKEN}),
        serde_json::json!({TOKEN: "https://shop.example/"}),
        serde_json::json!({"a": [{"b": percent_encoded(TOKEN)}]}),
    ] {
        for key in ["redirect_url", "url"] {
            is_silent(&serde_json::json!({ key: given }).to_string(), 1);
        }
    }
    let escaped = unicode_escaped(TOKEN);
    is_silent(&format!("{{\"redirect_url\":[\"{escaped}\"]}}"), 1);
}

#[test]
fn a_token_in_a_url_is_not_shown_however_it_is_written() {
    let quoted = serde_json::json!(TOKEN).to_string();
    let slashed = quoted.replace('/', "\\/");
    let twice = serde_json::json!(quoted).to_string();
    let mut written = vec![
        TOKEN.to_owned(),
        quoted.clone(),
        slashed,
        twice,
        unicode_escaped(TOKEN),
        as_entities(TOKEN),
        percent_encoded_whole(TOKEN),
        TOKEN.replace('"', "&quot;"),
        // Without what a filter takes out.
        TOKEN.replace(['"', '\\', '%'], ""),
    ];
    let mut again = quoted;
    for times in 1..=20 {
        again = percent_encoded(&again);
        if matches!(times, 1 | 2 | 20) {
            written.extend([again.clone(), again.to_lowercase()]);
        }
    }
    written.push(percent_encoded(&unicode_escaped(TOKEN)));
    for text in written {
        let url = format!("https://shop.example/?data={{\"t\":{text}}}&x");
        is_silent(&serde_json::json!({ "redirect_url": url }).to_string(), 0);
    }
}

#[test]
fn an_endpoint_that_echoes_the_token_brings_it_into_no_output() {
    let encoded: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    let hidden = "a URL that is not shown, since it holds a token of the link\n";
    for url in [
        format!("https://shop.example/{encoded}"),
        format!("https://shop.example/?x={CANARY}"),
        format!("https://shop.example/?x={}", encoded.to_lowercase()),
    ] {
        let body = serde_json::json!({ "redirect_url": url }).to_string();
        for more in [&["--show-url"][..], &[]] {
            let server = Server::plain(vec![json(&body)]);
            login(&world(&at(&server)), more).expect(0).says(hidden);
        }
        let server = Server::plain(vec![json(&body)]);
        let more = ["--show-url", "--format=json"];
        login(&world(&at(&server)), &more)
            .expect(0)
            .says("\"url\":null");
    }
    for given in [
        answer("200 OK", CANARY, CANARY),
        answer(&format!("500 {CANARY}"), "text/html", CANARY),
        raw(format!("{CANARY}\r\n\r\n")),
        raw(format!("HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n")),
        raw(format!(
            "HTTP/1.1 302 x\r\nLocation: /{CANARY}\r\nContent-Length: 0\r\n\r\n"
        )),
        json(&format!("{{\"{CANARY}\":1}} {CANARY}")),
    ] {
        let server = Server::plain(vec![given]);
        login(&world(&at(&server)), &[]).expect(1);
    }
}

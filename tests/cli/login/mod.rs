//! `cplinks login`: the handshake against real servers.

mod answers;
mod dry_run;
mod echoes;
mod limits;
mod refused;
mod server;
mod tls;

use crate::support::{Outcome, Sandbox};
use server::{Request, Server, json};

/// Searched for in all that is shown.
const CANARY: &str = "Canary-Token+/=%1";

const U: &str = "root/links/ann/Shop.userconfig";
const A: &str = "root/links/ann/Shop.adminconfig";
const D: &str = "root/dynamicui/ann/dynamicui_Shop.conf";

/// A root with one link, `ann/Shop`, and a policy that lets tokens go to this
/// machine.
fn world(endpoint: &str) -> Sandbox {
    let sandbox = Sandbox::with_root();
    let fields = serde_json::json!({
        "autologin_token_url": endpoint,
        "label": "Shop & more",
        "note": {"of": "nobody"},
        "order": "7",
        "subscriber_unique_id": "0017",
        "url": "https://shop.example/start?key=k1",
    });
    sandbox
        .write(U, fields.to_string())
        .write(A, token(CANARY))
        .write(D, r#"[{"file":"Shop"}]"#)
        .write("policy.yaml", "autologin_hosts: [127.0.0.1, localhost]\n")
        .set_server_modes("root");
    sandbox
}

fn token(token: &str) -> String {
    serde_json::json!({ "token": token }).to_string()
}

fn at(server: &Server) -> String {
    format!("http://127.0.0.1:{}/sso?scope=a%20b", server.port)
}

fn login(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = [
        "login",
        "ann",
        "Shop",
        "--root=root",
        "--policy=policy.yaml",
    ];
    let before = sandbox.tree("root");
    let mut outcome = sandbox.run(&[&arguments, more].concat());
    // A server may change the link meanwhile, but this never does.
    if !more.contains(&"--timeout=21") {
        assert_eq!(sandbox.tree("root"), before);
    }
    for text in [&mut outcome.stdout, &mut outcome.stderr] {
        *text = without_times(text);
    }
    let encoded: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
    outcome.is_silent_about(CANARY).is_silent_about(&encoded)
}

/// Takes the time out of each line: `0.012 s` is `[T] s`.
fn without_times(text: &str) -> String {
    let is_time = |word: &&str| {
        let number = word.trim_start_matches('(');
        number.split_once('.').is_some_and(|(whole, part)| {
            part.len() == 3
                && (whole.to_owned() + part)
                    .bytes()
                    .all(|b| b.is_ascii_digit())
        })
    };
    let line = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let shown = words.iter().map(|word| match is_time(word) {
            true if word.starts_with('(') => "([T]",
            true => "[T]",
            false => word,
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn numbers(requests: &[Request]) -> Vec<String> {
    let numbers = requests.iter().map(|request| request.field("attempt"));
    numbers.map(Option::unwrap).collect()
}

const IN: &str = r#"{"redirect_url":"https://shop.example/in?user=ann&token=once"}"#;

#[test]
fn all_that_is_in_the_files_is_posted_and_the_way_in_is_shown() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    let outcome = login(&sandbox, &[]).expect(0).is_silent_about("once");
    let port = server.port.to_string();
    insta::assert_snapshot!(outcome.shown().replace(&port, "PORT"));
    let requests = server.requests();
    let request = requests.first().unwrap();
    let head = request.head.to_ascii_lowercase();
    assert!(
        head.starts_with("post /sso?scope=a%20b http/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"),
        "{head}"
    );
    assert!(
        head.contains(&format!("\r\nhost: 127.0.0.1:{port}\r\n")),
        "{head}"
    );
    let fields = request.fields();
    let fields: Vec<_> = fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("attempt", "1"),
            ("label", "Shop & more"),
            ("note", r#"{"of":"nobody"}"#),
            ("order", "7"),
            ("subscriber_unique_id", "0017"),
            ("token", CANARY),
            ("url", "https://shop.example/start?key=k1"),
        ]
    );
    assert_eq!(server.connections(), 1);
}

#[test]
fn the_whole_url_is_shown_to_who_asks_for_it() {
    let server = Server::plain(vec![json(IN), json(IN)]);
    let sandbox = world(&at(&server));
    let outcome = login(&sandbox, &["--show-url"]).expect(0);
    let url = "https://shop.example/in?user=ann&token=once";
    assert!(
        outcome.stdout.ends_with(&format!("is sent to \"{url}\"\n")),
        "{}",
        outcome.shown()
    );
    assert!(!outcome.stderr.contains("once"), "{}", outcome.shown());
    let outcome = login(&sandbox, &["--show-url", "--format=json"]).expect(0);
    let story: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(story["url"], url);
}

#[test]
fn programs_get_the_whole_story() {
    let server = Server::plain(vec![json(r#"{"retry":1}"#), json(IN)]);
    let sandbox = world(&at(&server));
    let outcome = login(&sandbox, &["--format=json"]).expect(0);
    let mut story: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    for done in story["tries"].as_array_mut().unwrap() {
        assert!(
            done["began_ms"].is_u64() && done["took_ms"].is_u64(),
            "{done}"
        );
        done["began_ms"] = "T".into();
        done["took_ms"] = "T".into();
    }
    let story = serde_json::to_string_pretty(&story).unwrap();
    insta::assert_snapshot!(story.replace(&server.port.to_string(), "PORT"));
}

#[test]
fn a_customer_who_does_not_see_the_link_is_told_of() {
    let server = Server::plain(vec![json(IN), json(IN)]);
    let sandbox = world(&at(&server));
    sandbox.write(D, r#"[{"file":"Shop","if":"0"}]"#);
    let note = "note: the link is hidden, so the customer does not see it\n";
    login(&sandbox, &[]).expect(0).says(note);
    std::fs::remove_file(sandbox.path(D)).unwrap();
    login(&sandbox, &[]).expect(0).says(note);
}

#[test]
fn an_app_that_is_no_link_is_told_of() {
    let sandbox = world("");
    let note = "note: this is no link: it has no userconfig and no menu entry that shows, so the \
                customer has nothing to click on\n";
    std::fs::remove_file(sandbox.path(U)).unwrap();
    // A click on an entry that shows is one.
    login(&sandbox, &[]).expect(1).is_silent_about("note: ");
    sandbox.write(D, r#"[{"file":"Shop","if":"0"}]"#);
    login(&sandbox, &[]).expect(1).says(note);
    std::fs::remove_file(sandbox.path(D)).unwrap();
    for more in [&[][..], &["--dry-run"]] {
        login(&sandbox, more)
            .expect(1)
            .says(note)
            .is_silent_about("hidden");
    }
}

//! The log as programs and people read it, and what must never be in it.

use super::world::{NEVER, PROMPT, Watch, applied, steal, usual};
use serde_json::Value;

/// The events of the README.
const EVENTS: [&str; 19] = [
    "started",
    "stopping",
    "round",
    "change",
    "manifest-broken",
    "manifest-read",
    "refused",
    "contested",
    "settled",
    "blocked",
    "no-account",
    "user-gone",
    "paused",
    "failed",
    "recovered",
    "locked",
    "interrupted",
    "rescan",
    "polling",
];

#[test]
fn each_line_is_an_object_with_the_same_first_names() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair", PROMPT, |watch| watch.told("round").len() == 1);
    sandbox.write("conf/m.yaml", "version: 1\nusres: {}\n");
    watch.wait_until("it is broken", PROMPT, |watch| {
        watch.told("manifest-broken").len() == 1
    });
    let log = watch.stop();
    let mut events = Vec::new();
    for line in log.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let names: Vec<_> = value.as_object().unwrap().keys().take(4).collect();
        assert_eq!(names, ["time", "level", "event", "message"], "{line}");
        let time = value["time"].as_str().unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
        let level = value["level"].as_str().unwrap();
        assert!(["info", "warning", "error"].contains(&level), "{line}");
        let event = value["event"].as_str().unwrap().to_owned();
        assert!(EVENTS.contains(&event.as_str()), "{line}");
        match event.as_str() {
            "change" | "round" => assert_eq!(value["run"], "000002", "{line}"),
            "manifest-broken" => {
                let problems = value["problems"].as_array().unwrap();
                let place = "conf/m.yaml:2:1: unknown key `usres`";
                assert!(problems.contains(&place.into()), "{line}");
            }
            _ => {}
        }
        events.push(event);
    }
    let expected = [
        "started",
        "manifest-read",
        "change",
        "round",
        "manifest-broken",
        "stopping",
    ];
    assert_eq!(events, expected, "{log}");
    sandbox
        .run(&["history", "--root=root"])
        .expect(0)
        .says("000002");
}

#[test]
fn no_token_is_in_anything_it_lets_others_know() {
    const CANARY: &str = "cAnArY0f7w4tch";
    for format in ["human", "json"] {
        let sandbox = usual();
        let with_token = |url: &str| {
            super::world::manifest("Old").replace(
                "  bob: { links: { Billing: {},",
                &format!(
                    "  bob: {{ links: {{ Billing: {{ subscriber_unique_id: '1', \
                     token: {{ secret: bob }}, autologin_token_url: '{url}' }},"
                ),
            )
        };
        sandbox.write("conf/m.yaml", with_token("https://a.example/in"));
        sandbox.write("secrets/s.yaml", format!("bob: {CANARY}1\n"));
        sandbox.set_mode("secrets/s.yaml", 0o600);
        let arguments = [
            "conf",
            "--mode=apply",
            "--secrets=secrets/s.yaml",
            "--log-format",
            format,
        ];
        let mut watch = Watch::start_as(&sandbox, "watch", &arguments);
        watch.wait_until_settled();
        let adminconfig = "root/links/bob/Billing.adminconfig";
        assert!(sandbox.read(adminconfig).contains(CANARY));
        // Another token; another file of another token; and files that are
        // broken right where the token is.
        sandbox.write("secrets/s.yaml", format!("bob: {CANARY}2\n"));
        watch.wait_until("the other token is live", PROMPT, |_| {
            sandbox.read(adminconfig).contains(&format!("{CANARY}2"))
        });
        sandbox.write(adminconfig, format!("{{\"token\" : \"{CANARY}3"));
        watch.wait_until("a broken file is repaired", PROMPT, |_| {
            sandbox.read(adminconfig).contains(&format!("{CANARY}2\""))
        });
        sandbox.write("secrets/s.yaml", format!("bob: [{CANARY}4\n"));
        watch.wait_until("secrets that cannot be read", PROMPT, |watch| {
            watch.health() == "degraded" && watch.log().contains("manifest-broken")
        });
        sandbox.write("secrets/s.yaml", format!("bob: {CANARY}5\n"));
        watch.wait_until("the last token is live", PROMPT, |_| {
            sandbox.read(adminconfig).contains(&format!("{CANARY}5"))
        });
        watch.wait_until_settled();
        watch.stop();
        let told = sandbox.tree("out");
        assert!(told.contains("cplinks_watch_") && told.contains("manifest-broken"));
        assert!(!told.contains(CANARY), "{told}");
    }
}

#[test]
fn text_of_others_cannot_draw_on_the_terminal() {
    let sandbox = applied();
    let mut watch = Watch::start_as(&sandbox, "watch", &["conf", "--mode=apply"]);
    watch.wait_until_settled();
    // A name with an escape, a line end, and a change of direction.
    let hostile = "conf/\u{1b}[2J\nfailed: error: a line of its own\u{202e}.yaml";
    sandbox.write(hostile, "version: 1\nusres: {}\n");
    watch.wait_until("it is told", PROMPT, |watch| {
        watch.log().contains("manifest-broken")
    });
    let log = watch.stop();
    for hidden in ['\u{1b}', '\u{202e}'] {
        assert!(!log.contains(hidden), "{log:?}");
    }
    assert!(log.contains("u{1b}[2J"), "{log}");
    let forged = log.lines().filter(|line| line.starts_with("failed"));
    assert_eq!(forged.count(), 0, "{log}");
}

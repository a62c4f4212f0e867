//! The forms of an answer: each is what it says it is, and all say the same.

use super::{LINK, LOGIN, URL, call as json_call, done, world};
use crate::support::Sandbox;
use serde_json::Value;

/// Calls, of which some are refused.
const CALLS: [(&[&str], i32); 6] = [
    (&["list_integration_links", "user=alice"], 0),
    (&["list_integration_groups", "user=alice"], 0),
    (
        &[
            "get_integration_link_user_config",
            "user=alice",
            "app=ACME_billing",
        ],
        0,
    ),
    (&["remove_integration_link", "user=alice", "app=None"], 0),
    (&["remove_integration_link", "user=alice"], 1),
    (&["no_such_function"], 1),
];

fn written(sandbox: &Sandbox, form: &[&str], call: &[&str], code: i32) -> String {
    let fixed = ["call", "--root", "root"];
    let outcome = sandbox.run(&[&fixed, form, call].concat()).expect(code);
    assert_eq!(outcome.stderr, "");
    outcome.stdout
}

#[test]
fn every_form_says_the_same() {
    let sandbox = world();
    let others = LINK.iter().copied().filter(|p| !p.starts_with("label"));
    let mean = "label=B & \"S\" ##[x] #é";
    let parameters: Vec<&str> = others.chain([URL, LOGIN, mean, "order=7"]).collect();
    done(json_call(&sandbox, "create_integration_link", &parameters));
    for (call, code) in CALLS {
        let json = written(&sandbox, &["--output=json"], call, code);
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json.lines().count(), 1);
        let pretty = written(&sandbox, &["--output", "jsonpretty"], call, code);
        assert_eq!(serde_json::from_str::<Value>(&pretty).unwrap(), value);
        assert!(pretty.lines().count() > 5, "{pretty}");
        let yaml = written(&sandbox, &["--output=yaml"], call, code);
        assert_eq!(serde_yaml::from_str::<Value>(&yaml).unwrap(), value);
        // As with `whmapi1`, YAML is what comes where nothing is asked for.
        assert_eq!(written(&sandbox, &[], call, code), yaml);
        for text in [json, pretty, yaml] {
            assert!(!text.contains("##"), "{text}");
        }
    }
    sandbox
        .run(&[
            "call",
            "--output=xml",
            "list_integration_links",
            "--root",
            "root",
        ])
        .expect(1)
        .says("[possible values: json, jsonpretty, yaml]");
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let sandbox = world();
    let call = "cplinks call list_integration_links user=alice --root root";
    sandbox
        .shell(&format!("{call} > /dev/full"))
        .expect(1)
        .says("standard output cannot be written");
    // A reader that has seen enough is no failure.
    sandbox.shell(&format!("{call} | true")).expect(0);
}

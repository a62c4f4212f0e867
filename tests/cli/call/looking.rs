//! What is there, answered as it lies there.

use super::{FILES, call, done, links, reason, world};
use serde_json::{Value, json};

#[test]
fn what_is_read_is_what_lies_there_and_never_a_token() {
    let sandbox = world();
    let config = r#"{"zz":1.10,"label":"Größe \u001b ::x","order":007e1,"hide":"0","token":"canary-x","user":"bob","m":{"a":[1e3,null]}}"#
        .replace("007e1", "7e1");
    sandbox
        .write(FILES[0], &config)
        .write(FILES[1], r#"{"token":"canary-y"}"#);
    let before = sandbox.fingerprint();
    let parameters = ["user=alice", "app=ACME_billing"];
    let outcome = call(&sandbox, "get_integration_link_user_config", &parameters).expect(0);
    assert!(
        outcome.stdout.contains(r#""zz":1.10"#),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains(r#""order":7e1"#),
        "{}",
        outcome.stdout
    );
    let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let mut expect: Value = serde_json::from_str(&config).unwrap();
    expect.as_object_mut().unwrap().remove("token");
    expect["app"] = json!("ACME_billing");
    assert_eq!(answer["data"]["userconfig"], expect);
    for form in ["json", "jsonpretty", "yaml"] {
        let fixed = ["call", "get_integration_link_user_config", "--root", "root"];
        let form = format!("--output={form}");
        sandbox
            .run(&[&fixed, &parameters[..], &[&form]].concat())
            .expect(0)
            .is_silent_about("canary")
            .is_silent_about("\u{1b}");
    }
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn what_is_not_there_or_cannot_be_read_is_told() {
    let sandbox = world();
    let get = |app: &str| {
        let parameters = ["user=alice", app];
        reason(call(
            &sandbox,
            "get_integration_link_user_config",
            &parameters,
        ))
    };
    assert_eq!(get("app=Shop"), "there is no link alice/Shop");
    assert_eq!(get("app=group_shop"), "there is no group alice/group:shop");
    sandbox.write("root/links/alice/Shop.userconfig", "[1]");
    assert_eq!(
        get("app=Shop"),
        "alice/Shop: its userconfig is not a JSON object"
    );
    sandbox.folder("root/links/alice/Dir.userconfig");
    assert_eq!(get("app=Dir"), "alice/Dir: its userconfig is a directory");
    // The panel lists a link by the name of that file alone.
    let listed = json!({ "links": [{ "app": "Dir" }, { "app": "Shop" }] });
    assert_eq!(links(&sandbox), listed);
    sandbox.write("root/links/bob", "no folder");
    for function in ["list_integration_links", "list_integration_groups"] {
        assert_eq!(
            reason(call(&sandbox, function, &["user=bob"])),
            "bob: the user's folder in `links` is a regular file"
        );
    }
    let parameters = ["user=bob", "app=ACME_billing"];
    reason(call(&sandbox, "remove_integration_link", &parameters));
    let answer = done(call(
        &sandbox,
        "list_integration_links",
        &["user=nobodyhere"],
    ));
    assert_eq!(answer["data"], json!({ "links": [] }));
}

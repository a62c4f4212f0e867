//! `cplinks call`: the functions of WHM API 1 on the local root. Here: what
//! each function does and answers.

mod beside;
mod documented;
mod forms;
mod given;
mod groups;
mod host;
mod library;
mod looking;
mod parameters;
mod record;
mod tokens;
mod undone;

use crate::support::{Outcome, Sandbox};
use serde_json::{Value, json};

/// A token that only its file may hold.
const TOKEN: &str = "canary-7f3a91";

/// What most calls of `create_integration_link` begin with; the token lies in
/// the file `token`.
const LINK: [&str; 6] = [
    "user=alice",
    "app=ACME_billing",
    "implements=billing",
    "label=Billing",
    "subscriber_unique_id=1",
    "token=@token",
];
const URL: &str = "url=https://a.example/";
const LOGIN: &str = "autologin_token_url=https://sso.example/login";
const FILES: [&str; 3] = [
    "root/links/alice/ACME_billing.userconfig",
    "root/links/alice/ACME_billing.adminconfig",
    "root/dynamicui/alice/dynamicui_ACME_billing.conf",
];

/// An empty root, and the file of a token beside it.
fn world() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("token", format!("{TOKEN}\n"));
    sandbox
}

fn call(sandbox: &Sandbox, function: &str, parameters: &[&str]) -> Outcome {
    let fixed = ["call", "--root", "root", "--output=json", function];
    sandbox.run(&[&fixed, parameters].concat())
}

/// Makes the link of [`LINK`] with automatic log-in, or rewrites it.
#[track_caller]
fn create(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let parameters = [&LINK[..], &[URL, LOGIN], more].concat();
    call(sandbox, "create_integration_link", &parameters).expect(0)
}

/// What an answer says, when it says that it went well.
#[track_caller]
fn done(outcome: Outcome) -> Value {
    let outcome = outcome.expect(0);
    let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let metadata = &answer["metadata"];
    assert_eq!(
        (&metadata["result"], &metadata["reason"]),
        (&json!(1), &json!("OK"))
    );
    answer
}

/// Why a call was refused.
#[track_caller]
fn reason(outcome: Outcome) -> String {
    let outcome = outcome.expect(1);
    let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(answer["metadata"]["result"], json!(0), "{answer}");
    assert!(answer.get("data").is_none(), "{answer}");
    answer["metadata"]["reason"].as_str().unwrap().to_owned()
}

fn fields(sandbox: &Sandbox, file: &str) -> Value {
    serde_json::from_str(&sandbox.read(file)).unwrap()
}

fn get(sandbox: &Sandbox, app: &str) -> Value {
    let app = format!("app={app}");
    let parameters = ["user=alice", &app];
    let answer = done(call(
        sandbox,
        "get_integration_link_user_config",
        &parameters,
    ));
    answer["data"]["userconfig"].clone()
}

fn links(sandbox: &Sandbox) -> Value {
    let answer = done(call(sandbox, "list_integration_links", &["user=alice"]));
    answer["data"].clone()
}

fn groups(sandbox: &Sandbox) -> Value {
    let answer = done(call(sandbox, "list_integration_groups", &["user=alice"]));
    answer["data"].clone()
}

#[test]
fn a_link_is_made_and_shows() {
    let sandbox = world();
    let answer = done(create(&sandbox, &["group_id=software", "order=7"]));
    let metadata = json!({
        "command": "create_integration_link", "reason": "OK", "result": 1, "version": 1,
    });
    assert_eq!(answer, json!({ "metadata": metadata }));
    let config = json!({
        "app": "ACME_billing",
        "autologin_token_url": "https://sso.example/login",
        "group_id": "software",
        "implements": "billing",
        "label": "Billing",
        "order": "7",
        "subscriber_unique_id": "1",
        "url": "https://a.example/",
        "user": "alice",
    });
    assert_eq!(fields(&sandbox, FILES[0]), config);
    assert_eq!(fields(&sandbox, FILES[1]), json!({ "token": TOKEN }));
    let entry = &fields(&sandbox, FILES[2])[0];
    assert_eq!(
        (&entry["group"], &entry["itemorder"], &entry["description"]),
        (&json!("software"), &json!("7"), &json!("$LANG{'Billing'}"))
    );
    let names = sandbox.names("root");
    for file in FILES {
        let mode = if file.ends_with("adminconfig") {
            "0600"
        } else {
            "0644"
        };
        let name = file.strip_prefix("root/").unwrap();
        assert!(names.contains(&format!("{mode} {name}\n")), "{names}");
    }
    assert_eq!(get(&sandbox, "ACME_billing"), config);
    assert_eq!(
        links(&sandbox),
        json!({ "links": [{ "app": "ACME_billing" }] })
    );
    // Once more, it is there already.
    let before = sandbox.fingerprint();
    done(create(&sandbox, &["group_id=software", "order=7"]));
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn a_link_that_is_there_is_replaced_whole() {
    let sandbox = world();
    sandbox.write("old", "canary-old");
    let others = LINK.iter().copied().filter(|p| !p.starts_with("token"));
    let first: Vec<&str> = others
        .chain(["token=@old", URL, "group_id=software", "order=7", "hide=1"])
        .collect();
    done(call(&sandbox, "create_integration_link", &first));
    assert_eq!(get(&sandbox, "ACME_billing")["hide"], json!("1"));
    assert_eq!(fields(&sandbox, FILES[2])[0]["if"], json!("0"));
    create(&sandbox, &[]);
    let config = json!({
        "app": "ACME_billing",
        "autologin_token_url": "https://sso.example/login",
        "implements": "billing",
        "label": "Billing",
        "subscriber_unique_id": "1",
        "url": "https://a.example/",
        "user": "alice",
    });
    assert_eq!(get(&sandbox, "ACME_billing"), config);
    assert_eq!(fields(&sandbox, FILES[1]), json!({ "token": TOKEN }));
    assert_eq!(fields(&sandbox, FILES[2])[0].get("if"), None);
}

#[test]
fn another_token_changes_its_file_alone() {
    let sandbox = world();
    create(&sandbox, &[]);
    let before = FILES.map(|file| sandbox.read(file));
    sandbox.write("other", "canary-2");
    let parameters = ["user=alice", "app=ACME_billing", "token=@other"];
    let answer = done(call(&sandbox, "update_integration_link_token", &parameters));
    assert_eq!(answer["data"], Value::Null);
    assert!(answer.as_object().unwrap().contains_key("data"));
    assert_eq!(fields(&sandbox, FILES[1]), json!({ "token": "canary-2" }));
    assert_eq!(sandbox.read(FILES[0]), before[0]);
    assert_eq!(sandbox.read(FILES[2]), before[2]);
    let before = sandbox.fingerprint();
    done(call(&sandbox, "update_integration_link_token", &parameters));
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn a_token_is_set_beside_whatever_else_is_wrong() {
    let sandbox = world();
    let (config, other) = (r#"{"label":"L","zz":1.10}"#, r#"{"token":null,"zz":1.10}"#);
    sandbox.write(FILES[0], config).write(FILES[1], other);
    sandbox.set_mode(FILES[0], 0o666).set_mode(FILES[1], 0o644);
    let parameters = ["user=alice", "app=ACME_billing", "token=@token"];
    done(call(&sandbox, "update_integration_link_token", &parameters));
    assert_eq!(sandbox.read(FILES[0]), config);
    assert!(!sandbox.path(FILES[2]).exists());
    let written = sandbox.read(FILES[1]);
    assert!(
        written.contains(TOKEN) && written.contains("\"zz\" : 1.10"),
        "{written}"
    );
    let names = sandbox.names("root");
    assert!(
        names.contains("0600 links/alice/ACME_billing.adminconfig\n"),
        "{names}"
    );
    assert!(
        names.contains("0666 links/alice/ACME_billing.userconfig\n"),
        "{names}"
    );
}

#[test]
fn a_link_that_shows_without_its_token_leaves_the_menu_for_a_moment() {
    let sandbox = world();
    create(&sandbox, &[]);
    let before = FILES.map(|file| sandbox.read(file));
    std::fs::remove_file(sandbox.path(FILES[1])).unwrap();
    let parameters = ["user=alice", "app=ACME_billing", "token=@token"];
    done(call(&sandbox, "update_integration_link_token", &parameters));
    assert_eq!(FILES.map(|file| sandbox.read(file)), before);
    let journal = sandbox.read("root/.cplinks/runs/000002/journal");
    assert!(journal.contains("{\"back\":\"menu\"}"), "{journal}");
}

#[test]
fn a_token_that_nobody_would_use_is_refused() {
    let sandbox = world();
    let set = |app: &str| {
        let parameters = ["user=alice", app, "token=@token"];
        reason(call(&sandbox, "update_integration_link_token", &parameters))
    };
    let none = "alice/Shop: there is no link that the token could be for";
    assert_eq!(set("app=Shop"), none);
    // Nor is one a link that has lost its fields.
    let old = r#"{"token":"old"}"#;
    sandbox.write("root/links/alice/Shop.adminconfig", old);
    assert_eq!(set("app=Shop"), none);
    sandbox.write("root/links/alice/Shop.userconfig", "{");
    assert_eq!(
        set("app=Shop"),
        "alice/Shop: its userconfig is not valid JSON (line 1, column 1), so nobody can say \
         where the token would go"
    );
    assert_eq!(sandbox.read("root/links/alice/Shop.adminconfig"), old);
    assert!(!sandbox.tree("root").contains(TOKEN));
}

#[test]
fn a_link_is_removed_and_removed_again() {
    let sandbox = world();
    create(&sandbox, &[]);
    let parameters = ["user=alice", "app=ACME_billing"];
    let answer = done(call(&sandbox, "remove_integration_link", &parameters));
    assert_eq!(answer["data"], Value::Null);
    for file in FILES {
        assert!(!sandbox.path(file).exists(), "{file}");
    }
    assert_eq!(links(&sandbox), json!({ "links": [] }));
    let before = sandbox.fingerprint();
    done(call(&sandbox, "remove_integration_link", &parameters));
    assert_eq!(sandbox.fingerprint(), before);
    // What is left of a link goes too, which the panel's list does not show.
    sandbox.write(FILES[1], "{}").write(FILES[2], "[]");
    assert_eq!(links(&sandbox), json!({ "links": [] }));
    done(call(&sandbox, "remove_integration_link", &parameters));
    assert!(!sandbox.path(FILES[1]).exists() && !sandbox.path(FILES[2]).exists());
}

#[test]
fn what_lies_in_the_place_of_a_file_stays() {
    let sandbox = world();
    sandbox.folder(FILES[1]);
    let before = sandbox.tree("root/links");
    let parameters = [&LINK[..], &[URL]].concat();
    assert_eq!(
        reason(call(&sandbox, "create_integration_link", &parameters)),
        "alice/ACME_billing: its adminconfig is a directory"
    );
    let parameters = ["user=alice", "app=ACME_billing"];
    reason(call(&sandbox, "remove_integration_link", &parameters));
    assert_eq!(sandbox.tree("root/links"), before);
}

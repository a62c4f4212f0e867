//! `cplinks call`: the functions of WHM API 1 on the local root. Here: what
//! each function does and answers.

mod documented;
mod forms;
mod host;
mod library;
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
fn a_group_is_made_rewritten_and_removed() {
    let sandbox = world();
    create(&sandbox, &["group_id=shop"]);
    let link = FILES.map(|file| sandbox.read(file));
    let group = |label: &str, order: &str| {
        let parameters = ["user=alice", "group_id=shop", label, order];
        done(call(&sandbox, "create_integration_group", &parameters))
    };
    assert!(group("label=Shop", "order=3").get("data").is_none());
    assert_eq!(groups(&sandbox), json!({ "links": [{ "group": "shop" }] }));
    assert_eq!(
        get(&sandbox, "group_shop"),
        json!({ "label": "Shop", "order": "3" })
    );
    let entry = "root/dynamicui/alice/dynamicui_group_shop.conf";
    assert_eq!(
        fields(&sandbox, entry)[0]["groupdesc"],
        json!("$LANG{'Shop'}")
    );
    group("label=Billing & Support", "order=1");
    let expect = json!({ "label": "Billing & Support", "order": "1" });
    assert_eq!(get(&sandbox, "group_shop"), expect);
    // It is no link, and links in it stay as they are.
    assert_eq!(
        links(&sandbox),
        json!({ "links": [{ "app": "ACME_billing" }] })
    );
    for _ in 0..2 {
        let parameters = ["user=alice", "group_id=shop"];
        let answer = done(call(&sandbox, "remove_integration_group", &parameters));
        assert_eq!(answer["data"], Value::Null);
        assert_eq!(groups(&sandbox), json!({ "links": [] }));
    }
    assert!(!sandbox.path(entry).exists());
    assert_eq!(FILES.map(|file| sandbox.read(file)), link);
    let history = sandbox.run(&["history", "--root", "root"]).expect(0).stdout;
    assert_eq!(
        history.matches("call remove_integration_group").count(),
        1,
        "{history}"
    );
}

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

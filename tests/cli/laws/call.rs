//! Laws of `call`: what is sent is what is there, what is removed is not, and
//! a manifest that names other links is told of nothing new.

use super::config;
use super::disk::files;
use super::generate::fields;
use super::world::{APPS, Fields, LOGIN, USERS};
use crate::support::Sandbox;
use cplinks::run::{Exit, World as Process, run};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::ffi::OsString;

/// Calls a function in this process, with a token on standard input.
#[track_caller]
fn call(sandbox: &Sandbox, function: &str, parameters: &[String]) -> Value {
    let root = sandbox.path("root").to_str().unwrap().to_owned();
    let fixed = [
        "cplinks",
        "call",
        "--output=json",
        "--root",
        &root,
        function,
    ];
    let arguments = fixed.into_iter().map(str::to_owned);
    let arguments = arguments
        .chain(parameters.iter().cloned())
        .map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(
        arguments,
        &mut Process {
            stdin: Box::new(&b"canary \"\\\xc3\xa9\n"[..]),
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            is_interactive: false,
            shows_progress: false,
            colored: (false, false),
            github: None,
        },
    );
    let said = String::from_utf8(out).unwrap();
    assert_eq!(exit, Exit::Done, "{function} {parameters:?}: {said}");
    // URLs are answered as they lie there, so only the token is looked for.
    for text in [&said, &String::from_utf8(err).unwrap()] {
        assert!(!text.contains("canary \\\""), "{text}");
    }
    serde_json::from_str(&said).unwrap()
}

/// The parameters of a link, and what is to be found of them.
fn parameters(user: &str, app: &str, fields: &Fields) -> (Vec<String>, Value) {
    let mut sent = vec![
        ("user", user.to_owned()),
        ("app", app.to_owned()),
        ("label", fields.label.clone()),
        ("implements", fields.implements.to_owned()),
        ("url", fields.url.clone()),
        (
            "subscriber_unique_id",
            fields.login.clone().unwrap_or_else(|| "1".to_owned()),
        ),
    ];
    if fields.login.is_some() {
        sent.push(("autologin_token_url", LOGIN.to_owned()));
    }
    if let Some(group) = fields.group {
        sent.push(("group_id", group.to_owned()));
    }
    if let Some(order) = fields.order {
        sent.push(("order", order.to_string()));
    }
    if fields.hide {
        sent.push(("hide", "1".to_owned()));
    }
    let found = sent
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)));
    let found = Value::Object(found.collect::<Map<_, _>>());
    let mut given: Vec<String> = sent
        .iter()
        // A value that begins with this is read, unless there are two.
        .map(|(key, value)| match value.strip_prefix('@') {
            Some(rest) => format!("{key}=@@{rest}"),
            None => format!("{key}={value}"),
        })
        .collect();
    given.push("token=@-".to_owned());
    (given, found)
}

/// A manifest of one link with the same fields.
fn manifest(user: &str, app: &str, sent: &Value) -> String {
    let mut fields = sent.clone();
    let fields = fields.as_object_mut().unwrap();
    fields.remove("user");
    fields.remove("app");
    if fields.remove("hide").is_some() {
        fields.insert("hide".to_owned(), json!(true));
    }
    fields.insert("token".to_owned(), json!({ "secret": "t" }));
    json!({ "version": 1, "users": { user: { "links": { app: fields } } } }).to_string()
}

fn named(user: &str, app: &str) -> [String; 2] {
    [format!("user={user}"), format!("app={app}")]
}

fn listed(sandbox: &Sandbox, user: &str) -> Vec<String> {
    let answer = call(sandbox, "list_integration_links", &named(user, "")[..1]);
    let links = answer["data"]["links"].as_array().unwrap().iter();
    links
        .map(|link| link["app"].as_str().unwrap().to_owned())
        .collect()
}

/// Each call that changes something is a run, with the disk waited for.
fn few() -> ProptestConfig {
    let config = config();
    ProptestConfig {
        cases: config.cases.div_ceil(3),
        ..config
    }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn what_is_sent_is_what_is_there(
        links in proptest::collection::vec(fields(), 3),
        again in fields(),
        pick in any::<prop::sample::Index>(),
    ) {
        let sandbox = Sandbox::with_root();
        let places = [(USERS[0], APPS[0]), (USERS[0], APPS[1]), (USERS[2], APPS[2])];
        let (create, get) = ("create_integration_link", "get_integration_link_user_config");
        for ((user, app), fields) in places.iter().zip(&links) {
            let (sent, found) = parameters(user, app, fields);
            call(&sandbox, create, &sent);
            let answer = call(&sandbox, get, &named(user, app));
            prop_assert_eq!(&answer["data"]["userconfig"], &found);
        }
        // A manifest of something else is told that they are foreign.
        sandbox.write("m.yaml", manifest("zed", "Z", &parameters("zed", "Z", &again).1));
        sandbox.write("s.yaml", "t: x\n");
        let plan = ["plan", "m.yaml", "--root", "root", "--secrets", "s.yaml", "--detailed-exitcode"];
        let outcome = sandbox.run(&plan);
        prop_assert_eq!(outcome.code, 2, "{}", outcome.shown());
        prop_assert!(outcome.stdout.contains("Plan: 1 to create\n"), "{}", outcome.stdout);

        // One of them is replaced, whole; no other is touched.
        let (user, app) = *pick.get(&places);
        let others = |sandbox: &Sandbox| -> Vec<String> {
            let others = places.iter().filter(|place| **place != (user, app));
            others
                .flat_map(|(user, app)| files(user, app))
                .map(|file| sandbox.read(&format!("root/{file}")))
                .collect()
        };
        let before = others(&sandbox);
        let (sent, found) = parameters(user, app, &again);
        call(&sandbox, create, &sent);
        let answer = call(&sandbox, get, &named(user, app));
        prop_assert_eq!(&answer["data"]["userconfig"], &found);
        prop_assert_eq!(others(&sandbox), before.clone());
        // Sent again it writes nothing.
        let once = sandbox.fingerprint();
        call(&sandbox, create, &sent);
        prop_assert_eq!(sandbox.fingerprint(), once);

        // And removed, it is not listed any more.
        let of_user = places.iter().filter(|place| place.0 == user);
        let mut apps: Vec<&str> = of_user.map(|place| place.1).collect();
        prop_assert_eq!(listed(&sandbox, user), apps.clone());
        call(&sandbox, "remove_integration_link", &named(user, app));
        apps.retain(|other| *other != app);
        prop_assert_eq!(listed(&sandbox, user), apps);
        prop_assert_eq!(others(&sandbox), before);
        let drift = sandbox.run(&["drift", "--root", "root"]);
        prop_assert_eq!(drift.code, 0, "{}", drift.shown());
    }

    #[test]
    fn a_call_writes_the_bytes_of_an_apply(first in fields(), second in fields()) {
        let (by_call, by_apply) = (Sandbox::with_root(), Sandbox::with_root());
        for fields in [first, second] {
            let (sent, found) = parameters("ann", "A_one", &fields);
            call(&by_call, "create_integration_link", &sent);
            by_apply.write("m.yaml", manifest("ann", "A_one", &found));
            by_apply.write("s.yaml", json!({ "t": "canary \"\\é" }).to_string());
            let apply = ["apply", "m.yaml", "--root", "root", "--secrets", "s.yaml", "--yes"];
            let outcome = by_apply.run(&[&apply[..], &["--allow-new-host", "1"]].concat());
            prop_assert_eq!(outcome.code, 0, "{}", outcome.shown());
            for file in files("ann", "A_one") {
                let file = format!("root/{file}");
                prop_assert_eq!(by_call.read(&file), by_apply.read(&file), "{}", file);
            }
        }
    }
}

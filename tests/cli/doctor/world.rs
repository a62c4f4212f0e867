//! A server on which nothing is wrong, written as the panel writes it: other
//! orders of keys, numbers as texts, and nothing of the product used.

use crate::support::{Outcome, Sandbox};
use base64::Engine as _;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The token on that server, which no output may hold.
pub(super) const TOKEN: &str = "canary-7f3a";
pub(super) const USERS: [&str; 2] = ["ann", "bob"];

/// The manifest that says what is on that server for `ann`.
pub(super) const MANIFEST: &str = r#"version: 1
groups:
  shop: { label: Acme & Co, order: 1 }
apps:
  Shop:
    label: Shop
    implements: billing
    subscriber_unique_id: "0417"
    url: https://shop.example/
    autologin_token_url: https://sso.example/in
    token: { secret: shop }
    group_id: shop
    order: 10
    icon: icon.png
  Help: { label: Help, implements: "", url: "https://help.example/", group_id: email }
  Docs: { label: Docs, implements: "", url: "https://docs.example/", hide: true }
users:
  ann: { links: { Shop: {}, Help: {}, Docs: {} } }
"#;

pub(crate) fn icon() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/icons/billing.png");
    base64::engine::general_purpose::STANDARD.encode(std::fs::read(path).unwrap())
}

pub(super) fn u(user: &str, app: &str) -> String {
    format!("root/links/{user}/{app}.userconfig")
}

pub(super) fn a(user: &str, app: &str) -> String {
    format!("root/links/{user}/{app}.adminconfig")
}

pub(super) fn d(user: &str, app: &str) -> String {
    format!("root/dynamicui/{user}/dynamicui_{app}.conf")
}

/// The entry that the panel makes of a link.
fn entry(app: &str, config: &Value) -> Value {
    let text = |key: &str, otherwise: &str| {
        let given = config[key].as_str().filter(|text| !text.is_empty());
        given.unwrap_or(otherwise).to_owned()
    };
    let label = format!("$LANG{{'{}'}}", text("label", app));
    let mut entry = json!({
        "width": "32", "height": "32", "type": "image", "subtype": "img", "imgtype": "icon",
        "file": app, "url": format!("integration/index.html?app={app}"), "target": "_blank",
        "itemdesc": label, "description": label, "group": text("group_id", "preferences"),
        "itemorder": text("order", "99999"), "implements": text("implements", app),
        "base64_png_image": text("base64_png_image", &icon()),
    });
    if config["hide"] == "1" {
        entry["if"] = json!("0");
    }
    json!([entry])
}

pub(super) fn put_link(sandbox: &Sandbox, user: &str, app: &str, config: &Value, token: &Value) {
    sandbox
        .write(&u(user, app), config.to_string())
        .write(&a(user, app), json!({ "token": token }).to_string())
        .write(&d(user, app), entry(app, config).to_string());
}

/// The server. `bob` has what `ann` has, and nobody touches it.
pub(super) fn healthy() -> Sandbox {
    let sandbox = Sandbox::with_root();
    for user in USERS {
        let shop = json!({
            "url": "https://shop.example/", "autologin_token_url": "https://sso.example/in",
            "label": "Shop", "implements": "billing", "subscriber_unique_id": "0417",
            "base64_png_image": icon(), "group_id": "shop", "order": "10",
        });
        put_link(&sandbox, user, "Shop", &shop, &json!(TOKEN));
        let help = json!({
            "url": "https://help.example/", "label": "Help", "implements": "", "group_id": "email",
        });
        put_link(&sandbox, user, "Help", &help, &Value::Null);
        let docs = json!({
            "url": "https://docs.example/", "label": "Docs", "implements": "", "hide": "1",
        });
        put_link(&sandbox, user, "Docs", &docs, &Value::Null);
        let label = "$LANG{'Acme & Co'}";
        let group = json!([{
            "type": "image", "subtype": "img", "imgtype": "icon", "file": "group_shop",
            "group": "shop", "groupdesc": label, "description": label, "grouporder": "1",
            "width": "48", "height": "48",
        }]);
        sandbox
            .write(
                &u(user, "group_shop"),
                r#"{"order":"1","label":"Acme & Co"}"#,
            )
            .write(&d(user, "group_shop"), group.to_string());
    }
    sandbox.set_mode("root", 0o751).set_server_modes("root");
    let icon = base64::engine::general_purpose::STANDARD
        .decode(icon())
        .unwrap();
    sandbox
        .write("MANIFEST", MANIFEST)
        .write("icon.png", icon)
        .write("secrets.yaml", format!("shop: {TOKEN}\n"));
    sandbox
}

/// Changes some keys of a file that is an object, or an array of one.
pub(super) fn edit(sandbox: &Sandbox, name: &str, changes: &Value) {
    let mut value: Value = serde_json::from_str(&sandbox.read(name)).unwrap();
    let object: &mut Map<String, Value> = match &mut value {
        Value::Array(array) => array[0].as_object_mut().unwrap(),
        other => other.as_object_mut().unwrap(),
    };
    for (key, value) in changes.as_object().unwrap() {
        object.insert(key.clone(), value.clone());
    }
    sandbox.write(name, value.to_string());
}

pub(super) fn doctor(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    sandbox.run(&[&["doctor", "--root", "root"], arguments].concat())
}

/// What doctor says, for programs; no output may hold a token.
pub(super) fn report(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let text = doctor(sandbox, arguments).is_silent_about(TOKEN).stdout;
    assert!(!text.contains('\u{1b}'), "{text}");
    let outcome = doctor(sandbox, &[&["--format", "json"], arguments].concat());
    let outcome = outcome.is_silent_about(TOKEN);
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.shown()))
}

/// The rule and path of each finding.
pub(super) fn found(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| format!("{} {}", text(&finding["rule"]), text(&finding["path"])))
        .collect()
}

/// The command of the finding with this rule and path.
pub(super) fn mend(report: &Value, of: &str) -> Option<String> {
    let findings = report["findings"].as_array().unwrap();
    let (rule, path) = of.split_once(' ').unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding["rule"] == rule && finding["path"] == path)
        .unwrap_or_else(|| panic!("no {of} in {report}"));
    finding["mend"].as_str().map(str::to_owned)
}

//! The documentation of the API: its examples are accepted, and answers have
//! the fields that it names.

use super::{TOKEN, call, world};
use crate::support::Sandbox;
use jsonschema::Validator;
use serde_json::{Value, json};

/// The example icon of `create_integration_link`, with the spaces in it that
/// its documentation has.
const ICON: &str = "iVBORw0KGgoAAAANSUhEUgAAAJgAAADYCAYAAA \
    AXmipNAAAACXBIWXMAAALVAAAC1QHAwm8lAAAAGXRFWHRTb2Z0d2FyZQB \
    3d3cuaW5rc2NhcGUub3Jnm+48GgAAAUNJREFUeJztziFKg2EABuD3+ydz \
    qGBwiGBZ385hstoMu4DNA8w7eIuBRUyWBYvJsC6CYWCwGGSy7bN6AOFn8 \
    DwneJI/6mTYreNBryYl8A9KktTxoJfu0W66y3mSw6Q8pD+/LJNsWv6x5Z \
    p6NbzJ/sF7uj/3Sf3OJqPUep6P0WnbObZfk1qu02zOks0spXylk+eUvOS \
    4v2g7x/bbSamPSecuqZ+p5TbN6inLvbcyma3azrH9Sr1IJyejQcq6yWL0 \
    WqbTddspAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \
    AANr0C5EmMYv5JZrpAAAAAElFTkSuQmCC";

/// The documented examples, but for the token.
const EXAMPLE: [&str; 9] = [
    "app=WHMCS_billing",
    "implements=billing",
    "label=WHMCS Billing",
    "subscriber_unique_id=1234",
    "token=@token",
    "user=username",
    "autologin_token_url=http://www.example.com/login.cgi",
    "order=999",
    "url=http://www.example.com",
];

fn metadata() -> Value {
    json!({
        "type": "object",
        "required": ["command", "reason", "result", "version"],
        "additionalProperties": false,
        "properties": {
            "command": { "type": "string" },
            "reason": { "type": "string" },
            "result": { "enum": [0, 1] },
            "version": { "const": 1 },
        },
    })
}

/// The documented answer of `create_integration_link`.
fn created() -> Validator {
    jsonschema::validator_for(&json!({
        "type": "object",
        "required": ["metadata"],
        "additionalProperties": false,
        "properties": { "metadata": metadata() },
    }))
    .unwrap()
}

/// The documented answer of `get_integration_link_user_config`; it has the
/// other parameters of a link beside those that are named.
fn config() -> Validator {
    let names = [
        "app",
        "autologin_token_url",
        "base64_png_image",
        "implements",
        "label",
        "subscriber_unique_id",
        "url",
        "user",
    ];
    let texts = names.map(|name| (name.to_owned(), json!({ "type": "string" })));
    jsonschema::validator_for(&json!({
        "type": "object",
        "required": ["data", "metadata"],
        "additionalProperties": false,
        "properties": {
            "data": {
                "type": "object",
                "required": ["userconfig"],
                "additionalProperties": false,
                "properties": {
                    "userconfig": {
                        "type": "object",
                        "required": names,
                        "properties": serde_json::Map::from_iter(texts),
                        "not": { "required": ["token"] },
                    },
                },
            },
            "metadata": metadata(),
        },
    }))
    .unwrap()
}

#[track_caller]
fn check(validator: &Validator, answer: &str) -> Value {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let problems: Vec<String> = validator
        .iter_errors(&answer)
        .map(|e| e.to_string())
        .collect();
    assert!(problems.is_empty(), "{problems:?} in {answer}");
    answer
}

fn with_example() -> Sandbox {
    let sandbox = world();
    let icon = format!("base64_png_image={ICON}");
    for more in [&["group_id=files", "hide=0"][..], &["hide=1"]] {
        let parameters = [&EXAMPLE[..], &[&icon], more].concat();
        let outcome = call(&sandbox, "create_integration_link", &parameters).expect(0);
        let answer = check(&created(), &outcome.stdout);
        assert_eq!(answer["metadata"]["result"], json!(1));
        assert_eq!(
            outcome.stderr,
            "warning: `autologin_token_url`: the token would be posted over plain http (use \
             https)\nwarning: `base64_png_image`: the icon is 152×216 pixels, menus show 48×48\n"
        );
    }
    sandbox
}

#[test]
fn the_documented_example_is_accepted_and_answered_as_documented() {
    assert!(ICON.contains(' '));
    let sandbox = with_example();
    let parameters = ["user=username", "app=WHMCS_billing"];
    let outcome = call(&sandbox, "get_integration_link_user_config", &parameters).expect(0);
    let answer = check(&config(), &outcome.stdout);
    let config = &answer["data"]["userconfig"];
    for parameter in EXAMPLE.iter().filter(|p| !p.starts_with("token")) {
        let (name, value) = parameter.split_once('=').unwrap();
        assert_eq!(config[name], json!(value));
    }
    // It is the same picture without the spaces.
    assert_eq!(config["base64_png_image"], json!(ICON.replace(' ', "")));
    assert_eq!(config["hide"], json!("1"));
    assert!(!outcome.stdout.contains(TOKEN));
}

#[test]
fn a_refusal_has_the_documented_form_too() {
    let sandbox = world();
    let outcome = call(&sandbox, "create_integration_link", &["user=username"]).expect(1);
    let answer = check(&created(), &outcome.stdout);
    assert_eq!(answer["metadata"]["result"], json!(0));
}

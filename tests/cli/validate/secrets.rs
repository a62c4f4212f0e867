//! A canary wherever a token can stand, in manifests and secrets files that are
//! wrong in some way: it is in no output.

use super::GOOD;
use crate::support::Sandbox;

/// Ways to write a token that go wrong around it; the canary stands where a
/// token would.
const LEAKY: &[&str] = &[
    "token: c4n4ry, lable: x",
    "tokn: c4n4ry",
    "tokn: \"c4n4ry, c4n4ry: x\"",
    "tokn: { x: c4n4ry, y: [c4n4ry] }",
    "tokn: [c4n4ry, c4n4ry]",
    "secrte: c4n4ry",
    "token: &a c4n4ry, lable: x",
    "token: &a \"c4n4ry, x: c4n4ry\", lable: x",
    "token: !!str \"c4n4ry, c4n4ry\", lable: x",
    "token: !x c4n4ry",
    "token: !x \"a, c4n4ry\"",
    "token: !!int c4n4ry",
    "token: !!null c4n4ry",
    "token: !!bool c4n4ry",
    "token: [c4n4ry], lable: x",
    "token: { c4n4ry }",
    "token: { c4n4ry: x }",
    "token: { secrte: c4n4ry }",
    "token: { x: { y: c4n4ry } }",
    "token: c4n4ry, token: c4n4ry",
    "token: \"c4n4ry\\u0007\"",
    "token: { secret: { v: c4n4ry } }",
    "token: { secret: c4n4ry, secret: c4n4ry }, lable: x",
    "token: { env: [c4n4ry] }, lable: x",
    "token: { file: \"c4n4ry\" }, lable: x",
    "url: \"https://u:c4n4ry@a.example/\"",
    "url: \"https://a.example/?token=c4n4ry x\"",
    "url: \"https://a.example/?code=c4n4ry\", lable: x",
    "autologin_token_url: \"https://c4n4ry@a.example/{{ x }}\"",
    "token: c4n4ry\n          c4n4ry, lable: x",
    "token: \"c4n4ry\n  c4n4ry\", lable: x",
    "token: 'c4n4ry''c4n4ry', lable: x",
    "tokn: !x c4n4ry",
    "tokn: &a c4n4ry, label: *b",
    "token: c4n4ry, label: *b",
    "token: c4n4ry, label: \"x",
    "token: \"c4n4ry",
    "token: 'c4n4ry",
    "token: c4n4ry: c4n4ry",
    "token: c4n4ry, label: [",
    "token c4n4ry: [",
    "tokn:c4n4ry: [",
    "toekn: c4n4ry, x: [",
    "\"token\":\"c4n4ry\", x: [",
    "token = c4n4ry, x: [",
    "token: @c4n4ry",
    "token: `c4n4ry`",
    "token: %c4n4ry",
    "token: c4n4ry\t\u{7}",
];

#[test]
fn no_token_of_a_manifest_is_shown_whatever_else_is_wrong_around_it() {
    for field in LEAKY {
        let flow = GOOD.replace("label: L", &format!("label: L, {field}"));
        let block = format!(
            "{}      B:\n        implements: \"\"\n        {}\n",
            GOOD,
            field.replace(", ", "\n        ")
        );
        let below = format!(
            "{}      B:\n        {}\n",
            GOOD,
            field.replacen(": ", ":\n          ", 1)
        );
        let folded = format!(
            "{}      B:\n        {}\n        x: [\n",
            GOOD,
            field.replacen(": ", ": >\n          ", 1)
        );
        for text in [flow, block, below, folded] {
            let sandbox = Sandbox::with_root();
            sandbox.write("m.yaml", &text);
            let outcome = sandbox.run(&["plan", "m.yaml", "--root", "root", "--strict"]);
            assert!(
                !outcome.shown().contains("c4n4ry"),
                "{text}\n{}",
                outcome.shown()
            );
            assert_eq!(outcome.code, 1, "{text}\n{}", outcome.shown());
        }
    }
}

#[test]
fn no_token_is_shown_that_stands_where_a_link_or_variable_should() {
    let vars =
        |text: &str| GOOD.replace("    links:", &format!("    vars: {{ {text} }}\n    links:"));
    for text in [
        format!("{GOOD}      B: token=c4n4ry\n"),
        format!("{GOOD}      B: \"a long text before c4n4ry\"\n"),
        vars("api_key: c4n4ry, 1: x"),
        vars("1: x, my_pwd: c4n4ry"),
        vars("auth: [c4n4ry]"),
        format!("{GOOD}      B:\n        token:\n      c4n4ry:\n"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("m.yaml", &text);
        sandbox
            .run(&["validate", "m.yaml"])
            .expect(1)
            .is_silent_about("c4n4ry");
    }
}

#[test]
fn no_secret_of_a_secrets_file_is_shown_whatever_is_wrong_with_it() {
    let manifest = GOOD.replace("label: L", "label: L, autologin_token_url: \"https://a.example/\", subscriber_unique_id: x, token: { secret: t }");
    for secrets in [
        "t: c4n4ry\n",
        "t: [c4n4ry]\n",
        "t: { c4n4ry: x }\n",
        "c4n4ry\n",
        "- c4n4ry\n",
        "t: c4n4ry: x\n",
        "t: \"c4n4ry\n",
        "t: !!int c4n4ry\n",
        "t: c4n4ry\nt: c4n4ry\n",
        "t: \"c4n4ry\\u0007\"\n",
        "{\"t\": \"c4n4ry\",}x\n",
        "t: *c4n4ry\n",
        "t: c4n4ry\n---\nt: c4n4ry\n",
        "t: !x c4n4ry\n",
        "t: c4n4ry\nu: null\n",
    ] {
        let mut sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", &manifest);
        sandbox.write("secrets.yaml", secrets);
        for command in [&["plan"][..], &["apply", "--yes"][..]] {
            let arguments = [
                command,
                &["m.yaml", "--root", "root", "--secrets", "secrets.yaml"],
            ]
            .concat();
            let outcome = sandbox.run(&arguments);
            assert!(
                !outcome.shown().contains("c4n4ry"),
                "{secrets}\n{}",
                outcome.shown()
            );
        }
        // The secrets themselves where the name of their file should be.
        sandbox.env("CPLINKS_SECRETS", secrets);
        let outcome = sandbox.run(&["plan", "m.yaml", "--root", "root"]);
        assert!(
            !outcome.shown().contains("c4n4ry") || !secrets.contains(": "),
            "{secrets}\n{}",
            outcome.shown()
        );
    }
}

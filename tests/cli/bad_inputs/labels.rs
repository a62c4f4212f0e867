//! Labels: what customers see, in HTML, in the panel's own localisation syntax
//! and in whatever terminal a plan is read in.

use super::{Refused, Row, Warned, check, has_raw_control, link, row, userconfig};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = markup();
    rows.extend(unseen());
    rows
}

fn markup() -> Vec<Row> {
    let label = |text: &str| link("label", text);
    vec![
        row(
            "V1",
            label("\"O'Brien\""),
            Refused("label"),
            label("O’Brien"),
        ),
        row(
            "V2",
            label("\"{{7*7}}\""),
            Refused("template"),
            label("\"{{ user }}\""),
        ),
        row(
            "V2",
            label("\"[% INCLUDE %]\""),
            Warned("label-markup"),
            label("\"(% INCLUDE %)\""),
        ),
        row(
            "V2x",
            label("\"{{ user\""),
            Refused("template"),
            label("\"{ user\""),
        ),
        row(
            "V2x",
            label("\"{{ env.HOME }}\""),
            Refused("template"),
            label("\"{{ app }}\""),
        ),
        row(
            "V2x",
            label("\"{{ user | sh }}\""),
            Refused("template"),
            label("\"{{ user | urlencode }}\""),
        ),
        row(
            "V2x",
            label("\"{{ vars.x }}\""),
            Refused("undefined"),
            label("\"{{user}}\""),
        ),
        row(
            "V3",
            label("<script>alert(1)</script>"),
            Refused("label"),
            label("script & alert(1)"),
        ),
        row(
            "V3",
            label("<img src=x onerror=...>"),
            Refused("label"),
            label("img src=x"),
        ),
    ]
}

fn unseen() -> Vec<Row> {
    let label = |text: &str| link("label", text);
    let of_length = |length: usize| label(&"ä".repeat(length));
    vec![
        row(
            "V4",
            label(r#""\e[31mx""#),
            Refused("label"),
            label(r#""[31mx""#),
        ),
        row(
            "V4",
            label(r#""x\a""#),
            Refused("label"),
            label(r#""x\x61""#),
        ),
        row("V4", label(r#""\x9bx""#), Refused("label"), label("ÿx")),
        row(
            "V4",
            label(r#""\e]52;c;eA==\ax""#),
            Refused("label"),
            label("52;c;eA=="),
        ),
        row(
            "V4",
            label(r#""\e]8;;https://a.example\e\\x""#),
            Refused("label"),
            label("8;;x"),
        ),
        row("V4x", label("\x1b[31mx"), Refused("yaml"), label("31mx")),
        row("V4x", label("\u{202e}x"), Refused("label"), label("עברית")),
        row("V4x", label("a\u{200b}b"), Refused("label"), label("a b")),
        row(
            "V4x",
            label("\"a\u{2028}b\""),
            Refused("label"),
            label("\"a\n          b\""),
        ),
        row("V6", label("\"\""), Refused("label"), label("x")),
        row("V6", label("\"  \""), Refused("label"), label("\" x \"")),
        row("V6", of_length(129), Refused("label"), of_length(128)),
        row("V6", of_length(30_000), Refused("label"), of_length(1)),
        row("V6", of_length(100_000), Refused("text"), of_length(1)),
        row("V6x", label("\u{2800}"), Refused("label"), label("⠿")),
        row("V6x", label("\u{3164}"), Refused("label"), label("한")),
        row("V6", label(r#""a\nb""#), Refused("label"), label("\"a b\"")),
        row("V6", label(r#""a\tb""#), Refused("label"), label("a b")),
        row(
            "V6x",
            label("|\n          a\n          b"),
            Refused("label"),
            label(">-\n          a\n          b"),
        ),
        row("V6x", label("null"), Refused("required"), label("\"null\"")),
        row("V6x", label(""), Refused("required"), label("no")),
        row("V6x", label("[a]"), Refused("wrong-type"), label("a")),
        row(
            "V6x",
            label("{ a: b }"),
            Refused("wrong-type"),
            label("a:b"),
        ),
        row(
            "V6x",
            label("!include x"),
            Refused("wrong-type"),
            label("\"!include x\""),
        ),
        row("V6x", label("!!int x"), Refused("yaml"), label("!!str 12")),
    ]
}

#[test]
fn labels_that_could_harm_a_reader_are_refused() {
    check(&rows());
}

#[test]
fn odd_labels_are_carried_to_the_letter() {
    let labels = [
        "\"",
        "\\",
        "a\\\"b",
        "$(id)",
        "`id`",
        "%n %s",
        "&amp;",
        "::error::x",
        "a # b",
        "Größe 日本",
        "-",
        "|",
        "0",
    ];
    for label in labels {
        let sandbox = Sandbox::with_root();
        let yaml = serde_json::to_string(label).unwrap();
        sandbox.write("m.yaml", link("label", &yaml));
        let arguments = ["m.yaml", "--root", "root"];
        let plan = sandbox.run(&[&["plan"], &arguments[..]].concat()).expect(0);
        assert!(!has_raw_control(&plan), "{}", plan.shown());
        let is_command = |line: &str| line.trim_start().starts_with("::");
        assert!(!plan.shown().lines().any(is_command), "{}", plan.shown());
        sandbox
            .run(&[&["apply", "--yes"], &arguments[..]].concat())
            .expect(0);
        assert_eq!(userconfig(&sandbox)["label"], label);
        let menu = sandbox.read("root/dynamicui/alice/dynamicui_A.conf");
        let menu: serde_json::Value = serde_json::from_str(&menu).unwrap();
        // A label of `0` counts as none: the panel shows the app's name.
        let shown = if label == "0" { "A" } else { label };
        assert_eq!(menu[0]["description"], format!("$LANG{{'{shown}'}}"));
    }
}

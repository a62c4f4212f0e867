//! Values that only look like numbers, switches or ids, and those that are.

use super::{Refused, Row, Warned, before_users, check, link, row, userconfig};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let order = |text: &str| link("order", text);
    let hide = |text: &str| link("hide", text);
    let guard = |text: &str| before_users(&format!("settings: {{ guards: {{ hide: {text} }} }}"));
    let huge = "9".repeat(400);
    let orders = [
        "1:30",
        "017",
        "0o17",
        "NaN",
        ".inf",
        "9223372036854775808",
        "1.5",
        "+1",
        "1_0",
        "٣",
        "-0",
        "1e2",
        "0x1F",
        "100000",
        &huge,
        "\"\"",
        "\" 1\"",
    ];
    let hides = [
        "yes", "on", "no", "off", "Y", "\"true\"", "2", "1.0", "-1", "[]",
    ];
    let mut rows: Vec<Row> = orders
        .into_iter()
        .map(|text| row("V13", order(text), Refused("order"), order("99999")))
        .collect();
    rows.extend(hides.map(|text| row("V14", hide(text), Refused("wrong-type"), hide("true"))));
    rows.extend([
        row("V13x", order("0"), Warned("order-zero"), order("-1")),
        row("V14x", hide("1.5"), Refused("wrong-type"), hide("0")),
        row("V14x", hide("!x true"), Refused("wrong-type"), hide("1")),
        row("V13x", guard("101%"), Refused("guard"), guard("0%")),
        row("V13x", guard("0.5%"), Refused("guard"), guard("5 %")),
        row("V13x", guard("60%"), Warned("guard-loose"), guard("30%")),
    ]);
    rows
}

#[test]
fn what_is_no_plain_number_or_switch_is_refused() {
    check(&rows());
}

#[test]
fn ids_that_look_like_numbers_keep_their_spelling() {
    let digits = "123456789012345678901234567890";
    for id in [
        "0123",
        "1_000",
        "1e3",
        "0x1F",
        digits,
        "1.10",
        "no",
        "2026-11-21",
    ] {
        let sandbox = Sandbox::with_root();
        let arguments = ["apply", "m.yaml", "--root", "root", "--yes"];
        sandbox.write("m.yaml", link("subscriber_unique_id", "before"));
        sandbox.run(&arguments).expect(0);
        sandbox.write("m.yaml", link("subscriber_unique_id", id));
        sandbox
            .run(&arguments)
            .expect(0)
            .says(&format!("\"before\" → \"{id}\""));
        assert_eq!(userconfig(&sandbox)["subscriber_unique_id"], id);
        sandbox.run(&arguments).expect(0).says("no changes");
    }
}

#[test]
fn a_switch_that_is_none_is_met_with_what_to_write() {
    for text in ["yes", "on", "no", "off", "Y", "\"true\"", "\"1\"", "TRUE!"] {
        let sandbox = Sandbox::new();
        sandbox.write("m.yaml", link("hide", text));
        sandbox
            .run(&["validate", "m.yaml"])
            .expect(1)
            .says("write true or false");
    }
}

//! Keys, and the words and lists behind them: nothing that is misspelt is
//! passed over.

use super::{Refused, Row, Warned, app, before_users, check, link, row};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = in_links();
    rows.extend(elsewhere());
    rows
}

fn in_links() -> Vec<Row> {
    vec![
        row(
            "V15",
            link("lable", "L"),
            Refused("unknown-key"),
            link("label", "L"),
        ),
        row(
            "V15x",
            link("Label", "L"),
            Refused("unknown-key"),
            link("order", "1"),
        ),
        row(
            "V15x",
            link("\"la\\u0000bel\"", "L"),
            Refused("unknown-key"),
            link("\"or\\x64er\"", "1"),
        ),
        row(
            "V15x",
            link("group_id", "softwear"),
            Warned("unknown-group"),
            link("group_id", "software"),
        ),
        row(
            "V15x",
            link("group_id", "a b"),
            Refused("name"),
            link("group_id", "pref"),
        ),
        row(
            "V15x",
            link("implements", "a/b"),
            Refused("name"),
            link("implements", "billing"),
        ),
    ]
}

fn elsewhere() -> Vec<Row> {
    let settings = |text: &str| before_users(&format!("settings: {{ {text} }}"));
    let group = |text: &str| before_users(&format!("groups: {{ g: {{ {text} }} }}"));
    vec![
        row(
            "V15x",
            settings("unlisted: hide"),
            Refused("unlisted"),
            settings("unlisted: hide-all"),
        ),
        row(
            "V15x",
            settings("unlisted: ~"),
            Refused("wrong-type"),
            settings("unlisted: keep"),
        ),
        row(
            "V15x",
            settings("manage: [\"[\"]"),
            Refused("glob"),
            settings("manage: [\"[A]\"]"),
        ),
        row(
            "V15x",
            settings("manage: [~]"),
            Refused("wrong-type"),
            settings("manage: [A]"),
        ),
        row(
            "V15x",
            settings("manage: A"),
            Refused("wrong-type"),
            settings("manage: [\"*\"]"),
        ),
        row(
            "V15x",
            settings("ignore: [A]"),
            Refused("unmanaged-app"),
            settings("ignore: [B]"),
        ),
        row(
            "V15x",
            settings("autologin_hosts: [\"https://a.example\"]"),
            Refused("host"),
            settings("autologin_hosts: [a.example]"),
        ),
        row(
            "V15x",
            group("label: ~"),
            Refused("wrong-type"),
            group("label: \"~1\"").replace('~', ""),
        ),
        row(
            "V15x",
            group("order: 0, label: G"),
            Refused("order"),
            group("order: 1, label: G"),
        ),
        row(
            "V15x",
            group("order: 1"),
            Refused("required"),
            group("label: G"),
        ),
        row(
            "V15x",
            app("A").replace("    links", "    vars: { a: ~ }\n    links"),
            Refused("wrong-type"),
            app("A").replace("    links", "    vars: { a: \"\" }\n    links"),
        ),
        row(
            "V15x",
            app("A").replace("    links", "    vars: { a b: c }\n    links"),
            Refused("name"),
            app("A").replace("    links", "    vars: { a_b: c }\n    links"),
        ),
        row(
            "V15x",
            format!("{}apps: {{ B: absent }}\n", app("A")),
            Refused("wrong-type"),
            format!("{}      B: absent\n", app("A")),
        ),
        row(
            "V15x",
            format!("{}      B: Absent\n", app("A")),
            Refused("wrong-type"),
            format!("{}      B: \"absent\"\n", app("A")),
        ),
    ]
}

#[test]
fn what_no_manifest_knows_is_refused() {
    check(&rows());
}

#[test]
fn a_misspelt_field_gets_the_right_one() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", link("lable", "L"));
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("did you mean `label`?");
    sandbox.write("m.yaml", link("hide", "yes"));
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("write true or false");
}

//! Documents: what is no manifest at all, or more than one.

use super::{PLAIN, Refused, Row, app, before_users, check, row, user};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = empty();
    rows.extend(repeated());
    rows.extend(yaml());
    rows
}

fn empty() -> Vec<Row> {
    let good = || app("A");
    let users = |text: &str| format!("version: 1\nusers:\n  alice:{text}\n");
    let some = |text: &str| format!("{}  bob:{text}\n", app("A"));
    vec![
        row("Y1", "", Refused("wrong-type"), good()),
        row(
            "Y1",
            "# only a comment\n",
            Refused("wrong-type"),
            format!("# one\n{}", good()),
        ),
        row("Y1", "null\n", Refused("wrong-type"), good()),
        row("Y1", "{}\n", Refused("version"), good()),
        row(
            "Y1",
            "---\n",
            Refused("wrong-type"),
            format!("---\n{}", good()),
        ),
        row("Y1", "version: 1\n", Refused("empty-manifest"), good()),
        row(
            "Y1",
            "version: 1\nusers:\n",
            Refused("empty-manifest"),
            good(),
        ),
        row(
            "Y1",
            "version: 1\nusers: {}\n",
            Refused("empty-manifest"),
            good(),
        ),
        row(
            "Y1",
            users(""),
            Refused("wrong-type"),
            some(" { links: {} }"),
        ),
        row(
            "Y1",
            users(" {}"),
            Refused("required"),
            some(" { links: { B: absent } }"),
        ),
        row(
            "Y1",
            users("\n    links:"),
            Refused("wrong-type"),
            some("\n    links: {}"),
        ),
        row(
            "Y1",
            users(" { links: {} }"),
            Refused("empty-manifest"),
            some(" { links: {} }"),
        ),
        row(
            "Y1x",
            app("A").replace(PLAIN, ""),
            Refused("wrong-type"),
            app("A"),
        ),
        row("Y1x", "[]\n", Refused("wrong-type"), good()),
        row("Y1x", "a text\n", Refused("wrong-type"), good()),
        row(
            "Y1x",
            good().replace("version: 1\n", ""),
            Refused("version"),
            good(),
        ),
        row(
            "Y1x",
            good().replace("version: 1", "version: 2"),
            Refused("version"),
            good(),
        ),
        row(
            "Y1x",
            good().replace("version: 1", "version: 1.0"),
            Refused("version"),
            good().replace("version: 1", "version: \"1\""),
        ),
        row(
            "Y1x",
            good().replace("version: 1", "version: 01"),
            Refused("version"),
            good().replace("version: 1", "version: '1'"),
        ),
        row(
            "Y1x",
            good().replace("version: 1", "version:"),
            Refused("wrong-type"),
            good().replace("version: 1", "version:   1"),
        ),
    ]
}

fn repeated() -> Vec<Row> {
    let field = |text: &str| app("A").replace("label: L", text);
    vec![
        row(
            "Y2",
            format!("{}  alice: {{ links: {{}} }}\n", app("A")),
            Refused("duplicate-key"),
            format!("{}  alicf: {{ links: {{}} }}\n", app("A")),
        ),
        row(
            "Y2",
            format!("{}      A: {PLAIN}\n", app("A")),
            Refused("duplicate-key"),
            format!("{}      B: {PLAIN}\n", app("A")),
        ),
        row(
            "Y2",
            field("label: L, label: L"),
            Refused("duplicate-key"),
            field("label: L, order: 1"),
        ),
        row(
            "Y2x",
            field("label: L, lable: L, lable: M"),
            Refused("duplicate-key"),
            field("label: L"),
        ),
        row(
            "Y2x",
            format!("{}version: 1\n", app("A")),
            Refused("duplicate-key"),
            app("A"),
        ),
        row(
            "Y2x",
            before_users("x: &x { a: 1 }\ny: { <<: *x }"),
            Refused("unknown-key"),
            app("A"),
        ),
        row(
            "Y2x",
            before_users("defaults: { <<: { order: 1 } }"),
            Refused("merge-key"),
            before_users("defaults: { order: 1 }"),
        ),
        row("Y2x", app("<<"), Refused("merge-key"), app("A")),
    ]
}

fn yaml() -> Vec<Row> {
    let field = |text: &str| app("A").replace("label: L", text);
    vec![
        row(
            "Y2x",
            format!("{}---\n{}", app("A"), app("B")),
            Refused("yaml"),
            format!("---\n{}...\n", app("A")),
        ),
        row(
            "Y2x",
            format!("{}...\nx: 1\n", app("A")),
            Refused("yaml"),
            format!("{}...\n# the end\n", app("A")),
        ),
        row(
            "Y2x",
            format!("%YAML 3.0\n---\n{}", app("A")),
            Refused("yaml"),
            format!("%YAML 1.2\n---\n{}", app("A")),
        ),
        row(
            "Y2x",
            user("\talice"),
            Refused("yaml"),
            user("alice\t").replace('\t', " "),
        ),
        row("Y2x", format!("{}\0", app("A")), Refused("yaml"), app("A")),
        row(
            "Y2x",
            field("label: *undefined"),
            Refused("yaml"),
            field("label: &l L, implements: *l").replace("implements: \"\", ", ""),
        ),
        row(
            "Y2x",
            field("label: !x!y z"),
            Refused("yaml"),
            field("label: ! L").replace("! ", ""),
        ),
        row(
            "Y2x",
            "version: 1\nusers: &u { alice: *u }\n",
            Refused("unknown-key"),
            app("A"),
        ),
        row(
            "Y2x",
            field("label: L").replace('}', ""),
            Refused("yaml"),
            app("A"),
        ),
    ]
}

#[test]
fn what_is_no_manifest_is_refused_and_never_means_hide_everything() {
    check(&rows());
}

#[test]
fn a_repeated_key_shows_both_lines() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", format!("{}      A: {PLAIN}\n", app("A")));
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("--> m.yaml:6:7")
        .says("5 |       A:");
}

#[test]
fn text_that_is_only_marked_otherwise_gives_the_same_plan() {
    let text = app("A");
    let plan_of = |bytes: Vec<u8>| {
        let sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", bytes);
        sandbox
            .run(&["plan", "m.yaml", "--root", "root"])
            .expect(0)
            .shown()
    };
    let plain = plan_of(text.clone().into());
    assert!(plain.contains("1 to create"), "{plain}");
    assert_eq!(plan_of([b"\xef\xbb\xbf", text.as_bytes()].concat()), plain);
    assert_eq!(plan_of(text.replace('\n', "\r\n").into()), plain);
    assert_eq!(plan_of(text.replace('\n', "\r").into()), plain);
}

#[test]
fn places_are_right_whatever_ends_a_line() {
    for (end, place) in [
        ("\r\n", "--> m.yaml:5:28"),
        ("\n", "--> m.yaml:5:28"),
        // Editors see one line, since nothing in it is a line feed.
        ("\r", "--> m.yaml:1:66"),
    ] {
        let sandbox = Sandbox::new();
        let text = app("A").replace("label", "lable").replace('\n', end);
        sandbox.write("m.yaml", text);
        sandbox.run(&["validate", "m.yaml"]).expect(1).says(place);
    }
    let sandbox = Sandbox::new();
    let text = app("A").replace("label: L", "label: \"é\u{85}😀\", ulr: x");
    sandbox.write("m.yaml", text);
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("error[unknown-key]: unknown key `ulr`\n --> m.yaml:5:42");
}

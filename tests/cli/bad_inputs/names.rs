//! Names that could leave their folder, fool a tool, or become another name
//! on the way through YAML.

use super::{PLAIN, Refused, Row, Warned, app, check, row, user};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let long = |length: usize| app(&"a".repeat(length));
    let twice =
        |a: &str, b: &str| app("A").replace("      A:", &format!("      {a}: {PLAIN}\n      {b}:"));
    vec![
        row(
            "N1",
            user("../../etc/cron.d/x"),
            Refused("name"),
            user("etc.cron.d-x"),
        ),
        row("N2", app("a/b"), Refused("name"), app("a-b")),
        row("N3", user("."), Refused("name"), user("a.")),
        row("N3", user(".."), Refused("name"), user("a..b")),
        row("N3x", app(".."), Refused("name"), app("_")),
        row("N3x", user(".hidden"), Refused("name"), user("hidden.")),
        row("N4", user("\"\""), Refused("name"), user("\"a\"")),
        row("N4", app("\"\""), Refused("name"), app("'a'")),
        row("N4x", app("~"), Refused("name"), app("null")),
        row("N4x", app("? "), Refused("yaml"), app("? A\n      ")),
        row("N6", app(r#""a\0b""#), Refused("name"), app(r#""a\x62""#)),
        row("N7", app(r#""a\nb""#), Refused("name"), app("\"ab\"")),
        row("N7", app(r#""a\r""#), Refused("name"), app("a ")),
        row("N7", app("\"a \""), Refused("name"), app("  a")),
        row("N7", app("\" a\""), Refused("name"), app("a_")),
        row("N7x", app(r#""a\L""#), Refused("name"), app("L")),
        row("N7x", user(r#""a\e[31m""#), Refused("name"), user("a31m")),
        row(
            "N7x",
            user(r#""a\u202Eb""#),
            Refused("name"),
            user("a202Eb"),
        ),
        row("N8", app("-rf"), Refused("name"), app("r-f")),
        row("N8", user("-x"), Refused("name"), user("x-")),
        row("N9", app("group_x"), Refused("name"), app("groupx")),
        row("N9", app("GROUP_x"), Refused("name"), app("xgroup_")),
        row("N11", user("root"), Refused("name"), user("rooted")),
        row("N11", user("Root"), Refused("name"), user("roots")),
        row("N11", user("nobody"), Refused("name"), user("somebody")),
        row("N11", user("cpanel"), Refused("name"), user("cpanels")),
        row(
            "N13",
            twice("Whmcs", "whmcs"),
            Warned("case"),
            twice("Whmcs", "Whmcs2"),
        ),
        row("N14", user("~"), Refused("name"), user("null")),
        row(
            "N16",
            twice("A", "\"A\""),
            Refused("duplicate-key"),
            twice("A", "\"a1\""),
        ),
        row(
            "N16",
            twice("A", "\"\\x41\""),
            Refused("duplicate-key"),
            twice("A", "\"\\x42\""),
        ),
        row("N2x", app("аpp"), Refused("name"), app("app")),
        row("N2x", app("a.b"), Refused("name"), app("a_b")),
        row("N2x", long(65), Refused("name"), long(64)),
        row("N2x", long(900), Refused("name"), long(1)),
        row(
            "N2x",
            user(&"u".repeat(201)),
            Refused("name"),
            user(&"u".repeat(200)),
        ),
        row("N2x", app("[a, b]"), Refused("yaml"), app("\"ab\"")),
        row(
            "N2x",
            app("? [a, b]\n      "),
            Refused("yaml"),
            app("? ab\n      "),
        ),
        row(
            "N2x",
            app("? {a: b}\n      "),
            Refused("yaml"),
            app("? \"ab\"\n      "),
        ),
        row(
            "N9x",
            format!("{}groups: {{ group_x: {{ label: G }} }}\n", app("A")),
            Refused("name"),
            format!("{}groups: {{ x: {{ label: G }} }}\n", app("A")),
        ),
    ]
}

#[test]
fn names_that_could_leave_their_folder_or_fool_a_tool_are_refused() {
    check(&rows());
}

#[test]
fn a_name_that_yaml_takes_for_something_else_keeps_its_spelling() {
    for name in [
        "0123",
        "1.0",
        "1e3",
        "no",
        "null",
        "true",
        "0x1F",
        "1_000",
        "2026-11-21",
    ] {
        let sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", user(name));
        sandbox
            .run(&["apply", "m.yaml", "--root", "root", "--yes"])
            .expect(0);
        let users: Vec<String> = std::fs::read_dir(sandbox.path("root/links"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(users, [name]);
    }
    for name in ["0123", "1e3", "no", "null", "true", "0x1F", "1_000"] {
        let sandbox = Sandbox::with_root();
        sandbox.write("m.yaml", app(name));
        sandbox
            .run(&["apply", "m.yaml", "--root", "root", "--yes"])
            .expect(0);
        let names = sandbox.names("root/links/alice");
        assert_eq!(
            names,
            format!("0600 {name}.adminconfig\n0644 {name}.userconfig\n")
        );
        let menu = sandbox.read(&format!("root/dynamicui/alice/dynamicui_{name}.conf"));
        assert!(menu.contains(&format!("\"file\" : \"{name}\"")), "{menu}");
    }
}

#[test]
fn the_reserved_prefix_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", app("Group_x"));
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("starts with `group_`, the prefix reserved for menu groups")
        .says("--> m.yaml:5:7");
}

#[test]
fn one_link_in_two_files_shows_both_places() {
    let sandbox = Sandbox::new();
    sandbox.write("all/a.yaml", app("A"));
    sandbox.write("all/b.yaml", format!("# later\n{}", app("\"A\"")));
    sandbox
        .run(&["validate", "all"])
        .expect(1)
        .says("error[given-twice]: `users.alice.links.A` is given twice")
        .says("--> all/b.yaml:6:7")
        .says("::: all/a.yaml:5:7");
}

#[test]
fn two_apps_that_differ_in_case_are_both_written() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", format!("{}      a: {PLAIN}\n", app("A")));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0)
        .says("warning[case]");
    for name in ["A", "a"] {
        assert!(
            sandbox
                .path(&format!("root/links/alice/{name}.userconfig"))
                .exists()
        );
    }
}

#[test]
fn a_long_name_is_cut_in_the_message() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", app(&"a".repeat(300)));
    let cut = format!("`{}…` is 300 bytes long", "a".repeat(64));
    sandbox.run(&["validate", "m.yaml"]).expect(1).says(&cut);
}

//! Tokens: the worst case is root that posts a secret to a stranger's URL.
//! Nothing that may be a token is in any output.

use super::{Refused, Row, Warned, autologin, check, row};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = references();
    rows.extend(literals());
    rows
}

fn references() -> Vec<Row> {
    let token = |text: &str| autologin("token", text);
    let file = |path: &str| token(&format!("{{ file: {path} }}"));
    let env = |name: &str| token(&format!("{{ env: {name} }}"));
    vec![
        row(
            "T1",
            file("/etc/shadow"),
            Refused("path"),
            file("secrets/a.token"),
        ),
        row("T1", file("../x"), Refused("path"), file("x..y")),
        row("T1", file("a/../../x"), Refused("path"), file("a/x")),
        row("T1x", file("./x"), Refused("path"), file(".x")),
        row("T1x", file("a//x"), Refused("path"), file("a/.x")),
        row(
            "T1x",
            file("$CREDENTIALS_DIRECTORY/../x"),
            Refused("path"),
            file("$CREDENTIALS_DIRECTORY/x"),
        ),
        row(
            "T1x",
            file("\"\""),
            Refused("path"),
            file("\"{{ user }}.token\""),
        ),
        row(
            "T1x",
            file("\"{{ vars.x }}\""),
            Refused("undefined"),
            file("\"{{ app }}\""),
        ),
        row(
            "T2",
            env("AWS_SECRET_ACCESS_KEY"),
            Refused("token-env"),
            env("CPLINKS_TOKEN"),
        ),
        row(
            "T2",
            env("CPLINKS_"),
            Refused("token-env"),
            env("CPLINKS_1"),
        ),
        row(
            "T2x",
            env("\"CPLINKS_A=B\""),
            Refused("token-env"),
            env("CPLINKS_A_B"),
        ),
        row(
            "T2x",
            env("\"{{ user }}\""),
            Refused("token-env"),
            env("CPLINKS_a"),
        ),
        row(
            "T3",
            token("{ exec: \"curl https://a.example\" }"),
            Refused("unknown-key"),
            token("{ secret: curl }"),
        ),
        row(
            "T3",
            token("exec:curl https://a.example"),
            Warned("token-literal"),
            token("keep"),
        ),
        row(
            "T3",
            token("$(id)"),
            Warned("token-literal"),
            token("{ secret: $(id) }"),
        ),
    ]
}

fn literals() -> Vec<Row> {
    let token = |text: &str| autologin("token", text);
    vec![
        row(
            "T4",
            token("c4n4ry"),
            Warned("token-literal"),
            token("{ secret: c4n4ry }"),
        ),
        row(
            "T4x",
            token("\"a\\nb\""),
            Refused("token"),
            token("{ secret: ab }"),
        ),
        row(
            "T4x",
            token("\"\""),
            Refused("token"),
            token("{ secret: x }"),
        ),
        row(
            "T4x",
            token("12345"),
            Refused("wrong-type"),
            token("{ secret: 12345 }"),
        ),
        row(
            "T4x",
            token("{ secret: a, env: CPLINKS_B }"),
            Refused("wrong-type"),
            token("{ secret: a }"),
        ),
        row(
            "T4x",
            token("{ secrt: a }"),
            Refused("unknown-key"),
            token("{ secret: a }"),
        ),
        row(
            "T4x",
            token("{}"),
            Refused("wrong-type"),
            token("{ file: a }"),
        ),
        row(
            "T4x",
            token("{ secret: ~ }"),
            Refused("wrong-type"),
            token("{ secret: \"~\" }"),
        ),
        row("T4x", token("null"), Refused("required"), token("keep")),
        row(
            "T4x",
            autologin("subscriber_unique_id", "null"),
            Refused("required"),
            autologin("subscriber_unique_id", "\"\""),
        ),
        row(
            "T4x",
            autologin("url", "null"),
            Warned("no-fallback"),
            autologin("url", "https://b.example/"),
        ),
        row(
            "T4x",
            two_hosts("b.example"),
            Refused("two-hosts"),
            two_hosts("a.example"),
        ),
    ]
}

/// Two links that share a token.
fn two_hosts(other: &str) -> String {
    let one = autologin("label", "L");
    let (_, link) = one.split_once("      A:\n").unwrap();
    let second = link.replace("https://a.example/sso", &format!("https://{other}/sso"));
    format!("{one}      B:\n{second}")
}

#[test]
fn tokens_come_from_where_they_may_and_from_nowhere_else() {
    check(&rows());
}

#[test]
fn a_token_file_that_links_out_of_the_folder_is_not_read() {
    let sandbox = Sandbox::with_root();
    sandbox.write("outside", "c4n4ry-outside\n");
    sandbox.write("m/m.yaml", autologin("token", "{ file: t }"));
    sandbox.shell("ln -s ../outside m/t");
    let arguments = ["apply", "m", "--root", "root", "--yes"];
    sandbox
        .run(&arguments)
        .expect(1)
        .says("leads out of its folder")
        .is_silent_about("c4n4ry");
    assert!(!sandbox.path("root/links/alice/A.adminconfig").exists());
    sandbox.shell("rm m/t; cp outside m/t");
    sandbox.run(&arguments).expect(0).is_silent_about("c4n4ry");
    assert!(
        sandbox
            .read("root/links/alice/A.adminconfig")
            .contains("c4n4ry-outside")
    );
}

#[test]
fn a_token_file_that_is_no_file_is_not_waited_for() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", autologin("token", "{ file: t }"));
    sandbox.shell("mkfifo t");
    sandbox
        .shell("timeout 5 cplinks apply m.yaml --root root --yes || echo $?")
        .says("is a FIFO")
        .says("1\n");
}

#[test]
fn without_secrets_tokens_are_not_compared() {
    let mut sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", autologin("token", "{ env: CPLINKS_T }"));
    let plan = ["plan", "m.yaml", "--root", "root", "--detailed-exitcode"];
    sandbox.env("CPLINKS_T", "c4n4ry");
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0)
        .is_silent_about("c4n4ry");
    sandbox.run(&plan).expect(0).is_silent_about("not compared");
    let bare = Sandbox::with_root();
    bare.write("m.yaml", autologin("token", "{ env: CPLINKS_T }"));
    let root = sandbox.path("root");
    let plan = [
        "plan",
        "m.yaml",
        "--root",
        root.to_str().unwrap(),
        "--detailed-exitcode",
    ];
    bare.run(&plan)
        .expect(0)
        .says("not compared")
        .is_silent_about("c4n4ry");
}

#[test]
fn a_token_that_is_part_of_other_text_hides_nothing_of_it() {
    for token in ["L", "Billing"] {
        let mut sandbox = Sandbox::with_root();
        let text = autologin("token", "{ env: CPLINKS_T }").replace("label: L", "label: Billing");
        sandbox.write("m.yaml", text);
        sandbox.env("CPLINKS_T", token);
        sandbox
            .run(&["apply", "m.yaml", "--root", "root", "--yes"])
            .expect(0)
            .says("Billing");
    }
}

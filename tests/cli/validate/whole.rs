//! All problems in one run: what is wrong at one place hides nothing at
//! another, and says nothing wrong about it.

use super::GOOD;
use crate::support::Sandbox;
use std::fmt::Write as _;

#[test]
fn what_stands_below_a_bad_name_is_checked_all_the_same() {
    let sandbox = Sandbox::new();
    let link = "{ implements: \"\", label: \"\", url: \"https://a.example/\" }";
    sandbox.write(
        "m.yaml",
        format!(
            "version: 1
groups:
  g-é: {{ label: \"\" }}
apps:
  A-é: {{ order: 017 }}
users:
  root:
    vars: {{ 1: x }}
    links:
      A: {link}
      B-é: {link}
"
        ),
    );
    let outcome = sandbox.run(&["validate", "m.yaml"]).expect(1);
    outcome
        .says("error[order]: the order `017`")
        .says("error[name]: `1` cannot name a variable")
        .says(" --> m.yaml:3:17")
        .says(" --> m.yaml:10:35")
        .says(" --> m.yaml:11:37")
        .is_silent_about("names no link");
}

#[test]
fn a_file_that_does_not_parse_hides_nothing_of_the_others() {
    let sandbox = Sandbox::new();
    sandbox.write("all/a.yaml", "version: 1\nusers: [\n");
    sandbox.write(
        "all/b.yaml",
        GOOD.replace("label: L", "label: \"\", group_id: declared"),
    );
    sandbox.write("all/c.yaml", GOOD.replace("label: L", "label: L, order: x"));
    sandbox
        .run(&["validate", "all"])
        .expect(1)
        .says("error[yaml]")
        .says("error[label]: the label is empty\n --> all/b.yaml:5:")
        .says("error[order]: the order `x` is not a plain integer from -99999 to 99999\n --> all/c.yaml:5:")
        .says("error[given-twice]")
        // The file that is broken may declare it.
        .is_silent_about("unknown-group");
}

#[test]
fn a_group_that_nothing_declares_is_one_warning() {
    let sandbox = Sandbox::new();
    let mut manifest = "version: 1\nusers:\n".to_owned();
    // So many that they are checked in several portions.
    for number in 0..600 {
        let group = if number == 300 { "another" } else { "acme" };
        let link = format!(
            "{{ label: L, implements: \"\", url: \"https://x.example/\", group_id: {group} }}"
        );
        writeln!(manifest, "  u{number:04}:\n    links: {{ A: {link} }}").unwrap();
    }
    sandbox.write("m.yaml", manifest);
    let outcome = sandbox.run(&["validate", "m.yaml"]).expect(0);
    let outcome = outcome
        .says(
            "the group `acme` is neither declared nor one of the panel's own (and 598 more times)",
        )
        .says(" --> m.yaml:4:")
        .says("the group `another` is neither declared nor one of the panel's own\n")
        .says("2 warnings");
    assert_eq!(outcome.stderr.matches("[unknown-group]").count(), 2);
}

#[test]
fn one_file_by_two_names_is_one_problem() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", GOOD);
    sandbox
        .run(&["validate", "m.yaml", "./m.yaml"])
        .expect(1)
        .says("m.yaml and ./m.yaml are the same file, given twice")
        .says("1 error\n");
    sandbox
        .run(&["validate", "m.yaml", "m.yaml"])
        .expect(1)
        .says("the file m.yaml is given twice");
    sandbox.shell("mkdir all; cp m.yaml all/; ln -s m.yaml all/n.yaml");
    sandbox
        .run(&["validate", "all"])
        .expect(1)
        .says("all/m.yaml and all/n.yaml are the same file");
}

#[test]
fn a_misspelt_word_is_met_with_the_right_one() {
    let sandbox = Sandbox::new();
    for word in ["absnt", "Absent"] {
        sandbox.write("m.yaml", format!("{GOOD}      B: {word}\n"));
        sandbox
            .run(&["validate", "m.yaml"])
            .expect(1)
            .says("did you mean `absent`?");
    }
    sandbox.write(
        "m.yaml",
        GOOD.replace("label: L", "label: L, token: { secrt: abc }"),
    );
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("unknown key in a token reference")
        .is_silent_about("another number");
}

#[test]
fn an_app_that_may_not_be_managed_is_one_problem_at_its_template() {
    let sandbox = Sandbox::new();
    let users = "  alice: { links: { A: {}, B: absent } }\n  bob: { links: { A: {} } }\n";
    sandbox.write(
        "m.yaml",
        format!(
            "version: 1\nsettings: {{ ignore: [A, B] }}\napps:\n  A: {{ implements: \"\", label: L, url: \"https://a.example/\" }}\nusers:\n{users}"
        ),
    );
    sandbox
        .run(&["validate", "m.yaml"])
        .expect(1)
        .says("--> m.yaml:4:3")
        .says("--> m.yaml:6:28")
        .says("2 errors\n");
}

#[test]
fn one_path_in_two_folders_is_two_tokens() {
    let sandbox = Sandbox::new();
    let file = |user: &str, host: &str, path: &str| {
        format!(
            "version: 1\nusers:\n  {user}:\n    links:\n      A: {{ implements: \"\", label: L, url: \"https://a.example/\", autologin_token_url: \"https://{host}/\", subscriber_unique_id: x, token: {{ file: {path} }} }}\n"
        )
    };
    sandbox.write("all/a/m.yaml", file("alice", "a.example", "t"));
    sandbox.write("all/b/m.yaml", file("bob", "b.example", "t"));
    sandbox.run(&["validate", "all"]).expect(0);
    sandbox.write("all/m.yaml", file("carl", "c.example", "b/t"));
    sandbox
        .run(&["validate", "all"])
        .expect(1)
        .says("error[two-hosts]")
        .says("1 error\n");
}

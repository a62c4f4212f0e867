//! `cplinks validate`: everything that is wrong in one run, each at its exact
//! place, and no secret in any of it.

mod secrets;
mod whole;

use crate::support::Sandbox;
use std::fmt::Write as _;

const GOOD: &str = "\
version: 1
users:
  alice:
    links:
      A: { implements: \"\", label: L, url: \"https://a.example/\" }
";

/// Read beside the snapshot below: the comments number the mistakes.
const THIRTEEN: &str = r#"version: 1
settings:
  unlisted: hide-own          # 1
  guards: { hide: 200% }      # 2
groups:
  acme: { order: 1 }          # 3
apps:
  ACME_é:                     # 4
    implements: ""
  ACME_x:
    implements: billing
    lable: Größe              # 5
    label: "O'Brien"          # 6
    url: https://a.example/
    order: 017                # 7
    hide: yes                 # 8
users:
  root:                       # 9
    links: {}
  alice:
    links:
      ACME_x: {}
      ACME_x: {}              # 10
  bob:
    links:
      ACME_x: { token: [a] }  # 11
      ACME_y: { implements: "", label: "日本 {{ vars.x }}", url: javascript:x }  # 12 and 13
"#;

#[test]
fn every_mistake_of_a_manifest_is_reported_at_its_place() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", THIRTEEN);
    let outcome = sandbox.run(&["validate", "m.yaml"]).expect(1);
    assert_eq!(outcome.stdout, "");
    insta::assert_snapshot!(outcome.stderr, @r#"
error[unlisted]: unknown rule `hide-own`
 --> m.yaml:3:13
  |
3 |   unlisted: hide-own          # 1
  |             ^^^^^^^^
  |
  = help: did you mean `hide-owned`?

error[guard]: `200%` is not a share from 0% to 100%
 --> m.yaml:4:19
  |
4 |   guards: { hide: 200% }      # 2
  |                   ^^^^

error[required]: the group `acme` has no label
 --> m.yaml:6:3
  |
6 |   acme: { order: 1 }          # 3
  |   ^^^^

error[name]: the app name `ACME_é` holds U+00E9, only ASCII letters, digits, `_` and `-` are allowed
 --> m.yaml:8:3
  |
8 |   ACME_é:                     # 4
  |   ^^^^^^

error[unknown-key]: unknown key `lable`
  --> m.yaml:12:5
   |
12 |     lable: •••••              # 5
   |     ^^^^^
   |
   = help: did you mean `label`?

error[label]: the label `O'Brien` holds `'`
  --> m.yaml:13:12
   |
13 |     label: "O'Brien"          # 6
   |            ^^^^^^^^^
   |
   = help: the panel cannot hold an apostrophe; the typographic ’ is accepted

error[order]: the order `017` is not a plain integer from -99999 to 99999
  --> m.yaml:15:12
   |
15 |     order: 017                # 7
   |            ^^^

error[wrong-type]: expected a boolean, found a text
  --> m.yaml:16:11
   |
16 |     hide: yes                 # 8
   |           ^^^
   |
   = help: write true or false

error[name]: the user name `root` is a system account, which has no customer menu
  --> m.yaml:18:3
   |
18 |   root:                       # 9
   |   ^^^^

error[duplicate-key]: the key `ACME_x` is given twice
  --> m.yaml:23:7
   |
23 |       ACME_x: {}              # 10
   |       ^^^^^^ again here
   |
  ::: m.yaml:22:7
   |
22 |       ACME_x: {}
   |       ------ first given here

error[wrong-type]: expected a token, found a list
  --> m.yaml:26:17
   |
26 |       ACME_x: { token: ••• }  # 11
   |                 ^^^^^
   |
   = help: write one of `{ secret: NAME }`, `{ env: NAME }`, `{ file: PATH }`, `keep` or a text

error[undefined]: the user `bob` has no variable `x`
  --> m.yaml:27:40
   |
27 |       ACME_y: { implements: "", label: "日本 {{ vars.x }}", url: javascript:x }  # 12 and 13
   |                                        ^^^^^^^^^^^^^^^^^^^
   |
   = help: add it to `users.bob.vars`

error[url]: the URL `javascript:x` does not begin with `https://` or `http://`
  --> m.yaml:27:64
   |
27 |       ACME_y: { implements: "", label: "日本 {{ vars.x }}", url: javascript:x }  # 12 and 13
   |                                                                  ^^^^^^^^^^^^

13 errors
"#);
}

#[test]
fn a_hundred_problems_are_printed_and_the_rest_counted() {
    let sandbox = Sandbox::new();
    let mut text = GOOD.to_owned();
    for number in 0..250 {
        writeln!(text, "unknown{number}: 1").unwrap();
    }
    sandbox.write("m.yaml", text);
    let outcome = sandbox.run(&["validate", "m.yaml"]).expect(1);
    assert_eq!(outcome.stderr.matches("error[unknown-key]").count(), 100);
    outcome
        .says("unknown key `unknown99`")
        .is_silent_about("unknown key `unknown100`")
        .says("… and 150 more\n\n250 errors\n");
}

#[test]
fn a_rule_broken_for_many_users_is_one_problem_that_counts_them() {
    let sandbox = Sandbox::new();
    let mut text =
        "version: 1\napps: { A: { implements: \"\", url: \"https://a.example/\" } }\nusers:\n"
            .to_owned();
    for number in 0..50 {
        writeln!(text, "  u{number}: {{ links: {{ A: {{}} }} }}").unwrap();
    }
    sandbox.write("m.yaml", text);
    let outcome = sandbox.run(&["validate", "m.yaml"]).expect(1);
    outcome
        .says("error[required]: the link `A` has no `label` (and 49 more times)\n --> m.yaml:2:9")
        .says("1 error\n");
}

#[test]
fn what_may_be_given_once_is_shown_at_both_places() {
    let sandbox = Sandbox::new();
    let head = "version: 1\nsettings: {}\ndefaults: {}\napps: { A: { label: L } }\ngroups: { g: { label: G } }\n";
    sandbox.write(
        "all/a.yaml",
        format!("{head}{}", GOOD.replace("version: 1\n", "")),
    );
    sandbox.write(
        "all/b.yaml",
        format!("# b\n{head}users: {{ bob: {{ links: {{}} }} }}\n"),
    );
    let outcome = sandbox.run(&["validate", "all"]).expect(1);
    for (what, second, first) in [
        ("settings", "3:1", "2:1"),
        ("defaults", "4:1", "3:1"),
        ("apps.A", "5:9", "4:9"),
        ("groups.g", "6:11", "5:11"),
    ] {
        let (_, shown) = outcome
            .stderr
            .split_once(&format!("error[given-twice]: `{what}` is given twice\n"))
            .unwrap_or_else(|| panic!("{what} in {}", outcome.shown()));
        let places: Vec<&str> = shown
            .lines()
            .filter(|line| line.contains("b.yaml:") || line.contains("a.yaml:"))
            .take(2)
            .collect();
        assert_eq!(
            places,
            [
                format!(" --> all/b.yaml:{second}"),
                format!(" ::: all/a.yaml:{first}")
            ]
        );
    }
}

#[test]
fn files_of_a_folder_come_in_path_order_and_hidden_ones_not_at_all() {
    let sandbox = Sandbox::new();
    let broken = GOOD.replace("label", "lable");
    for name in [
        "z.yaml",
        "a/b.yml",
        "a.yaml",
        "a/.hidden.yaml",
        ".git/x.yaml",
        "b.json",
        "B.yaml",
    ] {
        sandbox.write(&format!("all/{name}"), &broken);
    }
    let outcome = sandbox.run(&["validate", "all"]).expect(1);
    let places = outcome
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix(" --> "));
    let mut files: Vec<&str> = places.filter_map(|place| place.split(':').next()).collect();
    files.dedup();
    assert_eq!(
        files,
        ["all/B.yaml", "all/a/b.yml", "all/a.yaml", "all/z.yaml"]
    );
}

#[test]
fn a_valid_manifest_is_counted_and_needs_no_root_and_no_secrets() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    let outcome = sandbox.run(&["validate", "examples/acme"]).expect(0);
    assert_eq!(
        outcome.stdout,
        "The manifest is valid: 8 users, 25 links and 6 app templates in 2 files.\n"
    );
    assert_eq!(outcome.stderr, "");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn warnings_are_errors_under_strict() {
    let sandbox = Sandbox::new();
    sandbox.write("m.yaml", GOOD.replace("label: L", "label: \"a]\""));
    let mild = sandbox.run(&["validate", "m.yaml"]).expect(0);
    assert!(mild.stderr.contains("warning[label-markup]") && mild.stderr.ends_with("1 warning\n"));
    let strict = sandbox.run(&["validate", "m.yaml", "--strict"]).expect(1);
    assert!(strict.stderr.contains("error[label-markup]") && strict.stderr.ends_with("1 error\n"));
    assert_eq!(strict.stdout, "");
}

#[test]
fn standard_input_has_a_name_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox
        .run_with_input(&["validate", "-"], &GOOD.replace("label", "lable"))
        .expect(1)
        .says(" --> <stdin>:5:28");
}

#[test]
fn no_manifest_at_all_is_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.run(&["validate"]).expect(1).says("MANIFEST");
}

//! `cplinks doctor`: what is wrong under a root, how bad that is, and what
//! mends it.

mod cases;
mod hostile;
mod mends;
mod remembers;
mod streams;
mod world;

use crate::support::Sandbox;
use cases::cases;
use cplinks::doctor::Rule;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
pub(crate) use world::icon;
use world::{a, d, doctor, edit, found, healthy, report, u};

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let sandbox = healthy();
    let before = sandbox.fingerprint();
    let outcome = doctor(&sandbox, &["--strict"]).expect(0);
    assert_eq!(outcome.stderr, "");
    assert_eq!(
        outcome.stdout,
        "Doctor: nothing found; 2 users, 6 links and 2 groups looked at\n"
    );
    let report = report(&sandbox, &["--strict"]);
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["summary"]["links"], 6);
    assert_eq!(sandbox.fingerprint(), before);
}

/// As other writers write it, and as the documentation shows it.
#[test]
fn another_spelling_of_the_same_is_nothing_wrong() {
    let sandbox = healthy();
    let icon = icon()
        .replace('+', "%2b")
        .replace('/', "%2F")
        .replace('=', "%3d");
    let wrapped = world::icon()
        .as_bytes()
        .chunks(76)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join("\n");
    edit(
        &sandbox,
        &u("ann", "Shop"),
        &json!({ "app": "Shop", "user": "ann", "order": 10, "hide": 0, "base64_png_image": icon, "x": [1] }),
    );
    edit(
        &sandbox,
        &u("bob", "Shop"),
        &json!({ "hide": "", "base64_png_image": wrapped }),
    );
    for (user, sizes) in [("ann", json!(null)), ("bob", json!(48))] {
        for app in ["Shop", "Help", "Docs"] {
            let changes = json!({ "width": sizes, "height": sizes, "x": "kept" });
            edit(&sandbox, &d(user, app), &changes);
        }
    }
    edit(&sandbox, &d("ann", "Shop"), &json!({ "itemorder": 10 }));
    edit(
        &sandbox,
        &d("bob", "group_shop"),
        &json!({ "grouporder": "01", "base64_png_image": world::icon() }),
    );
    // A link that only leads somewhere needs no token, nor one that is hidden.
    std::fs::remove_file(sandbox.path(&a("ann", "Help"))).unwrap();
    std::fs::remove_file(sandbox.path(&a("ann", "Docs"))).unwrap();
    std::fs::remove_file(sandbox.path(&d("bob", "Docs"))).unwrap();
    assert_eq!(found(&report(&sandbox, &[])), BTreeSet::new());
}

#[test]
fn nothing_is_found_on_an_empty_root() {
    let sandbox = Sandbox::with_root();
    sandbox.set_mode("root", 0o751);
    doctor(&sandbox, &["--strict"])
        .expect(0)
        .says("Doctor: nothing found; 0 users, 0 links and 0 groups looked at\n");
}

#[test]
fn nothing_is_found_in_what_an_apply_made() {
    let sandbox = Sandbox::with_examples();
    sandbox.shell("rm -r root; mkdir -m 751 root").expect(0);
    let apply = ["apply", "examples/acme", "--root", "root", "--yes"];
    let secrets = ["--secrets", "examples/acme-secrets.yaml"];
    sandbox.run(&[&apply[..], &secrets].concat()).expect(0);
    let before = sandbox.fingerprint();
    // The trees it makes have the mode that cPanel gives them.
    doctor(&sandbox, &["--strict"])
        .expect(0)
        .says("Doctor: nothing found; ");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn each_rule_finds_its_own_and_nothing_beside_it() {
    for case in cases() {
        let sandbox = healthy();
        (case.spoil)(&sandbox);
        let before = sandbox.fingerprint();
        let report = report(&sandbox, &[]);
        let expect: BTreeSet<String> = case.found.iter().map(|of| (*of).to_owned()).collect();
        assert_eq!(found(&report), expect, "{report}");
        assert_eq!(sandbox.fingerprint(), before);
    }
}

#[test]
fn the_exit_code_follows_the_worst_grade() {
    let grade = |of: &str| {
        let id = of.split(' ').next().unwrap();
        let rule = Rule::ALL.iter().find(|rule| rule.id() == id).unwrap();
        rule.grade().name()
    };
    let mut seen = BTreeSet::new();
    for case in cases() {
        let grades: BTreeSet<&str> = case.found.iter().map(|of| grade(of)).collect();
        // One of each is enough: a run is dear.
        if !seen.insert(grades.clone()) {
            continue;
        }
        let sandbox = healthy();
        (case.spoil)(&sandbox);
        let has_error = grades.contains("error");
        let is_strict = has_error || grades.contains("warning");
        doctor(&sandbox, &[]).expect(i32::from(has_error));
        doctor(&sandbox, &["--strict"]).expect(i32::from(is_strict));
    }
    assert!(seen.len() >= 3, "{seen:?}");
}

/// Rules whose cases need more than a spoilt file; each is named in one test
/// of the modules beside this one.
const APART: [&str; 9] = [
    "unreadable",
    "interrupted-run",
    "state-unreadable",
    "state-lost",
    "state-key",
    "owner",
    "no-account",
    "owned-gone",
    "pause-stale",
];

#[test]
fn every_rule_is_tried() {
    let found = cases().flat_map(|case| case.found);
    let mut tried: BTreeSet<&str> = found.filter_map(|of| of.split(' ').next()).collect();
    for (text, rules) in [
        (include_str!("remembers.rs"), &APART[..]),
        (include_str!("hostile.rs"), &[]),
    ] {
        for rule in rules {
            assert!(text.contains(&format!("\"{rule} ")), "{rule} is not tried");
            tried.insert(rule);
        }
    }
    let all: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    // A look-up fails only where the host's own service does.
    let untried: Vec<&&str> = all.difference(&tried).collect();
    assert_eq!(untried, [&"account-not-known"]);
}

#[test]
fn the_readme_lists_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let rows: Vec<&str> = readme
        .lines()
        .skip_while(|line| *line != "| rule | grade | means |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let rules: Vec<String> = Rule::ALL
        .iter()
        .map(|rule| {
            let (id, grade, means) = (rule.id(), rule.grade().name(), rule.means());
            format!("| `{id}` | {grade} | {means} |")
        })
        .collect();
    assert_eq!(rows, rules);
}

#[test]
fn people_and_programs_are_told_the_same() {
    let sandbox = healthy();
    sandbox
        .set_mode(&a("ann", "Shop"), 0o644)
        .write("root/dynamicui/bob/dynamicui_x~", "");
    insta::assert_snapshot!(doctor(&sandbox, &[]).expect(1).shown());
    insta::assert_snapshot!(doctor(&sandbox, &["--format", "json"]).expect(1).shown());
}

#[test]
fn a_scope_leaves_out_what_is_about_others() {
    let sandbox = healthy();
    sandbox
        .set_mode(&a("ann", "Shop"), 0o644)
        .set_mode(&a("ann", "Help"), 0o644)
        .set_mode(&a("bob", "Shop"), 0o644)
        .set_mode("root/links/ann", 0o755)
        .set_mode("root", 0o755);
    let of = |arguments: &[&str]| found(&report(&sandbox, arguments));
    let all = of(&[]);
    assert_eq!(all.len(), 5);
    let is_of = |text: &'static str| {
        let matching = all.iter().filter(|of| of.contains(text));
        matching.cloned().collect::<BTreeSet<String>>()
    };
    assert_eq!(of(&["--user", "a*"]), is_of("links/ann"));
    assert_eq!(of(&["--exclude-user", "bob"]), is_of("links/ann"));
    assert_eq!(of(&["--app", "Shop"]), is_of("/Shop."));
    assert_eq!(of(&["--exclude-app", "Shop"]), is_of("/Help."));
    doctor(&sandbox, &["--user", "x*"])
        .expect(1)
        .says("error: no user on disk matches x*");
    doctor(&sandbox, &["--app", "x*"])
        .expect(1)
        .says("error: no app on disk matches x*");
}

#[test]
fn output_that_nobody_reads_is_no_error_and_a_full_one_is() {
    let sandbox = healthy();
    sandbox
        .shell("for n in $(seq 3000); do mkdir -p root/links/u$n; done; cplinks doctor --root root | head -1")
        .expect(0);
    sandbox
        .shell("cplinks doctor --root root > /dev/full")
        .expect(1)
        .says("error: standard output cannot be written: No space left on device");
}

#[test]
fn findings_are_told_user_by_user() {
    let sandbox = healthy();
    for user in ["aaa", "mmm", "zzz"] {
        sandbox.folder(&format!("root/links/{user}"));
    }
    let report = report(&sandbox, &[]);
    let users: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["user"])
        .collect();
    assert!(users.is_sorted_by_key(|user| user.as_str().unwrap()));
    assert_eq!(users.len(), 6);
}

//! Every file in `examples/` is used by a test.

#[path = "../../examples/library.rs"]
mod library;

use crate::support::Sandbox;
use std::path::Path;

#[test]
fn every_example_manifest_is_valid_even_strictly() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .run(&["validate", "--strict", "examples/acme"])
        .expect(0)
        .says("8 users, 25 links and 6 app templates in 2 files");
    sandbox
        .run(&["validate", "--strict", "examples/minimal.yaml"])
        .expect(0)
        .says("1 user, 1 link and 0 app templates in 1 file");
}

#[test]
fn the_minimal_example_applies_to_an_empty_root() {
    let sandbox = Sandbox::with_examples();
    sandbox.folder("empty");
    let arguments = ["apply", "examples/minimal.yaml", "--root", "empty", "--yes"];
    sandbox.run(&arguments).expect(0).says("1 created");
    sandbox.run(&arguments).expect(0).says("no changes");
}

#[test]
fn every_secret_that_the_example_needs_is_in_its_secrets_file_and_no_other() {
    let sandbox = Sandbox::with_examples();
    let plan = sandbox
        .run(&[
            "plan",
            "examples/acme",
            "--root",
            "root",
            "--secrets",
            "examples/acme-secrets.yaml",
        ])
        .expect(0)
        .is_silent_about("not compared");
    assert!(plan.stdout.starts_with(
        "Plan: 16 to create, 4 to replace (4 adopted), 1 to hide, 1 to remove, \
         5 groups to create, 1 group to replace\n\
         5 in sync (5 adopted) · 15 foreign left alone · 1 stray file\n"
    ));
    for line in sandbox.read("examples/acme-secrets.yaml").lines() {
        let is_entry = |(name, _): &(&str, &str)| name.contains('/') && !name.starts_with('#');
        if let Some((name, _)) = line.split_once(':').filter(is_entry) {
            let (user, app) = name.trim_matches('"').split_once('/').unwrap();
            sandbox
                .run(&[
                    "plan",
                    "examples/acme",
                    "--root",
                    "root",
                    "--user",
                    user,
                    "--app",
                    app,
                ])
                .expect(0)
                .says("not compared");
        }
    }
}

#[test]
fn every_icon_of_the_example_is_a_picture_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme/icons");
    let mut icons = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let (icon, size) = cplinks::model::Icon::from_png(bytes).unwrap();
        assert_eq!((size.width, size.height), (48, 48));
        assert!(!icons.contains(&icon), "two icons are the same");
        icons.push(icon);
    }
    assert!(icons.len() >= 5);
}

#[test]
fn the_library_plans_without_a_disk_and_calls_the_functions_of_whm() {
    let sandbox = Sandbox::with_root();
    let mut out = Vec::new();
    library::run(&sandbox.path("root"), &mut out).unwrap();
    let text = anstream::adapter::strip_bytes(&out).into_vec();
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
    sandbox
        .run(&["list", "--root", "root"])
        .expect(0)
        .says("No link is there.");
}

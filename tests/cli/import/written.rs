//! What is written, where, and what is never replaced.

use super::{fields, import, put};
use crate::support::Sandbox;
use serde_json::json;

const TOKENS: [&str; 3] = ["--all", "--write-secrets", "tokens.yaml"];

fn world() -> Sandbox {
    let sandbox = Sandbox::with_root();
    put(
        &sandbox,
        "ann",
        "Shop",
        &fields(),
        Some("no: \"\\# \u{202e}é"),
    );
    put(&sandbox, "bob", "Shop", &fields(), Some("0123"));
    sandbox
}

#[test]
fn tokens_go_to_a_file_for_the_owner_alone_and_only_if_asked() {
    let sandbox = world();
    import(&sandbox, &["--all"])
        .expect(0)
        .says("2 tokens named, none written (--write-secrets FILE)");
    assert!(!sandbox.tree("taken").contains("0123"));
    import(&sandbox, &TOKENS)
        .expect(0)
        .says("2 tokens in `tokens.yaml`");
    let names = sandbox.names("");
    assert!(names.contains("0600 tokens.yaml\n"), "{names}");
    // They are read as they were.
    let plan = [
        "plan",
        "taken",
        "--root",
        "root",
        "--secrets",
        "tokens.yaml",
    ];
    sandbox
        .run(&plan)
        .expect(0)
        .says("Plan: no changes")
        .is_silent_about("not compared");
}

#[test]
fn tokens_go_neither_beside_the_manifest_nor_below_the_root() {
    let sandbox = world();
    sandbox.folder("taken/deep");
    let before = sandbox.fingerprint();
    for (file, says) in [
        ("taken/tokens.yaml", "is in the folder of the manifest"),
        (
            "taken/deep/../tokens.yaml",
            "is in the folder of the manifest",
        ),
        ("root/tokens.yaml", "is below the root"),
        ("nowhere/tokens.yaml", "cannot write `nowhere/tokens.yaml`"),
    ] {
        import(&sandbox, &["--all", "--write-secrets", file])
            .expect(1)
            .says(says);
    }
    let below = ["import", "root/links/taken", "--root", "root", "--all"];
    sandbox.run(&below).expect(1).says("is below the root");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn no_file_is_replaced_unasked() {
    let sandbox = world();
    import(&sandbox, &TOKENS).expect(0);
    let mut link = fields();
    link.insert("label".into(), json!("New"));
    put(&sandbox, "bob", "Shop", &link, Some("another"));
    sandbox
        .write("taken/README.md", "mine")
        .write("taken/users/0002.yaml", "version: 1\n")
        .write(
            "taken/users/0003.yaml",
            "# Written by `cplinks import` from what was on disk.\n",
        );
    let before = sandbox.tree("");
    import(&sandbox, &TOKENS)
        .expect(1)
        .says("error: `[SANDBOX]/tokens.yaml` is there and would not stay as it is, and 3 more")
        .says("hint: import to a new folder and name another file with --write-secrets, or replace them with --force");
    assert_eq!(sandbox.tree(""), before);

    import(&sandbox, &[&TOKENS[..], &["--force"]].concat())
        .expect(0)
        .says("0 files written, 4 replaced or removed");
    assert!(sandbox.read("taken/users/0001.yaml").contains("New"));
    assert!(
        sandbox
            .read("tokens.yaml")
            .contains("\"bob/Shop\": \"another\"\n")
    );
    assert_eq!(sandbox.read("taken/README.md"), "mine");
    assert_eq!(sandbox.read("taken/users/0002.yaml"), "version: 1\n");
    assert!(!sandbox.path("taken/users/0003.yaml").exists());
    let names = sandbox.names("");
    assert!(names.contains("0600 tokens.yaml\n"), "{names}");
    let hidden = names
        .lines()
        .filter(|name| name.contains("/.") || name.contains(" ."));
    assert_eq!(hidden.count(), 0, "{names}");
}

#[test]
fn the_hint_is_about_what_is_in_the_way() {
    let sandbox = world();
    let check = |hint: &str| {
        import(&sandbox, &TOKENS)
            .expect(1)
            .says(&format!("\nhint: {hint}\n"));
    };
    sandbox.write("tokens.yaml", "mine: x\n");
    check("name another file with --write-secrets, or replace it with --force");
    assert!(!sandbox.path("taken").exists());
    sandbox.write("taken/manifest.yaml", "version: 1\n");
    check(
        "import to a new folder and name another file with --write-secrets, \
         or replace them with --force",
    );
    std::fs::remove_file(sandbox.path("tokens.yaml")).unwrap();
    check("import to a new folder, or replace it with --force");
    // Nothing that a new folder would help with.
    std::fs::create_dir(sandbox.path("tokens.yaml")).unwrap();
    import(&sandbox, &TOKENS)
        .expect(1)
        .says("is there and is no regular file")
        .is_silent_about("new folder");
}

#[test]
fn a_folder_that_holds_other_things_is_added_to() {
    let sandbox = world();
    sandbox.write("taken/.git/HEAD", "x");
    import(&sandbox, &["--all"])
        .expect(0)
        .says("2 files written");
    assert_eq!(sandbox.read("taken/.git/HEAD"), "x");
    // What is no file is never replaced, whatever is asked for.
    std::fs::remove_file(sandbox.path("taken/manifest.yaml")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", sandbox.path("taken/manifest.yaml")).unwrap();
    let before = sandbox.tree("taken");
    import(&sandbox, &["--all", "--force"])
        .expect(1)
        .says("taken/manifest.yaml` is there and is no regular file");
    assert_eq!(sandbox.tree("taken"), before);
}

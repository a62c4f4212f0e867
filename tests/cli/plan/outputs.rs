//! Files that plans and problems are written to and that must not be.

use std::os::unix::fs::symlink;

#[test]
fn no_plan_is_written_below_the_root() {
    let sandbox = super::sandbox_with_links(1);
    sandbox.write("links.yaml", super::manifest(0..1, "Other", ""));
    symlink("root/links", sandbox.path("way")).unwrap();
    let before = sandbox.tree("root");
    for command in [&["plan"][..], &["apply", "--yes"]] {
        for file in [
            "root/links/alice/plan.json",
            "root/plan.json",
            "way/plan.json",
        ] {
            let out = format!("json={file}");
            let arguments = ["links.yaml", "--root", "root", "--out", &out];
            let outcome = sandbox.run(&[command, &arguments].concat()).expect(1);
            assert_eq!(outcome.stdout, "");
            outcome.says(&format!(
                "error: `{file}` is below the root, where only links may lie"
            ));
        }
    }
    assert_eq!(sandbox.tree("root"), before);
}

#[test]
fn two_forms_are_not_written_to_one_file() {
    let sandbox = super::sandbox_with_links(1);
    sandbox.write("plan", "as it was");
    symlink("plan", sandbox.path("other")).unwrap();
    let plan = [
        "plan",
        "links.yaml",
        "--root",
        "root",
        "--out",
        "json=plan",
        "--out",
    ];
    for second in ["text=plan", "text=./plan", "json=other"] {
        sandbox
            .run(&[&plan[..], &[second]].concat())
            .expect(1)
            .says("two forms would go to the file")
            .says("hint: give each of them a file of its own");
    }
    assert_eq!(sandbox.read("plan"), "as it was");
    let validate = [
        "validate",
        "links.yaml",
        "--out",
        "sarif=new",
        "--out",
        "codequality=new",
    ];
    sandbox.run(&validate).expect(1).says("two forms");
    assert!(!sandbox.path("new").exists());
    // What is no file takes both.
    let null = ["--out", "json=/dev/null", "--out", "text=/dev/null"];
    sandbox
        .run(&[&["plan", "links.yaml", "--root", "root"], &null[..]].concat())
        .expect(0);
}

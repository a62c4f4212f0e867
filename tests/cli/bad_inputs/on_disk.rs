//! Files on the server that parse in one program and not in another: planned
//! as a replacement, unless that would lose the token.

use super::{autologin, link};
use crate::support::Sandbox;

/// What lies on disk, made from a good file.
fn broken(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{{ \"x\" : {}{} }}", "[".repeat(200), "]".repeat(200));
    let first_key = good.find('"').unwrap();
    let repeated = format!(
        "{}\"label\" : \"x\",\n   \"label\" : \"y\",\n   {}",
        &good[..first_key],
        &good[first_key..]
    );
    vec![
        ("200 levels", deep.into()),
        ("a repeated key", repeated.into()),
        (
            "a number beyond all",
            good.replacen('"', "\"x\" : 1e999, \"", 1).into(),
        ),
        ("trailing bytes", format!("{good}x").into()),
        ("a second value", format!("{good}{good}").into()),
        ("half a file", good[..good.len() / 2].into()),
        ("nothing", Vec::new()),
        ("a list", b"[]\n".to_vec()),
        ("no UTF-8", [good.as_bytes(), b"\xff"].concat()),
        ("NUL", vec![0; 100]),
    ]
}

#[test]
fn a_userconfig_that_does_not_parse_is_replaced() {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", link("order", "1"));
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    let plan = ["plan", "m.yaml", "--root", "root"];
    sandbox.run(&apply).expect(0);
    let file = "root/links/alice/A.userconfig";
    let good = sandbox.read(file);
    for (what, bytes) in broken(&good) {
        sandbox.write(file, &bytes);
        let outcome = sandbox.run(&plan);
        assert!(
            outcome.stdout.contains("1 to replace"),
            "{what}: {}",
            outcome.shown()
        );
        assert!(
            outcome.stdout.contains("broken"),
            "{what}: {}",
            outcome.shown()
        );
        sandbox.run(&apply).expect(0);
        assert_eq!(sandbox.read(file), good, "{what}");
        // The bytes that nobody could read are kept as they were.
        let newest = std::fs::read_dir(sandbox.path("root/.cplinks/runs")).unwrap();
        let newest = newest.map(|run| run.unwrap().path()).max().unwrap();
        let kept = std::fs::read(newest.join("old/alice/A.userconfig")).unwrap();
        assert_eq!(kept, bytes, "{what}");
    }
}

#[test]
fn a_broken_adminconfig_blocks_where_its_token_is_to_be_kept() {
    let mut sandbox = Sandbox::with_root();
    sandbox.env("CPLINKS_T", "c4n4ry");
    sandbox.write("new.yaml", autologin("token", "{ env: CPLINKS_T }"));
    sandbox.write("keep.yaml", autologin("token", "keep"));
    let apply = |name: &str| sandbox.run(&["apply", name, "--root", "root", "--yes"]);
    apply("new.yaml").expect(0);
    let file = "root/links/alice/A.adminconfig";
    let good = sandbox.read(file);
    for (what, bytes) in broken(&good) {
        sandbox.write(file, &bytes);
        let outcome = apply("keep.yaml").is_silent_about("c4n4ry");
        assert_eq!(outcome.code, 1, "{what}: {}", outcome.shown());
        assert!(
            outcome.stdout.contains("blocked"),
            "{what}: {}",
            outcome.shown()
        );
        assert_eq!(std::fs::read(sandbox.path(file)).unwrap(), bytes, "{what}");
        let outcome = apply("new.yaml").is_silent_about("c4n4ry");
        assert_eq!(outcome.code, 0, "{what}: {}", outcome.shown());
        assert_eq!(sandbox.read(file), good, "{what}");
    }
}

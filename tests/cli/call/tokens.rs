//! Tokens: taken from a file or from standard input alone, and held by the one
//! file that is theirs.

use super::{FILES, LINK, LOGIN, TOKEN, URL, call, create, reason, world};
use crate::support::Sandbox;

/// Everything that a run leaves in the sandbox, but the file of the token.
fn left(sandbox: &Sandbox) -> String {
    std::fs::remove_file(sandbox.path("token")).unwrap();
    sandbox.tree("")
}

#[test]
fn a_token_as_text_is_refused_and_not_repeated_anywhere() {
    let others: Vec<&str> = LINK
        .iter()
        .copied()
        .filter(|p| !p.starts_with("token"))
        .collect();
    let text = format!("token={TOKEN}");
    let (twice, option) = (format!("token=@@{TOKEN}"), format!("--token={TOKEN}"));
    let (name, quoted) = (format!("Token={TOKEN}"), format!("token =\"{TOKEN}\""));
    for form in ["json", "jsonpretty", "yaml"] {
        for (parameters, code) in [
            (vec![text.as_str()], 1),
            (vec![twice.as_str()], 1),
            (vec![name.as_str()], 1),
            (vec![quoted.as_str()], 1),
            (vec![TOKEN], 1),
            (vec!["token", TOKEN], 1),
            (vec!["--", option.as_str()], 1),
            (vec![option.as_str()], 1),
            (vec!["--token", TOKEN], 1),
            (vec!["-t", TOKEN], 1),
        ] {
            let sandbox = world();
            let form = format!("--output={form}");
            let fixed = [
                "call",
                "create_integration_link",
                "--root",
                "root",
                &form,
                URL,
            ];
            sandbox
                .run(&[&fixed, &others[..], &parameters].concat())
                .expect(code)
                .is_silent_about(TOKEN);
            assert!(!left(&sandbox).contains(TOKEN), "{parameters:?}");
        }
    }
    let said = reason(call(
        &world(),
        "update_integration_link_token",
        &["user=alice", "app=A", &text],
    ));
    assert_eq!(
        said,
        "`token`: no token is taken from the command line, where others can read it (write \
         token=@FILE, or token=@- for standard input; this one is known by now)"
    );
}

#[test]
fn a_token_that_is_none_is_told_without_it() {
    for (token, expect) in [
        (
            "canary\nsecond\n",
            "`token`: the token holds control characters or line breaks",
        ),
        (
            "canary\u{1b}",
            "`token`: the token holds control characters or line breaks",
        ),
        (
            &"canary".repeat(3_000),
            "`token`: the token is longer than 16384 bytes",
        ),
        (
            &"canary".repeat(20_000),
            "`token`: the file is larger than 65536 bytes",
        ),
    ] {
        let sandbox = world();
        sandbox.write("bad", token);
        let parameters = ["user=alice", "app=A", "token=@bad"];
        let outcome = call(&sandbox, "update_integration_link_token", &parameters);
        assert_eq!(reason(outcome.is_silent_about("canary")), expect);
    }
    let sandbox = world();
    std::fs::write(sandbox.path("bad"), b"canary\xff").unwrap();
    let parameters = ["user=alice", "app=A", "token=@bad"];
    let outcome = call(&sandbox, "update_integration_link_token", &parameters);
    assert_eq!(
        reason(outcome.is_silent_about("canary")),
        "`token`: the file is not UTF-8"
    );
}

#[test]
fn a_token_is_in_its_file_and_nowhere_else() {
    let sandbox = world();
    create(&sandbox, &[]).is_silent_about(TOKEN);
    let one = sandbox.read(FILES[1]);
    sandbox.write("token", "canary-2");
    create(&sandbox, &[]).is_silent_about("canary");
    for command in [
        &["history", "--root", "root"][..],
        &["history", "1", "--root", "root"],
        &["list", "--root", "root"],
        &["get", "alice", "ACME_billing", "--root", "root"],
        &["undo", "--dry-run", "--root", "root"],
    ] {
        sandbox.run(command).expect(0).is_silent_about("canary");
    }
    // The old one is kept for an undo, as an apply keeps it.
    let kept = "root/.cplinks/runs/000002/old/alice/ACME_billing.adminconfig";
    assert_eq!(sandbox.read(kept), one);
    let mut tree = String::new();
    for name in sandbox.names("root").lines() {
        let (mode, name) = name.split_once(' ').unwrap();
        let file = format!("root/{name}");
        if name.ends_with('/') {
            continue;
        }
        let bytes = std::fs::read(sandbox.path(&file)).unwrap();
        if String::from_utf8_lossy(&bytes).contains("canary") {
            assert_eq!(mode, "0600", "{name}");
            tree.push_str(name);
            tree.push('\n');
        }
    }
    assert_eq!(
        tree,
        ".cplinks/runs/000002/old/alice/ACME_billing.adminconfig\nlinks/alice/ACME_billing.adminconfig\n"
    );
}

#[test]
fn root_reads_no_token_that_others_could_have_written() {
    let sandbox = world();
    sandbox.set_mode("token", 0o666);
    let parameters = [&LINK[..], &[URL, LOGIN, "--strict-owners"]].concat();
    let said = reason(call(&sandbox, "create_integration_link", &parameters));
    assert!(said.contains("could be changed by others"), "{said}");
}

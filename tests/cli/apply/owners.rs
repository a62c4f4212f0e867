//! Secrets that somebody else than root could have written, when root acts on
//! them. Only root can give files away, so only root can test it.

use super::{apply, one_link};
use crate::support::{Outcome, Sandbox};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Two links: one whose token comes from somewhere, and one without any.
fn links(token: &str) -> String {
    let link = one_link(&format!(
        ", token: {token}, autologin_token_url: 'https://x.example/login', \
         subscriber_unique_id: '1'"
    ));
    format!("{link}      PLAIN: {{ label: P, implements: '', url: 'https://x.example/' }}\n")
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.set_mode("root", 0o751);
    sandbox.write("tokens/a.token", "canary-tok\n");
    sandbox.set_mode("tokens/a.token", 0o600);
    sandbox
}

/// What was prepared in the folder, and which path and owner or mode are
/// named; nothing where all is well.
const CASES: [(&str, &str); 8] = [
    ("true", ""),
    // Nobody can take a file of root's away there, or put one in its place.
    ("chmod 1777 tokens", ""),
    (
        "chmod 622 tokens/a.token",
        "tokens/a.token has the owner 0 and the mode 0622",
    ),
    (
        "chmod 620 tokens/a.token",
        "tokens/a.token has the owner 0 and the mode 0620",
    ),
    (
        "chown 12345 tokens/a.token",
        "tokens/a.token has the owner 12345",
    ),
    (
        "chmod 777 tokens",
        "tokens has the owner 0 and the mode 0777",
    ),
    ("chown 12345 tokens", "tokens has the owner 12345"),
    (
        "mv tokens real; mkdir theirs; ln -s ../real theirs/hop; ln -s theirs/hop tokens; \
         chown 12345 theirs",
        "theirs has the owner 12345",
    ),
];

/// A link whose token others could have put there is blocked, and alone.
fn check(sandbox: &Sandbox, token: &str, more: &[&str], says: &str) {
    let strict = [&["--strict-owners"], more].concat();
    let outcome = apply(sandbox, &links(token), &strict).is_silent_about("canary");
    let made = sandbox.names("root/links");
    assert!(made.contains("PLAIN.userconfig"), "{}", outcome.shown());
    let is_made = made.contains("ACME.userconfig");
    assert_eq!(is_made, says.is_empty(), "{}", outcome.shown());
    if says.is_empty() {
        outcome.expect(0);
    } else {
        outcome
            .expect(1)
            .says("! blocked  alice/ACME")
            .says(says)
            .says("make it owned by root and writable for root alone");
        // Where nobody asked for that, it is read.
        apply(sandbox, &links(token), more).expect(0);
    }
}

#[test]
fn a_token_file_that_others_could_change_blocks_its_link_alone() {
    if !is_root() {
        eprintln!("SKIPPED: only root can test --strict-owners");
        return;
    }
    for (prepare, says) in CASES {
        let sandbox = sandbox();
        sandbox.shell(prepare).expect(0);
        check(&sandbox, "{ file: tokens/a.token }", &[], says);
    }
}

#[test]
fn so_does_one_in_the_folder_of_credentials_or_of_the_policy() {
    if !is_root() {
        eprintln!("SKIPPED: only root can test --strict-owners");
        return;
    }
    for (prepare, says) in CASES {
        let mut sandbox = sandbox();
        sandbox.shell(prepare).expect(0);
        let folder = sandbox.path("tokens").display().to_string();
        sandbox.env("CREDENTIALS_DIRECTORY", &folder);
        let token = "{ file: $CREDENTIALS_DIRECTORY/a.token }";
        check(&sandbox, token, &[], says);

        let sandbox = self::sandbox();
        sandbox.shell(prepare).expect(0);
        let folder = sandbox.path("tokens").display().to_string();
        sandbox.write("policy.yaml", format!("secrets: [{folder}]\n"));
        let token = format!("{{ file: {folder}/a.token }}");
        check(&sandbox, &token, &["--policy", "policy.yaml"], says);
    }
}

#[test]
fn a_secrets_file_that_others_could_change_stops_everything() {
    if !is_root() {
        eprintln!("SKIPPED: only root can test --strict-owners");
        return;
    }
    for (prepare, says) in CASES {
        let mut sandbox = sandbox();
        sandbox.write("tokens/a.token", "mine: canary-tok\n");
        sandbox.shell(prepare).expect(0);
        sandbox.env("CPLINKS_SECRETS", "tokens/a.token");
        let links = links("{ secret: mine }");
        let flag = ["--secrets", "tokens/a.token"];
        let by_flag = |command: &str| {
            sandbox.write("links.yaml", &links);
            let arguments = [command, "links.yaml", "--root", "root", "--strict-owners"];
            sandbox.run(&[&arguments[..], &flag].concat())
        };
        let expect = |outcome: Outcome| {
            if says.is_empty() {
                return outcome.expect(0).is_silent_about("canary");
            }
            outcome
                .expect(1)
                .says("error: the secrets file `tokens/a.token` could be changed by others")
                .says(says)
                .says("hint: make it owned by root and writable for root alone")
                .is_silent_about("canary")
        };
        expect(by_flag("plan"));
        expect(apply(&sandbox, &links, &["--strict-owners"]));
        let is_made = sandbox.names("root").contains("ACME.userconfig");
        assert_eq!(is_made, says.is_empty());
        apply(&sandbox, &links, &[]).expect(0);
    }
}

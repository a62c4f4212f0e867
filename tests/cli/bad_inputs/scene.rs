//! A server on which somebody has prepared something: an apply must leave that
//! as it is, say so, and do the rest; nothing outside the root is read or
//! written, and nobody is waited for.

use crate::support::{Outcome, Sandbox, say};
use std::os::unix::net::UnixListener;

/// In every file outside the root, and in no output ever.
pub(super) const CANARY: &str = "canary-outside";

const LINK: &str = r#"{ implements: "", label: Old, url: "https://a.example/" }"#;
const LOGIN: &str = r#"{ implements: "", label: Old, url: "https://a.example/", autologin_token_url: "https://a.example/sso", subscriber_unique_id: "1", token: { env: CPLINKS_T } }"#;

/// Two links of `alice` and one of `bob`, as an apply made them; a manifest
/// that gives all three another label; and files of others in `outside`, with
/// the same names as hers.
pub(super) fn scene() -> Sandbox {
    let mut sandbox = Sandbox::with_root();
    sandbox.set_mode("root", 0o751);
    sandbox.env("CPLINKS_T", "canary-token");
    let old = format!(
        "version: 1\nusers:\n  alice: {{ links: {{ A: {LOGIN}, B: {LINK} }} }}\n  bob: {{ links: \
         {{ A: {LINK} }} }}\n"
    );
    sandbox.write("m.yaml", &old);
    apply(&sandbox).expect(0);
    sandbox.write("m.yaml", old.replace("Old", "New"));
    for file in [
        "A.userconfig",
        "A.adminconfig",
        "dynamicui_A.conf",
        "passwd",
    ] {
        let text = format!("{{\"label\":\"{CANARY}\",\"token\":\"{CANARY}\"}}");
        sandbox.write(&format!("outside/{file}"), text);
    }
    sandbox
}

/// An apply that is ended by force if it waits for somebody.
pub(super) fn apply(sandbox: &Sandbox) -> Outcome {
    let line = "timeout -s KILL 5 cplinks apply m.yaml --root root --yes --expand";
    run(sandbox, line)
}

/// The same for a plan.
pub(super) fn plan(sandbox: &Sandbox) -> Outcome {
    let line = "timeout -s KILL 5 cplinks plan m.yaml --root root --expand";
    run(sandbox, line)
}

/// Runs a line in a namespace of its own, where it may mount what it likes.
/// `None` where that is not possible, which is told.
pub(super) fn with_mounts(sandbox: &Sandbox, test: &str, line: &str) -> Option<Outcome> {
    let can = sandbox.shell("unshare -m true && echo yes || true");
    if !can.stdout.contains("yes") {
        say(&format!(
            "SKIPPED {test}: nothing can be mounted here: {}",
            can.stderr
        ));
        return None;
    }
    sandbox.write("mounts.sh", line);
    Some(run(
        sandbox,
        "unshare -m --propagation private timeout -s KILL 20 bash -euc 'source mounts.sh'",
    ))
}

fn run(sandbox: &Sandbox, line: &str) -> Outcome {
    sandbox
        .shell(line)
        .is_silent_about("canary")
        .is_silent_about("panicked")
}

/// Names, kinds, sizes, owners, modes and both times of what matches: what
/// changes if anything at all is written.
pub(super) fn stamps(sandbox: &Sandbox, paths: &str) -> String {
    let line = format!("find {paths} -printf '%p %y %l %i %n %s %m %U %G %T@ %C@\\n' | sort");
    sandbox.shell(&line).expect(0).stdout
}

/// What lies in the place of a file or folder.
#[derive(Debug, Clone, Copy)]
pub(super) enum Thing {
    /// What a shell makes of it; `$at` is the place.
    Made(&'static str),
    /// A socket that somebody listens at.
    Socket,
}

/// What was put in a place; somebody listens as long as it lives.
pub(super) struct Put {
    _listening: Option<UnixListener>,
}

/// Puts a thing in a place. `None` where that takes root.
pub(super) fn put(sandbox: &Sandbox, thing: Thing, at: &str) -> Option<Put> {
    let away = format!("at=root/{at}; rm -rf $at");
    match thing {
        Thing::Made(line) => {
            let made = sandbox.shell(&format!("{away}; {line} && echo made || true"));
            if !made.stdout.contains("made") {
                say(&format!("SKIPPED {line} at {at}: {}", made.stderr));
                return None;
            }
            Some(Put { _listening: None })
        }
        Thing::Socket => {
            sandbox.shell(&away).expect(0);
            let listening = UnixListener::bind(sandbox.path("root").join(at)).unwrap();
            Some(Put {
                _listening: Some(listening),
            })
        }
    }
}

/// What is there is left alone by plan and apply, both say why, and the links
/// that have nothing to do with it are changed.
#[track_caller]
pub(super) fn assert_skipped(sandbox: &Sandbox, left: &str, says: &str, changed: &[&str]) {
    let before = (stamps(sandbox, left), stamps(sandbox, "outside"));
    plan(sandbox).expect(0).says(says);
    apply(sandbox).expect(1).says(says);
    assert_eq!(stamps(sandbox, left), before.0);
    assert_eq!(stamps(sandbox, "outside"), before.1);
    for link in changed {
        let text = sandbox.read(&format!("root/links/{link}.userconfig"));
        assert!(text.contains("\"New\""), "{link}: {text}");
    }
}

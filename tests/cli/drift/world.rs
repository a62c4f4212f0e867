//! A root that an apply left, and what others do to it.

use crate::support::{Outcome, Sandbox};
use std::fs;

/// What no output may hold.
pub(super) const TOKEN: &str = "canary-7f3a91";

const MANIFEST: &str = "\
version: 1
defaults: { group_id: acme }
groups: { acme: { label: Acme, order: 1 } }
apps:
  A:
    implements: billing
    label: Billing
    url: https://a.example/
    autologin_token_url: https://sso.example/
    subscriber_unique_id: \"1\"
    token: { secret: \"{{ user }}/{{ app }}\" }
  B: { implements: \"\", label: Status, url: \"https://b.example/\" }
users:
  alice: { links: { A: {}, B: {} } }
  bob: { links: { A: {} } }
";

/// The files of a link of alice.
pub(super) const FIELDS: &str = "root/links/alice/A.userconfig";
pub(super) const ADMINCONFIG: &str = "root/links/alice/A.adminconfig";
pub(super) const MENU: &str = "root/dynamicui/alice/dynamicui_A.conf";

/// A root where the manifest was applied once.
pub(super) fn applied() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", MANIFEST);
    sandbox.write(
        "secrets.yaml",
        format!("alice/A: {TOKEN}\nbob/A: {TOKEN}-2\n"),
    );
    apply(&sandbox).expect(0);
    sandbox
}

const TARGET: [&str; 5] = ["m.yaml", "--root", "root", "--secrets", "secrets.yaml"];

pub(super) fn apply(sandbox: &Sandbox) -> Outcome {
    sandbox.run(&[&["apply", "--yes"], &TARGET[..]].concat())
}

pub(super) fn status(sandbox: &Sandbox) -> Outcome {
    watched(sandbox, &[&["status"], &TARGET[..]].concat())
}

pub(super) fn status_with_exit_code(sandbox: &Sandbox) -> Outcome {
    let arguments = [&["status", "--detailed-exitcode"], &TARGET[..]].concat();
    watched(sandbox, &arguments)
}

pub(super) fn drift(sandbox: &Sandbox) -> Outcome {
    drift_of(sandbox, &[])
}

pub(super) fn drift_of(sandbox: &Sandbox, scope: &[&str]) -> Outcome {
    watched(sandbox, &[&["drift", "--root", "root"], scope].concat())
}

/// Runs what may write nothing and tell no token, and sees to both.
fn watched(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let before = sandbox.fingerprint();
    let outcome = sandbox.run(arguments);
    assert_eq!(sandbox.fingerprint(), before, "{arguments:?}");
    outcome.is_silent_about(TOKEN)
}

/// Writes a file anew with one text in the place of another, as somebody else
/// would; its mode stays.
pub(super) fn edit(sandbox: &Sandbox, file: &str, from: &str, to: &str) {
    let text = sandbox.read(file);
    assert!(text.contains(from), "no {from:?} in {text}");
    sandbox.write(file, text.replace(from, to));
}

pub(super) fn remove(sandbox: &Sandbox, files: &[&str]) {
    for file in files {
        fs::remove_file(sandbox.path(file)).unwrap();
    }
}

/// What another program left: a link that is not ours.
pub(super) fn put_foreign(sandbox: &Sandbox, user: &str, app: &str) {
    let fields = format!(r#"{{"label":"{app}","implements":"","url":"https://a.example/"}}"#);
    let file = |tree: &str, name: &str| format!("root/{tree}/{user}/{name}");
    sandbox.write(&file("links", &format!("{app}.userconfig")), fields);
    let token = r#"{"token":null}"#;
    sandbox.write(&file("links", &format!("{app}.adminconfig")), token);
    let menu = format!(
        r#"[{{"type":"image","subtype":"img","imgtype":"icon","file":"{app}","url":"integration/index.html?app={app}","target":"_blank","description":"$LANG{{'{app}'}}","itemdesc":"$LANG{{'{app}'}}","group":"preferences","itemorder":"99999","implements":"{app}","base64_png_image":"AAAA"}}]"#
    );
    sandbox.write(&file("dynamicui", &format!("dynamicui_{app}.conf")), menu);
    sandbox.set_server_modes("root");
}

/// Writes a file anew with the same values in another spelling.
pub(super) fn respell(sandbox: &Sandbox, file: &str) {
    let text = sandbox.read(file);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(lines.len() > 2, "{text}");
    sandbox.write(file, lines.join(" "));
}

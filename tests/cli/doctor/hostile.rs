//! Names that somebody chose to do harm: in what is shown, and in what is
//! pasted.

use super::world::{d, doctor, found, healthy, mend, report, u};
use crate::support::Sandbox;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

const NAMES: [&[u8]; 12] = [
    b"x; touch pwned",
    b"$(touch pwned)",
    b"`touch pwned`",
    b"' touch pwned '",
    b"'; touch pwned; '",
    b"\n touch pwned\n",
    b"-rf",
    b"\x1b[2J\xff\xfe",
    b"a\\'b",
    "\u{202e}x\u{200b}".as_bytes(),
    b"##vso[task]",
    b"::error::x",
];

fn stray(sandbox: &Sandbox, folder: &str, name: &[u8]) -> PathBuf {
    let path = sandbox.path(folder).join(OsStr::from_bytes(name));
    fs::write(&path, name).unwrap();
    path
}

#[test]
fn no_name_becomes_a_command_or_moves_a_cursor() {
    let sandbox = healthy();
    let mut strays = Vec::new();
    for name in NAMES {
        strays.push(stray(&sandbox, "root/links/ann", name));
        let live = [b"dynamicui_", name].concat();
        strays.push(stray(&sandbox, "root/dynamicui/ann", &live));
        strays.push(stray(&sandbox, "root/links", name));
    }
    let text = doctor(&sandbox, &[]).expect(1).stdout;
    let is_plain = |c: char| c == '\n' || !(c.is_control() || "\u{202e}\u{200b}".contains(c));
    assert!(text.chars().all(is_plain), "{text:?}");
    assert!(!text.contains("##"), "{text}");
    assert!(
        text.lines()
            .all(|line| !line.trim_start().starts_with("::"))
    );
    let report = report(&sandbox, &[]);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), strays.len());
    let before = fs::metadata(sandbox.path("root")).unwrap().ino();
    for finding in findings {
        // Names that cannot be shown are written as bash reads them.
        let command = finding["mend"].as_str().unwrap();
        sandbox.shell(command).expect(0);
    }
    for path in strays {
        assert!(
            fs::symlink_metadata(&path).is_err(),
            "{path:?} is still there"
        );
        let below = path.strip_prefix(sandbox.path("root")).unwrap();
        let aside = sandbox.path("root/.cplinks/aside").join(below);
        assert!(
            fs::symlink_metadata(&aside).is_ok(),
            "{aside:?} is not there"
        );
    }
    assert_eq!(fs::metadata(sandbox.path("root")).unwrap().ino(), before);
    let left: Vec<PathBuf> = fs::read_dir(sandbox.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("pwned"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    doctor(&sandbox, &["--strict"]).expect(0);
}

#[test]
fn a_shell_that_reads_no_such_word_does_nothing() {
    let sandbox = healthy();
    let path = stray(&sandbox, "root/links/ann", b"a\nb");
    let command = mend(&report(&sandbox, &[]), "leftover links/ann/a\nb").unwrap();
    assert!(
        command.ends_with(r"-- $'root/links/ann/a\012b'"),
        "{command}"
    );
    // Written as such a shell understands it, a plain text after a dollar.
    let other = command.replace("$'", "\\$'");
    assert_ne!(sandbox.shell(&other).code, 0);
    assert!(path.exists());
}

#[test]
fn a_root_with_any_name_is_one_word() {
    for name in ["-root", "my 'root'; x"] {
        let sandbox = healthy();
        fs::rename(sandbox.path("root"), sandbox.path(name)).unwrap();
        let leftover = sandbox.path(name).join("dynamicui/ann/dynamicui_x~");
        fs::write(&leftover, "").unwrap();
        let root = format!("--root={name}");
        let text = sandbox.run(&["doctor", &root]).expect(1).stdout;
        let command = text
            .lines()
            .find_map(|line| line.strip_prefix("  = mend: "));
        sandbox.shell(command.unwrap()).expect(0);
        assert!(!leftover.exists());
        sandbox.run(&["doctor", &root, "--strict"]).expect(0);
    }
}

#[test]
fn what_is_in_a_file_reaches_no_output() {
    let sandbox = healthy();
    let canary = "canary-7f3a \u{1b}[2J";
    for (name, text) in [
        (u("ann", "Shop"), format!("{{\"url\": {canary}")),
        (d("ann", "Shop"), format!("[{canary}")),
        (
            d("ann", "Help"),
            "[{\"file\":\"Help\",\"width\":\"canary-7f3a\",\"group\":\"canary-7f3a\"}]".to_owned(),
        ),
        (
            u("ann", "Help"),
            "{\"url\":\"https://canary-7f3a@x.example/\",\"label\":\"canary-7f3a'\"}".to_owned(),
        ),
    ] {
        sandbox.write(&name, text);
    }
    let long = format!("{{\"user\":\"{}\"}}", "long".repeat(100_000));
    sandbox.write(&u("bob", "Help"), long);
    let text = doctor(&sandbox, &["--user", "bob"]).expect(1).stdout;
    assert!(text.len() < 2_000, "{text}");
    // `report` looks for the token and for escapes.
    assert!(found(&report(&sandbox, &[])).len() >= 5);
    sandbox.write(
        &d("ann", "Shop"),
        "[{\"file\":\"x\\u001b[2J\\n::error::y\"}]",
    );
    doctor(&sandbox, &[])
        .expect(1)
        .says("it is `x\\u{1b}[2J\\n::error::y`");
}

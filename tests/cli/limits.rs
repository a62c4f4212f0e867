//! A process that has little: few files, no streams, no folder to stand in,
//! no room for its output. And what it gives up by itself: core dumps.

use crate::support::Sandbox;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const PLAN: &str = "cplinks plan examples/acme --root root --secrets examples/acme-secrets.yaml";
const APPLY: &str =
    "cplinks apply examples/acme --root root --secrets examples/acme-secrets.yaml --yes";

/// The fewest files that it works with.
const LEAST: u32 = 32;

/// Both live trees.
fn live(sandbox: &Sandbox) -> String {
    sandbox.tree("root/links") + &sandbox.tree("root/dynamicui")
}

/// Both live trees after an apply that nothing is in the way of.
fn applied() -> String {
    let sandbox = Sandbox::with_examples();
    sandbox.shell(APPLY).expect(0);
    live(&sandbox)
}

#[test]
fn with_few_files_it_does_all_the_same() {
    let expect = applied();
    for files in [LEAST, LEAST + 8, 100] {
        let sandbox = Sandbox::with_examples();
        let limited = |line: &str| sandbox.shell(&format!("ulimit -n {files}; {line}"));
        let plan = sandbox.shell(PLAN).expect(0);
        assert_eq!(limited(PLAN).expect(0).stdout, plan.stdout);
        limited(APPLY).expect(0);
        assert_eq!(live(&sandbox), expect, "{files} files");
        limited(PLAN).expect(0).says("Plan: no changes");
    }
}

#[test]
fn many_users_are_read_and_written_with_few_files() {
    let sandbox = Sandbox::with_root();
    let users: Vec<String> = (0..300)
        .map(|n| {
            let link = "{ implements: x, label: L, url: \"https://a.example/\" }";
            format!("  user{n}: {{ links: {{ A: {link} }} }}\n")
        })
        .collect();
    sandbox.write("m.yaml", format!("version: 1\nusers:\n{}", users.concat()));
    let limited = |line: &str| sandbox.shell(&format!("ulimit -n {LEAST}; {line}"));
    limited("cplinks apply m.yaml --root root --yes").expect(0);
    limited("cplinks plan m.yaml --root root --detailed-exitcode").expect(0);
    assert_eq!(sandbox.names("root/links").lines().count(), 900);
}

#[test]
fn with_too_few_files_it_says_so_and_reads_nothing() {
    for files in [5, 8, 20, LEAST - 1] {
        let sandbox = Sandbox::with_examples();
        let before = sandbox.fingerprint();
        for line in [PLAN, APPLY] {
            let outcome = sandbox.shell(&format!("ulimit -n {files}; {line}"));
            assert_eq!(
                outcome.shown(),
                format!(
                    "exit 1\n--- stdout\n--- stderr\n\
                     error: this process may have only {files} files open, and needs {LEAST}\n\
                     hint: raise the limit, such as with `ulimit -n 1024`, or `LimitNOFILE=` of a service\n"
                )
            );
        }
        assert_eq!(sandbox.fingerprint(), before);
    }
}

#[test]
fn a_limit_that_may_be_raised_is_raised() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .shell(&format!("ulimit -S -n 20; {APPLY}"))
        .expect(0);
}

/// A process that waits for its standard input, of another user than root.
fn waiting(sandbox: &Sandbox) -> Child {
    // The folder of the binary may be closed to others.
    fs::copy(env!("CARGO_BIN_EXE_cplinks"), sandbox.path("cplinks")).unwrap();
    for path in [sandbox.path(""), sandbox.path("cplinks")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = std::process::Command::new(sandbox.path("cplinks"));
    command
        .args(["validate", "-"])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    command.spawn().unwrap()
}

#[test]
fn no_core_dump_may_hold_a_token() {
    let sandbox = Sandbox::new();
    let mut child = waiting(&sandbox);
    let process = format!("/proc/{}", child.id());
    let is_ready = || {
        let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = core.unwrap().split_ascii_whitespace().collect();
        // Of one that may be dumped, these files are its user's.
        let owner = fs::metadata(format!("{process}/status")).unwrap().uid();
        words[4..6] == ["0", "0"] && owner == 0
    };
    let start = Instant::now();
    while !is_ready() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "it may be dumped"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"version: 1\n")
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn closed_streams_become_no_file_that_is_written_to() {
    let expect = applied();
    for closed in [
        ">&-",
        "<&-",
        "2>&-",
        "<&- >&-",
        ">&- 2>&-",
        "<&- 2>&-",
        "<&- >&- 2>&-",
    ] {
        let sandbox = Sandbox::with_examples();
        let line = format!("{APPLY} --out json=plan.json {closed}");
        sandbox.shell(&line).expect(0);
        assert_eq!(live(&sandbox), expect, "{closed}");
        let plan: serde_json::Value = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
        assert!(plan["digest"].is_string());
        // What is printed is in none of the files.
        assert!(!sandbox.tree("root").contains("Apply:"), "{closed}");
        // Errors have nowhere to go, and the exit code tells all the same.
        let line = format!("cplinks plan missing.yaml --root root {closed}");
        sandbox.shell(&line).expect(1);
    }
    let sandbox = Sandbox::with_root();
    sandbox
        .shell("cplinks plan - --root root <&-")
        .expect(1)
        .says("an empty manifest never means");
}

#[test]
fn a_deleted_working_directory_stops_only_what_is_named_from_there() {
    let sandbox = Sandbox::with_examples();
    let gone = "top=$PWD; mkdir gone; cd gone; rmdir ../gone";
    let outcome = sandbox.shell(&format!(
        "{gone}; cplinks apply $top/examples/acme --root $top/root \
         --secrets $top/examples/acme-secrets.yaml --yes"
    ));
    outcome.expect(0);
    assert_eq!(live(&sandbox), applied());
    sandbox
        .shell(&format!("{gone}; cplinks plan m.yaml --root $top/root"))
        .expect(1)
        .says("m.yaml cannot be read: No such file or directory");
    sandbox
        .shell(&format!(
            "{gone}; cplinks plan $top/examples/acme --root root"
        ))
        .expect(1)
        .is_silent_about("panicked");
}

#[test]
fn output_that_cannot_be_written_is_told_once() {
    let sandbox = Sandbox::with_examples();
    let formats = ["text", "json", "markdown", "html"];
    let plans = formats.map(|format| format!("{PLAN} --expand --format {format}"));
    let others = [
        "cplinks list --root root",
        "cplinks doctor --root root",
        "cplinks snapshot --root root",
        "cplinks unmanaged examples/acme --root root",
        "cplinks schema",
        APPLY,
    ];
    let all = plans.iter().map(String::as_str).chain(others);
    for line in all {
        let outcome = sandbox.shell(&format!("{line} > /dev/full")).expect(1);
        let told = outcome
            .stderr
            .matches("error: standard output cannot be written: No space left on device")
            .count();
        assert_eq!(told, 1, "{line}: {}", outcome.shown());
    }
    // The apply was carried out all the same.
    assert_eq!(live(&sandbox), applied());
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_ends_nothing() {
    let sandbox = Sandbox::with_examples();
    // In blocks of 1024 bytes.
    let limited = |line: &str| sandbox.shell(&format!("bash -c 'ulimit -f 2; {line}'"));
    limited(APPLY).expect(1).says("File too large");
    sandbox.shell(APPLY).expect(0);
    assert_eq!(live(&sandbox), applied());
    let line = "cplinks snapshot --root root > snapshot.json";
    limited(line).expect(1).says("File too large");
}

#[test]
fn a_socket_in_the_place_of_a_lock_is_named() {
    let sandbox = Sandbox::with_examples();
    sandbox
        .folder("root/.cplinks")
        .set_mode("root/.cplinks", 0o700);
    let before = live(&sandbox);
    for (lock, lines) in [
        ("lock", [PLAN, APPLY]),
        (
            "watch.lock",
            ["cplinks watch examples/acme --root root", APPLY],
        ),
    ] {
        let path = format!("root/.cplinks/{lock}");
        let socket = UnixListener::bind(sandbox.path(&path)).unwrap();
        let [first, second] = lines;
        let says = format!(
            "error: `[SANDBOX]/{path}` is a socket\n\
             hint: cplinks did not make it: look at what it is, and move it away (mv [SANDBOX]/{path} …)\n"
        );
        sandbox.shell(first).expect(1).says(&says);
        if lock == "lock" {
            sandbox.shell(second).expect(1).says(&says);
            assert_eq!(live(&sandbox), before);
        }
        drop(socket);
        fs::remove_file(sandbox.path(&path)).unwrap();
    }
}

//! The architecture page of the crate, held to the truth: which module may
//! use which, where files may be opened, what may not be left lying about.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads the source tree"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and the modules it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("codec", &["model"]),
    ("plan", &["model"]),
    ("manifest", &["model", "plan", "spread"]),
    ("doctor", &["model", "plan"]),
    ("whm", &["codec", "manifest", "model", "plan"]),
    // How YAML holds a text, and what WHM answers.
    (
        "report",
        &["doctor", "import", "manifest", "model", "plan", "whm"],
    ),
    ("store", &["codec", "model", "plan", "process", "spread"]),
    ("apply", &["codec", "model", "plan", "spread", "store"]),
    ("ledger", &["codec", "model", "plan"]),
    // How JSON is spelt.
    ("snapshot", &["model", "plan", "report"]),
    ("import", &["model", "plan"]),
    (
        "reconcile",
        &[
            "ledger", "manifest", "model", "plan", "snapshot", "spread", "store",
        ],
    ),
    ("process", &[]),
    ("spread", &["process"]),
    ("watch", &["model", "plan"]),
    // The age that is given on the command line.
    ("cli", &["snapshot"]),
    (
        "run",
        &[
            "apply",
            "cli",
            "doctor",
            "import",
            "ledger",
            "manifest",
            "model",
            "plan",
            "process",
            "reconcile",
            "report",
            "snapshot",
            "spread",
            "store",
            "watch",
            "whm",
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The modules of the crate that a text names as `crate::NAME`.
fn used(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| {
            line.split("crate::")
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

fn is_test_file(path: &Path) -> bool {
    let name = path.file_stem().unwrap().to_str().unwrap();
    matches!(name, "tests" | "testing" | "faulty")
        || path.components().any(|c| c.as_os_str() == "tests")
}

#[test]
fn the_arrows_between_modules_go_one_way() {
    for (module, may_use) in ARROWS {
        let folder = root().join("src").join(module);
        let file = root().join("src").join(format!("{module}.rs"));
        let files = if folder.is_dir() {
            rust_files(&folder)
        } else {
            vec![file]
        };
        for path in files.iter().filter(|p| !is_test_file(p)) {
            for name in used(&fs::read_to_string(path).unwrap()) {
                let is_allowed = name == *module || may_use.contains(&name.as_str());
                assert!(is_allowed, "{} uses {name}", path.display());
            }
        }
    }
}

#[test]
fn only_the_borders_open_files_or_read_the_environment() {
    let borders: BTreeSet<_> = rust_files(&root().join("src"))
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.contains("clippy::disallowed_methods")
        })
        .map(|path| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    let expected = [
        "src/manifest/open.rs",
        "src/manifest/revision.rs",
        "src/manifest/tokens.rs",
        "src/run/import/place.rs",
        "src/run/login/client.rs",
        "src/run/output.rs",
        "src/run/world.rs",
        "src/store/disk/real.rs",
        "src/watch/mounts.rs",
    ];
    let code: BTreeSet<_> = borders
        .iter()
        .map(String::as_str)
        .filter(|p| !p.contains("test"))
        .collect();
    assert_eq!(code, BTreeSet::from(expected));
}

#[test]
fn one_place_opens_connections() {
    let border = root().join("src/run/login/client");
    let words = [
        "ureq",
        "rustls",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
        "socket_addrs",
    ];
    for path in rust_files(&root().join("src")) {
        let is_border = path.with_extension("") == border || path.starts_with(&border);
        if is_border || is_test_file(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
    let text = fs::read_to_string(border.with_extension("rs")).unwrap();
    assert!(text.contains("ureq"), "the border is somewhere else");
}

#[test]
fn the_core_reads_no_clock_and_has_no_randomness() {
    for module in [
        "model", "codec", "plan", "report", "snapshot", "import", "doctor", "whm",
    ] {
        for path in rust_files(&root().join("src").join(module)) {
            let text = fs::read_to_string(&path).unwrap();
            for word in [
                "Instant::now",
                "SystemTime",
                "std::env",
                "std::fs",
                "std::process",
            ] {
                assert!(!text.contains(word), "{} has {word}", path.display());
            }
        }
    }
}

/// A clock on the wall jumps. It dates runs, pauses and snapshots; waits, lock
/// time-outs and back-off are measured with one that only goes on.
#[test]
fn the_clock_on_the_wall_only_dates() {
    let words = ["SystemTime", "UNIX_EPOCH", "Timestamp::now"];
    let readers: BTreeSet<_> = rust_files(&root().join("src"))
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            words.iter().any(|word| text.contains(word))
        })
        .map(|path| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    let dating = [
        "src/run/against.rs",
        "src/run/pause.rs",
        "src/run/snapshot.rs",
        "src/run/watch/clock.rs",
    ];
    assert_eq!(readers, dating.map(str::to_owned).into());
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no header", path.display());
    }
}

/// The tests of a file, by their names.
fn tests_in(text: &str) -> impl Iterator<Item = String> {
    let mut is_test = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        let name = line
            .strip_prefix("fn ")
            .and_then(|rest| rest.split_once("()"));
        // Other attributes may stand between.
        let was_test = is_test;
        is_test = line == "#[test]" || was_test && line.starts_with('#');
        was_test.then_some(name?.0.to_owned())
    })
}

#[test]
fn each_test_of_the_track_record_exists() {
    let folders = ["src", "tests"].map(|folder| rust_files(&root().join(folder)));
    let tests: BTreeSet<String> = folders
        .iter()
        .flatten()
        .flat_map(|path| tests_in(&fs::read_to_string(path).unwrap()).collect::<Vec<_>>())
        .collect();
    for (page, from) in [
        ("SECURITY.md", "## Track record"),
        ("fuzz/LEDGER.md", "## Findings"),
    ] {
        let page = fs::read_to_string(root().join(page)).unwrap();
        let (_, record) = page.split_once(from).unwrap();
        let record = record.split("\n## ").next().unwrap();
        let rows = record.lines().filter(|line| line.starts_with("| "));
        let mut count = 0;
        // The first is the heading.
        for row in rows.skip(1) {
            let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
            let test = cells.last().unwrap().trim().trim_matches('`');
            assert!(tests.contains(test), "{test} of {row}");
            count += 1;
        }
        assert!(count > 0, "no row behind {from}");
    }
}

#[test]
fn no_code_is_unsafe_and_no_sum_overflows_unseen() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let lines: Vec<_> = manifest.lines().collect();
    let behind = |section: &str| {
        let at = lines.iter().position(|line| *line == section).unwrap();
        let rest = lines[at + 1..].iter();
        rest.take_while(|line| !line.starts_with('['))
            .collect::<Vec<_>>()
    };
    assert!(behind("[profile.release]").contains(&&"overflow-checks = true"));
    let dist = behind("[profile.dist]");
    assert!(dist.contains(&&"inherits = \"release\""));
    assert!(!dist.iter().any(|line| line.starts_with("overflow-checks")));
    assert!(behind("[lints.rust]").contains(&&"unsafe_code = \"forbid\""));
    for file in ["src/lib.rs", "src/main.rs"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "{file}");
    }
}

#[test]
fn nothing_is_left_lying_about() {
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    // Put together, so that this file does not find itself.
    let words = [
        ["todo", "!("].concat(),
        ["dbg", "!("].concat(),
        ["FIX", "ME"].concat(),
        ["#[", "ignore"].concat(),
        ["#[", "allow("].concat(),
    ];
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        for word in &words {
            assert!(
                !text.contains(word.as_str()),
                "{} has {word}",
                path.display()
            );
        }
    }
}

#[test]
fn every_test_file_is_part_of_the_test_crate() {
    let main = fs::read_to_string(root().join("tests/cli/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("tests/cli")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if matches!(name.as_str(), "main" | "snapshots") {
            continue;
        }
        assert!(
            main.contains(&format!("mod {name};")),
            "{name} is not in main.rs"
        );
    }
}

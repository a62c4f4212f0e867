//! The files for Prometheus and for a probe.

use super::world::{LONG, Over, PROMPT, Watch, applied, manifest, steal};
use rustix::process::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

/// Reads the text form as the exposition format has it: each family with its
/// help and type first, each row once, each value a number.
fn parse(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let mut rows = BTreeMap::new();
    let mut families = BTreeSet::new();
    let mut family = String::new();
    let mut help = String::new();
    if !text.ends_with('\n') {
        return Err("no line end at the end".to_owned());
    }
    for line in text.lines() {
        let fail = |why: &str| Err(format!("{why}: {line:?}"));
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, words) = rest.split_once(' ').ok_or("a help without words")?;
            if words.is_empty() || !families.insert(name.to_owned()) {
                return fail("a family twice, or without words");
            }
            name.clone_into(&mut help);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or("a type without a kind")?;
            if name != help || !["counter", "gauge", "summary"].contains(&kind) {
                return fail("a type of no family, or of no kind");
            }
            if kind == "counter" && !name.ends_with("_total") {
                return fail("a counter by another name");
            }
            name.clone_into(&mut family);
        } else {
            let (row, value) = line.rsplit_once(' ').ok_or("a row without a value")?;
            let name = row.split('{').next().unwrap_or(row);
            let base = ["_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end));
            if name != family && base != Some(family.as_str()) {
                return fail("a row of another family");
            }
            let value: f64 = value.parse().map_err(|_| format!("no number: {line:?}"))?;
            if rows.insert(row.to_owned(), value).is_some() {
                return fail("a row twice");
            }
        }
    }
    Ok(rows)
}

#[test]
fn the_figures_are_as_prometheus_reads_them() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &["--every=365d"]);
    watch.wait_until_settled();
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair", PROMPT, |watch| {
        watch.figures().contains("result=\"changed\"} 1\n")
    });
    let version = env!("CARGO_PKG_VERSION");
    let info = format!("info{{version=\"{version}\",mode=\"apply\"}}");
    let rows = parse(&watch.figures()).unwrap();
    let of = |name: &str| rows.get(&format!("cplinks_watch_{name}")).copied();
    for (name, value) in [
        (info.as_str(), 1.0),
        ("rounds_total{look=\"full\",result=\"nothing\"}", 1.0),
        ("rounds_total{look=\"users\",result=\"changed\"}", 1.0),
        ("changes_total{action=\"replace\"}", 1.0),
        ("changes_total{action=\"hide\"}", 0.0),
        ("users", 3.0),
        ("watched_folders", 6.0),
        ("pending", 0.0),
        ("manifest_broken", 0.0),
        ("healthy", 1.0),
        ("polling", 0.0),
        ("held{why=\"paused\"}", 0.0),
    ] {
        assert_eq!(of(name), Some(value), "{name} in {rows:#?}");
    }
    let times = [
        "start_time",
        "last_success_timestamp",
        "last_round_timestamp",
    ];
    let now = jiff::Timestamp::now().as_second();
    for name in times.map(|name| format!("{name}_seconds")) {
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
        let at = of(&name).unwrap() as i64;
        assert!(
            (now - 300..=now + 1).contains(&at),
            "{name}: {at}, now {now}"
        );
    }
    // The node exporter runs as somebody else.
    for file in ["prom", "health"] {
        let path = sandbox.path(&format!("out/watch.{file}"));
        let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o644, "{file}");
    }
    watch.stop();
}

#[test]
fn the_health_is_one_line_and_its_first_word_tells() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &["--every=365d"]);
    watch.wait_until_settled();
    let line = || sandbox.read("out/watch.health");
    let good = line();
    assert!(
        good.starts_with("ok at=") && good.lines().count() == 1,
        "{good}"
    );
    for part in ["mode=apply", "manifest=good", "pending=0", "refused=0"] {
        assert!(good.contains(&format!(" {part} ")), "{good}");
    }
    let value = |name: &str| {
        let part = good.split(' ').find_map(|part| part.strip_prefix(name));
        part.unwrap().parse::<jiff::Timestamp>().unwrap()
    };
    assert!(value("until=") > value("at="), "{good}");
    sandbox.write("conf/m.yaml", "");
    watch.wait_until("it is degraded", PROMPT, |_| {
        line().starts_with("degraded ")
    });
    assert!(line().contains(" manifest=broken "), "{}", line());
    watch.stop();
    // One that never had a manifest does not work.
    let mut watch = Watch::start(&sandbox, &["--every=365d"]);
    watch.wait_until("it fails", PROMPT, |_| line().starts_with("failing "));
    assert!(line().contains(" manifest=none "), "{}", line());
    sandbox.write("conf/m.yaml", manifest("Old"));
    watch.wait_until("it works", PROMPT, |_| line().starts_with("ok "));
    watch.stop();
}

#[test]
fn who_reads_the_files_never_meets_half_of_one() {
    let sandbox = applied();
    let mut watch = Watch::start(&sandbox, &["--every=365d"]);
    watch.wait_until_settled();
    let is_over = AtomicBool::new(false);
    let [prom, health] = ["prom", "health"].map(|end| sandbox.path(&format!("out/watch.{end}")));
    let (reads, versions) = scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut versions) = (0_u64, BTreeSet::new());
            while !is_over.load(Ordering::Relaxed) {
                let figures = fs::read_to_string(&prom).unwrap();
                let rows = parse(&figures).unwrap();
                assert!(
                    rows.contains_key("cplinks_watch_lost_events_total"),
                    "{figures}"
                );
                let line = fs::read_to_string(&health).unwrap();
                assert!(
                    line.starts_with("ok ") && line.ends_with("failures=0\n"),
                    "{line}"
                );
                reads += 1;
                versions.insert(figures);
            }
            (reads, versions.len())
        });
        let over = Over(&is_over);
        for round in 2..40_u32 {
            watch.signal(Signal::HUP);
            watch.wait_until("one more round", LONG, |watch| {
                watch.figure("rounds_total") >= Some(f64::from(round))
            });
        }
        drop(over);
        reader.join().unwrap()
    });
    assert!(
        reads > 50 && versions > 10,
        "{reads} reads of {versions} versions"
    );
    watch.stop();
    // And nothing is left beside them.
    let mut names: Vec<_> = fs::read_dir(sandbox.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["watch.health", "watch.log", "watch.prom", "watch.stdout"]
    );
}

#[test]
fn files_beside_the_manifest_wake_nobody() {
    let sandbox = applied();
    let arguments = [
        "watch",
        "conf",
        "--root=root",
        "--every=365d",
        "--metrics-file=conf/watch.prom",
        "--health-file=conf/watch.health",
        "--log-format=json",
    ];
    let mut watch = Watch::spawn(&sandbox, "watch", &mut sandbox.command(&arguments));
    let figures = || fs::read_to_string(sandbox.path("conf/watch.prom")).unwrap_or_default();
    watch.wait_until("the first round", LONG, |_| {
        figures().contains("rounds_total{")
    });
    let before = figures();
    watch.assert_stays("asleep", std::time::Duration::from_secs(2), |_| {
        figures() == before
    });
    watch.stop();
}

#[test]
fn files_below_the_root_and_two_in_one_are_refused() {
    let sandbox = applied();
    let before = sandbox.fingerprint();
    let watch = ["watch", "conf", "--root=root"];
    let below = "--metrics-file=root/links/alice/Billing.userconfig";
    sandbox
        .run(&[&watch[..], &[below]].concat())
        .expect(1)
        .says("is below the root, where only links may lie");
    let one = ["--metrics-file=conf/one", "--health-file=conf/one"];
    sandbox
        .run(&[&watch[..], &one].concat())
        .expect(1)
        .says("would go to the file `conf/one`");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn they_are_written_over_nothing_that_is_read() {
    let sandbox = applied();
    sandbox.write("s.yaml", "{}\n");
    let before = sandbox.fingerprint();
    for file in ["conf/m.yaml", "conf/health.yaml", "s.yaml"] {
        let health = format!("--health-file={file}");
        let more = ["--metrics-file=figures", "--secrets=s.yaml", &health];
        let outcome = sandbox.run(&[&["watch", "conf", "--root=root"], &more[..]].concat());
        outcome.expect(1).says("is read by the watch");
    }
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn what_one_left_that_was_killed_is_in_nobodys_way() {
    let sandbox = applied();
    sandbox.folder("out");
    // The first process of a container has the same number each time.
    let line = format!(
        "echo left > out/.w.prom.$$; echo left > out/.w.health.$$; \
         exec {} watch conf --root=root --metrics-file=out/w.prom --health-file=out/w.health",
        env!("CARGO_BIN_EXE_cplinks")
    );
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &line]).current_dir(sandbox.path(""));
    let mut watch = Watch::spawn(&sandbox, "w", &mut command);
    watch.wait_until_settled();
    watch.stop();
    let left = sandbox.names("out");
    assert!(!left.contains("/.w"), "{left}");
}

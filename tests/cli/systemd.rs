//! The units of `examples/systemd`: that systemd takes them, how exposed it
//! finds them, that they call what there is, and that what they leave of
//! root's powers is enough.

use crate::apply::modes::account;
use crate::support::Sandbox;
use std::fs;
use std::path::Path;
use std::process::Command;

const SERVICES: [&str; 3] = ["apply", "recover", "watch"];

fn service(sandbox: &Sandbox, name: &str) -> String {
    sandbox.read(&format!("examples/systemd/cplinks-{name}.service"))
}

/// The values of a key, each line's own.
fn values<'u>(unit: &'u str, key: &str) -> Vec<&'u str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    let of_key = lines.filter(|(name, _)| *name == key);
    of_key.map(|(_, value)| value).collect()
}

fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

#[test]
fn systemd_finds_nothing_wrong_with_any_unit() {
    if !has("systemd-analyze") {
        eprintln!(
            "cli: SKIPPED systemd_finds_nothing_wrong_with_any_unit: there is no systemd-analyze"
        );
        return;
    }
    let sandbox = Sandbox::with_examples();
    // It looks whether the program is there, so the one under test stands in.
    for entry in fs::read_dir(sandbox.path("examples/systemd")).unwrap() {
        let path = entry.unwrap().path();
        let unit = fs::read_to_string(&path).unwrap();
        let binary = env!("CARGO_BIN_EXE_cplinks");
        fs::write(&path, unit.replace("/usr/local/bin/cplinks", binary)).unwrap();
    }
    let verify = "systemd-analyze verify --man=no examples/systemd/*";
    let outcome = sandbox.shell(verify).expect(0);
    assert_eq!(outcome.stdout + &outcome.stderr, "");
    // And would say so.
    let broken = service(&sandbox, "watch").replace("WatchdogSec=2min", "WatchdogSec=often");
    sandbox.write("examples/systemd/cplinks-watch.service", broken);
    sandbox
        .shell(&format!("{verify} 2>&1"))
        .says("Failed to parse");
}

#[test]
fn systemd_finds_each_service_well_protected() {
    if !has("systemd-analyze") {
        eprintln!(
            "cli: SKIPPED systemd_finds_each_service_well_protected: there is no systemd-analyze"
        );
        return;
    }
    let sandbox = Sandbox::with_examples();
    for name in SERVICES {
        // Fifteen is 1.5 of ten.
        let line = format!(
            "systemd-analyze security --no-pager --offline=true --threshold=15 \
             examples/systemd/cplinks-{name}.service"
        );
        sandbox
            .shell(&line)
            .expect(0)
            .says("Overall exposure level");
    }
}

#[test]
fn all_services_are_protected_alike() {
    let sandbox = Sandbox::with_examples();
    let protection = |name: &str| {
        let unit = service(&sandbox, name);
        let (_, rest) = unit.split_once("\n# It is root, ").unwrap();
        let end = rest.find("\n[Install]").unwrap_or(rest.len());
        rest[..end].trim_end().to_owned()
    };
    for name in SERVICES {
        assert_eq!(protection(name), protection("watch"), "{name}");
        let unit = service(&sandbox, name);
        assert_eq!(
            values(&unit, "ReadWritePaths"),
            ["/var/cpanel/integration"],
            "{name}"
        );
    }
}

#[test]
fn the_timer_and_the_services_call_what_there_is() {
    let sandbox = Sandbox::with_examples();
    assert!(Path::new("examples/systemd/cplinks-apply.timer").exists());
    for name in SERVICES {
        // One command may go over several lines.
        let unit = service(&sandbox, name).replace("\\\n", "");
        let [command] = values(&unit, "ExecStart")[..] else {
            panic!("{name} calls one command");
        };
        let command = command.strip_prefix("/usr/local/bin/").unwrap();
        // Options that there are not are refused before help is shown.
        sandbox
            .shell(&format!("{command} --help"))
            .expect(0)
            .says("Usage: cplinks");
    }
}

#[test]
fn the_powers_that_a_unit_leaves_are_enough() {
    let test = "the_powers_that_a_unit_leaves_are_enough";
    let sandbox = Sandbox::with_root();
    let is_root = sandbox.shell("id -u").expect(0).stdout == "0\n";
    let (Some((name, gid)), true, true) = (account(), is_root, has("setpriv")) else {
        eprintln!("cli: SKIPPED {test}: it needs root, setpriv and an account in /etc/passwd");
        return;
    };
    let unit = Sandbox::with_examples();
    let unit = service(&unit, "apply");
    let [powers] = values(&unit, "CapabilityBoundingSet")[..] else {
        panic!("one line of capabilities");
    };
    let powers: Vec<_> = powers
        .split(' ')
        .map(|power| format!(",+{}", power.strip_prefix("CAP_").unwrap().to_lowercase()))
        .collect();
    let link = |label: &str| {
        format!(
            "version: 1\nusers:\n  {name}:\n    links:\n      A: {{ label: {label}, \
             implements: '', url: 'https://a.example/' }}\n"
        )
    };
    let apply = |powers: &str| {
        sandbox.shell(&format!(
            "setpriv --bounding-set=-all{powers} --inh-caps=-all --no-new-privs \
             cplinks apply m.yaml --root root --owners set --yes"
        ))
    };
    let left = powers.concat();
    sandbox.write("m.yaml", link("Old"));
    apply(&left).expect(0).says("1 created");
    // What somebody else made of it, who lets nobody else read it.
    sandbox
        .shell(&format!(
            "chown {gid}:{gid} root/links/{name} root/links/{name}/A.userconfig; \
             chmod 700 root/links/{name}; chmod 600 root/links/{name}/A.userconfig"
        ))
        .expect(0);
    sandbox.write("m.yaml", link("New"));
    apply(&left)
        .expect(0)
        .says("1 replaced, 1 folder mended, 0 failed");
    // None of them is left for nothing.
    sandbox
        .shell("rm -r root; mkdir root; chmod 755 root")
        .expect(0);
    apply("").expect(1).says("cannot change the owner");
    sandbox
        .shell("rm -r root; mkdir root; chmod 755 root")
        .expect(0);
    apply(&left).expect(0);
    sandbox
        .shell(&format!(
            "chown {gid}:{gid} root/links/{name}/A.userconfig; \
             chmod 600 root/links/{name}/A.userconfig"
        ))
        .expect(0);
    apply(",+chown").expect(1).says("cannot be read");
}

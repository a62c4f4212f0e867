//! Laws: random manifests on random disks, held against a reference model.
//! `PROPTEST_CASES` says how many; the commands run in this process.

mod call;
mod disk;
mod generate;
mod glance;
mod group;
mod import;
mod model;
mod pause;
mod snapshot;
mod volume;
mod world;

use crate::support::Sandbox;
use cplinks::run::{Exit, World as Process, run};
use disk::files;
use generate::world;
use model::{Fate, check_as_said, check_hidden, fate, untouched};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use std::ffi::OsString;
use world::Order;

const CASES: u32 = 64;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: cases.and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        // A case found once is written down as a test of its own.
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    }
}

/// Runs a command on the sandbox's root.
#[track_caller]
fn cplinks(sandbox: &Sandbox, command: &str, more: &[&str]) -> (Exit, String) {
    let path = |name: &str| sandbox.path(name).to_str().unwrap().to_owned();
    let (links, root, secrets) = (path("links.yaml"), path("root"), path("secrets.yaml"));
    let fixed = [
        "cplinks",
        command,
        &links,
        "--root",
        &root,
        "--secrets",
        &secrets,
        "--expand",
    ];
    let arguments: Vec<&str> = fixed.into_iter().chain(more.iter().copied()).collect();
    let (exit, out) = in_process(&arguments);
    (exit, out.replace(&root, "ROOT"))
}

/// Runs a command line in this process; a token in what it says is an end.
#[track_caller]
fn in_process(arguments: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(
        arguments.iter().map(OsString::from),
        &mut Process {
            stdin: Box::new(std::io::empty()),
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            is_interactive: false,
            shows_progress: false,
            colored: (false, false),
            github: None,
        },
    );
    let [out, err] = [out, err].map(|bytes| {
        let text = String::from_utf8(bytes).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    });
    for text in [&out, &err] {
        assert!(!text.contains("canary"), "{text}");
    }
    // The manifests of these worlds are valid, and so are their roots. What
    // is warned about stands in the order of the manifest, and in no plan.
    let has_error = err.lines().any(|line| line.starts_with("error"));
    assert!(!has_error, "{err}");
    (exit, out)
}

/// Lets every guard through.
const ALLOW: [&str; 6] = [
    "--allow-hide",
    "99",
    "--allow-replace",
    "99",
    "--allow-new-host",
    "99",
];

fn apply(sandbox: &Sandbox, more: &[&str]) -> (Exit, String) {
    cplinks(sandbox, "apply", &[&["--yes"], &ALLOW[..], more].concat())
}

fn plan(sandbox: &Sandbox) -> (Exit, String) {
    cplinks(
        sandbox,
        "plan",
        &[&["--detailed-exitcode"], &ALLOW[..]].concat(),
    )
}

/// The links that a plan's text changes, as `user/app`.
fn changed(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| {
        ["+ create ", "~ replace ", "- hide ", "- remove "]
            .iter()
            .any(|mark| line.starts_with(mark))
    });
    rows.filter_map(|row| row.split_ascii_whitespace().nth(2))
        .filter(|address| !address.contains("group:"))
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_apply_does_what_the_model_says_and_nothing_else(world in world()) {
        let sandbox = world.sandbox();
        let before: Vec<_> = world.cells.keys().map(|(u, a)| untouched(&sandbox, u, a)).collect();
        let (exit, text) = apply(&sandbox, &[]);
        let mut is_blocked = false;
        for (((user, app), cell), before) in world.cells.iter().zip(before) {
            match fate(&world, user, app, cell) {
                Fate::LeftAlone => prop_assert_eq!(untouched(&sandbox, user, app), before),
                Fate::Blocked => {
                    is_blocked = true;
                    prop_assert_eq!(untouched(&sandbox, user, app), before);
                    let address = format!("{user}/{app}");
                    prop_assert!(text.contains(&address), "{} is not in {}", address, text);
                }
                Fate::AsSaid => check_as_said(&sandbox, user, app, cell),
                Fate::Hidden => check_hidden(&sandbox, user, app, cell.disk.as_ref().unwrap()),
                Fate::Gone => for file in files(user, app) {
                    prop_assert!(!sandbox.path("root").join(&file).exists(), "{file}");
                },
            }
        }
        let expect = if is_blocked { Exit::Failed } else { Exit::Done };
        prop_assert_eq!(exit, expect, "{}", text);

        // Nothing is left to do, and doing it again does nothing.
        let (exit, text) = plan(&sandbox);
        prop_assert_eq!(exit, Exit::Done, "{}", text);
        prop_assert!(text.contains("Plan: no changes"), "{text}");
        let once = sandbox.fingerprint();
        let (exit, text) = apply(&sandbox, &[]);
        prop_assert_eq!(exit, expect, "{}", text);
        prop_assert_eq!(sandbox.fingerprint(), once);
        // What an apply leaves is what drift is measured from.
        let drift = sandbox.run(&["drift", "--root", "root"]);
        prop_assert_eq!(drift.code, 0, "{}", drift.shown());
        prop_assert!(!drift.stdout.contains("not known"), "{}", drift.shown());
    }

    #[test]
    fn the_order_of_a_manifest_is_no_input(world in world()) {
        let sandbox = world.sandbox();
        let before = sandbox.tree("root");
        let forth = plan(&sandbox);
        sandbox.write("links.yaml", world.manifest(Order::Back));
        let back = plan(&sandbox);
        prop_assert_eq!(forth, back);
        prop_assert_eq!(sandbox.tree("root"), before);
    }

    #[test]
    fn every_change_is_needed(world in world(), pick in any::<prop::sample::Index>()) {
        let sandbox = world.sandbox();
        let (_, text) = plan(&sandbox);
        let addresses = changed(&text);
        prop_assert!(!addresses.is_empty(), "zed/A_one is to be created in {}", text);
        let dropped = *pick.get(&addresses);
        let (user, app) = dropped.split_once('/').unwrap();
        apply(&sandbox, &["--exclude-user", user]);
        apply(&sandbox, &["--user", user, "--exclude-app", app]);
        let (exit, text) = plan(&sandbox);
        prop_assert_eq!(exit, Exit::Pending, "{}", text);
        prop_assert_eq!(changed(&text), [dropped], "{}", text);
        apply(&sandbox, &["--user", user, "--app", app]);
        let (exit, text) = plan(&sandbox);
        prop_assert_eq!(exit, Exit::Done, "{}", text);
    }

    #[test]
    fn a_refused_plan_changes_nothing(world in world()) {
        // Everything the manifest names is hidden: three in nine are too many.
        let mut world = world;
        for cell in world.cells.values_mut() {
            if let Some(world::Say::Link(fields, _)) = &mut cell.say {
                fields.hide = true;
            }
        }
        let sandbox = world.sandbox();
        let before = sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
        let (planned, _) = cplinks(&sandbox, "plan", &[]);
        let (exit, text) = cplinks(&sandbox, "apply", &["--yes"]);
        if planned == Exit::Refused {
            // What is blocked weighs more in the exit code.
            prop_assert!(matches!(exit, Exit::Refused | Exit::Failed), "{text}");
            prop_assert!(text.contains("! refused by guard "), "{text}");
            let after = sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
            prop_assert_eq!(after, before);
        } else {
            prop_assert!(exit != Exit::Refused, "{text}");
        }
    }
}

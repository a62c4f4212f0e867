//! What is imported is what is there: a plan of it is empty, whatever lies on
//! the disk, and to import again changes nothing.

use super::disk::put;
use super::generate::world;
use super::world::{APPS, Disk, Fields, Lies, USERS, World};
use super::{ALLOW, apply, changed, config, in_process};
use crate::import::uncommented;
use crate::support::Sandbox;
use cplinks::run::Exit;
use proptest::prelude::*;

/// A link that can always be taken over.
fn plain() -> Disk {
    Disk {
        fields: Fields {
            label: "Plain".to_owned(),
            implements: "",
            url: "https://x.example/zed?of=zed".to_owned(),
            login: None,
            group: None,
            order: None,
            hide: false,
        },
        token: None,
        u: Lies::Good,
        a: Lies::Good,
        d: Lies::Good,
        loose: false,
        unknown: false,
        odd_modes: false,
    }
}

/// Lets the links of each app share most of what they say.
fn share(world: &mut World) {
    for app in APPS {
        let mut first: Option<Fields> = None;
        for user in USERS {
            let cell = world.cells.get_mut(&(user, app)).unwrap();
            if let Some(disk) = &mut cell.disk {
                let shared = first.get_or_insert_with(|| disk.fields.clone());
                disk.fields = Fields {
                    url: format!("https://x.example/a/{user}?of={user}"),
                    ..shared.clone()
                };
            }
        }
    }
}

fn cplinks(sandbox: &Sandbox, arguments: &[&str]) -> (Exit, String) {
    let path = |name: &str| sandbox.path(name).to_str().unwrap().to_owned();
    let (root, taken, secrets) = (path("root"), path("taken"), path("tokens.yaml"));
    let arguments = arguments.iter().map(|argument| match *argument {
        "TAKEN" => taken.as_str(),
        "TOKENS" => secrets.as_str(),
        argument => argument,
    });
    let all: Vec<_> = ["cplinks"]
        .into_iter()
        .chain(arguments)
        .chain(["--root", &root])
        .collect();
    in_process(&all)
}

fn check(
    mut world: World,
    is_shared: bool,
    is_applied: bool,
    is_forced: bool,
) -> Result<(), TestCaseError> {
    if is_shared {
        share(&mut world);
    }
    let sandbox = world.sandbox();
    if is_applied {
        // Some of it is ours: what cannot be taken over would be hidden.
        apply(&sandbox, &[]);
        for ((user, app), cell) in &world.cells {
            if let Some(disk) = &cell.disk {
                put(&sandbox, user, app, disk);
            }
        }
    }
    put(&sandbox, "zed", "A_two", &plain());
    for tree in ["links", "dynamicui"] {
        sandbox.set_mode(&format!("root/{tree}/zed"), 0o750);
    }
    let root = sandbox.tree("root");
    let import = ["import", "TAKEN", "--all", "--write-secrets", "TOKENS"];
    let (exit, text) = cplinks(&sandbox, &import);
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    prop_assert_eq!(sandbox.tree("root"), root);
    let taken = sandbox.tree("taken");
    for number in 0..4 {
        // A space follows it in tokens alone.
        prop_assert!(!taken.contains(&format!("canary-{number} ")), "{}", taken);
    }

    for secrets in [&["--secrets", "TOKENS"][..], &[]] {
        let plan = [&["plan", "TAKEN", "--detailed-exitcode"], secrets].concat();
        let (exit, text) = cplinks(&sandbox, &plan);
        prop_assert_eq!(exit, Exit::Done, "{}\n{}", text, taken);
        prop_assert!(text.contains("Plan: no changes"), "{text}");
    }

    let files = sandbox.tree("taken") + &sandbox.read("tokens.yaml");
    let again = [&import[..], if is_forced { &["--force"] } else { &[] }].concat();
    let (exit, text) = cplinks(&sandbox, &again);
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    prop_assert!(text.contains("nothing to write"), "{text}");
    prop_assert_eq!(
        sandbox.tree("taken") + &sandbox.read("tokens.yaml"),
        files.clone()
    );

    // The first apply takes up what is named, and moves nothing.
    let links = || sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    let before = links();
    let (exit, text) = cplinks(
        &sandbox,
        &["apply", "TAKEN", "--yes", "--secrets", "TOKENS"],
    );
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    prop_assert_eq!(links(), before);
    let (exit, text) = cplinks(&sandbox, &import);
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    prop_assert_eq!(sandbox.tree("taken") + &sandbox.read("tokens.yaml"), files);
    check_uncommented(&sandbox)
}

/// Without the `# ` each comment is a link that a manifest may name, unless it
/// says that none may; what is said to be rewritten is.
fn check_uncommented(sandbox: &Sandbox) -> Result<(), TestCaseError> {
    let page = "taken/users/0001.yaml";
    let (text, rewritten) = uncommented(&sandbox.read(page));
    sandbox.write(page, &text);
    let taken = sandbox.path("taken");
    let (exit, out) = cplinks_alone(&["validate", taken.to_str().unwrap()]);
    prop_assert_eq!(exit, Exit::Done, "{}\n{}", out, text);
    let plan = ["plan", "TAKEN", "--expand", "--secrets", "TOKENS"];
    let (exit, out) = cplinks(sandbox, &[&plan, &ALLOW[..]].concat());
    prop_assert_eq!(exit, Exit::Done, "{}", out);
    let changed = changed(&out);
    for address in &rewritten {
        prop_assert!(
            changed.contains(&address.as_str()),
            "{address} in {out}\n{text}"
        );
    }
    Ok(())
}

/// What stands beside a manifest can be added to it, and then nothing is done
/// that was not done before.
fn check_extra(world: &World) -> Result<(), TestCaseError> {
    let sandbox = world.sandbox();
    let path = |name: &str| sandbox.path(name).to_str().unwrap().to_owned();
    let (links, extra) = (path("links.yaml"), path("extra.yaml"));
    let (exit, text) = cplinks(&sandbox, &["unmanaged", &links, "--format", "yaml"]);
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    sandbox.write("extra.yaml", &text);
    let (exit, _) = cplinks_alone(&["validate", &links, &extra]);
    prop_assert_eq!(exit, Exit::Done, "{}", text);
    let plan = |manifest: &[&str]| {
        let plan = [&["plan", "--expand"], manifest, &ALLOW[..]].concat();
        cplinks(&sandbox, &plan).1
    };
    let (alone, both) = (plan(&[&links]), plan(&[&links, &extra]));
    let (alone, both) = (changed(&alone), changed(&both));
    for address in &both {
        prop_assert!(alone.contains(address), "{} is new with {}", address, text);
    }
    Ok(())
}

fn cplinks_alone(arguments: &[&str]) -> (Exit, String) {
    in_process(&[&["cplinks"], arguments].concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_plan_of_what_was_imported_is_empty(
        world in world(),
        is_shared in any::<bool>(),
        is_applied in prop::bool::weighted(0.3),
        is_forced in any::<bool>(),
    ) {
        check(world, is_shared, is_applied, is_forced)?;
    }

    #[test]
    fn what_is_unmanaged_can_be_added_to_the_manifest(world in world()) {
        check_extra(&world)?;
    }
}

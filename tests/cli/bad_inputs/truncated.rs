//! Half a manifest: cut at every byte, it is refused, or removes nothing, and
//! hides nothing but links of users that are missing whole, whom a guard
//! holds, and of the one user in whom the cut falls.

use crate::support::Sandbox;
use cplinks::manifest::{HostPolicy, Loaded, OwnerCheck, Tokens, load};
use cplinks::plan::{Change, FileOwner, LinkAction, Owned, Policy};
use cplinks::reconcile;
use cplinks::run::{Exit, World, run};
use cplinks::store::{Owners, OwnersCheck, RealDisk, Store};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What a plan would take out of menus; `None` if the manifest is refused.
fn taken_away(store: &Store<RealDisk>, manifests: &[PathBuf]) -> Option<BTreeSet<String>> {
    let Loaded { manifest, .. } = load(
        manifests,
        std::io::empty(),
        OwnerCheck::Off,
        &HostPolicy::default(),
    );
    let manifest = manifest?;
    let settings = manifest.settings();
    let policy = Policy::of_rules(settings.unlisted, settings.apps.clone(), settings.limits);
    let tokens = Tokens::default();
    let plan = reconcile::plan(&manifest, &tokens, store, &Owned::default(), &policy).unwrap();
    let taken = plan.changes.iter().filter(|change| match change {
        Change::Link(change) => match &change.action {
            LinkAction::Hide { .. } | LinkAction::Remove { .. } => true,
            LinkAction::Create { .. } | LinkAction::Replace { .. } => false,
        },
        Change::Group(_) => false,
    });
    Some(
        taken
            .map(|change| format!("{:?}", change.address()))
            .collect(),
    )
}

#[test]
fn a_manifest_cut_anywhere_takes_nothing_away_that_the_whole_leaves() {
    let sandbox = Sandbox::with_examples();
    let owners = Owners {
        check: OwnersCheck::Off,
        set: FileOwner::Keep,
    };
    let store = Store::open_with(RealDisk, &sandbox.path("root"), owners).unwrap();
    let path = sandbox.path("examples/acme/10-links.yaml");
    let whole = std::fs::read(&path).unwrap();
    let manifests = [path.clone()];
    let by_whole = taken_away(&store, &manifests).expect("the whole is accepted");
    assert!(!by_whole.is_empty(), "the fixture takes something away");
    let mut accepted = 0;
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let Some(by_part) = taken_away(&store, &manifests) else {
            continue;
        };
        accepted += 1;
        let more: Vec<_> = by_part.difference(&by_whole).collect();
        assert!(more.is_empty(), "cut at {length}: {more:?}");
    }
    // Cuts between two users cannot be told from a shorter manifest.
    assert!(accepted > 0 && accepted < whole.len() / 4, "{accepted}");
}

/// So many users that one of them may leave.
const USERS: usize = 22;

/// Links in both of the styles of YAML: in one a cut user is no text, in the
/// other it is.
fn users() -> String {
    let mut text = "version: 1\ndefaults: { implements: '', label: L, url: 'https://a.example/' \
                    }\napps: { A: {}, B: {} }\nusers:\n"
        .to_owned();
    for user in 0..USERS {
        if user.is_multiple_of(2) {
            writeln!(text, "  u{user}: {{ links: {{ A: {{}}, B: {{}} }} }}").unwrap();
        } else {
            writeln!(text, "  u{user}:\n    links:\n      A: {{}}\n      B: {{}}").unwrap();
        }
    }
    text
}

/// A plan in this process: how it ends, and what is told of each change that
/// takes something away: verb, user and app. `None` if there is no plan.
fn plan(sandbox: &Sandbox) -> Option<(Exit, Vec<(String, String)>)> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let [manifest, root] = ["m.yaml", "root"].map(|name| sandbox.path(name).into_os_string());
    let words = ["cplinks", "plan", "--format", "json", "--root"].map(OsString::from);
    let exit = run(
        words.into_iter().chain([root, manifest]),
        &mut World {
            stdin: Box::new(std::io::empty()),
            out: Box::new(&mut out),
            err: Box::new(&mut err),
            is_interactive: false,
            shows_progress: false,
            colored: (false, false),
            github: None,
        },
    );
    if exit == Exit::Failed {
        assert!(out.is_empty(), "{}", String::from_utf8_lossy(&out));
        assert!(
            err.starts_with(b"error"),
            "{}",
            String::from_utf8_lossy(&err)
        );
        return None;
    }
    let plan: Value = serde_json::from_slice(&out).unwrap();
    let changes = plan["resource_changes"].as_array().unwrap();
    let told = changes.iter().map(|change| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&change["x_cplinks"]["action"]),
            text(&change["address"]),
        )
    });
    Some((exit, told.collect()))
}

#[test]
fn what_is_ours_is_hidden_by_no_cut_but_of_users_that_are_missing_under_a_guard() {
    let sandbox = Sandbox::with_root();
    let whole = users();
    sandbox.write("m.yaml", &whole);
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox.run(&apply).expect(0);
    let (mut refused, mut guarded, mut allowed) = (0, 0, 0);
    for length in 0..whole.len() {
        let cut = &whole[..length];
        sandbox.write("m.yaml", cut);
        let Some((exit, changes)) = plan(&sandbox) else {
            refused += 1;
            continue;
        };
        let is_named = |user: &str| cut.contains(&format!("\n  {user}:"));
        let last = (0..USERS)
            .rev()
            .map(|n| format!("u{n}"))
            .find(|u| is_named(u));
        let mut gone = BTreeSet::new();
        for (action, address) in &changes {
            assert_eq!(action, "hide", "cut at {length}: {address}");
            let user = address.rsplit_once('/').unwrap().0;
            let user = user.rsplit('/').next().unwrap();
            if is_named(user) {
                assert_eq!(Some(user), last.as_deref(), "cut at {length}: {address}");
            } else {
                gone.insert(user);
            }
        }
        // One in twenty may leave: of these one.
        if gone.len() > 1 {
            assert_eq!(exit, Exit::Refused, "cut at {length}: {gone:?}");
            guarded += 1;
        } else {
            allowed += 1;
        }
    }
    eprintln!(
        "cli: {} cuts: {refused} refused, {guarded} guarded, {allowed} allowed",
        whole.len()
    );
    assert!(refused > guarded && guarded > 10 && allowed > 2);
    // The neighbour: the whole of it, and one that ends without a line break.
    for whole in [&whole[..], whole.trim_end()] {
        sandbox.write("m.yaml", whole);
        assert_eq!(plan(&sandbox), Some((Exit::Done, Vec::new())));
    }
}

//! Half a manifest: cut at every byte, it is refused, or hides and removes
//! nothing that the whole would leave.

use crate::support::Sandbox;
use cplinks::manifest::{HostPolicy, Loaded, OwnerCheck, Tokens, load};
use cplinks::plan::{Change, FileOwner, LinkAction, Owned, Policy};
use cplinks::reconcile;
use cplinks::store::{Owners, OwnersCheck, RealDisk, Store};
use std::collections::BTreeSet;
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

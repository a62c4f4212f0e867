//! A plan that is made at a glance, by many threads, is the plan that is made
//! by reading all there is.

use super::generate::world;
use super::world::{Order, World};
use super::{apply, config};
use crate::support::Sandbox;
use cplinks::manifest::{HostPolicy, Manifest, OwnerCheck, Tokens, load};
use cplinks::model::{AppName, GroupId, UserName};
use cplinks::plan::{
    AppRules, Limits, Owned, Plan, Policy, UnknownTokens, Unlisted, Unrecorded, UserDrift,
};
use cplinks::reconcile::{self, ScopeError};
use cplinks::store::Store;
use proptest::prelude::*;

fn manifest(sandbox: &Sandbox) -> Manifest {
    let files = [sandbox.path("links.yaml")];
    let host = HostPolicy::default();
    let loaded = load(&files, std::io::empty(), OwnerCheck::default(), &host);
    loaded.manifest.unwrap()
}

fn policy(unlisted: Unlisted, unknown_tokens: UnknownTokens) -> Policy {
    Policy {
        unknown_tokens,
        ..Policy::of_rules(unlisted, AppRules::default(), Limits::BUILT_IN)
    }
}

/// Some of a world's links and a group of it are ours, and some that are not.
fn owned(world: &World) -> Owned {
    let mut owned = Owned::default();
    for (index, (user, app)) in world.cells.keys().enumerate() {
        if index % 3 != 0 {
            let user = UserName::parse(user).unwrap();
            owned.insert_group(user.clone(), GroupId::parse("g").unwrap());
            owned.insert(user, AppName::parse(app).unwrap());
        }
    }
    owned.insert(
        UserName::parse("gone").unwrap(),
        AppName::parse("A_one").unwrap(),
    );
    owned
}

/// What the state should learn is not asked of a plan that is only shown.
fn shown(plan: Plan) -> Plan {
    Plan {
        unrecorded: Unrecorded::default(),
        ..plan
    }
}

fn check(first: &World, second: &World, unlisted: Unlisted) -> Result<(), TestCaseError> {
    let sandbox = first.sandbox();
    apply(&sandbox, &[]);
    sandbox.write("links.yaml", second.manifest(Order::Forth));
    let store = Store::open(&sandbox.path("root")).unwrap();
    let owned = owned(second);
    let secrets = [sandbox.path("secrets.yaml")];
    for tokens in [
        Tokens::default(),
        Tokens::load(&secrets, OwnerCheck::default()).unwrap(),
    ] {
        for unknown in [UnknownTokens::NotCompared, UnknownTokens::Block] {
            let policy = policy(unlisted, unknown);
            let manifest = manifest(&sandbox);
            let glance = reconcile::plan(&manifest, &tokens, &store, &owned, &policy).unwrap();
            let mut look = |_: &_| Ok::<_, ScopeError>(UserDrift::default());
            let whole =
                reconcile::plan_and_look(&manifest, &tokens, &store, &owned, &policy, &mut look);
            prop_assert_eq!(glance, shown(whole.unwrap()));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_glance_tells_what_a_whole_look_tells(
        first in world(),
        second in world(),
        is_applied in any::<bool>(),
        unlisted in prop::sample::select(vec![
            Unlisted::HideOwned,
            Unlisted::HideAll,
            Unlisted::RemoveOwned,
            Unlisted::Keep,
        ]),
    ) {
        // Half of the time most is in sync.
        let second = if is_applied { &first } else { &second };
        check(&first, second, unlisted)?;
    }
}

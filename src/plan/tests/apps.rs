//! `manage`, `ignore` and the scope: what a run looks at and may touch.

use super::world::{Files, World, as_is, wanted_with};
use crate::model::Wanted;
use crate::plan::{GlobSet, Scope, Unlisted};

fn globs(globs: &[&str]) -> GlobSet {
    GlobSet::parse(globs.iter().copied()).unwrap()
}

/// `alice` with `Named`, wanted and there, and two links that are not named.
fn world() -> World {
    let mut world = World::new();
    world.want("alice", "Named", as_is());
    for app in ["Named", "ACME_old", "WHMCS_x"] {
        world.put("alice", app, Files::equal().of_app(app));
    }
    world.policy.unlisted = Unlisted::HideAll;
    world
}

#[test]
fn only_apps_that_are_managed_and_not_ignored_are_hidden() {
    let mut world = world();
    let both = "hide alice/ACME_old U-D unlisted; hide alice/WHMCS_x U-D unlisted; 1 in sync";
    let one = "hide alice/ACME_old U-D unlisted; 1 in sync; 1 foreign";
    world.check(both);
    world.policy.apps.ignore = globs(&["WHMCS_*"]);
    world.check(one);
    world.policy.apps.ignore = GlobSet::default();
    world.policy.apps.manage = Some(globs(&["ACME_*", "Named"]));
    world.check(one);
    world.policy.apps.manage = Some(globs(&["*"]));
    world.policy.apps.ignore = globs(&["*_*"]);
    world.check("1 in sync; 2 foreign");
    world.policy.apps.manage = Some(GlobSet::default());
    world.policy.apps.ignore = GlobSet::default();
    world.check("1 in sync; 2 foreign");
}

#[test]
fn a_scope_limits_both_sides() {
    let mut world = world();
    world.want("bob", "Named", as_is());
    world.policy.scope.users = globs(&["bo*"]);
    world.check("create bob/Named UAD new");
    world.policy.scope.users = GlobSet::default();
    world.policy.scope.exclude_users = globs(&["alice"]);
    world.check("create bob/Named UAD new");
    world.policy.scope.exclude_users = GlobSet::default();
    world.policy.scope.apps = globs(&["ACME_{old,new}"]);
    world.check("hide alice/ACME_old U-D unlisted");
    world.policy.scope.apps = GlobSet::default();
    world.policy.scope.exclude_apps = globs(&["[AW]*"]);
    world.check("create bob/Named UAD new; 1 in sync");
}

#[test]
fn a_scope_without_a_link_is_not_an_empty_manifest() {
    let mut world = world();
    world.desired("bob");
    world.put("bob", "Old", Files::equal().of_app("Old"));
    world.policy.scope.users = globs(&["bob"]);
    world.check("hide bob/Old U-D unlisted");
    world.policy.scope = Scope::default();
    world.policy.scope.apps = globs(&["ACME_old"]);
    world.check("hide alice/ACME_old U-D unlisted");
}

#[test]
fn a_link_may_be_absent_and_its_new_name_created() {
    let mut world = World::new();
    world.want("alice", "ACME_new", wanted_with(|_| {}));
    world.want("alice", "ACME_old", Wanted::Absent);
    world.put("alice", "ACME_old", Files::equal().of_app("ACME_old"));
    world.check("create alice/ACME_new UAD new; remove alice/ACME_old uad declared-absent");
}

//! The judges judged: damage made by hand must be found, and the worlds that
//! the binary makes by itself must be those written down here.

use crate::invariants::violations;
use crate::sandbox::Sandbox;
use crate::tree::{Node, Tree};
use crate::world::World;

const OLD: &str = ".cplinks/runs/000001/old";

/// The state in the middle of an apply: everything is new, and what was there
/// before is kept.
fn whole(world: &World) -> Tree {
    let mut tree = world.after();
    for folder in [".cplinks", ".cplinks/runs", ".cplinks/runs/000001", OLD] {
        tree.put(folder, Node::folder(0o700));
    }
    let before = world.before();
    for (index, (_, node)) in before.live().enumerate() {
        if let Some(bytes) = &node.bytes {
            tree.put(&format!("{OLD}/{index}"), Node::file(0o600, bytes));
        }
    }
    tree
}

#[track_caller]
fn check(damage: impl FnOnce(&mut Tree, &World), expect: &str) {
    let world = World::of_all_transitions();
    let mut tree = whole(&world);
    damage(&mut tree, &world);
    assert_eq!(violations(&world, &tree).join("; "), expect);
}

/// The files of a link, by their new bytes or their old.
fn put(tree: &mut Tree, from: &Tree, path: &str) {
    tree.put(path, from.0[path].clone());
}

#[test]
fn before_and_after_nothing_is_wrong() {
    let world = World::of_all_transitions();
    assert_eq!(violations(&world, &world.before()), Vec::<String>::new());
    check(|_, _| {}, "");
}

#[test]
fn a_torn_file_is_found() {
    check(
        |tree, _| {
            let path = "dynamicui/bruno/dynamicui_fields.conf";
            let bytes = tree.bytes(path).unwrap()[..100].to_vec();
            tree.put(path, Node::file(0o644, &bytes));
        },
        "`dynamicui/bruno/dynamicui_fields.conf` is neither old nor new",
    );
}

#[test]
fn a_token_that_others_may_read_is_found_live_and_staged() {
    check(
        |tree, _| {
            let path = "links/bruno/token.adminconfig";
            let bytes = tree.bytes(path).unwrap().to_vec();
            tree.put(path, Node::file(0o644, &bytes));
            tree.put(".cplinks/runs/000001/stage", Node::file(0o644, &bytes));
        },
        "`.cplinks/runs/000001/stage` holds a token with mode 0644; \
         `links/bruno/token.adminconfig` holds a token with mode 0644; \
         `links/bruno/token.adminconfig` has mode 0644",
    );
}

#[test]
fn a_link_that_shows_without_its_token_is_found() {
    check(
        |tree, _| {
            tree.0.remove("links/alba/create.adminconfig");
        },
        "alba/create shows without its token",
    );
}

#[test]
fn a_broken_link_that_shows_while_it_is_mended_is_found() {
    check(
        |tree, world| {
            let before = world.before();
            tree.0.remove("links/dario/no_config.userconfig");
            put(tree, &before, "dynamicui/dario/dynamicui_no_config.conf");
        },
        "dario/no_config shows without its configuration",
    );
}

#[test]
fn an_old_token_beside_a_new_url_is_found() {
    check(
        |tree, world| {
            put(
                tree,
                &world.before(),
                "links/bruno/url_and_token.adminconfig",
            );
        },
        "bruno/url_and_token would post TOKEN-bruno-url_and_token-old \
         to https://sso.acme.example/one",
    );
}

#[test]
fn a_new_token_beside_an_old_url_is_found() {
    check(
        |tree, world| {
            let before = world.before();
            put(tree, &before, "links/carla/unhide_all.userconfig");
            tree.0.remove("dynamicui/carla/dynamicui_unhide_all.conf");
        },
        "carla/unhide_all would post TOKEN-carla-unhide_all-new \
         to https://sso.acme.example/two",
    );
}

#[test]
fn bytes_that_are_kept_nowhere_are_found() {
    check(
        |tree, world| {
            let lost = world.before().0["links/carla/remove.adminconfig"].clone();
            tree.0.retain(|_, node| node.bytes != lost.bytes);
        },
        "what `links/carla/remove.adminconfig` held is nowhere",
    );
}

#[test]
fn a_foreign_link_that_is_gone_is_found() {
    check(
        |tree, _| {
            tree.0
                .remove("dynamicui/carla/dynamicui_WHMCS_tickets.conf");
        },
        "`dynamicui/carla/dynamicui_WHMCS_tickets.conf` is gone, and nobody asked for that",
    );
}

#[test]
fn strays_and_wrong_modes_of_folders_are_found() {
    check(
        |tree, _| {
            let stray = Node::file(0o644, b"{}");
            tree.put("dynamicui/alba/dynamicui_create.conf.new", stray);
            tree.put("links/alba", Node::folder(0o700));
            tree.put(".cplinks", Node::folder(0o755));
        },
        "`.cplinks` has mode 0755; \
         `dynamicui/alba/dynamicui_create.conf.new` should not be there; \
         `links/alba` has mode 0700",
    );
}

/// The obvious way to write the same files: in place, configuration first.
/// Stopped between any two calls it leaves what the checker is there to find.
#[test]
fn a_naive_writer_is_caught() {
    let world = World::of_all_transitions();
    let mut tree = world.before();
    let mut caught = 0;
    for (path, node) in world.after().0 {
        if tree.0.get(&path).and_then(|n| n.bytes.as_ref()) == node.bytes.as_ref() {
            continue;
        }
        tree.put(&path, node);
        caught += usize::from(!violations(&world, &tree).is_empty());
    }
    assert!(caught > 30, "only {caught} states");
}

#[test]
fn an_apply_makes_exactly_what_is_written_down_here() {
    let world = World::of_all_transitions();
    let sandbox = Sandbox::of(&world);
    let outcome = sandbox.apply().expect(0);
    let differences = world.after().live_differences(&sandbox.tree());
    assert_eq!(differences, Vec::<String>::new(), "{}", outcome.stdout);
    assert_eq!(violations(&world, &sandbox.tree()), Vec::<String>::new());
}

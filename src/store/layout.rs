//! Names: what each folder and file is called, and what a listed name stands
//! for. Says nothing of whether it is there, and opens nothing.

use crate::model::{AppName, FileKind, GroupId};
use crate::plan::{Address, Tree};

/// Mode of the root and the two trees.
pub(super) const TREE_MODE: u32 = 0o751;
/// Mode of a user's folder in either tree.
pub(super) const USER_MODE: u32 = 0o750;

/// Our own folder under the root, 0700.
pub(super) const WORK: &str = ".cplinks";
/// The lock file in it, 0600.
pub(super) const LOCK: &str = "lock";
/// What a watch holds as long as it lasts, 0600.
pub(super) const WATCH_LOCK: &str = "watch.lock";
/// The ledger's database in it, 0600.
pub(super) const STATE: &str = "state.db";
/// The key of the ledger's fingerprints in it, 0600.
pub(super) const STATE_KEY: &str = "key";
/// That key before it is whole.
pub(super) const NEW_STATE_KEY: &str = "key.new";
/// The folder of the runs in it, 0700.
pub(super) const RUNS: &str = "runs";
/// In a run's folder: what was begun and what came of it, 0600.
pub(super) const JOURNAL: &str = "journal";
/// In a run's folder: what its fingerprints are made with, 0600.
pub(super) const KEY: &str = "key";
/// In a run's folder: new files before they are live.
pub(super) const STAGE: &str = "stage";
/// In a run's folder: what was live before, by user.
pub(super) const OLD: &str = "old";

/// In a run's folder: new folders of a tree before they are at their place. One
/// for each tree, since what is made in one folder is made one after the other.
pub(super) fn nursery_name(tree: Tree) -> String {
    format!("nursery-{}", tree.name())
}

const USERCONFIG: &str = ".userconfig";
const ADMINCONFIG: &str = ".adminconfig";
const GROUP: &str = "group_";
const MENU: &str = "dynamicui_";
const MENU_END: &str = ".conf";

/// What a name in a user's folder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A file of a link.
    Link(AppName, FileKind),
    /// A file of a menu group; never its adminconfig, there is none.
    Group(GroupId, FileKind),
    /// Anything else, such as a writer's leftover `.tmp.ab12.APP.userconfig`.
    Stray,
}

/// The tree a file is in.
pub(super) fn tree_of(kind: FileKind) -> Tree {
    match kind {
        FileKind::Userconfig | FileKind::Adminconfig => Tree::Links,
        FileKind::Menu => Tree::Menu,
    }
}

/// The name of a file in its user's folder.
pub(super) fn file_name(address: &Address, kind: FileKind) -> String {
    match address {
        Address::Link(_, app) => link_file(app, kind),
        Address::Group(_, id) => group_file(id, kind),
    }
}

/// The name of a link's file.
pub(super) fn link_file(app: &AppName, kind: FileKind) -> String {
    named("", app.as_str(), kind)
}

/// The name of a group's file.
pub(super) fn group_file(id: &GroupId, kind: FileKind) -> String {
    named(GROUP, id.as_str(), kind)
}

fn named(group: &str, name: &str, kind: FileKind) -> String {
    match kind {
        FileKind::Userconfig => [group, name, USERCONFIG].concat(),
        FileKind::Adminconfig => [group, name, ADMINCONFIG].concat(),
        FileKind::Menu => [MENU, group, name, MENU_END].concat(),
    }
}

/// The path of a file below the root, for messages.
pub(super) fn live_path(address: &Address, kind: FileKind) -> String {
    let (tree, user) = (tree_of(kind).name(), address.user());
    format!("{tree}/{user}/{}", file_name(address, kind))
}

/// What a listed name stands for.
pub(super) fn parse_name(tree: Tree, name: &str) -> Named {
    let parts = match tree {
        Tree::Links => match (
            name.strip_suffix(USERCONFIG),
            name.strip_suffix(ADMINCONFIG),
        ) {
            (Some(stem), _) => Some((stem, FileKind::Userconfig)),
            (None, Some(stem)) => Some((stem, FileKind::Adminconfig)),
            (None, None) => None,
        },
        Tree::Menu => name
            .strip_prefix(MENU)
            .and_then(|rest| rest.strip_suffix(MENU_END))
            .map(|stem| (stem, FileKind::Menu)),
    };
    let Some((stem, kind)) = parts else {
        return Named::Stray;
    };
    match stem.strip_prefix(GROUP) {
        Some(_) if kind == FileKind::Adminconfig => Named::Stray,
        Some(id) => GroupId::parse(id).map_or(Named::Stray, |id| Named::Group(id, kind)),
        None => AppName::parse(stem).map_or(Named::Stray, |app| Named::Link(app, kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UserName;

    fn check(tree: Tree, name: &str, expect: &str) {
        let outcome = match parse_name(tree, name) {
            Named::Link(app, kind) => format!("link {app}, {}", kind.name()),
            Named::Group(id, kind) => format!("group {id}, {}", kind.name()),
            Named::Stray => "stray".to_owned(),
        };
        assert_eq!(outcome, expect, "{name}");
    }

    #[test]
    fn only_names_a_link_or_group_can_have_are_theirs() {
        check(Tree::Links, "a.userconfig", "link a, userconfig");
        check(Tree::Links, "a.adminconfig", "link a, adminconfig");
        check(Tree::Links, "group_g.userconfig", "group g, userconfig");
        check(Tree::Links, "group_g.adminconfig", "stray");
        check(Tree::Links, "GROUP_g.userconfig", "stray");
        check(Tree::Links, "group_group_g.userconfig", "stray");
        check(Tree::Links, ".tmp.ab12.a.userconfig", "stray");
        check(Tree::Links, ".userconfig", "stray");
        check(Tree::Links, "dynamicui_a.conf", "stray");
        check(Tree::Links, "a b.userconfig", "stray");
        check(Tree::Menu, "dynamicui_a.conf", "link a, menu entry");
        check(Tree::Menu, "dynamicui_group_g.conf", "group g, menu entry");
        check(Tree::Menu, "dynamicui_a.conf.bak", "stray");
        check(Tree::Menu, "dynamicui_.conf", "stray");
        check(Tree::Menu, "a.userconfig", "stray");
    }

    #[test]
    fn every_file_name_parses_back() {
        let user = UserName::parse("alice").unwrap();
        let link = Address::Link(user.clone(), AppName::parse("a").unwrap());
        let group = Address::Group(user, GroupId::parse("g").unwrap());
        for kind in [FileKind::Userconfig, FileKind::Adminconfig, FileKind::Menu] {
            let name = file_name(&link, kind);
            let expect = Named::Link(AppName::parse("a").unwrap(), kind);
            assert_eq!(parse_name(tree_of(kind), &name), expect);
            if kind != FileKind::Adminconfig {
                let name = file_name(&group, kind);
                let expect = Named::Group(GroupId::parse("g").unwrap(), kind);
                assert_eq!(parse_name(tree_of(kind), &name), expect);
            }
        }
    }
}

//! What there is before an apply, what is asked for, and what there must be
//! afterwards: every transition that the order of a link's steps knows.

use crate::render::{self, Shows, Version};
use crate::tree::{Node, Tree};
use std::collections::BTreeSet;

/// By this word the tests find a token wherever it lies.
pub(crate) const TOKEN: &str = "TOKEN-";

/// Modes of a link's files: userconfig, adminconfig, menu entry.
pub(crate) const MODES: [u32; 3] = [0o644, 0o600, 0o644];
/// Mode of the two trees.
pub(crate) const TREE_MODE: u32 = 0o751;
/// Mode of a user's folders in them.
pub(crate) const USER_MODE: u32 = 0o750;

/// The bytes of userconfig, adminconfig and menu entry, where they are there.
pub(crate) type Files = [Option<Vec<u8>>; 3];

/// A link or a group, before and after.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) user: &'static str,
    /// The app's name, or `group_ID`.
    pub(crate) name: String,
    pub(crate) old: Files,
    pub(crate) new: Files,
    /// What the manifest says; `None` for what it does not name.
    pub(crate) wanted: Option<Wanted>,
}

/// What a manifest says of a link.
#[derive(Debug, Clone)]
pub(crate) enum Wanted {
    Link(Version),
    Absent,
}

impl Item {
    /// The paths of its files below the root.
    pub(crate) fn paths(&self) -> [String; 3] {
        let Self { user, name, .. } = self;
        [
            format!("links/{user}/{name}.userconfig"),
            format!("links/{user}/{name}.adminconfig"),
            format!("dynamicui/{user}/dynamicui_{name}.conf"),
        ]
    }

    /// How the binary calls it.
    pub(crate) fn address(&self) -> String {
        match self.name.strip_prefix("group_") {
            Some(id) => format!("{}/group:{id}", self.user),
            None => format!("{}/{}", self.user, self.name),
        }
    }

    /// What lies at its paths in a tree.
    pub(crate) fn in_tree(&self, tree: &Tree) -> Files {
        self.paths()
            .map(|path| tree.bytes(&path).map(<[u8]>::to_vec))
    }
}

/// A version of a link with auto-login.
pub(crate) fn version(item: (&str, &str), label: &str, end: &'static str, token: &str) -> Version {
    let (user, app) = item;
    Version {
        label: label.to_owned(),
        login: Some((end, format!("{TOKEN}{user}-{app}-{token}"))),
        shows: Shows::Yes,
    }
}

fn hidden(version: Version) -> Version {
    let shows = Shows::No;
    Version { shows, ..version }
}

fn files(user: &str, app: &str, version: &Version) -> Files {
    render::link(user, app, version).map(Some)
}

fn torn(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

/// All links and groups of a test.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) items: Vec<Item>,
    pub(crate) unlisted: Unlisted,
}

/// What becomes of our own that the manifest does not name.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Unlisted {
    #[default]
    Hide,
    Remove,
}

impl World {
    /// Every transition, in one apply.
    pub(crate) fn of_all_transitions() -> Self {
        let mut world = Self::default();
        world.add_whole();
        world.add_broken();
        world.add_foreign("carla");
        world.add_group("alba", None);
        world.add_group("bruno", Some("Acme Hosting"));
        world.add_group("carla", Some("Acme"));
        world.add_group("dario", None);
        world
    }

    /// Every transition between links that are whole, or not there.
    pub(crate) fn of_whole_links() -> Self {
        let mut world = Self::default();
        world.add_whole();
        world.add_foreign("carla");
        world.add_group("alba", None);
        world.add_group("bruno", Some("Acme Hosting"));
        world.add_group("carla", Some("Acme"));
        world
    }

    /// The way back: what an undo of this world's apply is judged by.
    pub(crate) fn reversed(&self) -> Self {
        let mut world = self.clone();
        for item in &mut world.items {
            std::mem::swap(&mut item.old, &mut item.new);
        }
        world
    }

    /// Groups that go with the links in them, and what made them ours: an
    /// apply that is over before. One user stays with another link and the
    /// group, one without both, and one is gone from the manifest.
    pub(crate) fn of_groups_that_go() -> (Self, Self) {
        let mut before = Self::default();
        let mut after = Self {
            unlisted: Unlisted::Remove,
            ..Self::default()
        };
        for (user, apps) in [
            ("alba", &["stays", "goes"][..]),
            ("bruno", &["absent", "goes"]),
            ("carla", &["goes"]),
        ] {
            for app in apps {
                let was = before.add_link(user, app, None, |v| v).clone();
                let (new, wanted) = match *app {
                    "stays" => (was.new.clone(), was.wanted),
                    "absent" => ([None, None, None], Some(Wanted::Absent)),
                    _ => ([None, None, None], None),
                };
                after.items.push(Item {
                    old: was.new,
                    new,
                    wanted,
                    ..was
                });
            }
            before.add_group(user, None);
            after.add_group(user, Some("Acme Hosting"));
            if user != "alba"
                && let Some(group) = after.items.last_mut()
            {
                group.new = [None, None, None];
            }
        }
        (before, after)
    }

    /// Links that are whole before, or not there at all.
    fn add_whole(&mut self) {
        let of = |app, label, end, token| version(("bruno", app), label, end, token);
        let carla = |app, label| version(("carla", app), label, "one", "new");
        self.add_link("alba", "create", None, |v| v);
        let plain = Version {
            label: "Plain".to_owned(),
            login: None,
            shows: Shows::Yes,
        };
        self.add_link("alba", "plain", None, |_| plain);
        for (app, old) in [
            ("fields", of("fields", "Old", "one", "new")),
            ("token", of("token", "New", "one", "old")),
            (
                "fields_and_token",
                of("fields_and_token", "Old", "one", "old"),
            ),
            ("url", of("url", "New", "two", "new")),
            ("url_and_token", of("url_and_token", "New", "two", "old")),
            ("same", of("same", "New", "one", "new")),
        ] {
            self.add_link("bruno", app, Some(old), |v| v);
        }
        self.add_link("carla", "hide", Some(carla("hide", "New")), hidden);
        let more = version(("carla", "hide_all"), "Old", "two", "old");
        self.add_link("carla", "hide_all", Some(more), hidden);
        let back = hidden(carla("unhide", "New"));
        self.add_link("carla", "unhide", Some(back), |v| v);
        let back = hidden(version(("carla", "unhide_all"), "Old", "two", "old"));
        self.add_link("carla", "unhide_all", Some(back), |v| v);
        let gone = files("carla", "remove", &carla("remove", "Old"));
        self.items.push(Item {
            user: "carla",
            name: "remove".to_owned(),
            old: gone,
            new: [None, None, None],
            wanted: Some(Wanted::Absent),
        });
    }

    /// Links that show although something of them is missing or torn.
    fn add_broken(&mut self) {
        for (app, breaks) in [
            ("no_config", [true, false, false]),
            ("no_token", [false, true, false]),
            ("no_menu", [false, false, true]),
        ] {
            let item = self.add_link("dario", app, Some(dario(app)), |v| v);
            for (file, is_missing) in item.old.iter_mut().zip(breaks) {
                if is_missing {
                    *file = None;
                }
            }
        }
        for (app, kind) in [("torn_config", 0), ("torn_token", 1), ("torn_menu", 2)] {
            let item = self.add_link("dario", app, Some(dario(app)), |v| v);
            let whole = item.old[kind].as_deref().unwrap();
            item.old[kind] = Some(torn(whole));
        }
    }

    /// A link; what is wanted is made from the version that all have.
    pub(crate) fn add_link(
        &mut self,
        user: &'static str,
        app: &str,
        old: Option<Version>,
        change: impl FnOnce(Version) -> Version,
    ) -> &mut Item {
        let wanted = change(version((user, app), "New", "one", "new"));
        self.items.push(Item {
            user,
            name: app.to_owned(),
            old: old.map_or([None, None, None], |old| files(user, app, &old)),
            new: files(user, app, &wanted),
            wanted: Some(Wanted::Link(wanted)),
        });
        self.items.last_mut().unwrap()
    }

    /// A link of somebody else, which stays as it is.
    fn add_foreign(&mut self, user: &'static str) {
        let name = "WHMCS_tickets";
        let files = files(
            user,
            name,
            &version((user, name), "Theirs", "one", "theirs"),
        );
        self.items.push(Item {
            user,
            name: name.to_owned(),
            old: files.clone(),
            new: files,
            wanted: None,
        });
    }

    /// The user's group, and its label before.
    pub(crate) fn add_group(&mut self, user: &'static str, old: Option<&str>) {
        let files = |label| {
            let [config, menu] = render::group("acme", label);
            [Some(config), None, Some(menu)]
        };
        self.items.push(Item {
            user,
            name: "group_acme".to_owned(),
            old: old.map_or([None, None, None], files),
            new: files("Acme Hosting"),
            wanted: None,
        });
    }

    /// The root before the apply.
    pub(crate) fn before(&self) -> Tree {
        self.tree(|item| &item.old)
    }

    /// The root after it.
    pub(crate) fn after(&self) -> Tree {
        self.tree(|item| &item.new)
    }

    fn tree(&self, side: impl Fn(&Item) -> &Files) -> Tree {
        let mut tree = Tree::default();
        for name in ["links", "dynamicui"] {
            tree.put(name, Node::folder(TREE_MODE));
        }
        for item in &self.items {
            let files = side(item).iter().zip(&item.old);
            for ((path, (bytes, old)), mode) in item.paths().iter().zip(files).zip(MODES) {
                // Folders stay when the last file in them goes.
                if bytes.is_some() || old.is_some() {
                    let (folder, _) = path.rsplit_once('/').unwrap();
                    tree.put(folder, Node::folder(USER_MODE));
                }
                if let Some(bytes) = bytes {
                    tree.put(path, Node::file(mode, bytes));
                }
            }
        }
        tree
    }

    /// What an apply creates, as the binary calls it.
    pub(crate) fn created(&self) -> BTreeSet<String> {
        self.items
            .iter()
            .filter(|item| item.old == [None, None, None])
            .map(Item::address)
            .collect()
    }
}

fn dario(app: &str) -> Version {
    version(("dario", app), "Old", "two", "old")
}

//! What is watched: a manifest of many users with one link each, in a folder
//! of a hundred files, and a root beside it. Files are made on the disk where
//! the build is, or in a folder that is named.

use crate::fleet::{Fleet, Root};
use std::fs;
use std::path::{Path, PathBuf};

/// Files of the manifest.
const FILES: usize = 100;

/// A folder that is removed at the end.
pub(crate) struct World {
    folder: tempfile::TempDir,
    /// Their names, in the manifest's order.
    pub(crate) users: Vec<String>,
}

impl World {
    /// A manifest of so many users, a token for each, and an empty root.
    pub(crate) fn new(users: usize, folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        let fleet = Fleet {
            users,
            links: 1,
            groups: 0,
            icons: 0,
            files: FILES,
            root: Root::Empty,
            ..Fleet::default()
        };
        fleet.write(folder.path()).unwrap();
        let mut world = Self {
            folder,
            users: Vec::new(),
        };
        for file in 0..FILES {
            let text = fs::read_to_string(world.manifest(file)).unwrap();
            let users = links(&text).map(|(user, _)| user.to_owned());
            world.users.extend(users);
        }
        fs::write(world.path("policy.yaml"), "manage: [\"*\"]\n").unwrap();
        world
    }

    /// Gives one user of a file of the manifest another label, and names that
    /// user. As `git` does it, by a file that takes the place of the old one.
    pub(crate) fn relabel(&self, file: usize, label: &str) -> String {
        let path = self.manifest(file);
        let text = fs::read_to_string(&path).unwrap();
        let mut links = links(&text).filter(|(_, line)| !line.contains("label:"));
        let (user, line) = links.next().expect("one has the label of its app");
        let edited = line.replacen("{ ", &format!("{{ label: {label}, "), 1);
        let new = self.path("new");
        fs::write(
            &new,
            text.replacen(
                &format!("{user}:\n    links:\n{line}"),
                &format!("{user}:\n    links:\n{edited}"),
                1,
            ),
        )
        .unwrap();
        fs::rename(new, path).unwrap();
        user.to_owned()
    }

    fn manifest(&self, file: usize) -> PathBuf {
        self.path(&format!("manifest/{file:03}.yaml"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of a user's link that the panel shows.
    pub(crate) fn userconfig(&self, user: &str) -> PathBuf {
        self.path(&format!("root/links/{user}/ACME_billing.userconfig"))
    }

    /// What kind of file system it is all on.
    pub(crate) fn file_system(&self) -> String {
        let number = rustix::fs::statfs(self.folder.path()).unwrap().f_type;
        let known = [
            (0xef53, "ext4"),
            (0x5846_5342, "XFS"),
            (0x0102_1994, "tmpfs"),
        ];
        let found = known.iter().find(|(known, _)| *known == number);
        found.map_or_else(|| format!("{number:#x}"), |(_, name)| (*name).to_owned())
    }
}

/// The users of a manifest's text, each with the line of its one link.
fn links(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let (_, users) = text.split_once("users:\n").unwrap();
    let mut lines = users.lines();
    std::iter::from_fn(move || {
        let user = lines.next()?.trim().trim_end_matches(':');
        // Between them stands `links:`.
        Some((user, lines.nth(1)?))
    })
}

//! What is watched: a manifest of many users with one link each, in a folder
//! of a hundred files, and a root beside it. Files are made on the disk where
//! the build is, or in a folder that is named.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of the manifest.
const FILES: usize = 100;

/// A folder that is removed at the end.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) users: usize,
}

impl World {
    /// A manifest of so many users, a token for each, and an empty root.
    pub(crate) fn new(users: usize, folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        let world = Self { folder, users };
        fs::create_dir(world.path("root")).unwrap();
        fs::create_dir(world.path("manifest")).unwrap();
        for file in 0..FILES {
            world.write_manifest(file, "Billing");
        }
        let mut secrets = String::new();
        for user in 0..users {
            writeln!(secrets, "{0}: token-of-{0}", name(user)).unwrap();
        }
        fs::write(world.path("secrets.yaml"), secrets).unwrap();
        fs::write(world.path("policy.yaml"), "manage: [\"*\"]\n").unwrap();
        world
    }

    /// Writes one file of the manifest; its first user's link has this label.
    /// As `git` does it, by a file that takes the place of the old one.
    pub(crate) fn write_manifest(&self, file: usize, label: &str) {
        let mut text = String::from("version: 1\n");
        if file == 0 {
            text.push_str(
                "defaults: { implements: billing, subscriber_unique_id: \"{{ user }}\" }\n\
                 apps:\n  ACME_billing: { label: Billing, \
                 url: \"https://acme.example/account?user={{ user }}\", \
                 autologin_token_url: \"https://acme.example/sso\", \
                 token: { secret: \"{{ user }}\" } }\n",
            );
        }
        text.push_str("users:\n");
        for user in self.users_of(file) {
            let fields = if Some(user) == self.users_of(file).next() {
                format!("{{ label: {label} }}")
            } else {
                "{}".to_owned()
            };
            let user = name(user);
            writeln!(text, "  {user}: {{ links: {{ ACME_billing: {fields} }} }}").unwrap();
        }
        let new = self.path("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.path(&format!("manifest/{file:03}.yaml"))).unwrap();
    }

    /// The users that one file of the manifest names.
    pub(crate) fn users_of(&self, file: usize) -> impl Iterator<Item = usize> + use<> {
        (0..self.users).skip(file).step_by(FILES)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of a user's link that the panel shows.
    pub(crate) fn userconfig(&self, user: usize) -> PathBuf {
        let name = name(user);
        self.path(&format!("root/links/{name}/ACME_billing.userconfig"))
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

fn name(user: usize) -> String {
    format!("user{user:06}")
}

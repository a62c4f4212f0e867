//! What is measured on: a fleet of many users with two links each, and new
//! roots beside it, on the disk where the build is.

use crate::fleet::{Fleet, Root};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A folder that is removed at the very end: a file system is slow to make
/// files where many were just removed (ext4 for five seconds).
pub(crate) struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// A manifest of so many users, and their tokens.
    pub(crate) fn new(users: usize) -> Self {
        let world = Self {
            folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        };
        let fleet = Fleet {
            users,
            links: 2,
            groups: 0,
            icons: 2,
            root: Root::Empty,
            ..Fleet::default()
        };
        fleet.write(&world.path("fleet")).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new, empty root.
    pub(crate) fn root(&self, name: &str) -> PathBuf {
        let root = self.path(name);
        fs::create_dir(&root).unwrap();
        root
    }

    /// What kind of file system it is all on.
    pub(crate) fn file_system(&self) -> String {
        let number = rustix::fs::statfs(self.folder.path()).unwrap().f_type;
        let known = [
            (0xef53, "ext4"),
            (0x5846_5342, "XFS"),
            (0x9123_683e, "Btrfs"),
            (0x0102_1994, "tmpfs"),
            (0x794c_7630, "overlay"),
        ];
        let found = known.iter().find(|(known, _)| *known == number);
        found.map_or_else(|| format!("{number:#x}"), |(_, name)| (*name).to_owned())
    }
}

/// Stops unless both roots have the same live files with the same modes.
pub(crate) fn check_same(one: &Path, other: &Path) {
    let [one, other] = [one, other].map(|root| {
        let mut found = BTreeMap::new();
        for tree in ["links", "dynamicui"] {
            collect(&root.join(tree), root, &mut found);
        }
        found
    });
    let differs = one
        .iter()
        .find(|(path, node)| other.get(*path) != Some(node));
    assert!(
        differs.is_none(),
        "{:?} differs",
        differs.map(|(path, _)| path)
    );
    assert_eq!(one.len(), other.len(), "one of them has more files");
}

/// Modes, and the bytes of files, by path below the root.
type Nodes = BTreeMap<PathBuf, (u32, Vec<u8>)>;

fn collect(path: &Path, root: &Path, found: &mut Nodes) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let mut bytes = Vec::new();
    if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), root, found);
        }
    } else {
        bytes = fs::read(path).unwrap();
    }
    let below = path.strip_prefix(root).unwrap().to_owned();
    let mode = metadata.permissions().mode() & 0o7777;
    found.insert(below, (mode, bytes));
}

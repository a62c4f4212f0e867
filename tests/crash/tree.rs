//! A folder and everything in it, at one moment: names, modes, bytes, and the
//! stamps by which even a rewrite with the same bytes is seen.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Every path below a folder, relative to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree(pub(crate) BTreeMap<String, Node>);

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) mode: u32,
    /// The bytes of a file; `None` for a folder.
    pub(crate) bytes: Option<Vec<u8>>,
    stamp: Stamp,
}

/// What changes whenever somebody writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Node {
    pub(crate) fn file(mode: u32, bytes: &[u8]) -> Self {
        Self {
            mode,
            bytes: Some(bytes.to_vec()),
            stamp: Stamp::default(),
        }
    }

    pub(crate) fn folder(mode: u32) -> Self {
        Self {
            mode,
            bytes: None,
            stamp: Stamp::default(),
        }
    }

    fn read(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self {
            mode: metadata.mode() & 0o7777,
            bytes: metadata.is_file().then(|| fs::read(path)).transpose()?,
            stamp: Stamp {
                inode: metadata.ino(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            },
        })
    }
}

impl Tree {
    /// Reads a folder that nobody writes in.
    pub(crate) fn read(top: &Path) -> Self {
        let mut tree = Self::default();
        tree.add(top, "");
        tree
    }

    fn add(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let shown = format!("{prefix}{name}");
            let node = Node::read(&path).unwrap();
            if node.bytes.is_none() {
                self.add(&path, &format!("{shown}/"));
            }
            self.0.insert(shown, node);
        }
    }

    /// Makes it on the disk, in a folder that is there.
    pub(crate) fn write(&self, top: &Path) {
        for (name, node) in &self.0 {
            let path = top.join(name);
            match &node.bytes {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::create_dir(&path).unwrap(),
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(node.mode)).unwrap();
        }
    }

    /// Puts a file or folder in.
    pub(crate) fn put(&mut self, path: &str, node: Node) {
        self.0.insert(path.to_owned(), node);
    }

    /// The same tree as seen from a folder above.
    pub(crate) fn below(self, folder: &str) -> Self {
        let name = |path: String| format!("{folder}/{path}");
        Self(
            self.0
                .into_iter()
                .map(|(path, node)| (name(path), node))
                .collect(),
        )
    }

    /// The bytes of the file at a path.
    pub(crate) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path)?.bytes.as_deref()
    }

    /// What the panel and its customers can meet: all but our own folder.
    pub(crate) fn live(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0
            .iter()
            .filter(|(path, _)| !is_ours(path))
            .map(|(path, node)| (path.as_str(), node))
    }

    /// What lies in our own folder.
    pub(crate) fn ours(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0
            .iter()
            .filter(|(path, _)| is_ours(path))
            .map(|(path, node)| (path.as_str(), node))
    }

    /// Where two trees differ in what is live; bytes and modes, not times.
    pub(crate) fn live_differences(&self, other: &Self) -> Vec<String> {
        let facts = |tree: &Self| -> BTreeMap<String, (u32, Option<Vec<u8>>)> {
            tree.live()
                .map(|(path, node)| (path.to_owned(), (node.mode, node.bytes.clone())))
                .collect()
        };
        differences(&facts(self), &facts(other))
    }

    /// Where two trees differ at all, times and inodes included.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        differences(&self.0, &other.0)
    }
}

fn is_ours(path: &str) -> bool {
    path == ".cplinks" || path.starts_with(".cplinks/")
}

fn differences<T: PartialEq>(one: &BTreeMap<String, T>, two: &BTreeMap<String, T>) -> Vec<String> {
    let names: std::collections::BTreeSet<_> = one.keys().chain(two.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (one.get(name), two.get(name)) {
            (Some(one), Some(two)) if one == two => None,
            (Some(_), Some(_)) => Some(format!("`{name}` differs")),
            (Some(_), None) => Some(format!("`{name}` is missing")),
            (None, _) => Some(format!("`{name}` should not be there")),
        })
        .collect()
}

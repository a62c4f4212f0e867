//! What tests of the store share: a root of their own, and a way to see all
//! of it at once.

use super::{Disk, Owners, RunHeader, RunKind, Store};
use crate::model::UserName;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Once;
use tempfile::TempDir;

/// A folder of the test's own, at a path without links.
#[expect(clippy::disallowed_methods, reason = "the temp folder may be a link")]
pub(crate) fn scratch() -> TempDir {
    let top = std::fs::canonicalize(std::env::temp_dir()).unwrap();
    tempfile::tempdir_in(top).unwrap()
}

/// Permission bits.
pub(crate) fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

/// A user.
pub(crate) fn user(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

static DESCRIPTORS: Once = Once::new();

/// All tests share one process and what it may have open. Some hold the
/// folders of hundreds of users; two of these beside each other are more than
/// the usual 1,024, and then any test fails, whichever opens the next file.
fn allow_many_descriptors() {
    let most = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// A root of the test's own.
pub(crate) struct Fixture {
    root: TempDir,
}

impl Fixture {
    /// An empty root.
    pub(crate) fn new() -> Self {
        DESCRIPTORS.call_once(allow_many_descriptors);
        let root = scratch();
        let wide = std::fs::Permissions::from_mode(0o751);
        std::fs::set_permissions(root.path(), wide).unwrap();
        Self { root }
    }

    /// A path below the root.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// The store.
    pub(crate) fn store(&self) -> Store {
        Store::open(self.root.path()).unwrap()
    }

    /// The store, on another disk.
    pub(crate) fn store_on<D: Disk>(&self, disk: D) -> Store<D> {
        Store::open_with(disk, self.root.path(), Owners::default()).unwrap()
    }

    /// Makes a folder and all above it.
    pub(crate) fn make_dir(&self, below: &str) {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o751)
            .create(self.path(below))
            .unwrap();
    }

    /// Writes a file as somebody else would, with mode 0644.
    pub(crate) fn write(&self, below: &str, bytes: &[u8]) {
        let path = self.path(below);
        self.make_dir(Path::new(below).parent().unwrap().to_str().unwrap());
        write(&path, bytes);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }

    /// A file's bytes.
    pub(crate) fn read(&self, below: &str) -> Vec<u8> {
        read(&self.path(below))
    }

    /// Everything below the root, one line each: mode, path, size.
    pub(crate) fn tree(&self) -> String {
        let mut lines = Vec::new();
        walk(self.root.path(), self.root.path(), &mut lines);
        lines.join("\n")
    }

    /// The live files with their bytes and modes: what must be old or new.
    pub(crate) fn live(&self) -> Vec<(String, u32, Vec<u8>)> {
        let mut lines = Vec::new();
        walk(self.root.path(), self.root.path(), &mut lines);
        lines
            .iter()
            .map(|line| line.split(' ').nth(1).unwrap().to_owned())
            .filter(|path| !path.starts_with(".cplinks") && !path.ends_with('/'))
            .map(|path| {
                let full = self.path(&path);
                (path, mode(&full), read(&full))
            })
            .collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "tests look at what was written")]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests play other writers")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "tests look at what was written")]
fn walk(top: &Path, dir: &Path, lines: &mut Vec<String>) {
    let mut paths: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let below = path.strip_prefix(top).unwrap().display().to_string();
        let stat = std::fs::symlink_metadata(&path).unwrap();
        let mode = stat.mode() & 0o7777;
        if stat.is_dir() {
            lines.push(format!("{mode:04o} {below}/"));
            walk(top, &path, lines);
        } else {
            lines.push(format!("{mode:04o} {below} {}", stat.len()));
        }
    }
}

/// What is said of a run that nobody looks at.
pub(crate) fn header() -> RunHeader {
    RunHeader {
        kind: RunKind::Apply,
        started: 1_000_000,
        who: "a test".to_owned(),
        revision: None,
        digest: None,
    }
}

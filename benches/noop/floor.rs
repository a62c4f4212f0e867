//! The floors: the least that a part of a plan can take, with nothing of what
//! makes it a plan.

use crate::child::Cost;
use cplinks::manifest::{self, HostPolicy, OwnerCheck, Tokens};
use cplinks::plan::{Owned, Policy};
use cplinks::reconcile;
use cplinks::store::Store;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Opens, reads and closes files whose names are known, on two threads: what
/// that took, without learning the names.
pub(crate) fn read_files(root: &Path, list: &Path) -> Cost {
    let names = fs::read_to_string(list).unwrap();
    let names: Vec<&str> = names.lines().collect();
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = &openat(CWD, root, folder, Mode::empty()).unwrap();
    let read = |names: &[&str]| {
        let mut bytes = vec![0; 64 * 1024];
        for name in names {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let file = openat(root, *name, flags, Mode::empty()).unwrap();
            let count = rustix::io::read(&file, &mut bytes).unwrap();
            assert!(0 < count && count < bytes.len(), "{name}: {count} bytes");
        }
    };
    let (cost, ()) = Cost::of(|| {
        std::thread::scope(|scope| {
            for half in names.chunks(names.len().div_ceil(2)) {
                scope.spawn(move || read(half));
            }
        });
    });
    cost
}

/// Plans what is in sync, without the state: what that took once the manifest
/// and the tokens were read.
pub(crate) fn plan(manifest: &Path, secrets: &Path, root: &Path) -> Cost {
    let policy = HostPolicy::default();
    let loaded = manifest::load(&[manifest.into()], io::empty(), OwnerCheck::Off, &policy);
    let manifest = loaded.manifest.unwrap();
    let tokens = Tokens::load(&[PathBuf::from(secrets)], OwnerCheck::Off).unwrap();
    let store = Store::open(root).unwrap();
    let settings = manifest.settings();
    let policy = Policy::of_rules(settings.unlisted, settings.apps.clone(), settings.limits);
    let owned = Owned::default();
    let (cost, plan) = Cost::of(|| reconcile::plan(&manifest, &tokens, &store, &owned, &policy));
    let plan = plan.unwrap();
    assert!(plan.changes.is_empty() && plan.blocked.is_empty());
    cost
}

/// Reads a document with the YAML parser and keeps nothing of it.
pub(crate) fn read_yaml(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let _: serde::de::IgnoredAny = serde_yaml::from_str(&text).unwrap();
}

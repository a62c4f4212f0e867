//! The floors: the least that a part of a plan can take, with nothing of what
//! makes it a plan.

use cplinks::manifest::{self, HostPolicy, OwnerCheck, Tokens};
use cplinks::plan::{Allowances, FileOwner, Holds, Owned, Policy, Scope, UnknownTokens};
use cplinks::reconcile;
use cplinks::store::Store;
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Opens, reads and closes files whose names are known, on two threads: the
/// seconds that took, without learning the names.
pub(crate) fn read_files(root: &Path, list: &Path) -> f64 {
    let names = fs::read_to_string(list).unwrap();
    let names: Vec<&str> = names.lines().collect();
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = &openat(CWD, root, folder, Mode::empty()).unwrap();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for half in names.chunks(names.len().div_ceil(2)) {
            scope.spawn(move || {
                let mut bytes = vec![0; 64 * 1024];
                for name in half {
                    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                    let file = openat(root, *name, flags, Mode::empty()).unwrap();
                    let count = rustix::io::read(&file, &mut bytes).unwrap();
                    assert!(0 < count && count < bytes.len(), "{name}: {count} bytes");
                }
            });
        }
    });
    begin.elapsed().as_secs_f64()
}

/// Plans what is in sync, without the state: the seconds that took once the
/// manifest and the tokens were read.
pub(crate) fn plan(manifest: &Path, secrets: &Path, root: &Path) -> f64 {
    let policy = HostPolicy::default();
    let loaded = manifest::load(&[manifest.into()], io::empty(), OwnerCheck::Off, &policy);
    let manifest = loaded.manifest.unwrap();
    let tokens = Tokens::load(&[PathBuf::from(secrets)], OwnerCheck::Off).unwrap();
    let store = Store::open(root).unwrap();
    let settings = manifest.settings();
    let policy = Policy {
        unlisted: settings.unlisted,
        apps: settings.apps.clone(),
        scope: Scope::default(),
        limits: settings.limits,
        allowances: Allowances::default(),
        owner: FileOwner::Keep,
        unknown_tokens: UnknownTokens::NotCompared,
        holds: Holds::default(),
    };
    let begin = Instant::now();
    let plan = reconcile::plan(&manifest, &tokens, &store, &Owned::default(), &policy).unwrap();
    let took = begin.elapsed().as_secs_f64();
    assert!(plan.changes.is_empty() && plan.blocked.is_empty());
    took
}

/// Reads a document with the YAML parser and keeps nothing of it.
pub(crate) fn read_yaml(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let _: serde::de::IgnoredAny = serde_yaml::from_str(&text).unwrap();
}

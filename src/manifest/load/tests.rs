//! Loading again: what is new is seen, and what comes of it is what a first
//! load makes of the same files.
#![expect(
    clippy::disallowed_methods,
    reason = "these tests edit a folder of manifests"
)]

use super::*;
use proptest::prelude::*;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

const NEUTRAL: &[u8] = include_bytes!("../../model/neutral.png");
const BILLING: &[u8] = include_bytes!("../../../examples/acme/icons/billing.png");

const TEMPLATES: &str = "version: 1
apps:
  B: { implements: billing, label: Billing, url: 'https://a.example/{{ user }}', icon: icon.png }
users: {}
";
const ALICE: &str = "version: 1\nusers: { alice: { links: { B: {} } } }\n";
const BOB: &str = "version: 1\nusers: { bob: { links: { B: { label: Bills } } } }\n";

/// A folder of manifests, and who loads it again and again.
struct Fleet {
    folder: TempDir,
    loader: Loader,
    policy: HostPolicy,
}

impl Fleet {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let fleet = Self {
            folder: TempDir::new().unwrap(),
            loader: Loader::default(),
            policy: HostPolicy::default(),
        };
        for (name, bytes) in files {
            fleet.write(name, bytes);
        }
        fleet
    }

    fn valid() -> Self {
        Self::new(&[
            ("1.yaml", TEMPLATES.as_bytes()),
            ("2.yaml", ALICE.as_bytes()),
            ("3.yaml", BOB.as_bytes()),
            ("icon.png", NEUTRAL),
        ])
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path().join(name), bytes).unwrap();
    }

    fn again(&mut self) -> Reload {
        let arguments = [self.path().to_owned()];
        self.loader
            .load(&arguments, &b""[..], OwnerCheck::Off, &self.policy)
    }

    fn afresh(&self) -> Loaded {
        let arguments = [self.path().to_owned()];
        load(&arguments, &b""[..], OwnerCheck::Off, &self.policy)
    }

    fn loaded(&mut self) -> Loaded {
        match self.again() {
            Reload::Loaded(loaded) => *loaded,
            Reload::Same => panic!("something is new"),
        }
    }

    /// What is wrong after loading again: rule, source, line.
    fn wrong(&mut self) -> Vec<(&'static str, Option<(usize, usize)>)> {
        let loaded = self.loaded();
        assert_eq!(loaded, self.afresh());
        let first = |problem: &Problem| problem.places.first().map(|p| (p.source, p.line));
        let problems = loaded.problems.iter();
        problems.map(|p| (p.rule, first(p))).collect()
    }
}

#[test]
fn the_first_load_and_each_change_are_loaded() {
    let mut fleet = Fleet::valid();
    let first = fleet.loaded();
    assert_eq!(first.manifest.map(|m| m.links()), Some(2));
    assert_eq!(fleet.again(), Reload::Same);
    fleet.write("2.yaml", b"version: 1\nusers: { alice: { links: {} } }\n");
    let second = fleet.loaded();
    assert_eq!(second.manifest.map(|m| m.links()), Some(1));
    assert_eq!(fleet.again(), Reload::Same);
}

#[test]
fn what_was_written_again_as_it_was_is_the_same() {
    let mut fleet = Fleet::valid();
    fleet.loaded();
    for (name, bytes) in [("2.yaml", ALICE.as_bytes()), ("icon.png", NEUTRAL)] {
        fs::remove_file(fleet.path().join(name)).unwrap();
        fleet.write(name, bytes);
        assert_eq!(fleet.again(), Reload::Same, "{name}");
    }
}

#[test]
fn an_icon_that_changed_is_new() {
    let mut fleet = Fleet::valid();
    let before = fleet.loaded().manifest;
    fleet.write("icon.png", BILLING);
    let after = fleet.loaded();
    assert_eq!(after.problems, []);
    assert_ne!(after.manifest, before);
    fleet.write("icon.png", &BILLING[..40]);
    assert_eq!(fleet.wrong(), [("icon", Some((0, 3)))]);
    assert_eq!(fleet.again(), Reload::Same, "and as wrong as before");
    fs::remove_file(fleet.path().join("icon.png")).unwrap();
    assert_eq!(fleet.wrong(), [("icon", Some((0, 3)))]);
}

#[test]
fn another_policy_is_new() {
    let mut fleet = Fleet::valid();
    fleet.loaded();
    fleet.policy.apps.ignore = crate::plan::GlobSet::parse(["B"]).unwrap();
    assert_eq!(fleet.wrong(), [("unmanaged-app", Some((0, 3)))]);
    assert_eq!(fleet.again(), Reload::Same);
}

#[test]
fn what_is_wrong_stays_wrong_at_its_place_when_files_come_and_go() {
    let mut fleet = Fleet::valid();
    fleet.write("3.yaml", b"version: 1\nusers:\n  bob: { lynks: {} }\n");
    let unknown = |source| {
        let place = Some((source, 3));
        vec![("required", place), ("unknown-key", place)]
    };
    assert_eq!(fleet.wrong(), unknown(2));
    fleet.write("0.yaml", b"version: 1\nusers: {}\n");
    assert_eq!(fleet.wrong(), unknown(3));
    fs::remove_file(fleet.path().join("0.yaml")).unwrap();
    assert_eq!(fleet.wrong(), unknown(2));
    fleet.write("3.yaml", BOB.as_bytes());
    assert_eq!(fleet.wrong(), []);
}

#[test]
fn a_file_that_cannot_be_read_and_comes_back_is_new_both_times() {
    let mut fleet = Fleet::valid();
    fleet.loaded();
    let path = fleet.path().join("2.yaml");
    let away = fleet.path().join("away");
    fs::rename(&path, &away).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(fleet.wrong(), [], "a folder is gone into");
    fs::remove_dir(&path).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    assert_eq!(fleet.wrong(), [("unreadable", None)]);
    assert_eq!(fleet.again(), Reload::Same);
    fs::rename(&away, &path).unwrap();
    assert_eq!(fleet.wrong(), []);
}

#[test]
fn texts_are_kept_once() {
    let mut fleet = Fleet::valid();
    let first = fleet.loaded();
    fleet.write("0.yaml", b"version: 1\nusers: {}\n");
    let second = fleet.loaded();
    for (before, after) in first.sources.iter().zip(&second.sources[1..]) {
        assert!(Arc::ptr_eq(&before.text, &after.text), "{}", before.name);
    }
}

/// Something done to the folder.
#[derive(Debug, Clone)]
enum Edit {
    Write(&'static str, &'static [u8]),
    Remove(&'static str),
    Link(&'static str, &'static str),
    Policy(&'static str),
}

const NAMES: [&str; 4] = ["1.yaml", "2.yaml", "3.yaml", "icon.png"];

fn edit() -> impl Strategy<Value = Edit> {
    let texts: [&[u8]; 14] = [
        TEMPLATES.as_bytes(),
        ALICE.as_bytes(),
        BOB.as_bytes(),
        NEUTRAL,
        BILLING,
        b"",
        b"version: 1\nusers: { alice: { links: {} }, carol: { links: { X: {} } } }\n",
        b"version: 1\nusers: { bob: { lynks: {} } }\n",
        b"version: 1\nsettings: { manage: [C], autologin_hosts: [a.example] }\nusers: {}\n",
        b"version: 1\ndefaults: { label: It, icon: icon.png }\napps: { B: { group_id: g } }\nusers: {}\n",
        b"version: 1\ngroups: { g: { label: G } }\nusers: { dave: { links: { B: absent } } }\n",
        b"version: 1\nusers: { erin: { vars: { a: x }, links: { B: { label: '{{ vars.b }}' } } } }\n",
        b"version: 1\nusers: { fred: { links: { B: { token: { secret: t }, autologin_token_url: 'https://a.example/' }, C: { token: { secret: t }, autologin_token_url: 'https://b.example/' } } } }\n",
        b"version: 1\nusers: { \xff }\n",
    ];
    let name = || prop::sample::select(&NAMES[..]);
    prop_oneof![
        6 => (name(), prop::sample::select(texts.to_vec())).prop_map(|(n, t)| Edit::Write(n, t)),
        2 => name().prop_map(Edit::Remove),
        1 => (name(), name()).prop_map(|(n, to)| Edit::Link(n, to)),
        1 => prop::sample::select(vec!["B", "C", "*"]).prop_map(Edit::Policy),
    ]
}

proptest! {
    #[test]
    fn after_any_edits_it_is_as_if_loaded_for_the_first_time(
        edits in prop::collection::vec(edit(), 1..12)
    ) {
        let mut fleet = Fleet::valid();
        let mut last = fleet.loaded();
        for edit in edits {
            match edit {
                Edit::Write(name, bytes) => {
                    let path = fleet.path().join(name);
                    // Not through a link.
                    drop(fs::remove_file(&path));
                    fleet.write(name, bytes);
                }
                Edit::Remove(name) => drop(fs::remove_file(fleet.path().join(name))),
                Edit::Link(name, to) => {
                    let path = fleet.path().join(name);
                    drop(fs::remove_file(&path));
                    std::os::unix::fs::symlink(to, &path).unwrap();
                }
                Edit::Policy(glob) => {
                    let globs = crate::plan::GlobSet::parse([glob]).unwrap();
                    fleet.policy.apps.manage = Some(globs);
                }
            }
            let fresh = fleet.afresh();
            match fleet.again() {
                Reload::Same => prop_assert_eq!(&fresh, &last),
                Reload::Loaded(again) => prop_assert_eq!(&*again, &fresh),
            }
            last = fresh;
        }
    }
}

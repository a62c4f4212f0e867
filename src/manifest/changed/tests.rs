//! Whom a change is about: nobody too few, and not everybody for everything.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that writes manifests into two folders"
)]

use super::*;
use crate::manifest::{HostPolicy, OwnerCheck, Tokens, load};
use proptest::prelude::*;
use std::path::PathBuf;

const BEFORE: &str = "version: 1
settings: { unlisted: keep }
defaults: { implements: x }
groups: { g: { label: G } }
apps:
  B: { label: Billing, url: 'https://a.example/{{ user }}', group_id: g }
  C: { label: C, url: 'https://a.example/' }
users:
  alice: { links: { B: {}, C: {} } }
  bob: { vars: { plan: gold }, links: { B: { label: '{{ vars.plan }}' } } }
  carol: { links: { C: { order: 3 }, B: absent } }
  dave: { links: {} }
";

fn manifest(text: &str) -> Manifest {
    let loaded = load(
        &[PathBuf::from("-")],
        text.as_bytes(),
        OwnerCheck::Off,
        &HostPolicy::default(),
    );
    loaded
        .manifest
        .unwrap_or_else(|| panic!("{text}: {:?}", loaded.problems))
}

fn names(changed: &ChangedUsers) -> String {
    match changed {
        ChangedUsers::Everybody => "everybody".to_owned(),
        ChangedUsers::Users(users) => {
            let users: Vec<_> = users.iter().map(UserName::as_str).collect();
            users.join(" ")
        }
    }
}

/// Changes a manifest and back: both ways it is about the same users.
fn check(from: &str, to: &str, expect: &str) {
    assert!(BEFORE.contains(from), "{from}");
    let before = manifest(BEFORE);
    let after = manifest(&BEFORE.replace(from, to));
    assert_eq!(
        names(&after.changed_since(&before)),
        expect,
        "{from} → {to}"
    );
    assert_eq!(
        names(&before.changed_since(&after)),
        expect,
        "{to} → {from}"
    );
}

#[test]
fn a_change_is_about_those_it_could_change_something_for() {
    check("version", "version", "");
    check("order: 3", "order: 4", "carol");
    check("order: 3", "order: \"3\"", "");
    check("plan: gold", "plan: silver", "bob");
    check("B: absent", "B: {}", "carol");
    check("bob:", "robert:", "bob robert");
    check("dave: { links: {} }", "", "dave");
    check("label: Billing", "label: Bills", "alice bob");
    check("label: C,", "label: See,", "alice carol");
    check("unlisted: keep", "unlisted: hide-owned", "everybody");
    check("implements: x", "implements: y", "everybody");
    check("label: G", "label: H", "everybody");
}

#[test]
fn a_file_in_front_changes_nobody_and_another_folder_the_users_in_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    let load = |paths: &[PathBuf]| {
        let policy = HostPolicy::default();
        let loaded = load(paths, &b""[..], OwnerCheck::Off, &policy);
        loaded.manifest.unwrap()
    };
    let template = "version: 1\napps: { B: { implements: x, label: B, url: 'https://a.example/' } }\nusers: { bob: { links: { B: {} } } }\n";
    let text = "version: 1\nusers: { alice: { links: { B: { token: { file: t } } } } }\n";
    let first = write("first.yaml", "version: 1\nusers: {}\n");
    let template = write("template.yaml", template);
    let here = write("here/a.yaml", text);
    let there = write("there/a.yaml", text);
    let before = load(&[template.clone(), here.clone()]);
    let moved = load(&[first, template.clone(), here]);
    assert_eq!(names(&moved.changed_since(&before)), "");
    let elsewhere = load(&[template, there]);
    assert_eq!(names(&elsewhere.changed_since(&before)), "alice");
}

fn text() -> impl Strategy<Value = String> {
    let pick = |of: &[&'static str]| prop::sample::select(of.to_vec());
    let template = || {
        pick(&[
            "label: A",
            "label: '{{ vars.v }}'",
            "label: A, group_id: g",
            "label: A, token: { secret: '{{ user }}' }",
            "label: A, token: { file: t }, hide: true",
            "order: 4, label: A",
        ])
    };
    let link = || {
        pick(&[
            "",
            "B: {}",
            "B: absent",
            "B: { label: X, order: null }",
            "B: { group_id: h }",
        ])
    };
    let other = || pick(&["", "C: {}", "C: { hide: true }"]);
    let user = || {
        (
            pick(&["x", "y"]),
            link(),
            other(),
            prop::bool::weighted(0.8),
        )
    };
    (
        pick(&["", "settings: { unlisted: keep }", "settings: { ignore: [Z] }"]),
        pick(&["implements: x", "implements: y", "implements: x, order: 9"]),
        pick(&["g: { label: G }", "g: { label: H }", "g: { label: G }, h: { label: H }"]),
        (template(), template()),
        prop::collection::vec(user(), 3),
    )
        .prop_map(|(settings, defaults, groups, (b, c), users)| {
            let url = "url: 'https://a.example/'";
            let users: Vec<_> = ["alice", "bob", "carol"]
                .into_iter()
                .zip(users)
                .filter(|(_, (.., is_there))| *is_there)
                .map(|(name, (var, link, other, _))| {
                    let links: Vec<_> = [link, other].into_iter().filter(|l| !l.is_empty()).collect();
                    format!("  {name}: {{ vars: {{ v: {var} }}, links: {{ {} }} }}\n", links.join(", "))
                })
                .collect();
            format!(
                "version: 1\n{settings}\ndefaults: {{ {defaults} }}\ngroups: {{ {groups} }}\napps:\n  B: {{ {b}, {url} }}\n  C: {{ {c}, {url} }}\nusers:\n  zoe: {{ links: {{ C: {{ label: Z }} }} }}\n{}",
                users.concat()
            )
        })
}

proptest! {
    #[test]
    fn who_is_not_named_is_wanted_the_same(before in text(), after in text()) {
        let (before, after) = (manifest(&before), manifest(&after));
        let ChangedUsers::Users(changed) = after.changed_since(&before) else {
            return Ok(());
        };
        let tokens = Tokens::default();
        for user in before.users().chain(after.users()) {
            if !changed.contains(user) {
                prop_assert_eq!(before.desired(user, &tokens), after.desired(user, &tokens));
            }
        }
    }

    /// Most pairs differ in what is for everybody, so this one asks for less.
    #[test]
    fn other_templates_and_users_alone_are_not_about_everybody(of in text(), to in text()) {
        let (head, apps) = of.split_once("apps:").unwrap();
        let (_, others) = to.split_once("apps:").unwrap();
        let before = manifest(&format!("{head}apps:{apps}"));
        let after = manifest(&format!("{head}apps:{others}"));
        let ChangedUsers::Users(changed) = after.changed_since(&before) else {
            return Err(TestCaseError::fail("everybody"));
        };
        let tokens = Tokens::default();
        for user in before.users().chain(after.users()) {
            if !changed.contains(user) {
                prop_assert_eq!(before.desired(user, &tokens), after.desired(user, &tokens));
            }
        }
    }
}

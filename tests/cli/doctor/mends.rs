//! The commands that doctor gives: pasted into a shell they mend what they are
//! given for, lose nothing, and do no harm when they are pasted again.

use super::cases::cases;
use super::world::{MANIFEST, TOKEN, a, d, doctor, found, healthy, mend, report, u};
use crate::import::uncommented;
use crate::support::Sandbox;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Rules for which there is a reason to have no command.
const WITHOUT: [&str; 6] = [
    "other-name",
    "menu-size",
    "menu-size-differs",
    "group-unknown",
    "odd-name",
    "obstacle",
];

/// The bytes of all files below a folder.
fn contents(folder: &Path) -> BTreeSet<Vec<u8>> {
    let mut contents = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            contents.extend(self::contents(&path));
        } else if kind.is_file() {
            contents.insert(fs::read(&path).unwrap());
        }
    }
    contents
}

/// Pastes a command. Where it would ask, it is told yes.
pub(super) fn paste(sandbox: &Sandbox, command: &str) -> i32 {
    let yes = "apply MANIFEST --yes --secrets secrets.yaml";
    let line = command.replace("apply MANIFEST", yes);
    let outcome = sandbox.shell(&format!("sh -c {}", quoted(&line)));
    outcome.is_silent_about(TOKEN).code
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[test]
fn each_command_mends_what_it_is_given_for_and_loses_nothing() {
    let mut mended = BTreeSet::new();
    for case in cases() {
        for of in case.found {
            let sandbox = healthy();
            (case.spoil)(&sandbox);
            let rule = of.split(' ').next().unwrap();
            let Some(command) = mend(&report(&sandbox, &[]), of) else {
                assert!(WITHOUT.contains(&rule), "{of} has no command");
                continue;
            };
            assert!(!command.contains("rm "), "{command}");
            let before = contents(&sandbox.path("root"));
            assert_eq!(paste(&sandbox, &command), 0, "{of}: {command}");
            let after = report(&sandbox, &[]);
            assert!(!found(&after).contains(*of), "{command} left {after}");
            let kept = contents(&sandbox.path("root"));
            assert!(before.is_subset(&kept), "{of}: {command} lost something");
            mended.insert(rule);
        }
    }
    assert!(mended.len() > 25, "{mended:?}");
}

#[test]
fn commands_that_are_pasted_twice_lose_nothing_either() {
    let sandbox = healthy();
    let name = "root/dynamicui/ann/dynamicui_Shop.conf.bak";
    let of = "menu-leftover dynamicui/ann/dynamicui_Shop.conf.bak";
    for content in ["one", "two", "three"] {
        sandbox.write(name, content);
        let command = mend(&report(&sandbox, &[]), of).unwrap();
        assert_eq!(paste(&sandbox, &command), 0);
        let before = sandbox.tree("root");
        assert_ne!(paste(&sandbox, &command), 0);
        assert_eq!(sandbox.tree("root"), before);
    }
    let aside = contents(&sandbox.path("root/.cplinks/aside/dynamicui/ann"));
    let expect = ["one", "two", "three"].map(|text| text.as_bytes().to_vec());
    assert_eq!(aside, BTreeSet::from(expect));
    // Where a token may be moved to, nobody else may look.
    let modes = sandbox.names("root/.cplinks");
    for folder in ["aside/", "aside/dynamicui/", "aside/dynamicui/ann/"] {
        assert!(modes.contains(&format!("0700 {folder}\n")), "{modes}");
    }
    assert!(found(&report(&sandbox, &[])).is_empty());
    sandbox.run(&["recover", "--root", "root"]).expect(0);
    assert_eq!(paste(&sandbox, "cplinks apply MANIFEST --root root"), 0);
}

#[test]
fn where_others_may_swap_files_their_folder_comes_first() {
    let sandbox = healthy();
    sandbox
        .set_mode(&u("ann", "Shop"), 0o666)
        .set_mode(&a("ann", "Shop"), 0o604)
        .set_mode("root/links/ann", 0o770);
    let of = "others-can-write links/ann/Shop.userconfig";
    let found = report(&sandbox, &[]);
    // A chmod would follow the link that somebody put there meanwhile.
    assert_eq!(mend(&found, of), None);
    let folder = mend(&found, "others-can-write links/ann").unwrap();
    assert_eq!(folder, "chmod 0750 -- root/links/ann");
    assert_eq!(paste(&sandbox, &folder), 0);
    let command = mend(&report(&sandbox, &[]), of).unwrap();
    assert_eq!(command, "chmod 0644 -- root/links/ann/Shop.userconfig");
}

#[test]
fn a_link_that_the_panel_may_follow_is_moved_by_no_command() {
    let sandbox = healthy();
    let target = sandbox.path("elsewhere.userconfig");
    fs::rename(sandbox.path(&u("ann", "Help")), &target).unwrap();
    std::os::unix::fs::symlink(&target, sandbox.path(&u("ann", "Help"))).unwrap();
    let found = report(&sandbox, &[]);
    assert_eq!(mend(&found, "obstacle links/ann/Help.userconfig"), None);
}

#[test]
fn the_menu_is_mended_at_once_and_its_link_by_the_next_apply() {
    let sandbox = healthy();
    sandbox.write(&d("ann", "Shop"), "[{");
    let of = "menu-unreadable dynamicui/ann/dynamicui_Shop.conf";
    let command = mend(&report(&sandbox, &[]), of).unwrap();
    assert_eq!(paste(&sandbox, &command), 0);
    let next = report(&sandbox, &[]);
    let of = "link-not-shown dynamicui/ann/dynamicui_Shop.conf";
    assert_eq!(found(&next), BTreeSet::from([of.to_owned()]));
    assert_eq!(paste(&sandbox, &mend(&next, of).unwrap()), 0);
    let left = found(&report(&sandbox, &[]));
    // The new entry has the size that cplinks gives, not the theme's.
    let of = "menu-size-differs dynamicui/ann/dynamicui_Shop.conf";
    assert_eq!(left, BTreeSet::from([of.to_owned()]));
}

/// A manifest that `import` just wrote names only what is as it should be.
#[test]
fn a_command_with_a_manifest_tells_what_that_has_to_name() {
    let note = "note: MANIFEST has to name the link, or nothing is mended; \
                what `cplinks import` wrote as a comment is not named until its `# ` is gone\n";
    let sandbox = healthy();
    sandbox.set_mode(&a("ann", "Shop"), 0o644);
    doctor(&sandbox, &[]).expect(1).is_silent_about("note: ");
    sandbox.set_mode(&a("ann", "Shop"), 0o600);
    for app in ["Shop", "Help"] {
        fs::remove_file(sandbox.path(&d("ann", app))).unwrap();
    }
    let text = doctor(&sandbox, &[]).expect(0).stdout;
    assert!(text.ends_with(note), "{text}");
    assert_eq!(text.matches("MANIFEST has to").count(), 1, "{text}");

    let import = ["import", "man", "--root", "root", "--all"];
    let tokens = ["--write-secrets", "tokens.yaml"];
    sandbox.run(&[&import[..], &tokens].concat()).expect(0);
    let of = "link-not-shown dynamicui/ann/dynamicui_Shop.conf";
    let command = mend(&report(&sandbox, &[]), of).unwrap();
    let apply = "apply man --yes --secrets tokens.yaml";
    let command = command.replace("apply MANIFEST", apply);
    sandbox
        .shell(&command)
        .expect(0)
        .says("Plan: no changes")
        .says("1 foreign left alone");
    assert!(found(&report(&sandbox, &[])).contains(of));
    let page = "man/users/0001.yaml";
    sandbox.write(page, uncommented(&sandbox.read(page)).0);
    sandbox.shell(&command).expect(0);
    assert!(!found(&report(&sandbox, &[])).contains(of));
}

/// Nothing says where the token of such a link goes.
#[test]
fn a_token_stays_beside_a_new_userconfig_only_if_that_is_said() {
    let sandbox = healthy();
    sandbox.write(&u("ann", "Shop"), "{");
    let of = "userconfig-unreadable links/ann/Shop.userconfig";
    let command = mend(&report(&sandbox, &[]), of).unwrap();
    let keep = MANIFEST.replace("{ secret: shop }", "keep");
    assert_ne!(keep, MANIFEST);
    sandbox.write("MANIFEST", keep);
    let yes = command.replace("apply MANIFEST", "apply MANIFEST --yes");
    let refused = sandbox.shell(&yes).expect(3);
    refused
        .says("! refused by guard new-host: ")
        .says("--allow-new-host 1");
    assert!(found(&report(&sandbox, &[])).contains(of));
    sandbox.shell(&(yes + " --allow-new-host 1")).expect(0);
    assert!(!found(&report(&sandbox, &[])).contains(of));
    assert!(sandbox.read(&a("ann", "Shop")).contains(TOKEN));
}

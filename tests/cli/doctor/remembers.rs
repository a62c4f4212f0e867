//! What doctor finds of what cplinks remembers, of accounts, of owners, and of
//! what it cannot read.

use super::mends::paste;
use super::world::{TOKEN, a, d, doctor, found, healthy, mend, report, u};
use crate::support::Sandbox;
use cplinks::model::UserName;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A healthy server on which an apply was.
fn applied() -> Sandbox {
    let sandbox = healthy();
    sandbox.set_mode(&u("ann", "Help"), 0o600);
    assert_eq!(paste(&sandbox, "cplinks apply MANIFEST --root root"), 0);
    assert_eq!(found(&report(&sandbox, &["--strict"])), BTreeSet::new());
    sandbox
}

/// Exactly these are found, and each command mends its own. All but those
/// without a command are gone then.
#[track_caller]
fn check(sandbox: &Sandbox, arguments: &[&str], expect: &[&str]) {
    let seen = report(sandbox, arguments);
    let all: BTreeSet<String> = expect.iter().map(|of| (*of).to_owned()).collect();
    assert_eq!(found(&seen), all, "{seen}");
    for of in expect {
        if let Some(command) = mend(&seen, of) {
            assert_eq!(paste(sandbox, &command), 0, "{command}");
            let after = report(sandbox, arguments);
            assert!(!found(&after).contains(*of), "{command} left {after}");
        }
    }
}

#[test]
fn a_run_that_was_cut_off_is_all_that_is_told() {
    let sandbox = applied();
    sandbox.set_mode(&a("ann", "Shop"), 0o644);
    // As a run that was killed leaves it: begun, and never ended.
    let journal = fs::read(sandbox.path("root/.cplinks/runs/000001/journal"));
    let Ok(journal) = journal else {
        panic!("{}", sandbox.names("root/.cplinks"));
    };
    let text = String::from_utf8(journal).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.pop();
    let cut = lines.join("\n") + "\n";
    sandbox.write("root/.cplinks/runs/000001/journal", cut);
    doctor(&sandbox, &[])
        .expect(1)
        .says("Doctor: 1 error; links were not looked at\n");
    let seen = report(&sandbox, &[]);
    assert_eq!(seen["summary"]["complete"], false);
    assert_eq!(
        found(&seen),
        BTreeSet::from(["interrupted-run .cplinks/runs".to_owned()])
    );
    let command = mend(&seen, "interrupted-run .cplinks/runs").unwrap();
    assert_eq!(command, "cplinks recover --root root");
    assert_eq!(paste(&sandbox, &command), 0);
    check(&sandbox, &[], &["token-exposed links/ann/Shop.adminconfig"]);
}

#[test]
fn a_state_that_is_damaged_or_lost_is_told() {
    let state = "root/.cplinks/state.db";
    let sandbox = applied();
    sandbox.write(state, "no database at all, but long enough to be looked at");
    check(&sandbox, &[], &["state-unreadable .cplinks/state.db"]);
    let sandbox = applied();
    fs::remove_file(sandbox.path(state)).unwrap();
    check(&sandbox, &[], &["state-lost .cplinks/state.db"]);
    let sandbox = applied();
    fs::remove_file(sandbox.path(state)).unwrap();
    sandbox.folder(state);
    check(&sandbox, &[], &["obstacle .cplinks/state.db"]);
    // Without a run there is nothing that it could hold.
    let sandbox = healthy();
    sandbox
        .folder("root/.cplinks")
        .set_mode("root/.cplinks", 0o700);
    check(&sandbox, &["--strict"], &[]);
}

#[test]
fn a_work_folder_that_is_none_is_told() {
    let sandbox = healthy();
    sandbox.write("root/.cplinks", "");
    check(&sandbox, &[], &["obstacle .cplinks"]);
    check(&sandbox, &["--user", "ann"], &["obstacle .cplinks"]);
}

#[test]
fn a_key_that_is_not_the_right_one_is_told() {
    let key = "root/.cplinks/key";
    let sandbox = applied();
    fs::remove_file(sandbox.path(key)).unwrap();
    check(&sandbox, &[], &["state-key .cplinks/key"]);
    let sandbox = applied();
    sandbox.write(key, "short");
    sandbox.run(&["drift", "--root", "root"]).expect(1);
    check(&sandbox, &[], &["state-unreadable .cplinks/key"]);
    check(&sandbox, &[], &["state-key .cplinks/key"]);
    sandbox.run(&["drift", "--root", "root"]).expect(0);
}

#[test]
fn what_is_ours_and_gone_is_told() {
    let sandbox = applied();
    for name in [u("ann", "Help"), a("ann", "Help"), d("ann", "Help")] {
        fs::remove_file(sandbox.path(&name)).unwrap();
    }
    doctor(&sandbox, &["--strict"]).expect(0);
    check(&sandbox, &[], &["owned-gone links/ann/Help.userconfig"]);
    // A user of whom nothing is left is one all the same.
    sandbox
        .shell("rm -r root/links/ann root/dynamicui/ann")
        .expect(0);
    let gone = found(&report(&sandbox, &["--user", "ann", "--app", "Shop"]));
    assert_eq!(
        gone,
        BTreeSet::from(["owned-gone links/ann/Shop.userconfig".to_owned()])
    );
}

#[test]
fn a_pause_of_nobody_is_told() {
    let sandbox = applied();
    for globs in [
        &["--user", "gone"][..],
        &["--user", "ann"],
        &["--user", "gone*", "--user", "b*"],
        &["--app", "Shop"],
    ] {
        let pause = ["pause", "--root", "root", "--for", "1h", "--reason", "x"];
        sandbox.run(&[&pause[..], globs].concat()).expect(0);
    }
    check(&sandbox, &[], &["pause-stale .cplinks/state.db"]);
    sandbox
        .run(&["resume", "--root", "root", "--all"])
        .expect(0)
        .is_silent_about("gone (")
        .says("--user ann");
}

/// An account that this host has.
fn account() -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let names = passwd.lines().filter_map(|line| line.split(':').next());
    let mut names = names.filter(|name| UserName::parse(name).is_ok());
    names.next().expect("an account").to_owned()
}

#[test]
fn users_without_an_account_are_told_where_accounts_are_asked_for() {
    let sandbox = healthy();
    let known = account();
    let rename = |tree: &str| {
        let tree = sandbox.path("root").join(tree);
        fs::rename(tree.join("bob"), tree.join(&known)).unwrap();
    };
    rename("links");
    rename("dynamicui");
    // It is not asked by itself: this is no cPanel server.
    assert_eq!(found(&report(&sandbox, &[])), BTreeSet::new());
    let asked = ["--accounts", "ask"];
    // Whatever else is wrong with it: nobody has it.
    sandbox.set_mode(&a("ann", "Shop"), 0o644);
    check(
        &sandbox,
        &asked,
        &["no-account links/ann", "no-account dynamicui/ann"],
    );
    let kept = sandbox.read("root/.cplinks/aside/links/ann/Shop.adminconfig");
    assert!(kept.contains(TOKEN));
}

#[test]
fn owners_are_compared_where_they_are_set() {
    if !is_root() {
        eprintln!("SKIPPED: only root can give files to others");
        return;
    }
    let sandbox = healthy();
    let set = ["--owners", "set", "--accounts", "skip"];
    assert_eq!(found(&report(&sandbox, &set)), BTreeSet::new());
    let gid = |name: &str, uid, gid| chown(sandbox.path(name), Some(uid), Some(gid)).unwrap();
    gid(&u("ann", "Help"), 0, 4711);
    gid(&a("ann", "Help"), 4711, 0);
    gid("root/dynamicui/bob", 4711, 0);
    assert_eq!(found(&report(&sandbox, &[])), BTreeSet::new());
    check(
        &sandbox,
        &set,
        &[
            "owner links/ann/Help.userconfig",
            "token-exposed links/ann/Help.adminconfig",
            "others-can-write dynamicui/bob",
        ],
    );
    let found = fs::metadata(sandbox.path(&a("ann", "Help"))).unwrap();
    assert_eq!((found.uid(), found.gid()), (0, 0));
    // A folder's group is its account's.
    let known = account();
    for tree in ["links", "dynamicui"] {
        let tree = sandbox.path("root").join(tree);
        fs::rename(tree.join("bob"), tree.join(&known)).unwrap();
        chown(tree.join(&known), Some(0), Some(4711)).unwrap();
    }
    let folders = [
        format!("owner links/{known}"),
        format!("owner dynamicui/{known}"),
    ];
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let of_known = ["--owners", "set", "--user", &known];
    check(&sandbox, &of_known, &folders);
}

#[test]
fn folders_that_others_could_change_are_not_looked_into_when_strict() {
    if !is_root() {
        eprintln!("SKIPPED: only below folders of root");
        return;
    }
    let sandbox = healthy();
    sandbox
        .set_mode("root/links/ann", 0o770)
        .set_mode(&u("ann", "Shop"), 0o666);
    check(
        &sandbox,
        &["--strict-owners"],
        &["others-can-write links/ann"],
    );
    sandbox.set_mode("root/links", 0o777);
    doctor(&sandbox, &["--strict-owners"])
        .expect(1)
        .says("it must belong to root and be writable only by root");
}

#[test]
fn nothing_is_called_missing_where_a_folder_was_not_read() {
    for tree in ["links", "dynamicui"] {
        let sandbox = applied();
        let folder = sandbox.path("root").join(tree).join("ann");
        fs::rename(&folder, sandbox.path("elsewhere")).unwrap();
        fs::write(&folder, "").unwrap();
        check(&sandbox, &[], &[&format!("obstacle {tree}/ann")]);
    }
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let sandbox = healthy();
    sandbox
        .set_mode(&u("ann", "Shop"), 0)
        .set_mode("root/dynamicui/bob", 0);
    if is_root() {
        // Root reads it all; a folder in the place of one is as good as that.
        let command = "chmod 0755 . root; chown -R 4711:4711 . && \
                       setpriv --reuid 4711 --regid 4711 --clear-groups \
                       cplinks doctor --root root";
        let outcome = sandbox.shell(command);
        if outcome.stderr.contains("setpriv") {
            eprintln!("SKIPPED: {}", outcome.stderr);
            return;
        }
        let outcome = outcome.expect(1);
        for of in ["links/ann/Shop.userconfig", "dynamicui/bob"] {
            let text = format!(
                "error[unreadable]: it could not be read, so nothing is known of what is in it\n --> root/{of}\n"
            );
            assert!(outcome.stdout.contains(&text), "{}", outcome.shown());
        }
        return;
    }
    let seen = found(&report(&sandbox, &[]));
    for of in [
        "unreadable links/ann/Shop.userconfig",
        "unreadable dynamicui/bob",
    ] {
        assert!(seen.contains(of), "{seen:?}");
    }
}

#[test]
fn a_link_of_our_own_is_put_right_with_the_token_that_it_has() {
    let sandbox = applied();
    fs::remove_file(sandbox.path(&u("ann", "Shop"))).unwrap();
    let token = sandbox.read(&a("ann", "Shop"));
    let seen = report(&sandbox, &[]);
    for of in [
        format!("secret-orphan {}", &a("ann", "Shop")[5..]),
        format!("menu-orphan {}", &d("ann", "Shop")[5..]),
    ] {
        let command = mend(&seen, &of).unwrap_or_else(|| panic!("{of}: {seen}"));
        assert!(command.starts_with("cplinks apply MANIFEST "), "{command}");
        assert_eq!(paste(&sandbox, &command), 0);
    }
    assert_eq!(sandbox.read(&a("ann", "Shop")), token);
    assert_eq!(found(&report(&sandbox, &["--strict"])), BTreeSet::new());
}

#[test]
fn nothing_is_moved_aside_where_others_come() {
    let leftover = "listed-leftover links/ann/.tmp.12ab.Shop.userconfig";
    let spoilt = || {
        let sandbox = applied();
        sandbox.write("root/links/ann/.tmp.12ab.Shop.userconfig", "{}");
        sandbox
    };
    let sandbox = spoilt();
    assert!(mend(&report(&sandbox, &[]), leftover).is_some());
    let link = |sandbox: &Sandbox, name: &str| {
        sandbox.folder("elsewhere");
        std::os::unix::fs::symlink(sandbox.path("elsewhere"), sandbox.path(name)).unwrap();
    };
    link(&sandbox, "root/.cplinks/aside");
    let seen = report(&sandbox, &[]);
    assert_eq!(mend(&seen, leftover), None);
    assert!(found(&seen).contains("obstacle .cplinks/aside"), "{seen}");
    let sandbox = spoilt();
    fs::remove_dir_all(sandbox.path("root/.cplinks")).unwrap();
    link(&sandbox, "root/.cplinks");
    assert_eq!(mend(&report(&sandbox, &[]), leftover), None);
    for (name, mode) in [
        ("root", 0o777),
        ("root/links", 0o777),
        ("root/.cplinks", 0o755),
    ] {
        let sandbox = spoilt();
        sandbox.set_mode(name, mode);
        assert_eq!(mend(&report(&sandbox, &[]), leftover), None, "{name}");
    }
}

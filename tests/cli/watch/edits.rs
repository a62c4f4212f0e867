//! The manifest is edited in all the ways that editors, deploy tools and
//! Kubernetes know: what is new is live soon, and what cannot be used changes
//! nothing.

use super::world::{
    NEVER, PROMPT, Watch, all_have_label, assert_is_as_applied, has_label, manifest, steal, usual,
};
use crate::support::Sandbox;
use rustix::process::Signal;
use std::process::Command;
use std::time::Duration;

/// The usual manifest in `conf`, another one in `new.yaml`.
fn prepared(line: &str) -> Sandbox {
    let sandbox = usual();
    sandbox.write("new.yaml", manifest("New"));
    sandbox.shell(line).expect(0);
    sandbox
}

/// A watch of this manifest, after this preparation: after that change what
/// is new is live soon. Then the same once more, backwards, so that the
/// second change is seen too.
fn check(argument: &str, prepare: &str, change: &str, change_back: &str) {
    let sandbox = prepared(prepare);
    let mut watch = Watch::start_on(&sandbox, &[argument], &NEVER);
    watch.wait_until_settled();
    for (change, label) in [(change, "New"), (change_back, "Old")] {
        sandbox.shell(change).expect(0);
        watch.wait_until(change, PROMPT, |_| all_have_label(&sandbox, label));
    }
    watch.wait_until_settled();
    assert_eq!(watch.told("refused").len(), 0, "{}", watch.log());
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Old"));
}

#[test]
fn an_editor_renames_over_it() {
    let save = |label: &str| {
        format!(
            "sed 's/label: [A-Z][a-z]*/label: {label}/' new.yaml > conf/.m.swp; mv conf/.m.swp conf/m.yaml"
        )
    };
    check("conf", "true", &save("New"), &save("Old"));
    check("conf/m.yaml", "true", &save("New"), &save("Old"));
}

#[test]
fn sed_edits_it() {
    check(
        "conf/m.yaml",
        "true",
        "sed -i s/Old/New/ conf/m.yaml",
        "sed -i s/New/Old/ conf/m.yaml",
    );
}

#[test]
fn it_is_written_in_place() {
    check(
        "conf/m.yaml",
        "cp conf/m.yaml old.yaml",
        "cat new.yaml > conf/m.yaml",
        "cat old.yaml > conf/m.yaml",
    );
}

#[test]
fn kubernetes_swaps_a_link() {
    let prepare = "
        mkdir conf/..1; mv conf/m.yaml conf/..1
        ln -s ..1 conf/..data; ln -s ..data/m.yaml conf/m.yaml";
    let swap = |from: &str, to: &str, content: &str| {
        format!(
            "mkdir conf/..{to}; {content} > conf/..{to}/m.yaml
             ln -s ..{to} conf/..data_tmp; mv -T conf/..data_tmp conf/..data; rm -r conf/..{from}"
        )
    };
    for argument in ["conf", "conf/m.yaml"] {
        check(
            argument,
            prepare,
            &swap("1", "2", "cat new.yaml"),
            &swap("2", "3", "sed s/New/Old/ new.yaml"),
        );
    }
}

#[test]
fn git_checks_out_another_branch() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("cli: SKIPPED git_checks_out_another_branch: there is no git");
        return;
    }
    let git = "git -C conf -c user.name=a -c user.email=a@a.example";
    let prepare = format!(
        "git init -q -b main conf; {git} add .; {git} commit -qm old
         {git} checkout -qb next; cp new.yaml conf/m.yaml; {git} commit -qam new
         {git} checkout -q main"
    );
    for argument in ["conf", "conf/m.yaml"] {
        check(
            argument,
            &prepare,
            &format!("{git} checkout -q next"),
            &format!("{git} checkout -q main"),
        );
    }
}

#[test]
fn its_whole_folder_is_replaced() {
    let prepare = "mkdir next; cp new.yaml next/m.yaml";
    for argument in ["conf", "conf/m.yaml"] {
        check(
            argument,
            prepare,
            "mv conf last; mv next conf",
            "mv conf next; mv last conf",
        );
    }
}

#[test]
fn a_release_is_made_current() {
    let prepare = "
        mkdir -p releases/1 releases/2; mv conf/m.yaml releases/1; cp new.yaml releases/2/m.yaml
        ln -s releases/1 current";
    for argument in ["current", "current/m.yaml"] {
        check(
            argument,
            prepare,
            "ln -s releases/2 next; mv -T next current",
            "ln -s releases/1 next; mv -T next current",
        );
    }
}

/// A watch of this manifest: after the first line it cannot be used, and all
/// stays as it is; after the second it can be again.
fn check_broken(argument: &str, prepare: &str, break_it: &str, mend_it: &str) {
    let sandbox = prepared(prepare);
    let mut watch = Watch::start_on(&sandbox, &[argument], &NEVER);
    watch.wait_until_settled();
    let runs = sandbox.run(&["history", "--root", "root"]).stdout;
    sandbox.shell(break_it).expect(0);
    watch.wait_until(break_it, PROMPT, |watch| {
        watch.told("manifest-broken").len() == 1
            && watch.shows("manifest_broken", 1)
            && watch.health() == "degraded"
    });
    // Read once more, it is no better, and that is known.
    let rounds = watch.figure("rounds_total").unwrap();
    watch.signal(Signal::HUP);
    watch.wait_until("it is read again", PROMPT, |watch| {
        watch.figure("rounds_total").unwrap() > rounds
    });
    assert_is_as_applied(&sandbox, &manifest("Old"));
    assert_eq!(sandbox.run(&["history", "--root", "root"]).stdout, runs);
    // What was good is still in force.
    steal(&sandbox, "bob", "Support");
    watch.wait_until("a repair meanwhile", PROMPT, |_| {
        has_label(&sandbox, "bob", "Support", "Old")
    });
    watch.assert_stays("said once", Duration::from_millis(500), |watch| {
        watch.told("manifest-broken").len() == 1
    });
    assert_eq!(watch.health(), "degraded");
    assert_is_as_applied(&sandbox, &manifest("Old"));
    sandbox.shell(mend_it).expect(0);
    watch.wait_until(mend_it, PROMPT, |watch| {
        all_have_label(&sandbox, "New") && watch.shows("manifest_broken", 0)
    });
    watch.wait_until_settled();
    assert_eq!(watch.told("manifest-broken").len(), 1, "{}", watch.log());
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("New"));
}

#[test]
fn it_is_deleted_and_restored() {
    for argument in ["conf", "conf/m.yaml"] {
        check_broken(
            argument,
            "true",
            "rm conf/m.yaml",
            "cp new.yaml conf/m.yaml",
        );
    }
}

#[test]
fn its_folder_is_deleted_and_restored() {
    for argument in ["conf", "conf/m.yaml"] {
        check_broken(
            argument,
            "true",
            "rm -r conf",
            "mkdir next; cp new.yaml next/m.yaml; mv next conf",
        );
    }
}

#[test]
fn it_is_written_by_halves() {
    check_broken(
        "conf/m.yaml",
        "true",
        "head -c 150 new.yaml > conf/m.yaml",
        "tail -c +151 new.yaml >> conf/m.yaml",
    );
}

#[test]
fn it_is_emptied() {
    for argument in ["conf", "conf/m.yaml"] {
        check_broken(
            argument,
            "true",
            ": > conf/m.yaml",
            "cat new.yaml > conf/m.yaml",
        );
    }
}

#[test]
fn its_link_leads_nowhere() {
    check_broken(
        "current/m.yaml",
        "ln -s conf current",
        "ln -sfn gone current",
        "mkdir next; cp new.yaml next/m.yaml; mv next gone",
    );
}

#[test]
fn half_of_it_that_would_do_is_not_taken_for_all_of_it() {
    use std::io::Write as _;
    let sandbox = usual();
    let path = sandbox.path("conf/m.yaml");
    let whole = "version: 1\n\
        defaults: { implements: '', label: Old, url: 'https://a.example/' }\n\
        apps: { Billing: {}, Support: {} }\n\
        users:\n  alice:\n    links:\n      Billing: {}\n";
    let rest = "      Support: {}\n  bob: { links: { Billing: {}, Support: {} } }\n  carol: \
        { links: { Billing: {}, Support: {} } }\n";
    sandbox.write("conf/m.yaml", format!("{whole}{rest}"));
    let mut watch = Watch::start(&sandbox, &["--every=1s"]);
    watch.wait_until_settled();
    // Emptied, and written by halves: the first one is a manifest by itself,
    // without a link of alice.
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(whole.as_bytes()).unwrap();
    let before = watch.figure("rounds_total");
    watch.assert_stays("as it was", Duration::from_secs(3), |_| {
        all_have_label(&sandbox, "Old")
    });
    assert!(watch.figure("rounds_total") > before, "rounds go on");
    file.write_all(
        rest.replace("Support: {}", "Support: { label: New }")
            .as_bytes(),
    )
    .unwrap();
    drop(file);
    watch.wait_until("the whole of it is live", PROMPT, |_| {
        has_label(&sandbox, "alice", "Support", "New")
    });
    assert!(!watch.log().contains("\"hide\""), "{}", watch.shown());
    watch.stop();
}

/// Every beginning of it lies there for a while, and some of them would do.
#[test]
fn it_is_written_byte_by_byte() {
    use std::io::Write as _;
    let sandbox = usual();
    let whole = manifest("New").replace(
        "{ links: { Billing: {}, Support: {} } }",
        "\n    links:\n      Billing: {}\n      Support: {}",
    );
    let mut watch = Watch::start(&sandbox, &["--every=1s"]);
    watch.wait_until_settled();
    let before = watch.figure("rounds_total");
    let mut file = std::fs::File::create(sandbox.path("conf/m.yaml")).unwrap();
    for byte in whole.as_bytes() {
        file.write_all(&[*byte]).unwrap();
        std::thread::sleep(Duration::from_millis(10));
        assert!(all_have_label(&sandbox, "Old"), "{}", watch.shown());
    }
    assert!(watch.figure("rounds_total") > before, "rounds go on");
    drop(file);
    watch.wait_until("the whole of it is live", PROMPT, |_| {
        all_have_label(&sandbox, "New")
    });
    assert!(!watch.log().contains("\"hide\""), "{}", watch.shown());
    watch.stop();
}

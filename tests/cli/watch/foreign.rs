//! Somebody else changes what a watch keeps: it is repaired at once, or told
//! of; what nobody changed wakes nobody.

use super::world::{
    APPS, NEVER, PROMPT, USERS, Watch, assert_is_as_applied, dynamicui, has_label, manifest, steal,
    userconfig, usual,
};
use crate::support::Sandbox;
use std::fs;
use std::time::Duration;

/// A manifest in which bob has a token and no Support link.
fn with_a_token() -> String {
    manifest("Old").replace(
        "  bob: { links: { Billing: {}, Support: {} } }",
        "  bob: { links: { Support: absent, Billing: { subscriber_unique_id: '1', token: t0ken, \
         autologin_token_url: 'https://a.example/in' } } }",
    )
}

/// A root that is as the manifest with a token says.
fn settled() -> Sandbox {
    let sandbox = usual();
    sandbox.write("conf/m.yaml", with_a_token());
    sandbox
        .run(&["apply", "conf", "--root", "root", "--yes"])
        .expect(0);
    sandbox
}

/// Somebody does this; soon all is again as it was.
fn check(act: impl Fn(&Sandbox)) {
    let sandbox = settled();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let [links, menu] = ["root/links", "root/dynamicui"].map(|tree| sandbox.tree(tree));
    act(&sandbox);
    watch.wait_until("it is repaired", PROMPT, |watch| {
        watch.told("round").len() == 1
    });
    watch.wait_until_settled();
    assert_eq!(sandbox.tree("root/links"), links, "{}", watch.log());
    assert_eq!(sandbox.tree("root/dynamicui"), menu, "{}", watch.log());
    watch.stop();
    assert_is_as_applied(&sandbox, &with_a_token());
    sandbox
        .run(&["plan", "conf", "--root=root", "--detailed-exitcode"])
        .expect(0);
}

#[test]
fn a_link_with_another_label_is_repaired() {
    check(|sandbox| steal(sandbox, "alice", "Billing"));
}

#[test]
fn a_token_that_all_can_read_is_hidden_again() {
    check(|sandbox| {
        sandbox.set_mode("root/links/bob/Billing.adminconfig", 0o644);
    });
}

#[test]
fn removed_files_come_back() {
    check(|sandbox| fs::remove_file(sandbox.path(&userconfig("alice", "Billing"))).unwrap());
    check(|sandbox| fs::remove_file(sandbox.path(&dynamicui("carol", "Support"))).unwrap());
    check(|sandbox| {
        fs::remove_file(sandbox.path("root/links/bob/Billing.adminconfig")).unwrap();
    });
}

#[test]
fn removed_folders_come_back() {
    check(|sandbox| fs::remove_dir_all(sandbox.path("root/links/alice")).unwrap());
    check(|sandbox| fs::remove_dir_all(sandbox.path("root/dynamicui/alice")).unwrap());
    // And are watched as before.
    let sandbox = settled();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    fs::remove_dir_all(sandbox.path("root/links/carol")).unwrap();
    watch.wait_until("the folder is back", PROMPT, |watch| {
        watch.told("round").len() == 1 && has_label(&sandbox, "carol", "Support", "Old")
    });
    // Not of a link that was repaired just now: that would be contested.
    sandbox.write("root/links/carol/Foreign.userconfig", "{}");
    let rounds = watch.figure("rounds_total").unwrap();
    watch.wait_until("it is looked at", PROMPT, |watch| {
        watch.figure("rounds_total").unwrap() > rounds
    });
    watch.stop();
}

#[test]
fn a_link_that_is_to_be_absent_goes_again() {
    check(|sandbox| {
        for file in [userconfig("bob", "Support"), dynamicui("bob", "Support")] {
            let text = sandbox.read(&file.replace("bob", "alice"));
            sandbox.write(&file, text.replace("alice", "bob"));
        }
    });
}

#[test]
fn what_is_put_in_its_place_by_rename_is_repaired() {
    check(|sandbox| {
        sandbox
            .shell(
                "cd root/links/alice; sed s/Old/Stolen/ Billing.userconfig > .x
                 chmod 644 .x; mv .x Billing.userconfig",
            )
            .expect(0);
    });
}

#[test]
fn in_report_mode_it_is_only_told_of() {
    let sandbox = settled();
    let names = |sandbox: &Sandbox| {
        let fingerprint = sandbox.fingerprint();
        let of_root = fingerprint.lines().filter(|line| line.contains("/root/"));
        // The lock of the watch is new, and so the folder it is in.
        let is_of_lock =
            |line: &&str| line.contains("watch.lock") || line.contains("/root/.cplinks ");
        let lines = of_root.filter(|line| !is_of_lock(line));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    steal(&sandbox, "alice", "Billing");
    let before = names(&sandbox);
    let arguments = ["conf", "--mode=report", "--log-format=json", "--every=1s"];
    let mut watch = Watch::start_as(&sandbox, "watch", &arguments);
    watch.wait_until("three full rounds", PROMPT, |watch| {
        watch.figure("rounds_total") >= Some(3.0)
    });
    assert_eq!(names(&sandbox), before);
    let changes = watch.told("change");
    assert_eq!(changes.len(), 1, "{}", watch.log());
    assert_eq!(changes[0]["message"], "alice/Billing would be replaced");
    assert!(watch.shows("pending", 1) && watch.shows("drifted", 1));
    // One more is told of soon, and it alone.
    steal(&sandbox, "bob", "Billing");
    let before = names(&sandbox);
    watch.wait_until("the other one is told of", PROMPT, |watch| {
        watch.told("change").len() == 2 && watch.shows("pending", 2)
    });
    let rounds = watch.figure("rounds_total").unwrap();
    watch.wait_until("two more full rounds", PROMPT, |watch| {
        watch.figure("rounds_total").unwrap() >= rounds + 2.0
    });
    let changes = watch.told("change");
    assert_eq!(changes.len(), 2, "{}", watch.log());
    assert_eq!(changes[1]["address"], "bob/Billing");
    assert!(watch.shows("changes_total", 0));
    watch.stop();
    assert_eq!(names(&sandbox), before);
    // That others plan meanwhile it would have kept nobody from.
    sandbox
        .run(&["plan", "conf", "--root=root", "--detailed-exitcode"])
        .expect(2);
}

#[test]
fn who_only_reads_wakes_nobody() {
    let sandbox = settled();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let counts = |watch: &Watch<'_>| {
        ["rounds_total", "events_total"].map(|name| watch.figure(name).unwrap())
    };
    // What the first round did itself is taken in.
    std::thread::sleep(Duration::from_millis(500));
    steal(&sandbox, "alice", "Billing");
    watch.wait_until("a repair, after which all is quiet", PROMPT, |watch| {
        watch.told("round").len() == 1
    });
    watch.assert_stays("running", Duration::from_secs(1), |_| true);
    let before = counts(&watch);
    sandbox
        .shell("cat root/links/*/* root/dynamicui/*/* conf/* > /dev/null; ls -lR root > /dev/null")
        .expect(0);
    for read in [&["plan", "conf", "--detailed-exitcode"][..], &["drift"]] {
        sandbox.run(&[read, &["--root=root"]].concat()).expect(0);
    }
    watch.assert_stays("asleep", Duration::from_secs(1), |watch| {
        counts(watch).map(f64::to_bits) == before.map(f64::to_bits)
    });
    // The figures are written after a round: one that comes now shows whether
    // anything was counted meanwhile.
    steal(&sandbox, "carol", "Billing");
    watch.wait_until("one more repair", PROMPT, |watch| {
        watch.told("round").len() == 2
    });
    let [rounds, events] = counts(&watch);
    assert!(rounds <= before[0] + 2.0, "{}", watch.shown());
    // What was read is dozens of files; what was written is one.
    assert!(events <= before[1] + 20.0, "{before:?}\n{}", watch.shown());
    watch.stop();
}

#[test]
fn folders_of_others_are_nobodys_business() {
    let sandbox = settled();
    sandbox.folder("root/links/stranger");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    let before = watch.figure("rounds_total");
    for (user, app) in USERS.iter().flat_map(|_| APPS.map(|app| ("stranger", app))) {
        sandbox.write(&userconfig(user, app), "{}");
    }
    sandbox.write("root/links/newcomer/Billing.userconfig", "{}");
    watch.assert_stays("asleep", Duration::from_secs(1), |watch| {
        watch.figure("rounds_total") == before
    });
    watch.stop();
    assert_eq!(sandbox.read("root/links/newcomer/Billing.userconfig"), "{}");
}

//! What a watch does not do by itself: what a guard refuses, and users that
//! leave the manifest.

use super::world::{
    NEVER, PROMPT, USERS, Watch, assert_is_as_applied, has_label, manifest_of, steal,
};
use crate::support::{Outcome, Sandbox};
use std::fs;

/// Ten users with both apps.
const TEN: [&str; 10] = [
    "user0", "user1", "user2", "user3", "user4", "user5", "user6", "user7", "user8", "user9",
];

/// Ten users' links, applied.
fn ten() -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("conf/m.yaml", manifest_of(&TEN, "Old"));
    apply(&sandbox, &[]).expect(0);
    sandbox
}

fn apply(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&["apply", "conf", "--root=root", "--yes"], more].concat())
}

/// All ten without a Support link: half of the links would be hidden.
fn without_support() -> String {
    manifest_of(&TEN, "Old").replace(", Support: {} }", " }")
}

fn runs(sandbox: &Sandbox) -> usize {
    let runs = fs::read_dir(sandbox.path("root/.cplinks/runs")).unwrap();
    runs.count()
}

fn is_hidden(sandbox: &Sandbox, user: &str) -> bool {
    let text = sandbox.read(&format!("root/links/{user}/Support.userconfig"));
    text.contains("\"hide\" : \"1\"")
}

#[test]
fn what_a_guard_refuses_waits_for_a_person() {
    let sandbox = ten();
    let mut watch = Watch::start(&sandbox, &["--every=1s"]);
    watch.wait_until_settled();
    let before = runs(&sandbox);
    sandbox.write("conf/m.yaml", without_support());
    watch.wait_until("it is refused", PROMPT, |watch| {
        watch.told("refused").len() == 1
            && watch.shows("refused", 1)
            && watch.health() == "degraded"
    });
    let told = &watch.told("refused")[0];
    let hint = told["hint"].as_str().unwrap();
    assert!(hint.contains("cplinks apply --allow-hide 10"), "{told}");
    assert_eq!(told["guard"], "hide");
    assert_eq!(told["count"], 10);
    // It is not tried again and again, whatever the timer says.
    let (rounds, log) = (watch.figure("rounds_total").unwrap(), watch.log());
    watch.wait_until("two more full rounds", PROMPT, |watch| {
        watch.figure("rounds_total").unwrap() >= rounds + 2.0
    });
    assert_eq!(watch.log(), log);
    assert_eq!(runs(&sandbox), before);
    assert_is_as_applied(&sandbox, &manifest_of(&TEN, "Old"));
    // Who has nothing to do with it is still looked after, even if some of
    // what waits is theirs.
    steal(&sandbox, "user3", "Billing");
    watch.wait_until("a repair meanwhile", PROMPT, |watch| {
        has_label(&sandbox, "user3", "Billing", "Old") && watch.told("change").len() == 1
    });
    assert_is_as_applied(&sandbox, &manifest_of(&TEN, "Old"));
    // A person lets it through: then all is quiet.
    apply(&sandbox, &["--allow-hide", "10"])
        .expect(0)
        .says("10 hidden");
    watch.wait_until("nothing is refused any more", PROMPT, |watch| {
        watch.shows("refused", 0) && watch.health() == "ok"
    });
    watch.wait_until_settled();
    assert_eq!(watch.told("refused").len(), 1, "{}", watch.log());
    watch.stop();
    assert!(TEN.iter().all(|user| is_hidden(&sandbox, user)));
    sandbox
        .run(&["plan", "conf", "--root=root", "--detailed-exitcode"])
        .expect(0);
}

#[test]
fn what_is_taken_back_is_refused_no_more() {
    let sandbox = ten();
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    for times in 1..=2 {
        sandbox.write("conf/m.yaml", without_support());
        watch.wait_until("it is refused", PROMPT, |watch| {
            watch.told("refused").len() == times && watch.shows("refused", 1)
        });
        sandbox.write("conf/m.yaml", manifest_of(&TEN, "Old"));
        watch.wait_until("nothing is refused any more", PROMPT, |watch| {
            watch.shows("refused", 0) && watch.health() == "ok"
        });
    }
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest_of(&TEN, "Old"));
}

#[test]
fn users_that_leave_the_manifest_are_only_told_of() {
    let sandbox = Sandbox::with_root();
    sandbox.write("conf/m.yaml", manifest_of(&USERS, "Old"));
    apply(&sandbox, &[]).expect(0);
    let mut watch = Watch::start(&sandbox, &["--every=1s"]);
    watch.wait_until_settled();
    // A copy that broke off in a good place is a manifest like any other.
    sandbox.write("conf/m.yaml", manifest_of(&["alice", "bob"], "New"));
    watch.wait_until("the others are changed", PROMPT, |watch| {
        has_label(&sandbox, "bob", "Support", "New") && watch.told("user-gone").len() == 1
    });
    let told = &watch.told("user-gone")[0];
    assert_eq!(told["users"], serde_json::json!(["carol"]));
    assert_eq!(told["changes"], 2);
    assert_eq!(
        told["message"],
        "1 account is not in the manifest any more; 2 changes wait for a person"
    );
    assert!(
        told["hint"].as_str().unwrap().contains("cplinks apply"),
        "{told}"
    );
    let rounds = watch.figure("rounds_total").unwrap();
    watch.wait_until("two more full rounds", PROMPT, |watch| {
        watch.figure("rounds_total").unwrap() >= rounds + 2.0
    });
    assert_eq!(watch.health(), "degraded");
    assert!(
        watch.figures().contains("held{why=\"user-gone\"} 2\n"),
        "{}",
        watch.shown()
    );
    assert_eq!(watch.told("user-gone").len(), 1, "{}", watch.log());
    let two = manifest_of(&["alice", "bob"], "New");
    let carol = manifest_of(&["carol"], "Old");
    let users = two + carol.split("users:\n").nth(1).unwrap();
    for user in ["alice", "bob"] {
        assert!(has_label(&sandbox, user, "Billing", "New"), "{users}");
    }
    for app in ["Billing", "Support"] {
        assert!(has_label(&sandbox, "carol", app, "Old"));
        assert!(!is_hidden(&sandbox, "carol"));
    }
    // By hand it is a wish.
    apply(&sandbox, &["--allow-user-gone", "2"])
        .expect(0)
        .says("2 hidden");
    watch.wait_until("nobody waits any more", PROMPT, |watch| {
        watch.figures().contains("held{why=\"user-gone\"} 0\n") && watch.health() == "ok"
    });
    watch.stop();
    assert!(is_hidden(&sandbox, "carol"));
}

#[test]
fn what_the_policy_forbids_from_now_on_is_not_put_back() {
    let sandbox = Sandbox::with_root();
    sandbox.write("conf/m.yaml", manifest_of(&USERS, "Old"));
    sandbox.write("policy.yaml", "{}\n");
    apply(&sandbox, &[]).expect(0);
    let mut watch = Watch::start(&sandbox, &["--every=1s", "--policy=policy.yaml"]);
    watch.wait_until_settled();
    // One that cannot be read forbids nothing.
    sandbox.write("policy.yaml", "manage: [\n");
    watch.wait_until("it is told", PROMPT, |watch| watch.health() == "degraded");
    steal(&sandbox, "bob", "Billing");
    watch.wait_until("a repair", PROMPT, |_| {
        has_label(&sandbox, "bob", "Billing", "Old")
    });
    sandbox.write("policy.yaml", "manage: [Support]\n");
    watch.wait_until("nothing is in force", PROMPT, |watch| {
        watch.health() == "failing" && watch.told("manifest-broken").len() == 2
    });
    let told = &watch.told("manifest-broken")[1];
    assert!(
        told["message"]
            .as_str()
            .unwrap()
            .contains("nothing is done until"),
        "{told}"
    );
    // What a person takes away because of it stays away.
    let entry = sandbox.path(&super::world::dynamicui("alice", "Billing"));
    fs::remove_file(&entry).unwrap();
    let long = std::time::Duration::from_millis(2500);
    watch.assert_stays("it is gone", long, |_| !entry.exists());
    sandbox.write("policy.yaml", "manage: [Support, Billing]\n");
    watch.wait_until("it is wanted again", PROMPT, |_| entry.exists());
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest_of(&USERS, "Old"));
}

#[test]
fn links_that_it_made_itself_are_among_those_it_may_change() {
    let sandbox = Sandbox::with_root();
    // Folders that come would have all of it looked at again.
    sandbox.folder("root/links").folder("root/dynamicui");
    sandbox.write("conf/m.yaml", manifest_of(&TEN, "Old"));
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until_settled();
    // Half of them, of twenty.
    let edited = TEN[..5]
        .iter()
        .fold(manifest_of(&TEN, "Old"), |text, user| {
            let line = text.lines().find(|line| line.contains(user)).unwrap();
            text.replace(
                line,
                &line
                    .replace("Billing: {}", "Billing: { label: New }")
                    .replace("Support: {}", "Support: { label: New }"),
            )
        });
    sandbox.write("conf/m.yaml", edited);
    watch.wait_until("they are changed", PROMPT, |_| {
        TEN[..5]
            .iter()
            .all(|user| has_label(&sandbox, user, "Support", "New"))
    });
    assert!(watch.told("refused").is_empty(), "{}", watch.log());
    watch.stop();
}

#[test]
fn what_a_person_let_through_is_refused_no_more_in_the_mode_report_either() {
    let sandbox = ten();
    apply(&sandbox, &[]).expect(0);
    let arguments = [&["conf", "--mode=report", "--log-format=json"], &NEVER[..]].concat();
    let mut watch = Watch::start_as(&sandbox, "report", &arguments);
    watch.wait_until_settled();
    sandbox.write("conf/m.yaml", without_support());
    watch.wait_until("it is refused", PROMPT, |watch| {
        watch.shows("refused", 1) && watch.health() == "degraded"
    });
    apply(&sandbox, &["--allow-hide", "10"])
        .expect(0)
        .says("10 hidden");
    watch.wait_until("nothing is refused any more", PROMPT, |watch| {
        watch.shows("refused", 0) && watch.health() == "ok"
    });
    watch.stop();
}

//! A watch that ends in the middle of its work, well or by force.

use super::world::{APPS, LONG, NEVER, Watch, assert_is_as_applied, manifest_of};
use crate::support::Sandbox;
use rustix::process::Signal;
use std::path::Path;

/// So many users that an apply takes a while.
const MANY: usize = 400;

fn large() -> (Sandbox, String) {
    let names: Vec<_> = (0..MANY).map(|number| format!("user{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let sandbox = Sandbox::with_root();
    let manifest = manifest_of(&names, "Old");
    sandbox.write("conf/m.yaml", &manifest);
    (sandbox, manifest)
}

/// How many menu entries and how many configurations there are. A menu entry
/// comes last: each one there is must have its configuration.
fn entries_of_whole_links(root: &Path) -> usize {
    let mut entries = 0;
    for user in (0..MANY).map(|number| format!("user{number}")) {
        for app in APPS {
            let menu = root.join(format!("dynamicui/{user}/dynamicui_{app}.conf"));
            let links = root.join(format!("links/{user}/{app}.userconfig"));
            if menu.exists() {
                assert!(links.exists(), "{user}/{app} shows and is not there");
                entries += 1;
            }
        }
    }
    entries
}

/// Whether the first link is live. Folders alone come before that.
fn has_begun(root: &Path) -> bool {
    root.join("dynamicui/user1/dynamicui_Billing.conf").exists()
}

#[test]
fn asked_to_end_in_the_middle_it_leaves_whole_links_and_the_rest_for_later() {
    let (sandbox, manifest) = large();
    let root = sandbox.path("root");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until("links come", LONG, |_| has_begun(&root));
    let log = watch.stop_by(Signal::TERM);
    let done = entries_of_whole_links(&root);
    assert!(done > 0 && done < 2 * MANY, "{done}: not in the middle");
    assert!(!log.contains("\"event\":\"failed\""), "{log}");
    // All links are whole: nothing to put in order, and nothing to replace.
    let rest = 2 * MANY - done;
    sandbox
        .run(&["plan", "conf", "--root=root"])
        .expect(0)
        .says(&format!("{rest} to create"))
        .is_silent_about("to replace")
        .is_silent_about("interrupted");
    sandbox
        .run(&["apply", "conf", "--root=root", "--yes"])
        .expect(0)
        .says(&format!("{rest} created"));
    assert_is_as_applied(&sandbox, &manifest);
}

#[test]
fn killed_in_the_middle_the_next_one_puts_it_in_order() {
    let (sandbox, manifest) = large();
    let root = sandbox.path("root");
    let mut watch = Watch::start(&sandbox, &NEVER);
    watch.wait_until("links come", LONG, |_| has_begun(&root));
    watch.signal(Signal::KILL);
    let ended = watch.wait_for_end();
    assert_eq!(ended.code, None);
    assert!(entries_of_whole_links(&root) < 2 * MANY);
    // One that only looks changes nothing, but says so.
    let arguments = ["conf", "--mode=report", "--log-format=json"];
    let mut looking = Watch::start_as(&sandbox, "looking", &arguments);
    looking.wait_until("it cannot look", LONG, |watch| {
        watch.health() == "failing" && watch.told("failed").len() == 1
    });
    looking.stop();
    let mut watch = Watch::start_as(
        &sandbox,
        "next",
        &["conf", "--mode=apply", "--log-format=json", "--every=365d"],
    );
    watch.wait_until_settled();
    assert_eq!(watch.told("interrupted").len(), 1, "{}", watch.log());
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest);
    sandbox
        .run(&["plan", "conf", "--root=root", "--detailed-exitcode"])
        .expect(0);
}

//! Where the kernel gives no notices, folders are looked at now and then.

use super::world::{
    LONG, NEVER, PROMPT, Watch, all_have_label, applied, assert_is_as_applied, dynamicui,
    has_label, manifest, userconfig,
};
use std::fs;
use std::process::Command;

/// How long a look may be off, and what follows.
const POLLED: std::time::Duration = PROMPT.saturating_add(PROMPT);

#[test]
fn new_removed_and_replaced_files_are_seen() {
    let sandbox = applied();
    let arguments = [&NEVER[..], &["--watcher=poll"]].concat();
    let mut watch = Watch::start(&sandbox, &arguments);
    watch.wait_until_settled();
    assert!(watch.shows("polling", 1));
    // Why, and what it costs.
    watch.wait_until("the cost is told", PROMPT, |watch| {
        watch.told("polling").len() == 2
    });
    let told = watch.told("polling");
    let cost = told[1]["message"].as_str().unwrap();
    assert!(cost.starts_with("a look at 6 folders took "), "{cost}");
    let message = told[0]["message"].as_str().unwrap();
    for words in ["asked for", "every 2 s", "written in place", "full round"] {
        assert!(message.contains(words), "no {words:?} in {message}");
    }
    fs::remove_file(sandbox.path(&dynamicui("alice", "Billing"))).unwrap();
    watch.wait_until("a removed file is back", POLLED, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    let replace = "cd root/links/bob; sed s/Old/Stolen/ Support.userconfig > x; chmod 644 x; mv x Support.userconfig";
    sandbox.shell(replace).expect(0);
    watch.wait_until("a replaced file is repaired", POLLED, |_| {
        has_label(&sandbox, "bob", "Support", "Old")
    });
    fs::remove_dir_all(sandbox.path("root/links/carol")).unwrap();
    watch.wait_until("a removed folder is back", POLLED, |_| {
        has_label(&sandbox, "carol", "Billing", "Old")
            && has_label(&sandbox, "carol", "Support", "Old")
    });
    // Edits of the manifest too, however they are made.
    for (line, label) in [
        ("sed -i s/Old/New/ conf/m.yaml", "New"),
        (
            "sed s/New/Last/ conf/m.yaml > x; cat x > conf/m.yaml",
            "Last",
        ),
    ] {
        sandbox.shell(line).expect(0);
        watch.wait_until(line, POLLED, |_| all_have_label(&sandbox, label));
    }
    watch.wait_until_settled();
    assert_eq!(watch.told("polling").len(), 2, "{}", watch.log());
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("Last"));
}

#[test]
fn a_new_file_of_a_link_that_is_to_be_absent_is_seen() {
    let sandbox = applied();
    let absent = manifest("Old").replace(
        "  bob: { links: { Billing: {}, Support: {} } }",
        "  bob: { links: { Billing: {}, Support: absent } }",
    );
    sandbox.write("conf/m.yaml", &absent);
    sandbox
        .run(&["apply", "conf", "--root=root", "--yes"])
        .expect(0)
        .says("1 removed");
    let arguments = [&NEVER[..], &["--watcher=poll"]].concat();
    let mut watch = Watch::start(&sandbox, &arguments);
    watch.wait_until_settled();
    let theirs = sandbox.read(&userconfig("alice", "Support"));
    sandbox.write(
        &userconfig("bob", "Support"),
        theirs.replace("alice", "bob"),
    );
    watch.wait_until("it is gone again", POLLED, |watch| {
        watch.told("round").len() == 1
    });
    watch.stop();
    assert_is_as_applied(&sandbox, &absent);
}

#[test]
fn where_the_kernel_watches_no_more_folders_it_says_what_to_set_and_goes_on() {
    let test = "where_the_kernel_watches_no_more_folders_it_says_what_to_set_and_goes_on";
    let limit = "echo 8 > /proc/sys/user/max_inotify_watches";
    let tried = Command::new("unshare")
        .args(["-Ur", "sh", "-c", limit])
        .output();
    match tried {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            eprintln!("cli: SKIPPED {test}: no name space of one's own: {why}");
            return;
        }
        Err(error) => {
            eprintln!("cli: SKIPPED {test}: no unshare: {error}");
            return;
        }
    }
    let sandbox = applied();
    sandbox.folder("out");
    let binary = env!("CARGO_BIN_EXE_cplinks");
    let line = format!(
        "{limit}; exec {binary} watch conf --root=root --mode=apply --every=365d \
         --log-format=json --metrics-file=out/watch.prom --health-file=out/watch.health"
    );
    let mut command = Command::new("unshare");
    command
        .args(["-Ur", "sh", "-c", &line])
        .current_dir(sandbox.path(""));
    let mut watch = Watch::spawn(&sandbox, "watch", &mut command);
    watch.wait_until("it polls", LONG, |watch| {
        watch.told("polling").len() == 2 && watch.shows("polling", 1)
    });
    let told = &watch.told("polling")[0];
    let hint = told["hint"].as_str().unwrap();
    assert!(
        hint.starts_with("sysctl -w fs.inotify.max_user_watches=") && hint.contains("restart"),
        "{told}"
    );
    assert!(watch.told("failed").is_empty(), "{}", watch.log());
    fs::remove_file(sandbox.path(&dynamicui("alice", "Billing"))).unwrap();
    watch.wait_until("a removed file is back", POLLED, |_| {
        has_label(&sandbox, "alice", "Billing", "Old")
    });
    sandbox.shell("sed -i s/Old/New/ conf/m.yaml").expect(0);
    watch.wait_until("the manifest is live", POLLED, |_| {
        all_have_label(&sandbox, "New")
    });
    watch.wait_until_settled();
    watch.stop();
    assert_is_as_applied(&sandbox, &manifest("New"));
}

//! `cplinks recover` where there is nothing to do; `tests/crash` interrupts
//! real applies and recovers from each.

use crate::support::Sandbox;

#[test]
fn where_nothing_was_interrupted_it_writes_nothing() {
    let sandbox = Sandbox::with_examples();
    let before = sandbox.fingerprint();
    sandbox
        .run(&["recover", "--root", "root"])
        .expect(0)
        .says("Nothing to recover.");
    assert_eq!(sandbox.fingerprint(), before);
}

#[test]
fn the_unit_that_runs_at_boot_calls_it() {
    let sandbox = Sandbox::with_examples();
    let unit = sandbox.read("examples/systemd/cplinks-recover.service");
    assert!(unit.contains("ExecStart=/usr/local/bin/cplinks recover\n"));
}

#[test]
fn an_interrupted_run_is_named_by_plan_and_put_in_order() {
    let sandbox = Sandbox::with_examples();
    let target = [
        "examples/acme",
        "--root",
        "root",
        "--secrets",
        "examples/acme-secrets.yaml",
    ];
    let apply = [&["apply", "--yes"], &target[..]].concat();
    sandbox.run(&apply).expect(0);
    // As if the power had gone before the last line of the journal.
    let journal = "root/.cplinks/runs/000001/journal";
    let text = sandbox.read(journal);
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(last.contains("done"), "{last}");
    sandbox.write(journal, format!("{kept}\n"));
    let plan = [&["plan"], &target[..]].concat();
    sandbox.run(&plan).expect(1).says("cplinks recover");
    sandbox
        .run(&["recover", "--root", "root"])
        .expect(0)
        .says("Run 000001 was interrupted")
        .says("Recovered");
    sandbox.run(&plan).expect(0).says("no changes");
}

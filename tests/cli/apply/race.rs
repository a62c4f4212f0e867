//! Many applies at once: one after the other, or turned away.

use super::one_link;
use crate::support::Sandbox;
use std::fs;

#[test]
fn of_many_applies_at_once_each_is_done_or_turned_away() {
    let sandbox = Sandbox::with_examples();
    let line = "for i in $(seq 20); do
        timeout=$(( i % 2 * 60 ))
        { code=0
          cplinks apply examples/acme --root root --secrets examples/acme-secrets.yaml \
            --yes --lock-timeout $timeout > out.$i 2>&1 || code=$?
          echo $timeout $code > code.$i; } &
      done; wait";
    sandbox.shell(line).expect(0);
    let mut runs = 0;
    for number in 1..=20 {
        let code = sandbox.read(&format!("code.{number}"));
        let out = sandbox.read(&format!("out.{number}"));
        match code.trim() {
            "60 0" | "0 0" => {}
            "0 5" => assert!(out.contains("is locked by"), "{out}"),
            other => panic!("{other}: {out}"),
        }
        runs += usize::from(out.contains("Apply: 16 created"));
    }
    assert_eq!(runs, 1, "exactly one found something to do");
    let kept = fs::read_dir(sandbox.path("root/.cplinks/runs")).unwrap();
    assert_eq!(kept.count(), 1);
    super::acme(&sandbox, &[])
        .expect(0)
        .says("Plan: no changes");
}

#[test]
fn a_reader_or_a_writer_keeps_an_apply_out() {
    let sandbox = Sandbox::with_root();
    super::apply(&sandbox, &one_link(""), &[]).expect(0);
    let before = sandbox.tree("root");
    let lock = fs::File::open(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock_shared().unwrap();
    super::apply(&sandbox, &one_link(", order: 1"), &["--lock-timeout", "0"])
        .expect(5)
        .says("is locked by");
    lock.unlock().unwrap();
    lock.lock().unwrap();
    super::apply(&sandbox, &one_link(", order: 1"), &["--lock-timeout", "0"]).expect(5);
    assert_eq!(sandbox.tree("root"), before);
    lock.unlock().unwrap();
    super::apply(&sandbox, &one_link(", order: 1"), &["--lock-timeout", "0"]).expect(0);
}

//! Inputs that fuzzing found, as small as they get, each with what must come
//! of it. `fuzz/LEDGER.md` names these tests.

use crate::support::Sandbox;

#[test]
fn a_tag_with_nothing_behind_it_is_no_panic() {
    let sandbox = Sandbox::new();
    for manifest in [
        "version: !\nusers:\n  alice: x\n",
        "version: !x &y\nusers: {}\n",
        "version: 1\nusers:\n  alice:\n    links:\n      A:\n        token: !\n        label: L\n",
    ] {
        sandbox.write("m.yaml", manifest);
        sandbox
            .run(&["validate", "m.yaml"])
            .expect(1)
            .says("m.yaml:")
            .is_silent_about("panicked");
    }
}

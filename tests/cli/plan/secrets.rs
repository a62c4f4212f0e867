//! Secrets files that hold nothing: no tokens is not the same as no file.

use super::acme;
use crate::support::Sandbox;

#[test]
fn a_secrets_file_that_says_nothing_is_refused_and_writes_nothing() {
    let sandbox = Sandbox::with_examples();
    for nothing in ["", "# t: one-token\n", "---\n", "null\n"] {
        sandbox.write("secrets.yaml", nothing);
        let before = sandbox.fingerprint();
        for (command, more) in [("plan", &[][..]), ("apply", &["--yes"]), ("status", &[])] {
            let arguments = [command, "examples/acme", "--root", "root"];
            let secrets = ["--secrets", "secrets.yaml"];
            sandbox
                .run(&[&arguments[..], &secrets, more].concat())
                .expect(1)
                .says("error: the secrets file `secrets.yaml`:")
                .says("every value must be a text, and the file one map");
        }
        assert_eq!(sandbox.fingerprint(), before, "{nothing:?}");
    }
    // A map without names is one.
    sandbox.write("secrets.yaml", "{}\n");
    acme(&sandbox, &["--secrets", "secrets.yaml"])
        .expect(0)
        .says("not compared");
}

//! Manifests that somebody else than root could have written, when root acts
//! on them. Only root can give files away, so only root can test it.

use super::app;
use crate::support::Sandbox;

#[test]
fn what_others_could_write_is_refused_with_its_path() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: only root can test --strict-owners");
        return;
    }
    for (prepare, says) in [
        ("true", "is valid"),
        ("chmod 1777 folder", "is valid"),
        (
            "chmod 666 folder/m.yaml",
            "folder/m.yaml has the owner 0 and the mode 0666",
        ),
        ("chmod 620 folder/m.yaml", "the mode 0620"),
        (
            "chmod 777 folder",
            "folder has the owner 0 and the mode 0777",
        ),
        ("chown 12345 folder/m.yaml", "has the owner 12345"),
        ("chown 12345 folder", "folder has the owner 12345"),
        // Whoever owns the folder of a link can turn it to any of root's files.
        (
            "mv folder real; mkdir theirs; ln -s ../real theirs/hop; ln -s theirs/hop folder; \
             chown 12345 theirs",
            "theirs has the owner 12345",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("folder/m.yaml", app("A"));
        sandbox.shell(prepare).expect(0);
        let outcome = sandbox.run(&["validate", "folder/m.yaml", "--strict-owners"]);
        let outcome = outcome.says(says);
        let is_refused = outcome.stderr.contains("error[unsafe-owner]");
        assert_eq!(is_refused, says != "is valid", "{}", outcome.shown());
        // Without the flag, and elsewhere than on the default root, it is read.
        sandbox.run(&["validate", "folder/m.yaml"]).expect(0);
    }
}

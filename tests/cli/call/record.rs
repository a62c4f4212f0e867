//! Whose a link is after a call: what was foreign stays so, and what is
//! cplinks' own stays so too, with the call as somebody else's change.

use super::{FILES, LINK, LOGIN, TOKEN, URL, call, create, done, world};
use crate::support::{Outcome, Sandbox};

const MANIFEST: &str = "\
version: 1
users:
  alice:
    links:
      ACME_billing:
        label: Billing
        implements: billing
        url: https://a.example/
        autologin_token_url: https://sso.example/login
        subscriber_unique_id: \"1\"
        group_id: shop
        token: { secret: a }
groups: { shop: { label: Shop, order: 1 } }
";

fn run(sandbox: &Sandbox, command: &[&str]) -> Outcome {
    let fixed = ["m.yaml", "--root", "root", "--secrets", "secrets.yaml"];
    let (name, more) = command.split_first().unwrap();
    sandbox.run(&[&[*name], &fixed[..], more].concat())
}

/// A root where the manifest was applied; the token is the one of calls.
fn applied() -> Sandbox {
    let sandbox = world();
    sandbox
        .write("m.yaml", MANIFEST)
        .write("secrets.yaml", format!("a: {TOKEN}\n"));
    run(&sandbox, &["apply", "--yes"]).expect(0);
    sandbox
}

fn drift(sandbox: &Sandbox, code: i32) -> String {
    sandbox
        .run(&["drift", "--root", "root"])
        .expect(code)
        .stdout
}

/// The rows of all links: whose each is.
fn row(sandbox: &Sandbox) -> String {
    sandbox.run(&["list", "--root", "root"]).expect(0).stdout
}

#[test]
fn what_a_call_makes_is_foreign_and_stays_so() {
    let sandbox = world();
    create(&sandbox, &[]);
    assert!(
        row(&sandbox).contains("alice/ACME_billing  foreign  shows"),
        "{}",
        row(&sandbox)
    );
    create(&sandbox, &["order=3"]);
    let set = ["user=alice", "app=ACME_billing", "token=@token"];
    done(call(&sandbox, "update_integration_link_token", &set));
    let group = ["user=alice", "group_id=shop", "label=Shop", "order=2"];
    done(call(&sandbox, "create_integration_group", &group));
    assert!(row(&sandbox).contains("foreign"), "{}", row(&sandbox));
    assert!(
        drift(&sandbox, 0).contains("Drift: none"),
        "{}",
        drift(&sandbox, 0)
    );
    // No rule for what left the manifest is about it, nor does a plan name it.
    let other = MANIFEST.replace("ACME_billing", "Other");
    sandbox
        .write("m.yaml", other)
        .write("secrets.yaml", "a: x\n");
    run(&sandbox, &["plan"])
        .expect(0)
        .says("1 foreign left alone")
        .is_silent_about("ACME_billing");
    // Lost, the record is made of the runs again.
    std::fs::remove_file(sandbox.path("root/.cplinks/state.db")).unwrap();
    assert!(row(&sandbox).contains("foreign"), "{}", row(&sandbox));
    sandbox.run(&["recover", "--root", "root"]).expect(0);
    assert!(row(&sandbox).contains("foreign"), "{}", row(&sandbox));
    sandbox
        .run(&["history", "--root", "root"])
        .expect(0)
        .says("call create_integration_link  ");
}

#[test]
fn what_is_our_own_stays_our_own_and_the_call_is_drift() {
    let sandbox = applied();
    let before = drift(&sandbox, 0);
    sandbox.write("other", "canary-2");
    let set = ["user=alice", "app=ACME_billing", "token=@other"];
    done(call(&sandbox, "update_integration_link_token", &set));
    assert!(
        row(&sandbox).contains("ACME_billing  ours"),
        "{}",
        row(&sandbox)
    );
    let said = drift(&sandbox, 2);
    assert!(
        said.contains("~ changed  alice/ACME_billing: token changed"),
        "{said}"
    );
    run(&sandbox, &["plan"])
        .expect(0)
        .says("~ replace  alice/ACME_billing [token]")
        .is_silent_about("adopt");
    create(&sandbox, &["order=9"]);
    let said = drift(&sandbox, 2);
    assert!(
        said.contains("~ changed  alice/ACME_billing: fields changed, menu entry changed"),
        "{said}"
    );
    run(&sandbox, &["plan"])
        .expect(0)
        .says("~ replace  alice/ACME_billing [fields]");
    // So it is where the record is made of the runs.
    std::fs::remove_file(sandbox.path("root/.cplinks/state.db")).unwrap();
    assert!(
        row(&sandbox).contains("ACME_billing  ours"),
        "{}",
        row(&sandbox)
    );
    sandbox.run(&["recover", "--root", "root"]).expect(0);
    // The next apply says again what the manifest says.
    run(&sandbox, &["apply", "--yes"])
        .expect(0)
        .says("Apply: 1 replaced");
    assert_eq!(drift(&sandbox, 0), before);
}

#[test]
fn what_a_call_removes_of_our_own_is_gone_and_comes_back() {
    let sandbox = applied();
    done(call(&sandbox, "remove_integration_link", &LINK[..2]));
    let group = ["user=alice", "group_id=shop"];
    done(call(&sandbox, "remove_integration_group", &group));
    let said = drift(&sandbox, 2);
    for thing in ["alice/ACME_billing", "alice/group:shop"] {
        let line = format!("- gone     {thing}: none of its files is there");
        assert!(said.contains(&line), "{said}");
    }
    run(&sandbox, &["plan"])
        .expect(0)
        .says("+ create   alice/ACME_billing [new]")
        .says("+ create   alice/group:shop [new]");
    // Made again by a call, it is our own still.
    create(&sandbox, &[]);
    assert!(
        row(&sandbox).contains("ACME_billing  ours"),
        "{}",
        row(&sandbox)
    );
    run(&sandbox, &["apply", "--yes"]).expect(0);
    assert!(drift(&sandbox, 0).contains("Drift: none"));
}

#[test]
fn a_call_that_makes_it_what_the_manifest_says_is_taken_up() {
    let sandbox = applied();
    create(&sandbox, &["order=9"]);
    create(&sandbox, &["group_id=shop"]);
    run(&sandbox, &["plan", "--detailed-exitcode"]).expect(0);
    assert!(drift(&sandbox, 0).contains("Drift: none"));
}

#[test]
fn a_call_writes_what_an_apply_writes() {
    let sandbox = applied();
    let by_apply = FILES.map(|file| sandbox.read(file));
    let other = world();
    let parameters = [&LINK[..], &[URL, LOGIN, "group_id=shop"]].concat();
    done(call(&other, "create_integration_link", &parameters));
    let group = ["user=alice", "group_id=shop", "label=Shop", "order=1"];
    done(call(&other, "create_integration_group", &group));
    assert_eq!(FILES.map(|file| other.read(file)), by_apply);
    for file in [
        "root/links/alice/group_shop.userconfig",
        "root/dynamicui/alice/dynamicui_group_shop.conf",
    ] {
        assert_eq!(other.read(file), sandbox.read(file));
    }
    // A manifest that says the same only has to remember it.
    other
        .write("m.yaml", MANIFEST)
        .write("secrets.yaml", format!("a: {TOKEN}\n"));
    run(&other, &["plan"])
        .expect(0)
        .says("2 in sync (2 adopted)");
}

#[test]
fn a_state_of_the_version_before_takes_up_runs_of_calls() {
    let sandbox = applied();
    let path = sandbox.path("root/.cplinks/state.db");
    let state = rusqlite::Connection::open(&path).unwrap();
    let back = "DROP TABLE call; PRAGMA user_version = 2";
    state.execute_batch(back).unwrap();
    drop(state);
    let before = std::fs::read(&path).unwrap();
    let history = |sandbox: &Sandbox| {
        let outcome = sandbox.run(&["history", "--root", "root"]).expect(0);
        outcome
            .stdout
            .lines()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(history(&sandbox)[0].contains("  apply  "));
    run(&sandbox, &["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    create(&sandbox, &["order=9"]);
    let runs = history(&sandbox);
    assert!(
        runs[0].contains("  call create_integration_link  "),
        "{runs:?}"
    );
    assert!(runs[1].contains("  apply  "), "{runs:?}");
    assert!(
        row(&sandbox).contains("ACME_billing  ours"),
        "{}",
        row(&sandbox)
    );
}

//! Undo: what a call changed comes back byte for byte, under the conditions of
//! any undo; and the history says which function it was.

use super::{FILES, LINK, LOGIN, URL, call, create, done, world};
use crate::support::{Outcome, Sandbox};

/// A link as another program left it: not as cplinks would write it.
fn put_foreign(sandbox: &Sandbox) {
    let config = r#"{"label":"Old","url":"https://a.example/","zz":1.10,"autologin_token_url":"https://sso.example/login"}"#;
    sandbox
        .write(FILES[0], config)
        .write(FILES[1], r#"{"token":"canary-old"  }"#)
        .write(
            FILES[2],
            r#"[{"type":"image","file":"ACME_billing","description":"Old"}]"#,
        )
        .set_server_modes("root");
    let group = r#"{ "order":3,"label":"Old" }"#;
    sandbox
        .write("root/links/alice/group_shop.userconfig", group)
        .write(
            "root/dynamicui/alice/dynamicui_group_shop.conf",
            r#"[{"group":"shop"}]"#,
        )
        .set_server_modes("root");
}

fn live(sandbox: &Sandbox) -> String {
    sandbox.tree("root/links") + &sandbox.tree("root/dynamicui")
}

fn undo(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    sandbox.run(&[&["undo", "--root", "root", "--yes"], more].concat())
}

#[test]
fn every_kind_of_call_is_undone_byte_for_byte() {
    let create: Vec<&str> = [&LINK[..], &[URL, LOGIN]].concat();
    let other: Vec<&str> = create
        .iter()
        .map(|p| p.replace("ACME_billing", "New").leak() as &str)
        .collect();
    for (function, parameters) in [
        ("create_integration_link", &create[..]),
        ("create_integration_link", &other),
        ("remove_integration_link", &LINK[..2]),
        (
            "update_integration_link_token",
            &["user=alice", "app=ACME_billing", "token=@token"],
        ),
        (
            "create_integration_group",
            &["user=alice", "group_id=shop", "label=Shop", "order=1"],
        ),
        (
            "create_integration_group",
            &["user=alice", "group_id=new", "label=New", "order=1"],
        ),
        ("remove_integration_group", &["user=alice", "group_id=shop"]),
    ] {
        let sandbox = world();
        put_foreign(&sandbox);
        let before = live(&sandbox);
        done(call(&sandbox, function, parameters));
        let after = live(&sandbox);
        assert_ne!(before, after, "{function}");
        let history = sandbox.run(&["history", "--root", "root"]).expect(0).stdout;
        assert!(history.contains(&format!("call {function}  ")), "{history}");
        undo(&sandbox, &[]).expect(0).is_silent_about("canary");
        assert_eq!(live(&sandbox), before, "{function} {parameters:?}");
        // What was foreign is foreign.
        let list = sandbox.run(&["list", "--root", "root"]).expect(0);
        list.is_silent_about("ours");
        // An undo is a run like any other.
        undo(&sandbox, &[]).expect(0);
        assert_eq!(live(&sandbox), after, "{function} {parameters:?}");
    }
}

#[test]
fn one_run_of_many_is_undone_by_its_number() {
    let sandbox = world();
    create(&sandbox, &[]);
    let first = live(&sandbox);
    create(&sandbox, &["order=3"]);
    undo(&sandbox, &["1"])
        .expect(1)
        .says("! blocked  alice/ACME_billing: its userconfig is not as that run left it");
    undo(&sandbox, &["2"]).expect(0).says("undo of run 000002");
    assert_eq!(live(&sandbox), first);
    undo(&sandbox, &["1"])
        .expect(0)
        .says("- remove   alice/ACME_billing [undo]");
    for file in FILES {
        assert!(!sandbox.path(file).exists());
    }
    sandbox
        .run(&["history", "2", "--root", "root"])
        .expect(0)
        .says("  what    call create_integration_link\n")
        .says("~ replace  alice/ACME_billing\n");
}

#[test]
fn an_undo_of_a_call_asks_what_any_undo_asks() {
    let sandbox = world();
    put_foreign(&sandbox);
    let other = "autologin_token_url=https://new.example/";
    done(call(
        &sandbox,
        "create_integration_link",
        &[&LINK[..], &[URL, other]].concat(),
    ));
    undo(&sandbox, &[])
        .expect(3)
        .says("alice/ACME_billing: new.example → sso.example");
    undo(&sandbox, &["--allow-new-host", "1"]).expect(0);
    sandbox.write("policy.yaml", "ignore: [\"ACME_*\"]\n");
    undo(&sandbox, &["--policy", "policy.yaml"])
        .expect(1)
        .says("does not let cplinks touch this app");
    // Of a link of its own it is so again, and the next apply forgets nothing.
    let removed = call(&sandbox, "remove_integration_link", &LINK[..2]);
    done(removed);
    let pause = ["pause", "--root", "root", "--for", "1h", "--reason", "x"];
    sandbox.run(&pause).expect(0);
    undo(&sandbox, &[]).expect(0).says("1 change waits");
    assert!(!sandbox.path(FILES[0]).exists());
}

#[test]
fn what_was_our_own_is_so_after_the_undo() {
    let sandbox = world();
    let manifest = "version: 1\nusers:\n  alice:\n    links:\n      ACME_billing: { label: L, implements: \"\", url: \"https://a.example/\" }\n";
    sandbox.write("m.yaml", manifest);
    let apply = ["apply", "m.yaml", "--root", "root", "--yes"];
    sandbox.run(&apply).expect(0);
    for function in ["remove_integration_link", "update_integration_link_token"] {
        let token: &[&str] = if function.starts_with('u') {
            &["token=@token"]
        } else {
            &[]
        };
        done(call(&sandbox, function, &[&LINK[..2], token].concat()));
        sandbox.run(&["drift", "--root", "root"]).expect(2);
        undo(&sandbox, &[]).expect(0);
        sandbox
            .run(&["list", "--root", "root"])
            .expect(0)
            .says("alice/ACME_billing  ours");
        sandbox.run(&["drift", "--root", "root"]).expect(0);
        sandbox.run(&apply).expect(0).says("Plan: no changes");
    }
}

//! What the host says: its policy, pauses, and the accounts that it has.

use super::{FILES, LINK, LOGIN, TOKEN, URL, call, create, done, get, reason, world};
use crate::support::Sandbox;
use std::fs;

/// A call under a policy.
fn under(sandbox: &Sandbox, policy: &str, function: &str, parameters: &[&str]) -> String {
    sandbox.write("policy.yaml", policy);
    let more = ["--policy", "policy.yaml"];
    let outcome = call(sandbox, function, &[parameters, &more].concat());
    if outcome.code == 0 {
        done(outcome);
        return "OK".to_owned();
    }
    reason(outcome)
}

#[test]
fn the_policy_says_which_apps_may_be_touched() {
    let sandbox = world();
    let parameters = [&LINK[..], &[URL, LOGIN]].concat();
    let not_managed =
        "alice/ACME_billing: the policy of this host does not let cplinks touch this app";
    for policy in ["manage: [\"OTHER_*\"]\n", "ignore: [\"ACME_*\"]\n"] {
        for (function, parameters) in [
            ("create_integration_link", &parameters[..]),
            ("remove_integration_link", &LINK[..2]),
            (
                "update_integration_link_token",
                &["user=alice", "app=ACME_billing", "token=@token"],
            ),
        ] {
            assert_eq!(under(&sandbox, policy, function, parameters), not_managed);
        }
        assert!(!sandbox.path("root/links").exists());
        // What there is may be read, and groups follow no app.
        let user = ["user=alice"];
        assert_eq!(
            under(&sandbox, policy, "list_integration_links", &user),
            "OK"
        );
        let group = ["user=alice", "group_id=g", "label=G", "order=1"];
        assert_eq!(
            under(&sandbox, policy, "create_integration_group", &group),
            "OK"
        );
        fs::remove_dir_all(sandbox.path("root/links")).unwrap();
        fs::remove_dir_all(sandbox.path("root/dynamicui")).unwrap();
    }
    let policy = "manage: [\"ACME_*\"]\n";
    assert_eq!(
        under(&sandbox, policy, "create_integration_link", &parameters),
        "OK"
    );
}

#[test]
fn the_policy_says_where_tokens_may_go() {
    let sandbox = world();
    let parameters = [&LINK[..], &[URL, LOGIN]].concat();
    let create = "create_integration_link";
    assert_eq!(
        under(
            &sandbox,
            "autologin_hosts: [other.example]\n",
            create,
            &parameters
        ),
        "`autologin_token_url`: the auto-login host `sso.example` is not in `autologin_hosts` of \
         the policy of this host (no manifest can add a host to those that the policy of this \
         host lists)"
    );
    let listed = "autologin_hosts: [sso.example, 127.0.0.1]\n";
    assert_eq!(under(&sandbox, listed, create, &parameters), "OK");
    // Nor does a new token go where the link says.
    let before = sandbox.read(FILES[1]);
    sandbox.write("other", "canary-2");
    let set = ["user=alice", "app=ACME_billing", "token=@other"];
    let update = "update_integration_link_token";
    assert_eq!(
        under(&sandbox, "autologin_hosts: [other.example]\n", update, &set),
        "alice/ACME_billing: the auto-login host `sso.example` is not in `autologin_hosts` of the \
         policy of this host"
    );
    assert_eq!(sandbox.read(FILES[1]), before);
    assert_eq!(under(&sandbox, listed, update, &set), "OK");
    // A local host is let through by the policy alone.
    let local = "autologin_token_url=https://127.0.0.1/sso";
    let parameters = [&LINK[..], &[URL, local]].concat();
    let said = under(&sandbox, "{}\n", create, &parameters);
    assert!(
        said.contains("the host `127.0.0.1` is a loopback address"),
        "{said}"
    );
    assert_eq!(under(&sandbox, listed, create, &parameters), "OK");
    let said = under(&sandbox, "ignore: []\n", update, &set);
    assert!(
        said.contains("the auto-login host `127.0.0.1` is a loopback address"),
        "{said}"
    );
}

#[test]
fn a_policy_that_cannot_be_used_stops_everything() {
    let sandbox = world();
    let said = under(
        &sandbox,
        "mange: []\n",
        "list_integration_links",
        &["user=alice"],
    );
    assert_eq!(
        said,
        "the policy of this host cannot be used, see standard error"
    );
}

#[test]
fn what_is_paused_is_left_alone_and_the_reason_says_how_that_ends() {
    let sandbox = world();
    create(&sandbox, &[]);
    let paused = ["--user", "ali*", "--for", "2h", "--reason", "ticket 4711"];
    sandbox
        .run(&[&["pause", "--root", "root"], &paused[..]].concat())
        .expect(0);
    let before = sandbox.tree("root/links") + &sandbox.tree("root/dynamicui");
    sandbox.write("other", "canary-2");
    for (function, parameters, thing) in [
        (
            "create_integration_link",
            &[&LINK[..], &[URL]].concat()[..],
            "ACME_billing",
        ),
        ("remove_integration_link", &LINK[..2], "ACME_billing"),
        (
            "update_integration_link_token",
            &["user=alice", "app=ACME_billing", "token=@other"],
            "ACME_billing",
        ),
        (
            "create_integration_group",
            &["user=alice", "group_id=g", "label=G", "order=1"],
            "group:g",
        ),
    ] {
        let said = reason(call(&sandbox, function, parameters));
        assert!(
            said.starts_with(&format!("alice/{thing} is paused until 2")),
            "{said}"
        );
        let end =
            ": ticket 4711 (--user 'ali*') (to end it: cplinks resume --user 'ali*' --root root)";
        assert!(said.ends_with(end), "{said}");
    }
    // What asks for no change has nothing to wait for.
    done(call(
        &sandbox,
        "remove_integration_link",
        &["user=alice", "app=None"],
    ));
    get(&sandbox, "ACME_billing");
    assert_eq!(
        sandbox.tree("root/links") + &sandbox.tree("root/dynamicui"),
        before
    );
    sandbox
        .run(&["resume", "--root", "root", "--user", "ali*"])
        .expect(0);
    done(call(&sandbox, "remove_integration_link", &LINK[..2]));
}

#[test]
fn accounts_that_the_host_does_not_have_have_no_links() {
    let sandbox = world();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for (function, parameters) in [
        ("create_integration_link", &[&LINK[..], &[URL]].concat()[..]),
        ("list_integration_links", &["user=alice"]),
        ("list_integration_groups", &["user=alice"]),
        ("remove_integration_link", &LINK[..2]),
    ] {
        let parameters = [parameters, &["--owners", "set"]].concat();
        let said = reason(call(&sandbox, function, &parameters));
        assert_eq!(said, "there is no account alice on this host");
    }
    assert!(!sandbox.tree("root").contains(TOKEN));
}

#[test]
fn no_token_is_put_beside_a_url_whose_host_cannot_be_told() {
    let sandbox = world();
    create(&sandbox, &[]);
    let before = sandbox.read(FILES[1]);
    let whole = sandbox.read(FILES[0]);
    let url = LOGIN.split_once('=').unwrap().1;
    let token = ["user=alice", "app=ACME_billing", "token=@token"];
    for policy in ["{}\n", "autologin_hosts: [sso.acme.example]\n"] {
        for hostile in [
            "https://evil.example:99999/",
            "https://ev il.example/",
            "//evil.example/",
            "https://[::1/",
            "evil.example",
            "http://127.0.0.1:99999/",
        ] {
            sandbox.write(FILES[0], whole.replace(url, hostile));
            let said = under(&sandbox, policy, "update_integration_link_token", &token);
            assert!(said.contains("names no host that can be told"), "{said}");
            assert_eq!(sandbox.read(FILES[1]), before);
        }
    }
}

#[test]
fn what_is_read_for_the_wrong_parameter_is_not_repeated() {
    let sandbox = world();
    sandbox.write("secret", "canary-7f3a'<\n");
    for parameter in ["url", "autologin_token_url", "label", "order", "group_id"] {
        let given = format!("{parameter}=@secret");
        let others = LINK.iter().chain([&URL]);
        let others = others.filter(|other| !other.starts_with(&format!("{parameter}=")));
        let parameters: Vec<&str> = others.copied().chain([given.as_str()]).collect();
        let outcome = call(&sandbox, "create_integration_link", &parameters);
        let said = reason(outcome.is_silent_about("canary-7f3a"));
        assert!(said.contains("what was read is against the rule"), "{said}");
    }
    // What is no image is said to be none.
    let icon = [&LINK[..], &[URL, "base64_png_image=@secret"]].concat();
    let outcome = call(&sandbox, "create_integration_link", &icon);
    let said = reason(outcome.is_silent_about("canary-7f3a"));
    assert!(said.contains("`base64_png_image`: the icon is"), "{said}");
}

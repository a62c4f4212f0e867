//! How parameters are given: by which names, as text, from files and from
//! standard input.

use super::parameters::{NEEDED, refused};
use super::{FILES, LINK, TOKEN, URL, call, done, fields, reason, world};
use crate::support::Sandbox;
use serde_json::json;
use std::os::unix::ffi::OsStrExt as _;

#[test]
fn what_is_no_parameter_is_refused_and_not_repeated() {
    let list = "list_integration_links";
    let takes = "it takes user, api.version";
    for (parameter, expect) in [
        (
            "canary",
            "parameter 2: has no `=` (write KEY=VALUE)".to_owned(),
        ),
        (
            "Y2FuYXJ5=",
            format!("parameter 2: is none that {list} takes ({takes})"),
        ),
        (
            "=x",
            format!("parameter 2: is none that {list} takes ({takes})"),
        ),
        (
            "usr=x",
            format!("parameter 2: is none that {list} takes (did you mean `user`?)"),
        ),
        // Another function takes it.
        (
            "label=x",
            format!("parameter 2: is none that {list} takes ({takes})"),
        ),
        (
            "api.version=2",
            "`api.version`: only version 1 of the API is spoken here".to_owned(),
        ),
        ("user=bob", "`user`: is given twice".to_owned()),
        ("user=alice", "`user`: is given twice".to_owned()),
    ] {
        refused(list, &["user=alice", parameter], &expect);
    }
    refused(
        "create_integration_link",
        &[&LINK[..], &[URL, "tokn=canary", "gruop_id=x"]].concat(),
        "parameter 8: is none that create_integration_link takes (did you mean `token`?); \
         parameter 9: is none that create_integration_link takes (did you mean `group_id`?)",
    );
    let sandbox = world();
    let mut command = sandbox.command(&["call", list, "--root", "root", "user=alice"]);
    let outcome = command
        .arg(std::ffi::OsStr::from_bytes(b"user=\xff"))
        .output()
        .unwrap();
    let said = String::from_utf8(outcome.stdout).unwrap();
    assert!(said.contains("parameter 2: is not UTF-8"), "{said}");
}

#[test]
fn a_function_that_there_is_not_is_told_with_those_there_are() {
    let all = NEEDED.map(|(function, _)| function);
    let mut sorted = all;
    sorted.sort_unstable();
    let functions = format!("the functions are {}", sorted.join(", "));
    for (name, command, near) in [
        ("createacct", "createacct", ""),
        (
            "remove_integration_links",
            "remove_integration_links",
            "did you mean `remove_integration_link`? ",
        ),
        // What is no word may be a secret.
        ("token=canary", "?", ""),
        ("create_integration_link canary", "?", ""),
        ("", "?", ""),
        ("\u{1b}canary", "?", ""),
    ] {
        let sandbox = world();
        let outcome = call(&sandbox, name, &["user=alice"]).is_silent_about("canary");
        let answer: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(answer["metadata"]["command"], json!(command));
        let expect = format!("there is no function {command}; {near}{functions}");
        assert_eq!(reason(outcome), expect);
    }
}

#[test]
fn values_are_read_from_files_and_from_standard_input() {
    let sandbox = world();
    sandbox
        .write("label", "Billing & Support\r\n")
        .write("id", "  1 \n");
    let icon = cplinks::model::neutral_icon().to_base64();
    let wrapped: Vec<&str> = icon
        .as_bytes()
        .chunks(60)
        .map(|c| str::from_utf8(c).unwrap())
        .collect();
    sandbox.write("icon", wrapped.join("\n"));
    let fixed = ["call", "create_integration_link", "--root", "root"];
    let parameters = [
        "user=alice",
        "app=ACME_billing",
        "implements=",
        "label=@label",
        "subscriber_unique_id=@id",
        "base64_png_image=@icon",
        "token=@-",
        URL,
    ];
    let input = format!("{TOKEN}\n");
    sandbox
        .run_with_input(&[&fixed, &parameters[..]].concat(), &input)
        .expect(0)
        .is_silent_about(TOKEN);
    let config = fields(&sandbox, FILES[0]);
    assert_eq!(config["label"], json!("Billing & Support"));
    assert_eq!(config["subscriber_unique_id"], json!("  1 "));
    assert_eq!(config["base64_png_image"], json!(icon));
    assert_eq!(fields(&sandbox, FILES[1]), json!({ "token": TOKEN }));
    // One line break only, and an `@` that is meant.
    sandbox.write("id", "1\n\n");
    let set = |parameters: &[&str]| {
        let needed = ["user=alice", "app=B", "implements=", "token=@token", URL];
        call(
            &sandbox,
            "create_integration_link",
            &[&needed, parameters].concat(),
        )
    };
    let said = reason(set(&["label=L", "subscriber_unique_id=@id"]));
    // Not a word of what was read.
    let expect = "`subscriber_unique_id`: what was read is against the rule `text`";
    assert!(said.contains(expect), "{said}");
    done(set(&["label=@@home", "subscriber_unique_id=@@"]));
    let config = fields(&sandbox, "root/links/alice/B.userconfig");
    assert_eq!(
        (&config["label"], &config["subscriber_unique_id"]),
        (&json!("@home"), &json!("@"))
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let sandbox = world();
    sandbox
        .folder("folder")
        .write("large", vec![b'x'; 70_000])
        .write("latin", b"\xff\n");
    sandbox.shell("mkfifo fifo").expect(0);
    let set = |sandbox: &Sandbox, label: &str| {
        let parameters = ["user=alice", "group_id=g", label, "order=1"];
        reason(call(sandbox, "create_integration_group", &parameters))
    };
    for (label, expect) in [
        (
            "label=@missing",
            "`label`: the file cannot be read: No such file or directory (os error 2)",
        ),
        (
            "label=@folder",
            "`label`: the file is a folder, not a regular file",
        ),
        (
            "label=@fifo",
            "`label`: the file is a FIFO, not a regular file",
        ),
        (
            "label=@large",
            "`label`: the file is larger than 65536 bytes",
        ),
        ("label=@latin", "`label`: the file is not UTF-8"),
        ("label=@", "`label`: a file is missing behind the `@`"),
    ] {
        assert_eq!(set(&sandbox, label), expect);
    }
    let parameters = ["user=alice", "group_id=@-", "label=@-", "order=1"];
    let fixed = [
        "call",
        "create_integration_group",
        "--root",
        "root",
        "--output=json",
    ];
    let outcome = sandbox.run_with_input(&[&fixed, &parameters[..]].concat(), "shop\n");
    assert_eq!(
        reason(outcome),
        "`label`: standard input is read once, for another parameter"
    );
}

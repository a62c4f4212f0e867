//! Parameters: which are needed, which values are, and how they are given.

use super::{FILES, LINK, LOGIN, URL, call, create, done, fields, reason, world};
use serde_json::json;

/// Calls with parameters that are refused; nothing is written.
#[track_caller]
pub(super) fn refused(function: &str, parameters: &[&str], expect: &str) {
    let sandbox = world();
    let before = sandbox.fingerprint();
    let said = reason(call(&sandbox, function, parameters));
    assert_eq!(said, expect, "{parameters:?}");
    assert_eq!(sandbox.fingerprint(), before);
}

/// The parameters of each function that it needs.
pub(super) const NEEDED: [(&str, &[&str]); 8] = [
    ("create_integration_link", &LINK),
    (
        "create_integration_group",
        &["user=alice", "group_id=shop", "label=Shop", "order=1"],
    ),
    ("get_integration_link_user_config", &["user=alice", "app=A"]),
    ("list_integration_groups", &["user=alice"]),
    ("list_integration_links", &["user=alice"]),
    ("remove_integration_group", &["user=alice", "group_id=shop"]),
    ("remove_integration_link", &["user=alice", "app=A"]),
    (
        "update_integration_link_token",
        &["user=alice", "app=A", "token=@token"],
    ),
];

#[test]
fn each_parameter_that_is_needed_is_asked_for() {
    for (function, needed) in NEEDED {
        let more: &[&str] = match function {
            "create_integration_link" => &[URL],
            _ => &[],
        };
        for left_out in needed {
            let (name, _) = left_out.split_once('=').unwrap();
            let others: Vec<&str> = needed
                .iter()
                .chain(more)
                .copied()
                .filter(|parameter| parameter != left_out)
                .collect();
            let missing = format!("`{name}`: is missing, and {function} needs it");
            refused(function, &others, &missing);
            if matches!(name, "token" | "implements") {
                continue;
            }
            let empty = format!("{name}=");
            let with_empty = [&others[..], &[&empty]].concat();
            refused(function, &with_empty, &format!("`{name}`: is empty"));
        }
    }
    let sandbox = world();
    sandbox.write("empty", "\n");
    for function in ["create_integration_link", "update_integration_link_token"] {
        let url: &[&str] = if function.starts_with('c') {
            &[URL]
        } else {
            &[]
        };
        let (_, needed) = NEEDED.iter().find(|(name, _)| *name == function).unwrap();
        let others = needed.iter().copied().filter(|p| !p.starts_with("token"));
        let parameters: Vec<&str> = others
            .chain(url.iter().copied())
            .chain(["token=@empty"])
            .collect();
        assert_eq!(
            reason(call(&sandbox, function, &parameters)),
            "`token`: is empty"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    refused(
        "create_integration_link",
        &[
            "user=alice",
            "app=../x",
            "label=O'Brien",
            "order=1.5",
            "hide=yes",
            URL,
            "api.version=2",
        ],
        "`implements`: is missing, and create_integration_link needs it; \
         `subscriber_unique_id`: is missing, and create_integration_link needs it; \
         `token`: is missing, and create_integration_link needs it; \
         `api.version`: only version 1 of the API is spoken here; \
         `app`: the name holds `.`, only ASCII letters, digits, `_` and `-` are allowed; \
         `label`: the label `O'Brien` holds `'` (the panel cannot hold an apostrophe; the \
         typographic ’ is accepted); \
         `order`: the order `1.5` is not a plain integer from -99999 to 99999; \
         `hide`: `yes` is neither 0 nor 1 (1 leaves the link out of the menu, 0 shows it)",
    );
}

#[test]
fn wrong_values_are_refused_with_the_name_of_their_parameter() {
    let long = format!("label={}", "x".repeat(129));
    for (value, expect) in [
        (
            "user=root",
            "`user`: the name is a system account, which has no customer menu",
        ),
        ("user=a/b", "`user`: the name holds `/`, only ASCII letters"),
        (
            "app=group_x",
            "`app`: the name starts with `group_`, the prefix reserved",
        ),
        ("app=.tmp", "`app`: the name holds `.`"),
        ("label=a<b", "`label`: the label `a<b` holds `<`"),
        (
            &long,
            "`label`: the label is 129 characters long, the limit is 128",
        ),
        (
            "label=\u{1b}[2J",
            "`label`: the label `\\u{1b}[2J` holds the invisible character U+001B",
        ),
        (
            "implements=a b",
            "`implements`: the implements `a b` holds a space",
        ),
        (
            "subscriber_unique_id=a\nb",
            "`subscriber_unique_id`: the subscriber id holds",
        ),
        (
            "url=javascript:alert(1)",
            "`url`: the URL `javascript:alert(1)` does not begin with",
        ),
        (
            "url=https://127.0.0.1/",
            "`url`: the host `127.0.0.1` is a loopback address",
        ),
        (
            "autologin_token_url=https://169.254.169.254/",
            "`autologin_token_url`: the host `169.254.169.254` is a cloud metadata address",
        ),
        (
            "group_id=a b",
            "`group_id`: the group id `a b` holds a space",
        ),
        (
            "order=99999999",
            "`order`: the order `99999999` is not a plain integer",
        ),
        ("hide=true", "`hide`: `true` is neither 0 nor 1"),
        (
            "base64_png_image=%%%",
            "`base64_png_image`: the icon is not base64",
        ),
        (
            "base64_png_image=AAAA",
            "`base64_png_image`: the icon is not a PNG",
        ),
    ] {
        let (name, _) = value.split_once('=').unwrap();
        let is_other = |parameter: &&str| parameter.split_once('=').unwrap().0 != name;
        let others = LINK.iter().copied().chain([URL]).filter(is_other);
        let parameters: Vec<&str> = others.chain([value]).collect();
        let sandbox = world();
        let before = sandbox.fingerprint();
        let said = reason(call(&sandbox, "create_integration_link", &parameters));
        assert!(said.starts_with(expect), "{value:?}: {said}");
        assert_eq!(sandbox.fingerprint(), before);
    }
    for (value, expect) in [
        (
            "order=0",
            "`order`: the order `0` is not a plain integer from 1 to 99999",
        ),
        (
            "order=-1",
            "`order`: the order `-1` is not a plain integer from 1 to 99999",
        ),
        (
            "group_id=group_x",
            "`group_id`: the name starts with `group_`",
        ),
    ] {
        let (name, _) = value.split_once('=').unwrap();
        let (function, needed) = NEEDED[1];
        let others = needed.iter().copied().filter(|p| !p.starts_with(name));
        let parameters: Vec<&str> = others.chain([value]).collect();
        let said = reason(call(&world(), function, &parameters));
        assert!(said.starts_with(expect), "{value:?}: {said}");
    }
    let said = reason(call(
        &world(),
        "get_integration_link_user_config",
        &["user=alice", "app=group_a/b"],
    ));
    assert!(said.starts_with("`app`: the name holds `/`"), "{said}");
}

#[test]
fn one_of_the_two_urls_is_needed() {
    let expect = "`url`: neither it nor `autologin_token_url` is given";
    refused("create_integration_link", &LINK, expect);
    let empty = [&LINK[..], &["url=", "autologin_token_url="]].concat();
    refused("create_integration_link", &empty, expect);
    for url in [URL, LOGIN] {
        let sandbox = world();
        done(call(
            &sandbox,
            "create_integration_link",
            &[&LINK[..], &[url]].concat(),
        ));
    }
}

#[test]
fn what_is_empty_and_may_be_left_out_is_left_out() {
    let sandbox = world();
    let empty = [
        "group_id=",
        "order=",
        "hide=",
        "base64_png_image=",
        "api.version=",
    ];
    create(&sandbox, &empty);
    let config = fields(&sandbox, FILES[0]);
    let keys: Vec<_> = config.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "app",
            "autologin_token_url",
            "implements",
            "label",
            "subscriber_unique_id",
            "url",
            "user"
        ]
    );
    let parameters = [
        "user=alice",
        "app=B",
        "implements=",
        "label=B",
        "subscriber_unique_id=1",
    ];
    let more = ["token=@token", URL, "api.version=1"];
    done(call(
        &sandbox,
        "create_integration_link",
        &[&parameters[..], &more].concat(),
    ));
    assert_eq!(
        fields(&sandbox, "root/links/alice/B.userconfig")["implements"],
        json!("")
    );
}

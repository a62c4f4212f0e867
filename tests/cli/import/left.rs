//! What is left as it is, and that it is told why.

use super::{check_in_sync, fields, files, import, put};
use crate::support::Sandbox;
use serde_json::json;

/// A root with a link that can be taken over, and another.
fn beside_a_good_one(edit: impl FnOnce(&Sandbox)) -> Sandbox {
    let sandbox = Sandbox::with_root();
    put(&sandbox, "zed", "Good", &fields(), None);
    put(&sandbox, "ann", "Odd", &fields(), None);
    edit(&sandbox);
    sandbox
}

/// The odd link is a comment with this reason, and a plan leaves it alone.
#[track_caller]
fn check_left(why: &str, edit: impl FnOnce(&Sandbox)) -> String {
    let sandbox = beside_a_good_one(edit);
    import(&sandbox, &["--all"])
        .expect(0)
        .says("1 link of 1 user in `taken`")
        .says("1 link left as found; a comment beside each says why");
    let page = sandbox.read("taken/users/0001.yaml");
    let line = format!("# Odd is left as it is: {why}");
    assert!(page.contains(&line), "no {line:?} in {page}");
    let active = page
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    assert!(
        active.into_iter().all(|line| !line.contains("Odd")),
        "{page}"
    );
    check_in_sync(&sandbox, &[]);
    page
}

#[test]
fn links_that_are_not_whole() {
    let [u, a, d] = files("ann", "Odd");
    check_left("its userconfig is missing", |s| remove(s, &u));
    check_left("its adminconfig is missing", |s| remove(s, &a));
    check_left("its menu entry is missing", |s| remove(s, &d));
    for (file, kind) in [(&u, "userconfig"), (&a, "adminconfig"), (&d, "menu entry")] {
        check_left(&format!("its {kind} "), |s| {
            s.write(file, "{\"canary");
        });
    }
    check_left("its adminconfig is a directory", |s| {
        remove(s, &a);
        s.folder(&a);
    });
    let why =
        "its userconfig is missing; its adminconfig is missing; its menu entry is a directory";
    check_left(why, |s| {
        for file in [&u, &a, &d] {
            remove(s, file);
        }
        s.folder(&d);
    });
}

fn remove(sandbox: &Sandbox, file: &str) {
    std::fs::remove_file(sandbox.path(file)).unwrap();
}

#[test]
fn links_that_an_apply_would_rewrite() {
    let [_, a, d] = files("ann", "Odd");
    check_left("an apply would rewrite it [mode]", |s| {
        s.set_mode(&a, 0o644);
    });
    check_left("an apply would rewrite it [menu]", |s| {
        let menu = s.read(&d).replace("99999", "5");
        s.write(&d, menu);
    });
    check_left(
        "the user's folder in `links` has the mode 0700, not 0750",
        |s| {
            s.set_mode("root/links/ann", 0o700);
        },
    );
}

#[test]
fn links_that_no_manifest_may_hold() {
    let with = |key: &'static str, value: &'static str| {
        move |s: &Sandbox| {
            let mut link = fields();
            link.insert(key.to_owned(), json!(value));
            put(s, "ann", "Odd", &link, None);
        }
    };
    for (key, value) in [
        ("label", "a <b>"),
        ("label", "it's"),
        ("label", "x\n      Bad: { label: y }\n#"),
        ("label", "x\u{2028}  Bad: {}\u{85}  Bad: {}"),
        ("url", "javascript:alert(1)"),
        ("url", "http://127.0.0.1/"),
        ("url", "https://x.example/{{ vars.x }}"),
        ("order", "1000000"),
    ] {
        check_left("no manifest may hold it: ", with(key, value));
    }
    check_left(
        "it has no token, which auto-login needs; no manifest may hold it: ",
        with("autologin_token_url", "https://sso.x.example/"),
    );
    // It would be filled in, and so be another text.
    check_left(
        "an apply would rewrite it [fields]",
        with("url", "https://x.example/{{ user }}"),
    );
    check_left("its icon ", with("base64_png_image", "AAAA"));
    check_left("the token holds control characters", |s| {
        put(s, "ann", "Odd", &fields(), Some("canary\nx: y"));
    });
}

#[test]
fn a_comment_can_be_taken_away() {
    let mut page = check_left("its menu entry is missing", |s| {
        put(s, "ann", "Odd", &fields(), Some("t0ken"));
        remove(s, &files("ann", "Odd")[2]);
    });
    for line in ["  # ann:", "  #   links:", "  #     Odd: {"] {
        let active = line.replacen("# ", "", 1);
        assert!(page.contains(line), "{page}");
        page = page.replace(line, &active);
    }
    let sandbox = beside_a_good_one(|s| {
        put(s, "ann", "Odd", &fields(), Some("t0ken"));
        remove(s, &files("ann", "Odd")[2]);
    });
    sandbox.write("page.yaml", page);
    sandbox
        .run(&["plan", "page.yaml", "--root", "root"])
        .expect(0)
        .says("~ replace  ann/Odd [adopt, menu]")
        .says("Plan: 1 to replace (1 adopted)");
}

#[test]
fn where_nothing_can_be_taken_over_nothing_is_written() {
    let sandbox = Sandbox::with_root();
    put(&sandbox, "ann", "Odd", &fields(), None);
    sandbox.set_mode(&files("ann", "Odd")[1], 0o640);
    import(&sandbox, &["--all", "--write-secrets", "tokens.yaml"])
        .expect(1)
        .says("none of the 1 links can be taken over as it is; ann/Odd: an apply would rewrite it [mode]")
        .says("hint: name what you want in a manifest of your own");
    assert_eq!(
        sandbox
            .names("")
            .lines()
            .filter(|n| !n.contains("root"))
            .count(),
        0
    );
}

#[test]
fn stray_files_are_told_of_in_one_line() {
    let sandbox = Sandbox::with_root();
    put(&sandbox, "zed", "Good", &fields(), None);
    sandbox.write("root/links/zed/a\nusers: {}\n#", "");
    import(&sandbox, &["--all"]).expect(0);
    let page = sandbox.read("taken/users/0001.yaml");
    let line = "  # zed: files of no link are left alone: a\\u000Ausers: {}\\u000A#\n";
    assert!(page.contains(line), "{page}");
    check_in_sync(&sandbox, &[]);
}

#[test]
fn what_cplinks_wrote_and_is_not_imported_stays_in_its_menu() {
    let sandbox = Sandbox::with_root();
    for user in ["ann", "zed"] {
        put(&sandbox, user, "Good", &fields(), None);
    }
    import(&sandbox, &["--all"]).expect(0);
    let apply = ["apply", "taken", "--root", "root", "--yes"];
    sandbox.run(&apply).expect(0);
    // One by the scope, one by a mode: both are cplinks' own.
    let other = ["import", "other", "--root", "root", "--user", "zed"];
    sandbox.run(&other).expect(0);
    let manifest = sandbox.read("other/manifest.yaml");
    assert!(manifest.contains("\n  unlisted: keep\n"), "{manifest}");
    let plan = ["plan", "other", "--root", "root", "--detailed-exitcode"];
    sandbox.run(&plan).expect(0).says("Plan: no changes");
    sandbox.set_mode(&files("ann", "Good")[1], 0o640);
    import(&sandbox, &["--all", "--force"]).expect(0);
    assert!(
        sandbox
            .read("taken/manifest.yaml")
            .contains("unlisted: keep")
    );
    check_in_sync(&sandbox, &[]);
}

#[test]
fn a_group_is_declared_only_where_all_have_it_alike() {
    let sandbox = Sandbox::with_root();
    let group = |user: &str, label: &str| {
        let menu = format!(
            r#"[{{"type":"image","subtype":"img","imgtype":"icon","file":"group_grp","group":"grp",
            "groupdesc":"$LANG{{'{label}'}}","description":"$LANG{{'{label}'}}","grouporder":"3"}}]"#
        );
        sandbox
            .write(
                &format!("root/links/{user}/group_grp.userconfig"),
                json!({ "order": "3", "label": label }).to_string(),
            )
            .write(
                &format!("root/dynamicui/{user}/dynamicui_group_grp.conf"),
                menu,
            )
            .set_server_modes("root");
    };
    let mut link = fields();
    link.insert("group_id".into(), json!("grp"));
    for user in ["ann", "bob"] {
        put(&sandbox, user, "Shop", &link, None);
        group(user, "Group: #1");
    }
    import(&sandbox, &["--all"]).expect(0).says("1 menu group");
    let manifest = sandbox.read("taken/manifest.yaml");
    let line = "groups:\n  grp: { label: \"Group: #1\", order: 3 }\n";
    assert!(manifest.contains(line), "{manifest}");
    check_in_sync(&sandbox, &[]);

    group("bob", "Another");
    import(&sandbox, &["--all", "--force"])
        .expect(0)
        .says("0 menu groups");
    let manifest = sandbox.read("taken/manifest.yaml");
    assert!(
        manifest.contains("# The group grp is left as it is: "),
        "{manifest}"
    );
    check_in_sync(&sandbox, &[]);
}

#[test]
fn users_without_an_account_are_left_where_accounts_count() {
    let sandbox = Sandbox::with_root();
    put(&sandbox, "nosuchaccount", "Odd", &fields(), None);
    import(&sandbox, &["--all", "--owners", "set"])
        .expect(1)
        .says("nosuchaccount/Odd: the host has no such account");
    import(&sandbox, &["--all", "--owners", "keep"]).expect(0);
    check_in_sync(&sandbox, &["--owners", "keep"]);
}

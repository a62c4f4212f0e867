//! A link that stands as a comment is taken by taking the `# ` away.

use super::{fields, files, import, put};
use crate::support::Sandbox;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A page with the `# ` taken away from all links but those that no manifest
/// may hold, and the addresses of those that an apply is said to rewrite.
pub(crate) fn uncommented(page: &str) -> (String, BTreeSet<String>) {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let (mut rewritten, mut heads) = (BTreeSet::new(), Vec::new());
    let (mut user, mut reason) = (String::new(), None);
    for at in 0..lines.len() {
        let line = lines[at].clone();
        let Some(rest) = line.strip_prefix("  ") else {
            continue;
        };
        let body = rest.trim_start().trim_start_matches("# ").trim_start();
        if let (Some(name), false) = (body.strip_suffix(':'), body.contains(' ')) {
            if name != "links" {
                name.trim_matches('"').clone_into(&mut user);
                heads.clear();
            }
            if rest.starts_with("# ") {
                heads.push(at);
            }
            continue;
        }
        if let Some((app, why)) = body.split_once(" is left as it is: ")
            && !app.contains(' ')
        {
            reason = Some((app.to_owned(), why.to_owned()));
            continue;
        }
        let Some((app, why)) = reason.take() else {
            continue;
        };
        if !body.starts_with(&format!("{app}: {{")) || why.contains("no manifest may hold it") {
            continue;
        }
        for at in heads.drain(..).chain([at]) {
            lines[at] = lines[at].replacen("# ", "", 1);
        }
        if why.contains("an apply would rewrite it") {
            rewritten.insert(format!("{user}/{}", app.trim_matches('"')));
        }
    }
    (lines.join("\n") + "\n", rewritten)
}

/// What a link with automatic log-in has.
fn login() -> Map<String, Value> {
    let mut link = fields();
    link.insert("autologin_token_url".into(), json!("https://sso.example/"));
    link.insert("subscriber_unique_id".into(), json!("0417"));
    link
}

/// Imports `ann/Odd` as it lies there, beside a link that can be taken over;
/// its reason and its text, and the sandbox with the `# ` taken away.
#[track_caller]
fn odd(edit: impl FnOnce(&Sandbox)) -> (String, String, Sandbox) {
    let sandbox = Sandbox::with_root();
    put(&sandbox, "zed", "Good", &fields(), None);
    put(&sandbox, "ann", "Odd", &login(), Some("t0ken"));
    edit(&sandbox);
    import(&sandbox, &["--all", "--write-secrets", "tokens.yaml"]).expect(0);
    let name = "taken/users/0001.yaml";
    let page = sandbox.read(name);
    let mut lines = page.lines().map(str::trim_start);
    let mut after = |start: &str| {
        let found = lines.find_map(|line| line.strip_prefix(start));
        let Some(found) = found else {
            panic!("no {start:?} in {page}")
        };
        found.to_owned()
    };
    let why = after("# Odd is left as it is: ");
    let text = after("#     Odd: ");
    sandbox.write(name, uncommented(&page).0);
    (why, text, sandbox)
}

fn run(sandbox: &Sandbox, command: &str, more: &[&str]) -> crate::support::Outcome {
    let fixed = [command, "taken", "--root", "root"];
    let secrets = ["--secrets", "tokens.yaml"];
    sandbox.run(&[&fixed[..], &secrets, more].concat())
}

fn remove(sandbox: &Sandbox, file: &str) {
    std::fs::remove_file(sandbox.path(file)).unwrap();
}

#[test]
fn its_token_is_in_the_secrets_file_and_its_icon_beside_it() {
    let [.., menu] = files("ann", "Odd");
    let icon = crate::doctor::icon();
    let (why, text, sandbox) = odd(|sandbox| {
        let mut link = login();
        link.insert("base64_png_image".into(), json!(icon));
        put(sandbox, "ann", "Odd", &link, Some("t0ken"));
        remove(sandbox, &menu);
    });
    assert_eq!(
        why,
        "its menu entry is missing; an apply would rewrite it [menu]"
    );
    assert!(text.contains("icon: \"icons/Odd.png\""), "{text}");
    assert!(!text.contains("t0ken"), "{text}");
    let tokens = sandbox.read("tokens.yaml");
    assert!(tokens.contains("\"ann/Odd\": \"t0ken\"\n"), "{tokens}");
    run(&sandbox, "plan", &[])
        .expect(0)
        .says("~ replace  ann/Odd [adopt, menu]\n")
        .says("Plan: 1 to replace (1 adopted)")
        .is_silent_about("not compared");
    run(&sandbox, "apply", &["--yes"]).expect(0);
    assert!(sandbox.path(&menu).exists());
    let plan = ["plan", "taken", "--root", "root", "--detailed-exitcode"];
    sandbox.run(&plan).expect(0).says("Plan: no changes");
}

/// A token that is not known is asked for by its name.
#[test]
fn a_token_that_cannot_be_read_is_named_all_the_same() {
    let [_, admin, _] = files("ann", "Odd");
    let given = "its token has to be given";
    let broken = |edit: &dyn Fn(&Sandbox)| {
        let (why, text, sandbox) = odd(|sandbox| edit(sandbox));
        assert!(
            text.contains("token: { secret: \"{{ user }}/{{ app }}\" }"),
            "{text}"
        );
        assert!(!sandbox.read("tokens.yaml").contains("ann/Odd"));
        sandbox.run(&["validate", "taken"]).expect(0);
        // Once it is known it is written.
        sandbox.write("tokens.yaml", "ann/Odd: another\n");
        run(&sandbox, "plan", &[])
            .expect(0)
            .says("~ replace  ann/Odd [adopt, ");
        run(&sandbox, "apply", &["--yes"]).expect(0);
        let written = sandbox.read(&admin);
        assert!(written.contains("\"another\""), "{written}");
        why
    };
    let why = broken(&|sandbox| remove(sandbox, &admin));
    let rewritten = "an apply would rewrite it [token, broken]";
    assert_eq!(
        why,
        format!("its adminconfig is missing; {given}; {rewritten}")
    );
    let why = broken(&|sandbox| {
        sandbox.write(&admin, "{\"canary");
    });
    assert!(why.starts_with("its adminconfig "), "{why}");
    assert!(why.ends_with(&format!("; {given}; {rewritten}")), "{why}");
    let why = broken(&|sandbox| {
        sandbox.write(&admin, r#"{"token":null}"#);
    });
    assert_eq!(why, "it has no token, which auto-login needs");
    let why = broken(&|sandbox| {
        put(sandbox, "ann", "Odd", &login(), Some("a\nb"));
    });
    assert_eq!(
        why,
        "the token holds control characters or line breaks; another has to be given"
    );
}

/// A link that is not for auto-login is named without a token.
#[test]
fn where_no_token_is_needed_none_is_asked_for() {
    let (why, text, sandbox) = odd(|sandbox| {
        put(sandbox, "ann", "Odd", &fields(), None);
        remove(sandbox, &files("ann", "Odd")[1]);
    });
    assert_eq!(
        why,
        "its adminconfig is missing; an apply would rewrite it [broken]"
    );
    assert!(!text.contains("token"), "{text}");
    run(&sandbox, "apply", &["--yes"]).expect(0);
}

/// The API requires it, and takes an empty one.
#[test]
fn a_link_without_implements_gets_an_empty_one() {
    let (why, text, sandbox) = odd(|sandbox| {
        let mut link = login();
        link.remove("implements");
        put(sandbox, "ann", "Odd", &link, Some("t0ken"));
    });
    assert_eq!(why, "an apply would rewrite it [fields]");
    assert!(text.starts_with("{ implements: \"\", "), "{text}");
    run(&sandbox, "apply", &["--yes"]).expect(0);
}

#[test]
fn a_damaged_icon_is_not_named() {
    let (why, text, sandbox) = odd(|sandbox| {
        let mut link = login();
        link.insert("base64_png_image".into(), json!("AAAA"));
        put(sandbox, "ann", "Odd", &link, Some("t0ken"));
    });
    assert!(why.starts_with("its icon "), "{why}");
    assert!(
        why.ends_with("; an apply would rewrite it [fields]"),
        "{why}"
    );
    assert!(!text.contains("icon"), "{text}");
    run(&sandbox, "apply", &["--yes"]).expect(0);
}

/// Nothing is invented for it, and all that is wrong is named at once.
#[test]
fn what_no_manifest_may_hold_says_so_and_why() {
    let (why, text, sandbox) = odd(|sandbox| {
        let mut link = login();
        link.insert("label".into(), json!("it's"));
        link.insert("order".into(), json!("1000000"));
        link.remove("subscriber_unique_id");
        put(sandbox, "ann", "Odd", &link, Some("t0ken"));
        remove(sandbox, &files("ann", "Odd")[2]);
    });
    let start = "its menu entry is missing; no manifest may hold it: ";
    assert!(why.starts_with(start), "{why}");
    for part in ["`it's` holds `'`", "1000000", "no `subscriber_unique_id`"] {
        assert!(why.contains(part), "no {part:?} in {why}");
    }
    assert!(!why.contains("an apply would rewrite it"), "{why}");
    assert!(text.contains("it's"), "{text}");
    // To be mended by hand, and then its token is there.
    assert!(sandbox.read("tokens.yaml").contains("\"ann/Odd\": "));
    let page = sandbox.read("taken/users/0001.yaml");
    assert!(page.contains("  # ann:\n"), "{page}");
}

/// A host that forbids an app, or where its token goes, keeps the token too.
#[test]
fn a_token_that_the_host_forbids_is_written_nowhere() {
    for policy in ["ignore: [Odd]\n", "autologin_hosts: [other.example]\n"] {
        let sandbox = Sandbox::with_root();
        put(&sandbox, "zed", "Good", &fields(), None);
        put(&sandbox, "ann", "Odd", &login(), Some("t0ken"));
        sandbox.write("policy.yaml", policy);
        import(
            &sandbox,
            &[
                "--all",
                "--policy",
                "policy.yaml",
                "--write-secrets",
                "tokens.yaml",
            ],
        )
        .expect(0)
        .says("0 tokens in `tokens.yaml`");
        let page = sandbox.read("taken/users/0001.yaml");
        let line = "# Odd is left as it is: no manifest may hold it: ";
        assert!(page.contains(line), "{page}");
        assert!(!sandbox.read("tokens.yaml").contains("t0ken"));
    }
}

/// Where a file names nobody, taking the `# ` away is enough too.
#[test]
fn a_file_that_names_nobody_takes_one_too() {
    let sandbox = Sandbox::with_root();
    put(&sandbox, "ann", "Odd", &login(), Some("t0ken"));
    remove(&sandbox, &files("ann", "Odd")[2]);
    sandbox.write(
        "links.yaml",
        "version: 1\nusers: { zed: { links: { X: { implements: \"\", label: x, url: \"https://x.example/\" } } } }\n",
    );
    let unmanaged = ["unmanaged", "links.yaml", "--root", "root"];
    let extra = sandbox.run(&[&unmanaged[..], &["--format", "yaml"]].concat());
    let extra = extra.expect(0).stdout;
    sandbox.write("extra.yaml", &extra);
    sandbox
        .run(&["validate", "links.yaml", "extra.yaml"])
        .expect(0);
    sandbox.write("extra.yaml", uncommented(&extra).0);
    sandbox
        .run(&["plan", "links.yaml", "extra.yaml", "--root", "root"])
        .expect(0)
        .says("~ replace  ann/Odd [adopt, menu]\n");
}

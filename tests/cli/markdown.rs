//! Plans as Markdown, for a comment on a pull request.

use crate::support::{Outcome, Sandbox};
use std::fmt::Write as _;

fn plan(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let arguments = [
        &["plan", "m.yaml", "--root", "root", "--format", "markdown"],
        more,
    ]
    .concat();
    sandbox.run(&arguments)
}

/// A root with this many links of users of their own, each with another label.
fn applied(count: usize) -> Sandbox {
    let sandbox = Sandbox::with_root();
    sandbox.write("m.yaml", manifest(count, ""));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    sandbox
}

fn manifest(count: usize, fields: &str) -> String {
    let mut text = "version: 1\nusers:\n".to_owned();
    for n in 0..count {
        writeln!(
            text,
            "  user{n:05}: {{ links: {{ APP_{n:05}: {{ label: Link {n}, implements: \"\", url: \"https://a.example/\"{fields} }} }} }}"
        )
        .unwrap();
    }
    text
}

#[test]
fn the_counts_and_what_is_taken_away_stand_first() {
    let sandbox = Sandbox::with_examples();
    let outcome = sandbox.run(&[
        "plan",
        "examples/acme",
        "--root",
        "root",
        "--secrets",
        "examples/acme-secrets.yaml",
        "--format",
        "markdown",
        "--user",
        "harborcf",
    ]);
    assert_eq!(outcome.code, 0);
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn it_says_nothing_where_nothing_is_to_do_if_that_is_asked() {
    let sandbox = applied(1);
    let outcome = plan(&sandbox, &["--skip-empty"]).expect(0);
    assert_eq!(outcome.stdout, "");
    plan(&sandbox, &[]).expect(0).says("## cplinks: no changes");
    // What is blocked is something to say.
    let file = sandbox.path("root/links/user00000/APP_00000.userconfig");
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("elsewhere", &file).unwrap();
    plan(&sandbox, &["--skip-empty"])
        .expect(0)
        .says("### Taken away, or blocked")
        .says("! blocked  user00000/APP_00000");
}

#[test]
fn it_is_cut_by_steps_and_says_so() {
    let count = 400;
    let sandbox = applied(count);
    sandbox.write("m.yaml", manifest(count, ", hide: true"));
    let allow = ["--allow-hide", "100000"];
    let mut seen = Vec::new();
    for limit in ["1000000", "60000", "30000", "25000", "5000", "2000"] {
        let outcome = plan(
            &sandbox,
            &[&allow[..], &["--markdown-limit", limit]].concat(),
        )
        .expect(0);
        let text = outcome.stdout;
        assert!(text.chars().count() <= limit.parse().unwrap(), "{limit}");
        assert!(text.contains("400 to hide"), "{limit}: {text}");
        assert!(text.contains("Digest: `"), "{limit}");
        let fences = text.matches("```").count();
        assert!(fences.is_multiple_of(2), "{limit}: {text}");
        seen.push(
            text.lines()
                .find(|l| l.starts_with("**"))
                .unwrap_or("whole")
                .to_owned(),
        );
    }
    seen.dedup();
    assert!(seen.len() >= 3, "{seen:?}");
    assert_eq!(seen.first().map(String::as_str), Some("whole"));
    sandbox
        .run(&["plan", "m.yaml", "--markdown-limit", "1999"])
        .expect(1)
        .says("2000");
}

#[test]
fn what_is_dangerous_is_told_at_the_smallest_limit() {
    // Rows that are as long as they may be, and each one of its own.
    let manifest = |link: &str| {
        let users = (0..300).map(|n| {
            let app = format!("APP_{}{n:05}", "X".repeat(50));
            format!("  user{n:05}: {{ links: {{ {app}: {link} }} }}\n")
        });
        format!("version: 1\nusers:\n{}", users.collect::<String>())
    };
    let sandbox = Sandbox::with_root();
    let link = "{ label: L, implements: '', url: 'https://a.example/' }";
    sandbox.write("m.yaml", manifest(link));
    sandbox
        .run(&["apply", "m.yaml", "--root", "root", "--yes"])
        .expect(0);
    sandbox.write("m.yaml", manifest("absent"));
    let text = plan(&sandbox, &["--markdown-limit", "2000"])
        .expect(3)
        .stdout;
    assert!(text.chars().count() <= 2000, "{text}");
    for told in [
        "300 to remove",
        "### Refused",
        "- remove   user00000/",
        "\n… and more\n```\n",
        "Digest: `",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(text.matches("```").count() % 2, 0, "{text}");
}

#[test]
fn hosts_of_new_links_crowd_nothing_out() {
    let sandbox = Sandbox::with_root();
    let login = |host: &str| {
        format!(
            "label: L, implements: '', url: 'https://a.example/', subscriber_unique_id: s, \
             autologin_token_url: 'https://{host}/', token: keep"
        )
    };
    let link = |host: &str| format!("      KNOWN: {{ {} }}\n", login(host));
    let start = "version: 1\nusers:\n  alice:\n    links:\n";
    let known = link("sso.example").replace("token: keep", "token: { secret: s }");
    sandbox.write("s.yaml", "s: a-token-of-alice\n");
    // Many others go, so that they could crowd out the token that moves.
    let gone = |link: &str| {
        let links = (0..40).map(|n| format!("      GONE_{n}_{}: {link}\n", "X".repeat(50)));
        links.collect::<String>()
    };
    let plain = "{ label: L, implements: '', url: 'https://a.example/' }";
    sandbox.write("m.yaml", format!("{start}{known}{}", gone(plain)));
    sandbox
        .run(&[
            "apply",
            "m.yaml",
            "--root",
            "root",
            "--secrets",
            "s.yaml",
            "--yes",
        ])
        .expect(0);
    let mut text = format!("{start}{}{}", link("thief.example"), gone("absent"));
    for n in 0..1500 {
        let host = format!("a{n}.{}.example", "b".repeat(40));
        let link = login(&host).replace("keep", &format!("{{ secret: t{n} }}"));
        writeln!(text, "      NEW_{n}: {{ {link} }}").unwrap();
    }
    sandbox.write("m.yaml", text);
    for limit in ["60000", "2000"] {
        let text = plan(&sandbox, &["--markdown-limit", limit])
            .expect(3)
            .stdout;
        assert!(text.chars().count() <= limit.parse().unwrap(), "{text}");
        for told in [
            "tokens would newly go to: `thief.example, a0.",
            "\n- remove   alice/GONE_0_",
            "### Tokens that go to another host\n\n```text\n~ replace  alice/KNOWN [fields]",
            "refused by guard new-host:",
            "Digest: `",
        ] {
            assert!(text.contains(told), "{limit}: no {told} in {text}");
        }
    }
    // In the text the same stands before what only changes or is new.
    let text = sandbox
        .run(&["plan", "m.yaml", "--root", "root"])
        .expect(3)
        .stdout;
    let place = |row: &str| text.find(row).unwrap_or_else(|| panic!("no {row}"));
    assert!(
        place("tokens would newly go to thief.example, a0.") < place("- remove   alice/GONE_0_")
    );
    assert!(place("- remove   alice/GONE_0_") < place("~ replace  alice/KNOWN"));
    assert!(place("~ replace  alice/KNOWN") < place("+ create"));
}

#[test]
fn hostile_texts_stay_in_code() {
    let sandbox = Sandbox::with_root();
    let label = "``` [x](javascript:1) ![](https://t.example) @org/team #1 </details> | ~~~";
    sandbox.write(
        "m.yaml",
        format!(
            "version: 1\nusers:\n  alice:\n    links:\n      A: {{ label: x, implements: {label:?}, url: \"https://a.example/\" }}\n"
        ),
    );
    let outcome = plan(&sandbox, &[]);
    if outcome.code == 1 {
        // Refused by the rules for names already; then the disk says it.
        sandbox.write("m.yaml", "version: 1\nusers:\n  alice:\n    links:\n      A: { label: x, implements: \"\", url: \"https://a.example/\" }\n");
        sandbox.write(
            "root/links/alice/A.userconfig",
            format!("{{\"label\":{label:?}}}"),
        );
        sandbox.write("root/links/alice/A.adminconfig", "{\"token\":null}");
    }
    let text = plan(&sandbox, &[]).expect(0).stdout;
    let fence = text.lines().find(|l| l.starts_with("````")).unwrap();
    let fence = fence.trim_end_matches("text");
    let (_, inside) = text.split_once(fence).unwrap();
    let (inside, _) = inside.split_once(&format!("\n{fence}\n")).unwrap();
    for hostile in ["javascript:1", "@org/team", "![]"] {
        assert!(inside.contains(hostile), "{text}");
        assert_eq!(
            text.matches(hostile).count(),
            inside.matches(hostile).count()
        );
    }
}

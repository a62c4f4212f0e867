//! Documents that would cost too much to read: nested, repeated, or a single
//! line without end.

use super::{PLAIN, Refused, Row, app, before_users, check, has_raw_control, row};
use crate::support::Sandbox;

pub(super) fn rows() -> Vec<Row> {
    let maps = |depth: usize| {
        format!(
            "version: 1\nusers: {}{}\n",
            "{a: ".repeat(depth),
            "}".repeat(depth)
        )
    };
    let blocks = |depth: usize| {
        let lines = (1..=depth).map(|indent| format!("{}a:\n", " ".repeat(indent)));
        format!("version: 1\nusers:\n{}", lines.collect::<String>())
    };
    let brackets = |text: &str| app("A").replace("label: L", &format!("label: \"{text}\""));
    vec![
        row(
            "Y5",
            "[".repeat(100_000),
            Refused("yaml"),
            brackets("((((((((((((((((((("),
        ),
        row("Y5", maps(5000), Refused("yaml"), app("A")),
        row("Y5", maps(200), Refused("unknown-key"), app("A")),
        row("Y5", blocks(3000), Refused("unknown-key"), app("A")),
        row("Y5x", "[\n".repeat(100_000), Refused("yaml"), app("A")),
        row("Y5x", "- ".repeat(100_000), Refused("wrong-type"), app("A")),
        row(
            "Y5x",
            format!("{}#{}\nx: y\n", app("A"), "[".repeat(100)),
            Refused("unknown-key"),
            format!("{}#{}\n", app("A"), "[".repeat(400)),
        ),
        row(
            "Y5x",
            app(&"a".repeat(1_000_000)).replace("A:", ""),
            Refused("yaml"),
            app("A"),
        ),
        row(
            "Y5x",
            app("A").replace("label: L", &format!("label: {}", "a".repeat(1_000_000))),
            Refused("text"),
            app("A"),
        ),
        row(
            "Y5x",
            app("A").replace("label", &"x".repeat(1000)),
            Refused("unknown-key"),
            app("A"),
        ),
        row(
            "Y5x",
            format!(
                "{}x: [{}]\n",
                before_users("y: &a 1"),
                "*a,".repeat(100_000)
            ),
            Refused("unknown-key"),
            app("A"),
        ),
        row(
            "Y5x",
            var(&"a".repeat(4097)),
            Refused("text"),
            var(&"a".repeat(90)),
        ),
        row(
            "Y5x",
            var(&"a".repeat(4000)).replace("{{ vars.a }}", &"{{ vars.a }}".repeat(3)),
            Refused("text"),
            var("a").replace("{{ vars.a }}", &"{{ vars.a }}".repeat(100)),
        ),
    ]
}

/// A manifest whose label is a variable.
fn var(value: &str) -> String {
    let label = app("A").replace("label: L", "label: \"{{ vars.a }}\"");
    label.replace(
        "    links:",
        &format!("    vars: {{ a: {value} }}\n    links:"),
    )
}

#[test]
fn what_would_cost_too_much_to_read_is_refused_soon() {
    check(&rows());
}

/// Processor time, and the best of a few, since the machine may be busy with
/// other tests.
#[test]
fn an_alias_bomb_is_refused_in_a_tenth_of_a_second_and_64_megabytes() {
    let levels = (1..10).map(|level| {
        let item = format!("*a{}", level - 1);
        format!("b{level}: &a{level} [{}]\n", [item.as_str(); 10].join(", "))
    });
    let bomb = format!(
        "version: 1\na: &a0 [x, x, x, x]\n{}",
        levels.collect::<String>()
    );
    for end in [
        "users: *a9\n",
        "users: { alice: { links: *a9 } }\n",
        "apps: { A: { label: *a9 } }\n",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("m.yaml", format!("{bomb}{end}"));
        let try_once = || {
            let outcome = sandbox.shell(
                "ulimit -v 65536; TIMEFORMAT=%U; time (cplinks validate m.yaml || echo refused)",
            );
            assert_eq!(outcome.stdout, "refused\n", "{}", outcome.shown());
            assert!(!has_raw_control(&outcome), "{}", outcome.shown());
            let seconds: f64 = outcome.stderr.lines().last().unwrap().parse().unwrap();
            (outcome, seconds)
        };
        let (outcome, mut seconds) = try_once();
        for _ in 0..5 {
            if seconds >= 0.1 {
                seconds = seconds.min(try_once().1);
            }
        }
        assert!(seconds < 0.1, "{seconds} s for {end}");
        // The places of what is unknown do not get lost behind the bomb.
        let last = outcome.says("unknown key `b9`").stderr;
        assert!(last.contains("--> m.yaml:11:1"), "{last}");
    }
}

/// As many lines, each from its number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|i| line(i) + "\n").collect()
}

/// Documents of a megabyte or two that would be kept many times over, or that
/// break a rule once for each of many thousand entries.
#[test]
fn what_repeats_is_refused_in_seconds_and_256_megabytes() {
    let long = "a".repeat(200_000);
    let vars = |rest: &str| app("A").replace("    links:", &format!("    vars:\n{rest}    links:"));
    let aliases = lines(6000, |i| format!("      v{i}: *x"));
    let aliased = vars(&format!("      x: &x {long}\n{aliases}"));
    let labels = "{{vars.a}}".repeat(6000);
    let filled =
        vars(&format!("      a: {long}\n")).replace("label: L", &format!("label: \"{labels}\""));
    let unknown_keys = lines(60_000, |i| format!("      A{i}: {{ lable: x }}"));
    let unknown_keys = format!("version: 1\nusers:\n  alice:\n    links:\n{unknown_keys}");
    let mixed = format!(
        "{}{}",
        app("A").replace("label: L", "label: [x]"),
        lines(40_000, |i| format!("x{i}: y"))
    );
    let groups = lines(3000, |i| format!("  g_declared_{i}: {{ label: L }}"));
    let links = lines(3000, |i| {
        format!(
            "      A{i}: {{ implements: \"\", label: L, url: \"https://a.example/\", group_id: g_dcelared_{i}x }}"
        )
    });
    let groups = format!("version: 1\ngroups:\n{groups}users:\n  alice:\n    links:\n{links}");
    let fat_user = lines(1000, |i| format!("      A{i}: {{}}"));
    let users = lines(20_000, |i| format!("  u{i}: *u"));
    let users = format!("version: 1\nusers:\n  u: &u\n    links:\n{fat_user}{users}");
    for (what, text, says) in [
        ("aliases of a long text", aliased, "aliases repeat too much"),
        ("a label of long variables", filled, "the limit is 4096"),
        ("unknown keys", unknown_keys, "more problems"),
        ("unknown keys and a list", mixed, "more problems"),
        ("groups that are not declared", groups, "did you mean"),
        ("aliases of a user", users, "aliases repeat too much"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("m.yaml", text);
        let outcome = sandbox.shell(
            "ulimit -v 400000; TIMEFORMAT=%U; time (cplinks validate m.yaml --strict || echo refused)",
        );
        assert_eq!(
            outcome.stdout,
            "refused\n",
            "{what}: {:.500}",
            outcome.shown()
        );
        assert!(
            outcome.stderr.contains(says),
            "{what}: {:.500}",
            outcome.shown()
        );
        let seconds: f64 = outcome.stderr.lines().last().unwrap().parse().unwrap();
        assert!(seconds < 5.0, "{what}: {seconds} s");
    }
}

#[test]
fn many_apps_of_one_user_are_read_in_seconds() {
    let sandbox = Sandbox::new();
    let links = lines(30_000, |i| format!("      A{i}: {PLAIN}"));
    sandbox.write(
        "m.yaml",
        format!("version: 1\nusers:\n  alice:\n    links:\n{links}"),
    );
    let outcome = sandbox
        .shell("TIMEFORMAT=%U; time cplinks validate m.yaml")
        .expect(0);
    let seconds: f64 = outcome.stderr.lines().last().unwrap().parse().unwrap();
    assert!(seconds < 5.0, "{seconds} s");
}

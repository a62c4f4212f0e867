//! Documents that would cost too much to read: nested, repeated, or a single
//! line without end.

use super::{Refused, Row, app, before_users, check, has_raw_control, row};
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
            Refused("label"),
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
    ]
}

#[test]
fn what_would_cost_too_much_to_read_is_refused_soon() {
    check(&rows());
}

/// Processor time, since the machine may be busy with other tests.
#[test]
fn an_alias_bomb_is_refused_in_a_second_and_64_megabytes() {
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
        let outcome = sandbox.shell(
            "ulimit -v 160000; TIMEFORMAT=%U; time (cplinks validate m.yaml || echo refused)",
        );
        assert_eq!(outcome.stdout, "refused\n", "{}", outcome.shown());
        assert!(!has_raw_control(&outcome), "{}", outcome.shown());
        let seconds: f64 = outcome.stderr.lines().last().unwrap().parse().unwrap();
        assert!(seconds < 1.0, "{seconds} s for {end}");
        // The places of what is unknown do not get lost behind the bomb.
        let last = outcome.says("unknown key `b9`").stderr;
        assert!(last.contains("--> m.yaml:11:1"), "{last}");
    }
}

//! Problems as text, on sources made by hand: every snapshot is to be read by
//! eye, since what matters is where the underline stands.

use super::*;
use std::ops::Range;
use std::sync::Arc;

fn source(name: &str, text: &str) -> Source {
    Source {
        name: name.to_owned(),
        folder: std::path::PathBuf::new(),
        text: Arc::from(text),
        masks: Vec::new(),
    }
}

fn place(source: usize, text: &str, span: Range<usize>, label: &str) -> Place {
    let before = &text[..span.start];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        source,
        line: before.matches('\n').count() + 1,
        column: before[start..].chars().count() + 1,
        span,
        label: label.to_owned(),
    }
}

fn problem(message: &str, places: Vec<Place>) -> Problem {
    Problem {
        rule: "unknown-key",
        severity: Severity::Error,
        message: message.to_owned(),
        hint: None,
        places,
    }
}

fn check(list: &[Problem], sources: &[Source]) -> String {
    let mut out = Vec::new();
    problems(list, sources, 100, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    anstream::adapter::strip_str(&text).to_string()
}

fn find(text: &str, part: &str) -> Range<usize> {
    let start = text.find(part).unwrap();
    start..start + part.len()
}

#[test]
fn a_problem_shows_its_line_underlined_with_a_hint() {
    let text = "users:\n  alice:\n    links:\n      A: { lable: Billing }\n";
    let mut unknown = problem(
        "unknown key `lable`",
        vec![place(0, text, find(text, "lable"), "")],
    );
    unknown.hint = Some("did you mean `label`?".to_owned());
    insta::assert_snapshot!(check(&[unknown], &[source("users.yaml", text)]), @r"
error[unknown-key]: unknown key `lable`
 --> users.yaml:4:12
  |
4 |       A: { lable: Billing }
  |            ^^^^^
  |
  = help: did you mean `label`?

1 error
");
}

#[test]
fn two_places_in_two_files_are_both_shown() {
    let (a, b) = ("users:\n  alice: {}\n", "\n\nusers: { alice: {} }\n");
    let twice = problem(
        "user `alice` has `ACME` twice",
        vec![
            place(1, b, find(b, "alice"), "given again here"),
            place(0, a, find(a, "alice"), "first given here"),
        ],
    );
    insta::assert_snapshot!(check(&[twice], &[source("a.yaml", a), source("b.yaml", b)]), @r"
error[unknown-key]: user `alice` has `ACME` twice
 --> b.yaml:3:10
  |
3 | users: { alice: {} }
  |          ^^^^^ given again here
  |
 ::: a.yaml:2:3
  |
2 |   alice: {}
  |   ----- first given here

1 error
");
}

#[test]
fn problems_come_in_the_order_of_the_sources_and_are_counted() {
    let text = "a: 1\nb: 2\n";
    let mut warning = problem("second", vec![place(0, text, 5..6, "")]);
    warning.severity = Severity::Warning;
    let list = [
        warning,
        problem("first", vec![place(0, text, 0..1, "")]),
        problem("no text to point at", Vec::new()),
    ];
    insta::assert_snapshot!(check(&list, &[source("m.yaml", text)]), @r"
error[unknown-key]: no text to point at

error[unknown-key]: first
 --> m.yaml:1:1
  |
1 | a: 1
  | ^

warning[unknown-key]: second
 --> m.yaml:2:1
  |
2 | b: 2
  | ^

2 errors, 1 warning
");
}

#[test]
fn a_literal_token_is_never_shown() {
    let text = "token: \"cänary-1\" # x\n";
    let mut masked = source("m.yaml", text);
    masked.masks = vec![find(text, "cänary-1")];
    let list = [problem(
        "quoted",
        vec![place(0, text, find(text, "# x"), "")],
    )];
    insta::assert_snapshot!(check(&list, &[masked]), @r#"
error[unknown-key]: quoted
 --> m.yaml:1:19
  |
1 | token: "••••••••" # x
  |                   ^^^

1 error
"#);
}

#[test]
fn hostile_text_is_escaped_and_the_underline_stays_below_its_place() {
    let text = "label: \"\u{1b}[2J\u{202e}x\t::error::\" here";
    let list = [problem(
        "bad\n::error::\u{1b}",
        vec![place(0, text, find(text, "here"), "##[error]")],
    )];
    insta::assert_snapshot!(check(&list, &[source("\u{1b}m.yaml", text)]), @r#"
error[unknown-key]: bad\n::error::\u{1b}
 --> \u{1b}m.yaml:1:27
  |
1 | label: "\u{1b}[2J\u{202e}x    ::error::" here
  |                                          ^^^^ #\u{23}[error]

1 error
"#);
}

#[test]
fn only_a_window_of_an_endless_line_is_shown() {
    let text = format!("{}lable{}", "x".repeat(500_000), "y".repeat(500_000));
    let list = [problem(
        "far in",
        vec![place(0, &text, find(&text, "lable"), "")],
    )];
    insta::assert_snapshot!(check(&list, &[source("m.yaml", &text)]), @r"
error[unknown-key]: far in
 --> m.yaml:1:500001
  |
1 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxlableyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...
  |                                          ^^^^^

1 error
");
}

#[test]
fn places_beyond_or_across_the_text_do_no_harm() {
    let text = "añb\nc";
    for span in [
        0..9,
        2..2,
        Range { start: 3, end: 1 },
        6..6,
        90..99,
        4..6,
        0..0,
    ] {
        let place = Place {
            source: 0,
            span,
            line: 1,
            column: 1,
            label: String::new(),
        };
        let nowhere = Place {
            source: 7,
            ..place.clone()
        };
        let shown = check(
            &[problem("odd", vec![place, nowhere])],
            &[source("m", text)],
        );
        assert!(shown.contains("1 error"), "{shown}");
    }
}

proptest::proptest! {
    #[test]
    fn no_source_text_escapes_its_line_and_nothing_masked_is_shown(
        before in "(?s).{0,200}",
        after in "(?s).{0,200}",
        span in (0_usize..500, 0_usize..80),
    ) {
        const CANARY: &str = "cAnArY0451";
        let text = format!("{before}{CANARY}{after}");
        let mut masked = source("m.yaml", &text);
        masked.masks = vec![find(&text, CANARY)];
        let place = Place {
            source: 0,
            span: span.0..span.0 + span.1,
            line: 1,
            column: 1,
            label: before,
        };
        let mut out = Vec::new();
        problems(&[problem(&after, vec![place])], &[masked], 80, &mut out).unwrap();
        let shown = String::from_utf8(out).unwrap();
        let shown = shown.replace('\u{1b}', "");
        proptest::prop_assert!(!shown.contains(CANARY));
        for line in shown.lines() {
            proptest::prop_assert!(!line.contains(char::is_control), "{line:?}");
            proptest::prop_assert!(!line.trim_start().starts_with("::error"), "{line:?}");
        }
    }
}

#[test]
fn problems_beyond_a_hundred_are_counted() {
    let list = vec![problem("one of many", Vec::new()); 512];
    let shown = check(&list, &[]);
    assert_eq!(shown.matches("one of many").count(), 100);
    assert!(shown.ends_with("… and 412 more\n\n512 errors\n"), "{shown}");
}

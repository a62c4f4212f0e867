//! Snapshots that no cplinks wrote: each is refused by the line that is wrong,
//! and none makes the plan panic, hang or take memory without end.

use super::{one_link, take};
use crate::support::{Outcome, Sandbox};

fn plan(sandbox: &Sandbox, text: impl AsRef<[u8]>) -> Outcome {
    sandbox.write("hostile.json", text);
    sandbox.run(&["plan", "m.yaml", "--against", "hostile.json"])
}

fn good() -> (Sandbox, String) {
    let sandbox = one_link("");
    take(&sandbox, &[]).expect(0);
    let text = sandbox.read("snapshot.json");
    plan(&sandbox, &text).expect(0);
    (sandbox, text)
}

/// Each text is refused, and the message says why.
#[track_caller]
fn check_refused(sandbox: &Sandbox, text: &str, cases: &[(String, &str)]) {
    for (hostile, says) in cases {
        assert_ne!(hostile, text, "{says}");
        let outcome = plan(sandbox, hostile)
            .expect(1)
            .says("error: the snapshot `hostile.json` cannot be used\n  caused by: ")
            .says(says)
            .says("hint: ");
        assert_eq!(outcome.stdout, "", "{says}");
    }
}

/// The line that begins so.
fn line<'t>(text: &'t str, start: &str) -> &'t str {
    text.lines().find(|line| line.starts_with(start)).unwrap()
}

#[test]
fn another_layout_is_refused_by_its_line() {
    let (sandbox, text) = good();
    let cases = [
        (String::new(), "it ends in line 1, before its end"),
        ("{\n".into(), "it ends in line 2, before its end"),
        ("null\n".into(), "line 1 should be `{` alone"),
        ("\u{feff}".to_owned() + &text, "line 1 should be `{` alone"),
        (text.replace('\n', "\r\n"), "line 1 should be `{` alone"),
        (
            text.replace("\"version\":1", "\"version\":2"),
            "it has version 2 of the form, and this cplinks reads version 1",
        ),
        (
            text.replace("\"version\":1,", ""),
            "line 2 cannot be read from column",
        ),
        (
            text.replace("\"record\":true", "\"record\":true,\"x\":1"),
            "unknown field `x`",
        ),
        (
            text.replace("\"taken\":\"2", "\"taken\":\"x"),
            "line 2: its time is none",
        ),
        (
            text.replace("\"salt\":\"", "\"salt\":\"0"),
            "line 2: its salt is none",
        ),
        (
            text.replace("\"entries\":[", "\"entries\": ["),
            "line 3 should be `\"entries\":[`",
        ),
        (text.replace("\n]\n}\n", "\n]\n}"), "before its end"),
        (
            text.clone() + "{}\n",
            "should be nothing: the snapshot ended above",
        ),
    ];
    check_refused(&sandbox, &text, &cases);
}

#[test]
fn an_entry_that_does_not_belong_there_is_refused() {
    let (sandbox, text) = good();
    let user = line(&text, "{\"user\"");
    let image = line(&text, "{\"image\"");
    let end = line(&text, "{\"end\"");
    let twice = |line: &str| text.replace(line, &format!("{line}\n{line}"));
    let cases = [
        (text.replace(end, "{}"), "cannot be read from column"),
        (
            text.replace(end, &format!("{end},")),
            "should be an entry, since a comma ends it",
        ),
        (
            text.replace(end, &user.trim_end_matches(',').replace("alice", "bob")),
            "should be an entry with a comma behind it, or the end",
        ),
        (
            text.replace("\"users\":1", "\"users\":2"),
            "other numbers of entries than there are",
        ),
        (twice(user), "the user `alice` twice, or not in the order"),
        (twice(image), "line 5: the same icon twice"),
        (
            text.replace("\"base64\":\"iVBO", "\"base64\":\"iVBP"),
            "line 4: an icon that does not have its hash",
        ),
        (
            text.replace("\"base64\":\"iVBO", "\"base64\":\"!VBO"),
            "line 4: an icon that is no base64",
        ),
        (
            text.replace(&format!("{image}\n"), "")
                .replace("\"images\":1", "\"images\":0"),
            "an icon that no line before it holds",
        ),
    ];
    check_refused(&sandbox, &text, &cases);
}

#[test]
fn a_value_that_cplinks_would_not_write_is_refused() {
    let (sandbox, text) = good();
    let user = line(&text, "{\"user\"");
    let links = |links: &str| {
        let (front, rest) = user.split_once("\"links\":{").unwrap();
        text.replace(user, &format!("{front}\"links\":{{{links},{rest}"))
    };
    let cases = [
        (
            text.replace("\"name\":\"alice\"", "\"name\":\"../etc\""),
            "line 5: the user `../etc` holds `/`",
        ),
        (
            text.replace("\"name\":\"alice\"", "\"name\":\"\\u0061lice\""),
            "a user whose name does not stand first",
        ),
        (links("\"../x\":{}"), "line 5: the app `../x` holds"),
        (
            links("\"Empty\":{}"),
            "the link `Empty` has none of its files",
        ),
        (links("\"App\":{}"), "the same key twice"),
        (
            text.replace("\"mode\":\"0644\"", "\"mode\":\"9644\""),
            "`9644` is no file mode in octal",
        ),
        (
            text.replace("\"mode\":\"0644\"", "\"mode\":\"+644\""),
            "`+644` is no file mode in octal",
        ),
        (
            text.replace("\"uid\":", "\"uid\":-"),
            "cannot be read from column",
        ),
        (
            text.replace("\"target\":", "\"canary\":"),
            "`canary` is no field of a menu entry",
        ),
        (
            text.replace("\"label\":\"L\"", "\"label\":\"\\ud800\""),
            "line 5 cannot be read from column",
        ),
        (
            text.replace(
                "\"owned_links\":",
                "\"strays\":18446744073709551615,\"owned_links\":",
            ),
            "18446744073709551615 stray files, the most is 100000",
        ),
    ];
    check_refused(&sandbox, &text, &cases);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read_in() {
    let (sandbox, text) = good();
    let user = line(&text, "{\"user\"");
    let long = text.replace(
        "\"label\":\"L\"",
        &format!("\"label\":\"{}\"", "L".repeat(17 << 20)),
    );
    plan(&sandbox, long)
        .expect(1)
        .says("line 5 has more than 16777216 bytes");
    // Short to write, and much to hold.
    let links: Vec<String> = (0..10_001).map(|n| format!("\"a{n}\":{{}}")).collect();
    let (front, _) = user.split_once("\"links\":{").unwrap();
    let many = format!("{front}\"links\":{{{}}}}}}},", links.join(","));
    plan(&sandbox, text.replace(user, &many))
        .expect(1)
        .says("more than 10000 in one object");
    let deep = text.replace(user, &format!("{{\"user\":{}", "[".repeat(1 << 20)));
    plan(&sandbox, deep).expect(1).says("line 5");
    let file = std::fs::File::create(sandbox.path("hostile.json")).unwrap();
    file.set_len((1 << 30) + 1).unwrap();
    sandbox
        .run(&["plan", "m.yaml", "--against", "hostile.json"])
        .expect(1)
        .says("is larger than 1073741824 bytes");
    for path in [".", "none.json", "/dev/zero"] {
        sandbox
            .run(&["plan", "m.yaml", "--against", path])
            .expect(1)
            .says("cannot be used");
    }
    sandbox
        .shell("mkfifo fifo; cplinks plan m.yaml --against fifo")
        .expect(1)
        .says("is a FIFO, not a regular file");
}

#[test]
fn no_cut_of_it_is_taken_for_the_whole() {
    let (sandbox, text) = good();
    for at in (0..text.len()).step_by(97).chain([text.len() - 1]) {
        let outcome = plan(&sandbox, text.as_bytes().get(..at).unwrap()).expect(1);
        assert_eq!(outcome.stdout, "", "cut at {at}");
    }
}

#[test]
fn what_it_says_of_itself_is_shown_escaped() {
    let (sandbox, text) = good();
    let (front, rest) = text.split_once("\"host\":\"").unwrap();
    let (_, back) = rest.split_once('"').unwrap();
    let text = format!("{front}\"host\":\"\\u001b[2Jweb\\n::error::x\"{back}");
    let text = text.replace("\"root\":\"", "\"root\":\"\\u001b]0;x\\u0007\\n::");
    let outcome = plan(&sandbox, text)
        .expect(0)
        .says("plan against snapshot of ??2Jweb???error??x taken ");
    assert!(!outcome.stdout.contains('\u{1b}'), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("\n::"), "{}", outcome.stdout);
}

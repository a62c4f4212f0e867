//! What holds for any text in a plan: no control character, no command of a
//! pipeline, no token. Only our own styles are taken out before looking.

use super::*;
use proptest::prelude::*;

/// Texts with the characters that have a meaning somewhere.
fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,12}",
        proptest::sample::select(vec![
            "\n",
            "\r",
            "\u{1b}[31m",
            "::error::",
            "\n::warning::",
            "##[x]",
            "##vso[x]",
            "##teamcity[x]",
            "\u{202e}",
            "\u{2066}",
            "\u{9b}",
            "\u{7f}",
            "\"",
            "\\",
            "?token=",
            "https://",
            "@",
            "\u{200b}",
            "\t",
            "日本語",
            "e\u{301}",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_escapes_its_line_and_no_token_is_shown(
        labels in (any_text(), any_text()),
        urls in (any_text(), any_text()),
        token in any_text(),
        is_new in any::<bool>(),
    ) {
        const CANARY: &str = "cAnArY0451";
        let token = format!("{token}{CANARY}");
        let mut before = link(&labels.0);
        before.url = Some(urls.0);
        let mut after = link(&labels.1);
        after.url = Some(format!("https://{}", urls.1));
        after.autologin_token_url = Some(format!("https://a.example/{}?api_key={CANARY}", urls.1));
        let mut world = World::new();
        if !is_new {
            world.have("alice", APP, on_disk(APP, &before, Some(&format!("old{token}"))));
        }
        world.want_with("alice", APP, after, known(&token));
        let mut text = world.styled_text();
        for style in crate::report::style::ALL {
            text = text.replace(&style.render().to_string(), "");
        }
        text = text.replace(&crate::report::style::BOLD.render_reset().to_string(), "");
        prop_assert!(!text.contains(CANARY), "{text}");
        for line in text.lines() {
            prop_assert!(!line.contains(char::is_control), "{line:?}");
            prop_assert!(!line.trim_start().starts_with("::"), "{line:?}");
            for command in ["##[", "##vso", "##teamcity"] {
                prop_assert!(!line.contains(command), "{line:?}");
            }
        }
    }
}

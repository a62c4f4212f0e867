//! What an output must be like, whatever texts are in it: it reads back, and
//! nothing in it is obeyed by a terminal, a pipeline, a forge or a browser.

use html5gum::{Token, Tokenizer};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

/// A text for people: of what is no letter there are only our styles and line
/// ends, and no line is a pipeline's command.
pub(crate) fn terminal(text: &str) {
    let plain = without_styles(text);
    for character in plain.chars() {
        assert!(!deceives(character), "{character:?} in {plain:?}");
    }
    no_command(&plain);
}

/// No line begins with what a pipeline takes for a command.
pub(crate) fn no_command(text: &str) {
    for line in text.lines() {
        // The runner of GitHub Actions takes for one: a name, what may be said of
        // it behind a space, and the end.
        let command = line.trim_start().strip_prefix("::");
        let command = command.and_then(|rest| rest.split_once("::"));
        let name = command.and_then(|(command, _)| command.split(' ').next());
        let is_name = |name: &str| {
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        assert!(!name.is_some_and(is_name), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
        assert!(!line.contains("##vso["), "{line:?}");
        assert!(!line.contains("##teamcity["), "{line:?}");
    }
}

/// A list of its own, so that one that is too short elsewhere is found.
fn deceives(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{9}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{a0}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn without_styles(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().expect("a first part").to_owned();
    for part in parts {
        let style = part.strip_prefix('[').and_then(|part| part.split_once('m'));
        let (style, rest) = style.expect("every escape is a style");
        assert!(style.bytes().all(|b| b.is_ascii_digit() || b == b';'));
        plain.push_str(rest);
    }
    plain
}

/// JSON that is JSON, and can be shown in a log.
pub(crate) fn json(text: &str) -> Value {
    no_command(text);
    for character in text.chars() {
        assert!(!deceives(character), "{character:?} in {text:?}");
    }
    serde_json::from_str(text).expect("it is JSON")
}

/// Markdown that only has our own words outside code, and no link, image or
/// markup at all.
pub(crate) fn markdown(text: &str) {
    let mut in_block = false;
    for event in Parser::new_ext(text, Options::ENABLE_GFM | Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_block = false,
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                panic!("{event:?} in {text}")
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let is_ours = [
                    "",
                    "<!-- cplinks plan -->",
                    "<details><summary>Everything else</summary>",
                    "</details>",
                ];
                assert!(is_ours.contains(&html.trim()), "{html} in {text}");
            }
            Event::Text(words) if !in_block => {
                // A mention, a reference to an issue.
                assert!(!words.contains(['@', '#']), "{words:?} in {text}");
            }
            _ => {}
        }
    }
    for character in text.chars() {
        assert!(!deceives(character), "{character:?} in {text:?}");
    }
    no_command(text);
}

/// The elements of our page.
const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "body",
    "button",
    "caption",
    "code",
    "del",
    "details",
    "div",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "image",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "main",
    "meta",
    "noscript",
    "output",
    "p",
    "script",
    "section",
    "small",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "symbol",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "use",
];

/// A page with only our elements, in which no attribute is a script and
/// nothing is loaded.
pub(crate) fn html(text: &str) {
    let mut scripts = 0;
    for token in Tokenizer::new(text) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                assert!(ELEMENTS.contains(&name.as_str()), "<{name}> in {text}");
                scripts += usize::from(name == "script");
                for (key, value) in &tag.attributes {
                    let key = String::from_utf8_lossy(key);
                    let value = String::from_utf8_lossy(value);
                    assert!(!key.starts_with("on"), "{key} in {text}");
                    let is_reference = matches!(key.as_ref(), "href" | "src" | "xlink:href");
                    let is_here = value.starts_with('#') || value.starts_with("data:image/png;");
                    assert!(!is_reference || is_here, "{key}={value} in {text}");
                }
            }
            Token::Error(_) => {}
            Token::Comment(_) => panic!("a comment in {text}"),
            Token::String(_) | Token::EndTag(_) | Token::Doctype(_) => {}
        }
    }
    assert_eq!(scripts, text.matches("<script").count());
}

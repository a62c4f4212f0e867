//! Texts that customers see, and texts that only servers see.

use super::super::problem::{is_invisible, show};
use super::Breach;

/// Longest label, in characters.
const MAX_LABEL: usize = 128;
/// Longest subscriber id, in bytes.
const MAX_OPAQUE: usize = 1024;

/// A link's or group's label. The panel puts it into single quotes of its own
/// localisation syntax and into HTML.
pub(in super::super) fn label(text: &str) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let length = text.chars().count();
    if text.trim().is_empty() {
        breaches.push(Breach::error("label", "the label is empty"));
    } else if !text.chars().any(has_ink) {
        let message = "the label has no character that can be seen";
        breaches.push(Breach::error("label", message));
    }
    if length > MAX_LABEL {
        breaches.push(Breach::error(
            "label",
            format!("the label is {length} characters long, the limit is {MAX_LABEL}"),
        ));
    }
    if let Some(c) = text.chars().find(|c| matches!(c, '\'' | '<' | '>')) {
        let message = format!("the label {} holds `{c}`", show(text));
        let breach = Breach::error("label", message);
        breaches.push(if c == '\'' {
            breach.hint("the panel cannot hold an apostrophe; the typographic ’ is accepted")
        } else {
            breach.hint("labels are text, not HTML")
        });
    }
    if let Some(c) = text.chars().find(|&c| c.is_control() || is_invisible(c)) {
        let message = format!(
            "the label {} holds the invisible character U+{:04X}",
            show(text),
            u32::from(c)
        );
        breaches.push(Breach::error("label", message));
    }
    if let Some(c) = text.chars().find(|c| matches!(c, '[' | ']' | '~' | '}')) {
        let message = format!(
            "the label {} holds `{c}`, which the panel's localisation may interpret",
            show(text)
        );
        breaches.push(Breach::warning("label-markup", message));
    }
    breaches
}

/// Whether a character shows by itself. Variation selectors, which emoji may
/// need, do not.
fn has_ink(c: char) -> bool {
    let is_selector = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    !(c.is_whitespace() || c.is_control() || is_invisible(c) || is_selector)
}

/// A text that only servers see, such as the subscriber's id: exact, but on
/// one line.
pub(in super::super) fn opaque(what: &'static str, text: &str) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if let Some(c) = text.chars().find(|&c| c.is_control() || is_invisible(c)) {
        let message = format!(
            "the {what} holds the invisible character U+{:04X}",
            u32::from(c)
        );
        breaches.push(Breach::error("text", message));
    }
    if text.len() > MAX_OPAQUE {
        let message = format!(
            "the {what} is {} bytes long, the limit is {MAX_OPAQUE}",
            text.len()
        );
        breaches.push(Breach::error("text", message));
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_shows_something() {
        for text in [
            "",
            " \u{a0}",
            "\u{2800}",
            "\u{3164}\u{3164}",
            "\u{115f}",
            "\u{34f}",
            "\u{fe0f}",
            "\u{e000}",
            "a\u{ffa0}b",
            "a\u{1d173}",
        ] {
            assert!(!label(text).is_empty(), "{text:?}");
        }
        for text in ["a", "日本", "❤\u{fe0f}", "é", "e\u{301}"] {
            assert_eq!(label(text), [], "{text:?}");
        }
    }
}

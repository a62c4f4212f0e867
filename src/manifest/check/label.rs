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

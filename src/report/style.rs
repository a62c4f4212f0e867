//! The styles of text output. They are always written; who owns the stream
//! strips them where they are not wanted. Nothing may be told by style alone.

use anstyle::{AnsiColor, Effects, Style};
use std::fmt;

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const REFUSED: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// The changed part of a text that goes.
pub(super) const OLD_PART: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// The changed part of a text that comes.
pub(super) const NEW_PART: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);

/// A text in a style.
pub(super) fn styled(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// All styles, so that tests can take out ours and nothing else.
#[cfg(test)]
pub(super) const ALL: [Style; 9] = [
    PLAIN, BOLD, DIM, GREEN, YELLOW, RED, REFUSED, OLD_PART, NEW_PART,
];

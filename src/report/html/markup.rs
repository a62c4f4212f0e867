//! The lines that text shows, as markup. Text and page say the same in the
//! same words, so a line is made once, with everything masked and escaped for
//! a terminal; its styles are sequences of our own, and no other can be in it,
//! since what comes from a disk or a manifest has none left.

use super::escape::escape_html;
use crate::report::text::line::Line;
use std::io::{self, Write};

/// Characters of one line that are shown. A key on a disk may hold 2 MiB.
const MOST_SHOWN: usize = 4000;

/// What a sequence says of the text behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    tone: Tone,
    is_bold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tone {
    #[default]
    Plain,
    Old,
    New,
    Changed,
    Dim,
}

impl Look {
    fn after(self, sequence: &str) -> Self {
        match sequence {
            "1" => Self {
                is_bold: true,
                ..self
            },
            "2" => self.with(Tone::Dim),
            "31" => self.with(Tone::Old),
            "32" => self.with(Tone::New),
            "33" => self.with(Tone::Changed),
            _ => Self::default(),
        }
    }

    fn with(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    fn element(self) -> Option<(&'static str, &'static str)> {
        match (self.tone, self.is_bold) {
            (Tone::Plain, false) => None,
            (Tone::Plain, true) => Some(("<b>", "</b>")),
            (Tone::Old, false) => Some(("<del>", "</del>")),
            (Tone::Old, true) => Some(("<del class=\"part\">", "</del>")),
            (Tone::New, false) => Some(("<ins>", "</ins>")),
            (Tone::New, true) => Some(("<ins class=\"part\">", "</ins>")),
            (Tone::Changed, _) => Some(("<span class=\"changed\">", "</span>")),
            (Tone::Dim, _) => Some(("<span class=\"dim\">", "</span>")),
        }
    }
}

/// A styled text as markup.
pub(super) fn markup(styled: &str) -> String {
    let mut out = String::with_capacity(styled.len() + 16);
    let mut look = Look::default();
    let mut room = MOST_SHOWN;
    let mut parts = styled.split('\u{1b}');
    push(parts.next().unwrap_or_default(), look, &mut room, &mut out);
    for part in parts {
        let Some((sequence, text)) = part.strip_prefix('[').and_then(|p| p.split_once('m')) else {
            push(part, look, &mut room, &mut out);
            continue;
        };
        look = look.after(sequence);
        push(text, look, &mut room, &mut out);
    }
    if room == 0 {
        out.push_str("… (cut)");
    }
    out
}

fn push(text: &str, look: Look, room: &mut usize, out: &mut String) {
    if text.is_empty() {
        return;
    }
    let end = text
        .char_indices()
        .nth(*room)
        .map_or(text.len(), |(at, _)| at);
    let (text, _) = text.split_at(end);
    *room -= text.chars().count();
    let (open, close) = look.element().unwrap_or_default();
    out.push_str(open);
    out.push_str(&escape_html(text));
    out.push_str(close);
}

/// Lines as a table of names and values. The signs that underline changed
/// parts on a terminal are left out: here those parts are marked themselves.
pub(super) fn table(lines: &[Line], out: &mut String) {
    if lines.is_empty() {
        return;
    }
    out.push_str("<table class=\"lines\">");
    for line in lines {
        out.push_str("<tr><th scope=\"row\">");
        out.push_str(&escape_html(line.name));
        out.push_str("</th><td>");
        for text in line.text.iter().filter(|text| !is_underline(text)) {
            out.push_str("<div>");
            out.push_str(&markup(text));
            out.push_str("</div>");
        }
        out.push_str("</td></tr>");
    }
    out.push_str("</table>\n");
}

fn is_underline(styled: &str) -> bool {
    let plain = anstream::adapter::strip_str(styled).to_string();
    plain.contains('^') && plain.chars().all(|c| matches!(c, '^' | ' '))
}

/// What a part of the text report writes, each line a paragraph.
pub(super) fn paragraphs(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    for line in String::from_utf8_lossy(&text).lines() {
        writeln!(out, "<p>{}</p>", markup(line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::{DIM, NEW_PART, RED, styled};

    #[test]
    fn styles_become_elements_and_text_is_escaped() {
        let text = format!(
            "{} → {}{}",
            styled(RED, "\"<b>\""),
            styled(NEW_PART, "a&b"),
            styled(DIM, "x")
        );
        assert_eq!(
            markup(&text),
            "<del>&quot;&lt;b&gt;&quot;</del> → <ins class=\"part\">a&amp;b</ins><span class=\"dim\">x</span>"
        );
    }

    #[test]
    fn an_endless_line_is_cut_at_a_character() {
        let markup = markup(&"ä".repeat(5000));
        assert_eq!(markup.chars().filter(|c| *c == 'ä').count(), MOST_SHOWN);
        assert!(markup.ends_with("… (cut)"), "{markup}");
    }

    #[test]
    fn underlines_are_left_out_and_texts_that_hold_the_sign_are_not() {
        assert!(is_underline(&styled(RED, "   ^^^ ^")));
        assert!(!is_underline(&styled(RED, "\"^^^\"")));
        assert!(!is_underline(" "));
    }
}

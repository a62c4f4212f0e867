//! What waits, as the text tells it: a line on top for each pause, and a
//! section of its own behind the changes. No row of the page's own: there is
//! nothing in it to be approved.

use super::blast::grouped;
use super::markup::markup;
use crate::plan::Plan;
use crate::report::hold;
use crate::report::text::{TextOptions, section};
use std::io::{self, Write};

/// Bytes of the section.
const ROOM: usize = 200_000;
/// Most pauses that are told one by one.
const NAMED: usize = 20;

/// Writes who paused what, where something waits for it.
pub(super) fn write_top(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let lines = hold::waiting(plan);
    for line in lines.iter().take(NAMED) {
        writeln!(out, "<p class=\"changed\">{}</p>", markup(line))?;
    }
    match lines.len().saturating_sub(NAMED) {
        0 => Ok(()),
        more => writeln!(out, "<p>and {} more</p>", grouped(more)),
    }
}

/// Writes what waits, folded.
pub(super) fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.held.is_empty() {
        return Ok(());
    }
    let count = grouped(plan.held.len());
    writeln!(
        out,
        "<section class=\"rows\" id=\"s-held\"><h2>Waits: left as it is for now <span class=\"count\">{count}</span></h2>"
    )?;
    let options = TextOptions {
        expand: false,
        width: 0,
    };
    let mut paragraphs = Paragraphs {
        out,
        line: Vec::new(),
        room: ROOM,
        left_out: 0,
    };
    section::write_held(plan, &options, &mut paragraphs)?;
    let Paragraphs { out, left_out, .. } = paragraphs;
    if left_out > 0 {
        let left_out = grouped(left_out);
        writeln!(
            out,
            "<p class=\"alarm left-out\">{left_out} more of these are not listed on this page. The JSON plan has them all.</p>"
        )?;
    }
    writeln!(out, "</section>")
}

/// Takes lines, and writes each as a paragraph while there is room. Of what is
/// written to it nothing but the line in hand is kept.
struct Paragraphs<'o> {
    out: &'o mut dyn Write,
    line: Vec<u8>,
    room: usize,
    left_out: usize,
}

impl Write for Paragraphs<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(end) = part.strip_suffix(b"\n") else {
                self.line.extend_from_slice(part);
                continue;
            };
            self.line.extend_from_slice(end);
            let line = markup(&String::from_utf8_lossy(&self.line));
            self.line.clear();
            if line.len() > self.room {
                self.left_out += 1;
                continue;
            }
            self.room -= line.len();
            writeln!(self.out, "<p>{line}</p>")?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_paragraphs_until_there_is_no_room() {
        let mut out = Vec::new();
        let mut paragraphs = Paragraphs {
            out: &mut out,
            line: Vec::new(),
            room: 12,
            left_out: 0,
        };
        for part in ["<a>", "\nsix", " six\nb\n", "12345\nc\n", "no end"] {
            paragraphs.write_all(part.as_bytes()).unwrap();
        }
        assert_eq!((paragraphs.room, paragraphs.left_out), (1, 2));
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "<p>&lt;a&gt;</p>\n<p>b</p>\n<p>c</p>\n");
    }
}

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
    let mut text = Vec::new();
    section::write_held(plan, &options, &mut text)?;
    let mut room = ROOM;
    let mut left_out = 0;
    for line in String::from_utf8_lossy(&text).lines() {
        let line = markup(line);
        if line.len() > room {
            left_out += 1;
            continue;
        }
        room -= line.len();
        writeln!(out, "<p>{line}</p>")?;
    }
    if left_out > 0 {
        let left_out = grouped(left_out);
        writeln!(
            out,
            "<p class=\"alarm left-out\">{left_out} more of these are not listed on this page. The JSON plan has them all.</p>"
        )?;
    }
    writeln!(out, "</section>")
}

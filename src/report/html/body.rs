//! The rows of a page, section by section. A row is a folded element that
//! opens without a script; the dangerous ones are open from the start.

use super::blast::{counted, grouped};
use super::escape::{escape_html, push};
use super::icon::{self, Icons, Look};
use super::markup::table;
use super::rows::{Collected, Row, Rows};
use super::section::{Section, Source};
use crate::report::escape::escaped;
use crate::report::text::line::Line;
use std::io::{self, Write};

/// Bytes of one section.
const SECTION_ROOM: usize = 450_000;
/// Bytes of one row: after these no more variants are shown.
const ROW_ROOM: usize = 40_000;
/// A section with more rows than this starts folded.
const MOST_OPEN: usize = 20;

/// Writes all sections.
pub(super) fn write(
    collected: &Collected<'_>,
    icons: &mut Icons,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "<main id=\"changes\">")?;
    for section in Section::ALL {
        if let Some(rows) = collected.section(section) {
            write_section(section, rows, icons, out)?;
        }
    }
    writeln!(out, "</main>")
}

fn write_section(
    section: Section,
    rows: &Rows<'_>,
    icons: &mut Icons,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (anchor, title) = (section.anchor(), section.title());
    let danger = if section.is_dangerous() {
        " danger"
    } else {
        ""
    };
    let count = grouped(rows.changes);
    writeln!(
        out,
        "<section class=\"rows{danger}\" id=\"s-{anchor}\"><h2>{title} <span class=\"count\">{count}</span></h2>"
    )?;
    let is_open = match section {
        Section::Create | Section::CreateGroup | Section::Mend => false,
        Section::Remove
        | Section::RemoveGroup
        | Section::Hide
        | Section::Token
        | Section::Blocked
        | Section::ReplaceGroup
        | Section::Replace => rows.kept.len() <= MOST_OPEN,
    };
    let mut room = SECTION_ROOM;
    let mut left_out = rows.left_out;
    for row in &rows.kept {
        let text = details(section, row, is_open, icons);
        if text.len() > room {
            left_out += row.users.count;
            continue;
        }
        room -= text.len();
        out.write_all(text.as_bytes())?;
    }
    if left_out > 0 {
        let changes = counted(left_out, "more change", "more changes");
        writeln!(
            out,
            "<p class=\"alarm left-out\">{changes} of this kind not listed on this page: there are too many that differ. The JSON plan, or the text with --expand, has them all; --user and --app narrow a plan down.</p>"
        )?;
    }
    writeln!(out, "</section>")
}

fn details(section: Section, row: &Row<'_>, is_open: bool, icons: &mut Icons) -> String {
    let (sign, word, _) = section.verb().parts();
    let thing = row.first.thing();
    let thing = escape_html(&thing);
    let users = match row.users.count {
        1 => format!("for <b>{}</b>", escape_html(&row.users.names())),
        count => format!(
            "for <b>{} users</b>: {}",
            grouped(count),
            escape_html(&row.users.names())
        ),
    };
    let open = if is_open { " open" } else { "" };
    let mut out = format!(
        "<details class=\"row {word}\" id=\"r{}\" data-app=\"{thing}\" data-action=\"{word}\"{open}><summary><span class=\"verb\">{sign} {word}</span> <b>{thing}</b> {users}",
        row.id
    );
    let lines = row.first.lines(row.users.count);
    push_why(row, &lines, &mut out);
    out.push_str("</summary><div class=\"body\">\n");
    if let Source::Change(change) = row.first {
        push_icons(icon::look(change), icons, &mut out);
    }
    push_variants(row, &lines, &mut out);
    out.push_str("<div class=\"users\"></div></div></details>\n");
    out
}

/// Reasons, names of fields, and where a token would go.
fn push_why(row: &Row<'_>, lines: &[Line], out: &mut String) {
    let reasons = row.first.reasons();
    if !reasons.is_empty() {
        // Of what is new that would be nearly all there are.
        let names: Vec<&str> = match row.first.section() {
            Section::Create | Section::CreateGroup => Vec::new(),
            Section::Remove
            | Section::RemoveGroup
            | Section::Hide
            | Section::Token
            | Section::Blocked
            | Section::ReplaceGroup
            | Section::Replace
            | Section::Mend => lines.iter().map(|line| line.name).collect(),
        };
        let names = names.join(", ");
        push(
            out,
            format_args!(
                " <span class=\"dim\">{} {}</span>",
                escape_html(&reasons),
                escape_html(&names)
            ),
        );
    }
    if let Some(hosts) = row.first.token_move() {
        let hosts = escape_html(&escaped(&hosts)).into_owned();
        push(
            out,
            format_args!(" <strong class=\"alarm\">token: {hosts}</strong>"),
        );
    }
}

fn push_icons(look: Option<Look>, icons: &mut Icons, out: &mut String) {
    let Some(look) = look else { return };
    out.push_str("<p class=\"icons\">");
    match look {
        Look::One(icon) => icons.push_swatch(Some(&icon), out),
        Look::Two(before, after) => {
            icons.push_swatch(before.as_ref(), out);
            out.push_str(" <span class=\"arrow\">→</span> ");
            icons.push_swatch(Some(&after), out);
        }
    }
    out.push_str("</p>\n");
}

/// The lines of each variant: the first has all, the others only what is not
/// as in the first.
fn push_variants(row: &Row<'_>, lines: &[Line], out: &mut String) {
    if row.variants.len() == 1 {
        table(lines, out);
        return;
    }
    let start = out.len();
    let mut others = row.others;
    for (at, variant) in row.variants.iter().enumerate() {
        if out.len() - start > ROW_ROOM {
            others += variant.users.count;
            continue;
        }
        let mut own = variant.first.lines(variant.users.count);
        let mut note = "";
        if at > 0 {
            own.retain(|line| !lines.contains(line));
            note = " <span class=\"dim\">the same but for</span>";
        }
        push(
            out,
            format_args!(
                "<p class=\"who\">{}{note}</p>",
                escape_html(&variant.users.names())
            ),
        );
        if own.is_empty() {
            out.push_str("<p class=\"dim\">what is masked in a URL</p>\n");
        }
        table(&own, out);
    }
    if others > 0 {
        let others = counted(others, "other differs", "others differ");
        push(
            out,
            format_args!(
                "<p class=\"alarm left-out\">{others} in these fields and not listed: the same hosts, icon and reasons, other values. The JSON plan has them all.</p>\n"
            ),
        );
    }
}

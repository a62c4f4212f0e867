//! A plan as one page for a browser: nothing is loaded from anywhere, and a
//! policy in the page keeps it so. What it means for customers and what is
//! dangerous stands on top; rows are folded as in text and say the same words.
//!
//! The page is written from front to back, with no template engine: there is
//! no loop or condition in it that Rust would not say better, and each value
//! passes `escape_html` where it is written. It is readable without its
//! script, which filters and nothing else.
//!
//! The head of a row:
//!
//! ```html
//! <details class="row hide" id="r3" data-app="ACME_domains" data-action="hide" open>
//! <summary><span class="verb">- hide</span> <b>ACME_domains</b> for <b>northsea</b>
//! <span class="dim">[adopt, fields, mode, declared-hidden] hide, token, mode</span></summary>
//! ```
//!
//! Its size is bounded whatever the plan: each part has a room of its own, and
//! says so where something has no place in it.

mod blast;
mod body;
mod escape;
mod held;
mod icon;
mod markup;
mod menu;
mod rows;
mod section;
#[cfg(test)]
mod tests;
mod users;

use super::text::fold;
use super::text::summary::{beside, tokens_not_compared, words};
use super::text::{Header, guards, write_header};
use crate::plan::Plan;
use crate::report::escape::escaped;
use base64::Engine as _;
use blast::{Blast, counted, grouped};
use escape::escape_html;
use icon::Icons;
use rows::Collected;
use section::Section;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes a plan as a page for a browser.
///
/// # Errors
/// Those of `out`.
pub fn html(plan: &Plan, header: &Header, out: &mut dyn Write) -> io::Result<()> {
    let Header { title, root, .. } = header;
    let title = format!("cplinks: {title} {}", escaped(root));
    let title = escape_html(&title);
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>{STYLE}</style></head><body>\n<a class=\"skip\" href=\"#changes\">Skip to the changes</a>"
    )?;
    let collected = users::write(plan, out)?;
    let mut icons = Icons::default();
    write_top(plan, header, &collected, out)?;
    Blast::of(plan).write(plan, header.server.as_ref(), out)?;
    write_filter(out)?;
    body::write(&collected, &mut icons, out)?;
    held::write(plan, out)?;
    menu::write(plan, &mut icons, out)?;
    write_end(plan, header, out)?;
    icons.write(out)?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body></html>")
}

/// By what a policy knows an inline element.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    let digest = base64::engine::general_purpose::STANDARD.encode(digest);
    format!("sha256-{digest}")
}

fn write_top(
    plan: &Plan,
    header: &Header,
    collected: &Collected<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<header><h1>Plan: {}</h1>\n<div class=\"about\">",
        escape_html(&words(plan))
    )?;
    held::write_top(plan, out)?;
    markup::paragraphs(|out| write_header(header, out), out)?;
    if let Some(beside) = beside(plan) {
        writeln!(out, "<p>{}</p>", markup::markup(&beside))?;
    }
    if tokens_not_compared(plan) > 0 {
        writeln!(
            out,
            "<p>Tokens that were not known when this plan was made are not compared.</p>"
        )?;
    }
    writeln!(out, "</div>\n<ul class=\"tiles\">")?;
    for (section, name) in [
        (Section::Remove, "remove"),
        (Section::Hide, "hide"),
        (Section::Token, "token to another host"),
        (Section::Blocked, "blocked"),
        (Section::Replace, "replace"),
        (Section::Create, "create"),
    ] {
        let count = collected.changes(section);
        let class = match (count, section.is_dangerous()) {
            (0, _) => "tile none",
            (_, true) => "tile danger",
            (_, false) => "tile",
        };
        let (count, anchor) = (grouped(count), section.anchor());
        let tile = format!("<b>{count}</b> {name}");
        if class == "tile none" {
            writeln!(out, "<li class=\"{class}\"><span>{tile}</span></li>")?;
        } else {
            writeln!(
                out,
                "<li class=\"{class}\"><a href=\"#s-{anchor}\">{tile}</a></li>"
            )?;
        }
    }
    writeln!(out, "</ul></header>")?;
    if !plan.guards.refusals.is_empty() {
        writeln!(out, "<section class=\"refused\" role=\"alert\">")?;
        markup::paragraphs(|out| guards::write(&plan.guards, out), out)?;
        writeln!(out, "</section>")?;
    }
    Ok(())
}

/// The form that the script brings to life.
fn write_filter(out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<form id=\"filter\" role=\"search\" hidden><label>User <input name=\"user\" autocomplete=\"off\" spellcheck=\"false\"></label><label>App <input name=\"app\" autocomplete=\"off\" spellcheck=\"false\"></label><label>Text <input name=\"text\" autocomplete=\"off\" spellcheck=\"false\"></label><fieldset><legend>Action</legend>"
    )?;
    for action in ["remove", "hide", "blocked", "replace", "create", "mend"] {
        write!(
            out,
            "<label><input type=\"checkbox\" name=\"action\" value=\"{action}\"> {action}</label>"
        )?;
    }
    writeln!(
        out,
        "</fieldset><button type=\"reset\">Clear</button><button type=\"button\" id=\"fold\">Open all</button><output aria-live=\"polite\"></output><span class=\"dim keys\"><kbd>/</kbd> text <kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>Esc</kbd> clear</span></form>\n<noscript><p class=\"dim\">Without its script this page has no filter and names three users of a row; everything else is here.</p></noscript>"
    )
}

fn write_end(plan: &Plan, header: &Header, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<footer>")?;
    let missing = &plan.missing_accounts;
    if !missing.is_empty() {
        let named: Vec<_> = missing.iter().take(10).collect();
        let names = fold::names(&named, missing.len());
        writeln!(
            out,
            "<p>{} of the manifest not on this host: {}</p>",
            counted(missing.len(), "account", "accounts"),
            escape_html(&names)
        )?;
    }
    if plan.guards.refusals.is_empty() {
        markup::paragraphs(|out| guards::write(&plan.guards, out), out)?;
    }
    if let Some(digest) = header.digest {
        writeln!(out, "<p>digest: <code>{digest}</code></p>")?;
    }
    writeln!(
        out,
        "<p>cplinks {}. No token is on this page.</p></footer>",
        env!("CARGO_PKG_VERSION")
    )
}

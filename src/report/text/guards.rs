//! What the guards say: why a plan is refused and how to let it through, or
//! how much room was left.

use crate::plan::{Guard, GuardCheck, Headroom, Refusal};
use crate::report::escape::escaped;
use crate::report::style::{DIM, REFUSED, styled};
use std::io::{self, Write};

/// Writes the refusals, or one line of headroom.
pub(in crate::report) fn write(check: &GuardCheck, out: &mut dyn Write) -> io::Result<()> {
    let GuardCheck { refusals, headroom } = check;
    for refusal in refusals {
        write_refusal(refusal, out)?;
    }
    if refusals.is_empty() {
        let parts: Vec<String> = headroom.iter().filter_map(share).collect();
        if !parts.is_empty() {
            let line = format!("guards: {}", parts.join(" · "));
            writeln!(out, "{}", styled(DIM, line))?;
        }
    }
    Ok(())
}

fn write_refusal(refusal: &Refusal, out: &mut dyn Write) -> io::Result<()> {
    let Refusal {
        guard,
        count,
        of: _,
        limit: _,
        first,
    } = refusal;
    let title = format!("! refused by guard {}: {refusal}", guard.name());
    writeln!(out, "{}", styled(REFUSED, title))?;
    for address in first {
        writeln!(out, "    {}", escaped(address))?;
    }
    let more = count.saturating_sub(first.len());
    if more > 0 {
        writeln!(out, "    … and {more} more")?;
    }
    match guard.flag() {
        Some(flag) if *guard == Guard::NewHost => writeln!(
            out,
            "hint: if these hosts are meant, list them under autologin_hosts in the host's policy, or let it through once with {flag} {count}"
        ),
        Some(flag) => writeln!(out, "hint: let it through once with {flag} {count}"),
        None => writeln!(
            out,
            "hint: a manifest without any link is never carried out; check that all of its files were given"
        ),
    }
}

/// One guard's count against its limit; nothing where it counted nothing.
fn share(headroom: &Headroom) -> Option<String> {
    let Headroom {
        guard,
        count,
        of,
        limit,
    } = *headroom;
    if count == 0 || guard == Guard::Empty {
        return None;
    }
    let name = guard.name();
    if guard == Guard::NewHost {
        return Some(format!("{name} {count}, let through"));
    }
    if !headroom.is_share_tested() {
        return Some(format!(
            "{name} {count} of {of} (shares count from 10 links on)"
        ));
    }
    let percent = (count * 100 + of / 2).checked_div(of).unwrap_or(100);
    let is_over = count * 100 > of * usize::from(limit.0);
    let let_through = if is_over { ", let through" } else { "" };
    Some(format!(
        "{name} {count} of {of} ({percent} %, limit {limit}{let_through})"
    ))
}

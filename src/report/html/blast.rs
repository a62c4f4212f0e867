//! What a plan means for customers, told before any row: how many accounts it
//! touches, what it does to each app, and to which hosts tokens would newly
//! be posted.

use super::escape::escape_html;
use super::section::{Section, Source};
use crate::plan::{Change, Plan, Server};
use crate::report::escape::escaped;
use crate::report::reach;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Most apps that are listed.
const MOST_APPS: usize = 200;
/// Most hosts that are listed.
const MOST_HOSTS: usize = 50;
/// Most apps and hosts that are told apart; the rest is counted as one.
const MOST_KEPT: usize = 10_000;
/// The name of that one; no app and no host has it.
const OTHERS: &str = "(others)";
/// Most hosts named that a token is taken from.
const MOST_FROM: usize = 3;

/// The columns of the table of apps.
const COLUMNS: [(Section, &str); 6] = [
    (Section::Remove, "remove"),
    (Section::Hide, "hide"),
    (Section::Token, "token to another host"),
    (Section::Blocked, "blocked"),
    (Section::Replace, "replace"),
    (Section::Create, "create"),
];

/// The reach of a plan.
#[derive(Debug, Default)]
pub(super) struct Blast {
    /// Numbers by the name of the app; the groups of all users are one.
    apps: BTreeMap<String, [usize; COLUMNS.len()]>,
    hosts: BTreeMap<String, Host>,
}

/// A host that tokens would newly go to.
#[derive(Debug, Default)]
struct Host {
    /// Links whose token was posted elsewhere before, and where.
    moved: usize,
    from: BTreeSet<String>,
    /// Links that had no token before; most of them are new.
    first: usize,
}

impl Blast {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut blast = Self::default();
        for change in &plan.changes {
            blast.count(Source::Change(change));
            blast.count_host(change);
        }
        for blocked in &plan.blocked {
            blast.count(Source::Blocked(blocked));
        }
        blast
    }

    fn count(&mut self, source: Source<'_>) {
        let thing = source.thing();
        let name = if thing.starts_with("group:") {
            "menu groups".to_owned()
        } else {
            thing
        };
        let section = match source.section() {
            Section::RemoveGroup => Section::Remove,
            Section::ReplaceGroup => Section::Replace,
            Section::CreateGroup => Section::Create,
            section @ (Section::Remove
            | Section::Hide
            | Section::Token
            | Section::Blocked
            | Section::Replace
            | Section::Create
            | Section::Mend) => section,
        };
        let counts = place(&mut self.apps, name);
        for ((column, _), count) in COLUMNS.iter().zip(counts) {
            *count += usize::from(*column == section);
        }
    }

    fn count_host(&mut self, change: &Change) {
        let Change::Link(link) = change else { return };
        if let Some(host) = link.new_token_host() {
            let entry = place(&mut self.hosts, host.to.clone());
            entry.moved += 1;
            if entry.from.len() < MOST_FROM {
                entry.from.insert(host.to_string());
            }
            return;
        }
        if let Some(host) = link.first_token_host() {
            place(&mut self.hosts, host).first += 1;
        }
    }

    /// Writes the sentence and both tables.
    pub(super) fn write(
        &self,
        plan: &Plan,
        server: Option<&Server>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let share = escape_html(&reach::share(plan, server)).into_owned();
        let resellers = reach::resellers(plan, server, |name| escaped(name).into_owned());
        let resellers = match resellers.join(" ") {
            none if none.is_empty() => none,
            some => format!("\n<p>Touched accounts {}.</p>", escape_html(&some)),
        };
        writeln!(
            out,
            "<section id=\"blast\"><h2>What it means for customers</h2>\n<p>Touches <b>{share}</b></p>{resellers}\n<div class=\"tables\">"
        )?;
        self.write_hosts(out)?;
        self.write_apps(out)?;
        writeln!(out, "</div></section>")
    }

    fn write_hosts(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.hosts.is_empty() {
            return writeln!(
                out,
                "<p>No token would be posted to a host that it was not posted to before.</p>"
            );
        }
        let mut hosts: Vec<_> = self.hosts.iter().collect();
        // Tokens that move come first: they may be on their way to a thief.
        hosts.sort_by_key(|(_, host)| std::cmp::Reverse(host.moved));
        writeln!(
            out,
            "<table class=\"hosts\"><caption>Hosts that tokens would newly go to</caption><thead><tr><th scope=\"col\">host</th><th scope=\"col\">from another host</th><th scope=\"col\">first token of a link</th></tr></thead><tbody>"
        )?;
        // Each leads to the rows that name it, by the page's own filter.
        for (name, host) in hosts.iter().take(MOST_HOSTS) {
            let Host { moved, from, first } = host;
            let alarm = if *moved > 0 { " class=\"alarm\"" } else { "" };
            let from: Vec<String> = from
                .iter()
                .map(|from| format!("<div>{}</div>", escape_html(&escaped(from))))
                .collect();
            let from = from.concat();
            writeln!(
                out,
                "<tr{alarm}><th scope=\"row\"><a href=\"#text={}\">{}</a></th><td>{}{from}</td><td>{}</td></tr>",
                escape_html(name),
                escape_html(&escaped(name)),
                number(*moved),
                number(*first)
            )?;
        }
        writeln!(out, "</tbody></table>")?;
        more(hosts.len(), MOST_HOSTS, "hosts", out)
    }

    fn write_apps(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.apps.is_empty() {
            return Ok(());
        }
        let mut apps: Vec<_> = self.apps.iter().collect();
        // By the columns from left to right: what is taken away most is first.
        apps.sort_by_key(|(_, counts)| std::cmp::Reverse(**counts));
        write!(
            out,
            "<table class=\"apps\"><caption>Links by app and action</caption><thead><tr><th scope=\"col\">app</th>"
        )?;
        let is_used = |at: usize| {
            let count = |(_, counts): &(_, &[usize; COLUMNS.len()])| counts.get(at).copied();
            apps.iter().any(|app| count(app) > Some(0))
        };
        let used: Vec<usize> = (0..COLUMNS.len()).filter(|at| is_used(*at)).collect();
        let columns = COLUMNS.iter().enumerate();
        for (_, (_, name)) in columns.filter(|(at, _)| used.contains(at)) {
            write!(out, "<th scope=\"col\">{name}</th>")?;
        }
        writeln!(out, "</tr></thead><tbody>")?;
        for (name, counts) in apps.iter().take(MOST_APPS) {
            write!(out, "<tr><th scope=\"row\">{}</th>", escape_html(name))?;
            let columns = COLUMNS.iter().zip(**counts).enumerate();
            for (_, ((section, _), count)) in columns.filter(|(at, _)| used.contains(at)) {
                let alarm = if count > 0 && section.is_dangerous() {
                    " class=\"alarm\""
                } else {
                    ""
                };
                write!(out, "<td{alarm}>{}</td>", number(count))?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table>")?;
        more(apps.len(), MOST_APPS, "apps", out)
    }
}

/// The place of a name, or that of all others.
fn place<V: Default>(map: &mut BTreeMap<String, V>, name: String) -> &mut V {
    let is_full = map.len() >= MOST_KEPT && !map.contains_key(&name);
    let name = if is_full { OTHERS.to_owned() } else { name };
    map.entry(name).or_default()
}

/// A number to be read at a glance: nothing where there is none, and its
/// thousands set apart.
pub(super) fn number(count: usize) -> String {
    if count == 0 {
        return "·".to_owned();
    }
    grouped(count)
}

/// `1 user`, `2,000 users`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with its thousands set apart.
pub(super) fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn more(all: usize, most: usize, what: &str, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "<p class=\"alarm\">… and {more} more {what}</p>"),
    }
}

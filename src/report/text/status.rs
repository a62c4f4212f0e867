//! The status as text: one line for each link that somebody else changed, or
//! that an apply would change, with a column for either. Nothing is folded.

use super::drift::{self, Kind};
use super::row::{self, Verb};
use super::{Header, section, summary, write_header};
use crate::model::UserName;
use crate::plan::{
    Address, Blocked, Change, Departure, Drift, DriftTotal, FolderMend, Held, Plan, Waiting,
};
use crate::report::escape::escaped;
use crate::report::hold;
use crate::report::style::{BOLD, DIM, styled};
use std::collections::BTreeMap;
use std::io::{self, Write};

const LEGEND: [&str; 2] = [
    "first column, since our last write: ~ changed, - gone, ! not readable",
    "second column, what apply would do: + create, ~ replace or mend, - hide or remove, ! blocked",
];

/// Where something waits.
const LEGEND_OF_HELD: &str = "second column too: . waits for a pause to end";

/// Writes what drifted and what a plan would do, side by side.
///
/// # Errors
/// Those of `out`.
pub fn status(
    plan: &Plan,
    total: &DriftTotal,
    header: &Header,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (drifted, planned) = (drift::counts(total), summary::words(plan));
    let line = format!("Status: drift: {drifted}; apply: {planned}");
    let first_and_last = styled(BOLD, line);
    writeln!(out, "{first_and_last}")?;
    for beside in [summary::beside(plan), drift::beside(total)]
        .iter()
        .flatten()
    {
        writeln!(out, "{}", styled(DIM, beside))?;
    }
    for line in hold::pauses(plan) {
        writeln!(out, "{line}")?;
    }
    write_header(header, out)?;
    let rows = rows(plan, total);
    if rows.is_empty() {
        return Ok(());
    }
    for line in LEGEND {
        writeln!(out, "{}", styled(DIM, line))?;
    }
    if !plan.held.is_empty() {
        writeln!(out, "{}", styled(DIM, LEGEND_OF_HELD))?;
    }
    writeln!(out)?;
    for ((user, address), row) in &rows {
        let about = address
            .as_ref()
            .map_or_else(|| user.to_string(), ToString::to_string);
        writeln!(out, "{} {about}: {}", row.marks(), escaped(&row.words()))?;
    }
    writeln!(out)?;
    writeln!(out, "{first_and_last}")
}

/// What there is to say of one link, group, or user.
#[derive(Default)]
struct Row<'p> {
    drift: Option<&'p Departure>,
    change: Option<&'p Change>,
    blocked: Option<&'p Blocked>,
    mends: Vec<&'p FolderMend>,
    held: Vec<&'p Held>,
}

/// Rows by user; what is about all of a user comes first.
type Rows<'p> = BTreeMap<(UserName, Option<Address>), Row<'p>>;

fn rows<'p>(plan: &'p Plan, total: &'p DriftTotal) -> Rows<'p> {
    let mut rows = Rows::new();
    for Drift {
        user,
        address,
        departure,
    } in &total.drifts
    {
        let row = rows.entry((user.clone(), address.clone())).or_default();
        row.drift = Some(departure);
    }
    for change in &plan.changes {
        let address = change.address();
        let row = rows.entry((address.user().clone(), Some(address)));
        row.or_default().change = Some(change);
    }
    for blocked in &plan.blocked {
        let row = rows.entry((blocked.user.clone(), blocked.address.clone()));
        row.or_default().blocked = Some(blocked);
    }
    for mend in &plan.folders {
        let row = rows.entry((mend.user.clone(), None));
        row.or_default().mends.push(mend);
    }
    for held in &plan.held {
        let key = match &held.what {
            Waiting::Change(change) => (change.user().clone(), Some(change.address())),
            Waiting::Folder(mend) => (mend.user.clone(), None),
        };
        rows.entry(key).or_default().held.push(held);
    }
    rows
}

impl Row<'_> {
    /// The two columns.
    fn marks(&self) -> String {
        let first = self.drift.map(|departure| {
            let kind = Kind::of(departure);
            styled(kind.style(), kind.sign())
        });
        let second = match (self.blocked, self.change, self.mends.first()) {
            (Some(_), _, _) => Some(Verb::Blocked),
            (None, Some(change), _) => Some(Verb::of(change)),
            (None, None, Some(_)) => Some(Verb::Mend),
            (None, None, None) => self.held.first().map(|_| Verb::Wait),
        };
        let blank = || " ".to_owned();
        let second = second.map(Verb::sign);
        first.unwrap_or_else(blank) + &second.unwrap_or_else(blank)
    }

    /// What somebody else did, and what apply would do.
    fn words(&self) -> String {
        let drift = self.drift.map(drift::words);
        let blocked = self.blocked.map(|b| format!("blocked: {}", b.why));
        let change = self.change.map(|change| {
            let (verb, reasons) = (Verb::of(change).word(), row::bare_reasons(change));
            format!("apply would {verb} it {reasons}")
        });
        let mends = self
            .mends
            .iter()
            .map(|mend| format!("apply would mend the {}", section::folder(mend)));
        let held = self.held.iter().map(|held| {
            let (deed, why) = (section::held_deed(held), hold::why(&held.why));
            format!("waits: {deed}, {why}")
        });
        let parts = [drift, blocked, change].into_iter().flatten();
        let parts = parts.chain(mends).chain(held);
        parts.collect::<Vec<_>>().join("; ")
    }
}

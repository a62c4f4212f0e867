//! Which rows stand for which user, for the page's script: what lets it filter
//! by any user, also where a row names only three of them. Written as JSON
//! while rows are collected, so that nothing is kept of any user.
//!
//! `users` is a list of `[name, row, row, …]`; a name alone has the rows of
//! the one before it. A row that is not on the page is -1. A user may come
//! twice.

use super::escape::escape_json;
use super::rows::Collected;
use super::section::Source;
use crate::plan::Plan;
use std::io::{self, Write};

/// Most bytes of the list. Of accounts with long names it may end early; then
/// it says so.
const MOST_BYTES: usize = 2_500_000;

/// Collects the rows of a plan and writes who is in them.
pub(super) fn write<'p>(plan: &'p Plan, out: &mut dyn Write) -> io::Result<Collected<'p>> {
    let mut list = List {
        collected: Collected::default(),
        out,
        written: 0,
        is_complete: true,
        comma: "",
        last: Vec::new(),
    };
    write!(
        list.out,
        "<script type=\"application/json\" id=\"data\">{{\"users\":["
    )?;
    list.add(plan.changes.iter().map(Source::Change))?;
    list.add(plan.blocked.iter().map(Source::Blocked))?;
    list.add(plan.folders.iter().map(Source::Folder))?;
    writeln!(list.out, "\n],\"complete\":{}}}</script>", list.is_complete)?;
    Ok(list.collected)
}

struct List<'p, 'o> {
    collected: Collected<'p>,
    out: &'o mut dyn Write,
    written: usize,
    is_complete: bool,
    comma: &'static str,
    last: Vec<Option<usize>>,
}

impl<'p> List<'p, '_> {
    /// Takes in what is sorted by user.
    fn add(&mut self, sources: impl Iterator<Item = Source<'p>>) -> io::Result<()> {
        let mut current: Option<Source<'p>> = None;
        let mut rows: Vec<Option<usize>> = Vec::new();
        for source in sources {
            if let Some(of) = current
                && of.user() != source.user()
            {
                self.write_user(of, &rows)?;
                rows.clear();
            }
            current = Some(source);
            rows.push(self.collected.add(source));
        }
        current.map_or(Ok(()), |of| self.write_user(of, &rows))
    }

    fn write_user(&mut self, of: Source<'p>, rows: &[Option<usize>]) -> io::Result<()> {
        let name = serde_json::to_string(of.user().as_str())?;
        let name = escape_json(&name);
        let entry = if rows == self.last {
            name.into_owned()
        } else {
            let numbers: Vec<String> = rows
                .iter()
                .map(|row| row.map_or_else(|| "-1".to_owned(), |id| id.to_string()))
                .collect();
            format!("[{name},{}]", numbers.join(","))
        };
        self.written += entry.len() + 2;
        if self.written > MOST_BYTES {
            self.is_complete = false;
            return Ok(());
        }
        write!(self.out, "{}\n{entry}", self.comma)?;
        self.comma = ",";
        if rows != self.last {
            self.last = rows.to_vec();
        }
        Ok(())
    }
}

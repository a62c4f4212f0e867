//! Pauses, as the state holds them. It is their only home: where the state is
//! lost they are lost with it. A state of the first version has none.

use super::database::Ledger;
use super::error::LedgerError;
use crate::plan::{GlobSet, Pause};
use rusqlite::params;

/// Columns of a pause: number, users, apps, since, until, reason, who.
type Columns = (i64, String, String, i64, i64, String, String);

impl Ledger {
    /// The pauses that are in force at `now`, in seconds since 1970, the oldest
    /// first.
    ///
    /// # Errors
    /// They cannot be read, or one of them is odd, be it over or not: what
    /// cannot be understood must not mean that nothing is paused.
    pub fn pauses(&self, now: u64) -> Result<Vec<Pause>, LedgerError> {
        if !self.has_pauses()? {
            return Ok(Vec::new());
        }
        let sql = "SELECT number, users, apps, since, until, reason, who FROM pause \
                   ORDER BY number";
        let rows: Vec<Columns> = self.rows(sql, [], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })?;
        let pauses = rows.into_iter().map(|row| self.pause(row));
        let pauses: Vec<Pause> = pauses.collect::<Result<_, _>>()?;
        let active = pauses.into_iter().filter(|pause| pause.is_active(now));
        Ok(active.collect())
    }

    /// Adds a pause, and gives it the number that it is known by from then
    /// on. Those that are over at `now` are forgotten.
    ///
    /// # Errors
    /// It could not be written; then there is none.
    pub fn add_pause(&mut self, pause: &Pause, now: u64) -> Result<u64, LedgerError> {
        let Pause {
            number: _,
            users,
            apps,
            since,
            until,
            who,
            reason,
        } = pause;
        let (users, apps) = (texts(users), texts(apps));
        let mut number = 0;
        self.write(|transaction| {
            transaction.execute("DELETE FROM pause WHERE until <= ?1", [number_of(now)])?;
            transaction.execute(
                "INSERT INTO pause (users, apps, since, until, reason, who) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    users,
                    apps,
                    number_of(*since),
                    number_of(*until),
                    reason,
                    who
                ],
            )?;
            number = transaction.last_insert_rowid();
            Ok(())
        })?;
        u64::try_from(number).map_err(|_| self.odd(format!("a pause with the number {number}")))
    }

    /// Ends the pauses with these numbers. Those that are over at `now` are
    /// forgotten with them.
    ///
    /// # Errors
    /// It could not be written; then all of them go on.
    pub fn end_pauses(&mut self, numbers: &[u64], now: u64) -> Result<(), LedgerError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM pause WHERE until <= ?1", [number_of(now)])?;
            for number in numbers {
                let number = number_of(*number);
                transaction.execute("DELETE FROM pause WHERE number = ?1", [number])?;
            }
            Ok(())
        })
    }

    /// Forgets the pauses that are over at `now`; writes only where there are
    /// such.
    ///
    /// # Errors
    /// It could not be read or written.
    pub fn forget_pauses(&mut self, now: u64) -> Result<(), LedgerError> {
        let sql = "SELECT count(*) FROM pause WHERE until <= ?1";
        let over: i64 = self.ask(|c| c.query_row(sql, [number_of(now)], |row| row.get(0)))?;
        if over == 0 {
            return Ok(());
        }
        self.end_pauses(&[], now)
    }

    fn pause(&self, row: Columns) -> Result<Pause, LedgerError> {
        let (number, users, apps, since, until, reason, who) = row;
        let odd = || self.odd(format!("a pause, number {number}, that makes no sense"));
        let unsigned = |number: i64| u64::try_from(number).map_err(|_| odd());
        let globs = |text: &str| {
            let globs: Vec<String> = serde_json::from_str(text).map_err(|_| odd())?;
            GlobSet::parse(globs.iter().map(String::as_str)).map_err(|_| odd())
        };
        Ok(Pause {
            number: unsigned(number)?,
            users: globs(&users)?,
            apps: globs(&apps)?,
            since: unsigned(since)?,
            until: unsigned(until)?,
            who,
            reason,
        })
    }
}

/// Globs as JSON: they may hold any character.
fn texts(globs: &GlobSet) -> String {
    let texts: serde_json::Value = globs.texts().collect();
    texts.to_string()
}

/// A time or number as the database counts. It knows none that is larger.
fn number_of(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

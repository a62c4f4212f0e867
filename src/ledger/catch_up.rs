//! Runs that the state does not know, since they were cut off before they were
//! recorded: which those may be, and a copy of the state to read them into
//! where it must not be written.

use super::database::Ledger;
use super::error::LedgerError;
use rusqlite::OptionalExtension as _;
use rusqlite::types::Value;

impl Ledger {
    /// The number of the newest run that is recorded.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn newest_run(&self) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT id FROM run ORDER BY length(id) DESC, id DESC LIMIT 1";
        self.ask(|connection| connection.query_row(sql, [], |row| row.get(0)).optional())
    }

    /// The same state, to be forgotten when it is dropped.
    ///
    /// # Errors
    /// It cannot be read, or there is no memory for it.
    pub fn copied_to_memory(&self) -> Result<Self, LedgerError> {
        let mut copy = Self::in_memory()?;
        for table in self.tables()? {
            let rows: Vec<Vec<Value>> = self.ask(|connection| {
                let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
                let columns = statement.column_count();
                let row = |row: &rusqlite::Row<'_>| (0..columns).map(|c| row.get(c)).collect();
                statement.query_map([], row)?.collect()
            })?;
            copy.write(|transaction| {
                for row in &rows {
                    let marks = vec!["?"; row.len()].join(", ");
                    let sql = format!("INSERT INTO {table} VALUES ({marks})");
                    let mut statement = transaction.prepare_cached(&sql)?;
                    statement.execute(rusqlite::params_from_iter(row))?;
                }
                Ok(())
            })?;
        }
        Ok(copy)
    }
}

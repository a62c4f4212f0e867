//! Recording what was done: one transaction a run, so that it is remembered
//! whole or not at all.

use super::database::Ledger;
use super::error::LedgerError;
use super::run::{Deed, Recorded, RunHeader, RunToRecord};
use crate::plan::RecordAfter;
use rusqlite::{Transaction, params};

/// How many runs are remembered; of older ones only what is owned stays.
const KEPT_RUNS: i64 = 1000;

impl Ledger {
    /// Records a run. Recorded again, it takes the place of its first record.
    ///
    /// # Errors
    /// It could not be written; then nothing of it is.
    pub fn record(&mut self, run: &RunToRecord) -> Result<(), LedgerError> {
        self.write(|transaction| {
            record(transaction, run)?;
            drop_old_runs(transaction)
        })
    }

    /// Forgets everything and records these runs, oldest first: what a state
    /// is rebuilt from. What they do not know, such as fingerprints, stays
    /// unknown until a link is written again.
    ///
    /// # Errors
    /// It could not be written; then all is as before.
    pub fn rebuild(
        &mut self,
        runs: impl IntoIterator<Item = RunToRecord>,
    ) -> Result<(), LedgerError> {
        self.write(|transaction| {
            for table in ["owned", "token_host", "run", "change", "call"] {
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
            for run in runs {
                record(transaction, &run)?;
            }
            drop_old_runs(transaction)
        })
    }
}

fn record(transaction: &Transaction<'_>, run: &RunToRecord) -> rusqlite::Result<()> {
    let id = run.header.as_ref().map(|header| header.id.as_str());
    if let Some(header) = &run.header {
        record_header(transaction, header)?;
    }
    for (position, deed) in run.deeds.iter().enumerate() {
        if let Some(id) = id {
            record_change(transaction, id, position, deed)?;
        }
        match (deed.outcome, deed.record) {
            (Recorded::NotDone, _) | (Recorded::Done, RecordAfter::AsBefore) => {}
            (Recorded::Done, RecordAfter::NotOurs) => forget(transaction, deed)?,
            (Recorded::Done, RecordAfter::Ours) => own(transaction, id, deed)?,
        }
    }
    Ok(())
}

fn record_header(transaction: &Transaction<'_>, header: &RunHeader) -> rusqlite::Result<()> {
    let RunHeader {
        id,
        kind,
        started,
        who,
        revision,
        digest,
    } = header;
    for table in ["change", "call"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE run = ?1"), [id])?;
    }
    transaction.execute(
        "INSERT OR REPLACE INTO run (id, undone, started, who, revision, digest) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            id,
            kind.undone(),
            i64::try_from(*started).unwrap_or(i64::MAX),
            who,
            revision,
            digest
        ],
    )?;
    if let Some(function) = kind.called() {
        let sql = "INSERT INTO call (run, function) VALUES (?1, ?2)";
        transaction.execute(sql, [id.as_str(), function.name()])?;
    }
    Ok(())
}

fn record_change(
    transaction: &Transaction<'_>,
    run: &str,
    position: usize,
    deed: &Deed,
) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO change (run, position, user, thing, verb, outcome) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    statement.execute(params![
        run,
        i64::try_from(position).unwrap_or(i64::MAX),
        deed.address.user().as_str(),
        deed.address.thing(),
        deed.verb.name(),
        deed.outcome.name(),
    ])?;
    Ok(())
}

fn own(transaction: &Transaction<'_>, run: Option<&str>, deed: &Deed) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT OR REPLACE INTO owned (user, thing, host, token, userconfig, adminconfig, menu, run) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    statement.execute(params![
        deed.address.user().as_str(),
        deed.address.thing(),
        deed.host,
        deed.token,
        deed.fingerprints.userconfig,
        deed.fingerprints.adminconfig,
        deed.fingerprints.menu,
        run,
    ])?;
    if let (Some(token), Some(host)) = (&deed.token, &deed.host) {
        let mut statement = transaction.prepare_cached(
            "INSERT OR REPLACE INTO token_host (reference, host) VALUES (?1, ?2)",
        )?;
        statement.execute([token, host])?;
    }
    Ok(())
}

fn forget(transaction: &Transaction<'_>, deed: &Deed) -> rusqlite::Result<()> {
    let mut statement =
        transaction.prepare_cached("DELETE FROM owned WHERE user = ?1 AND thing = ?2")?;
    statement.execute([deed.address.user().as_str(), &deed.address.thing()])?;
    Ok(())
}

/// Run numbers have their width, so their order as text is that as numbers
/// for the first million; longer ones are newer.
fn drop_old_runs(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    // By their runs, so that the changes of those that stay are not read: one
    // apply may have made a hundred thousand.
    let beyond = "(SELECT id FROM run ORDER BY length(id) DESC, id DESC LIMIT -1 OFFSET ?1)";
    for (table, column) in [("change", "run"), ("call", "run"), ("run", "id")] {
        let sql = format!("DELETE FROM {table} WHERE {column} IN {beyond}");
        transaction.execute(&sql, [KEPT_RUNS])?;
    }
    Ok(())
}

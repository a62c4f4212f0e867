//! Opening `state.db`: its schema, its version, and the settings under which
//! it is written. A reader opens it read-only and writes nothing. Who may
//! write is decided by the lock on the root, not here.

use super::error::LedgerError;
use super::key::Key;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The version of the schema below. One of an older version is brought up to
/// it by the first write; a reader takes it as it is.
const VERSION: i64 = 3;
/// The first version with pauses.
const WITH_PAUSES: i64 = 2;
/// The first version that tells runs of calls from those of applies.
const WITH_CALLS: i64 = 3;
/// `cplk`, by which `file` and we know our own databases.
const APPLICATION: i64 = 0x6370_6c6b;
/// How long to wait for somebody who looks at it with another program.
const PATIENCE: Duration = Duration::from_secs(5);

/// What there was in the first version.
const SCHEMA: &str = "
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- what is ours: thing is the app, or group: and the id
CREATE TABLE owned (
    user TEXT NOT NULL,
    thing TEXT NOT NULL,
    host TEXT,
    -- the reference of the token it was written with
    token TEXT,
    userconfig BLOB,
    adminconfig BLOB,
    menu BLOB,
    run TEXT,
    PRIMARY KEY (user, thing)
) STRICT, WITHOUT ROWID;
-- where the token behind a reference was last posted
CREATE TABLE token_host (
    reference TEXT PRIMARY KEY,
    host TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    -- the run that this one brought back; NULL for an apply or a call
    undone TEXT,
    started INTEGER NOT NULL,
    who TEXT NOT NULL,
    revision TEXT,
    digest TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE change (
    run TEXT NOT NULL,
    position INTEGER NOT NULL,
    user TEXT NOT NULL,
    thing TEXT NOT NULL,
    verb TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
";

/// What came with the second.
const SCHEMA_OF_PAUSES: &str = "
CREATE TABLE pause (
    number INTEGER PRIMARY KEY,
    -- globs, as an array in JSON; empty means all
    users TEXT NOT NULL,
    apps TEXT NOT NULL,
    -- seconds since 1970
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL
) STRICT;
";

/// What came with the third.
const SCHEMA_OF_CALLS: &str = "
-- the function of WHM's API that a run was a call of
CREATE TABLE call (
    run TEXT PRIMARY KEY,
    function TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// All tables, in an order in which they can be filled, each with the version
/// that it came with.
const TABLES: [(&str, i64); 7] = [
    ("meta", 1),
    ("owned", 1),
    ("token_host", 1),
    ("run", 1),
    ("change", 1),
    ("pause", WITH_PAUSES),
    ("call", WITH_CALLS),
];

/// The state, open.
#[derive(Debug)]
pub struct Ledger {
    /// Threads that read files ask it one after another.
    connection: Mutex<Connection>,
    path: PathBuf,
}

fn tables_of(version: i64) -> impl Iterator<Item = &'static str> {
    let tables = TABLES.into_iter();
    tables.filter_map(move |(table, since)| (since <= version).then_some(table))
}

/// Refuses what the database would wait for, or follow: it and its journal
/// are regular files, or not there.
fn check_files(path: &Path) -> Result<(), LedgerError> {
    let mut journal = path.as_os_str().to_owned();
    journal.push("-journal");
    for path in [path, Path::new(&journal)] {
        if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
            return Err(LedgerError::NoFile(path.to_owned()));
        }
    }
    Ok(())
}

impl Ledger {
    /// Opens the state for reading; `None` where there is none yet. Writes
    /// nothing, not even what an interrupted write left to do.
    ///
    /// # Errors
    /// It is damaged, too new, unfinished, or cannot be read.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>, LedgerError> {
        match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // The database says it better.
            Ok(_) | Err(_) => {}
        }
        let ledger = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(ledger.version()?.map(|_| ledger))
    }

    /// Opens the state for writing. The file must be there, so that it has
    /// the mode it should; an empty one becomes a state. Fingerprints made
    /// with another key are dropped.
    ///
    /// # Errors
    /// It is missing, damaged, too new, or cannot be written.
    pub fn open(path: &Path, key: &Key) -> Result<Self, LedgerError> {
        let mut ledger = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        ledger.ask(|connection| {
            connection.pragma_update(None, "journal_mode", "DELETE")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            // Nothing of it belongs into another folder.
            connection.pragma_update(None, "temp_store", "MEMORY")
        })?;
        match ledger.version()? {
            None => ledger.make_schema()?,
            Some(version) if version < VERSION => ledger.bring_up_from(version)?,
            Some(_) => {}
        }
        if !ledger.has_key(key)? {
            ledger.write(|transaction| {
                transaction.execute(
                    "UPDATE owned SET userconfig = NULL, adminconfig = NULL, menu = NULL",
                    [],
                )?;
                let sql = "INSERT OR REPLACE INTO meta (name, value) VALUES ('key', ?1)";
                transaction.execute(sql, [key.check()]).map(|_| ())
            })?;
        }
        Ok(ledger)
    }

    /// Makes a state that is forgotten when it is dropped.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn in_memory() -> Result<Self, LedgerError> {
        let path = PathBuf::from(":memory:");
        let opened = Connection::open_in_memory();
        let mut ledger = Self {
            connection: Mutex::new(opened.map_err(|source| LedgerError::of(&path, source))?),
            path,
        };
        ledger.make_schema()?;
        Ok(ledger)
    }

    /// Whether the fingerprints in it were made with this key.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn has_key(&self, key: &Key) -> Result<bool, LedgerError> {
        self.ask(|connection| {
            let sql = "SELECT count(*) FROM meta WHERE name = 'key' AND value = ?1";
            connection.query_row(sql, [key.check()], |row| row.get::<_, i64>(0))
        })
        .map(|count| count > 0)
    }

    /// Whether it was ever written with a key. What is only rebuilt from runs
    /// was not.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn has_any_key(&self) -> Result<bool, LedgerError> {
        self.ask(|connection| {
            let sql = "SELECT count(*) FROM meta WHERE name = 'key'";
            connection.query_row(sql, [], |row| row.get::<_, i64>(0))
        })
        .map(|count| count > 0)
    }

    /// Whether it is of a version that has pauses.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn has_pauses(&self) -> Result<bool, LedgerError> {
        let version = self.version()?;
        Ok(version.is_some_and(|version| version >= WITH_PAUSES))
    }

    /// Whether it is of a version that knows runs of calls.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn has_calls(&self) -> Result<bool, LedgerError> {
        let version = self.version()?;
        Ok(version.is_some_and(|version| version >= WITH_CALLS))
    }

    /// The tables that a state of its version has.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn tables(&self) -> Result<Vec<&'static str>, LedgerError> {
        let version = self.version()?;
        Ok(version.map_or_else(Vec::new, |version| tables_of(version).collect()))
    }

    /// Checks all of it, pages and words.
    ///
    /// # Errors
    /// It cannot be read, or something in it does not fit.
    pub fn check(&self) -> Result<(), LedgerError> {
        let sql = "PRAGMA quick_check(1)";
        let found: String =
            self.ask(|connection| connection.query_row(sql, [], |row| row.get(0)))?;
        if found != "ok" {
            return Err(self.odd("pages that do not fit together"));
        }
        self.check_owned()?;
        self.check_fingerprints()?;
        self.pauses(0)?;
        self.runs().map(drop)
    }

    fn connect(path: &Path, access: OpenFlags) -> Result<Self, LedgerError> {
        check_files(path)?;
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let open = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            // A schema that somebody planted must not run code of theirs.
            connection.pragma_update(None, "trusted_schema", false)?;
            Ok(connection)
        };
        let connection = open().map_err(|source| LedgerError::of(path, source))?;
        Ok(Self {
            connection: Mutex::new(connection),
            path: path.to_owned(),
        })
    }

    fn make_schema(&mut self) -> Result<(), LedgerError> {
        self.write(|transaction| {
            transaction.execute_batch(SCHEMA)?;
            transaction.execute_batch(SCHEMA_OF_PAUSES)?;
            transaction.execute_batch(SCHEMA_OF_CALLS)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)
        })
    }

    /// Brings a state of an older version up to this one.
    fn bring_up_from(&mut self, version: i64) -> Result<(), LedgerError> {
        let later = [
            (WITH_PAUSES, SCHEMA_OF_PAUSES),
            (WITH_CALLS, SCHEMA_OF_CALLS),
        ];
        self.write(|transaction| {
            for (since, schema) in later {
                if version < since {
                    transaction.execute_batch(schema)?;
                }
            }
            transaction.pragma_update(None, "user_version", VERSION)
        })
    }

    /// The version of the schema; `None` for a file without one, which a
    /// first apply may leave when it is cut off.
    fn version(&self) -> Result<Option<i64>, LedgerError> {
        let (application, version, tables) = self.ask(|connection| {
            let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok((
                number("PRAGMA application_id")?,
                number("PRAGMA user_version")?,
                number("SELECT count(*) FROM sqlite_schema")?,
            ))
        })?;
        match (application, version) {
            (0, 0) if tables == 0 => Ok(None),
            (APPLICATION, 1..=VERSION) => {
                self.check_tables(version)?;
                Ok(Some(version))
            }
            (APPLICATION, found) if found > VERSION => Err(LedgerError::Newer {
                path: self.path.clone(),
                found,
                known: VERSION,
            }),
            _ => Err(self.odd("something else than a state of cplinks")),
        }
    }

    /// Whether all tables of a version are there, and are tables.
    fn check_tables(&self, version: i64) -> Result<(), LedgerError> {
        for table in tables_of(version) {
            let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
            let found: i64 = self.ask(|c| c.query_row(sql, [table], |row| row.get(0)))?;
            if found != 1 {
                return Err(self.odd(format!("no table `{table}`")));
            }
        }
        Ok(())
    }

    pub(super) fn odd(&self, what: impl Into<String>) -> LedgerError {
        LedgerError::Odd {
            path: self.path.clone(),
            what: what.into(),
        }
    }

    /// Asks the database something, and names it where that fails. No question
    /// may ask another one: it would wait for itself.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        // A thread that ended within a question left nothing half done: what it
        // had asked ends with it.
        let connection = self.connection.lock();
        let connection = connection.unwrap_or_else(PoisonError::into_inner);
        question(&connection).map_err(|source| LedgerError::of(&self.path, source))
    }

    /// Writes all of something, or nothing of it.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        let behavior = TransactionBehavior::Immediate;
        let connection = self.connection.get_mut();
        let written = connection
            .unwrap_or_else(PoisonError::into_inner)
            .transaction_with_behavior(behavior)
            .and_then(|transaction| {
                write(&transaction)?;
                transaction.commit()
            });
        written.map_err(|source| LedgerError::of(&self.path, source))
    }
}

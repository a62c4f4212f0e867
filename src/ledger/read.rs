//! What the state says: what is owned, what was written of it, and which runs
//! there were.

use super::baseline::Left;
use super::database::Ledger;
use super::error::LedgerError;
use super::fingerprint::Fingerprints;
use super::key::Key;
use super::run::{Kind, Recorded, RunHeader, Verb};
use crate::model::{AppName, Function, GroupId, UserName};
use crate::plan::{Address, Owned};
use rusqlite::{OptionalExtension as _, Row};
use std::collections::{BTreeMap, BTreeSet};

/// How many changes of each kind a run made, and how many did not come out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Links and groups made.
    pub created: usize,
    /// Links and groups rewritten.
    pub replaced: usize,
    /// Links hidden.
    pub hidden: usize,
    /// Links removed.
    pub removed: usize,
    /// Links and groups that were taken up as they were.
    pub adopted: usize,
    /// Changes that did not come out as planned.
    pub not_done: usize,
}

/// A run, and what it did in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// The run.
    pub header: RunHeader,
    /// What it did.
    pub counts: RunCounts,
}

/// One change of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// To what.
    pub address: Address,
    /// What.
    pub verb: Verb,
    /// How it came out.
    pub outcome: Recorded,
}

impl Ledger {
    /// Everything that is ours.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn owned(&self) -> Result<Owned, LedgerError> {
        let mut owned = Owned::default();
        // Row by row: there may be 300,000 of them.
        let read = self.ask(|connection| {
            let sql = "SELECT user, thing, host, token FROM owned ORDER BY user";
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let names = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
                if let Err(odd) = self.own(&mut owned, names, row.get(2)?, row.get(3)?) {
                    return Ok(Err(odd));
                }
            }
            Ok(Ok(()))
        });
        read??;
        self.add_token_hosts(&mut owned)?;
        Ok(owned)
    }

    /// What is ours of a few users, and where the tokens behind these
    /// references and those of theirs went. Of others nothing is read.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn owned_of<'u>(
        &self,
        users: impl IntoIterator<Item = &'u UserName>,
        mut references: BTreeSet<String>,
    ) -> Result<Owned, LedgerError> {
        let mut owned = Owned::default();
        let sql = "SELECT thing, host, token FROM owned WHERE user = ?1";
        for user in users {
            let rows = self.rows(sql, [user.as_str()], |row| {
                Ok((text(row, 0)?, row.get(1)?, row.get::<_, Option<String>>(2)?))
            })?;
            for (thing, host, token) in rows {
                references.extend(token.clone());
                self.own(&mut owned, (user.as_str(), &thing), host, token)?;
            }
        }
        let sql = "SELECT host FROM token_host WHERE reference = ?1";
        for reference in references {
            let hosts = self.rows(sql, [&reference], |row| text(row, 0))?;
            for host in hosts {
                owned.insert_token_host(reference.clone(), host);
            }
        }
        Ok(owned)
    }

    fn own(
        &self,
        owned: &mut Owned,
        (user, thing): (&str, &str),
        host: Option<String>,
        token: Option<String>,
    ) -> Result<(), LedgerError> {
        match self.address(user, thing)? {
            Address::Link(user, app) => owned.insert_written(user, app, host, token),
            Address::Group(user, id) => owned.insert_group(user, id),
        }
        Ok(())
    }

    fn add_token_hosts(&self, owned: &mut Owned) -> Result<(), LedgerError> {
        let sql = "SELECT reference, host FROM token_host";
        for (reference, host) in self.rows(sql, [], |row| Ok((text(row, 0)?, text(row, 1)?)))? {
            owned.insert_token_host(reference, host);
        }
        Ok(())
    }

    /// What we last wrote for a user. Empty if it was made with another key,
    /// since then it says nothing.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn fingerprints(&self, user: &UserName, key: &Key) -> Result<Left, LedgerError> {
        if self.has_key(key)? {
            self.left(user)
        } else {
            Ok(Left::new())
        }
    }

    /// What is ours of a user, with what we last wrote, whatever the key.
    pub(super) fn left(&self, user: &UserName) -> Result<Left, LedgerError> {
        let mut left = self.left_of_each(&[user])?;
        Ok(left.pop().unwrap_or_default())
    }

    /// The same of each of these users, in their order. They are asked for
    /// together: a question of its own takes nine calls of the system, most of
    /// them for its lock.
    pub(super) fn left_of_each(&self, users: &[&UserName]) -> Result<Vec<Left>, LedgerError> {
        let sql = "SELECT thing, userconfig, adminconfig, menu FROM owned WHERE user = ?1";
        let found: Vec<Vec<_>> = self.ask(|connection| {
            let together = connection.unchecked_transaction()?;
            let mut statement = together.prepare_cached(sql)?;
            let of_user = |user: &&UserName| {
                let rows = statement.query_map([user.as_str()], |row| {
                    let fingerprints = Fingerprints {
                        userconfig: row.get(1)?,
                        adminconfig: row.get(2)?,
                        menu: row.get(3)?,
                    };
                    Ok((text(row, 0)?, fingerprints))
                });
                rows?.collect()
            };
            users.iter().map(of_user).collect()
        })?;
        let left = users.iter().zip(found).map(|(user, rows)| {
            rows.into_iter()
                .map(|(thing, prints)| Ok((self.address(user.as_str(), &thing)?, prints)))
                .collect()
        });
        left.collect()
    }

    /// The users of whom something is ours, in order.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn users(&self) -> Result<Vec<UserName>, LedgerError> {
        let sql = "SELECT DISTINCT user FROM owned ORDER BY user";
        let names = self.rows(sql, [], |row| text(row, 0))?;
        let parse = |name: String| {
            let odd = || self.odd(format!("the name `{}`", name.escape_debug()));
            UserName::parse(&name).map_err(|_| odd())
        };
        names.into_iter().map(parse).collect()
    }

    /// The apps of which any user has a link of ours, in order.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn apps(&self) -> Result<Vec<AppName>, LedgerError> {
        let sql = "SELECT DISTINCT thing FROM owned WHERE thing NOT LIKE 'group:%' ORDER BY thing";
        let names = self.rows(sql, [], |row| text(row, 0))?;
        let parse = |name: String| {
            let odd = || self.odd(format!("the name `{}`", name.escape_debug()));
            AppName::parse(&name).map_err(|_| odd())
        };
        names.into_iter().map(parse).collect()
    }

    /// Whether everything that is ours can be read. Holds none of it: a server
    /// may have 300,000 links.
    pub(super) fn check_owned(&self) -> Result<(), LedgerError> {
        let checked = self.ask(|connection| {
            let sql = "SELECT user, thing, host, token FROM owned";
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (user, thing) = (text(row, 0)?, text(row, 1)?);
                drop::<[Option<String>; 2]>([row.get(2)?, row.get(3)?]);
                if let Err(odd) = self.address(&user, &thing) {
                    return Ok(Err(odd));
                }
            }
            let sql = "SELECT reference, host FROM token_host";
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                drop([text(row, 0)?, text(row, 1)?]);
            }
            Ok(Ok(()))
        });
        checked?
    }

    /// Whether all fingerprints are of the length they must have.
    pub(super) fn check_fingerprints(&self) -> Result<(), LedgerError> {
        let columns = "coalesce(length(userconfig), 32) != 32 \
                       OR coalesce(length(adminconfig), 32) != 32 \
                       OR coalesce(length(menu), 32) != 32";
        let sql = format!("SELECT count(*) FROM owned WHERE {columns}");
        let wrong: i64 = self.ask(|c| c.query_row(&sql, [], |row| row.get(0)))?;
        if wrong > 0 {
            return Err(self.odd("a fingerprint of another length"));
        }
        Ok(())
    }

    /// Links and groups that were last written or recorded in this run.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn last_of(&self, run: &str) -> Result<BTreeSet<Address>, LedgerError> {
        let sql = "SELECT user, thing FROM owned WHERE run = ?1";
        let rows = self.rows(sql, [run], |row| Ok((text(row, 0)?, text(row, 1)?)))?;
        rows.into_iter()
            .map(|(user, thing)| self.address(&user, &thing))
            .collect()
    }

    /// What is ours of a user, each with the run that last wrote or recorded
    /// it, where that is known.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn runs_of(
        &self,
        user: &UserName,
    ) -> Result<BTreeMap<Address, Option<String>>, LedgerError> {
        let sql = "SELECT thing, run FROM owned WHERE user = ?1";
        let rows = self.rows(sql, [user.as_str()], |row| Ok((text(row, 0)?, row.get(1)?)))?;
        rows.into_iter()
            .map(|(thing, run)| Ok((self.address(user.as_str(), &thing)?, run)))
            .collect()
    }

    /// All runs that are remembered, newest first.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn runs(&self) -> Result<Vec<RunSummary>, LedgerError> {
        let sql = format!("{} ORDER BY length(id) DESC, id DESC", self.headers()?);
        let headers = self.rows(&sql, [], header_columns)?;
        headers.into_iter().map(|row| self.summary(row)).collect()
    }

    /// One run and its changes, in the order in which they were made; `None`
    /// if it is not remembered.
    ///
    /// # Errors
    /// It cannot be read, or holds something odd.
    pub fn run(&self, id: &str) -> Result<Option<(RunSummary, Vec<Change>)>, LedgerError> {
        let sql = format!("{} WHERE id = ?1", self.headers()?);
        let found =
            self.ask(|connection| connection.query_row(&sql, [id], header_columns).optional())?;
        let Some(row) = found else { return Ok(None) };
        let summary = self.summary(row)?;
        let sql = "SELECT user, thing, verb, outcome FROM change WHERE run = ?1 ORDER BY position";
        let rows = self.rows(sql, [id], |row| {
            Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?))
        })?;
        let changes = rows
            .into_iter()
            .map(|(user, thing, verb, outcome)| {
                Ok(Change {
                    address: self.address(&user, &thing)?,
                    verb: self.word(&verb, Verb::ALL, Verb::name)?,
                    outcome: self.word(&outcome, Recorded::ALL, Recorded::name)?,
                })
            })
            .collect::<Result<_, LedgerError>>()?;
        Ok(Some((summary, changes)))
    }

    /// Selects what is known of runs; older states know no calls.
    fn headers(&self) -> Result<&'static str, LedgerError> {
        Ok(if self.has_calls()? {
            "SELECT id, undone, (SELECT function FROM call WHERE call.run = run.id), started, who, \
             revision, digest FROM run"
        } else {
            "SELECT id, undone, NULL, started, who, revision, digest FROM run"
        })
    }

    fn summary(&self, row: HeaderColumns) -> Result<RunSummary, LedgerError> {
        let (id, undone, function, started, who, revision, digest) = row;
        let sql = "SELECT verb, outcome, count(*) FROM change WHERE run = ?1 GROUP BY 1, 2";
        let rows = self.rows(sql, [&id], |row| {
            Ok((text(row, 0)?, text(row, 1)?, row.get::<_, i64>(2)?))
        })?;
        let mut counts = RunCounts::default();
        for (verb, outcome, count) in rows {
            let outcome = self.word(&outcome, Recorded::ALL, Recorded::name)?;
            let verb = self.word(&verb, Verb::ALL, Verb::name)?;
            let counted = match (outcome, verb) {
                (Recorded::NotDone, _) => &mut counts.not_done,
                (Recorded::Done, Verb::Create) => &mut counts.created,
                (Recorded::Done, Verb::Replace) => &mut counts.replaced,
                (Recorded::Done, Verb::Hide) => &mut counts.hidden,
                (Recorded::Done, Verb::Remove) => &mut counts.removed,
                (Recorded::Done, Verb::Adopt) => &mut counts.adopted,
                (Recorded::Done, Verb::Forget) => continue,
            };
            *counted += usize::try_from(count).unwrap_or(usize::MAX);
        }
        let kind = match (undone, function) {
            (Some(run), _) => Kind::Undo(run),
            (None, Some(name)) => Kind::Call(self.word(&name, Function::ALL, Function::name)?),
            (None, None) => Kind::Apply,
        };
        let header = RunHeader {
            id,
            kind,
            // Written from an unsigned number.
            started: u64::try_from(started).unwrap_or(0),
            who,
            revision,
            digest,
        };
        Ok(RunSummary { header, counts })
    }

    fn address(&self, user: &str, thing: &str) -> Result<Address, LedgerError> {
        let odd = || {
            self.odd(format!(
                "the name `{}/{}`",
                user.escape_debug(),
                thing.escape_debug()
            ))
        };
        let user = UserName::parse(user).map_err(|_| odd())?;
        match thing.strip_prefix("group:") {
            Some(id) => GroupId::parse(id).map(|id| Address::Group(user, id)),
            None => AppName::parse(thing).map(|app| Address::Link(user, app)),
        }
        .map_err(|_| odd())
    }

    /// The value that a word stands for.
    fn word<T: Copy, const N: usize>(
        &self,
        word: &str,
        all: [T; N],
        name: fn(T) -> &'static str,
    ) -> Result<T, LedgerError> {
        let known = all.into_iter().find(|value| name(*value) == word);
        known.ok_or_else(|| self.odd(format!("the word `{}`", word.escape_debug())))
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map(params, read)?.collect()
        })
    }
}

type HeaderColumns = (
    String,
    Option<String>,
    Option<String>,
    i64,
    String,
    Option<String>,
    Option<String>,
);

fn header_columns(row: &Row<'_>) -> rusqlite::Result<HeaderColumns> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
    ))
}

fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    row.get(column)
}

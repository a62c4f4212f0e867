//! Remembering what an apply did: from a plan and its report to the ledger,
//! and what is owned back out of it.

use super::pause::now;
use super::{Exit, Stop};
use crate::apply::Report;
use crate::ledger::{
    Baseline, Deed, Fingerprints, Key, Kind, Ledger, LedgerError, Recorded, RunHeader, RunToRecord,
    Verb,
};
use crate::model::{Account, TokenRef, UserName, url_host};
use crate::plan::{
    Address, Change, GroupAction, LinkAction, Owned, Pause, Plan, RecordAfter, TokenAfter,
    Unrecorded,
};
use crate::spread::Spread;
use crate::store::{self, ChangeRecord, Disk, Lock, Outcome, RunId, RunKind, RunState, Store};
use anyhow::anyhow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Fewer changes are told by one thread.
const TOLD_IN_TURN: usize = 256;
/// Changes that one thread tells at a time.
const PORTION: usize = 32;

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Self {
            exit: Exit::Failed,
            hint: error.hint(),
            error: error.into(),
        }
    }
}

/// The state, to be read. Where there is none it is made of the finished runs,
/// in memory, and so is what it does not know of them.
pub(super) fn reading_ledger<D: Disk>(store: &Store<D>) -> Result<Ledger, Stop> {
    if let Some(path) = store.state_path()?
        && let Some(ledger) = Ledger::open_read_only(&path)?
    {
        let missing = missing_runs(store, &ledger, None)?;
        if missing.is_empty() {
            return Ok(ledger);
        }
        let mut ledger = ledger.copied_to_memory()?;
        for run in missing {
            ledger.record(&run)?;
        }
        return Ok(ledger);
    }
    let mut ledger = Ledger::in_memory()?;
    ledger.rebuild(finished_runs(store, None)?)?;
    Ok(ledger)
}

/// What is ours, and the pauses that are in force. Where there is neither a
/// state nor a run there is nothing of either, and no database is made for it.
pub(super) fn ours<D: Disk>(store: &Store<D>) -> Result<(Owned, Vec<Pause>), Stop> {
    if store.state_path()?.is_none() && store.runs()?.is_empty() {
        return Ok((Owned::default(), Vec::new()));
    }
    let ledger = reading_ledger(store)?;
    Ok((ledger.owned()?, ledger.pauses(now())?))
}

/// The state, if it can be used: all that a run does is to be remembered.
pub(super) fn check<D: Disk>(store: &Store<D>) -> Result<Ledger, Stop> {
    let ledger = reading_ledger(store)?;
    ledger.owned().map(drop)?;
    Ok(ledger)
}

/// What nothing wrote or recorded since that run.
pub(super) fn last_of<D: Disk>(store: &Store<D>, run: RunId) -> Result<BTreeSet<Address>, Stop> {
    Ok(reading_ledger(store)?.last_of(&run.to_string())?)
}

/// The newest number of a run that the state knows.
pub(super) fn newest_run(ledger: &Ledger) -> Result<Option<RunId>, Stop> {
    let newest = ledger.newest_run()?;
    Ok(newest.as_deref().and_then(RunId::parse))
}

/// How we left what is ours, as far as the state knows.
pub(super) fn baseline<D: Disk>(store: &Store<D>) -> Result<Baseline, Stop> {
    let ledger = reading_ledger(store)?;
    Ok(Baseline::new(ledger, state_key(store)?)?)
}

/// The key of the state, if there is one.
pub(super) fn state_key<D: Disk>(store: &Store<D>) -> Result<Option<Key>, Stop> {
    store.key()?.map(|bytes| parse_key(&bytes)).transpose()
}

/// Finished runs that the state does not know: they were cut off, or their
/// processes were, before they were recorded.
fn missing_runs<D: Disk>(
    store: &Store<D>,
    ledger: &Ledger,
    known: Option<RunId>,
) -> Result<Vec<RunToRecord>, Stop> {
    let newest = ledger.newest_run()?;
    finished_runs_but(store, newest.as_deref().and_then(RunId::parse), known)
}

/// Every finished run after that one, oldest first, as its journal tells it.
pub(super) fn finished_runs<D: Disk>(
    store: &Store<D>,
    after: Option<RunId>,
) -> Result<Vec<RunToRecord>, Stop> {
    finished_runs_but(store, after, None)
}

/// The same without one of which more is known than its journal tells: that of
/// many changes takes its time to read.
fn finished_runs_but<D: Disk>(
    store: &Store<D>,
    after: Option<RunId>,
    known: Option<RunId>,
) -> Result<Vec<RunToRecord>, Stop> {
    let mut runs = Vec::new();
    let ids = store.runs_after(after)?.into_iter();
    for id in ids.filter(|id| Some(*id) != known) {
        let record = store.run_record(&id)?;
        if record.state == RunState::Finished {
            let kind = record.header.kind;
            runs.push(RunToRecord {
                header: Some(header(record.id, record.header)),
                deeds: record
                    .changes
                    .into_iter()
                    .map(|change| deed_of_record(kind, change))
                    .collect(),
            });
        }
    }
    Ok(runs)
}

fn deed_of_record(kind: RunKind, record: ChangeRecord) -> Deed {
    Deed {
        address: record.address,
        verb: match record.verb {
            store::Verb::Create => Verb::Create,
            store::Verb::Replace => Verb::Replace,
            store::Verb::Hide => Verb::Hide,
            store::Verb::Remove => Verb::Remove,
        },
        outcome: match record.outcome {
            store::Recorded::Done => Recorded::Done,
            store::Recorded::NotDone => Recorded::NotDone,
        },
        host: record.autologin_host,
        // All literals are called by one word, which tells none from another.
        token: record
            .token_reference
            .filter(|reference| *reference != TokenRef::Literal.to_string()),
        record: match (kind, record.is_ours) {
            (RunKind::Call(_), _) => RecordAfter::AsBefore,
            (RunKind::Apply | RunKind::Undo(_), true) => RecordAfter::Ours,
            (RunKind::Apply | RunKind::Undo(_), false) => RecordAfter::NotOurs,
        },
        // Those of the journal are made with the run's own key.
        fingerprints: Fingerprints::default(),
    }
}

fn header(id: RunId, header: store::RunHeader) -> RunHeader {
    let store::RunHeader {
        kind,
        started,
        who,
        revision,
        digest,
    } = header;
    RunHeader {
        id: id.to_string(),
        kind: match kind {
            RunKind::Apply => Kind::Apply,
            RunKind::Undo(run) => Kind::Undo(run.to_string()),
            RunKind::Call(function) => Kind::Call(function),
        },
        started,
        who,
        revision,
        digest,
    }
}

/// Ends a write of the state that was cut off, which a reader may not.
pub(super) fn mend_state<D: Disk>(store: &Store<D>, timeout: Duration) -> Result<(), Stop> {
    let Some(path) = store.state_path()? else {
        return Ok(());
    };
    match Ledger::open_read_only(&path) {
        Err(LedgerError::Unfinished(_)) => {
            let lock = store.lock_exclusive(timeout)?;
            open(store, &lock)?;
            Ok(())
        }
        // Looked at without the lock, another apply may be writing it; what
        // is wrong with it is told when it is read under the lock.
        Err(_) | Ok(_) => Ok(()),
    }
}

/// Ends a write of the state that was cut off.
pub(super) fn mend_under<D: Disk>(store: &Store<D>, lock: &Lock) -> Result<(), Stop> {
    let Some(path) = store.state_path()? else {
        return Ok(());
    };
    match Ledger::open_read_only(&path) {
        Err(LedgerError::Unfinished(_)) => open(store, lock).map(drop),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(()),
    }
}

/// Records what came of a plan, and says in a sentence what was taken up. An
/// apply that did nothing and found nothing new writes nothing.
pub(super) fn record<D: Disk>(
    plan: &Plan,
    report: &Report,
    began: store::RunHeader,
    store: &Store<D>,
    lock: &Lock,
) -> Result<Option<String>, Stop> {
    if report.outcomes.is_empty() && plan.unrecorded.is_empty() && is_caught_up(store)? {
        return Ok(None);
    }
    let (mut ledger, key) = open_but(store, lock, report.run)?;
    catch_up(store, &mut ledger, report.run)?;
    let mut deeds = deeds_of(plan, report, &key);
    deeds.extend(found(&plan.unrecorded, store, &key));
    let header = report.run.map(|id| header(id, began));
    ledger.record(&RunToRecord { header, deeds })?;
    ledger.forget_pauses(now())?;
    Ok(note(plan))
}

/// What was remembered of links in sync, in a sentence.
fn note(plan: &Plan) -> Option<String> {
    let adopted = plan.counts.adopted;
    let renewed = plan.unrecorded.adopted.len().saturating_sub(adopted);
    let are = |count: usize| {
        let are = if count == 1 { "is" } else { "are" };
        format!("{count} of those in sync {are} recorded")
    };
    match (adopted, renewed) {
        (0, 0) => None,
        (adopted, 0) => Some(format!("{} as ours from now on.", are(adopted))),
        (0, renewed) => Some(format!("{} anew, as found.", are(renewed))),
        (adopted, renewed) => Some(format!(
            "{} as ours from now on, {renewed} anew, as found.",
            are(adopted)
        )),
    }
}

/// Whether the state knows every finished run. Writes nothing.
fn is_caught_up<D: Disk>(store: &Store<D>) -> Result<bool, Stop> {
    let Some(path) = store.state_path()? else {
        return Ok(store.runs()?.is_empty());
    };
    match Ledger::open_read_only(&path)? {
        Some(ledger) => Ok(missing_runs(store, &ledger, None)?.is_empty()),
        None => Ok(store.runs()?.is_empty()),
    }
}

/// Records what earlier runs did, if nobody did so yet.
pub(super) fn remember_runs<D: Disk>(store: &Store<D>, lock: &Lock) -> Result<(), Stop> {
    if is_caught_up(store)? {
        return Ok(());
    }
    let (mut ledger, _) = open(store, lock)?;
    catch_up(store, &mut ledger, None)
}

/// Records what earlier runs did and nobody recorded.
fn catch_up<D: Disk>(
    store: &Store<D>,
    ledger: &mut Ledger,
    current: Option<RunId>,
) -> Result<(), Stop> {
    for run in missing_runs(store, ledger, current)? {
        ledger.record(&run)?;
    }
    Ok(())
}

/// Opens the state for writing. Where there is none it is made anew from the
/// finished runs.
pub(super) fn open<D: Disk>(store: &Store<D>, lock: &Lock) -> Result<(Ledger, Key), Stop> {
    open_but(store, lock, None)
}

/// The same for somebody who records that run next.
fn open_but<D: Disk>(
    store: &Store<D>,
    lock: &Lock,
    known: Option<RunId>,
) -> Result<(Ledger, Key), Stop> {
    let key = key(store, lock)?;
    let is_new = match store.state_path()? {
        None => true,
        // Made by an apply that was cut off before it wrote anything.
        Some(path) => matches!(Ledger::open_read_only(&path), Ok(None)),
    };
    let runs = if is_new {
        finished_runs_but(store, None, known)?
    } else {
        Vec::new()
    };
    let path = store.make_state(lock)?;
    let mut ledger = Ledger::open(&path, &key)?;
    if !runs.is_empty() {
        ledger.rebuild(runs)?;
    }
    Ok((ledger, key))
}

fn key<D: Disk>(store: &Store<D>, lock: &Lock) -> Result<Key, Stop> {
    match store.key()? {
        Some(bytes) => parse_key(&bytes),
        None => parse_key(&store.make_key(lock)?),
    }
}

fn parse_key(bytes: &[u8]) -> Result<Key, Stop> {
    Key::parse(bytes).ok_or_else(|| Stop {
        exit: Exit::Failed,
        error: anyhow!(
            "the key of the state is {} bytes long, {} were expected",
            bytes.len(),
            Key::LENGTH
        ),
        hint: Some("move `.cplinks/key` below the root away; a new one is made".to_owned()),
    })
}

/// What was done to each change of a plan.
fn deeds_of(plan: &Plan, report: &Report, key: &Key) -> Vec<Deed> {
    let outcomes: BTreeMap<_, _> = report.outcomes.iter().map(|(a, o)| (a, o)).collect();
    let deed = |change: &Change| {
        let address = change.address();
        let outcome = match outcomes.get(&address)? {
            Outcome::Done => Recorded::Done,
            Outcome::ChangedBySomeoneElse { .. }
            | Outcome::Failed { .. }
            | Outcome::NotDurable { .. }
            | Outcome::Blocked { .. }
            | Outcome::NotBegun => Recorded::NotDone,
        };
        let (host, token) = posted(change);
        Some(Deed {
            address,
            verb: verb(change),
            outcome,
            host,
            token,
            record: change.record_after(),
            fingerprints: match outcome {
                Recorded::Done => Fingerprints::after(key, change),
                Recorded::NotDone => Fingerprints::default(),
            },
        })
    };
    let spread = if plan.changes.len() < TOLD_IN_TURN {
        Spread::alone()
    } else {
        Spread::over_processors()
    };
    let mut deeds = Vec::with_capacity(plan.changes.len());
    let part = |part: &[Change]| part.iter().filter_map(deed).collect::<Vec<_>>();
    spread.each(&plan.changes, PORTION, part, |part| deeds.extend(part));
    deeds
}

fn verb(change: &Change) -> Verb {
    match change {
        Change::Group(change) => match change.action {
            GroupAction::Create { .. } => Verb::Create,
            GroupAction::Replace { .. } => Verb::Replace,
            GroupAction::Remove { .. } => Verb::Remove,
        },
        Change::Link(change) => match change.action {
            LinkAction::Create { .. } => Verb::Create,
            LinkAction::Replace { .. } => Verb::Replace,
            LinkAction::Hide { .. } => Verb::Hide,
            LinkAction::Remove { .. } => Verb::Remove,
        },
    }
}

/// The host a change lets a link's token go to, and the reference of the
/// token it wrote.
fn posted(change: &Change) -> (Option<String>, Option<String>) {
    let Change::Link(change) = change else {
        return (None, None);
    };
    let Some(after) = change.action.after() else {
        return (None, None);
    };
    let host = after.link.autologin_token_url.as_deref().and_then(url_host);
    let token = match &after.token {
        TokenAfter::Set { reference, .. } => reference.key(),
        TokenAfter::Restore { reference, .. } => reference.clone(),
        TokenAfter::Keep => change.owned_token.clone(),
        TokenAfter::None | TokenAfter::NotCompared { .. } => None,
    };
    (host, token)
}

/// What is to be remembered of links that were not changed. Their files are
/// read once more, since a plan holds nothing of what is in sync.
fn found<D: Disk>(unrecorded: &Unrecorded, store: &Store<D>, key: &Key) -> Vec<Deed> {
    let mut deeds = Vec::new();
    let mut of_user: BTreeMap<&UserName, Vec<_>> = BTreeMap::new();
    for adoption in &unrecorded.adopted {
        of_user
            .entry(adoption.address.user())
            .or_default()
            .push(adoption);
    }
    for (user, adoptions) in of_user {
        let actual = store.read_user(user, Account::NotAsked);
        for adoption in adoptions {
            let fingerprints = match &adoption.address {
                Address::Link(user, app) => actual
                    .links
                    .get(app)
                    .map(|link| Fingerprints::of_link(key, user, app, link)),
                Address::Group(_, id) => actual
                    .groups
                    .get(id)
                    .map(|group| Fingerprints::of_group(key, &adoption.address, group)),
            };
            // Gone since it was planned: then there is nothing to take up.
            let Some(fingerprints) = fingerprints else {
                continue;
            };
            deeds.push(Deed {
                address: adoption.address.clone(),
                verb: Verb::Adopt,
                outcome: Recorded::Done,
                host: adoption.host.clone(),
                token: adoption.token.as_ref().and_then(TokenRef::key),
                record: RecordAfter::Ours,
                fingerprints,
            });
        }
    }
    deeds.extend(unrecorded.gone.iter().map(|address| Deed {
        address: address.clone(),
        verb: Verb::Forget,
        outcome: Recorded::Done,
        host: None,
        token: None,
        record: RecordAfter::NotOurs,
        fingerprints: Fingerprints::default(),
    }));
    deeds
}

//! The edits of many changes, in their order. Several threads make them ahead
//! of the batch in hand: to write down the files of ten thousand links takes as
//! long as to plan them.

use super::edit::{Bytes, EditError, of_change};
use crate::model::FileKind;
use crate::plan::{Address, Change};
use crate::spread::Spread;
use crate::store::Edit;

/// Fewer changes are made edits by one thread.
const MADE_IN_TURN: usize = 256;
/// Changes that one thread takes at a time.
const PORTION: usize = 16;
/// Changes of which one thread adds something up at a time.
const PART: usize = 64;
/// More threads than this are not ahead of the disk by more.
const MOST_THREADS: usize = 4;
/// Most bytes that the edits made ahead may hold, as far as the largest of all
/// tells. An edit has what it writes, up to some megabytes where there are large
/// icons; a batch is bounded, and what is made ahead of it must be too.
const MOST_AHEAD: usize = 8 * 1024 * 1024;

/// Gives the bytes that an undo brings back, or says why it cannot.
pub(super) type OldBytes<'a> = dyn Fn(&Address, FileKind) -> Result<Bytes, String> + 'a;

/// Makes an edit of each change, one after another, and hands them on. Old
/// bytes are read from the disk; `None` is for what undoes nothing.
pub(super) fn in_turn(
    changes: &[Change],
    old: Option<&OldBytes<'_>>,
    mut take: impl FnMut(&Change, Result<Edit, EditError>),
) {
    for change in changes {
        take(change, of_change(change, old.unwrap_or(&no_bytes)));
    }
}

/// The same, by several threads where that is faster: nothing has to be read,
/// and the largest of the edits, of so many bytes, leaves room for it.
pub(super) fn ahead(
    changes: &[Change],
    old: Option<&OldBytes<'_>>,
    largest: usize,
    mut take: impl FnMut(&Change, Result<Edit, EditError>),
) {
    let threads = threads(changes.len());
    let count = threads.ahead().saturating_mul(PORTION);
    let is_large = largest.saturating_mul(count) > MOST_AHEAD;
    if old.is_some() || is_large {
        return in_turn(changes, old, take);
    }
    let make = |part: &[Change]| -> Vec<_> {
        let part = part.iter();
        part.map(|change| of_change(change, &no_bytes)).collect()
    };
    let mut in_order = changes.iter();
    threads.each(changes, PORTION, make, |edits| {
        for (edit, change) in edits.into_iter().zip(in_order.by_ref()) {
            take(change, edit);
        }
    });
}

/// What is added up of the edits of many changes, part by part: `add_up` makes
/// the edits of a part one after another, and keeps none.
pub(super) fn in_parts<R: Send>(
    changes: &[Change],
    old: Option<&OldBytes<'_>>,
    add_up: impl Fn(&[Change], Option<&OldBytes<'_>>) -> R + Sync,
    mut take: impl FnMut(R),
) {
    match old {
        Some(_) => take(add_up(changes, old)),
        None => threads(changes.len()).each(changes, PART, |part| add_up(part, None), take),
    }
}

/// To make the edits of so many changes.
fn threads(count: usize) -> Spread {
    if count < MADE_IN_TURN {
        Spread::alone()
    } else {
        Spread::over_processors().at_most(MOST_THREADS)
    }
}

fn no_bytes(_: &Address, _: FileKind) -> Result<Bytes, String> {
    Err("no run is undone".to_owned())
}

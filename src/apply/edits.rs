//! The edits of many changes, in their order: several threads make them, since
//! to write down the files of ten thousand links takes as long as to plan them.

use super::edit::{Bytes, EditError, of_change};
use crate::model::FileKind;
use crate::plan::{Address, Change};
use crate::spread::Spread;
use crate::store::Edit;

/// Fewer changes are made edits by one thread.
const MADE_IN_TURN: usize = 256;
/// Changes that one thread takes at a time. Each edit may hold large icons, and
/// some portions are made ahead of the batch in hand.
const PORTION: usize = 4;

/// Gives the bytes that an undo brings back, or says why it cannot.
pub(super) type OldBytes<'a> = dyn Fn(&Address, FileKind) -> Result<Bytes, String> + 'a;

/// Makes an edit of each change, and hands them on in order. Old bytes are read
/// from the disk, in the same order; `None` is for what undoes nothing.
pub(super) fn each(
    changes: &[Change],
    old: Option<&OldBytes<'_>>,
    mut take: impl FnMut(&Change, Result<Edit, EditError>),
) {
    if let Some(old) = old {
        for change in changes {
            take(change, of_change(change, old));
        }
        return;
    }
    let spread = if changes.len() < MADE_IN_TURN {
        Spread::alone()
    } else {
        Spread::over_processors()
    };
    let make = |part: &[Change]| -> Vec<_> {
        let part = part.iter();
        part.map(|change| of_change(change, &no_bytes)).collect()
    };
    let mut in_order = changes.iter();
    spread.each(changes, PORTION, make, |edits| {
        for (edit, change) in edits.into_iter().zip(in_order.by_ref()) {
            take(change, edit);
        }
    });
}

fn no_bytes(_: &Address, _: FileKind) -> Result<Bytes, String> {
    Err("no run is undone".to_owned())
}

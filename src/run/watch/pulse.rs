//! The *pulse* of a long round. Whoever reads a file in a watched folder makes
//! the kernel tell of it, us included; read without a pause, a hundred
//! thousand users would fill the queue of notices, and what somebody else does
//! meanwhile would be lost. So now and then it waits until all that was told
//! so far has been taken in.

use crate::model::ActualUser;
use crate::store::{Disk, Store};
use crate::watch::Inbox;
use std::sync::Arc;
use std::time::Duration;

/// How many notices may stand in the queue because of us: a quarter of what
/// the kernel keeps unless it is told otherwise (`max_queued_events`, 16384).
const MOST: usize = 4096;
/// How long to wait. If the notices are not taken in by then the queue may
/// well run over, and that is told too.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts what is told of us.
pub(super) struct Pulse {
    inbox: Arc<Inbox>,
    /// Whether there are notices.
    pub(super) is_watched: bool,
    told: usize,
}

impl Pulse {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            is_watched: false,
            told: 0,
        }
    }

    /// A user was read.
    pub(super) fn beat<D: Disk>(&mut self, actual: &ActualUser, store: &Store<D>) {
        // Both folders, each told by itself and by its parent; each file.
        self.told += 4 + 3 * actual.links.len() + 2 * actual.groups.len();
        if self.told > MOST {
            self.fence(store);
        }
    }

    /// Waits until all that was told has been taken in.
    pub(super) fn fence<D: Disk>(&mut self, store: &Store<D>) {
        self.told = 0;
        if self.is_watched {
            let seen = self.inbox.fences();
            store.knock();
            self.inbox.wait_for_fence(seen, PATIENCE);
        }
    }
}

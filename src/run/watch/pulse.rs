//! The *pulse* of a long round. Whoever reads a file in a watched folder makes
//! the kernel tell of it, us included; read without a pause, a hundred
//! thousand users would fill the queue of notices, and what somebody else does
//! meanwhile would be lost. So now and then it waits until all that was told
//! so far has been taken in.

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

    /// A user was read, with so many files.
    pub(super) fn beat<D: Disk>(&mut self, files: usize, store: &Store<D>) {
        // Both folders, each told by itself and by its parent; each file.
        self.told += 4 + files;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Account, UserName};
    use crate::store::faulty::Faulty;
    use crate::store::testing::Fixture;

    /// What the kernel keeps unless it is told otherwise.
    const QUEUE: usize = 16_384;

    #[test]
    fn what_is_read_between_two_waits_never_fills_half_of_the_queue() {
        let fixture = Fixture::new();
        for app in ["One", "Two", "Three"] {
            for file in [
                format!("links/ann/{app}.userconfig"),
                format!("links/ann/{app}.adminconfig"),
                format!("dynamicui/ann/dynamicui_{app}.conf"),
            ] {
                fixture.write(&file, b"{}");
            }
        }
        fixture.write("links/ann/group_acme.userconfig", b"{}");
        fixture.write("dynamicui/ann/dynamicui_group_acme.conf", b"{}");
        let disk = Faulty::default();
        let store: Store<Faulty> = fixture.store_on(disk.clone());
        let ann = UserName::parse("ann").unwrap();
        let inbox = Arc::new(Inbox::default());
        let mut pulse = Pulse::new(Arc::clone(&inbox));
        pulse.is_watched = true;
        let passing = std::thread::spawn(move || {
            // As the kernel's notice of a knock does.
            while Arc::strong_count(&inbox) > 1 {
                inbox.pass_fence();
                std::thread::yield_now();
            }
        });
        let (mut unread, mut most, mut waits) = (0_usize, 0, 0);
        for _ in 0..2_000 {
            let actual = store.read_user(&ann, Account::NotAsked);
            assert_eq!((actual.links.len(), actual.groups.len()), (3, 1));
            let opened = disk.take_calls();
            let opened = opened.iter().filter(|call| call.starts_with("open"));
            // At most two notices each: a folder's own and its parent's.
            unread += 2 * opened.count();
            most = most.max(unread);
            pulse.beat(3 * actual.links.len() + 2 * actual.groups.len(), &store);
            if disk.take_calls().iter().any(|call| call.ends_with("/.")) {
                (unread, waits) = (0, waits + 1);
            }
        }
        drop(pulse);
        passing.join().unwrap();
        assert!(most > 0 && most < QUEUE / 2, "{most}");
        assert!((2..2_000).contains(&waits), "{waits}");
    }
}

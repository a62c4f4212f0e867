//! How a watch comes to know that something happened: by the kernel's
//! notices, and where there are none to be had by looking at folders now and
//! then.

use crate::cli::Watcher;
use crate::model::UserName;
use crate::plan::Tree;
use crate::store::{Disk, Stamp, Store};
use crate::watch::{Blind, Eyes, Hints, Inbox, Moment};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Shortest time between two looks at folders.
const POLL: Duration = Duration::from_secs(2);
/// For each time unit that a look takes, so many without.
const SPACING: u32 = 50;
/// File systems on which others change files without a notice here, by what
/// `statfs` calls them: NFS, SMB (two), FUSE, 9P, Ceph, AFS, Lustre, GFS2,
/// OCFS2.
const REMOTE: [i128; 10] = [
    0x6969,
    0xff53_4d42,
    0xfe53_4d42,
    0x6573_5546,
    0x0102_1997,
    0x00c3_6400,
    0x5346_414f,
    0x0bd0_0bd0,
    0x0116_1970,
    0x7461_636f,
];

/// Both folders of a user, as they were last.
type Both = [Option<Stamp>; 2];

/// The eyes, and what is looked at without them.
pub(super) struct Sight {
    root: PathBuf,
    own: Vec<PathBuf>,
    inbox: Arc<Inbox>,
    how: Watcher,
    eyes: Option<Eyes>,
    /// Users' folders, where they are polled.
    polled: Option<BTreeMap<UserName, Both>>,
    /// Whether the folders beside the manifest are polled.
    polls_inputs: bool,
    inputs: BTreeSet<PathBuf>,
    next: Moment,
    /// How long a look took.
    cost: Duration,
}

impl Sight {
    pub(super) fn new(root: &Path, own: Vec<PathBuf>, inbox: Arc<Inbox>, how: Watcher) -> Self {
        Self {
            root: root.to_owned(),
            own,
            inbox,
            how,
            eyes: None,
            polled: None,
            polls_inputs: false,
            inputs: BTreeSet::new(),
            next: Moment::ZERO,
            cost: Duration::ZERO,
        }
    }

    /// Begins anew: with these users, and the folders beside the manifest.
    /// Gives why there are no notices, if there are none.
    ///
    /// # Errors
    /// There are none, and nothing else was asked for.
    pub(super) fn open(&mut self, users: &BTreeSet<UserName>) -> Result<Option<Blind>, Blind> {
        self.eyes = None;
        self.polled = None;
        let opened = match self.how {
            Watcher::Poll => Err(Blind::Other("polling was asked for".to_owned())),
            Watcher::Auto if is_remote(&self.root) => Err(Blind::Other(
                "the root is on a file system that others change without a notice here".to_owned(),
            )),
            Watcher::Auto | Watcher::Inotify => self.open_eyes(Some(users)),
        };
        let Err(why) = opened else {
            return Ok(None);
        };
        if self.how == Watcher::Inotify {
            return Err(why);
        }
        // What is left of the limit may do for the few folders that are not
        // users'. Without it all is polled.
        self.eyes = None;
        if self.how == Watcher::Poll || self.open_eyes(None).is_err() {
            self.eyes = None;
            self.polls_inputs = true;
        }
        self.polled = Some(BTreeMap::new());
        Ok(Some(why))
    }

    fn open_eyes(&mut self, users: Option<&BTreeSet<UserName>>) -> Result<(), Blind> {
        let mut eyes = Eyes::open(&self.root, self.own.clone(), Arc::clone(&self.inbox))?;
        eyes.set_inputs(&self.inputs, &BTreeSet::new())?;
        if let Some(users) = users {
            eyes.set_users(users)?;
        }
        self.eyes = Some(eyes);
        self.polls_inputs = self.inputs.iter().any(|folder| is_remote(folder));
        Ok(())
    }

    /// Watches the folders of these users, and no others.
    ///
    /// # Errors
    /// Not all of them can be watched: then it has to begin anew.
    pub(super) fn set_users(&mut self, users: &BTreeSet<UserName>) -> Result<(), Blind> {
        if let Some(polled) = &mut self.polled {
            polled.retain(|user, _| users.contains(user));
            return Ok(());
        }
        self.eyes
            .as_mut()
            .map_or(Ok(()), |eyes| eyes.set_users(users))
    }

    /// Watches these folders beside the manifest, and no others; `anew` those
    /// that came or went. Gives whether all of them were there.
    ///
    /// # Errors
    /// Not all of them can be watched: then it has to begin anew.
    pub(super) fn set_inputs(
        &mut self,
        folders: BTreeSet<PathBuf>,
        anew: &BTreeSet<PathBuf>,
    ) -> Result<bool, Blind> {
        self.inputs = folders;
        let Some(eyes) = &mut self.eyes else {
            return Ok(true);
        };
        self.polls_inputs = self.inputs.iter().any(|folder| is_remote(folder));
        eyes.set_inputs(&self.inputs, anew)
    }

    /// Watches folders of users anew that came or went.
    ///
    /// # Errors
    /// Not all of them can be watched: then it has to begin anew.
    pub(super) fn renew(&mut self, folders: BTreeSet<(Tree, UserName)>) -> Result<(), Blind> {
        match &mut self.eyes {
            Some(eyes) if self.polled.is_none() => eyes.renew(folders),
            Some(_) | None => Ok(()),
        }
    }

    /// How many folders of users are watched.
    pub(super) fn folders(&self) -> usize {
        let watched = self.eyes.as_ref().map_or(0, Eyes::len);
        self.polled
            .as_ref()
            .map_or(watched, |polled| 2 * polled.len())
    }

    /// Whether anything is polled.
    pub(super) fn is_polling(&self) -> bool {
        self.polled.is_some() || self.polls_inputs
    }

    /// Whether there are notices at all.
    pub(super) fn has_eyes(&self) -> bool {
        self.eyes.is_some()
    }

    /// Whether the root was not there when it was to be watched: nobody tells
    /// when it comes.
    pub(super) fn lacks_root(&self) -> bool {
        self.eyes.as_ref().is_some_and(|eyes| !eyes.has_root())
    }

    /// When to look next; `None` where nothing is polled.
    pub(super) fn next_poll(&self) -> Option<Moment> {
        self.is_polling().then_some(self.next)
    }

    /// Notes how the folders of users are that were not looked at yet: before
    /// they are read, so that nothing that happens later is missed.
    pub(super) fn remember<D: Disk>(&mut self, store: &Store<D>, users: &BTreeSet<UserName>) {
        let Some(polled) = &mut self.polled else {
            return;
        };
        for user in users {
            polled
                .entry(user.clone())
                .or_insert_with(|| both(store, user));
        }
    }

    /// Looks at what is polled, if it is due, and puts what changed into the
    /// inbox. Gives how long that took, and how long it is until the next time;
    /// `None` if it was not due.
    pub(super) fn poll<D: Disk>(
        &mut self,
        store: Option<&Store<D>>,
        now: Moment,
    ) -> Option<(Duration, Duration)> {
        if !self.is_polling() || now < self.next {
            return None;
        }
        let begin = Instant::now();
        let mut changed = BTreeSet::new();
        if let (Some(polled), Some(store)) = (&mut self.polled, store) {
            for (user, before) in polled {
                let now = both(store, user);
                if *before != now {
                    *before = now;
                    changed.insert(user.clone());
                }
            }
        }
        self.cost = begin.elapsed();
        let rest = POLL.max(self.cost.saturating_mul(SPACING));
        self.next = now + self.cost + rest;
        let inputs = self.polls_inputs;
        if inputs || !changed.is_empty() {
            self.inbox.put(|hints: &mut Hints| {
                hints.events += changed.len() as u64;
                hints.users.extend(changed);
                hints.inputs |= inputs;
            });
        }
        Some((self.cost, rest))
    }
}

fn both<D: Disk>(store: &Store<D>, user: &UserName) -> Both {
    [Tree::Links, Tree::Menu].map(|tree| store.stamp(tree, user))
}

/// Whether others may change what is in a folder without a notice here.
fn is_remote(folder: &Path) -> bool {
    let kind = rustix::fs::statfs(folder).map(|found| i128::from(found.f_type));
    kind.is_ok_and(|kind| REMOTE.contains(&kind))
}

//! The link's files, each time they are read: under the shared lock, so that
//! half an apply is never seen, and only as long as the reading takes.

use super::super::list::{no_file, told};
use super::super::target::check_settled;
use super::super::{Exit, Stop, World};
use crate::model::{
    Account, ActualLink, AppName, FileKind, FormFields, Lies, LinkForms, Obstacle, UserName,
};
use crate::store::{RealDisk, Store};
use anyhow::anyhow;
use std::time::Duration;

/// What helps where a file cannot be read.
const AS_ROOT: &str = "cPanel reads it as root: run this as root too";

/// Which link.
pub(super) struct Link {
    store: Store<RealDisk>,
    pub(super) user: UserName,
    pub(super) app: AppName,
    lock_timeout: Duration,
}

/// A link as it was found.
pub(super) struct Found {
    pub(super) forms: LinkForms,
    pub(super) presence: Presence,
}

/// Whether the customer's menu has a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// It has, or has an entry that leads nowhere.
    Visible,
    /// It has not.
    Hidden,
    /// It has not, and there is no userconfig either.
    NoLink,
}

impl Presence {
    fn of(link: &ActualLink) -> Self {
        if link.is_visible() {
            Self::Visible
        } else if !link.userconfig.is_absent() {
            Self::Hidden
        } else {
            Self::NoLink
        }
    }

    /// What there is to say about it.
    pub(super) fn note(self) -> Option<&'static str> {
        match self {
            Self::Visible => None,
            Self::Hidden => Some("the link is hidden, so the customer does not see it"),
            Self::NoLink => Some(
                "this is no link: it has no userconfig and no menu entry that shows, so the \
                 customer has nothing to click on",
            ),
        }
    }
}

impl Link {
    pub(super) fn new(
        store: Store<RealDisk>,
        user: UserName,
        app: AppName,
        lock_timeout: Duration,
    ) -> Self {
        Self {
            store,
            user,
            app,
            lock_timeout,
        }
    }

    /// Looks for the link; `None` if its folders cannot be read, which was
    /// shown.
    pub(super) fn find(&self, world: &mut World<'_>) -> Result<Option<Found>, Stop> {
        let _lock = self.store.lock_shared(self.lock_timeout)?;
        check_settled(&self.store)?;
        let actual = self.store.read_user(&self.user, Account::NotAsked);
        if told(&actual, world) != Exit::Done {
            return Ok(None);
        }
        let link = actual.links.get(&self.app);
        let link = link.ok_or_else(|| no_file(&self.user, &self.app))?;
        Ok(Some(Found {
            forms: self.store.read_forms(&self.user, &self.app),
            presence: Presence::of(link),
        }))
    }

    /// Reads the files once more.
    pub(super) fn read(&self) -> Result<LinkForms, Stop> {
        let _lock = self.store.lock_shared(self.lock_timeout)?;
        check_settled(&self.store)?;
        Ok(self.store.read_forms(&self.user, &self.app))
    }
}

/// A file's keys, or why cPanel reads none.
///
/// # Errors
/// It cannot be read here, so what cPanel reads is not known.
pub(super) fn fields(
    kind: FileKind,
    lies: &Lies<FormFields>,
) -> Result<Result<FormFields, String>, Stop> {
    match lies {
        Lies::Absent => Ok(Err("is missing".to_owned())),
        Lies::File(found) => Ok(Ok(found.value.clone())),
        Lies::Broken(found) => Ok(Err(found.value.clone())),
        Lies::Obstacle(obstacle) => Err(Stop {
            exit: Exit::Failed,
            error: anyhow!("the {} {obstacle}", kind.name()),
            hint: match obstacle {
                Obstacle::Unreadable(_) => Some(AS_ROOT.to_owned()),
                Obstacle::Symlink
                | Obstacle::Directory
                | Obstacle::Special(_)
                | Obstacle::TooLarge(_)
                | Obstacle::Unsafe { .. } => None,
            },
        }),
    }
}

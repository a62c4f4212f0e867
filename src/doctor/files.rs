//! What is wrong with a file as a file: what lies there, whether it parses,
//! who may read and change it.

use super::finding::{Finding, Mend};
use super::permit::{self, Wanted};
use super::rule::Rule;
use super::visit::Visit;
use crate::model::{FileKind, Found, Lies, Obstacle, Reading, Stamp};
use crate::plan::{Address, FileOwner, Place, Shield};

/// How owners are compared, and which commands would be safe.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owners {
    pub(super) owner: FileOwner,
    /// Whether others could swap files in the user's folder in `links`.
    pub(super) may_swap_links: bool,
    /// See `may_swap_links`.
    pub(super) may_swap_menu: bool,
}

/// What lies in the place of a file, whatever its content.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    kind: FileKind,
    stamp: Option<&'a Stamp>,
    broken: Option<&'a Found<String>>,
    obstacle: Option<&'a Obstacle>,
}

impl<'a> File<'a> {
    pub(super) fn of<T>(kind: FileKind, lies: &'a Lies<T>) -> Self {
        Self {
            kind,
            stamp: lies.stamp(),
            broken: match lies {
                Lies::Broken(found) => Some(found),
                Lies::Absent | Lies::File(_) | Lies::Obstacle(_) => None,
            },
            obstacle: lies.obstacle(),
        }
    }

    /// Looks at it as a file of that link or group.
    pub(super) fn check(
        self,
        address: &Address,
        visit: &Visit<'_>,
        owners: Owners,
        findings: &mut Vec<Finding>,
    ) {
        let place = || Place::File(address.clone(), self.kind);
        findings.extend(self.obstacle.map(|found| obstacle(place(), found)));
        findings.extend(
            self.broken
                .map(|found| self.unreadable(found, address, visit)),
        );
        let wanted = Wanted {
            mode: self.kind.mode(),
            owner: match owners.owner {
                FileOwner::Keep => None,
                FileOwner::Root => Some((0, Some(0))),
            },
            shield: match self.kind {
                FileKind::Adminconfig => Shield::Read,
                FileKind::Userconfig | FileKind::Menu => Shield::Write,
            },
            may_be_swapped: match self.kind {
                FileKind::Userconfig | FileKind::Adminconfig => owners.may_swap_links,
                FileKind::Menu => owners.may_swap_menu,
            },
        };
        let stamp = self.stamp.map(|stamp| stamp.ownership);
        findings.extend(stamp.and_then(|found| permit::check(place(), found, wanted)));
    }

    fn unreadable(&self, found: &Found<String>, address: &Address, visit: &Visit<'_>) -> Finding {
        let place = Place::File(address.clone(), self.kind);
        let Some(look) = visit.looks.get(&(address.clone(), self.kind)) else {
            // No command is given for what nobody looked at.
            let found = format!("{}; it changed while it was looked at", found.value);
            return Finding::new(Rule::Unreadable, place, found);
        };
        let is_group = matches!(address, Address::Group(..));
        let (rule, mend) = match (self.kind, look.reading) {
            (_, Reading::Reads) => (Rule::NotStrict, Mend::Apply),
            // Without it the menu works again, and its link shows no less.
            (FileKind::Menu, Reading::Fails) => (Rule::MenuUnreadable, Mend::Aside),
            (FileKind::Menu, Reading::OtherShape) => (Rule::MenuShape, Mend::Apply),
            (FileKind::Userconfig, _) if is_group => (Rule::GroupIncomplete, Mend::Apply),
            (FileKind::Userconfig, _) => (Rule::UserconfigUnreadable, Mend::Apply),
            (FileKind::Adminconfig, _) => (Rule::AdminconfigUnreadable, Mend::Apply),
        };
        Finding::new(rule, place, found.value.clone()).mended_by(mend)
    }
}

/// Something else in the place of a file or folder.
///
/// | what | command |
/// |---|---|
/// | a directory, FIFO, socket or device | it serves nobody: moved aside |
/// | a symbolic link, a file that is too large | none: the panel may read it, so what it holds has to be seen first |
/// | what cannot be read | none: nothing is known of it |
pub(super) fn obstacle(place: Place, obstacle: &Obstacle) -> Finding {
    let found = obstacle.to_string();
    match obstacle {
        Obstacle::Directory | Obstacle::Special(_) => {
            Finding::new(Rule::Obstacle, place, found).mended_by(Mend::Aside)
        }
        Obstacle::Symlink | Obstacle::TooLarge(_) => Finding::new(Rule::Obstacle, place, found),
        Obstacle::Unsafe { .. } => Finding::new(Rule::OthersCanWrite, place, found),
        Obstacle::Unreadable(_) => Finding::new(Rule::Unreadable, place, found),
    }
}

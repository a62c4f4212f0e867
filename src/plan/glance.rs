//! What need not be looked at closely. A user whose files are all as wanted
//! changes nothing in a plan but its counts, so nothing of them has to be
//! decoded, kept or compared field by field. Here is what such a user must be
//! like, and what a plan takes note of.

use super::address::Address;
use super::between::{News, Planner};
use super::drift::UserDrift;
use super::folder::{Tree, folder_mend};
use super::link::is_wrong_ownership;
use super::owned::Owned;
use super::policy::{Policy, UnknownTokens, Unlisted};
use super::unrecorded::Adoption;
use crate::model::{
    Account, AppName, DesiredToken, DesiredUser, FileKind, Folder, Ownership, UserName, Wanted,
};

/// A user who may be as wanted, and the rules for telling.
#[derive(Clone, Copy)]
pub struct Glance<'p> {
    desired: &'p DesiredUser,
    owned: &'p Owned,
    policy: &'p Policy,
}

impl<'p> Glance<'p> {
    /// The user that is to be told of; `None` where a glance is not enough,
    /// since more than the files decides.
    pub fn at(desired: &'p DesiredUser, owned: &'p Owned, policy: &'p Policy) -> Option<Self> {
        let removes_groups = match policy.unlisted {
            Unlisted::RemoveOwned => owned.groups(&desired.name).next().is_some(),
            Unlisted::HideOwned | Unlisted::HideAll | Unlisted::Keep => false,
        };
        let blocks = match policy.unknown_tokens {
            UnknownTokens::Block => desired.links.values().any(|wanted| match wanted {
                Wanted::Link(link) => matches!(link.token, DesiredToken::Unknown { .. }),
                Wanted::Absent => false,
            }),
            UnknownTokens::NotCompared => false,
        };
        let is_enough = policy.scope.has_all_apps() && !removes_groups && !blocks;
        is_enough.then_some(Self {
            desired,
            owned,
            policy,
        })
    }

    /// The account.
    pub fn user(&self) -> &'p UserName {
        &self.desired.name
    }

    /// What is wanted.
    pub fn desired(&self) -> &'p DesiredUser {
        self.desired
    }

    /// Whether this link or group is wanted.
    pub fn names(&self, address: &Address) -> bool {
        match address {
            Address::Link(_, app) => matches!(self.desired.links.get(app), Some(Wanted::Link(_))),
            Address::Group(_, id) => self.desired.groups.contains_key(id),
        }
    }

    /// Whether all that is recorded as ours of the user is wanted. What is not
    /// has to be looked at: it may be gone, or another than we left it.
    pub fn names_all_of_ours(&self) -> bool {
        let user = self.user();
        let is_named = |app: &AppName| matches!(self.desired.links.get(app), Some(Wanted::Link(_)));
        let mut groups = self.owned.groups(user);
        self.owned.apps(user).all(is_named) && groups.all(|id| self.desired.groups.contains_key(id))
    }

    /// Whether a link that is on disk and not named stays as it is, whatever
    /// its files say.
    pub fn is_left_alone(&self, app: &AppName) -> bool {
        self.policy.leaves_alone(app, self.is_owned(app), true)
    }

    /// Whether a link is recorded as ours.
    pub fn is_owned(&self, app: &AppName) -> bool {
        self.owned.has(&self.desired.name, app)
    }

    /// Whether the account is one whose files may be changed, and both of its
    /// folders are there and as they must be.
    pub fn is_right_account(&self, account: &Account, links: &Folder, menu: &Folder) -> bool {
        let is_known = match account {
            Account::NotAsked | Account::Known { .. } => true,
            Account::Missing | Account::LookupFailed(_) => false,
        };
        let is_right = |tree, folder: &Folder| match folder {
            Folder::Present(found) => {
                folder_mend(self.user(), tree, *found, account, self.policy.owner).is_none()
            }
            Folder::Absent | Folder::Obstacle(_) => false,
        };
        is_known && is_right(Tree::Links, links) && is_right(Tree::Menu, menu)
    }

    /// Whether a file has the mode and owner that it must have.
    pub fn is_right_owner(&self, file: FileKind, found: Ownership) -> bool {
        !is_wrong_ownership(file, found, self.policy.owner)
    }
}

/// What is there of a user beside the links and groups that are named, all of
/// which are as wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsWanted {
    /// Foreign links that are not named.
    pub foreign: usize,
    /// Links of ours that are not named, and left alone.
    pub ours_left: usize,
    /// Files that belong to no link or group.
    pub strays: usize,
}

impl Planner<'_> {
    /// Takes note of a user of whom a glance told that all is as wanted: what
    /// [`Planner::add`] makes of that user's files. In a plan that is not only
    /// shown all that is ours of the user must be wanted, and as it was left.
    pub fn add_as_wanted(&mut self, glance: &Glance<'_>, found: AsWanted) {
        let desired = glance.desired;
        let user = &desired.name;
        self.plan.counts.users += 1;
        self.tally.name(desired.links.len());
        self.plan.counts.strays += found.strays;
        self.plan.counts.foreign += found.foreign;
        self.plan.counts.ours_left += found.ours_left;
        for id in desired.groups.keys() {
            let is_owned = self.owned.has_group(user, id);
            self.in_sync(is_owned);
            if self.news == News::Noted && !is_owned {
                let adoption = Adoption::of_group(Address::Group(user.clone(), id.clone()));
                self.plan.unrecorded.adopted.push(adoption);
            }
        }
        for (app, wanted) in &desired.links {
            let Wanted::Link(link) = wanted else {
                self.plan.counts.in_sync += 1;
                continue;
            };
            self.in_sync(self.owned.has(user, app));
            self.tally.in_reach += 1;
            self.tally.showing += usize::from(!link.link.hide);
            let is_unknown = matches!(link.token, DesiredToken::Unknown { .. });
            self.plan.counts.tokens_not_compared += usize::from(is_unknown);
            if self.news == News::Noted {
                let no_drift = UserDrift::default();
                let adoption = Adoption::of_link(user, app, link, self.owned, &no_drift);
                self.plan.unrecorded.adopted.extend(adoption);
            }
        }
    }

    fn in_sync(&mut self, is_owned: bool) {
        self.plan.counts.in_sync += 1;
        self.plan.counts.adopted += usize::from(!is_owned);
    }
}

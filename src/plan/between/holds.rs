//! What of one user waits, and is taken out of the plan.

use super::{News, Planner};
use crate::model::AppName;
use crate::plan::group::{stands_in, will_name};
use crate::plan::{
    Address, Change, FolderMend, GroupAction, GroupChange, Held, Hold, LinkChange, Waiting,
};
use std::collections::BTreeSet;

impl Planner<'_> {
    /// Puts a group's change into the plan, or beside it where it waits: by
    /// itself, or since a link does that has to leave the group first.
    pub(in crate::plan) fn push_group(&mut self, group: GroupChange) {
        let address = Address::Group(group.user.clone(), group.id.clone());
        let hold = self.hold_of(&address);
        let hold = hold.or_else(|| match &group.action {
            GroupAction::Create { .. } | GroupAction::Replace { .. } => None,
            GroupAction::Remove { leaving, .. } => self.hold_of_any(leaving),
        });
        let change = Change::Group(Box::new(group));
        match hold {
            None => self.plan.changes.push(change),
            Some(why) => self.hold(Waiting::Change(change), why),
        }
    }

    /// Puts a folder to be put right into the plan, or beside it.
    pub(super) fn push_folder(&mut self, mend: FolderMend) {
        match self.policy.holds.of_folders(&mend.user) {
            None => self.plan.folders.push(mend),
            Some(why) => self.hold(Waiting::Folder(mend), why),
        }
    }

    pub(super) fn hold(&mut self, what: Waiting, why: Hold) {
        self.plan.held.push(Held { what, why });
    }

    /// Why a link's change waits: by itself, or since the group does that the
    /// link would newly stand in.
    pub(super) fn hold_of_link(&self, address: &Address, link: &LinkChange) -> Option<Hold> {
        let hold = self.hold_of(address);
        hold.or_else(|| self.hold_of_its_group(link))
    }

    /// Why a link or group of the user in hand waits by itself.
    fn hold_of(&self, address: &Address) -> Option<Hold> {
        let hold = self.policy.holds.of(address);
        hold.or_else(|| self.is_gone.then_some(Hold::UserGone))
    }

    /// What holds the group that a link would newly stand in.
    fn hold_of_its_group(&self, link: &LinkChange) -> Option<Hold> {
        let after = link.action.after()?;
        let mut held = self.held_here();
        held.find_map(|(change, why)| match change {
            Change::Group(group) => {
                let stood_in = link
                    .action
                    .before()
                    .is_some_and(|b| stands_in(b, &group.id));
                (will_name(after, &group.id) && !stood_in).then(|| why.clone())
            }
            Change::Link(_) => None,
        })
    }

    fn hold_of_any(&self, apps: &BTreeSet<AppName>) -> Option<Hold> {
        let mut held = self.held_here();
        held.find_map(|(change, why)| match change {
            Change::Link(link) => apps.contains(&link.app).then(|| why.clone()),
            Change::Group(_) => None,
        })
    }

    /// The changes of the user in hand that wait.
    pub(in crate::plan) fn held_here(&self) -> impl Iterator<Item = (&Change, &Hold)> {
        let held = self.plan.held.iter().skip(self.held_before);
        held.filter_map(|held| match &held.what {
            Waiting::Change(change) => Some((change, &held.why)),
            Waiting::Folder(_) => None,
        })
    }

    /// What is recorded as ours and is so no more; but while a person works on
    /// it, that it is away says little.
    pub(in crate::plan) fn forget(&mut self, address: Address) {
        if self.news == News::Noted && self.policy.holds.of(&address).is_none() {
            self.plan.unrecorded.gone.push(address);
        }
    }
}

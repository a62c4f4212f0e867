//! The menu groups of one user.

use super::{News, Planner};
use crate::model::{ActualUser, AppName, DesiredUser, GroupId, Wanted};
use crate::plan::{Address, Adoption, Change, Unlisted, UserDrift, group};
use std::collections::BTreeSet;

impl Planner<'_> {
    /// Groups come before the links that stand in them; a group that cannot
    /// be handled blocks those links.
    pub(super) fn add_groups(
        &mut self,
        desired: Option<&DesiredUser>,
        actual: &ActualUser,
        drift: &UserDrift,
    ) -> BTreeSet<GroupId> {
        let mut blocked = BTreeSet::new();
        let Some(desired) = desired else {
            return blocked;
        };
        for (id, wanted) in &desired.groups {
            if !self.is_group_in_scope(desired, id) {
                continue;
            }
            let user = &actual.name;
            let is_owned = self.owned.has_group(user, id);
            let found = actual.groups.get(id);
            match group::declared(user, id, wanted, found, is_owned, self.policy.owner) {
                Ok(None) => {
                    self.plan.counts.in_sync += 1;
                    self.plan.counts.adopted += usize::from(!is_owned);
                    let address = Address::Group(user.clone(), id.clone());
                    if self.news == News::Noted && (!is_owned || drift.is_news(&address)) {
                        let adoption = Adoption::of_group(address);
                        self.plan.unrecorded.adopted.push(adoption);
                    }
                }
                Ok(Some(change)) => self.push_group(change),
                Err(why) => {
                    self.block(Address::Group(user.clone(), id.clone()), why);
                    blocked.insert(id.clone());
                }
            }
        }
        blocked
    }

    fn is_group_in_scope(&self, desired: &DesiredUser, id: &GroupId) -> bool {
        desired.links.iter().any(|(app, wanted)| {
            self.policy.scope.has_app(app)
                && match wanted {
                    Wanted::Link(link) => link.link.group_id.as_deref() == Some(id.as_str()),
                    Wanted::Absent => false,
                }
        })
    }

    /// Groups of ours that go, after the links that leave them. Where the
    /// scope leaves apps out, not all that may change is known.
    pub(super) fn add_unlisted_groups(
        &mut self,
        desired: Option<&DesiredUser>,
        actual: &ActualUser,
        before_links: usize,
    ) {
        let is_asked = match self.policy.unlisted {
            Unlisted::RemoveOwned => self.policy.scope.has_all_apps(),
            Unlisted::HideOwned | Unlisted::HideAll | Unlisted::Keep => false,
        };
        let owned = self.owned;
        let mut ids = owned.groups(&actual.name).peekable();
        if !is_asked || ids.peek().is_none() {
            return;
        }
        let changes = self.plan.changes.iter().skip(before_links);
        // Those that wait too, and then the group waits with them.
        let held = self.held_here().map(|(change, _)| change);
        let changed: BTreeSet<AppName> = changes
            .chain(held)
            .filter_map(|change| match change {
                Change::Link(link) => Some(link.app.clone()),
                Change::Group(_) => None,
            })
            .collect();
        for id in ids {
            match group::unlisted(desired, actual, id, &changed) {
                Ok(None) => {}
                Ok(Some(change)) => self.push_group(change),
                Err(why) => self.block(Address::Group(actual.name.clone(), id.clone()), why),
            }
        }
    }
}

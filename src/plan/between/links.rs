//! The links of one user.

use super::{News, Planner};
use crate::model::{ActualLink, ActualUser, AppName, DesiredUser, GroupId, UserName, Wanted};
use crate::plan::change::{Change, LinkAction, LinkChange};
use crate::plan::host::new_host;
use crate::plan::link::{self, Outcome, Rules};
use crate::plan::{Address, Adoption, Reason, Unlisted, UserDrift, Waiting, Why};
use std::collections::BTreeSet;

impl Planner<'_> {
    pub(super) fn add_links(
        &mut self,
        desired: Option<&DesiredUser>,
        actual: &ActualUser,
        blocked_groups: &BTreeSet<GroupId>,
        drift: &UserDrift,
    ) {
        let user = &actual.name;
        let named = desired.map(|d| &d.links);
        let apps: BTreeSet<&AppName> = actual
            .links
            .keys()
            .chain(named.into_iter().flat_map(|links| links.keys()))
            .filter(|app| self.policy.scope.has_app(app))
            .collect();
        let before = self.plan.changes.len();
        for app in apps {
            let found = actual.links.get(app);
            let is_owned = self.owned.has(user, app);
            let wanted = named.and_then(|links| links.get(app));
            let outcome = match (wanted, found) {
                (Some(Wanted::Link(wanted)), found) => {
                    let group = wanted.link.group_id.as_deref();
                    if let Some(id) = blocked_groups.iter().find(|id| Some(id.as_str()) == group) {
                        Some(Outcome::Blocked(Why::Group(id.clone())))
                    } else {
                        let rules = Rules {
                            owner: self.policy.owner,
                            unknown_tokens: self.policy.unknown_tokens,
                        };
                        Some(link::declared(user, app, wanted, found, is_owned, rules))
                    }
                }
                (Some(Wanted::Absent), found) => {
                    let reason = Reason::DeclaredAbsent;
                    Some(link::removal(user, app, found, is_owned, reason))
                }
                (None, Some(found)) => {
                    let outcome = self.unlisted(user, app, found, is_owned, desired.is_some());
                    if outcome.is_none() {
                        self.plan.counts.leave(is_owned);
                    }
                    outcome
                }
                (None, None) => None,
            };
            let Some(outcome) = outcome else { continue };
            if found.is_some() {
                self.tally.in_reach += 1;
                let leaves = matches!(&outcome, Outcome::Change(change) if leaves_menu(change));
                let shows = found.is_some_and(ActualLink::is_visible);
                self.tally.showing += usize::from(shows || leaves);
            }
            let address = Address::Link(user.clone(), app.clone());
            if let (Outcome::InSync { .. }, Some(found)) = (&outcome, found) {
                let is_named = matches!(wanted, Some(Wanted::Link(_)));
                self.plan.counts.adopted += usize::from(is_named && !is_owned);
                let adoption = match wanted {
                    _ if self.news == News::Left => None,
                    Some(Wanted::Link(wanted)) => {
                        Adoption::of_link(user, app, wanted, self.owned, drift)
                    }
                    Some(Wanted::Absent) => None,
                    None => Adoption::of_hidden(&address, app, found, self.owned, drift),
                };
                self.plan.unrecorded.adopted.extend(adoption);
            }
            self.add_outcome(address, outcome, desired.is_some());
        }
        if desired.is_none() && self.plan.changes.len() > before {
            self.tally.user_gone(user);
        }
    }

    /// What the rule for unlisted links makes of one; `None` leaves it alone.
    fn unlisted(
        &self,
        user: &UserName,
        app: &AppName,
        found: &ActualLink,
        is_owned: bool,
        user_is_named: bool,
    ) -> Option<Outcome> {
        if self.policy.leaves_alone(app, is_owned, user_is_named) {
            return None;
        }
        Some(match self.policy.unlisted {
            Unlisted::HideAll | Unlisted::HideOwned => link::hiding(user, app, found, is_owned),
            Unlisted::RemoveOwned => {
                let reason = Reason::Unlisted;
                link::removal(user, app, Some(found), is_owned, reason)
            }
            Unlisted::Keep => return None,
        })
    }

    pub(in crate::plan) fn add_outcome(
        &mut self,
        address: Address,
        outcome: Outcome,
        user_is_named: bool,
    ) {
        match outcome {
            Outcome::InSync { token_not_compared } => {
                self.plan.counts.in_sync += 1;
                self.plan.counts.tokens_not_compared += usize::from(token_not_compared);
            }
            Outcome::Blocked(why) => self.block(address, why),
            Outcome::Change(mut change) => {
                let token = self.owned.token(&change.user, &change.app);
                change.owned_token = token.map(str::to_owned);
                if let Some(why) = self.hold_of_link(&address, &change) {
                    return self.hold(Waiting::Change(Change::Link(change)), why);
                }
                if let Some(hosts) = new_host(&change, self.owned)
                    && !self.policy.allowances.hosts.contains(&hosts.to)
                {
                    self.tally.new_host(&address, &hosts);
                }
                match &change.action {
                    // Links of users that vanished whole are a class of their own.
                    LinkAction::Hide { .. } | LinkAction::Remove { .. } if user_is_named => {
                        self.tally.hide(&address);
                    }
                    LinkAction::Replace { .. } if changes_content(&change.reasons) => {
                        self.tally.replace(&address);
                    }
                    LinkAction::Hide { .. }
                    | LinkAction::Replace { .. }
                    | LinkAction::Remove { .. }
                    | LinkAction::Create { .. } => {}
                }
                self.plan.changes.push(Change::Link(change));
            }
        }
    }
}

/// Whether a replace is more than a file's mode or owner put right, which no
/// customer sees and which a restored backup needs everywhere at once.
fn changes_content(reasons: &BTreeSet<Reason>) -> bool {
    reasons
        .iter()
        .any(|reason| !matches!(reason, Reason::Mode | Reason::Adopt))
}

/// Whether a change takes a link out of its menu.
fn leaves_menu(change: &LinkChange) -> bool {
    match &change.action {
        LinkAction::Hide { .. } | LinkAction::Remove { .. } => true,
        LinkAction::Create { .. } | LinkAction::Replace { .. } => false,
    }
}

//! What the guards count while a plan is made, and their verdict at its end.
//! The rules are the table in `guard.rs`.

use super::address::Address;
use super::change::{Change, LinkAction};
use super::guard::{
    Allowances, Guard, GuardCheck, Headroom, Limits, MOST_USERS_GONE, Percent, Refusal, SMALL,
};
use super::host::NewHost;
use super::policy::Scope;
use crate::model::UserName;

/// Below [`SMALL`], this many may be hidden even if they are all there are.
const FEW: usize = 2;
/// How many addresses a refusal names.
const NAMED: usize = 10;

/// The counts of a plan in the making.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Links the manifest names, `absent` ones too. `None` under a scope, which
    /// does not show all of them, and where there is no manifest.
    pub(super) named: Option<usize>,
    /// Links on disk that this plan could have changed.
    pub(super) in_reach: usize,
    /// Of those, links that show, or that this plan hides or removes: what is
    /// hidden already makes no share smaller.
    pub(super) showing: usize,
    /// Users we own links of.
    owned_users: usize,
    /// What there was when all users were looked at last; `None` where all
    /// are.
    census: Option<Census>,
    hidden: Counted,
    replaced: Counted,
    users_gone: Counted,
    new_hosts: Counted,
}

/// How much there is of what the guards take shares of, on the whole server:
/// what a plan of a few users is held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Links the manifest names, `absent` ones too.
    pub named: usize,
    /// Links on disk that a plan could change.
    pub in_reach: usize,
    /// Of those, links that show.
    pub showing: usize,
    /// Users we own links of.
    pub owned_users: usize,
}

impl Census {
    /// What a plan of all users found.
    pub fn of(guards: &GuardCheck, named: usize) -> Self {
        let of = |guard| {
            let mut headroom = guards.headroom.iter();
            headroom.find(|h| h.guard == guard).map_or(0, |h| h.of)
        };
        Self {
            named,
            in_reach: of(Guard::Replace),
            showing: of(Guard::Hide),
            owned_users: of(Guard::UserGone),
        }
    }
}

impl Census {
    /// Takes up that a change was carried out, so that it stays true between
    /// two looks at all users: what was created since can be changed too.
    pub fn count(&mut self, change: &Change) {
        let change = match change {
            Change::Link(change) => change,
            Change::Group(_) => return,
        };
        match &change.action {
            LinkAction::Create { after } => {
                self.in_reach += 1;
                self.showing += usize::from(!after.link.hide);
            }
            LinkAction::Replace { before, after } => {
                let showing = self.showing + usize::from(!after.link.hide);
                self.showing = showing.saturating_sub(usize::from(before.is_visible()));
            }
            LinkAction::Hide { .. } => self.showing = self.showing.saturating_sub(1),
            LinkAction::Remove { .. } => {
                self.in_reach = self.in_reach.saturating_sub(1);
                self.showing = self.showing.saturating_sub(1);
            }
        }
    }
}

#[derive(Debug, Default)]
struct Counted {
    count: usize,
    first: Vec<String>,
}

impl Counted {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(name());
        }
    }

    fn absorb(&mut self, other: Self) {
        self.count += other.count;
        let room = NAMED.saturating_sub(self.first.len());
        self.first.extend(other.first.into_iter().take(room));
    }
}

impl Tally {
    pub(super) fn new(owned_users: usize, scope: &Scope) -> Self {
        Self {
            named: scope.is_everything().then_some(0),
            owned_users,
            ..Self::default()
        }
    }

    pub(super) fn among(&mut self, census: Census) {
        self.census = Some(census);
    }

    pub(super) fn name(&mut self, links: usize) {
        if let Some(named) = &mut self.named {
            *named += links;
        }
    }

    pub(super) fn hide(&mut self, address: &Address) {
        self.hidden.add(|| address.to_string());
    }

    pub(super) fn replace(&mut self, address: &Address) {
        self.replaced.add(|| address.to_string());
    }

    pub(super) fn user_gone(&mut self, user: &UserName) {
        self.users_gone.add(|| user.to_string());
    }

    pub(super) fn new_host(&mut self, address: &Address, hosts: &NewHost) {
        self.new_hosts.add(|| format!("{address}: {hosts}"));
    }

    /// Takes up what was counted of other users, after those counted here.
    pub(super) fn absorb(&mut self, other: Self) {
        let Self {
            named,
            in_reach,
            showing,
            owned_users: _,
            census: _,
            hidden,
            replaced,
            users_gone,
            new_hosts,
        } = other;
        self.name(named.unwrap_or(0));
        self.in_reach += in_reach;
        self.showing += showing;
        self.hidden.absorb(hidden);
        self.replaced.absorb(replaced);
        self.users_gone.absorb(users_gone);
        self.new_hosts.absorb(new_hosts);
    }

    /// Holds the numbers against the limits.
    pub(super) fn check(self, limits: Limits, allowances: &Allowances) -> GuardCheck {
        let Self {
            named,
            in_reach,
            showing,
            owned_users,
            census,
            hidden,
            replaced,
            users_gone,
            new_hosts,
        } = self;
        // The few may be more by now than all were then.
        let all = census.unwrap_or_default();
        let named = named.map(|named| named.max(all.named));
        let in_reach = in_reach.max(all.in_reach);
        let showing = showing.max(all.showing);
        let owned_users = owned_users.max(all.owned_users);
        let is_over =
            |count: usize, of: usize, limit: Percent| count * 100 > of * usize::from(limit.0);
        let is_allowed = |allowance: Option<usize>, count| allowance.is_some_and(|a| count <= a);

        let hide_refused = if showing < SMALL {
            hidden.count > FEW && hidden.count == showing
        } else {
            is_over(hidden.count, showing, limits.hide)
        };
        let replace_refused =
            in_reach >= SMALL && is_over(replaced.count, in_reach, limits.replace);
        let gone_refused = users_gone.count > MOST_USERS_GONE
            || is_over(users_gone.count, owned_users, limits.user_gone);
        let new_host_refused = new_hosts.count > 0;

        let mut check = GuardCheck::default();
        if named == Some(0) {
            check.refusals.push(Refusal {
                guard: Guard::Empty,
                count: 0,
                of: 0,
                limit: Percent(0),
                first: Vec::new(),
            });
        }
        for (guard, counted, of, limit, is_refused, allowance) in [
            (
                Guard::Hide,
                hidden,
                showing,
                limits.hide,
                hide_refused,
                allowances.hide,
            ),
            (
                Guard::Replace,
                replaced,
                in_reach,
                limits.replace,
                replace_refused,
                allowances.replace,
            ),
            (
                Guard::UserGone,
                users_gone,
                owned_users,
                limits.user_gone,
                gone_refused,
                allowances.user_gone,
            ),
            (
                Guard::NewHost,
                new_hosts,
                in_reach,
                Percent(0),
                new_host_refused,
                allowances.new_host,
            ),
        ] {
            let Counted { count, first } = counted;
            check.headroom.push(Headroom {
                guard,
                count,
                of,
                limit,
            });
            if is_refused && !is_allowed(allowance, count) {
                check.refusals.push(Refusal {
                    guard,
                    count,
                    of,
                    limit,
                    first,
                });
            }
        }
        check
    }
}

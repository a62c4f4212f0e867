//! Guards: when a plan is too much to carry out unasked. They look at numbers
//! only, are evaluated in `plan` already, and are let through by a number a
//! person typed, never by the manifest.
//!
//! | guard | refuses |
//! |---|---|
//! | `empty` | any plan of a manifest that names no link, as far as that can be told: a scope leaves some of it out |
//! | `hide` | hiding or removing more than a share of the links it could have changed; below ten such links, hiding or removing all of more than two |
//! | `replace` | replacing more than a share of them, from ten links on; a mode or owner put right is not counted |
//! | `user-gone` | hiding because whole users left the manifest: more than a share of the owned users, or more than twenty |

use super::change::Address;
use super::policy::Scope;
use std::fmt;

/// Below this many links a share says nothing.
const SMALL: usize = 10;
/// Below [`SMALL`], this many may be hidden even if they are all there are.
const FEW: usize = 2;
/// How many addresses a refusal names.
const NAMED: usize = 10;
/// However many users are owned, no more than these may vanish unasked.
const MOST_USERS_GONE: usize = 20;

/// A share of 100, whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u8);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

/// The largest shares that pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of links hidden or removed.
    pub hide: Percent,
    /// Of links replaced.
    pub replace: Percent,
    /// Of owned users whose links are hidden because they left the manifest.
    pub user_gone: Percent,
}

impl Limits {
    /// What holds unless something stricter is asked for.
    pub const BUILT_IN: Self = Self {
        hide: Percent(30),
        replace: Percent(50),
        user_gone: Percent(5),
    };
}

/// Numbers given on the command line: up to so many pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowances {
    /// `--allow-hide`, in links.
    pub hide: Option<usize>,
    /// `--allow-replace`, in links.
    pub replace: Option<usize>,
    /// `--allow-user-gone`, in users.
    pub user_gone: Option<usize>,
}

/// A guard's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// The manifest names no link.
    Empty,
    /// Too many links leave the menus.
    Hide,
    /// Too many links are rewritten.
    Replace,
    /// Too many whole users left the manifest.
    UserGone,
}

impl Guard {
    /// The rule's id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hide => "hide",
            Self::Replace => "replace",
            Self::UserGone => "user-gone",
        }
    }

    /// The flag that lets it through, if one does.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::Hide => Some("--allow-hide"),
            Self::Replace => Some("--allow-replace"),
            Self::UserGone => Some("--allow-user-gone"),
        }
    }
}

/// A guard that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub guard: Guard,
    /// How many links (or users) it is about.
    pub count: usize,
    /// Out of how many.
    pub of: usize,
    /// The share that would have passed.
    pub limit: Percent,
    /// The first few.
    pub first: Vec<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            guard,
            count,
            of,
            limit,
            first: _,
        } = self;
        match guard {
            Guard::Empty => f.write_str("the manifest names no link at all"),
            Guard::Hide if *of < SMALL => {
                write!(f, "all {count} links would be hidden or removed")
            }
            Guard::Hide => write!(
                f,
                "{count} of {of} links would be hidden or removed, the limit is {limit}"
            ),
            Guard::Replace => write!(
                f,
                "{count} of {of} links would be replaced, the limit is {limit}"
            ),
            Guard::UserGone => write!(
                f,
                "{count} of {of} users have left the manifest, the limit is {limit} and at most {MOST_USERS_GONE}"
            ),
        }
    }
}

/// How far a plan is from a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headroom {
    /// Which guard.
    pub guard: Guard,
    /// How many there are.
    pub count: usize,
    /// Out of how many.
    pub of: usize,
    /// The largest share that passes.
    pub limit: Percent,
}

impl Headroom {
    /// Whether the share is held against the limit: below ten links it is not.
    pub fn is_share_tested(&self) -> bool {
        match self.guard {
            Guard::Empty => false,
            Guard::Hide | Guard::Replace => self.of >= SMALL,
            Guard::UserGone => true,
        }
    }
}

/// What the guards say about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuardCheck {
    /// Those that say no.
    pub refusals: Vec<Refusal>,
    /// All shares, refused or not.
    pub headroom: Vec<Headroom>,
}

/// What the guards count while a plan is made.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Links the manifest names, `absent` ones too. `None` under a scope, which
    /// does not show all of them.
    named: Option<usize>,
    /// Links on disk that this plan could have changed.
    pub(super) in_reach: usize,
    /// Of those, links that show, or that this plan hides or removes: what is
    /// hidden already makes no share smaller.
    pub(super) showing: usize,
    /// Users we own links of.
    owned_users: usize,
    hidden: Counted,
    replaced: Counted,
    users_gone: Counted,
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
}

impl Tally {
    pub(super) fn new(owned_users: usize, scope: &Scope) -> Self {
        Self {
            named: scope.is_everything().then_some(0),
            owned_users,
            ..Self::default()
        }
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

    pub(super) fn user_gone(&mut self, user: &crate::model::UserName) {
        self.users_gone.add(|| user.to_string());
    }

    /// Holds the numbers against the limits.
    pub(super) fn check(self, limits: Limits, allowances: Allowances) -> GuardCheck {
        let Self {
            named,
            in_reach,
            showing,
            owned_users,
            hidden,
            replaced,
            users_gone,
        } = self;
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

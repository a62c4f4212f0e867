//! Guards: when a plan is too much to carry out unasked. They are evaluated
//! in `plan` already, and are let through by a number a person typed or by the
//! host's policy, never by the manifest.
//!
//! | guard | refuses |
//! |---|---|
//! | `empty` | any plan of a manifest that names no link, as far as that can be told: a scope leaves some of it out |
//! | `hide` | hiding or removing more than a share of the links it could have changed; below ten such links, hiding or removing all of more than two |
//! | `replace` | replacing more than a share of them, from ten links on; a mode or owner put right is not counted |
//! | `user-gone` | hiding because whole users left the manifest: more than a share of the owned users, or more than twenty |
//! | `new-host` | any link whose token would be posted to another host than before (`host.rs`) |

use std::collections::BTreeSet;
use std::fmt;

/// Below this many links a share says nothing.
pub(super) const SMALL: usize = 10;
/// However many users are owned, no more than these may vanish unasked.
pub(super) const MOST_USERS_GONE: usize = 20;

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

/// What passes all the same: up to so many, by a number given on the command
/// line, and whatever goes to a host that the host's policy lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowances {
    /// `--allow-hide`, in links.
    pub hide: Option<usize>,
    /// `--allow-replace`, in links.
    pub replace: Option<usize>,
    /// `--allow-user-gone`, in users.
    pub user_gone: Option<usize>,
    /// `--allow-new-host`, in links.
    pub new_host: Option<usize>,
    /// Hosts that tokens may be posted to whatever was before: those of the
    /// host's policy, never the manifest's own.
    pub hosts: BTreeSet<String>,
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
    /// A token would be posted to another host than before.
    NewHost,
}

impl Guard {
    /// The rule's id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hide => "hide",
            Self::Replace => "replace",
            Self::UserGone => "user-gone",
            Self::NewHost => "new-host",
        }
    }

    /// The flag that lets it through, if one does.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::Hide => Some("--allow-hide"),
            Self::Replace => Some("--allow-replace"),
            Self::UserGone => Some("--allow-user-gone"),
            Self::NewHost => Some("--allow-new-host"),
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
    /// The share that would have passed; none of `new-host`.
    pub limit: Percent,
    /// The first few: addresses or users; for `new-host` with the hosts.
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
            Guard::NewHost if *count == 1 => {
                f.write_str("the token of 1 link would be posted to another host than before")
            }
            Guard::NewHost => write!(
                f,
                "the tokens of {count} links would be posted to another host than before"
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
            Guard::Empty | Guard::NewHost => false,
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

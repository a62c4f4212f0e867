//! What limits a plan, as named choices: the rule for unlisted links, which
//! apps may be touched, the scope of this run, who should own files.

use super::guard::{Allowances, Limits};
use super::hold::Holds;
use crate::model::{AppName, UserName};
use globset::{GlobBuilder, GlobMatcher};

/// What happens to links on disk that the manifest does not name, and to
/// groups that it does not give to their user any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unlisted {
    /// Ours are hidden, foreign ones left alone.
    #[default]
    HideOwned,
    /// Every managed app is hidden, whoever wrote it.
    HideAll,
    /// Ours are removed, groups too, foreign ones left alone.
    RemoveOwned,
    /// Nothing happens.
    Keep,
}

impl Unlisted {
    /// All rules with the words that name them in a manifest.
    pub const ALL: [(&'static str, Self); 4] = [
        ("hide-owned", Self::HideOwned),
        ("hide-all", Self::HideAll),
        ("remove-owned", Self::RemoveOwned),
        ("keep", Self::Keep),
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HideOwned => "hide-owned",
            Self::HideAll => "hide-all",
            Self::RemoveOwned => "remove-owned",
            Self::Keep => "keep",
        }
    }
}

/// What to do with a change whose token could not be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownTokens {
    /// Show the change, say that the token was not compared: for `plan`.
    NotCompared,
    /// Block the change: for `apply`, which would have to write it.
    Block,
}

/// Who should own files and folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOwner {
    /// Not compared, not set.
    Keep,
    /// Files `root:root`, user folders `root:` the account's primary group.
    Root,
}

/// A list of globs over names.
#[derive(Debug, Clone, Default)]
pub struct GlobSet {
    globs: Vec<GlobMatcher>,
}

impl PartialEq for GlobSet {
    /// The same globs, in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.texts().eq(other.texts())
    }
}

impl Eq for GlobSet {}

impl GlobSet {
    /// Compiles globs (`*`, `?`, `[a-z]`, `{a,b}`).
    ///
    /// # Errors
    /// The glob that is none, and why.
    pub fn parse<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Self, (String, String)> {
        let compile = |text: &str| {
            if let Some(why) = is_out_of_bounds(text) {
                return Err((text.to_owned(), why));
            }
            GlobBuilder::new(text)
                .build()
                .map(|g| g.compile_matcher())
                .map_err(|e| (text.to_owned(), e.kind().to_string()))
        };
        let globs = globs.into_iter().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { globs })
    }

    /// Whether there is no glob in it.
    pub fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    /// Whether any glob matches.
    pub fn matches(&self, name: &str) -> bool {
        self.globs.iter().any(|g| g.is_match(name))
    }

    /// The globs as they were written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.globs.iter().map(|g| g.glob().glob())
    }

    /// The globs that match none of the names, as text.
    pub fn unmatched<'a>(&self, names: &(impl Iterator<Item = &'a str> + Clone)) -> Vec<String> {
        self.globs
            .iter()
            .filter(|g| !names.clone().any(|n| g.is_match(n)))
            .map(|g| g.glob().glob().to_owned())
            .collect()
    }
}

/// Longest glob, in bytes; no name is longer.
const MAX_GLOB: usize = 256;
/// Most alternatives in one glob; they may be nested.
const MAX_BRACES: usize = 16;

/// What the compiler of globs would give up on in its own way, which is not
/// an error.
fn is_out_of_bounds(glob: &str) -> Option<String> {
    if glob.len() > MAX_GLOB {
        Some(format!("it is longer than {MAX_GLOB} bytes"))
    } else if glob.matches('{').count() > MAX_BRACES {
        Some(format!("it has more than {MAX_BRACES} alternatives"))
    } else {
        None
    }
}

/// `manage` and `ignore`, of a manifest or of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppRules {
    /// Apps that may be touched; `None` means all.
    pub manage: Option<GlobSet>,
    /// Apps that are never touched; wins over `manage`.
    pub ignore: GlobSet,
    /// Rules that have to allow an app too: a manifest's beside the host's.
    pub also: Option<Box<Self>>,
}

impl AppRules {
    /// Whether the app may be touched at all.
    pub fn allow(&self, app: &AppName) -> bool {
        let managed = self
            .manage
            .as_ref()
            .is_none_or(|globs| globs.matches(app.as_str()));
        let is_ignored = self.ignore.matches(app.as_str());
        managed && !is_ignored && self.also.as_ref().is_none_or(|rules| rules.allow(app))
    }
}

/// `--user`, `--app`, `--exclude-user` and `--exclude-app`: what this run looks
/// at, on both sides of the comparison.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Users to look at; empty means all.
    pub users: GlobSet,
    /// Apps to look at; empty means all.
    pub apps: GlobSet,
    /// Users to leave out.
    pub exclude_users: GlobSet,
    /// Apps to leave out.
    pub exclude_apps: GlobSet,
}

impl Scope {
    /// Whether the user is looked at.
    pub fn has_user(&self, user: &UserName) -> bool {
        (self.users.is_empty() || self.users.matches(user.as_str()))
            && !self.exclude_users.matches(user.as_str())
    }

    /// Whether the app is looked at.
    pub fn has_app(&self, app: &AppName) -> bool {
        (self.apps.is_empty() || self.apps.matches(app.as_str()))
            && !self.exclude_apps.matches(app.as_str())
    }

    /// Whether no app is left out.
    pub fn has_all_apps(&self) -> bool {
        self.apps.is_empty() && self.exclude_apps.is_empty()
    }

    /// Whether it covers everything.
    pub fn is_everything(&self) -> bool {
        self.users.is_empty() && self.exclude_users.is_empty() && self.has_all_apps()
    }
}

/// All that limits a plan.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The rule for links that the manifest does not name.
    pub unlisted: Unlisted,
    /// Which apps may be touched.
    pub apps: AppRules,
    /// What this run looks at.
    pub scope: Scope,
    /// When a plan is too much.
    pub limits: Limits,
    /// What is let through all the same, by number.
    pub allowances: Allowances,
    /// Who should own files.
    pub owner: FileOwner,
    /// What to do where a token could not be resolved.
    pub unknown_tokens: UnknownTokens,
    /// What waits.
    pub holds: Holds,
}

impl Policy {
    /// The rules of a manifest, and nothing else: everything is in scope,
    /// nothing is let through and nothing waits, owners are left alone, and a
    /// token that is not known is not compared.
    pub fn of_rules(unlisted: Unlisted, apps: AppRules, limits: Limits) -> Self {
        Self {
            unlisted,
            apps,
            scope: Scope::default(),
            limits,
            allowances: Allowances::default(),
            owner: FileOwner::Keep,
            unknown_tokens: UnknownTokens::NotCompared,
            holds: Holds::default(),
        }
    }

    /// Whether a link that is on disk and not named stays as it is, by the rule
    /// for such links.
    pub(super) fn leaves_alone(&self, app: &AppName, is_owned: bool, user_is_named: bool) -> bool {
        let is_asked = match self.unlisted {
            Unlisted::HideAll => is_owned || user_is_named,
            Unlisted::HideOwned | Unlisted::RemoveOwned => is_owned,
            Unlisted::Keep => false,
        };
        !(is_asked && self.apps.allow(app))
    }

    /// Whether a link that is on disk and not named would be hidden or removed
    /// only once its user is named.
    pub fn takes_when_user_is_named(&self, app: &AppName, is_owned: bool) -> bool {
        let is_left = |user_is_named| self.leaves_alone(app, is_owned, user_is_named);
        is_left(false) && !is_left(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_that_would_break_its_compiler_is_refused() {
        let nested = |depth| format!("{}b{}", "{a,".repeat(depth), "}".repeat(depth));
        for glob in [nested(300), nested(17), "?".repeat(300), "[".to_owned()] {
            assert!(GlobSet::parse([glob.as_str()]).is_err(), "{glob:?}");
        }
        for glob in [nested(16), "?".repeat(64), "ACME_{a,b}*[0-9]".to_owned()] {
            assert!(GlobSet::parse([glob.as_str()]).is_ok(), "{glob:?}");
        }
    }
}

//! `settings`: rules for the whole manifest, checked.

use super::check::{self, Breach};
use super::findings::Findings;
use super::layer::finding;
use super::policy::HostPolicy;
use super::problem::{At, Finding, On, Step, nearest, show};
use super::values::{Text, Texts};
use super::wire::{GuardFields, Settings as Wire};
use crate::plan::{AppRules, GlobSet, Limits, Percent, Unlisted};
use std::collections::BTreeSet;

/// Settings as they hold for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The rule for links the manifest does not name.
    pub unlisted: Unlisted,
    /// Which apps may be touched.
    pub apps: AppRules,
    /// Shares that may change in one run; never looser than the host's.
    pub limits: Limits,
    /// The only hosts that tokens may be posted to; `None` allows any.
    pub autologin_hosts: Option<BTreeSet<String>>,
    /// What the host allows, which is asked too.
    pub(super) host: HostPolicy,
}

impl Settings {
    /// What holds where the manifest says nothing.
    pub(super) fn of_host(policy: &HostPolicy) -> Self {
        Self {
            unlisted: Unlisted::default(),
            apps: policy.apps.clone(),
            limits: policy.limits,
            autologin_hosts: None,
            host: policy.clone(),
        }
    }

    /// Checks what a manifest says.
    pub(super) fn read(
        source: usize,
        wire: &Wire,
        policy: &HostPolicy,
        findings: &mut Findings,
    ) -> Self {
        let mut reader = RulesReader {
            source,
            within: &["settings"],
            findings,
        };
        let unlisted = wire.unlisted.as_ref().map(|text| reader.unlisted(text));
        let manage = wire.manage.as_ref().map(|t| reader.globs("manage", t));
        let ignore = wire.ignore.as_ref().map(|t| reader.globs("ignore", t));
        let limits = wire
            .guards
            .as_ref()
            .map(|guards| reader.limits(guards, policy.limits, Bound::Most));
        let hosts = wire.autologin_hosts.as_ref().map(|t| reader.hosts(t));
        Self {
            unlisted: unlisted.unwrap_or(Unlisted::HideOwned),
            apps: AppRules {
                manage,
                ignore: ignore.unwrap_or_default(),
                also: Some(Box::new(policy.apps.clone())),
            },
            limits: limits.unwrap_or(policy.limits),
            autologin_hosts: hosts,
            host: policy.clone(),
        }
    }

    pub(super) fn check_autologin_host(&self, host: &str) -> Option<Breach> {
        let is_refused = |hosts: &Option<BTreeSet<String>>| {
            hosts.as_ref().is_some_and(|hosts| !hosts.contains(host))
        };
        let (whose, hint) = if is_refused(&self.host.autologin_hosts) {
            let hint = "no manifest can add a host to those that the policy of this host lists";
            (" of the policy of this host", hint)
        } else if is_refused(&self.autologin_hosts) {
            let hint = "add the host to `settings.autologin_hosts` if it is meant";
            ("", hint)
        } else {
            return None;
        };
        let message = format!(
            "the auto-login host {} is not in `autologin_hosts`{whose}",
            show(host)
        );
        Some(Breach::host(message, hint))
    }
}

/// What a limit that is not given in a file is, and whether it binds the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// No limit may be looser.
    Most,
    /// It holds where nothing is said.
    Default,
}

/// Reads the rules that a manifest's settings and a host's policy share.
pub(super) struct RulesReader<'f> {
    pub(super) source: usize,
    /// The keys above the rules.
    pub(super) within: &'static [&'static str],
    pub(super) findings: &'f mut Findings,
}

impl RulesReader<'_> {
    fn unlisted(&mut self, Text(text): &Text) -> Unlisted {
        let rule = Unlisted::ALL.into_iter().find(|(name, _)| **name == **text);
        if let Some((_, rule)) = rule {
            return rule;
        }
        let names = Unlisted::ALL.map(|(name, _)| name);
        let at = self.value(&["unlisted"]);
        let message = format!("unknown rule {}", show(text));
        let hint = match nearest(text, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", names.join(", ")),
        };
        self.findings
            .push(Finding::error("unlisted", at, message).hint(hint));
        Unlisted::Keep
    }

    fn value(&self, path: &[&str]) -> At {
        At::value(self.source, &[self.within, path].concat())
    }

    pub(super) fn item(&self, key: &str, index: usize) -> At {
        let mut at = self.value(&[key]);
        at.path.push(Step::Index(index));
        at.on = On::Value;
        at
    }

    pub(super) fn globs(&mut self, key: &str, Texts(globs): &Texts) -> GlobSet {
        for (index, glob) in globs.iter().enumerate() {
            if let Err((_, why)) = GlobSet::parse([glob.as_str()]) {
                let message = format!("{} is not a glob: {why}", show(glob));
                let finding = Finding::error("glob", self.item(key, index), message);
                self.findings.push(finding);
            }
        }
        // Refused ones are findings already, so this set is never used then.
        GlobSet::parse(globs.iter().map(String::as_str)).unwrap_or_else(|_| GlobSet::default())
    }

    pub(super) fn hosts(&mut self, Texts(hosts): &Texts) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for (index, host) in hosts.iter().enumerate() {
            match check::host(host) {
                Ok(host) => {
                    known.insert(host);
                }
                Err(breach) => {
                    let at = self.item("autologin_hosts", index);
                    self.findings.push(finding(breach, at));
                }
            }
        }
        known
    }

    pub(super) fn limits(&mut self, guards: &GuardFields, than: Limits, bound: Bound) -> Limits {
        let built_in = Limits::BUILT_IN;
        let mut limit = |key, text: &Option<Text>, than, built_in| match text {
            Some(text) => self.limit(key, text, (than, built_in), bound),
            None => than,
        };
        Limits {
            hide: limit("hide", &guards.hide, than.hide, built_in.hide),
            replace: limit("replace", &guards.replace, than.replace, built_in.replace),
            user_gone: limit(
                "user_gone",
                &guards.user_gone,
                than.user_gone,
                built_in.user_gone,
            ),
        }
    }

    fn limit(
        &mut self,
        key: &str,
        Text(text): &Text,
        (than, built_in): (Percent, Percent),
        bound: Bound,
    ) -> Percent {
        let at = self.value(&["guards", key]);
        match check::percent(text) {
            Ok(limit) if bound == Bound::Default || limit <= than => limit,
            Ok(limit) => {
                let whose = if than == built_in {
                    "the built-in"
                } else {
                    "this host's"
                };
                let message = format!("{limit} is looser than {whose} {than}, which holds");
                let finding = Finding::warning("guard-loose", at, message).hint(
                    "a manifest can only tighten a guard; the command line lets a number through",
                );
                self.findings.push(finding);
                than
            }
            Err(breach) => {
                self.findings.push(finding(breach, at));
                than
            }
        }
    }
}

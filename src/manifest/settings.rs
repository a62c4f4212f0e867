//! `settings`: rules for the whole manifest, checked.

use super::check::{self, Breach};
use super::layer::finding;
use super::problem::{At, Finding, Findings, On, Step, nearest, show};
use super::values::{Text, Texts};
use super::wire::{GuardFields, Settings as Wire};
use crate::plan::{AppRules, GlobSet, Limits, Percent, Unlisted};
use std::collections::BTreeSet;

/// Settings as they hold for a run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The rule for links the manifest does not name.
    pub unlisted: Unlisted,
    /// Which apps may be touched.
    pub apps: AppRules,
    /// Shares that may change in one run; never looser than the built-in.
    pub limits: Limits,
    /// The only hosts that tokens may be posted to; `None` allows any.
    pub autologin_hosts: Option<BTreeSet<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unlisted: Unlisted::default(),
            apps: AppRules::default(),
            limits: Limits::BUILT_IN,
            autologin_hosts: None,
        }
    }
}

impl Settings {
    /// Checks what a manifest says.
    pub(super) fn read(source: usize, wire: &Wire, findings: &mut Findings) -> Self {
        let mut reader = SettingsReader { source, findings };
        let unlisted = wire.unlisted.as_ref().map(|text| reader.unlisted(text));
        let manage = wire.manage.as_ref().map(|t| reader.globs("manage", t));
        let ignore = wire.ignore.as_ref().map(|t| reader.globs("ignore", t));
        let limits = wire.guards.as_ref().map(|guards| reader.limits(guards));
        let hosts = wire.autologin_hosts.as_ref().map(|t| reader.hosts(t));
        Self {
            unlisted: unlisted.unwrap_or(Unlisted::HideOwned),
            apps: AppRules {
                manage,
                ignore: ignore.unwrap_or_default(),
            },
            limits: limits.unwrap_or(Limits::BUILT_IN),
            autologin_hosts: hosts,
        }
    }

    pub(super) fn check_autologin_host(&self, host: &str) -> Option<Breach> {
        let hosts = self.autologin_hosts.as_ref()?;
        if hosts.contains(host) {
            return None;
        }
        let message = format!(
            "the auto-login host {} is not in `autologin_hosts`",
            show(host)
        );
        Some(Breach::host(message))
    }
}

struct SettingsReader<'f> {
    source: usize,
    findings: &'f mut Findings,
}

impl SettingsReader<'_> {
    fn unlisted(&mut self, Text(text): &Text) -> Unlisted {
        let rule = Unlisted::ALL.into_iter().find(|(name, _)| name == text);
        if let Some((_, rule)) = rule {
            return rule;
        }
        let names = Unlisted::ALL.map(|(name, _)| name);
        let at = At::value(self.source, &["settings", "unlisted"]);
        let message = format!("unknown rule {}", show(text));
        let hint = match nearest(text, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", names.join(", ")),
        };
        self.findings
            .push(Finding::error("unlisted", at, message).hint(hint));
        Unlisted::Keep
    }

    fn item(&self, key: &str, index: usize) -> At {
        let mut at = At::value(self.source, &["settings", key]);
        at.path.push(Step::Index(index));
        at.on = On::Value;
        at
    }

    fn globs(&mut self, key: &str, Texts(globs): &Texts) -> GlobSet {
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

    fn hosts(&mut self, Texts(hosts): &Texts) -> BTreeSet<String> {
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

    fn limits(&mut self, guards: &GuardFields) -> Limits {
        let built_in = Limits::BUILT_IN;
        Limits {
            hide: self.limit("hide", guards.hide.as_ref(), built_in.hide),
            replace: self.limit("replace", guards.replace.as_ref(), built_in.replace),
            user_gone: self.limit("user_gone", guards.user_gone.as_ref(), built_in.user_gone),
        }
    }

    fn limit(&mut self, key: &str, text: Option<&Text>, built_in: Percent) -> Percent {
        let Some(Text(text)) = text else {
            return built_in;
        };
        let at = At::value(self.source, &["settings", "guards", key]);
        match check::percent(text) {
            Ok(limit) if limit <= built_in => limit,
            Ok(limit) => {
                let message =
                    format!("{limit} is looser than the built-in {built_in}, which holds");
                let finding = Finding::warning("guard-loose", at, message).hint(
                    "a manifest can only tighten a guard; the command line lets a number through",
                );
                self.findings.push(finding);
                built_in
            }
            Err(breach) => {
                self.findings.push(finding(breach, at));
                built_in
            }
        }
    }
}

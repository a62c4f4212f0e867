//! The host's policy: what this host lets any manifest do. A manifest can be
//! changed by a pull request, the policy by root alone; both are asked, and
//! the manifest can only be stricter. Only the policy, or a number on the
//! command line, loosens a built-in guard.

use super::check::{local_address, local_host, relative_path};
use super::findings::Findings;

use super::open::{self, OpenError, OwnerCheck};
use super::parse::parse;
use super::place::locate_all;
use super::problem::{Finding, Problem, Severity, Source, show};
use super::settings::{Bound, RulesReader};
use super::texts::{decoded, unreadable};
use super::values::Texts;
use super::wire::PolicyFile;
use crate::model::url_host;
use crate::plan::{AppRules, Limits};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Largest policy file, in bytes.
const MAX_POLICY: u64 = 1024 * 1024;

/// What the host allows. The default is that of a host without a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPolicy {
    /// Which apps any manifest may touch.
    pub apps: AppRules,
    /// The shares that may change in one run.
    pub limits: Limits,
    /// The only hosts that tokens may be posted to, which the guard `new-host`
    /// trusts; `None` allows any and trusts none.
    pub autologin_hosts: Option<BTreeSet<String>>,
    /// The only variables that tokens are read from; `None` means those whose
    /// names begin with `CPLINKS_`.
    env: Option<BTreeSet<String>>,
    /// Folders that token files may come from.
    secrets: Vec<PathBuf>,
}

impl Default for HostPolicy {
    fn default() -> Self {
        Self {
            apps: AppRules::default(),
            limits: Limits::BUILT_IN,
            autologin_hosts: None,
            env: None,
            secrets: Vec::new(),
        }
    }
}

impl HostPolicy {
    /// Whether the policy names the host: then it may be a local one.
    pub(super) fn lists(&self, host: &str) -> bool {
        self.autologin_hosts
            .as_ref()
            .is_some_and(|hosts| hosts.contains(host))
    }

    /// Why a token must not be posted to a URL; `None` if it may. A manifest's
    /// URLs are checked when it is read.
    pub fn refuses_autologin(&self, url: &str) -> Option<String> {
        if url.is_empty() {
            return None;
        }
        // Other readers of URLs may well find a host where we find none.
        let Some(host) = url_host(url) else {
            return Some("its auto-login URL names no host that can be told".to_owned());
        };
        match &self.autologin_hosts {
            Some(hosts) if hosts.contains(&host) => None,
            Some(_) => Some(format!(
                "the auto-login host `{host}` is not in `autologin_hosts` of the policy of this host"
            )),
            None => local_host(url),
        }
    }

    /// Why a token must not be posted to a URL whose host was found at this
    /// address; `None` if it may. A name that nobody suspects may lead
    /// anywhere, and to another place each time it is looked up.
    pub fn refuses_address(&self, url: &str, address: IpAddr) -> Option<String> {
        let host = url_host(url)?;
        if self.lists(&host) {
            return None;
        }
        let what = local_address(address)?;
        Some(format!(
            "the auto-login host `{host}` leads to {address}, {what}"
        ))
    }

    /// Why a token may not come from a variable, as a hint.
    pub(super) fn refusal_of_env(&self, name: &str) -> Option<&'static str> {
        let (is_allowed, hint) = match &self.env {
            Some(names) => (
                names.contains(name),
                "only variables that the policy of this host lists under `env` are read",
            ),
            None => (
                name.strip_prefix("CPLINKS_").is_some_and(is_word),
                "only variables whose names begin with `CPLINKS_` are read",
            ),
        };
        (!is_allowed).then_some(hint)
    }

    /// The folder of the policy that a path lies in by its text, and the rest
    /// of the path.
    pub(super) fn below_secrets<'p>(&'p self, path: &'p str) -> Option<(&'p Path, &'p Path)> {
        self.secrets.iter().find_map(|folder| {
            let rest = Path::new(path).strip_prefix(folder).ok()?;
            Some((folder.as_path(), rest))
        })
    }
}

fn is_word(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !text.is_empty() && text.bytes().all(is_part)
}

/// Whether a policy has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Somebody named it.
    Required,
    /// It is looked for in its usual place.
    Optional,
}

/// What came of loading a policy.
#[derive(Debug)]
pub struct LoadedPolicy {
    /// The text, for excerpts; empty where there is no policy.
    pub sources: Vec<Source>,
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
    /// The policy; `None` if there is any error.
    pub policy: Option<HostPolicy>,
}

/// Loads the host's policy. One that is empty or cut off is an error: it must
/// never mean that everything is allowed.
pub fn load_policy(path: &Path, presence: Presence, owners: OwnerCheck) -> LoadedPolicy {
    let mut sources = Vec::new();
    let mut findings = Findings::default();
    let policy = match read(path, presence, owners) {
        Ok(None) => HostPolicy::default(),
        Err(error) => {
            findings.push(unreadable(path, &error));
            HostPolicy::default()
        }
        Ok(Some(bytes)) => {
            let (text, finding) = decoded(0, &bytes);
            let policy = match finding {
                Some(finding) => {
                    findings.push(finding);
                    HostPolicy::default()
                }
                None => checked(&text, &mut findings),
            };
            sources.push(Source {
                name: path.display().to_string(),
                folder: PathBuf::new(),
                text,
                masks: Vec::new(),
            });
            policy
        }
    };
    let problems = locate_all(&mut sources, findings.into_vec());
    let has_errors = problems.iter().any(|p| p.severity == Severity::Error);
    LoadedPolicy {
        sources,
        problems,
        policy: (!has_errors).then_some(policy),
    }
}

fn read(path: &Path, presence: Presence, owners: OwnerCheck) -> Result<Option<Vec<u8>>, OpenError> {
    if presence == Presence::Optional && open::is_absent(path)? {
        return Ok(None);
    }
    let bytes = open::read_file(path, MAX_POLICY, owners)?;
    // Where it is a link, whoever may write beside it decides too.
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        open::check_owners(folder, owners)?;
    }
    Ok(Some(bytes))
}

/// Reads and checks a policy's text.
fn checked(text: &str, findings: &mut Findings) -> HostPolicy {
    let (file, found) = parse::<PolicyFile>(0, text);
    findings.absorb(found);
    let file = file.unwrap_or_default();
    let mut reader = RulesReader {
        source: 0,
        within: &[],
        findings,
    };
    let apps = AppRules {
        manage: file.manage.as_ref().map(|t| reader.globs("manage", t)),
        ignore: file
            .ignore
            .as_ref()
            .map(|t| reader.globs("ignore", t))
            .unwrap_or_default(),
        also: None,
    };
    let limits = file
        .guards
        .as_ref()
        .map(|guards| reader.limits(guards, Limits::BUILT_IN, Bound::Default));
    let autologin_hosts = file.autologin_hosts.as_ref().map(|t| reader.hosts(t));
    let env = file.env.as_ref().map(|t| variables(t, &mut reader));
    let secrets = file.secrets.as_ref().map(|t| folders(t, &mut reader));
    HostPolicy {
        apps,
        limits: limits.unwrap_or(Limits::BUILT_IN),
        autologin_hosts,
        env,
        secrets: secrets.unwrap_or_default(),
    }
}

fn variables(Texts(names): &Texts, reader: &mut RulesReader<'_>) -> BTreeSet<String> {
    for (index, name) in names.iter().enumerate() {
        if !is_word(name) || name.starts_with(|c: char| c.is_ascii_digit()) {
            let message = format!("{} cannot name a variable", show(name));
            let finding = Finding::error("name", reader.item("env", index), message);
            reader.findings.push(finding);
        }
    }
    names.iter().cloned().collect()
}

fn folders(Texts(paths): &Texts, reader: &mut RulesReader<'_>) -> Vec<PathBuf> {
    for (index, path) in paths.iter().enumerate() {
        let why = match path.strip_prefix('/') {
            None => Some("is not absolute"),
            Some("") => Some("is the whole file system"),
            Some(rest) => relative_path(rest.strip_suffix('/').unwrap_or(rest)),
        };
        if let Some(why) = why {
            let message = format!("the folder {} {why}", show(path));
            let finding = Finding::error("path", reader.item("secrets", index), message)
                .hint("name a folder that holds nothing but token files");
            reader.findings.push(finding);
        }
    }
    paths.iter().map(PathBuf::from).collect()
}

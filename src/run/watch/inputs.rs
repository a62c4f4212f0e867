//! What a watch is told to do: the manifest, the host's policy and the
//! secrets. They are read again and again; what cannot be used leaves what
//! was good in force.

use crate::cli::{DEFAULT_POLICY, WatchArgs};
use crate::manifest::{
    self, ChangedUsers, HostPolicy, Loaded, LoadedPolicy, Loader, Manifest, OwnerCheck, Presence,
    Problem, Reload, SecretsLoader, Severity, Source, TokenStamps, Tokens,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many problems of a manifest are told of.
const MOST_PROBLEMS: usize = 5;

/// What is in force.
pub(super) struct Good {
    pub(super) manifest: Manifest,
    pub(super) tokens: Tokens,
    pub(super) policy: HostPolicy,
    pub(super) revision: Option<String>,
    /// The token files, as they were when the tokens were looked up last.
    stamps: TokenStamps,
}

/// What came of reading.
pub(super) enum News {
    /// Nothing is new.
    Same,
    /// It can be used, and this is who it may be news to.
    Good(ChangedUsers),
    /// It cannot be used: what is wrong, the worst first.
    Broken(Vec<String>),
}

/// What the manifest's files say.
enum Said {
    /// They cannot be used.
    Broken(Vec<String>),
    /// They can, and are not in force yet.
    Candidate(Box<Manifest>),
    /// They are in force.
    InForce,
}

/// What is read, and what of it is in force.
pub(super) struct Inputs<'a> {
    args: &'a WatchArgs,
    owners: OwnerCheck,
    loader: Loader,
    secrets: SecretsLoader,
    said: Said,
    pub(super) good: Option<Good>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(args: &'a WatchArgs, owners: OwnerCheck) -> Self {
        Self {
            args,
            owners,
            loader: Loader::default(),
            secrets: SecretsLoader::default(),
            said: Said::Broken(Vec::new()),
            good: None,
        }
    }

    /// Reads all of it again.
    pub(super) fn read(&mut self) -> News {
        let policy = match self.read_policy() {
            Ok(policy) => policy,
            Err(problems) => return News::Broken(problems),
        };
        let arguments = &self.args.manifest.manifest;
        let nothing = std::io::empty();
        match self.loader.load(arguments, nothing, self.owners, &policy) {
            Reload::Same => {}
            Reload::Loaded(loaded) => self.said = self.judge(*loaded),
        }
        let tokens = match self.secrets.load(&self.args.secrets, self.owners) {
            Ok(tokens) => tokens.allowed_by(&policy),
            Err(error) => return News::Broken(vec![error.to_string()]),
        };
        match std::mem::replace(&mut self.said, Said::InForce) {
            Said::Broken(problems) => {
                self.said = Said::Broken(problems.clone());
                // What was good under another policy may be just what this
                // one forbids, and must not be put back.
                self.good.take_if(|good| good.policy != policy);
                News::Broken(problems)
            }
            Said::Candidate(manifest) => self.put_in_force(*manifest, tokens, policy),
            Said::InForce => self.renew_tokens(tokens),
        }
    }

    /// The folders in which a change of any of it shows, and whether they are
    /// too many.
    pub(super) fn folders(&self) -> (BTreeSet<PathBuf>, bool) {
        let manifest = self.good.as_ref().map(|good| &good.manifest);
        let of_manifest = self
            .loader
            .folders_to_watch(&self.args.manifest.manifest, manifest);
        let files = self.args.secrets.iter().map(PathBuf::as_path);
        let (policy, presence) = self.policy_path();
        let is_waited_for = match presence {
            Presence::Required => true,
            // In its place `/etc` would be watched, which every program reads
            // from: the timed round sees a policy that comes there.
            Presence::Optional => policy.parent().is_some_and(Path::exists),
        };
        let files = files.chain(is_waited_for.then_some(policy));
        let of_files = manifest::folders_of_files(files);
        let is_cut_off = of_manifest.is_cut_off || of_files.is_cut_off;
        let mut paths = of_files.paths;
        paths.extend(of_manifest.paths);
        (paths, is_cut_off)
    }

    fn policy_path(&self) -> (&Path, Presence) {
        match &self.args.manifest.host.policy {
            Some(path) => (path, Presence::Required),
            None => (Path::new(DEFAULT_POLICY), Presence::Optional),
        }
    }

    fn read_policy(&self) -> Result<HostPolicy, Vec<String>> {
        let (path, presence) = self.policy_path();
        // Root obeys the policy, so it must be root's wherever it lies.
        let owners = if rustix::process::geteuid().is_root() {
            OwnerCheck::Strict
        } else {
            self.owners
        };
        let LoadedPolicy {
            sources,
            problems,
            policy,
        } = manifest::load_policy(path, presence, owners);
        policy.ok_or_else(|| lines(&problems, &sources))
    }

    fn judge(&self, loaded: Loaded) -> Said {
        let Loaded {
            sources,
            mut problems,
            manifest,
        } = loaded;
        if self.args.manifest.strict {
            for problem in &mut problems {
                problem.severity = Severity::Error;
            }
        }
        problems.retain(|problem| problem.severity == Severity::Error);
        match manifest {
            Some(manifest) if problems.is_empty() => Said::Candidate(Box::new(manifest)),
            Some(_) | None => Said::Broken(lines(&problems, &sources)),
        }
    }

    fn put_in_force(&mut self, manifest: Manifest, tokens: Tokens, policy: HostPolicy) -> News {
        let stamps = manifest.token_stamps();
        let changed = match &self.good {
            Some(good) if good.tokens == tokens && good.policy == policy => {
                let is_new_token = good.manifest.token_stamps() != good.stamps;
                match manifest.changed_since(&good.manifest) {
                    ChangedUsers::Users(_) if is_new_token => ChangedUsers::Everybody,
                    changed @ (ChangedUsers::Users(_) | ChangedUsers::Everybody) => changed,
                }
            }
            Some(_) | None => ChangedUsers::Everybody,
        };
        self.good = Some(Good {
            manifest,
            tokens,
            policy,
            revision: manifest::revision(&self.args.manifest.manifest),
            stamps,
        });
        News::Good(changed)
    }

    /// The manifest is the same, but tokens are not part of it.
    fn renew_tokens(&mut self, tokens: Tokens) -> News {
        let Some(good) = &mut self.good else {
            return News::Same;
        };
        good.revision = manifest::revision(&self.args.manifest.manifest);
        let stamps = good.manifest.token_stamps();
        if good.stamps == stamps && good.tokens == tokens {
            return News::Same;
        }
        (good.stamps, good.tokens) = (stamps, tokens);
        News::Good(ChangedUsers::Everybody)
    }
}

/// The first few problems, each with its place and on one line.
fn lines(problems: &[Problem], sources: &[Source]) -> Vec<String> {
    let line = |problem: &Problem| {
        let place = problem.places.first().and_then(|place| {
            let name = &sources.get(place.source)?.name;
            Some(format!("{name}:{}:{}: ", place.line, place.column))
        });
        format!("{}{}", place.unwrap_or_default(), problem.message)
    };
    let mut lines: Vec<_> = problems.iter().take(MOST_PROBLEMS).map(line).collect();
    if problems.len() > MOST_PROBLEMS {
        lines.push(format!("and {} more", problems.len() - MOST_PROBLEMS));
    }
    lines
}

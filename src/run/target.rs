//! What `plan` and `apply` share: from their arguments to a manifest, a store
//! and a policy.

use super::world::WIDTH;
use super::{Exit, Stop, World, record};
use crate::cli::{
    DEFAULT_POLICY, DEFAULT_ROOT, ManifestArgs, Owners as OwnersArg, ScopeArgs, TargetArgs,
};
use crate::manifest::{
    self, HostPolicy, Loaded, LoadedPolicy, Manifest, OwnerCheck, Presence, Problem, Severity,
    Source, Tokens,
};
use crate::plan::{Allowances, FileOwner, GlobSet, Plan, Policy, Scope, UnknownTokens};
use crate::reconcile;
use crate::report::{self, Header, TextOptions};
use crate::store::{Owners, OwnersCheck, RealDisk, Store};
use anyhow::anyhow;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

/// A manifest without errors.
pub(super) struct Valid {
    pub(super) manifest: Manifest,
    /// How many texts it came from.
    pub(super) files: usize,
    policy: HostPolicy,
    /// The policy's path, if there is a policy.
    policy_path: Option<String>,
}

/// Whether the policy in its usual place counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsualPolicy {
    /// If it is there.
    Asked,
    /// Only one that is named: what is checked need not be for this host.
    NotAsked,
}

/// Loads a manifest, and the policy that it is held against, and shows what
/// is wrong with them; `None` if they cannot be used.
pub(super) fn load(
    args: &ManifestArgs,
    owners: OwnerCheck,
    usual: UsualPolicy,
    world: &mut World<'_>,
) -> Option<Valid> {
    let (policy, policy_path) = load_policy(args, owners, usual, world)?;
    let Loaded {
        sources,
        mut problems,
        manifest,
    } = manifest::load(&args.manifest, &mut world.stdin, owners, &policy);
    if args.strict {
        for problem in &mut problems {
            problem.severity = Severity::Error;
        }
    }
    show_problems(&problems, &sources, world);
    let is_refused = problems.iter().any(|p| p.severity == Severity::Error);
    manifest.filter(|_| !is_refused).map(|manifest| Valid {
        manifest,
        files: sources.len(),
        policy,
        policy_path,
    })
}

fn load_policy(
    args: &ManifestArgs,
    owners: OwnerCheck,
    usual: UsualPolicy,
    world: &mut World<'_>,
) -> Option<(HostPolicy, Option<String>)> {
    let (path, presence) = match (&args.policy, usual) {
        (Some(path), _) => (path.as_path(), Presence::Required),
        (None, UsualPolicy::Asked) => (Path::new(DEFAULT_POLICY), Presence::Optional),
        (None, UsualPolicy::NotAsked) => return Some((HostPolicy::default(), None)),
    };
    // Root obeys the policy, so it must be root's wherever it lies.
    let owners = if rustix::process::geteuid().is_root() {
        OwnerCheck::Strict
    } else {
        owners
    };
    let LoadedPolicy {
        sources,
        problems,
        policy,
    } = manifest::load_policy(path, presence, owners);
    show_problems(&problems, &sources, world);
    let path = sources.first().map(|source| source.name.clone());
    policy.map(|policy| (policy, path))
}

fn show_problems(problems: &[Problem], sources: &[Source], world: &mut World<'_>) {
    match report::problems(problems, sources, WIDTH, &mut world.err) {
        // The exit code says it too.
        Ok(()) | Err(_) => {}
    }
}

/// Everything a round needs.
pub(super) struct Target {
    pub(super) store: Store<RealDisk>,
    pub(super) lock_timeout: Duration,
    manifest: Manifest,
    tokens: Tokens,
    policy: Policy,
    header: Header,
    options: TextOptions,
    is_strict: bool,
}

impl Target {
    /// Reads the arguments and the manifest, and opens the root. `None` means
    /// that the manifest cannot be used, which was shown.
    pub(super) fn open(
        args: &TargetArgs,
        command: &'static str,
        unknown_tokens: UnknownTokens,
        world: &mut World<'_>,
    ) -> Result<Option<Self>, Stop> {
        let is_root = rustix::process::geteuid().is_root();
        let is_at_home = is_root && is_default_root(&args.root);
        let is_checked = is_at_home || args.manifest.strict_owners;
        let owner = match args.owners {
            OwnersArg::Auto if is_at_home => FileOwner::Root,
            OwnersArg::Auto | OwnersArg::Keep => FileOwner::Keep,
            OwnersArg::Set => FileOwner::Root,
        };
        let (manifest_check, store_check) = if is_checked {
            (OwnerCheck::Strict, OwnersCheck::Strict)
        } else {
            (OwnerCheck::Off, OwnersCheck::Off)
        };
        let scope = scope(&args.scope)?;
        let Some(valid) = load(&args.manifest, manifest_check, UsualPolicy::Asked, world) else {
            return Ok(None);
        };
        let tokens = Tokens::load(&args.secrets)
            .map_err(anyhow::Error::from)?
            .allowed_by(&valid.policy);
        let owners = Owners {
            check: store_check,
            set: owner,
        };
        let store = Store::open_with(RealDisk, &args.root, owners)?;
        let lock_timeout = Duration::from_secs(args.lock_timeout);
        match unknown_tokens {
            UnknownTokens::Block => record::mend_state(&store, lock_timeout)?,
            // A plan writes nothing, and says so if it has to.
            UnknownTokens::NotCompared => {}
        }
        let settings = valid.manifest.settings();
        let header = Header {
            command,
            root: args.root.display().to_string(),
            unlisted: settings.unlisted,
            scope: scope_in_words(&args.scope),
            ledger: store.state_path()?.is_some(),
            notes: valid
                .policy_path
                .iter()
                .map(|path| format!("the policy of this host holds: {path}"))
                .collect(),
        };
        let policy = Policy {
            unlisted: settings.unlisted,
            apps: settings.apps.clone(),
            scope,
            limits: settings.limits,
            allowances: Allowances {
                hide: args.allow.allow_hide,
                replace: args.allow.allow_replace,
                user_gone: args.allow.allow_user_gone,
                new_host: args.allow.allow_new_host,
                hosts: valid.policy.autologin_hosts.unwrap_or_default(),
            },
            owner,
            unknown_tokens,
        };
        Ok(Some(Self {
            store,
            lock_timeout,
            manifest: valid.manifest,
            tokens,
            policy,
            header,
            options: TextOptions {
                expand: args.expand,
                width: WIDTH,
            },
            is_strict: args.manifest.strict,
        }))
    }

    /// Makes the plan of this moment.
    pub(super) fn plan(&self) -> Result<Plan, Stop> {
        let owned = record::owned(&self.store)?;
        let plan = reconcile::plan(
            &self.manifest,
            &self.tokens,
            &self.store,
            &owned,
            &self.policy,
        );
        plan.map_err(|error| anyhow!(error).into())
    }

    /// Shows a plan.
    pub(super) fn show(&self, plan: &Plan, world: &mut World<'_>) -> Exit {
        let result = report::plan(plan, &self.header, &self.options, &mut world.out);
        world.written(result)
    }

    /// What a plan means for the exit code before anything is applied.
    pub(super) fn verdict(&self, plan: &Plan) -> Exit {
        let refused = if plan.guards.refusals.is_empty() {
            Exit::Done
        } else {
            Exit::Refused
        };
        let strict = if self.is_strict && !plan.missing_accounts.is_empty() {
            Exit::Failed
        } else {
            Exit::Done
        };
        refused.or(strict)
    }
}

/// Whether a path is cPanel's own root, however it is spelled. The names are
/// compared where the folder does not exist.
fn is_default_root(root: &Path) -> bool {
    let identity = |path: &Path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    let default = Path::new(DEFAULT_ROOT);
    root == default || identity(root).is_some_and(|id| identity(default) == Some(id))
}

fn scope(args: &ScopeArgs) -> Result<Scope, Stop> {
    let globs = |flag: &str, globs: &[String]| {
        GlobSet::parse(globs.iter().map(String::as_str))
            .map_err(|(glob, why)| anyhow!("--{flag} {glob} is not a glob: {why}"))
    };
    Ok(Scope {
        users: globs("user", &args.user)?,
        apps: globs("app", &args.app)?,
        exclude_users: globs("exclude-user", &args.exclude_user)?,
        exclude_apps: globs("exclude-app", &args.exclude_app)?,
    })
}

fn scope_in_words(args: &ScopeArgs) -> Option<String> {
    let words: Vec<String> = [
        ("--user", &args.user),
        ("--app", &args.app),
        ("--exclude-user", &args.exclude_user),
        ("--exclude-app", &args.exclude_app),
    ]
    .into_iter()
    .flat_map(|(flag, globs)| globs.iter().map(move |glob| format!("{flag} {glob}")))
    .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

//! What `plan`, `apply` and `undo` share: from their arguments to what is to
//! be done, a store and a policy.

use super::load::{UsualPolicy, Valid, load};
use super::world::WIDTH;
use super::{Exit, Stop, World, record};
use crate::cli::{DEFAULT_ROOT, GroundArgs, HostArgs, Owners as OwnersArg, ScopeArgs, TargetArgs};
use crate::manifest::{self, HostPolicy, Manifest, OwnerCheck, Tokens};
use crate::plan::{
    Allowances, FileOwner, GlobSet, Intent, Plan, Policy, Scope, UnknownTokens, Unlisted,
};
use crate::reconcile;
use crate::report::{self, Header, TextOptions};
use crate::store::{Owners, OwnersCheck, RealDisk, RunHeader, RunKind, RunRecord, Store};
use anyhow::anyhow;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Everything a round needs.
pub(super) struct Target {
    pub(super) store: Store<RealDisk>,
    pub(super) lock_timeout: Duration,
    goal: Goal,
    /// The manifest's revision, where it has one.
    revision: Option<String>,
    policy: Policy,
    header: Header,
    options: TextOptions,
    is_strict: bool,
}

/// What a round is to come to.
enum Goal {
    /// The links are what the manifest says.
    Manifest(Box<Manifest>, Tokens),
    /// The links are what this run found.
    Undo(Box<RunRecord>),
}

/// What follows from where the root is, who runs this and what was said of
/// owners.
pub(super) struct Ground {
    pub(super) manifest_check: OwnerCheck,
    owners: Owners,
}

impl Ground {
    pub(super) fn of(args: &GroundArgs, host: &HostArgs) -> Self {
        let is_root = rustix::process::geteuid().is_root();
        let is_at_home = is_root && is_default_root(&args.at.root);
        let is_checked = is_at_home || host.strict_owners;
        let set = match args.owners {
            OwnersArg::Auto if is_at_home => FileOwner::Root,
            OwnersArg::Auto | OwnersArg::Keep => FileOwner::Keep,
            OwnersArg::Set => FileOwner::Root,
        };
        let (manifest_check, check) = if is_checked {
            (OwnerCheck::Strict, OwnersCheck::Strict)
        } else {
            (OwnerCheck::Off, OwnersCheck::Off)
        };
        Self {
            manifest_check,
            owners: Owners { check, set },
        }
    }

    pub(super) fn open(&self, args: &GroundArgs) -> Result<Store<RealDisk>, Stop> {
        Ok(Store::open_with(RealDisk, &args.at.root, self.owners)?)
    }
}

impl Target {
    /// Reads the arguments and the manifest, and opens the root. `None` means
    /// that the manifest cannot be used, which was shown.
    pub(super) fn of_manifest(
        args: &TargetArgs,
        command: &str,
        unknown_tokens: UnknownTokens,
        world: &mut World<'_>,
    ) -> Result<Option<Self>, Stop> {
        let ground = Ground::of(&args.ground, &args.manifest.host);
        let scope = scope(&args.ground.scope)?;
        let usual = UsualPolicy::Asked;
        let Some(valid) = load(&args.manifest, ground.manifest_check, usual, world) else {
            return Ok(None);
        };
        let Valid {
            manifest,
            policy: host,
            policy_path,
            ..
        } = valid;
        let tokens = Tokens::load(&args.secrets)
            .map_err(anyhow::Error::from)?
            .allowed_by(&host);
        let store = ground.open(&args.ground)?;
        match unknown_tokens {
            UnknownTokens::Block => {
                let timeout = Duration::from_secs(args.ground.at.lock_timeout);
                record::mend_state(&store, timeout)?;
            }
            // A plan writes nothing, and says so if it has to.
            UnknownTokens::NotCompared => {}
        }
        let settings = manifest.settings();
        let policy = Policy {
            unlisted: settings.unlisted,
            apps: settings.apps.clone(),
            scope,
            limits: settings.limits,
            allowances: allowances(&args.ground, &host),
            owner: ground.owners.set,
            unknown_tokens,
        };
        Ok(Some(Self {
            lock_timeout: Duration::from_secs(args.ground.at.lock_timeout),
            revision: manifest::revision(&args.manifest.manifest),
            header: Header {
                title: format!("{command} of"),
                root: args.ground.at.root.display().to_string(),
                unlisted: Some(settings.unlisted),
                scope: scope_in_words(&args.ground.scope),
                ledger: store.state_path()?.is_some(),
                notes: notes(policy_path.as_deref()),
            },
            goal: Goal::Manifest(Box::new(manifest), tokens),
            policy,
            store,
            options: options(&args.ground),
            is_strict: args.manifest.strict,
        }))
    }

    /// Takes a run to bring back. The host's policy holds as for any manifest.
    pub(super) fn of_run(
        run: RunRecord,
        args: &GroundArgs,
        (ground, store): (&Ground, Store<RealDisk>),
        (host, policy_path): (&HostPolicy, Option<&str>),
    ) -> Result<Self, Stop> {
        let policy = Policy {
            // No manifest says what is listed.
            unlisted: Unlisted::Keep,
            apps: host.apps.clone(),
            scope: scope(&args.scope)?,
            limits: host.limits,
            allowances: allowances(args, host),
            owner: ground.owners.set,
            unknown_tokens: UnknownTokens::Block,
        };
        Ok(Self {
            lock_timeout: Duration::from_secs(args.at.lock_timeout),
            revision: None,
            header: Header {
                title: format!("undo of run {} in", run.id),
                root: args.at.root.display().to_string(),
                unlisted: None,
                scope: scope_in_words(&args.scope),
                ledger: store.state_path()?.is_some(),
                notes: notes(policy_path),
            },
            goal: Goal::Undo(Box::new(run)),
            policy,
            store,
            options: options(args),
            is_strict: false,
        })
    }

    /// Makes the plan of this moment.
    pub(super) fn plan(&self) -> Result<Plan, Stop> {
        let owned = record::owned(&self.store)?;
        let (store, policy) = (&self.store, &self.policy);
        let plan = match &self.goal {
            Goal::Manifest(manifest, tokens) => {
                reconcile::plan(manifest, tokens, store, &owned, policy)
            }
            Goal::Undo(run) => reconcile::undo(run, store, &owned, policy),
        };
        plan.map_err(|error| anyhow!(error).into())
    }

    /// What is known of a run of this plan when it begins.
    pub(super) fn run_header(&self, plan: &Plan) -> RunHeader {
        let (kind, digest) = match &self.goal {
            Goal::Manifest(..) => {
                let intent = Intent::Manifest(self.policy.unlisted);
                (RunKind::Apply, plan.digest(intent, &self.policy.scope))
            }
            Goal::Undo(run) => {
                let id = run.id.to_string();
                let digest = plan.digest(Intent::Undo(&id), &self.policy.scope);
                (RunKind::Undo(run.id), digest)
            }
        };
        RunHeader {
            kind,
            // Before 1970 the clock is wrong, and nothing depends on it.
            started: UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs()),
            who: who(),
            revision: self.revision.clone(),
            digest: Some(digest.to_string()),
        }
    }

    /// The command, as a sentence begins with it.
    pub(super) fn command(&self) -> &'static str {
        match self.goal {
            Goal::Manifest(..) => "Apply",
            Goal::Undo(_) => "Undo",
        }
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

fn allowances(args: &GroundArgs, host: &HostPolicy) -> Allowances {
    Allowances {
        hide: args.allow.allow_hide,
        replace: args.allow.allow_replace,
        user_gone: args.allow.allow_user_gone,
        new_host: args.allow.allow_new_host,
        hosts: host.autologin_hosts.clone().unwrap_or_default(),
    }
}

fn options(args: &GroundArgs) -> TextOptions {
    TextOptions {
        expand: args.expand,
        width: WIDTH,
    }
}

fn notes(policy: Option<&str>) -> Vec<String> {
    policy
        .map(|path| format!("the policy of this host holds: {path}"))
        .into_iter()
        .collect()
}

/// Who runs this process, as the host knows them.
fn who() -> String {
    let uid = rustix::process::getuid().as_raw();
    match nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => format!("uid {uid}"),
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

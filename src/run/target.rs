//! What `plan`, `apply` and `undo` share: from their arguments to what is to
//! be done, a store and a policy.

use super::load::{UsualPolicy, Valid, load};
use super::pause::now;
use super::show::Show;
use super::world::WIDTH;
use super::{Exit, Stop, World, accounts, record};
use crate::cli::{
    DEFAULT_ROOT, Format, GroundArgs, HostArgs, OutArgs, Owners as OwnersArg, RootArgs, ScopeArgs,
    TargetArgs,
};
use crate::ledger::Known;
use crate::manifest::{self, HostPolicy, Manifest, OwnerCheck, Settings, Tokens};
use crate::plan::{
    Allowances, Digest, DriftTotal, FileOwner, GlobSet, Holds, Intent, Owned, Pause, Plan, Policy,
    Scope, UnknownTokens, Unlisted, UserDrift,
};
use crate::reconcile::{self, Ahead, Looked, Looker, ScopeError, UndoHost};
use crate::report::{self, Header, TextOptions};
use crate::spread::beside;
use crate::store::{
    Owners, OwnersCheck, RealDisk, RunHeader, RunKind, RunRecord, Store, StoreError,
};
use anyhow::anyhow;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

impl From<ScopeError> for Stop {
    fn from(error: ScopeError) -> Self {
        anyhow!(error).into()
    }
}

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
    /// The links are what the manifest says. It is kept until the process ends,
    /// as it does after one command: to give the memory of 100,000 links back
    /// piece by piece takes as long as to plan 2,000 of them.
    Manifest(&'static Manifest, Tokens),
    /// The links are what this run found, as far as this policy lets them.
    Undo(Box<RunRecord>, HostPolicy),
}

/// What follows from where the root is, who runs this and what was said of
/// owners.
pub(super) struct Ground {
    pub(super) manifest_check: OwnerCheck,
    pub(super) owners: Owners,
}

impl Ground {
    pub(super) fn of(args: &GroundArgs, host: &HostArgs) -> Self {
        Self::at(&args.at.root, args.owners, host.strict_owners)
    }

    pub(super) fn at(root: &Path, owners: OwnersArg, strict_owners: bool) -> Self {
        let is_root = rustix::process::geteuid().is_root();
        let is_at_home = is_root && is_same_folder(root, Path::new(DEFAULT_ROOT));
        let is_checked = is_at_home || strict_owners;
        let set = match owners {
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

    pub(super) fn open(&self, at: &RootArgs) -> Result<Store<RealDisk>, Stop> {
        Ok(Store::open_with(RealDisk, &at.root, self.owners)?)
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
        // The secrets of a hundred thousand links take as long as their
        // manifest does once its texts are parsed, which one thread does.
        let secrets = || Tokens::load(&args.secrets, ground.manifest_check);
        let mut manifest = || load(&args.manifest, ground.manifest_check, usual, &[], world);
        let (tokens, valid) = if args.secrets.is_empty() {
            (secrets(), manifest())
        } else {
            beside(secrets, manifest)
        };
        let Some(valid) = valid? else {
            return Ok(None);
        };
        let Valid {
            manifest,
            policy: host,
            policy_path,
            ..
        } = valid;
        let tokens = tokens?.allowed_by(&host);
        let store = ground.open(&args.ground.at)?;
        match unknown_tokens {
            UnknownTokens::Block => {
                let timeout = Duration::from_secs(args.ground.at.lock_timeout);
                record::mend_state(&store, timeout)?;
            }
            // A plan writes nothing, and says so if it has to.
            UnknownTokens::NotCompared => {}
        }
        let settings = manifest.settings();
        let policy = policy(
            settings,
            PolicyParts {
                scope,
                allowances: allowances(&args.ground, &host),
                owner: ground.owners.set,
                unknown_tokens,
            },
        );
        Ok(Some(Self {
            lock_timeout: Duration::from_secs(args.ground.at.lock_timeout),
            revision: manifest::revision(&args.manifest.manifest),
            header: Header {
                title: format!("{command} of"),
                root: args.ground.at.root.display().to_string(),
                unlisted: Some(settings.unlisted),
                scope: policy.scope.clone(),
                ledger: store.state_path()?.is_some(),
                notes: notes(policy_path.as_deref()),
                server: None,
                digest: None,
            },
            goal: Goal::Manifest(Box::leak(Box::new(manifest)), tokens),
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
            holds: Holds::default(),
        };
        Ok(Self {
            lock_timeout: Duration::from_secs(args.at.lock_timeout),
            revision: None,
            header: Header {
                title: format!("undo of run {} in", run.id),
                root: args.at.root.display().to_string(),
                unlisted: None,
                scope: policy.scope.clone(),
                ledger: store.state_path()?.is_some(),
                notes: notes(policy_path)
                    .into_iter()
                    .chain(watched(&store)?)
                    .collect(),
                server: None,
                digest: None,
            },
            goal: Goal::Undo(Box::new(run), host.clone()),
            policy,
            store,
            options: options(args),
            is_strict: false,
        })
    }

    /// Limits it to what an approved plan was limited to.
    pub(super) fn limit(&mut self, scope: Scope) {
        self.header.scope = scope.clone();
        self.policy.scope = scope;
    }

    /// Makes the plan of this moment. One that may be applied also knows of
    /// what is in sync and is not recorded as it is.
    pub(super) fn plan(&self) -> Result<Plan, Stop> {
        match self.policy.unknown_tokens {
            UnknownTokens::Block => Ok(self.plan_and_drift(&mut |_| {})?.0),
            UnknownTokens::NotCompared => {
                let (owned, paused) = record::ours(&self.store)?;
                self.plan_and_look(&owned, paused, None)
            }
        }
    }

    /// Makes the plan of this moment, and tells what drifted of each user that
    /// is looked at; with it, whether it is known what that is measured from.
    pub(super) fn plan_and_drift(
        &self,
        tell: &mut dyn FnMut(UserDrift),
    ) -> Result<(Plan, Known), Stop> {
        let baseline = record::baseline(&self.store)?;
        let mut look = |looked: Looked<'_>| {
            tell(looked.drift);
            Ok(())
        };
        let looker = Looker {
            baseline: &baseline,
            look: &mut look,
        };
        let ledger = baseline.ledger();
        let (owned, paused) = (ledger.owned()?, ledger.pauses(now())?);
        let plan = self.plan_and_look(&owned, paused, Some(looker))?;
        Ok((plan, baseline.known()))
    }

    /// `paused` is asked for anew with each plan: a pause may have come or gone
    /// since.
    fn plan_and_look(
        &self,
        owned: &Owned,
        paused: Vec<Pause>,
        looker: Option<Looker<'_, Stop>>,
    ) -> Result<Plan, Stop> {
        let store = &self.store;
        let policy = &Policy {
            holds: Holds {
                paused,
                ..Holds::default()
            },
            ..self.policy.clone()
        };
        match &self.goal {
            Goal::Manifest(manifest, tokens) => match looker {
                None => Ok(reconcile::plan(manifest, tokens, store, owned, policy)?),
                Some(looker) => {
                    let ahead = Ahead::Far;
                    reconcile::plan_and_look(manifest, tokens, store, owned, policy, ahead, looker)
                }
            },
            Goal::Undo(run, host) => {
                let host = UndoHost {
                    last: record::last_of(store, run.id)?,
                    refusal: &|url| host.refuses_autologin(url),
                };
                Ok(reconcile::undo(run, store, owned, policy, &host)?)
            }
        }
    }

    /// By what a plan of this target is known. Large plans take their time.
    pub(super) fn digest(&self, plan: &Plan) -> Digest {
        let scope = &self.policy.scope;
        match &self.goal {
            Goal::Manifest(..) => plan.digest(Intent::Manifest(self.policy.unlisted), scope),
            Goal::Undo(run, _) => plan.digest(Intent::Undo(&run.id.to_string()), scope),
        }
    }

    /// What is known of a run of the plan with this digest when it begins.
    pub(super) fn run_header(&self, digest: Digest) -> RunHeader {
        let kind = match &self.goal {
            Goal::Manifest(..) => RunKind::Apply,
            Goal::Undo(run, _) => RunKind::Undo(run.id),
        };
        RunHeader {
            kind,
            started: now(),
            who: who(),
            revision: self.revision.clone(),
            digest: Some(digest.to_string()),
        }
    }

    /// The command, as a sentence begins with it.
    pub(super) fn command(&self) -> &'static str {
        match self.goal {
            Goal::Manifest(..) => "Apply",
            Goal::Undo(..) => "Undo",
        }
    }

    /// The same while it is under way.
    pub(super) fn doing(&self) -> &'static str {
        match self.goal {
            Goal::Manifest(..) => "Applying",
            Goal::Undo(..) => "Undoing",
        }
    }

    /// Shows a plan with its digest, and writes it to the files that were asked
    /// for.
    ///
    /// # Errors
    /// One of those files cannot be written.
    pub(super) fn show(
        &self,
        (plan, digest): (&Plan, Digest),
        format: Format,
        outputs: &OutArgs,
        world: &mut World<'_>,
    ) -> Result<Exit, Stop> {
        let mut header = self.header.clone();
        accounts::on_server(plan, &self.store, &mut header);
        let show = Show {
            header,
            options: self.options,
            digest,
            root: Some(self.store.path().to_owned()),
        };
        show.plan(plan, format, outputs, world)
    }

    /// Shows what drifted, and a plan beside it.
    pub(super) fn show_status(
        &self,
        plan: &Plan,
        total: &DriftTotal,
        note: Option<String>,
        world: &mut World<'_>,
    ) -> Exit {
        let mut header = self.header.clone();
        header.notes.extend(note);
        let result = report::status(plan, total, &header, &mut world.out);
        world.written(result)
    }

    /// What a plan means for the exit code before anything is applied.
    pub(super) fn verdict(&self, plan: &Plan) -> Exit {
        verdict(plan, self.is_strict)
    }
}

/// What a plan means for the exit code; `is_strict` makes an account that is
/// missing an error.
pub(super) fn verdict(plan: &Plan, is_strict: bool) -> Exit {
    let refused = if plan.guards.refusals.is_empty() {
        Exit::Done
    } else {
        Exit::Refused
    };
    let strict = if is_strict && !plan.missing_accounts.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    };
    refused.or(strict)
}

/// What a policy is made of beside the manifest's settings.
pub(super) struct PolicyParts {
    pub(super) scope: Scope,
    pub(super) allowances: Allowances,
    pub(super) owner: FileOwner,
    pub(super) unknown_tokens: UnknownTokens,
}

/// What a plan of a manifest is made under.
pub(super) fn policy(settings: &Settings, parts: PolicyParts) -> Policy {
    Policy {
        unlisted: settings.unlisted,
        apps: settings.apps.clone(),
        scope: parts.scope,
        limits: settings.limits,
        allowances: parts.allowances,
        owner: parts.owner,
        unknown_tokens: parts.unknown_tokens,
        // What waits is asked for when a plan is made.
        holds: Holds::default(),
    }
}

/// Refuses what an interrupted run left half done: only its recovery may
/// touch that, and to look at it would mislead.
pub(super) fn check_settled(store: &Store<RealDisk>) -> Result<(), Stop> {
    match store.interrupted()? {
        Some(run) => Err(StoreError::Interrupted(run).into()),
        None => Ok(()),
    }
}

pub(super) fn allowances(args: &GroundArgs, host: &HostPolicy) -> Allowances {
    Allowances {
        hide: args.allow.allow_hide,
        replace: args.allow.allow_replace,
        user_gone: args.allow.allow_user_gone,
        new_host: args.allow.allow_new_host,
        hosts: host.autologin_hosts.clone().unwrap_or_default(),
    }
}

pub(super) fn options(args: &GroundArgs) -> TextOptions {
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

/// That a watch keeps the root, to whom an undo is somebody else's change.
fn watched(store: &Store<RealDisk>) -> Result<Option<String>, Stop> {
    let holder = store.watched_by()?;
    Ok(holder.map(|holder| {
        format!(
            "a watch keeps this root ({holder}): what its manifest says comes back, unless it is \
             paused first"
        )
    }))
}

/// Who runs this process, as the host knows them.
pub(super) fn who() -> String {
    let uid = rustix::process::getuid().as_raw();
    match nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => format!("uid {uid}"),
    }
}

/// Whether two paths are of one folder, however they are spelled: cPanel's own
/// root must be known as that by any name. The names are compared where the
/// folder does not exist.
fn is_same_folder(root: &Path, default: &Path) -> bool {
    let identity = |path: &Path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    root == default || identity(root).is_some_and(|id| identity(default) == Some(id))
}

/// The globs that a flag was given.
pub(super) fn globs(flag: &str, globs: &[String]) -> Result<GlobSet, Stop> {
    GlobSet::parse(globs.iter().map(String::as_str))
        .map_err(|(glob, why)| anyhow!("--{flag} {glob} is not a glob: {why}").into())
}

pub(super) fn scope(args: &ScopeArgs) -> Result<Scope, Stop> {
    Ok(Scope {
        users: globs("user", &args.user)?,
        apps: globs("app", &args.app)?,
        exclude_users: globs("exclude-user", &args.exclude_user)?,
        exclude_apps: globs("exclude-app", &args.exclude_app)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_default_root_is_known_by_any_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let default = top.join("cpanel/integration");
        std::fs::DirBuilder::new()
            .recursive(true)
            .create(&default)
            .unwrap();
        std::fs::DirBuilder::new()
            .create(top.join("other"))
            .unwrap();
        symlink("cpanel", top.join("link")).unwrap();
        symlink(&default, top.join("last")).unwrap();
        for (spelling, expect) in [
            ("cpanel/integration", true),
            ("cpanel/integration/", true),
            ("cpanel//./integration", true),
            ("other/../cpanel/integration", true),
            ("link/integration", true),
            ("last", true),
            ("cpanel", false),
            ("other", false),
            ("missing", false),
            ("cpanel/integration/missing", false),
        ] {
            let is_same = is_same_folder(&top.join(spelling), &default);
            assert_eq!(is_same, expect, "{spelling}");
        }
        // Before there is one, its name is all there is.
        let none = top.join("none");
        assert!(is_same_folder(&none, &none));
        assert!(!is_same_folder(&default, &none));
    }
}

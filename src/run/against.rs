//! `cplinks plan --against`: the plan of a server from a snapshot of it.
//! Nothing of this host is looked at but the manifest and what it names.

use super::load::{UsualPolicy, Valid, load};
use super::pause::now;
use super::show::Show;
use super::target::{PolicyParts, allowances, options, policy, scope, verdict};
use super::{Exit, Stop, World, accounts};
use crate::cli::{Owners as OwnersArg, PlanArgs};
use crate::manifest::{self, OwnerCheck, Tokens};
use crate::plan::{FileOwner, Holds, Intent, Plan, Policy, UnknownTokens};
use crate::reconcile;
use crate::report::Header;
use crate::snapshot::{self, About, Snapshot, SnapshotError, check_age};
use anyhow::anyhow;
use jiff::Timestamp;
use std::path::Path;

impl From<SnapshotError> for Stop {
    fn from(error: SnapshotError) -> Self {
        let hint = match &error {
            SnapshotError::Version(_) => "read it with the cplinks that took it, or a newer one",
            SnapshotError::Layout { .. }
            | SnapshotError::Json { .. }
            | SnapshotError::Value { .. }
            | SnapshotError::Cut(_)
            | SnapshotError::TooMuch { .. } => {
                "take a new one with `cplinks snapshot`, and do not edit or reformat it"
            }
        };
        Self {
            exit: Exit::Failed,
            error: error.into(),
            hint: Some(hint.to_owned()),
        }
    }
}

/// Plans from the snapshot at `path`, and shows the plan.
pub(super) fn run(args: &PlanArgs, path: &Path, world: &mut World<'_>) -> Result<Exit, Stop> {
    let target = &args.target;
    let ground = &target.ground;
    // What others may write in is the business of the server and its root.
    let check = if target.manifest.host.strict_owners {
        OwnerCheck::Strict
    } else {
        OwnerCheck::Off
    };
    let scope = scope(&ground.scope)?;
    let snapshot = read(path, check)?;
    let about = snapshot.about();
    check_age(about.taken, Timestamp::now(), args.max_age).map_err(|error| Stop {
        exit: Exit::Failed,
        hint: Some(error.hint().to_owned()),
        error: anyhow!(error).context(format!("the snapshot `{}` is refused", path.display())),
    })?;
    let owner = owner(ground.owners, about)?;
    // The policy of this host is not that of the server.
    let usual = UsualPolicy::NotAsked;
    let Some(valid) = load(&target.manifest, check, usual, &[], world)? else {
        return Ok(Exit::Failed);
    };
    let Valid {
        manifest,
        policy: host,
        policy_path,
        ..
    } = valid;
    let tokens = Tokens::load(&target.secrets, check)?.allowed_by(&host);
    let settings = manifest.settings();
    let policy = policy(
        settings,
        PolicyParts {
            scope,
            allowances: allowances(ground, &host),
            owner,
            unknown_tokens: UnknownTokens::NotCompared,
        },
    );
    let now = now();
    let pauses = about.pauses.iter().filter(|pause| pause.is_active(now));
    let policy = Policy {
        holds: Holds {
            paused: pauses.cloned().collect(),
            ..Holds::default()
        },
        ..policy
    };
    let plan = reconcile::plan_against::<Stop>(&manifest, &tokens, &snapshot, &policy)?;
    let header = Header {
        title: format!(
            "plan against snapshot of {} taken {}, of",
            shown_host(&about.host),
            about.taken
        ),
        root: about.root.clone(),
        unlisted: Some(settings.unlisted),
        scope: policy.scope.clone(),
        ledger: about.has_record,
        notes: notes(about, policy_path.as_deref()),
        server: accounts::in_snapshot(&plan, &snapshot)?,
        digest: None,
    };
    let show = Show {
        header,
        options: options(ground),
        digest: plan.digest(Intent::Manifest(settings.unlisted), &policy.scope),
        root: None,
    };
    let shown = show.plan(&plan, args.format, &args.outputs, world)?;
    let strict = target.manifest.strict;
    Ok(shown.or(pending(args, &plan)).or(verdict(&plan, strict)))
}

/// What a plan means for the exit code where that was asked for.
pub(super) fn pending(args: &PlanArgs, plan: &Plan) -> Exit {
    if args.detailed_exitcode && !plan.is_empty() {
        Exit::Pending
    } else {
        Exit::Done
    }
}

fn read(path: &Path, check: OwnerCheck) -> Result<Snapshot, Stop> {
    let failed = || format!("the snapshot `{}` cannot be used", path.display());
    let text = manifest::read_file(path, snapshot::MAX_SNAPSHOT, check)
        .map_err(|error| anyhow!(error).context(failed()))?;
    Snapshot::parse(text).map_err(|error| {
        let stop = Stop::from(error);
        Stop {
            error: stop.error.context(failed()),
            ..stop
        }
    })
}

/// Who should own files: as where the snapshot was taken, unless it is said.
fn owner(asked: OwnersArg, about: &About) -> Result<FileOwner, Stop> {
    match (asked, about.owners) {
        (OwnersArg::Auto, owners) => Ok(owners),
        (OwnersArg::Keep, _) => Ok(FileOwner::Keep),
        (OwnersArg::Set, FileOwner::Root) => Ok(FileOwner::Root),
        (OwnersArg::Set, FileOwner::Keep) => Err(Stop {
            exit: Exit::Failed,
            error: anyhow!("the snapshot does not say which accounts there are"),
            hint: Some("take it with `cplinks snapshot --owners set`".to_owned()),
        }),
    }
}

/// A host's name, as it may stand anywhere: the snapshot may come from anybody,
/// and a title is no place for more than a name.
fn shown_host(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name = name.chars().take(64);
    name.map(|c| if is_plain(c) { c } else { '?' }).collect()
}

fn notes(about: &About, policy: Option<&str>) -> Vec<String> {
    let mut notes =
        vec!["a snapshot holds no tokens, so those on the server are not compared".to_owned()];
    match (policy, &about.policy) {
        (Some(path), _) => notes.push(format!("this policy holds: {path}")),
        (None, Some(path)) => notes.push(format!(
            "the server has a policy, {path}, and none is given here: a plan there may say more"
        )),
        (None, None) => {}
    }
    notes
}

//! `cplinks import`: a manifest of what is on disk. Reads the root twice, one
//! user at a time, and writes nothing below it.

pub(super) mod judge;
mod place;
mod rounds;
mod tell;

use super::load::{UsualPolicy, load_policy};
use super::signal::Signals;
use super::target::{Ground, check_settled, scope};
use super::{Exit, Stop, World, record};
use crate::cli::ImportArgs;
use crate::import::IconChecks;
use crate::model::{AppName, UserName};
use crate::plan::Scope;
use crate::store::Accounts;
use anyhow::anyhow;
use judge::Judge;
use place::{Existing, Stage};
use rounds::Import;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) fn run(args: &ImportArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let scope = scope(&args.scope)?;
    if scope.is_everything() && !args.all {
        return Err(advised(
            anyhow!("nothing says which links to import"),
            "limit it with --user, --app, --exclude-user or --exclude-app, or say --all",
        ));
    }
    let ground = Ground::at(&args.at.root, args.owners, args.host.strict_owners);
    let usual = UsualPolicy::Asked;
    let Some((policy, _)) = load_policy(&args.host, ground.manifest_check, usual, world) else {
        return Ok(Exit::Failed);
    };
    let store = ground.open(&args.at)?;
    let (folder, secrets) = places(args, store.path())?;
    // So that half an apply is never taken for what is there.
    let _lock = store.lock_shared(Duration::from_secs(args.at.lock_timeout))?;
    check_settled(&store)?;
    let owned = record::reading_ledger(&store)?.owned()?;
    let all_users = store.users()?;
    check_users(&scope, &all_users)?;
    let signals = Signals::listen()?;
    let mut import = Import {
        judge: Judge {
            store: &store,
            accounts: Accounts::for_many(&store, ground.owners.set),
            owner: ground.owners.set,
            policy: &policy,
            scope: &scope,
            settings: String::new(),
            icons: IconChecks::default(),
        },
        users: all_users
            .into_iter()
            .filter(|user| scope.has_user(user))
            .collect(),
        owned,
        signals: &signals,
    };
    let (survey, notes) = import.survey()?;
    check_apps(&scope, survey.apps())?;
    let counts = survey.counts();
    if counts.0 == 0 {
        return Err(tell::nothing(&survey));
    }
    let judge = &import.judge;
    let templates = survey.templates(&mut |id, group| judge.is_valid_group(id, group));
    let mut stage = Stage::begin(&folder, secrets.as_deref())?;
    let written = import.write(&templates, notes, &mut stage)?;
    let existing = if args.force {
        Existing::Replaced
    } else {
        Existing::Kept
    };
    let placed = stage.place(existing)?;
    let text = tell::summary(args, &written, &placed, counts.1);
    let result = world.out.write_all(text.as_bytes());
    Ok(world.written(result))
}

fn advised(error: anyhow::Error, hint: &str) -> Stop {
    Stop {
        exit: Exit::Failed,
        error,
        hint: Some(hint.to_owned()),
    }
}

/// The real folder of the manifest and the real path of the secrets file.
fn places(args: &ImportArgs, root: &Path) -> Result<(PathBuf, Option<PathBuf>), Stop> {
    let root = place::real(root)?;
    let folder = place::real(&args.folder)?;
    let below_root = |path: &Path| {
        let path = path.display();
        Stop::from(anyhow!(
            "`{path}` is below the root, where only links may lie"
        ))
    };
    if folder.starts_with(&root) {
        return Err(below_root(&args.folder));
    }
    let Some(path) = &args.write_secrets else {
        return Ok((folder, None));
    };
    let secrets = place::real(path)?;
    if secrets.starts_with(&root) {
        return Err(below_root(path));
    }
    if secrets.starts_with(&folder) {
        return Err(advised(
            anyhow!("`{}` is in the folder of the manifest", path.display()),
            "tokens do not belong beside a manifest, which goes to Git; name a file elsewhere",
        ));
    }
    Ok((folder, Some(secrets)))
}

fn check_users(scope: &Scope, users: &BTreeSet<UserName>) -> Result<(), Stop> {
    let names = users.iter().map(UserName::as_str);
    let unmatched = scope.users.unmatched(&names).into_iter();
    match unmatched
        .chain(scope.exclude_users.unmatched(&names))
        .next()
    {
        Some(glob) => Err(anyhow!("no user on disk matches {glob}").into()),
        None => Ok(()),
    }
}

fn check_apps(scope: &Scope, apps: &BTreeSet<AppName>) -> Result<(), Stop> {
    let names = apps.iter().map(AppName::as_str);
    match scope.apps.unmatched(&names).into_iter().next() {
        Some(glob) => Err(anyhow!("no app on disk matches {glob}").into()),
        None => Ok(()),
    }
}

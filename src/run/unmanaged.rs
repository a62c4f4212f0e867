//! `cplinks unmanaged`: foreign links that a manifest does not name. Reads
//! only.

use super::import::judge::Judge;
use super::list::{List, check_apps, check_users, told};
use super::load::{UsualPolicy, Valid, load};
use super::target::{Ground, check_settled, scope};
use super::{Exit, Stop, World, record};
use crate::cli::{FoundFormat, UnmanagedArgs, UnmanagedFormat};
use crate::import::{Extra, IconChecks, ImportedUser, settings};
use crate::manifest::Settings;
use crate::model::{ActualUser, AppName};
use crate::plan::{GlobSet, Owned, Policy};
use crate::report::{FoundLink, Whose};
use crate::store::Accounts;
use std::collections::BTreeSet;
use std::time::Duration;

/// How links are written.
enum Form {
    Rows(List),
    Yaml(Extra),
}

pub(super) fn run(args: &UnmanagedArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let scope = scope(&args.scope)?;
    let host = &args.manifest.host;
    let ground = Ground::at(&args.at.root, args.owners, host.strict_owners);
    let usual = UsualPolicy::Asked;
    let valid = load(&args.manifest, ground.manifest_check, usual, &[], world)?;
    let Some(Valid {
        manifest, policy, ..
    }) = valid
    else {
        return Ok(Exit::Failed);
    };
    let store = ground.open(&args.at)?;
    // So that half an apply is never shown to anybody.
    let _lock = store.lock_shared(Duration::from_secs(args.at.lock_timeout))?;
    check_settled(&store)?;
    let owned = record::reading_ledger(&store)?.owned()?;
    let users = store.users()?;
    check_users(&scope, &users)?;
    let said = manifest.settings();
    let rules = Policy::of_rules(said.unlisted, said.apps.clone(), said.limits);
    let mut judge = Judge {
        store: &store,
        accounts: Accounts::for_many(&store, ground.owners.set),
        owner: ground.owners.set,
        policy: &policy,
        scope: &scope,
        settings: limits(manifest.settings()),
        icons: IconChecks::default(),
    };
    let mut form = form(args.format);
    let mut apps = BTreeSet::new();
    let mut exit = Exit::Done;
    for user in users.iter().filter(|user| scope.has_user(user)) {
        let actual = judge.read(user);
        exit = exit.or(told(&actual, world));
        apps.extend(actual.links.keys().cloned());
        let is_asked = |app: &AppName| {
            scope.has_app(app) && !owned.has(user, app) && !manifest.names(user, app)
        };
        let written = match &mut form {
            Form::Rows(list) => {
                let links = actual.links.iter().filter(|(app, _)| is_asked(app));
                let links = links.map(|(app, link)| FoundLink {
                    user,
                    app,
                    link,
                    whose: Whose::Foreign,
                });
                list.write(&links.collect::<Vec<_>>(), world)
            }
            Form::Yaml(extra) => {
                let mut imported = judge.links(&actual, &is_asked).to_be_shown();
                if !manifest.has_user(user)
                    && let Some(why) = takes_others(&actual, &imported, &rules, &owned)
                {
                    imported = imported.left_whole(&why);
                }
                let text = extra.add(&imported, &|app| manifest.given(app));
                world.out.write_all(text.as_bytes())
            }
        };
        if written.is_err() {
            return Ok(exit.or(world.written(written)));
        }
    }
    let written = match form {
        Form::Rows(list) => list.end(world),
        Form::Yaml(extra) => world.out.write_all(extra.end().as_bytes()),
    };
    check_apps(&scope, &apps)?;
    Ok(exit.or(world.written(written)))
}

/// Why none of the links of a user may be named whom the manifest does not
/// name: the rule for unlisted links would then take those that are not, which
/// stay as they are now.
fn takes_others(
    actual: &ActualUser,
    imported: &ImportedUser,
    rules: &Policy,
    owned: &Owned,
) -> Option<String> {
    let named: BTreeSet<_> = imported.taken().map(|(app, _)| app).collect();
    let others = actual.links.keys().filter(|app| {
        let is_owned = owned.has(&actual.name, app);
        !named.contains(app) && rules.takes_when_user_is_named(app, is_owned)
    });
    let others: Vec<_> = others.map(AppName::as_str).collect();
    (!others.is_empty()).then(|| {
        format!(
            "`unlisted: hide-all` would hide {} once this user is named",
            others.join(", ")
        )
    })
}

fn form(format: UnmanagedFormat) -> Form {
    let rows = |format| Form::Rows(List { format, links: 0 });
    match format {
        UnmanagedFormat::Text => rows(FoundFormat::Text),
        UnmanagedFormat::Json => rows(FoundFormat::Json),
        UnmanagedFormat::Yaml => Form::Yaml(Extra::default()),
    }
}

/// What the manifest's own settings let it name. The host's policy is asked
/// beside them.
fn limits(of: &Settings) -> String {
    let hosts = of.autologin_hosts.as_ref();
    settings(
        of.apps.manage.as_ref().map(GlobSet::texts),
        of.apps.ignore.texts(),
        hosts.map(|hosts| hosts.iter().map(String::as_str)),
    )
}

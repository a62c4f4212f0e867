//! `cplinks list` and `cplinks get`: what lies on disk, and whose it is.
//! Reads only.

use super::target::{Ground, check_settled, scope};
use super::{Exit, Stop, World, record};
use crate::cli::{FoundFormat, GetArgs, ListArgs, Owners, RootArgs};
use crate::ledger::Ledger;
use crate::model::{Account, ActualUser, AppName, Folder, NameError, UserName};
use crate::plan::{Address, Scope, Tree};
use crate::report::{self, FoundLink, Whose, escaped};
use crate::store::{RealDisk, SharedLock, Store};
use anyhow::anyhow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

/// Runs `list`.
pub(super) fn run(args: &ListArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let scope = scope(&args.scope)?;
    let found = Found::open(&args.at, args.strict_owners)?;
    let users = match &args.of {
        Some(name) => BTreeSet::from([user(name)?]),
        None => found.store.users()?,
    };
    check_users(&scope, &users)?;
    let mut list = List {
        format: args.format,
        links: 0,
    };
    let mut apps = BTreeSet::new();
    let mut exit = Exit::Done;
    for user in users.iter().filter(|user| scope.has_user(user)) {
        let actual = found.read(user);
        let folders = [&actual.links_folder, &actual.menu_folder];
        let is_nowhere = folders.iter().all(|folder| **folder == Folder::Absent);
        // One that was listed may go away before it is read.
        if is_nowhere && args.of.is_some() {
            return Err(no_user(user));
        }
        exit = exit.or(told(&actual, world));
        apps.extend(actual.links.keys().cloned());
        let links = found.links(&actual, &scope)?;
        let result = list.write(&links, world);
        if result.is_err() {
            return Ok(exit.or(world.written(result)));
        }
    }
    let result = list.end(world);
    check_apps(&scope, &apps)?;
    Ok(exit.or(world.written(result)))
}

/// Runs `get`.
pub(super) fn get(args: &GetArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let user = user(&args.of)?;
    let app = app(&args.app)?;
    let found = Found::open(&args.at, args.strict_owners)?;
    let actual = found.read(&user);
    let exit = told(&actual, world);
    let links = found.links(&actual, &Scope::default())?;
    let Some(link) = links.iter().find(|link| *link.app == app) else {
        return Err(no_file(&user, &app));
    };
    let result = match args.format {
        FoundFormat::Text => report::found(link, &mut world.out),
        FoundFormat::Json => {
            report::found_json(link, &mut world.out).and_then(|()| writeln_to(&mut world.out))
        }
    };
    Ok(exit.or(world.written(result)))
}

fn writeln_to(out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(b"\n")
}

pub(super) fn user(name: &str) -> Result<UserName, Stop> {
    UserName::parse(name).map_err(|error| no_name("a user", name, &error))
}

pub(super) fn app(name: &str) -> Result<AppName, Stop> {
    AppName::parse(name).map_err(|error| no_name("an app", name, &error))
}

fn no_name(what: &str, name: &str, error: &NameError) -> Stop {
    anyhow!("`{name}` is no name of {what}: it {error}").into()
}

/// Nothing of a user that was named is there: often a misspelt name.
fn no_user(user: &UserName) -> Stop {
    Stop {
        exit: Exit::Failed,
        error: anyhow!("nothing of a user {user} is on disk"),
        hint: Some("`cplinks list` lists the links of all users".to_owned()),
    }
}

/// Nothing of a link is there.
pub(super) fn no_file(user: &UserName, app: &AppName) -> Stop {
    Stop {
        exit: Exit::Failed,
        error: anyhow!("there is no file of a link {user}/{app}"),
        hint: Some(format!("`cplinks list {user}` lists the user's links")),
    }
}

/// A folder that cannot be read hides links: that is an error, not none.
pub(super) fn told(actual: &ActualUser, world: &mut World<'_>) -> Exit {
    let folders = [
        (Tree::Links, &actual.links_folder),
        (Tree::Menu, &actual.menu_folder),
    ];
    let mut exit = Exit::Done;
    for (tree, folder) in folders {
        if let Folder::Obstacle(obstacle) = folder {
            let (user, tree) = (&actual.name, tree.name());
            let obstacle = obstacle.to_string();
            let obstacle = escaped(&obstacle);
            world.tell(&format!(
                "error: the folder of {user} in `{tree}` {obstacle}"
            ));
            exit = Exit::Failed;
        }
    }
    exit
}

pub(super) fn check_users(scope: &Scope, users: &BTreeSet<UserName>) -> Result<(), Stop> {
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

pub(super) fn check_apps(scope: &Scope, apps: &BTreeSet<AppName>) -> Result<(), Stop> {
    let names = apps.iter().map(AppName::as_str);
    let unmatched = scope.apps.unmatched(&names).into_iter();
    match unmatched.chain(scope.exclude_apps.unmatched(&names)).next() {
        Some(glob) => Err(anyhow!("no app on disk matches {glob}").into()),
        None => Ok(()),
    }
}

/// What lies on disk, with the record of whose it is.
struct Found {
    store: Store<RealDisk>,
    ledger: Ledger,
    _lock: Option<SharedLock>,
}

impl Found {
    fn open(at: &RootArgs, strict_owners: bool) -> Result<Self, Stop> {
        let store = Ground::at(&at.root, Owners::Keep, strict_owners).open(at)?;
        // So that half an apply is never shown to anybody.
        let lock = store.lock_shared(Duration::from_secs(at.lock_timeout))?;
        check_settled(&store)?;
        Ok(Self {
            ledger: record::reading_ledger(&store)?,
            store,
            _lock: lock,
        })
    }

    fn read(&self, user: &UserName) -> ActualUser {
        self.store.read_user(user, Account::NotAsked)
    }

    fn links<'a>(&self, actual: &'a ActualUser, scope: &Scope) -> Result<Vec<FoundLink<'a>>, Stop> {
        let user = &actual.name;
        let runs: BTreeMap<Address, Option<String>> = self.ledger.runs_of(user)?;
        let links = actual.links.iter().filter(|(app, _)| scope.has_app(app));
        let links = links.map(|(app, link)| {
            let run = runs.get(&Address::Link(user.clone(), app.clone()));
            FoundLink {
                user,
                app,
                link,
                whose: run.map_or(Whose::Foreign, |run| Whose::Ours { run: run.clone() }),
            }
        });
        Ok(links.collect())
    }
}

/// A list that is being written, user by user.
pub(super) struct List {
    pub(super) format: FoundFormat,
    pub(super) links: usize,
}

impl List {
    pub(super) fn write(
        &mut self,
        links: &[FoundLink<'_>],
        world: &mut World<'_>,
    ) -> io::Result<()> {
        match self.format {
            FoundFormat::Text => report::found_rows(links, &mut world.out)?,
            FoundFormat::Json => {
                for (n, link) in links.iter().enumerate() {
                    let before: &[u8] = if self.links + n == 0 { b"[\n" } else { b",\n" };
                    world.out.write_all(before)?;
                    report::found_json(link, &mut world.out)?;
                }
            }
        }
        self.links += links.len();
        Ok(())
    }

    pub(super) fn end(&self, world: &mut World<'_>) -> io::Result<()> {
        let end: &[u8] = match (self.format, self.links) {
            (FoundFormat::Text, 0) => b"No link is there.\n",
            (FoundFormat::Text, _) => b"",
            (FoundFormat::Json, 0) => b"[]\n",
            (FoundFormat::Json, _) => b"\n]\n",
        };
        world.out.write_all(end)
    }
}

//! `cplinks snapshot`: what lies on this server and what is ours, as one
//! redacted document. Reads only, but for the file that is asked for.

use super::accounts::unusable;
use super::load::{UsualPolicy, load_policy};
use super::pause::now;
use super::target::{Ground, check_settled};
use super::{Exit, Stop, World, output, record};
use crate::cli::SnapshotArgs;
use crate::model::UserName;
use crate::plan::{FileOwner, Owned};
use crate::report::escaped;
use crate::snapshot::{About, Salt, WriteError, Writer};
use crate::store::{AccountList, Accounts, Disk as _, RealDisk, Store};
use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

pub(super) fn run(args: &SnapshotArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let ground = Ground::at(&args.at.root, args.owners, args.host.strict_owners);
    // One that is broken stops a plan here too.
    let usual = UsualPolicy::Asked;
    let policy = load_policy(&args.host, ground.manifest_check, usual, world);
    let Some((_, policy)) = policy else {
        return Ok(Exit::Failed);
    };
    let store = ground.open(&args.at)?;
    // So that half an apply is never shown to anybody.
    let _lock = store.lock_shared(Duration::from_secs(args.at.lock_timeout))?;
    check_settled(&store)?;
    let list = store.account_list().unwrap_or_else(|error| {
        world.tell(&format!("note: {}", escaped(&unusable(&error))));
        None
    });
    let mut salt = [0; 16];
    let random = RealDisk.fill_random(&mut salt);
    random.map_err(|error| anyhow!(error))?;
    // One and the same moment of the state.
    let ledger = record::reading_ledger(&store)?;
    let taking = Taking {
        about: About {
            cplinks: env!("CARGO_PKG_VERSION").to_owned(),
            // More than seconds would tell nobody anything.
            taken: Timestamp::from_second(Timestamp::now().as_second())
                .map_err(|error| anyhow!(error))?,
            host: host_name(),
            root: store.path().display().to_string(),
            owners: ground.owners.set,
            policy,
            accounts: list.as_ref().map(|list| list.names().len()),
            has_record: store.state_path()?.is_some(),
            pauses: ledger.pauses(now())?,
        },
        salt: Salt(salt),
        owned: ledger.owned()?,
        list,
        store,
    };
    let users = taking.users()?;
    match &args.output {
        None => {
            let result = taking.write(&users, &mut world.out);
            taking.told(result, world)
        }
        Some(path) => {
            let failed = || format!("cannot write `{}`", path.display());
            if output::is_below(path, taking.store.path()).with_context(failed)? {
                return Err(anyhow!(
                    "`{}` is below the root, where only links may lie",
                    path.display()
                )
                .into());
            }
            let result = output::write_private(path, |out| taking.write(&users, out));
            result.with_context(failed)?;
            Ok(Exit::Done)
        }
    }
}

/// A snapshot that is being taken.
struct Taking {
    store: Store<RealDisk>,
    owned: Owned,
    list: Option<AccountList>,
    about: About,
    salt: Salt,
}

impl Taking {
    /// Everybody that a plan could ask for. Where accounts count or the server
    /// lists them, that is all of them: a manifest may name one of whom nothing
    /// is there yet.
    fn users(&self) -> Result<BTreeSet<UserName>, Stop> {
        let mut users = self.store.users()?;
        users.extend(self.owned.users().cloned());
        users.extend(self.owned.users_with_groups().cloned());
        let listed = self.list.iter().flat_map(AccountList::names);
        users.extend(listed.cloned());
        match self.about.owners {
            FileOwner::Keep => {}
            FileOwner::Root => users.extend(self.store.accounts()?),
        }
        Ok(users)
    }

    fn write(&self, users: &BTreeSet<UserName>, out: &mut dyn Write) -> Result<(), WriteError> {
        let mut writer = Writer::start(out, &self.about, self.salt, &self.owned)?;
        let accounts = Accounts::for_many(&self.store, self.about.owners);
        for user in users {
            let actual = self.store.read_user(user, accounts.look_up(user));
            let list = self.list.as_ref();
            let customer = list.and_then(|list| self.store.customer(list, user));
            writer.user(&actual, &self.owned, customer.as_ref())?;
        }
        writer.finish()?;
        Ok(())
    }

    /// A reader of standard output that has seen enough is no failure.
    fn told(&self, result: Result<(), WriteError>, world: &mut World<'_>) -> Result<Exit, Stop> {
        match result {
            Ok(()) => Ok(Exit::Done),
            Err(WriteError::Io(error)) => Ok(world.written(io::Result::Err(error))),
            Err(error @ WriteError::TooMuch { .. }) => {
                let root = &self.about.root;
                Err(anyhow!(error)
                    .context(format!("no snapshot of `{root}` can be taken"))
                    .into())
            }
        }
    }
}

/// The name this host has for itself.
fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

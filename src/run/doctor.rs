//! `cplinks doctor`: what is wrong under the root, without a manifest. Reads
//! only.

use super::list::{check_apps, check_users};
use super::pause::now;
use super::recover::{Standing, standing};
use super::target::{Ground, scope};
use super::{Exit, Stop, World, record};
use crate::cli::{AskAccounts, DEFAULT_ROOT, DoctorArgs, FoundFormat};
use crate::doctor::{Doctor, Finding, Grade, Looks, Memory, Mend, Server, Tally, Visit};
use crate::ledger::{Baseline, Known, Ledger};
use crate::model::{Account, ActualUser, Stray, UserName};
use crate::plan::{Address, FileOwner, Scope, Tree};
use crate::report::{self, FindingLine};
use crate::store::{Accounts, LockError, RealDisk, SharedLock, Store, aside_of, path_of};
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

const TREES: [Tree; 2] = [Tree::Links, Tree::Menu];

pub(super) fn run(args: &DoctorArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let scope = scope(&args.scope)?;
    let ground = Ground::at(&args.at.root, args.owners, args.strict_owners);
    let store = ground.open(&args.at)?;
    let ward = Ward {
        args,
        store: &store,
        owner: ground.owners.set,
        scope: &scope,
    };
    let mut sheet = Sheet::new(args);
    let result = ward.look(&mut sheet, world)?;
    Ok(sheet.verdict().or(world.written(result)))
}

/// What is looked at.
struct Ward<'a> {
    args: &'a DoctorArgs,
    store: &'a Store<RealDisk>,
    owner: FileOwner,
    scope: &'a Scope,
}

impl Ward<'_> {
    /// Looks at the server, and then at one user after the other. What cannot
    /// be written ends it; the inner result tells.
    fn look(&self, sheet: &mut Sheet<'_>, world: &mut World<'_>) -> Result<io::Result<()>, Stop> {
        // So that half an apply is never shown to anybody.
        let _lock = self.lock()?;
        let fixtures = self.store.fixtures()?;
        let [links, menu] = TREES.map(|tree| self.store.strays_of_tree(tree));
        let strays = [links?, menu?];
        let server = Server {
            fixtures: &fixtures,
            strays: &strays,
            owner: self.owner,
        };
        sheet.can_move_aside = server.can_move_aside();
        let mut findings = if self.scope.is_everything() {
            server.check()
        } else {
            Vec::new()
        };
        if !server.can_use_work() {
            // Told of, whatever is in scope: nothing of ours can be known.
            if !self.scope.is_everything() {
                findings.extend(server.work());
            }
            return self.rest(None, findings, &server, sheet, world);
        }
        if let Some(run) = self.store.interrupted()? {
            findings.push(Finding::interrupted(&run.to_string()));
            sheet.tally.is_cut_short = true;
            let written = sheet.write(&findings, world);
            return Ok(written.and_then(|()| sheet.end(world)));
        }
        let (baseline, memory) = self.memory()?;
        findings.extend(memory.as_ref().map(Finding::memory));
        self.rest(
            baseline.as_ref().map(Baseline::ledger),
            findings,
            &server,
            sheet,
            world,
        )
    }

    /// Looks at the users, whatever is known of them.
    fn rest(
        &self,
        ledger: Option<&Ledger>,
        mut findings: Vec<Finding>,
        server: &Server<'_>,
        sheet: &mut Sheet<'_>,
        world: &mut World<'_>,
    ) -> Result<io::Result<()>, Stop> {
        let mut users = self.store.users()?;
        let accounts = self.accounts();
        if let Some(ledger) = ledger {
            users.extend(ledger.users()?);
            if self.scope.is_everything() {
                findings.extend(stale_pauses(ledger, &users, &accounts)?);
            }
        }
        check_users(self.scope, &users)?;
        if let Err(error) = sheet.write(&findings, world) {
            return Ok(Err(error));
        }
        let may_swap = server.lets_others_swap_folders();
        let mut doctor = Doctor::new(self.owner, may_swap, self.scope.clone());
        let mut apps = BTreeSet::new();
        for user in users.iter().filter(|user| self.scope.has_user(user)) {
            let actual = self.store.read_user(user, accounts.look_up(user));
            let owned = owned(ledger, user)?;
            let findings = self.visit(&mut doctor, &actual, &owned)?;
            let seen = actual.links.keys().filter(|app| self.scope.has_app(app));
            sheet.tally.links += seen.count();
            sheet.tally.groups += actual.groups.len();
            sheet.tally.users += 1;
            apps.extend(actual.links.into_keys());
            apps.extend(owned.into_iter().filter_map(|address| match address {
                Address::Link(_, app) => Some(app),
                Address::Group(..) => None,
            }));
            if let Err(error) = sheet.write(&findings, world) {
                return Ok(Err(error));
            }
        }
        let ended = sheet.end(world);
        check_apps(self.scope, &apps)?;
        Ok(ended)
    }

    fn visit(
        &self,
        doctor: &mut Doctor,
        actual: &ActualUser,
        owned: &BTreeSet<Address>,
    ) -> Result<Vec<Finding>, Stop> {
        let mut looks = Looks::new();
        for (address, kind) in doctor.doubtful(actual) {
            // What was read a moment before, and cannot be now, is told of
            // without it.
            if let Ok(Some(look)) = self.store.look_closer(&address, kind) {
                looks.insert((address, kind), look);
            }
        }
        let mut strays: [Vec<Stray>; 2] = Default::default();
        // The names were listed already; mostly there is none such.
        if !actual.strays.is_empty() {
            for (tree, strays) in TREES.into_iter().zip(&mut strays) {
                *strays = self.store.strays_of(&actual.name, tree)?;
            }
        }
        Ok(doctor.visit(&Visit {
            actual,
            strays: &strays,
            looks: &looks,
            owned,
        }))
    }

    /// The lock, unless something else lies in its place: nobody can hold that
    /// one, and the work folder is told of as what it is.
    fn lock(&self) -> Result<Option<SharedLock>, Stop> {
        let timeout = Duration::from_secs(self.args.at.lock_timeout);
        match self.store.lock_shared(timeout) {
            Ok(lock) => Ok(lock),
            Err(LockError::Obstacle { .. }) => Ok(None),
            Err(error @ (LockError::Held { .. } | LockError::Io(_))) => Err(error.into()),
        }
    }

    /// The host's accounts, where it is asked for them.
    fn accounts(&self) -> Accounts {
        let owner = match self.args.accounts {
            AskAccounts::Auto => self.owner,
            AskAccounts::Ask => FileOwner::Root,
            AskAccounts::Skip => FileOwner::Keep,
        };
        Accounts::for_many(self.store, owner)
    }

    /// What cplinks remembers, as far as it can be read, and what is wrong
    /// with it.
    fn memory(&self) -> Result<(Option<Baseline>, Option<Memory>), Stop> {
        let wrong = match standing(self.store) {
            Ok(Standing::Whole) => None,
            Ok(Standing::Missing) => Some(Memory::Lost),
            Ok(Standing::Unfinished) => return Ok((None, Some(Memory::Unfinished))),
            Ok(Standing::Damaged) => return Ok((None, Some(Memory::Damaged))),
            Err(stop) => {
                return Ok((None, Some(Memory::Unusable(stop.error.to_string()))));
            }
        };
        let ledger = record::reading_ledger(self.store)?;
        let (key, bad) = match record::state_key(self.store) {
            Ok(key) => (key, None),
            Err(stop) => (None, Some(Memory::BadKey(stop.error.to_string()))),
        };
        let baseline = Baseline::new(ledger, key)?;
        let other = match baseline.known() {
            Known::Yes | Known::RunsOnly => None,
            Known::NoKey | Known::OtherKey => Some(Memory::OtherKey),
        };
        Ok((Some(baseline), wrong.or(bad).or(other)))
    }
}

/// Pauses of users that neither lie on disk nor have an account.
fn stale_pauses(
    ledger: &Ledger,
    users: &BTreeSet<UserName>,
    accounts: &Accounts,
) -> Result<Vec<Finding>, Stop> {
    let has_account = |user: &UserName| matches!(accounts.look_up(user), Account::Known { .. });
    let pauses = ledger.pauses(now())?;
    let stale = pauses
        .iter()
        .filter_map(|pause| Finding::stale_pause(pause, users, &has_account));
    Ok(stale.collect())
}

/// What is cplinks' own of a user.
fn owned(ledger: Option<&Ledger>, user: &UserName) -> Result<BTreeSet<Address>, Stop> {
    match ledger {
        Some(ledger) => Ok(ledger.runs_of(user)?.into_keys().collect()),
        None => Ok(BTreeSet::new()),
    }
}

/// Findings as they are written, and in numbers.
struct Sheet<'a> {
    args: &'a DoctorArgs,
    written: usize,
    tally: Tally,
    /// Whether commands may move something aside.
    can_move_aside: bool,
}

impl<'a> Sheet<'a> {
    fn new(args: &'a DoctorArgs) -> Self {
        Self {
            args,
            written: 0,
            tally: Tally::default(),
            can_move_aside: false,
        }
    }

    fn write(&mut self, findings: &[Finding], world: &mut World<'_>) -> io::Result<()> {
        let root = &self.args.at.root;
        for finding in findings {
            let is_stuck = finding.mend == Some(Mend::Aside) && !self.can_move_aside;
            let finding = &Finding {
                mend: finding.mend.clone().filter(|_| !is_stuck),
                ..finding.clone()
            };
            self.tally.add(finding);
            let (below, aside) = (path_of(&finding.place), aside_of(&finding.place));
            let line = FindingLine {
                finding,
                root,
                is_default_root: root.as_os_str() == DEFAULT_ROOT,
                below: &below,
                aside: &aside,
            };
            match self.args.format {
                FoundFormat::Text => report::finding(&line, &mut world.out)?,
                FoundFormat::Json => {
                    self.begin(world)?;
                    report::finding_json(&line, self.written, &mut world.out)?;
                }
            }
            self.written += 1;
        }
        Ok(())
    }

    fn begin(&self, world: &mut World<'_>) -> io::Result<()> {
        if self.written == 0 {
            report::findings_json(&self.args.at.root, &mut world.out)?;
        }
        Ok(())
    }

    fn end(&self, world: &mut World<'_>) -> io::Result<()> {
        match self.args.format {
            FoundFormat::Text => report::tally(&self.tally, &mut world.out),
            FoundFormat::Json => {
                self.begin(world)?;
                report::tally_json(&self.tally, &mut world.out)
            }
        }
    }

    /// What the findings mean for the exit code.
    fn verdict(&self) -> Exit {
        let warnings = self.tally.of(Grade::Warning);
        if self.tally.of(Grade::Error) > 0 || (self.args.strict && warnings > 0) {
            Exit::Failed
        } else {
            Exit::Done
        }
    }
}

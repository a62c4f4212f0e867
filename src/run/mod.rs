//! From arguments to an exit code: one function for each command. Errors
//! become text and exit codes here and nowhere else, and only here and in
//! `main` is anything printed.

mod accounts;
mod against;
mod apply;
mod call;
mod doctor;
mod drift;
mod history;
mod import;
mod list;
mod load;
mod login;
mod output;
mod pause;
mod pin;
mod plan;
mod progress;
mod record;
mod recover;
mod show;
mod signal;
mod snapshot;
mod status;
mod target;
mod undo;
mod unmanaged;
mod validate;
mod watch;
mod world;

pub use world::World;

use crate::cli::{Cli, Color, Command};
use crate::manifest::{policy_schema, schema};
use crate::process::{self, TooFewFiles};
use crate::report::{PLAN_SCHEMA, shell_word};
use crate::store::{LockError, StoreError};
use std::ffi::OsString;
use std::io::Write as _;

/// How a run ends, by the exit codes of `design.md` section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, nothing to do, or planned.
    Done,
    /// Changes are pending, and that was asked for.
    Pending,
    /// A guard refuses.
    Refused,
    /// The plan changed between the prompt and the apply.
    Stale,
    /// Another cplinks holds the lock.
    Locked,
    /// An error, or something failed or was blocked.
    Failed,
    /// A signal ended it early; its number.
    Interrupted(u8),
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Pending => 2,
            Self::Refused => 3,
            Self::Stale => 4,
            Self::Locked => 5,
            Self::Interrupted(signal) => 128_u8.saturating_add(signal),
        }
    }

    /// Where several apply, the more serious one: the variants stand in that
    /// order.
    #[must_use]
    fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

/// An error with what to do about it.
#[derive(Debug)]
struct Stop {
    exit: Exit,
    error: anyhow::Error,
    hint: Option<String>,
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self {
            exit: Exit::Failed,
            error,
            hint: None,
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self {
            exit: Exit::Failed,
            hint: error.hint(),
            error: error.into(),
        }
    }
}

impl From<LockError> for Stop {
    fn from(error: LockError) -> Self {
        let (exit, hint) = match &error {
            LockError::Held { .. } => (
                Exit::Locked,
                Some("wait for it, or give it longer with --lock-timeout".to_owned()),
            ),
            LockError::Obstacle { path, .. } => {
                let path = shell_word(path.as_os_str());
                let hint = format!(
                    "cplinks did not make it: look at what it is, and move it away (mv {path} …)"
                );
                (Exit::Failed, Some(hint))
            }
            LockError::Io(_) => (Exit::Failed, None),
        };
        Self {
            exit,
            hint,
            error: error.into(),
        }
    }
}

impl From<TooFewFiles> for Stop {
    fn from(error: TooFewFiles) -> Self {
        Self {
            exit: Exit::Failed,
            hint: Some(error.hint()),
            error: error.into(),
        }
    }
}

/// Runs one command line in a world and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>, world: &mut World<'_>) -> Exit {
    let cli = match Cli::read(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            world.set_color(Color::Auto);
            return world.usage(error);
        }
    };
    world.set_color(cli.color);
    let result = process::check_open_files()
        .map_err(Stop::from)
        .and_then(|()| command(cli.command, world));
    let exit = result.unwrap_or_else(|stop| {
        world.error(&stop.error, stop.hint.as_deref());
        stop.exit
    });
    let flushed = world.out.flush();
    exit.or(world.written(flushed))
}

fn command(command: Command, world: &mut World<'_>) -> Result<Exit, Stop> {
    match command {
        Command::Validate(args) => validate::run(&args, world),
        Command::Plan(args) => plan::run(&args, world),
        Command::Apply(args) => apply::run(&args, world),
        Command::Drift(args) => drift::run(&args, world),
        Command::Status(args) => status::run(&args, world),
        Command::Recover(args) => recover::run(&args, world),
        Command::Watch(args) => watch::run(&args, world),
        Command::History(args) => history::run(&args, world),
        Command::Undo(args) => undo::run(&args, world),
        Command::Pause(args) => pause::run(&args, world),
        Command::Resume(args) => pause::resume(&args, world),
        Command::Snapshot(args) => snapshot::run(&args, world),
        Command::List(args) => list::run(&args, world),
        Command::Doctor(args) => doctor::run(&args, world),
        Command::Get(args) => list::get(&args, world),
        Command::Unmanaged(args) => unmanaged::run(&args, world),
        Command::Import(args) => import::run(&args, world),
        Command::Call(args) => Ok(call::run(&args, world)),
        Command::Login(args) => login::run(&args, world),
        Command::Schema(args) => {
            let schema = match (args.policy, args.plan) {
                (true, _) => policy_schema(),
                (false, true) => PLAN_SCHEMA.to_owned(),
                (false, false) => schema(),
            };
            let result = world.out.write_all(schema.as_bytes());
            Ok(world.written(result))
        }
    }
}

//! `cplinks call`: a function of WHM API 1 on the local root. Whatever comes
//! of it is answered in the API's envelope, on standard output.

mod arguments;
mod change;

use super::load::{UsualPolicy, load_policy};
use super::pause::resume_command;
use super::target::{Ground, check_settled};
use super::{Exit, Stop, World};
use crate::cli::{CallArgs, CallOutput};
use crate::manifest::HostPolicy;
use crate::model::{ActualUser, UserName};
use crate::report::{self, ResponseForm, escaped};
use crate::store::{Accounts, RealDisk, Store};
use crate::whm::api::{Called, Data, Parsed, Refused, Request, Response};
use anyhow::anyhow;
use std::time::Duration;

/// Runs `call`.
pub(super) fn run(args: &CallArgs, world: &mut World<'_>) -> Exit {
    let (outcome, exit) = match answer(args, world) {
        Ok(data) => (Ok(data), Exit::Done),
        Err(stop) => (Err(reason(&stop)), stop.exit),
    };
    let response = Response {
        command: Called::new(&args.function),
        outcome,
    };
    let form = match args.output {
        CallOutput::Json => ResponseForm::Json,
        CallOutput::Jsonpretty => ResponseForm::JsonPretty,
        CallOutput::Yaml => ResponseForm::Yaml,
    };
    let result = report::response(&response, form, &mut world.out);
    exit.or(world.written(result))
}

/// What a call gives, or why it does not.
fn answer(args: &CallArgs, world: &mut World<'_>) -> Result<Data, Stop> {
    let ground = Ground::at(&args.at.root, args.owners, args.host.strict_owners);
    let usual = UsualPolicy::Asked;
    let Some((host, _)) = load_policy(&args.host, ground.manifest_check, usual, world) else {
        return Err(anyhow!("the policy of this host cannot be used, see standard error").into());
    };
    let parameters = arguments::read(
        &args.function,
        &args.parameters,
        ground.manifest_check,
        world,
    )
    .map_err(|flaws| refused(&Refused::Parameters(flaws)))?;
    let parsed = Request::parse(&args.function, parameters, &host);
    let Parsed { request, warnings } = parsed.map_err(|why| refused(&why))?;
    for warning in warnings {
        let warning = warning.to_string();
        world.tell(&format!("warning: {}", escaped(&warning)));
    }
    let store = ground.open(&args.at)?;
    let call = Local {
        store: &store,
        ground: &ground,
        host: &host,
        args,
    };
    match &request {
        Request::Change(wish) => call.change(wish, world),
        Request::ListLinks(user) => call.look(|| Data::of_links(&call.read(user))),
        Request::ListGroups(user) => call.look(|| Data::of_groups(&call.read(user))),
        Request::Get(address) => {
            call.look(|| Data::of_userconfig(address, &store.read_userconfig(address)))
        }
    }
}

/// A call on the local root.
struct Local<'c> {
    store: &'c Store<RealDisk>,
    ground: &'c Ground,
    host: &'c HostPolicy,
    args: &'c CallArgs,
}

impl Local<'_> {
    fn timeout(&self) -> Duration {
        Duration::from_secs(self.args.at.lock_timeout)
    }

    /// All that there is of a user.
    fn read(&self, user: &UserName) -> ActualUser {
        let account = Accounts::for_few(self.ground.owners.set).look_up(user);
        self.store.read_user(user, account)
    }

    /// Looks at something while nobody writes, and writes nothing.
    fn look(&self, look: impl FnOnce() -> Result<Data, Refused>) -> Result<Data, Stop> {
        let _lock = self.store.lock_shared(self.timeout())?;
        check_settled(self.store)?;
        look().map_err(|why| self.refused(&why))
    }

    /// Why something is refused, and how a pause ends.
    fn refused(&self, why: &Refused) -> Stop {
        let Refused::Paused(address, pause) = why else {
            return refused(why);
        };
        let end = resume_command(pause, &self.args.at.root);
        Stop {
            exit: Exit::Failed,
            error: anyhow!("{address} is {}", report::pause_in_words(pause)),
            hint: Some(format!("to end it: {end}")),
        }
    }
}

fn refused(why: &Refused) -> Stop {
    anyhow!("{why}").into()
}

/// An error with what caused it and what to do, in one line.
fn reason(stop: &Stop) -> String {
    let causes: Vec<String> = stop.error.chain().map(ToString::to_string).collect();
    let causes = causes.join(": ");
    match &stop.hint {
        Some(hint) => format!("{causes} ({hint})"),
        None => causes,
    }
}

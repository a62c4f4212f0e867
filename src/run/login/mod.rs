//! `cplinks login`: the auto-login handshake of one link, as cPanel does it
//! when the customer clicks. Writes nothing; what lies on disk is read under
//! the shared lock, which is not held while it waits for anybody.

mod client;
mod drive;
mod link;
mod live;

use super::list;
use super::load::{UsualPolicy, load_policy};
use super::signal::Signals;
use super::target::Ground;
use super::{Exit, Stop, World};
use crate::cli::{FoundFormat, LoginArgs, Owners};
use crate::manifest::{HostPolicy, OwnerCheck};
use crate::model::FileKind;
use crate::report::{self, LoginStory, LoginTry, UrlShown, escaped};
use crate::whm::login::{CallFailure, Ending, Form, Step, TokenSent, begin, web_url};
use anyhow::anyhow;
use client::{Client, Trust};
use drive::drive;
use link::{Found, Link, Presence, fields};
use live::Live;
use std::io::Write as _;
use std::time::Duration;
use url::Url;

/// Runs `login`.
pub(super) fn run(args: &LoginArgs, world: &mut World<'_>) -> Result<Exit, Stop> {
    let (user, app) = (list::user(&args.of)?, list::app(&args.app)?);
    let ground = Ground::at(&args.at.root, Owners::Keep, args.host.strict_owners);
    let owners = ground.manifest_check;
    let Some((policy, _)) = load_policy(&args.host, owners, UsualPolicy::Asked, world) else {
        return Ok(Exit::Failed);
    };
    let client = client(args, owners)?;
    let store = ground.open(&args.at)?;
    let lock_timeout = Duration::from_secs(args.at.lock_timeout);
    let link = Link::new(store, user, app, lock_timeout);
    let found = link.find(world)?;
    let Some(found) = found else {
        return Ok(Exit::Failed);
    };
    let step = begin(fields(FileKind::Userconfig, &found.forms.userconfig)?);
    let mut login = Login {
        endpoint: match &step {
            Step::Read(reading) => Some(reading.endpoint().to_owned()),
            Step::Post(_) | Step::Wait(_) | Step::End(_) => None,
        },
        args,
        link: &link,
        presence: found.presence,
        tries: Vec::new(),
        exit: Exit::Done,
        world,
    };
    login.introduce();
    let (form, ending) = if args.dry_run {
        login.look(step, &found, &policy)?
    } else {
        let signals = Signals::listen()?;
        let ending = drive(step, &mut Live::new(&mut login, &client, &policy, &signals))?;
        (None, Some(ending))
    };
    Ok(login.conclude(form.as_ref(), ending.as_ref()))
}

fn client(args: &LoginArgs, owners: OwnerCheck) -> Result<Client, Stop> {
    let trust = match &args.cacert {
        Some(path) => Trust::of_file(path, owners)?,
        None => Trust::public(),
    };
    Ok(Client::new(Duration::from_secs(args.timeout), trust))
}

/// A handshake that is told of while it goes on.
struct Login<'a, 'w> {
    args: &'a LoginArgs,
    link: &'a Link,
    presence: Presence,
    endpoint: Option<String>,
    tries: Vec<LoginTry>,
    exit: Exit,
    world: &'a mut World<'w>,
}

impl Login<'_, '_> {
    /// What is known before anything is done.
    fn introduce(&mut self) {
        if let Some(note) = self.presence.note() {
            self.world.tell(&format!("note: {note}"));
        }
        let Some(endpoint) = &self.endpoint else {
            return;
        };
        let is_plain = web_url(endpoint).is_some_and(|url| url.scheme() == "http");
        if is_plain {
            self.world.tell(
                "warning: the autologin_token_url is plain http: anyone on the way reads the token",
            );
        }
        if self.args.format == FoundFormat::Text {
            let address = (&self.link.user, &self.link.app);
            let result = report::login_title(address, endpoint, &mut self.world.out);
            self.written(result);
        }
    }

    /// What a first try would post, or how it would end without one.
    fn look(
        &mut self,
        step: Step,
        found: &Found,
        policy: &HostPolicy,
    ) -> Result<(Option<Form>, Option<Ending>), Stop> {
        let step = match step {
            Step::Read(reading) => {
                reading.read(fields(FileKind::Adminconfig, &found.forms.adminconfig)?)
            }
            step @ (Step::Post(_) | Step::Wait(_) | Step::End(_)) => step,
        };
        let step = match step {
            Step::Post(posting) => match target(posting.endpoint(), policy)? {
                Ok(_) => {
                    tell_form(posting.form(), self.world);
                    return Ok((Some(posting.form().clone()), None));
                }
                Err(failure) => posting.answered(Err(failure)),
            },
            step @ (Step::Read(_) | Step::Wait(_) | Step::End(_)) => step,
        };
        match step {
            Step::End(ending) => Ok((None, Some(ending))),
            // A failed call ends it.
            Step::Read(_) | Step::Post(_) | Step::Wait(_) => Ok((None, None)),
        }
    }

    /// Takes note of a try.
    fn tried(&mut self, done: LoginTry, ending: Option<&Ending>) {
        if self.args.format == FoundFormat::Text {
            let result = report::login_try(&done, ending, &mut self.world.out);
            // Told when it is over, not when all is over.
            let result = result.and_then(|()| self.world.out.flush());
            self.written(result);
        }
        self.tries.push(done);
    }

    /// Says how it ended, and what that means for the exit code.
    fn conclude(&mut self, form: Option<&Form>, ending: Option<&Ending>) -> Exit {
        let shown = if self.args.show_url {
            UrlShown::Whole
        } else {
            UrlShown::Masked
        };
        let out = &mut self.world.out;
        let result = match self.args.format {
            FoundFormat::Text => {
                let form = form.map_or(Ok(()), |form| report::login_form(form, out));
                form.and_then(|()| {
                    ending.map_or(Ok(()), |ending| report::login_end(ending, shown, out))
                })
            }
            FoundFormat::Json => {
                let story = LoginStory {
                    user: &self.link.user,
                    app: &self.link.app,
                    is_visible: self.presence == Presence::Visible,
                    endpoint: self.endpoint.as_deref(),
                    form,
                    tries: &self.tries,
                    ending,
                };
                report::login_json(&story, shown, out)
            }
        };
        self.written(result);
        let verdict = match ending {
            None => Exit::Done,
            Some(Ending::LoggedIn(destination)) => {
                let is_cut = destination.masked().as_deref() != destination.whole();
                if is_cut && !self.args.show_url {
                    self.world
                        .tell("hint: --show-url shows all of the URL, and with it the log-in");
                }
                Exit::Done
            }
            Some(Ending::NoLogin { why, .. }) => {
                if let Some(hint) = report::login_hint(why) {
                    self.world.tell(&format!("hint: {hint}"));
                }
                Exit::Failed
            }
        };
        self.exit.or(verdict)
    }

    fn written(&mut self, result: std::io::Result<()>) {
        self.exit = self.exit.or(self.world.written(result));
    }
}

/// Where a form is posted to, or why that call fails as it would for cPanel.
///
/// # Errors
/// The token may not go there, whatever cPanel would do.
fn target(endpoint: &str, policy: &HostPolicy) -> Result<Result<Url, CallFailure>, Stop> {
    let Some(url) = web_url(endpoint) else {
        return Ok(Err(CallFailure::NoAnswer {
            why: "the autologin_token_url is no absolute http or https URL".to_owned(),
            hint: None,
        }));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Stop {
            exit: Exit::Failed,
            error: anyhow!(
                "nothing is posted: the autologin_token_url holds a user name or password"
            ),
            hint: Some("take it out: the token is what the endpoint knows the link by".to_owned()),
        });
    }
    match policy.refuses_autologin(url.as_str()) {
        None => Ok(Ok(url)),
        Some(why) => Err(refused(&why)),
    }
}

/// That the token may not go there.
fn refused(why: &str) -> Stop {
    Stop {
        exit: Exit::Failed,
        error: anyhow!("nothing is posted: {why}"),
        hint: Some(
            "a click in cPanel does not ask: if the host is meant, list it in `autologin_hosts` of \
             the policy of this host, else change the link"
                .to_owned(),
        ),
    }
}

/// Says if a form has no token, and which fields it cannot carry as what they
/// are.
fn tell_form(form: &Form, world: &mut World<'_>) {
    match form.token() {
        TokenSent::Token => {}
        TokenSent::Empty => {
            world.tell("note: the link has no token: an empty text is sent in its place");
        }
        TokenSent::Nothing => world.tell("note: the link has no token: none is sent"),
    }
    for name in form.nested() {
        world.tell(&format!(
            "note: `{}` is an object or array, so its JSON is what is posted; what cPanel posts of \
             it is not known",
            escaped(name)
        ));
    }
}

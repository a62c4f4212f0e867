//! The handshake's border to this world: its files, its clock, its network.

use super::super::signal::Signals;
use super::super::{Exit, Stop};
use super::client::{Asked, Client, Halt};
use super::drive::Border;
use super::link::fields;
use super::{Login, refused, target, tell_form};
use crate::manifest::HostPolicy;
use crate::model::{FileKind, FormFields, LinkForms};
use crate::report::LoginTry;
use crate::whm::login::{CallFailure, Ending, Posting, Reply};
use anyhow::anyhow;
use std::time::{Duration, Instant};

/// How often it is looked whether a signal came.
const TICK: Duration = Duration::from_millis(50);

/// A handshake in this world.
pub(super) struct Live<'a, 'l, 'w> {
    login: &'a mut Login<'l, 'w>,
    client: &'a Client,
    policy: &'a HostPolicy,
    signals: &'a Signals,
    began: Instant,
}

impl<'a, 'l, 'w> Live<'a, 'l, 'w> {
    pub(super) fn new(
        login: &'a mut Login<'l, 'w>,
        client: &'a Client,
        policy: &'a HostPolicy,
        signals: &'a Signals,
    ) -> Self {
        Self {
            login,
            client,
            policy,
            signals,
            began: Instant::now(),
        }
    }
}

impl Border for Live<'_, '_, '_> {
    type Stop = Stop;

    fn elapsed(&mut self) -> Duration {
        self.began.elapsed()
    }

    fn read_admin(&mut self) -> Result<Result<FormFields, String>, Stop> {
        let forms = self.login.link.read()?;
        check_same(&forms, self.login.endpoint.as_deref())?;
        fields(FileKind::Adminconfig, &forms.adminconfig)
    }

    fn post(&mut self, posting: &Posting) -> Result<Result<Reply, CallFailure>, Stop> {
        let url = match target(posting.endpoint(), self.policy)? {
            Ok(url) => url,
            Err(failure) => return Ok(Err(failure)),
        };
        if posting.number() == 1 {
            tell_form(posting.form(), self.login.world);
        }
        let asked = Asked {
            refusal: &|address| self.policy.refuses_address(url.as_str(), address),
            signal: &|| self.signals.seen(),
        };
        match self.client.post(&url, posting.form().body(), &asked) {
            Ok(reply) => Ok(Ok(reply)),
            Err(Halt::Failed(failure)) => Ok(Err(failure)),
            Err(Halt::Refused(why)) => Err(refused(&why)),
            Err(Halt::Signal(signal)) => Err(interrupted(signal, "while it waited for an answer")),
        }
    }

    fn wait(&mut self, duration: Duration) -> Result<(), Stop> {
        let began = Instant::now();
        loop {
            if let Some(signal) = self.signals.seen() {
                return Err(interrupted(signal, "in the wait for the next try"));
            }
            let left = duration.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(TICK));
        }
    }

    fn tell(&mut self, done: LoginTry, ending: Option<&Ending>) {
        self.login.tried(done, ending);
    }
}

/// A token must not go to a URL that it does not stand beside any more.
fn check_same(forms: &LinkForms, endpoint: Option<&str>) -> Result<(), Stop> {
    let now = forms.userconfig.value();
    let now = now.and_then(|fields| fields.get("autologin_token_url"));
    if now.map(|value| value.text.expose()) == endpoint {
        return Ok(());
    }
    Err(Stop {
        exit: Exit::Failed,
        error: anyhow!(
            "the link's autologin_token_url was changed meanwhile, so nothing more is posted"
        ),
        hint: Some("run it again for the link as it is now".to_owned()),
    })
}

fn interrupted(signal: u8, when: &str) -> Stop {
    Stop {
        exit: Exit::Interrupted(signal),
        error: anyhow!("interrupted {when}"),
        hint: None,
    }
}

//! The steps of the handshake, each a type that takes only what may come of
//! it. The table of the module's page is what they do.

use super::answer::{Answer, Reply, Said};
use super::destination::{Destination, Given};
use super::form::Form;
use crate::model::{FormFields, FormValue, Secret};
use std::time::Duration;
use zeroize::Zeroizing;

/// How often it is tried.
pub const TRIES: u8 = 3;

/// The longest wait before another try.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read the adminconfig.
    Read(Reading),
    /// Post the form.
    Post(Posting),
    /// Let time pass.
    Wait(Waiting),
    /// Nothing: it is over.
    End(Ending),
}

/// How a handshake ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The endpoint said where the customer goes to be logged in.
    LoggedIn(Destination),
    /// It did not.
    NoLogin {
        /// Where the customer is sent to instead; `None` where cPanel shows an
        /// error.
        destination: Option<Destination>,
        /// Why.
        why: NoLogin,
    },
}

/// Why nobody is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoLogin {
    /// The userconfig is missing or cannot be read; the text says which.
    NoUserconfig(String),
    /// The link has no `autologin_token_url`: it is a plain link.
    NoEndpoint,
    /// A call failed, which ends it at once.
    Call(CallFailure),
    /// The answer had no `redirect_url`, and asked for no other try.
    NoRedirect,
    /// The answer had one that no browser can be sent to.
    NoWebUrl,
    /// The last try was answered with `retry` too.
    TriesUsed,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFailure {
    /// The adminconfig is missing or cannot be read; the text says which.
    NoAdminconfig(String),
    /// There was no whole answer.
    NoAnswer {
        /// Why.
        why: String,
        /// What to do about it.
        hint: Option<&'static str>,
    },
    /// The status is no 2xx.
    Status(u16),
    /// The body is no JSON.
    NotJson,
    /// The body is JSON, but no object.
    NotAnObject,
    /// The body is longer than so many bytes, which is more than is read.
    TooLong(usize),
}

/// Begins with the userconfig, or with why there is none.
pub fn begin(userconfig: Result<FormFields, String>) -> Step {
    let mut link = match userconfig {
        Ok(fields) => fields,
        Err(why) => {
            return Step::End(Ending::NoLogin {
                destination: None,
                why: NoLogin::NoUserconfig(why),
            });
        }
    };
    let text = |value: &FormValue| {
        let text = value.text.expose();
        (!text.is_empty()).then(|| text.to_owned())
    };
    // Of all keys this one is not sent.
    let endpoint = link.remove("autologin_token_url");
    let endpoint = endpoint.as_ref().and_then(text);
    let url = link.get("url").and_then(text).map(Given::Text);
    match endpoint {
        None => Step::End(Ending::NoLogin {
            destination: url.map(|url| Destination::new(url, &[])),
            why: NoLogin::NoEndpoint,
        }),
        Some(endpoint) => Step::Read(Reading(Try {
            number: 1,
            handshake: Handshake {
                link,
                endpoint,
                answer_url: url.clone(),
                url,
                secrets: Vec::new(),
            },
        })),
    }
}

/// What stays the same from try to try, and what they add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Handshake {
    /// The userconfig, without the endpoint.
    link: FormFields,
    endpoint: String,
    /// The link's own, which a failed call falls back to.
    url: Option<Given>,
    /// The one of the answer so far, which begins as the link's own.
    answer_url: Option<Given>,
    /// All that was sent and is secret.
    secrets: Vec<Secret>,
}

/// One try of a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Try {
    handshake: Handshake,
    number: u8,
}

impl Try {
    fn failed(self, failure: CallFailure) -> Step {
        let url = self.handshake.url.clone();
        self.no_login(url, NoLogin::Call(failure))
    }

    fn unanswered(self, why: NoLogin) -> Step {
        let url = self.handshake.answer_url.clone();
        self.no_login(url, why)
    }

    fn no_login(self, url: Option<Given>, why: NoLogin) -> Step {
        Step::End(Ending::NoLogin {
            destination: url.map(|url| Destination::new(url, &self.handshake.secrets)),
            why,
        })
    }
}

/// The adminconfig is to be read, anew for each try: a token that was pushed
/// meanwhile counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading(Try);

impl Reading {
    /// Which try it is, from 1.
    pub fn number(&self) -> u8 {
        self.0.number
    }

    /// Where it will be posted to.
    pub fn endpoint(&self) -> &str {
        &self.0.handshake.endpoint
    }

    /// It was read, or could not be.
    pub fn read(mut self, adminconfig: Result<FormFields, String>) -> Step {
        match adminconfig {
            Err(why) => self.0.failed(CallFailure::NoAdminconfig(why)),
            Ok(admin) => {
                let form = Form::new(&self.0.handshake.link, admin, self.0.number);
                self.0.handshake.secrets.extend(form.secrets().cloned());
                Step::Post(Posting { of: self.0, form })
            }
        }
    }
}

/// The form is to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    of: Try,
    form: Form,
}

impl Posting {
    /// Which try it is, from 1.
    pub fn number(&self) -> u8 {
        self.of.number
    }

    /// Where to; never empty, but not checked to be a URL.
    pub fn endpoint(&self) -> &str {
        &self.of.handshake.endpoint
    }

    /// What is posted.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// There was an answer, or none.
    pub fn answered(self, reply: Result<Reply, CallFailure>) -> Step {
        let mut of = self.of;
        let answer = reply.and_then(|reply| {
            let body: Zeroizing<Vec<u8>> = match reply.status {
                200..=299 => reply.body?,
                status => return Err(CallFailure::Status(status)),
            };
            Answer::parse(&body)
        });
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return of.failed(failure),
        };
        match answer.url {
            Said::Nothing => {}
            Said::Is(url) => of.handshake.answer_url = url,
        }
        match (answer.redirect_url, answer.retry) {
            (Some(url), _) => {
                let destination = Destination::new(url, &of.handshake.secrets);
                Step::End(if destination.is_web_url() {
                    Ending::LoggedIn(destination)
                } else {
                    Ending::NoLogin {
                        destination: Some(destination),
                        why: NoLogin::NoWebUrl,
                    }
                })
            }
            (None, None) => of.unanswered(NoLogin::NoRedirect),
            (None, Some(duration)) => Step::Wait(Waiting { of, duration }),
        }
    }
}

/// Time is to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    of: Try,
    duration: Duration,
}

impl Waiting {
    /// How long, whole seconds from 0 to 60.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// It passed.
    pub fn over(self) -> Step {
        let number = self.of.number.saturating_add(1);
        if number > TRIES {
            return self.of.unanswered(NoLogin::TriesUsed);
        }
        Step::Read(Reading(Try { number, ..self.of }))
    }
}

#[cfg(test)]
mod tests;

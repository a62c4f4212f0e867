//! A handshake for the eye, told while it goes on. Nothing of an answer is
//! shown but its status, kind and length, and the URL that it sends to.

use super::inline::cut_end;
use super::value::Shown;
use crate::model::{AppName, UserName};
use crate::report::escape::{escaped, quoted};
use crate::report::login::{LoginTry, reason};
use crate::report::style::{BOLD, DIM, GREEN, RED, styled};
use crate::whm::login::{CallFailure, Destination, Disclosure, Ending, Form, NoLogin, TRIES};
use std::io::{self, Write};

/// Most characters of a field's name or value.
const MOST_SHOWN: usize = 200;

/// How much of the URL that a customer is sent to may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlShown {
    /// Not the secret parts of its query.
    Masked,
    /// All of it: that was asked for.
    Whole,
}

/// Writes what is about to happen.
///
/// # Errors
/// Those of `out`.
pub fn login_title(
    (user, app): (&UserName, &AppName),
    endpoint: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let address = styled(BOLD, format_args!("{user}/{app}"));
    let endpoint = Shown::url(endpoint).line();
    writeln!(out, "log-in of {address} at {endpoint}")
}

/// Writes what would be posted.
///
/// # Errors
/// Those of `out`.
pub fn login_form(form: &Form, out: &mut dyn Write) -> io::Result<()> {
    let names = form.fields().map(|(name, _)| quoted_name(name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
    let count = form.fields().count();
    writeln!(out, "  would be posted as a form, {count} fields:")?;
    for (name, field) in form.fields() {
        let value = match field.disclosure(name) {
            Disclosure::Nothing => "***".to_owned(),
            Disclosure::Length(bytes) => styled(DIM, format_args!("({bytes} bytes, not shown)")),
            Disclosure::Url(url) => Shown::url(url).line(),
            Disclosure::Icon(icon) => Shown::icon(&icon).line(),
            Disclosure::Text(text) => cut_end(&quoted(text), MOST_SHOWN),
        };
        writeln!(out, "    {:width$}  {value}", quoted_name(name))?;
    }
    Ok(())
}

/// A field's name, which a file on disk may make anything.
fn quoted_name(name: &str) -> String {
    cut_end(&escaped(name), MOST_SHOWN)
}

/// Writes what a try came to. Why the last one failed is told with the ending.
///
/// # Errors
/// Those of `out`.
pub fn login_try(done: &LoginTry, ending: Option<&Ending>, out: &mut dyn Write) -> io::Result<()> {
    let mut words = Vec::new();
    if let Some(count) = done.fields {
        words.push(format!("{count} fields posted"));
    }
    if let Some(answer) = &done.answer {
        words.push(format!("status {}", answer.status));
        words.push(answer.media.name().to_owned());
        if let Some(bytes) = answer.bytes {
            words.push(format!("{bytes} bytes"));
        }
    }
    if let Some(wait) = done.retry {
        words.push(format!("asks to be tried again in {} s", wait.as_secs()));
    }
    match ending {
        None => {}
        Some(Ending::LoggedIn(_)) => words.push("has a redirect_url".to_owned()),
        // Why is told where all ends; here only that nothing came.
        Some(Ending::NoLogin { why, .. }) => words.extend(nothing(why).map(str::to_owned)),
    }
    let (began, took) = (done.began.as_secs_f64(), done.took.as_secs_f64());
    let (number, words) = (done.number, words.join(", "));
    writeln!(
        out,
        "  {began:7.3} s  try {number} of {TRIES}: {words} (took {took:.3} s)"
    )
}

/// What a try is called that had no answer.
fn nothing(why: &NoLogin) -> Option<&'static str> {
    match why {
        NoLogin::Call(CallFailure::NoAdminconfig(_)) => Some("nothing posted"),
        NoLogin::Call(CallFailure::NoAnswer { .. }) => Some("no answer"),
        NoLogin::Call(
            CallFailure::Status(_)
            | CallFailure::NotJson
            | CallFailure::NotAnObject
            | CallFailure::TooLong(_),
        )
        | NoLogin::NoUserconfig(_)
        | NoLogin::NoEndpoint
        | NoLogin::NoRedirect
        | NoLogin::NoWebUrl
        | NoLogin::TriesUsed => None,
    }
}

/// Writes where the customer arrives.
///
/// # Errors
/// Those of `out`.
pub fn login_end(ending: &Ending, shown: UrlShown, out: &mut dyn Write) -> io::Result<()> {
    match ending {
        Ending::LoggedIn(destination) => {
            let head = styled(GREEN, "logged in");
            let at = place(destination, shown);
            writeln!(out, "{head}: the customer is sent to {at}")
        }
        Ending::NoLogin { destination, why } => {
            let head = styled(RED, "not logged in");
            let why = reason(why);
            let why = escaped(&why);
            let at = match destination {
                Some(destination) => format!("is sent to {}", place(destination, shown)),
                None => "gets an error".to_owned(),
            };
            writeln!(out, "{head}: {why}; the customer {at}")
        }
    }
}

fn place(destination: &Destination, shown: UrlShown) -> String {
    match (destination, shown) {
        (Destination::Echo, _) => {
            "a URL that is not shown, since it holds a token of the link".to_owned()
        }
        (Destination::NoUrl(kind), _) => {
            let kind = kind.name();
            format!("{kind}, which is no absolute http or https URL and not shown")
        }
        (Destination::Url(url), UrlShown::Masked) => Shown::url(url.expose()).line(),
        (Destination::Url(url), UrlShown::Whole) => quoted(url.expose()),
    }
}

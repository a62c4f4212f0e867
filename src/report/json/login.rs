//! A handshake as JSON: one object, when it is over.

use super::write_value;
use crate::model::{AppName, UserName, masked};
use crate::report::login::{LoginTry, reason};
use crate::report::text::UrlShown;
use crate::whm::login::{Destination, Disclosure, Ending, Form};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// A handshake, or what one would send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginStory<'a> {
    /// Whose link.
    pub user: &'a UserName,
    /// Of which app.
    pub app: &'a AppName,
    /// Whether the customer sees the link in the menu.
    pub is_visible: bool,
    /// Where it is posted to; `None` where that was not found out.
    pub endpoint: Option<&'a str>,
    /// What would be posted: of a dry run only.
    pub form: Option<&'a Form>,
    /// The tries there were.
    pub tries: &'a [LoginTry],
    /// How it ended; `None` where it was not begun.
    pub ending: Option<&'a Ending>,
}

/// Writes a handshake.
///
/// # Errors
/// Those of `out`.
pub fn login_json(story: &LoginStory<'_>, shown: UrlShown, out: &mut dyn Write) -> io::Result<()> {
    let (result, destination, why) = match story.ending {
        None => ("would_post", None, None),
        Some(Ending::LoggedIn(destination)) => ("logged_in", Some(destination), None),
        Some(Ending::NoLogin { destination, why }) => {
            let result = destination.as_ref().map_or("error", |_| "not_logged_in");
            (result, destination.as_ref(), Some(reason(why)))
        }
    };
    let tries: Vec<_> = story.tries.iter().map(one_try).collect();
    let value = json!({
        "user": story.user.as_str(),
        "app": story.app.as_str(),
        "is_visible": story.is_visible,
        "endpoint": story.endpoint.map(|url| masked(url).into_owned()),
        "form": story.form.map(form),
        "tries": tries,
        "result": result,
        "why": why,
        "url": destination.and_then(|destination| url(destination, shown)),
    });
    write_value(&value, out)?;
    out.write_all(b"\n")
}

fn url(destination: &Destination, shown: UrlShown) -> Option<String> {
    match shown {
        UrlShown::Masked => destination.masked().map(std::borrow::Cow::into_owned),
        UrlShown::Whole => destination.whole().map(str::to_owned),
    }
}

/// The fields; `null` for what is not shown.
fn form(form: &Form) -> Map<String, Value> {
    let value = |disclosure| match disclosure {
        Disclosure::Nothing | Disclosure::Length(_) => Value::Null,
        Disclosure::Url(url) => masked(url).into_owned().into(),
        Disclosure::Icon(icon) => format!("sha256:{}", icon.hash()).into(),
        Disclosure::Text(text) => text.into(),
    };
    form.fields()
        .map(|(name, field)| (name.to_owned(), value(field.disclosure(name))))
        .collect()
}

fn one_try(done: &LoginTry) -> Value {
    let answer = done.answer.as_ref();
    json!({
        "number": done.number,
        "began_ms": milliseconds(done.began),
        "took_ms": milliseconds(done.took),
        "posted_fields": done.fields,
        "status": answer.map(|answer| answer.status),
        "content_type": answer.map(|answer| answer.media.name()),
        "bytes": answer.and_then(|answer| answer.bytes),
        "retry_seconds": done.retry.map(|retry| retry.as_secs()),
    })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

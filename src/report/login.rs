//! A handshake in words that its forms share: what a try came to, and why
//! nobody is logged in.

use crate::whm::login::{CallFailure, Media, NoLogin, TRIES};
use std::time::Duration;

/// One try of a handshake, when it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginTry {
    /// Which one, from 1.
    pub number: u8,
    /// When it began, from the beginning of the handshake.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
    /// How many fields were posted; `None` where nothing was, or where that
    /// is not known, for want of an answer.
    pub fields: Option<usize>,
    /// The answer, where there was one.
    pub answer: Option<LoginAnswer>,
    /// How long it asks to wait before another try.
    pub retry: Option<Duration>,
}

/// What may be shown of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What it says it is.
    pub media: Media,
    /// Bytes of the body; `None` where not all of it was read.
    pub bytes: Option<usize>,
}

/// Why nobody is logged in. Not escaped.
pub(super) fn reason(why: &NoLogin) -> String {
    match why {
        NoLogin::NoUserconfig(why) => format!("the userconfig {why}"),
        NoLogin::NoEndpoint => "the link has no autologin_token_url".to_owned(),
        NoLogin::Call(failure) => call_reason(failure),
        NoLogin::NoRedirect => "the answer has no redirect_url".to_owned(),
        NoLogin::NoWebUrl => {
            "the redirect_url of the answer is no absolute http or https URL".to_owned()
        }
        NoLogin::TriesUsed => format!("none of {TRIES} answers had a redirect_url"),
    }
}

fn call_reason(failure: &CallFailure) -> String {
    match failure {
        CallFailure::NoAdminconfig(why) => {
            format!("the adminconfig {why}, so there is no token to send")
        }
        CallFailure::NoAnswer { why, .. } => why.clone(),
        CallFailure::Status(status @ 300..=399) => {
            format!("the answer is a redirect (status {status}), which is not followed")
        }
        CallFailure::Status(status) => {
            format!("the answer has status {status}, which is no success")
        }
        CallFailure::NotJson => "the answer is no JSON".to_owned(),
        CallFailure::NotAnObject => "the answer is JSON, but no object".to_owned(),
        CallFailure::TooLong(bytes) => {
            format!("the answer is longer than {bytes} bytes, which is more than is read")
        }
    }
}

/// What to do about it.
pub fn login_hint(why: &NoLogin) -> Option<&'static str> {
    match why {
        NoLogin::NoUserconfig(_) => Some("`cplinks get` shows what lies in the place of its files"),
        NoLogin::Call(CallFailure::NoAdminconfig(_)) => {
            Some("an apply of a manifest with a `token` for the link writes it")
        }
        NoLogin::Call(CallFailure::NoAnswer { hint, .. }) => *hint,
        NoLogin::Call(CallFailure::Status(300..=399)) => {
            Some("let autologin_token_url be where the redirect leads")
        }
        NoLogin::NoEndpoint
        | NoLogin::Call(
            CallFailure::Status(_)
            | CallFailure::NotJson
            | CallFailure::NotAnObject
            | CallFailure::TooLong(_),
        )
        | NoLogin::NoRedirect
        | NoLogin::NoWebUrl
        | NoLogin::TriesUsed => None,
    }
}

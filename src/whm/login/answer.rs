//! What an endpoint answers. All of it is a foreign text: nothing of a body is
//! ever shown but the URLs that it is asked for.

use serde_json::{Map, Value};
use std::time::Duration;
use zeroize::Zeroizing;

use super::destination::{Given, ValueKind};
use super::machine::{CallFailure, LONGEST_WAIT};

/// An answer of the endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What it says it is.
    pub media: Media,
    /// The body, or why there is no whole one.
    pub body: Result<Zeroizing<Vec<u8>>, CallFailure>,
}

/// What an answer says it is: one of a few kinds, so that a header can bring
/// no text of its own into the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`.
    Json,
    /// `text/html`.
    Html,
    /// `text/plain`.
    Plain,
    /// XML of either name.
    Xml,
    /// Anything else.
    Other,
    /// It does not say.
    Unstated,
}

impl Media {
    /// Reads a `Content-Type`.
    pub fn of(header: Option<&str>) -> Self {
        let Some(header) = header else {
            return Self::Unstated;
        };
        let kind = header.split(';').next().map(str::trim);
        match kind.map(str::to_ascii_lowercase).as_deref() {
            Some("application/json") => Self::Json,
            Some("text/html") => Self::Html,
            Some("text/plain") => Self::Plain,
            Some("text/xml" | "application/xml") => Self::Xml,
            Some(_) | None => Self::Other,
        }
    }

    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html",
            Self::Plain => "text/plain",
            Self::Xml => "XML",
            Self::Other => "another content type",
            Self::Unstated => "no content type",
        }
    }
}

/// The keys of an answer that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// Where to; `None` if it is missing or empty.
    pub(super) redirect_url: Option<Given>,
    /// What it says of `url`.
    pub(super) url: Said,
    /// How long to wait before the next try; `None` asks for no other.
    pub(super) retry: Option<Duration>,
}

/// What an answer says of a URL that it need not speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing: what was known stays.
    Nothing,
    /// That it is this; `None` that there is none.
    Is(Option<Given>),
}

impl Answer {
    /// Reads a body; of a key that is given twice the last counts, as in Perl.
    pub(super) fn parse(body: &[u8]) -> Result<Self, CallFailure> {
        let value = serde_json::from_slice(body).map_err(|_| CallFailure::NotJson)?;
        let object: Map<String, Value> = match value {
            Value::Object(object) => object,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => return Err(CallFailure::NotAnObject),
        };
        Ok(Self {
            redirect_url: object.get("redirect_url").and_then(given),
            url: object
                .get("url")
                .map_or(Said::Nothing, |url| Said::Is(given(url))),
            retry: object.get("retry").and_then(retry),
        })
    }
}

/// A value that is not empty.
fn given(value: &Value) -> Option<Given> {
    Some(match value {
        Value::Null | Value::Bool(false) => return None,
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => Given::Text(text.clone()),
        Value::Bool(true) => Given::Other(ValueKind::True),
        Value::Number(_) => Given::Other(ValueKind::Number),
        Value::Array(_) => Given::Other(ValueKind::Array),
        Value::Object(_) => Given::Other(ValueKind::Object),
    })
}

/// How long a `retry` asks to wait, by Perl's idea of truth and of numbers,
/// since that is who reads it: `"5 minutes"` is 5, a word is 0 and asks all
/// the same, and an array or object is a number beyond every limit.
fn retry(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Null | Value::Bool(false) => return None,
        Value::Bool(true) => 1.0,
        Value::Number(number) => number.as_f64().filter(|n| *n != 0.0)?,
        Value::String(text) if matches!(text.as_str(), "" | "0") => return None,
        Value::String(text) => leading_number(text),
        Value::Array(_) | Value::Object(_) => f64::INFINITY,
    };
    let most = LONGEST_WAIT.as_secs_f64();
    let seconds = seconds.trunc().abs().min(most);
    // In range by now, and a whole number.
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT))
}

/// The number that a text begins with; 0 if it begins with none.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let is_number = |end: &usize| {
        let start = text.get(..*end).filter(|s| s.bytes().all(is_numeric));
        start.is_some_and(|start| start.parse::<f64>().is_ok())
    };
    // No number that counts is longer: it is cut to 60 anyway.
    let longest = ends.take(32).filter(is_number).last();
    let start = longest.and_then(|end| text.get(..end));
    start.and_then(|start| start.parse().ok()).unwrap_or(0.0)
}

/// Keeps out what only Rust takes for a number: `inf`, `nan`.
fn is_numeric(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_retry(json: &str, seconds: Option<u64>) {
        let answer = Answer::parse(format!("{{\"retry\":{json}}}").as_bytes()).unwrap();
        assert_eq!(answer.retry, seconds.map(Duration::from_secs), "{json}");
    }

    #[test]
    fn a_retry_is_a_number_of_seconds_as_perl_reads_it() {
        for (json, seconds) in [
            ("null", None),
            ("0", None),
            ("0.0", None),
            ("\"\"", None),
            ("\"0\"", None),
            ("false", None),
            ("true", Some(1)),
            ("1", Some(1)),
            ("\"7\"", Some(7)),
            ("-5", Some(5)),
            ("\"-5\"", Some(5)),
            ("2.9", Some(2)),
            ("0.5", Some(0)),
            ("60", Some(60)),
            ("61", Some(60)),
            ("1e300", Some(60)),
            ("\"1e3\"", Some(60)),
            ("\" 5 minutes\"", Some(5)),
            ("\"5e\"", Some(5)),
            ("\"soon\"", Some(0)),
            ("\"inf\"", Some(0)),
            ("\"nan\"", Some(0)),
            ("[]", Some(60)),
            ("{\"a\":1}", Some(60)),
        ] {
            check_retry(json, seconds);
        }
        check_retry(&format!("\"{}\"", "9".repeat(400)), Some(60));
    }

    #[test]
    fn only_an_object_is_an_answer() {
        for (body, failure) in [
            ("", CallFailure::NotJson),
            ("<html>", CallFailure::NotJson),
            ("{", CallFailure::NotJson),
            ("{} x", CallFailure::NotJson),
            ("[]", CallFailure::NotAnObject),
            ("null", CallFailure::NotAnObject),
            ("\"https://a.example/\"", CallFailure::NotAnObject),
        ] {
            assert_eq!(Answer::parse(body.as_bytes()), Err(failure), "{body}");
        }
        assert_eq!(
            Answer::parse(b"{\"redirect_url\":\"\xff\"}"),
            Err(CallFailure::NotJson)
        );
    }

    #[test]
    fn an_empty_text_is_none() {
        let parse = |text: &str| Answer::parse(text.as_bytes()).unwrap();
        let empty = parse(r#"{"redirect_url":"","url":null}"#);
        assert_eq!((empty.redirect_url, empty.url), (None, Said::Is(None)));
        let given = parse(r#"{"redirect_url":"a","redirect_url":"b","url":7}"#);
        assert_eq!(given.redirect_url, Some(Given::Text("b".to_owned())));
        let number = Given::Other(ValueKind::Number);
        assert_eq!(given.url, Said::Is(Some(number)));
        assert_eq!(parse("{}").url, Said::Nothing);
    }

    #[test]
    fn a_content_type_brings_no_text_of_its_own() {
        for (header, media) in [
            (None, Media::Unstated),
            (Some("application/json"), Media::Json),
            (Some("Application/JSON; charset=utf-8"), Media::Json),
            (Some("text/html;x"), Media::Html),
            (Some("text/plain"), Media::Plain),
            (Some("text/xml"), Media::Xml),
            (Some("canary"), Media::Other),
            (Some(""), Media::Other),
        ] {
            assert_eq!(Media::of(header), media, "{header:?}");
        }
    }
}

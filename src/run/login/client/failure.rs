//! Why there was no answer, in words that hold nothing of what came: an
//! endpoint knows the token, and could put it into anything that is shown.

use crate::whm::login::CallFailure;
use rustls::CertificateError;
use std::io;
use std::time::Duration;

/// Longest wait for a connection; half the limit of the whole if that is less.
const CONNECT: Duration = Duration::from_secs(10);

pub(super) const SLOW_HINT: &str = "give it longer with --timeout";
const TRUST_HINT: &str = "name the file of an authority of your own with --cacert";

/// How long a connection may take, of a limit of the whole.
pub(super) fn connect_limit(limit: Duration) -> Duration {
    CONNECT.min(limit / 2)
}

pub(super) fn too_slow(limit: Duration) -> String {
    format!("there was no whole answer within {} s", limit.as_secs())
}

/// Why there was no answer, in words that hold nothing of what came.
pub(super) fn failure(error: ureq::Error, limit: Duration) -> CallFailure {
    let (why, hint) = match error {
        ureq::Error::Timeout(ureq::Timeout::Connect) => {
            let limit = connect_limit(limit).as_secs_f64();
            let why = format!("there was no connection within {limit} s");
            (why, Some(SLOW_HINT))
        }
        ureq::Error::Timeout(_) => (too_slow(limit), Some(SLOW_HINT)),
        ureq::Error::Rustls(error) => tls(&error),
        ureq::Error::Io(error) => match inner_tls(&error) {
            Some(error) => tls(error),
            None => (io_words(&error), None),
        },
        ureq::Error::Tls(_) => ("the TLS handshake failed".to_owned(), None),
        ureq::Error::ConnectionFailed => ("there was no connection".to_owned(), None),
        ureq::Error::LargeResponseHeader(..) => {
            ("the headers of the answer are too long".to_owned(), None)
        }
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => {
            ("no request can be made to this URL".to_owned(), None)
        }
        _ => ("the answer is no HTTP".to_owned(), None),
    };
    CallFailure::NoAnswer { why, hint }
}

fn inner_tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// An error of the system; what a library says is reduced to its kind.
fn io_words(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(_) => format!("the connection failed: {error}"),
        None => format!("the connection failed: {}", error.kind()),
    }
}

fn tls(error: &rustls::Error) -> (String, Option<&'static str>) {
    let rustls::Error::InvalidCertificate(error) = error else {
        return (format!("the TLS handshake failed: {error}"), None);
    };
    let (why, hint) = match error {
        // A bad signature: an authority of the same name has another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            ("signed by no authority that is trusted", TRUST_HINT)
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            return ("the certificate has expired".to_owned(), None);
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            return ("the certificate is not valid yet".to_owned(), None);
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            return ("the certificate is one of another host".to_owned(), None);
        }
        _ => ("not one that a server may have", TRUST_HINT),
    };
    (format!("the certificate is {why}"), Some(hint))
}

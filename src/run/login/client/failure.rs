//! Why there was no answer, in words that hold nothing of what came: an
//! endpoint knows the token, and could put it into anything that is shown.

use crate::whm::login::CallFailure;
use rustls::{CertificateError, OtherError};
use std::io;
use std::time::Duration;

/// Longest wait for a connection; half the limit of the whole if that is less.
const CONNECT: Duration = Duration::from_secs(10);

pub(super) const SLOW_HINT: &str = "give it longer with --timeout";
const AUTHORITY_HINT: &str = "give the server one that the authority signed, or one made by \
    `openssl req -x509` with `-addext basicConstraints=critical,CA:FALSE`, which --cacert may name";

/// How long a connection may take, of a limit of the whole.
pub(super) fn connect_limit(limit: Duration) -> Duration {
    CONNECT.min(limit / 2)
}

pub(super) fn too_slow(limit: Duration) -> String {
    format!("there was no whole answer within {} s", limit.as_secs())
}

/// Why there was no answer, in words that hold nothing of what came.
pub(super) fn failure(
    error: ureq::Error,
    limit: Duration,
    trust_hint: &'static str,
) -> CallFailure {
    let (why, hint) = match error {
        ureq::Error::Timeout(ureq::Timeout::Connect) => {
            let limit = connect_limit(limit).as_secs_f64();
            let why = format!("there was no connection within {limit} s");
            (why, Some(SLOW_HINT))
        }
        ureq::Error::Timeout(_) => (too_slow(limit), Some(SLOW_HINT)),
        ureq::Error::Rustls(error) => tls(&error, trust_hint),
        ureq::Error::Io(error) => match inner_tls(&error) {
            Some(error) => tls(error, trust_hint),
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

fn tls(error: &rustls::Error, trust_hint: &'static str) -> (String, Option<&'static str>) {
    let rustls::Error::InvalidCertificate(error) = error else {
        return (format!("the TLS handshake failed: {error}"), None);
    };
    let (why, hint) = match error {
        // A bad signature: an authority of the same name has another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "the certificate is signed by no authority that is trusted",
            Some(trust_hint),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("the certificate has expired", None)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("the certificate is not valid yet", None)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("the certificate is one of another host", None)
        }
        CertificateError::Other(other) if is_authority(other) => (
            "the server's certificate is that of an authority (CA:TRUE), which signs others and is \
             no server's own",
            Some(AUTHORITY_HINT),
        ),
        // Whom to trust is not what is wrong.
        _ => ("the certificate is not one that a server may have", None),
    };
    (why.to_owned(), hint)
}

/// Whether a server shows a certificate that may only sign others.
fn is_authority(error: &OtherError) -> bool {
    let error = error.0.downcast_ref::<webpki::Error>();
    error == Some(&webpki::Error::CaUsedAsEndEntity)
}

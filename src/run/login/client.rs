//! The one place that opens a connection: one form posted to one URL, and the
//! answer read within limits. It looks the name up once, has each address
//! checked, and connects to those and no other. It follows no redirect, asks
//! no proxy, verifies TLS, and reads nothing of the environment.
#![expect(
    clippy::disallowed_methods,
    reason = "the border to the network: looks names up, and connects"
)]

mod failure;
mod trust;

pub(super) use trust::Trust;

use crate::whm::login::{CallFailure, Media, Reply};
use failure::{SLOW_HINT, connect_limit, failure, too_slow};
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::{Uri, header};
use ureq::tls::{TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use url::Url;
use zeroize::Zeroizing;

/// Most bytes of an answer that are read: it is a URL and a few words.
const MAX_BODY: usize = 64 * 1024;
/// Most bytes of its headers.
const MAX_HEADERS: usize = 16 * 1024;
/// How often it is looked whether a signal came.
const TICK: Duration = Duration::from_millis(50);
/// What the limit of the whole is exceeded by before a call that does not end
/// by itself is left alone.
const GRACE: Duration = Duration::from_millis(500);
/// As many addresses as are tried.
const MAX_ADDRESSES: usize = 16;

/// Why nothing was posted, or no answer waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Halt {
    /// The call failed, as it would for cPanel.
    Failed(CallFailure),
    /// The token may not go to this address; the text says why.
    Refused(String),
    /// A signal came.
    Signal(u8),
}

/// What posts a form.
#[derive(Debug, Clone)]
pub(super) struct Client {
    timeout: Duration,
    trust: Trust,
    /// Looks up where a URL leads.
    find: fn(&Url) -> io::Result<Vec<SocketAddr>>,
}

/// Who is asked before and while something is posted.
pub(super) struct Asked<'a> {
    /// Why a token may not go to an address.
    pub(super) refusal: &'a dyn Fn(IpAddr) -> Option<String>,
    /// The signal that came.
    pub(super) signal: &'a dyn Fn() -> Option<u8>,
}

impl Client {
    /// A client whose calls take no longer than this, each.
    pub(super) fn new(timeout: Duration, trust: Trust) -> Self {
        Self {
            timeout,
            trust,
            find: |url| url.socket_addrs(|| None),
        }
    }

    /// Posts a form to a URL with a host, and reads the answer. The bytes of
    /// the form are wiped when it is over; copies in the buffers of the HTTP
    /// and TLS libraries are not.
    pub(super) fn post(
        &self,
        url: &Url,
        body: Zeroizing<Vec<u8>>,
        asked: &Asked<'_>,
    ) -> Result<Reply, Halt> {
        let end = Instant::now() + self.timeout;
        let (find, target) = (self.find, url.clone());
        let found = self.in_time(end, asked, move || find(&target))?;
        let addresses = found.map_err(|error| no_address(url, &error))?;
        if addresses.is_empty() {
            let none = io::Error::from(io::ErrorKind::NotFound);
            return Err(no_address(url, &none));
        }
        // One that may not be is enough: who mixes them in means it.
        let refusal = addresses.iter().find_map(|a| (asked.refusal)(a.ip()));
        if let Some(why) = refusal {
            return Err(Halt::Refused(why));
        }
        let left = end.saturating_duration_since(Instant::now());
        let agent = self.agent(addresses, left);
        let (limit, trust_hint) = (self.timeout, self.trust.hint());
        let mut target = url.clone();
        target.set_fragment(None);
        let reply = self.in_time(end, asked, move || {
            exchange(&agent, target.as_str(), &body)
                .map_err(|error| failure(error, limit, trust_hint))
        })?;
        reply.map_err(Halt::Failed)
    }

    fn agent(&self, addresses: Vec<SocketAddr>, left: Duration) -> Agent {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(self.trust.roots())
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Config::builder()
            .tls_config(tls)
            // Asked for by default, from the environment.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("cplinks/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(MAX_HEADERS)
            .max_idle_connections(0)
            .timeout_global(Some(left))
            .timeout_connect(Some(connect_limit(self.timeout)))
            .build();
        Agent::with_parts(config, DefaultConnector::new(), Known(addresses))
    }

    /// Does something that may take for ever, and looks for signals meanwhile.
    /// What does not end in time is left behind: the process ends soon.
    fn in_time<T: Send + 'static>(
        &self,
        end: Instant,
        asked: &Asked<'_>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Halt> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let spawned = std::thread::Builder::new().spawn(move || {
            match sender.send(work()) {
                // Nobody waits any more.
                Ok(()) | Err(_) => {}
            }
        });
        if let Err(error) = spawned {
            return Err(failed(format!("no thread can be started: {error}"), None));
        }
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(done) => return Ok(done),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(failed("the call ended without a result".to_owned(), None));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(signal) = (asked.signal)() {
                return Err(Halt::Signal(signal));
            }
            if Instant::now() > end + GRACE {
                return Err(failed(too_slow(self.timeout), Some(SLOW_HINT)));
            }
        }
    }
}

/// The addresses that were checked, whatever is asked for.
#[derive(Debug)]
struct Known(Vec<SocketAddr>);

impl Resolver for Known {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for address in self.0.iter().take(MAX_ADDRESSES) {
            addresses.push(*address);
        }
        Ok(addresses)
    }
}

fn exchange(agent: &Agent, url: &str, body: &[u8]) -> Result<Reply, ureq::Error> {
    let response = agent
        .post(url)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONNECTION, "close")
        .send(body)?;
    let status = response.status().as_u16();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let media = Media::of(kind.map(|kind| kind.to_str().unwrap_or("")));
    // Of what is no success nothing counts but that.
    let body = if response.status().is_success() {
        read(response.into_body())?
    } else {
        Err(CallFailure::Status(status))
    };
    Ok(Reply {
        status,
        media,
        body,
    })
}

/// Reads a body, as far as it is read at all.
fn read(body: ureq::Body) -> Result<Result<Zeroizing<Vec<u8>>, CallFailure>, ureq::Error> {
    // One more than may be, to see that there is more.
    let most = MAX_BODY + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(most));
    let mut reader = body.into_reader().take(most as u64);
    reader.read_to_end(&mut bytes)?;
    Ok(if bytes.len() > MAX_BODY {
        Err(CallFailure::TooLong(MAX_BODY))
    } else {
        Ok(bytes)
    })
}

fn failed(why: String, hint: Option<&'static str>) -> Halt {
    Halt::Failed(CallFailure::NoAnswer { why, hint })
}

fn no_address(url: &Url, error: &io::Error) -> Halt {
    let host = url.host_str().unwrap_or_default();
    failed(format!("the host `{host}` has no address: {error}"), None)
}

#[cfg(test)]
mod tests;

//! An endpoint as a hoster has one: a real server of HTTP or HTTPS that gives
//! the answers it is told, one a connection, and remembers what it was sent.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A connection, encrypted or not.
pub(super) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// What is done with a connection whose request was read.
pub(super) type Answer = Box<dyn FnOnce(&mut dyn Stream) + Send>;

/// What was sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: String,
}

impl Request {
    /// The fields of the form, sorted.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let pairs = url::form_urlencoded::parse(self.body.as_bytes());
        pairs.into_owned().collect()
    }

    /// One of them.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let mut fields = self.fields().into_iter();
        fields.find(|(n, _)| n == name).map(|(_, value)| value)
    }
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A server on a port of its own, until the test ends.
pub(super) struct Server {
    pub(super) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// One without encryption.
    pub(super) fn plain(answers: Vec<Answer>) -> Self {
        Self::start(LOOPBACK, None, answers)
    }

    /// One without encryption, at this address of this machine.
    pub(super) fn plain_at(address: IpAddr, answers: Vec<Answer>) -> Self {
        Self::start(address, None, answers)
    }

    /// One with a certificate.
    pub(super) fn tls(config: Arc<ServerConfig>, answers: Vec<Answer>) -> Self {
        Self::start(LOOPBACK, Some(config), answers)
    }

    fn start(address: IpAddr, tls: Option<Arc<ServerConfig>>, answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            requests: Arc::default(),
            connections: Arc::default(),
        };
        let requests = Arc::clone(&server.requests);
        let connections = Arc::clone(&server.connections);
        std::thread::spawn(move || {
            let mut answers = answers.into_iter();
            for tcp in listener.incoming() {
                let tcp = tcp.unwrap();
                connections.fetch_add(1, Ordering::SeqCst);
                tcp.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                let mut stream: Box<dyn Stream> = match &tls {
                    None => Box::new(tcp),
                    Some(config) => {
                        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                        Box::new(StreamOwned::new(connection, tcp))
                    }
                };
                // One that ends before its request was sent got no answer.
                if let Some(request) = read(&mut *stream) {
                    requests.lock().unwrap().push(request);
                    let Some(answer) = answers.next() else {
                        continue;
                    };
                    answer(&mut *stream);
                }
            }
        });
        server
    }

    /// What was sent so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// How many connections there were, whatever came of them.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn read(stream: &mut dyn Stream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.parse::<usize>().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Request { head, body })
}

/// An answer as it goes over the wire.
pub(super) fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
    let bytes = bytes.into();
    Box::new(move |stream| send(stream, &bytes))
}

/// Writes as much as is taken: who has seen enough goes away.
pub(super) fn send(stream: &mut dyn Stream, bytes: &[u8]) {
    match stream.write_all(bytes).and_then(|()| stream.flush()) {
        Ok(()) | Err(_) => {}
    }
}

/// An answer with a status, a content type and a body.
pub(super) fn answer(status: &str, kind: &str, body: &str) -> Answer {
    let length = body.len();
    raw(format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
    ))
}

/// An answer that is what it should be.
pub(super) fn json(body: &str) -> Answer {
    answer("200 OK", "application/json", body)
}

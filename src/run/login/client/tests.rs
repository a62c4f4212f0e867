//! Where names lead, and what takes for ever: looking up is simulated, the
//! server is a real one.

use super::*;
use crate::manifest::HostPolicy;
use std::io::Write as _;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts its connections, and answers each with an empty object.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

fn server() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
            stream.write_all(answer).unwrap();
        }
    });
    Server {
        address,
        connections,
    }
}

fn no_signal() -> Option<u8> {
    None
}

/// As a host without a policy refuses.
fn refusal(address: IpAddr) -> Option<String> {
    let policy = HostPolicy::default();
    policy.refuses_address("https://sso.example/", address)
}

fn post(
    find: fn(&Url) -> io::Result<Vec<SocketAddr>>,
    url: &str,
    refusal: &dyn Fn(IpAddr) -> Option<String>,
) -> Result<Reply, Halt> {
    let client = Client {
        timeout: Duration::from_secs(1),
        trust: Trust::public(),
        find,
    };
    let asked = Asked {
        refusal,
        signal: &no_signal,
    };
    let body = Zeroizing::new(b"token=canary".to_vec());
    client.post(&Url::parse(url).unwrap(), body, &asked)
}

/// This machine, at the port of the URL.
fn home(url: &Url) -> SocketAddr {
    let port = url.port_or_known_default().unwrap();
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[test]
fn a_name_that_leads_to_where_no_token_may_go_is_not_connected_to() {
    let server = server();
    let url = format!("http://sso.example:{}/", server.address.port());
    let loopback = "leads to 127.0.0.1, a loopback address";
    for (find, says) in [
        (
            (|url| Ok(vec![home(url)])) as fn(&Url) -> io::Result<_>,
            loopback,
        ),
        (
            |url| Ok(vec![SocketAddr::from(([203, 0, 113, 7], 443)), home(url)]),
            loopback,
        ),
        (
            |_| Ok(vec![SocketAddr::from(([169, 254, 169, 254], 80))]),
            "leads to 169.254.169.254, a cloud metadata address",
        ),
    ] {
        let Err(Halt::Refused(why)) = post(find, &url, &refusal) else {
            panic!("it is refused: {says}");
        };
        assert_eq!(why, format!("the auto-login host `sso.example` {says}"));
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn it_connects_to_the_address_that_was_checked_and_asks_for_no_other() {
    let server = server();
    // No such name is known: only what was found counts.
    let url = format!("http://sso.example:{}/", server.address.port());
    let reply = post(|url| Ok(vec![home(url)]), &url, &|_| None).unwrap();
    assert_eq!((reply.status, reply.media), (200, Media::Unstated));
    assert_eq!(**reply.body.as_ref().unwrap(), *b"{}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

fn unanswered(result: Result<Reply, Halt>) -> String {
    match result {
        Err(Halt::Failed(CallFailure::NoAnswer { why, .. })) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_name_that_nobody_knows_is_no_answer() {
    let url = "https://sso.example/";
    let none = |_: &Url| Ok(Vec::new());
    let failed = |_: &Url| Err(io::Error::other("try again"));
    let why = unanswered(post(none, url, &refusal));
    assert_eq!(
        why,
        "the host `sso.example` has no address: entity not found"
    );
    let why = unanswered(post(failed, url, &refusal));
    assert_eq!(why, "the host `sso.example` has no address: try again");
}

#[test]
fn a_look_up_that_takes_for_ever_is_left_alone_at_the_limit() {
    let hang = |_: &Url| {
        std::thread::sleep(Duration::from_secs(20));
        Ok(Vec::new())
    };
    let began = Instant::now();
    let why = unanswered(post(hang, "https://sso.example/", &refusal));
    assert_eq!(why, "there was no whole answer within 1 s");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_signal_ends_a_look_up() {
    let hang = |_: &Url| {
        std::thread::sleep(Duration::from_secs(20));
        Ok(Vec::new())
    };
    let client = Client {
        timeout: Duration::from_secs(20),
        trust: Trust::public(),
        find: hang,
    };
    let asked = Asked {
        refusal: &refusal,
        signal: &|| Some(2),
    };
    let url = Url::parse("https://sso.example/").unwrap();
    let began = Instant::now();
    let halt = client.post(&url, Zeroizing::new(Vec::new()), &asked);
    assert_eq!(halt, Err(Halt::Signal(2)));
    assert!(began.elapsed() < Duration::from_secs(5));
}

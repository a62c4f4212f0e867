//! Endpoints that take too long or say too much, and signals meanwhile.

use super::server::{Answer, Server, answer, json, raw, send};
use super::{IN, at, login, world};
use std::fs::File;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What an endpoint takes that is not waited for.
const LONG: Duration = Duration::from_secs(30);
/// By when it is over, on a slow machine too.
const SOON: Duration = Duration::from_secs(10);

const NO_TIME: &str = "there was no whole answer within 1 s";

/// Runs it with a limit of a second, and sees that it is kept.
#[track_caller]
fn ends_in_time(given: Answer) {
    let server = Server::plain(vec![given]);
    let sandbox = world(&at(&server));
    let began = Instant::now();
    login(&sandbox, &["--timeout=1"])
        .expect(1)
        .says(NO_TIME)
        .says("hint: give it longer with --timeout\n");
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(900), "{took:?}");
    assert!(took < SOON, "{took:?}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn an_endpoint_that_says_nothing_is_waited_for_no_longer_than_the_limit() {
    ends_in_time(Box::new(|_| std::thread::sleep(LONG)));
}

#[test]
fn an_answer_that_trickles_is_cut_off_at_the_limit() {
    ends_in_time(Box::new(|stream| {
        send(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
        for _ in 0..300 {
            std::thread::sleep(Duration::from_millis(100));
            send(stream, b" ");
        }
    }));
    ends_in_time(Box::new(|stream| {
        send(stream, b"HTTP/1.1 200 OK\r\n");
        for _ in 0..300 {
            std::thread::sleep(Duration::from_millis(100));
            send(stream, b"X: y\r\n");
        }
    }));
}

#[test]
fn an_address_that_does_not_answer_is_waited_for_no_longer_than_the_limit() {
    // A listener that accepts nobody, behind connections that nobody takes:
    // the kernel answers no more.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let fill = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(50));
    let taken: Vec<_> = (0..4000).map_while(|_| fill().ok()).collect();
    assert!(taken.len() < 4000, "the queue has no end");
    let sandbox = world(&format!("http://{address}/"));
    let began = Instant::now();
    login(&sandbox, &["--timeout=1"])
        .expect(1)
        .says("there was no connection within 0.5 s");
    assert!(began.elapsed() < SOON);
}

#[test]
fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let long = format!("{{\"x\":\"{}\"}}", "y".repeat(70_000));
    let endless: Answer = Box::new(|stream| {
        send(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        for _ in 0..10_000 {
            send(stream, &[b' '; 4096]);
        }
    });
    for given in [json(&long), endless] {
        let server = Server::plain(vec![given]);
        login(&world(&at(&server)), &[])
            .expect(1)
            .says("the answer is longer than 65536 bytes, which is more than is read");
    }
    let headers = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n{{}}", "y".repeat(40_000));
    let server = Server::plain(vec![raw(headers)]);
    login(&world(&at(&server)), &[])
        .expect(1)
        .says("the headers of the answer are too long");
    // As long as it may be.
    let room = 65_536 - IN.len();
    let most = format!("{IN}{}", " ".repeat(room));
    let server = Server::plain(vec![answer("200 OK", "text/plain", &most)]);
    login(&world(&at(&server)), &[])
        .expect(0)
        .says("text/plain, 65536 bytes, has a redirect_url");
}

#[test]
fn nobody_listens_there() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let sandbox = world(&format!("http://127.0.0.1:{port}/"));
    login(&sandbox, &[])
        .expect(1)
        .says("the connection failed: Connection refused")
        .says("the customer is sent to \"https://shop.example/start?key=***\"\n");
}

/// Runs it in the background until it comes to a point, and interrupts it there.
fn interrupted(given: Answer, is_there: impl Fn(&Server, &str) -> bool) -> (Option<i32>, String) {
    let server = Server::plain(vec![given]);
    let sandbox = world(&at(&server));
    let arguments = [
        "login",
        "ann",
        "Shop",
        "--root=root",
        "--policy=policy.yaml",
    ];
    let out = File::create(sandbox.path("out")).unwrap();
    let mut command = sandbox.command(&arguments);
    let child = command.stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + SOON;
    while !is_there(&server, &sandbox.read("out")) {
        assert!(Instant::now() < end, "it does not come there");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let began = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(began.elapsed() < SOON);
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_signal_ends_a_wait() {
    let (code, stderr) = interrupted(json(r#"{"retry":60}"#), |_, out| {
        out.contains("asks to be tried again in 60 s")
    });
    assert_eq!(code, Some(130), "{stderr}");
    let says = "error: interrupted in the wait for the next try\n";
    assert!(stderr.ends_with(says), "{stderr}");
}

#[test]
fn a_signal_ends_a_call() {
    let hang: Answer = Box::new(|_| std::thread::sleep(LONG));
    let (code, stderr) = interrupted(hang, |server, _| !server.requests().is_empty());
    assert_eq!(code, Some(130), "{stderr}");
    let says = "error: interrupted while it waited for an answer\n";
    assert!(stderr.ends_with(says), "{stderr}");
}

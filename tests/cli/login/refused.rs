//! Where a token does not go, whatever a click in cPanel would do.

use super::server::{Server, json};
use super::{IN, U, at, login, world};
use std::fs;
use std::net::{IpAddr, UdpSocket};

const HINT: &str = "hint: a click in cPanel does not ask: if the host is meant, list it in \
                    `autologin_hosts` of the policy of this host, else change the link\n";

#[test]
fn a_host_that_the_policy_does_not_list_gets_nothing() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    sandbox.write("policy.yaml", "autologin_hosts: [sso.example]\n");
    for more in [&[][..], &["--dry-run"]] {
        login(&sandbox, more)
            .expect(1)
            .says(
                "error: nothing is posted: the auto-login host `127.0.0.1` is not in \
                 `autologin_hosts` of the policy of this host\n",
            )
            .says(HINT);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn this_server_itself_gets_nothing_unless_the_policy_lists_it() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    // A policy that lists no hosts.
    sandbox.write("policy.yaml", "manage: [\"*\"]\n");
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
    ] {
        let endpoint = format!("http://{host}:{}/", server.port);
        let fields = serde_json::json!({"autologin_token_url": endpoint});
        sandbox.write(U, fields.to_string());
        login(&sandbox, &[])
            .expect(1)
            .says("error: nothing is posted: the auto-login host `")
            .says("` is a loopback address\n")
            .says(HINT);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_name_that_leads_to_this_server_gets_nothing_unless_the_policy_lists_it() {
    let test = "a_name_that_leads_to_this_server_gets_nothing_unless_the_policy_lists_it";
    let server = Server::plain(vec![json(IN)]);
    let endpoint = format!("http://sso.acme.example:{}/", server.port);
    let sandbox = world(&endpoint);
    sandbox.write("hosts", "127.0.0.1 sso.acme.example\n");
    // Only for this process the name leads there.
    let mount = "mount --bind hosts /etc/hosts";
    let tried = sandbox.shell(&format!(
        "unshare -m sh -c '{mount} && getent ahosts sso.acme.example' || true"
    ));
    if !tried.stdout.contains("127.0.0.1") {
        eprintln!("cli: SKIPPED {test}: no name can be made: {}", tried.stderr);
        return;
    }
    let run = "cplinks login ann Shop --root=root --policy=policy.yaml";
    let run = format!("unshare -m sh -c '{mount} && exec {run}'");
    sandbox.write("policy.yaml", "manage: [\"*\"]\n");
    sandbox
        .shell(&run)
        .expect(1)
        .says(
            "error: nothing is posted: the auto-login host `sso.acme.example` leads to 127.0.0.1, \
             a loopback address\n",
        )
        .says(HINT);
    assert_eq!(server.connections(), 0);
    sandbox.write("policy.yaml", "autologin_hosts: [sso.acme.example]\n");
    sandbox.shell(&run).expect(0);
    assert_eq!(server.connections(), 1);
}

/// An address of this machine that is no loopback one: where it would send
/// from. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect("203.0.113.1:9").ok()?;
    let address = socket.local_addr().unwrap().ip();
    (!address.is_loopback()).then_some(address)
}

#[test]
fn a_public_address_of_this_server_itself_is_as_good_as_any() {
    let test = "a_public_address_of_this_server_itself_is_as_good_as_any";
    let Some(address) = own_address() else {
        eprintln!("cli: SKIPPED {test}: this machine has no such address");
        return;
    };
    let server = Server::plain_at(address, vec![json(IN)]);
    let sandbox = world(&format!("http://{address}:{}/", server.port));
    sandbox.write("policy.yaml", "manage: [\"*\"]\n");
    login(&sandbox, &[]).expect(0);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_url_that_is_none_or_holds_a_password_is_not_posted_to() {
    let sandbox = world("");
    for endpoint in [
        "ftp://127.0.0.1/",
        "127.0.0.1",
        "http:127.0.0.1",
        "https://",
    ] {
        let fields =
            serde_json::json!({"autologin_token_url": endpoint, "url": "https://x.example/"});
        sandbox.write(U, fields.to_string());
        for more in [&[][..], &["--dry-run"]] {
            login(&sandbox, more)
                .expect(1)
                .says("the autologin_token_url is no absolute http or https URL; ")
                .says("the customer is sent to \"https://x.example/\"\n");
        }
    }
    let server = Server::plain(vec![json(IN)]);
    let endpoint = format!("http://u:Pass1@127.0.0.1:{}/", server.port);
    let fields = serde_json::json!({"autologin_token_url": endpoint});
    sandbox.write(U, fields.to_string());
    login(&sandbox, &[])
        .expect(1)
        .says("error: nothing is posted: the autologin_token_url holds a user name or password\n")
        .is_silent_about("Pass1");
    assert_eq!(server.connections(), 0);
}

#[test]
fn no_proxy_is_asked_whatever_the_environment_says() {
    let proxy = Server::plain(vec![json(IN)]);
    let server = Server::plain(vec![json(IN)]);
    let mut sandbox = world(&at(&server));
    let address = format!("http://127.0.0.1:{}", proxy.port);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        sandbox.env(name, &address);
    }
    login(&sandbox, &[]).expect(0);
    assert_eq!((server.connections(), proxy.connections()), (1, 0));
}

#[test]
fn a_token_in_the_clear_is_warned_of() {
    let server = Server::plain(vec![json(IN)]);
    login(&world(&at(&server)), &[]).expect(0).says(
        "warning: the autologin_token_url is plain http: anyone on the way reads the token\n",
    );
}

#[test]
fn half_an_apply_is_not_looked_at() {
    let server = Server::plain(vec![json(IN)]);
    let sandbox = world(&at(&server));
    sandbox.folder("root/.cplinks");
    let lock = fs::File::create(sandbox.path("root/.cplinks/lock")).unwrap();
    lock.lock().unwrap();
    login(&sandbox, &["--lock-timeout=0"]).expect(5);
    assert_eq!(server.connections(), 0);
    drop(lock);
    // What other tests start just now may hold it for a moment more.
    login(&sandbox, &[]).expect(0);
}

#[test]
fn the_lock_is_free_while_it_waits_for_an_answer() {
    let sandbox = world("");
    sandbox.folder("root/.cplinks");
    sandbox.write("root/.cplinks/lock", "");
    let path = sandbox.path("root/.cplinks/lock");
    let tried = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = std::sync::Arc::clone(&tried);
    let server = Server::plain(vec![Box::new(move |stream| {
        let lock = fs::File::open(path).unwrap();
        told.lock().unwrap().push(lock.try_lock().is_ok());
        json(IN)(stream);
    })]);
    let fields = serde_json::json!({"autologin_token_url": at(&server)});
    sandbox.write(U, fields.to_string());
    login(&sandbox, &[]).expect(0);
    assert_eq!(*tried.lock().unwrap(), [true]);
}

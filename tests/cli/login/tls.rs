//! HTTPS: whose certificates are taken, and whose are not.

use super::server::{Server, json};
use super::{IN, login, world};
use crate::support::Sandbox;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

/// An authority of one's own, as a hoster may have one.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server of this name with a certificate of this authority.
    fn server(&self, name: &str, years: (i32, i32)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        config(certificate.der().clone(), &key)
    }
}

fn config(
    certificate: rustls::pki_types::CertificateDer<'static>,
    key: &KeyPair,
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate], key).unwrap())
}

const NOW: (i32, i32) = (2020, 2120);

fn at(server: &Server) -> Sandbox {
    world(&format!("https://localhost:{}/sso", server.port))
}

#[test]
fn a_certificate_of_an_authority_of_ones_own_is_taken_where_it_is_named() {
    let authority = Authority::new();
    let server = Server::tls(authority.server("localhost", NOW), vec![json(IN)]);
    let sandbox = at(&server);
    sandbox.write("ca.pem", authority.pem());
    login(&sandbox, &["--cacert=ca.pem"])
        .expect(0)
        .says("logged in: ")
        .is_silent_about("warning");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_address_has_a_certificate_of_its_own() {
    let authority = Authority::new();
    for (name, code) in [("127.0.0.1", 0), ("127.0.0.2", 1), ("localhost", 1)] {
        let server = Server::tls(authority.server(name, NOW), vec![json(IN)]);
        let sandbox = world(&format!("https://127.0.0.1:{}/sso", server.port));
        sandbox.write("ca.pem", authority.pem());
        login(&sandbox, &["--cacert=ca.pem"]).expect(code);
    }
}

#[test]
fn a_certificate_that_proves_nothing_gets_no_token() {
    let (authority, other) = (Authority::new(), Authority::new());
    let key = KeyPair::generate().unwrap();
    let self_signed = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let self_signed = self_signed.self_signed(&key).unwrap();
    for (config, more, says) in [
        (
            config(self_signed.der().clone(), &key),
            &[][..],
            "the certificate is signed by no authority that is trusted",
        ),
        (
            authority.server("localhost", NOW),
            &[],
            "the certificate is signed by no authority that is trusted",
        ),
        (
            other.server("localhost", NOW),
            &["--cacert=ca.pem"],
            "the certificate is signed by no authority that is trusted",
        ),
        (
            authority.server("shop.example", NOW),
            &["--cacert=ca.pem"],
            "the certificate is one of another host",
        ),
        (
            authority.server("localhost", (2019, 2020)),
            &["--cacert=ca.pem"],
            "the certificate has expired",
        ),
        (
            authority.server("localhost", (2110, 2120)),
            &["--cacert=ca.pem"],
            "the certificate is not valid yet",
        ),
    ] {
        let server = Server::tls(config, vec![json(IN)]);
        let sandbox = at(&server);
        sandbox.write("ca.pem", authority.pem());
        login(&sandbox, more)
            .expect(1)
            .says(says)
            .says("the customer is sent to \"https://shop.example/start?key=***\"\n");
        assert!(server.requests().is_empty(), "{says}");
        assert_eq!(server.connections(), 1);
    }
}

/// As `openssl req -x509` makes them: signed by itself, and its own authority
/// if nothing else is said.
fn self_signed(is_ca: IsCa) -> (Arc<ServerConfig>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let certificate = params.self_signed(&key).unwrap();
    (config(certificate.der().clone(), &key), certificate.pem())
}

#[test]
fn a_certificate_of_an_authority_is_no_servers_own() {
    let (config, pem) = self_signed(IsCa::Ca(BasicConstraints::Unconstrained));
    let server = Server::tls(config, vec![json(IN)]);
    let sandbox = at(&server);
    sandbox.write("server.pem", pem);
    login(&sandbox, &["--cacert=server.pem"])
        .expect(1)
        .says(
            "not logged in: the server's certificate is that of an authority (CA:TRUE), which \
             signs others and is no server's own; ",
        )
        .says(
            "hint: give the server one that the authority signed, or one made by \
             `openssl req -x509` with `-addext basicConstraints=critical,CA:FALSE`, which \
             --cacert may name\n",
        );
    assert!(server.requests().is_empty());
}

#[test]
fn a_self_signed_certificate_that_is_no_authority_is_taken_where_it_is_named() {
    let (config, pem) = self_signed(IsCa::ExplicitNoCa);
    let server = Server::tls(config, vec![json(IN)]);
    let sandbox = at(&server);
    sandbox.write("server.pem", pem);
    login(&sandbox, &["--cacert=server.pem"]).expect(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn who_named_an_authority_is_not_told_to_name_one() {
    let (authority, other) = (Authority::new(), Authority::new());
    let unsigned = "signed by no authority that is trusted";
    for (more, hint) in [
        (
            &["--cacert=ca.pem"][..],
            "hint: the file of --cacert holds other authorities: name that of the one that signed \
             the server's certificate\n",
        ),
        (
            &[],
            "hint: name the file of an authority of your own with --cacert\n",
        ),
    ] {
        let server = Server::tls(other.server("localhost", NOW), vec![json(IN)]);
        let sandbox = at(&server);
        sandbox.write("ca.pem", authority.pem());
        login(&sandbox, more).expect(1).says(unsigned).says(hint);
        assert!(server.requests().is_empty());
    }
}

#[test]
fn a_server_that_speaks_no_tls_gets_no_token() {
    let server = Server::plain(vec![json(IN)]);
    login(&at(&server), &["--timeout=2"]).expect(1);
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_of_no_authority_is_refused() {
    let sandbox = world("https://localhost:1/");
    sandbox
        .write("empty.pem", "")
        .write("text.pem", "no certificate")
        .write("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n")
        .write(
            "broken.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        );
    for (file, says) in [
        ("empty.pem", "it holds no certificate"),
        ("text.pem", "it holds no certificate"),
        ("cut.pem", "it is no valid PEM"),
        ("broken.pem", "none of its certificates can be read"),
        ("missing.pem", "No such file"),
        ("root", "is a folder, not a regular file"),
    ] {
        login(&sandbox, &["--cacert", file])
            .expect(1)
            .says(&format!(
                "error: cannot trust the authorities in `{file}`\n"
            ))
            .says(says);
    }
}

//! TLS with certificates of every kind.

use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use native_tls::{Identity, TlsAcceptor, TlsStream};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use socketio_client::{Command, Roots, TlsOptions, TransportOptions, Verify};
use socketio_protocol::{ConnectErrorCode, DisconnectReason};

use crate::support::{Game, HOUR, Peer, Server, accept, text_of, wait_until};

/// A certificate authority.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Self::named(&format!("Authority {}", COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for these names and addresses.
    fn identity(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let (mut params, key) = leaf(names);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::from_pkcs8(certificate.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }
}

fn leaf(names: &[&str]) -> (CertificateParams, KeyPair) {
    let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "Test server");
    (params, KeyPair::generate().unwrap())
}

fn self_signed() -> (Identity, String) {
    let (params, key) = leaf(&["127.0.0.1"]);
    let pem = params.self_signed(&key).unwrap().pem();
    (Identity::from_pkcs8(pem.as_bytes(), key.serialize_pem().as_bytes()).unwrap(), pem)
}

/// A server with this certificate that lets a client in, and otherwise does as `body` says.
fn serve(identity: Identity, body: impl FnOnce(Peer<TlsStream<TcpStream>>) + Send + 'static) -> Server {
    Server::start(move |listener| {
        let acceptor = TlsAcceptor::new(identity).unwrap();
        // A client that refuses the certificate ends it here.
        let Ok(stream) = acceptor.accept(accept(&listener)) else { return };
        let Ok(socket) = tungstenite::accept(stream) else { return };
        let mut peer = Peer { socket };
        peer.welcome();
        body(peer);
    })
}

fn trusting(pem: &str) -> TlsOptions {
    TlsOptions { roots: Roots::Only(pem.as_bytes().to_vec()), ..TlsOptions::default() }
}

fn unverified(roots: Roots) -> TlsOptions {
    TlsOptions { roots, verify: Verify::Unsafe, common_name_override: None }
}

#[track_caller]
fn assert_accepted(identity: Identity, tls: TlsOptions) {
    let server = serve(identity, |mut peer| peer.read_to_end());
    let mut game = Game::start();
    let url = format!("wss://127.0.0.1:{}", server.port);
    game.connect_with(&url, TransportOptions { tls, headers: Vec::new() });
    game.expect_joined();
    game.close();
    server.join();
}

#[track_caller]
fn assert_refused(identity: Identity, tls: TlsOptions, part: &str) {
    let server = serve(identity, |_| panic!("the client let itself in"));
    let mut game = Game::start();
    let url = format!("wss://127.0.0.1:{}", server.port);
    game.connect_with(&url, TransportOptions { tls, headers: Vec::new() });
    let error = game.expect_failed();
    assert_eq!(error.code, ConnectErrorCode::Tls, "{error}");
    assert!(error.message.contains(part), "no {part:?} in {:?}", error.message);
    assert!(error.message.contains(&format!("127.0.0.1:{}", server.port)), "{error}");
    server.join();
}

#[test]
fn a_certificate_of_a_trusted_authority_is_accepted() {
    let authority = Authority::new();
    assert_accepted(authority.identity(&["127.0.0.1"], |_| {}), trusting(&authority.pem));
}

#[test]
fn one_of_several_trusted_authorities_is_enough() {
    let authority = Authority::new();
    let both = format!("{}{}", Authority::new().pem, authority.pem);
    assert_accepted(authority.identity(&["127.0.0.1"], |_| {}), trusting(&both));
}

#[test]
fn a_trusted_self_signed_certificate_is_accepted() {
    let (identity, pem) = self_signed();
    assert_accepted(identity, trusting(&pem));
}

#[test]
fn a_self_signed_certificate_is_refused() {
    assert_refused(self_signed().0, TlsOptions::default(), "is self-signed: trust it with TLSOptions.client");
}

#[test]
fn an_unknown_authority_is_refused() {
    let identity = Authority::new().identity(&["127.0.0.1"], |_| {});
    assert_refused(identity, TlsOptions::default(), "not trusted here");
}

#[test]
fn an_authority_that_was_not_given_is_refused() {
    let identity = Authority::new().identity(&["127.0.0.1"], |_| {});
    assert_refused(identity, trusting(&Authority::new().pem), "not trusted here");
}

#[test]
fn an_authority_of_the_same_name_is_not_enough() {
    // As after making a new authority for the server and leaving the old one in the game.
    let identity = Authority::named("Studio").identity(&["127.0.0.1"], |_| {});
    assert_refused(identity, trusting(&Authority::named("Studio").pem), "not trusted here");
}

#[test]
fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let identity = authority.identity(&["127.0.0.1"], |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    assert_refused(identity, trusting(&authority.pem), "has expired");
}

#[test]
fn a_certificate_of_the_future_is_refused() {
    let authority = Authority::new();
    let identity = authority.identity(&["127.0.0.1"], |params| {
        params.not_before = date_time_ymd(2999, 1, 1);
        params.not_after = date_time_ymd(3000, 1, 1);
    });
    assert_refused(identity, trusting(&authority.pem), "not valid yet");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let identity = authority.identity(&["game.example.com"], |_| {});
    assert_refused(identity, trusting(&authority.pem), "not made out to \"127.0.0.1\"");
}

#[test]
fn the_expected_name_can_be_given() {
    let authority = Authority::new();
    let named =
        |name: &str| TlsOptions { common_name_override: Some(name.to_owned()), ..trusting(&authority.pem) };
    assert_accepted(authority.identity(&["game.example.com"], |_| {}), named("game.example.com"));
    let identity = authority.identity(&["game.example.com"], |_| {});
    assert_refused(identity, named("other.example.com"), "not made out to \"other.example.com\"");
    assert_accepted(authority.identity(&["127.0.0.1"], |_| {}), named(""));
}

#[test]
fn unsafe_without_roots_accepts_any_certificate() {
    assert_accepted(self_signed().0, unverified(Roots::System));
    let expired = Authority::new().identity(&["game.example.com"], |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    assert_accepted(expired, unverified(Roots::System));
}

#[test]
fn unsafe_with_roots_checks_all_but_the_name() {
    let authority = Authority::new();
    let roots = || Roots::Only(authority.pem.as_bytes().to_vec());
    assert_accepted(authority.identity(&["game.example.com"], |_| {}), unverified(roots()));
    let identity = Authority::new().identity(&["127.0.0.1"], |_| {});
    assert_refused(identity, unverified(roots()), "not trusted here");
}

#[test]
fn roots_that_are_not_certificates_are_refused() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut game = Game::start();
        game.connect_with("wss://127.0.0.1:1", TransportOptions { tls: trusting(pem), headers: Vec::new() });
        let error = game.expect_failed();
        assert_eq!(error.code, ConnectErrorCode::Tls, "{pem:?}: {error}");
        assert!(error.message.contains("PEM"), "{pem:?}: {error}");
    }
}

#[test]
fn large_messages_and_many_small_ones_go_both_ways() {
    const EVENTS: usize = 2_000;
    let authority = Authority::new();
    let server = serve(authority.identity(&["127.0.0.1"], |_| {}), |mut peer| {
        peer.send(&format!(r#"42["large","{}"]"#, "d".repeat(1 << 20)));
        for number in 0..EVENTS {
            peer.send(&format!(r#"42["n",{number}]"#));
        }
        // Slow, so that the client's writes block inside of TLS.
        thread::sleep(Duration::from_millis(200));
        for _ in 0..8 {
            assert_eq!(peer.receive().len(), r#"42["large",""]"#.len() + (1 << 20));
        }
        for number in 0..EVENTS {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.expect("41");
        peer.expect_close();
    });
    let mut game = Game::start();
    let options = TransportOptions { tls: trusting(&authority.pem), headers: Vec::new() };
    game.connect_with(&format!("wss://127.0.0.1:{}", server.port), options);
    game.expect_joined();
    for _ in 0..8 {
        game.emit(format!(r#"["large","{}"]"#, "u".repeat(1 << 20)));
    }
    for number in 0..EVENTS {
        game.emit(format!(r#"["n",{number}]"#));
    }
    assert_eq!(text_of(&game.expect_received().arguments).len(), 1 << 20);
    for number in 0..EVENTS {
        assert_eq!(text_of(&game.expect_received().arguments), number.to_string());
    }
    game.close();
    server.join();
}

#[test]
fn an_idle_connection_causes_no_wake_ups() {
    let authority = Authority::new();
    let server = serve(authority.identity(&["127.0.0.1"], |_| {}), |mut peer| peer.read_to_end());
    let mut game = Game::start();
    let options = TransportOptions { tls: trusting(&authority.pem), headers: Vec::new() };
    game.connect_with(&format!("wss://127.0.0.1:{}", server.port), options);
    game.expect_joined();
    wait_until("the latency", || game.client.latency().is_some());
    thread::sleep(Duration::from_millis(100));
    let before = game.client.statistics().wake_ups;
    thread::sleep(Duration::from_secs(1));
    assert_eq!(game.client.statistics().wake_ups, before, "the worker ran though nothing happened");
    game.close();
    server.join();
}

#[test]
fn a_connection_cut_by_the_server_is_a_transport_close() {
    let authority = Authority::new();
    // Without a close message of TLS or WebSocket.
    let server = serve(authority.identity(&["127.0.0.1"], |_| {}), |peer| {
        let _ = peer.socket.get_ref().get_ref().shutdown(std::net::Shutdown::Both);
    });
    let mut game = Game::start();
    let options = TransportOptions { tls: trusting(&authority.pem), headers: Vec::new() };
    game.connect_with(&format!("wss://127.0.0.1:{}", server.port), options);
    game.expect_joined();
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
    server.join();
}

#[test]
fn a_server_that_comes_back_with_another_certificate_is_refused_at_every_attempt() {
    const ATTEMPTS: u32 = 3;
    let authority = Authority::new();
    let right = authority.identity(&["127.0.0.1"], |_| {});
    let wrong = Authority::new().identity(&["127.0.0.1"], |_| {});
    let server = Server::start(move |listener| {
        let stream = TlsAcceptor::new(right.clone()).unwrap().accept(accept(&listener)).unwrap();
        Peer::accept(stream).welcome();
        for _ in 0..ATTEMPTS {
            let stream = TlsAcceptor::new(wrong.clone()).unwrap().accept(accept(&listener));
            assert!(stream.is_err(), "the client let itself in");
        }
        let stream = TlsAcceptor::new(right).unwrap().accept(accept(&listener)).unwrap();
        let mut peer = Peer::accept(stream);
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::reconnecting();
    let options = TransportOptions { tls: trusting(&authority.pem), headers: Vec::new() };
    game.connect_with(&format!("wss://127.0.0.1:{}", server.port), options);
    game.expect_joined();
    game.expect_closed();
    for attempt in 1..=ATTEMPTS {
        game.expect_attempt(attempt);
        let error = game.expect_failed();
        assert_eq!(error.code, ConnectErrorCode::Tls, "{error}");
        assert!(error.message.contains("not trusted here"), "{error}");
    }
    game.expect_attempt(ATTEMPTS + 1);
    game.expect_joined_at(ATTEMPTS + 1);
    game.close();
    server.join();
}

#[test]
fn other_tls_options_count_from_the_next_attempt_on() {
    let authority = Authority::new();
    let identity = authority.identity(&["127.0.0.1"], |_| {});
    let server = Server::start(move |listener| {
        let acceptor = TlsAcceptor::new(identity).unwrap();
        assert!(acceptor.accept(accept(&listener)).is_err(), "the client let itself in");
        let mut peer = Peer::accept(acceptor.accept(accept(&listener)).unwrap());
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::reconnecting_after(HOUR);
    let url = format!("wss://127.0.0.1:{}", server.port);
    game.connect(&url);
    assert_eq!(game.expect_failed().code, ConnectErrorCode::Tls);
    game.configure(&url, TransportOptions { tls: trusting(&authority.pem), headers: Vec::new() });
    game.send(Command::ReconnectNow);
    game.expect_attempt(1);
    game.expect_joined_at(1);
    game.close();
    server.join();
}

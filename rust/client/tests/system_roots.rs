//! The system's certificates are trusted. A file of its own, because they are named by an environment variable of
//! the process.
#![cfg(target_os = "linux")]

mod support;

use native_tls::{Identity, TlsAcceptor};
use rcgen::{CertificateParams, KeyPair};
use socketio_client::TransportOptions;
use support::{Game, Peer, Server, accept};

#[test]
fn the_systems_roots_are_trusted() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let identity = Identity::from_pkcs8(pem.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    let file = std::env::temp_dir().join(format!("socketio-client-roots-{}.pem", std::process::id()));
    std::fs::write(&file, pem).unwrap();
    // SAFETY: this is the only test of the process, and no other thread runs yet that could read the environment.
    unsafe { std::env::set_var("SSL_CERT_FILE", &file) };

    let server = Server::start(move |listener| {
        let stream = TlsAcceptor::new(identity).unwrap().accept(accept(&listener)).unwrap();
        let mut peer = Peer::accept(stream);
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect_with(&format!("wss://localhost:{}", server.port), TransportOptions::default());
    game.expect_joined();
    game.close();
    server.join();
    std::fs::remove_file(&file).unwrap();
}

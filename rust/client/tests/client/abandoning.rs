//! A game that closes before the connection is there: at once, for good, and without a trace.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use socketio_client::Command;

use crate::support::{
    Game, HOUR, PATIENCE, Peer, Server, accept, accepting_answer, closed_port, expect_no_connection,
    read_head, read_to_end,
};

/// Closes, and expects that it takes no time and that nothing comes of it.
#[track_caller]
fn close(game: &Game) {
    let started = Instant::now();
    game.close();
    assert!(started.elapsed() < Duration::from_millis(50), "close blocked for {:?}", started.elapsed());
    game.expect_silence();
}

/// A server that does `begin` with the first connection, and then only reads on to its end.
fn stuck_after(begin: fn(&mut TcpStream)) -> (Server, impl Fn()) {
    let (sender, receiver) = channel();
    let server = Server::start(move |listener| {
        let mut stream = accept(&listener);
        begin(&mut stream);
        sender.send(()).unwrap();
        let started = Instant::now();
        read_to_end(&mut stream);
        assert!(started.elapsed() < Duration::from_secs(5), "the connection stayed open");
        thread::sleep(Duration::from_millis(100));
        expect_no_connection(&listener);
    });
    (server, move || receiver.recv_timeout(PATIENCE).unwrap())
}

#[test]
fn closing_while_the_name_is_looked_up() {
    let mut game = Game::reconnecting();
    game.connect("ws://nonexistent.invalid");
    close(&game);
}

#[test]
fn closing_while_nobody_answers() {
    // A listener with a full queue drops what comes in, as a firewall does.
    let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    silent.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    silent.listen(0).unwrap();
    let address = silent.local_addr().unwrap();
    let _filling: Vec<_> = (0..4)
        .map(|_| {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            let _ = socket.connect(&address);
            socket
        })
        .collect();
    let mut game = Game::reconnecting();
    game.connect(&format!("ws://{}", address.as_socket().unwrap()));
    thread::sleep(Duration::from_millis(20));
    close(&game);
}

#[test]
fn closing_in_the_tls_handshake() {
    let (server, is_stuck) = stuck_after(|stream| {
        let mut hello = [0; 1];
        stream.read_exact(&mut hello).unwrap();
    });
    let mut game = Game::reconnecting();
    game.connect(&format!("wss://127.0.0.1:{}", server.port));
    is_stuck();
    close(&game);
    server.join();
}

#[test]
fn closing_in_the_websocket_handshake() {
    let (server, is_stuck) = stuck_after(|stream| drop(read_head(stream)));
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    is_stuck();
    close(&game);
    server.join();
}

#[test]
fn closing_in_the_middle_of_an_answer() {
    let (server, is_stuck) = stuck_after(|stream| {
        read_head(stream);
        stream.write_all(b"HTTP/1.1 101 Switching").unwrap();
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    is_stuck();
    close(&game);
    server.join();
}

#[test]
fn closing_before_the_engine_is_open() {
    let (server, is_stuck) = stuck_after(|stream| {
        let request = read_head(stream);
        stream.write_all(accepting_answer(&request, "Upgrade").as_bytes()).unwrap();
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    is_stuck();
    close(&game);
    server.join();
}

#[test]
fn closing_while_waiting_for_an_attempt() {
    for delay in [Duration::from_millis(30), HOUR] {
        let port = closed_port();
        let mut game = Game::reconnecting_after(delay);
        game.connect(&format!("ws://127.0.0.1:{port}"));
        game.expect_failed();
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        close(&game);
        expect_no_connection(&listener);
    }
}

#[test]
fn closing_while_paused() {
    let server = Server::start(|listener| {
        let mut peer = Peer::accept(accept(&listener));
        peer.welcome();
        peer.expect_close();
        thread::sleep(Duration::from_millis(150));
        expect_no_connection(&listener);
    });
    let mut game = Game::reconnecting();
    game.connect(&server.url());
    game.expect_joined();
    game.send(Command::Pause);
    game.expect_closed();
    close(&game);
    game.send(Command::Resume);
    game.expect_silence();
    server.join();
}

#[test]
fn a_closed_client_can_connect_again() {
    let (stuck, is_stuck) = stuck_after(|stream| drop(read_head(stream)));
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::reconnecting();
    game.connect(&stuck.url());
    is_stuck();
    game.close();
    game.connect(&server.url());
    game.expect_joined();
    game.close();
    stuck.join();
    server.join();
}

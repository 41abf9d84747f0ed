//! The end of the process. One test, because it ends every client of it.

mod support;

use std::time::{Duration, Instant};

use support::{Game, Server};

#[test]
fn shutting_down_flushes_and_ends_every_thread() {
    let flushing = Server::websocket(|mut peer| {
        peer.welcome();
        for number in 0..1_000 {
            peer.expect(&format!(r#"42["n",{number}]"#));
        }
        peer.expect("41");
        peer.expect_close();
    });
    let silent = Server::websocket(|mut peer| {
        peer.welcome();
        // It takes nothing more, and does not answer the close frame until long after.
        std::thread::sleep(Duration::from_secs(3));
    });
    let mut connected = Game::start();
    connected.connect(&flushing.url());
    connected.expect_joined();
    let mut stuck = Game::start();
    stuck.connect(&silent.url());
    stuck.expect_joined();
    let mut connecting = Game::start();
    connecting.connect("ws://nonexistent.invalid");
    let mut dropped = Game::start();
    dropped.connect("ws://nonexistent.invalid");
    drop(dropped);

    for number in 0..1_000 {
        connected.emit(format!(r#"["n",{number}]"#));
    }
    let started = Instant::now();
    // The look-up of an unknown name may take longer than the patience; then the answer is `false`.
    let all_ended = socketio_client::shut_down(Duration::from_millis(700));
    assert!(started.elapsed() < Duration::from_secs(2), "it took {:?}", started.elapsed());
    flushing.join();
    if !all_ended {
        assert!(socketio_client::shut_down(Duration::from_secs(30)), "a thread is still running");
    }

    // A client that is left does nothing any more, and a new one works.
    connected.emit(r#"["too late"]"#);
    connected.connect("ws://127.0.0.1:1");
    assert_eq!(connected.try_next(), None);
    drop((connected, stuck, connecting));
    silent.join();
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    drop(game);
    server.join();
    assert!(socketio_client::shut_down(Duration::from_secs(5)), "a thread is still running");
}

//! Servers that send without a pause.

use std::io::Write;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use socketio_protocol::DisconnectReason;

use crate::support::{Game, OPEN, PATIENCE, Server, text_frame, wait_until, welcoming_bytes};

/// The first fragment of a text message, and an empty one in the middle of it.
const FIRST_FRAGMENT: [u8; 3] = [0x01, 1, b'4'];
const EMPTY_FRAGMENT: [u8; 2] = [0x00, 0];

#[test]
fn fragments_without_an_end_do_not_hide_a_missing_heartbeat() {
    let server = Server::raw(|mut stream| {
        let mut bytes = welcoming_bytes(&mut stream, r#"0{"sid":"e","pingInterval":200,"pingTimeout":100}"#);
        bytes.extend(FIRST_FRAGMENT);
        stream.write_all(&bytes).unwrap();
        let fragments = EMPTY_FRAGMENT.repeat(32 * 1024);
        while stream.write_all(&fragments).is_ok() {}
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    assert_eq!(game.expect_closed().0, DisconnectReason::PingTimeout);
    server.join();
}

#[test]
fn messages_that_are_written_one_by_one_do_not_cost_a_wake_up_each() {
    const MESSAGES: u64 = 4_000;
    let (done, is_done) = channel::<()>();
    let server = Server::raw(move |mut stream| {
        let welcome = welcoming_bytes(&mut stream, OPEN);
        stream.set_nodelay(true).unwrap();
        stream.write_all(&welcome).unwrap();
        let message = text_frame(r#"42["move"]"#);
        for _ in 0..MESSAGES {
            stream.write_all(&message).unwrap();
            // What a server takes to make a message. To sleep would take longer.
            let made = Instant::now() + Duration::from_micros(5);
            while Instant::now() < made {}
        }
        is_done.recv_timeout(PATIENCE).unwrap();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    let before = game.client.statistics().wake_ups;
    (0..MESSAGES).for_each(|_| drop(game.expect_received()));
    let woken = game.client.statistics().wake_ups - before;
    assert!(woken < MESSAGES / 4, "the worker woke {woken} times for {MESSAGES} messages");
    done.send(()).unwrap();
    drop(game);
    server.join();
}

#[test]
fn heartbeats_whose_answers_nobody_reads_take_no_memory() {
    const HEARTBEATS: u64 = 2_000_000;
    let (done, is_done) = channel::<()>();
    let server = Server::raw(move |mut stream| {
        let welcome = welcoming_bytes(&mut stream, OPEN);
        stream.write_all(&welcome).unwrap();
        let heartbeats = text_frame("2").repeat(1000);
        for _ in 0..HEARTBEATS / 1000 {
            stream.write_all(&heartbeats).unwrap();
        }
        is_done.recv_timeout(PATIENCE).unwrap();
    });
    let mut game = Game::start();
    game.connect(&server.url());
    game.expect_joined();
    wait_until("the heartbeats", || game.client.statistics().counters.packets_received >= HEARTBEATS);
    // The rest is in the sockets' buffers, or was never written: one answer is one to all before it.
    let waiting = game.client.statistics().outbound;
    assert!(waiting.items <= 2, "{} frames wait", waiting.items);
    assert!(waiting.bytes < 256 * 1024, "{} bytes wait", waiting.bytes);
    done.send(()).unwrap();
    drop(game);
    server.join();
}

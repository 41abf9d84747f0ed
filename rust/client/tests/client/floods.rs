//! Servers that send without a pause.

use std::io::Write;

use socketio_protocol::DisconnectReason;

use crate::support::{Game, JOINED, Server, accepting_answer, read_head, text_frame};

/// The first fragment of a text message, and an empty one in the middle of it.
const FIRST_FRAGMENT: [u8; 3] = [0x01, 1, b'4'];
const EMPTY_FRAGMENT: [u8; 2] = [0x00, 0];

#[test]
fn fragments_without_an_end_do_not_hide_a_missing_heartbeat() {
    let server = Server::raw(|mut stream| {
        let request = read_head(&mut stream);
        let mut bytes = accepting_answer(&request, "Upgrade").into_bytes();
        bytes.extend(text_frame(r#"0{"sid":"e","pingInterval":200,"pingTimeout":100}"#));
        bytes.extend(text_frame(JOINED));
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

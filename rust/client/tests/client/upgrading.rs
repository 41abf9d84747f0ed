//! Moving from HTTP long-polling to a WebSocket (S22).

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use socketio_client::Event;
use socketio_protocol::DisconnectReason;

use crate::support::http::{Http, OPEN_WITH_UPGRADE, Request, joined};
use crate::support::{Game, Peer};

/// A game on a server that awaits its session on a WebSocket: the probe has been answered.
fn probed(http: &mut Http) -> (Game, Request, Peer<TcpStream>) {
    let (game, get) = joined(http, OPEN_WITH_UPGRADE);
    let request = http.websocket();
    assert!(request.target().ends_with("EIO=4&transport=websocket&sid=engine"), "{}", request.target());
    let mut peer = request.open();
    peer.expect("2probe");
    peer.send("3probe");
    (game, get, peer)
}

#[test]
fn s22_the_session_moves_to_a_websocket() {
    let mut http = Http::start();
    let (game, get, mut peer) = probed(&mut http);
    // The GET that is under way brings its packets yet; nothing new is asked or sent.
    thread::sleep(Duration::from_millis(50));
    game.emit(r#"["while moving"]"#);
    http.expect_silence();
    get.answer("42[\"by polling\"]\x1e6");
    assert_eq!(game.expect_received().name, "by polling");
    peer.expect("5");
    peer.expect(r#"42["while moving"]"#);
    assert!(matches!(game.next(), Event::TransportUpgraded { .. }));
    peer.send(r#"42["by websocket"]"#);
    assert_eq!(game.expect_received().name, "by websocket");
    game.emit(r#"["after"]"#);
    peer.expect(r#"42["after"]"#);
    http.expect_silence();
    game.close();
    peer.expect("41");
    peer.expect_close();
}

#[test]
fn s22_a_post_under_way_is_waited_for() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN_WITH_UPGRADE);
    game.emit(r#"["a"]"#);
    let (post, _) = http.post();
    let mut peer = http.websocket().open();
    peer.expect("2probe");
    peer.send("3probe");
    thread::sleep(Duration::from_millis(50));
    get.answer("6");
    peer.socket.get_ref().set_read_timeout(Some(Duration::from_millis(150))).unwrap();
    assert!(peer.socket.read().is_err(), "it has moved while a POST was under way");
    post.answer("ok");
    peer.socket.get_ref().set_read_timeout(None).unwrap();
    peer.expect("5");
}

#[test]
fn s22_without_the_right_answer_it_stays_on_polling() {
    for answer in ["3", "3probe!", "6", "40", "4\"x\""] {
        let mut http = Http::start();
        let (game, get) = joined(&mut http, OPEN_WITH_UPGRADE);
        let mut peer = http.websocket().open();
        peer.expect("2probe");
        peer.send(answer);
        peer.read_to_end();
        stays_on_polling(&mut http, &game, get);
    }
}

#[test]
fn s22_a_websocket_that_is_refused_changes_nothing() {
    let mut http = Http::start();
    let (game, get) = joined(&mut http, OPEN_WITH_UPGRADE);
    http.refuse_websocket();
    stays_on_polling(&mut http, &game, get);
}

#[test]
fn s22_a_websocket_that_breaks_before_the_move_changes_nothing() {
    let mut http = Http::start();
    let (game, get, mut peer) = probed(&mut http);
    thread::sleep(Duration::from_millis(50));
    game.emit(r#"["while moving"]"#);
    http.expect_silence();
    let _ = peer.socket.close(None);
    http.expect_post(r#"42["while moving"]"#);
    stays_on_polling(&mut http, &game, get);
}

#[test]
fn s22_a_get_that_never_ends_ends_the_move() {
    let mut http = Http::start();
    let (game, get, mut peer) = probed(&mut http);
    peer.read_to_end();
    stays_on_polling(&mut http, &game, get);
}

#[test]
fn s22_close_waits_for_the_move() {
    let mut http = Http::start();
    let (game, get, mut peer) = probed(&mut http);
    thread::sleep(Duration::from_millis(50));
    game.emit(r#"["last words"]"#);
    game.close();
    http.expect_silence();
    get.answer("6");
    peer.expect("5");
    peer.expect(r#"42["last words"]"#);
    peer.expect("41");
    peer.expect_close();
    http.expect_silence();
}

#[test]
fn s22_close_while_the_websocket_is_being_opened_waits_for_it() {
    let mut http = Http::start();
    let (game, _get) = joined(&mut http, OPEN_WITH_UPGRADE);
    let request = http.websocket();
    game.close();
    http.expect_post("41");
    http.expect_post("1");
    request.close_with("");
    http.expect_silence();
}

#[test]
fn s22_the_end_of_the_session_ends_the_move() {
    let mut http = Http::start();
    let (game, get, mut peer) = probed(&mut http);
    get.answer("1");
    assert_eq!(game.expect_closed().0, DisconnectReason::TransportClose);
    peer.read_to_end();
}

fn stays_on_polling(http: &mut Http, game: &Game, get: Request) {
    get.answer("42[\"still here\"]");
    assert_eq!(game.expect_received().name, "still here");
    let _get = http.get();
    game.emit(r#"["me too"]"#);
    http.expect_post(r#"42["me too"]"#);
    game.expect_silence();
}

//! A developer who watches what passes.

use std::time::{SystemTime, UNIX_EPOCH};

use socketio_client::tap::{Direction, Kept, Packet, Tap};
use socketio_client::{Command, Event};
use socketio_protocol::{AckRequest, AckToken, Auth, Emit, Join, JoinId, Payload};
use tungstenite::Message;

use crate::support::{Game, Peer, Server, accept, event, wait_until};

/// Packets as they come, until there are so many.
fn take(tap: &mut Tap, count: usize) -> Vec<Packet> {
    let mut packets = Vec::new();
    wait_until(&format!("{count} packets"), || {
        let taken = tap.take(usize::MAX);
        assert_eq!(taken.skipped, 0);
        packets.extend(taken.packets);
        packets.len() >= count
    });
    packets
}

fn seen(packets: &[Packet]) -> Vec<String> {
    let arrow = |packet: &Packet| if packet.direction == Direction::Incoming { "<" } else { ">" };
    packets
        .iter()
        .map(|packet| {
            let (kind, namespace) = (packet.kind.as_str(), &packet.namespace);
            format!("{} {kind} {namespace} {}", arrow(packet), packet.event)
        })
        .collect()
}

fn json(tap: &Tap, number: u64) -> String {
    let mut kept = None;
    wait_until("a payload", || {
        kept = tap.payload(number);
        kept.is_some()
    });
    match kept {
        Some(Kept::Payload(payload)) => payload.json,
        other => panic!("no payload: {other:?}"),
    }
}

#[test]
fn everything_that_passes_is_seen_in_its_order() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.expect(r#"420["hello","game"]"#);
        peer.send(r#"430["hello back"]"#);
        peer.send("2");
        peer.expect("3");
        peer.expect(r#"451-["up",{"_placeholder":true,"num":0}]"#);
        peer.receive();
        peer.read_to_end();
    });
    let mut game = Game::start();
    let mut tap = game.client.tap(100);
    game.connect(&server.url());
    let ack = Some(AckRequest { token: AckToken(5), timeout: None });
    game.send(Command::Emit(Emit { ack, ..event(r#"["hello","game"]"#) }));
    let mut packets = take(&mut tap, 8);
    let attached = r#"["up",{"_placeholder":true,"num":0}]"#.to_owned();
    let payload = Payload { json: attached, attachments: vec![vec![0, 1, 255].into()] };
    game.send(Command::Emit(Emit { payload, ..event("") }));
    packets.extend(take(&mut tap, 1));
    game.close();
    packets.extend(take(&mut tap, 2));
    assert_eq!(
        seen(&packets),
        [
            "< TRANSPORT  websocket opened",
            "< OPEN  ",
            "> CONNECT / ",
            "< CONNECT / ",
            "> EVENT / hello",
            "< ACK / hello",
            "< PING  ",
            "> PONG  ",
            "> EVENT / up",
            "> DISCONNECT / ",
            "> TRANSPORT  closed by the game",
        ]
    );
    let numbers: Vec<u64> = packets.iter().map(|packet| packet.number).collect();
    assert_eq!(numbers, (100..111).collect::<Vec<_>>());
    assert!(packets.is_sorted_by_key(|packet| packet.time));
    assert!(packets[5].round_trip.is_some());
    assert_eq!((packets[8].size, packets[8].attachments), (40 + 3, 1));
    assert_eq!(json(&tap, 104), r#"["game"]"#);
    server.join();
}

/// What the in-memory adapter of the official server would add to an event now.
fn offset() -> String {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    (0..7).rev().map(|digit| char::from(DIGITS[(millis >> (6 * digit)) as usize % DIGITS.len()])).collect()
}

#[test]
fn nothing_secret_is_seen() {
    let secret_offset = offset();
    let (first_offset, second_offset) = (secret_offset.clone(), format!("{secret_offset}.0"));
    let server = Server::start(move |listener| {
        let mut first = Peer::accept(accept(&listener));
        first.send(r#"0{"sid":"secret-engine","pingInterval":25000,"pingTimeout":20000}"#);
        first.expect(r#"40/chat,{"token":"secret-auth"}"#);
        first.send(r#"40/chat,{"sid":"secret-session","pid":"secret-pid"}"#);
        first.send(&format!(r#"42/chat,["news",1,"{first_offset}"]"#));
        first.expect(r#"42/chat,["seen"]"#);
        drop(first);
        let mut second = Peer::accept(accept(&listener));
        second.send(r#"0{"sid":"secret-engine","pingInterval":25000,"pingTimeout":20000}"#);
        let Message::Text(connect) = second.receive() else { panic!("no CONNECT") };
        assert!(connect.contains("secret-pid") && connect.contains(&first_offset), "{connect}");
        // What was missed comes before the reply.
        second.send(&format!(r#"42/chat,["news",2,"{second_offset}"]"#));
        second.send(r#"40/chat,{"sid":"secret-session","pid":"secret-pid"}"#);
        second.read_to_end();
    });
    let mut game = Game::reconnecting();
    let mut tap = game.client.tap(1);
    game.connect(&server.url());
    game.send(Command::Leave("/".into()));
    let auth = Auth::Fixed(Some(r#"{"token":"secret-auth"}"#.into()));
    game.send(Command::Join(Join { namespace: "/chat".into(), join: JoinId(9), auth }));
    let received = |game: &Game| loop {
        if let Event::Received(received) = game.next() {
            return received;
        }
    };
    assert_eq!(received(&game).arguments.len(), 1, "the offset is not for the game");
    game.send(Command::Emit(Emit { namespace: "/chat".into(), ..event(r#"["seen"]"#) }));
    received(&game);
    wait_until("the second CONNECT", || game.client.statistics().counters.packets_received >= 6);
    let packets = tap.take(usize::MAX).packets;
    assert!(packets.len() > 10, "{packets:?}");
    for packet in &packets {
        let json = json(&tap, packet.number);
        for secret in ["secret", &secret_offset] {
            assert!(!format!("{packet:?} {json}").contains(secret), "{packet:?} {json}");
        }
    }
    game.close();
    server.join();
}

#[test]
fn a_tap_that_is_dropped_sees_nothing_more_and_another_begins_where_it_ended() {
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        peer.read_to_end();
    });
    let mut game = Game::start();
    let mut tap = game.client.tap(1);
    game.connect(&server.url());
    game.expect_joined();
    let packets = take(&mut tap, 4);
    assert_eq!(tap.next(), packets.len() as u64 + 1);
    let next = tap.next();
    drop(tap);
    game.emit(r#"["unseen"]"#);
    let mut tap = game.client.tap(next);
    game.emit(r#"["seen"]"#);
    game.close();
    let packets = take(&mut tap, 3);
    assert_eq!(seen(&packets), ["> EVENT / seen", "> DISCONNECT / ", "> TRANSPORT  closed by the game"]);
    assert_eq!(packets[0].number, next);
    server.join();
}

#[test]
fn a_flood_is_bounded_and_what_is_skipped_is_counted() {
    const EVENTS: usize = 5_000;
    let server = Server::websocket(|mut peer| {
        peer.welcome();
        (0..EVENTS).for_each(|number| peer.send(&format!(r#"42["n",{number}]"#)));
        peer.read_to_end();
    });
    let mut game = Game::start();
    let mut tap = game.client.tap(1);
    game.connect(&server.url());
    game.expect_joined();
    (0..EVENTS).for_each(|_| drop(game.expect_received()));
    let taken = tap.take(usize::MAX);
    assert_eq!(taken.packets.len(), socketio_client::tap::MAX_PACKETS);
    assert_eq!(taken.skipped as usize + taken.packets.len(), EVENTS + 4);
    assert_eq!(tap.counts("/").received, EVENTS as u64);
    assert_eq!(json(&tap, tap.next() - 1), format!("[{}]", EVENTS - 1));
    game.close();
    server.join();
}

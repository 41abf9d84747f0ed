//! Whatever the game, the server and the network do in whatever order: the rules that always hold.

use std::time::Instant;

use bytes::Bytes;
use socketio_protocol::{Event, Input, Limits, Output, Session, TransportName};

use crate::choices::{Choices, Named, Seeded};
use crate::game::{Counts, Game, play};
use crate::pair::{HANDSHAKE, Pair, join};

#[test]
fn the_rules_hold_in_any_order_of_things() {
    let mut total = Counts::default();
    for seed in 0..500 {
        let _named = Named(seed);
        let mut choices = Seeded(seed);
        let mut pair = Pair::new();
        pair.reconnection.enabled = seed % 4 > 0;
        let mut game = Game::default();
        for _ in 0..1000 {
            play(&mut pair, &mut game, &mut choices);
        }
        game.ends(&mut pair);
        total.add(&game.counts);
    }
    assert!(total.least() > 50, "{total:?}");
}

#[test]
fn damaged_texts_end_the_connection_or_are_packets() {
    let texts = [
        r#"452-/chat,12["name",{"_placeholder":true,"num":0},{"a":[1,-2.5e3,"\ud83d\ude00"]}]"#,
        r#"42["name",{"key":[null,true,18446744073709551616]}]"#,
        r#"461-3[{"_placeholder":true,"num":0}]"#,
        r#"40{"sid":"S","pid":"P"}"#,
        r#"44/admin,{"message":"no","data":{"code":1}}"#,
        r#"41/chat,"#,
        r#"0{"sid":"E","pingInterval":25000,"pingTimeout":20000}"#,
    ];
    let mut random = Seeded(7);
    let limits = Limits { max_payload: 200, ..Limits::default() };
    let mut survived = 0;
    for round in 0..20_000 {
        let mut pair = Pair::with_limits(limits);
        pair.connect(vec![join("/", 1), join("/chat", 2), join("/admin", 3)]);
        pair.input(Input::Opened(TransportName::WebSocket));
        if round % 4 != 0 {
            pair.server_sends(HANDSHAKE);
        }
        let mut bytes = random.pick(&texts).as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            match random.below(3) {
                0 => bytes[at] = random.pick(b"0123456789-,/[]{}\"\\_u \0"),
                1 => bytes.insert(at, random.pick(b"0123456789-,/[]{}\"\\_u \xff")),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // The server's own rules are not the point here.
        let attachments = if text.starts_with("45") || text.starts_with("46") { random.below(3) } else { 0 };
        survived += u32::from(survives(&mut pair.session, pair.now, &text, attachments));
    }
    assert!(survived > 1000 && survived < 19_000, "{survived}");
}

/// Feeds a text and attachments. Returns whether the connection is still there.
fn survives(session: &mut Session, now: Instant, text: &str, attachments: u64) -> bool {
    session.handle_input(now, Input::Text(text));
    for _ in 0..attachments {
        session.handle_input(now, Input::Binary(Bytes::from_static(b"attachment")));
    }
    let mut ended = 0;
    for _ in 0..100 {
        match session.poll_output() {
            Output::Timeout(deadline) => {
                assert!(ended <= 1);
                assert_eq!(deadline.is_none(), ended == 1);
                return ended == 0;
            }
            Output::Event(Event::EngineClosed { detail, .. }) => {
                assert!(!detail.is_empty() && detail.len() < 300, "{detail}");
                ended += 1;
            }
            Output::Event(Event::ConnectFailed { error, .. }) => {
                assert!(error.message.len() < 600, "{}", error.message);
                ended += 1;
            }
            _ => {}
        }
    }
    panic!("the session never comes to rest");
}

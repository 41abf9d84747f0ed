use socketio_protocol::{Auth, Command, Join, JoinId};

use crate::pair::{Pair, join};

/// Joined in `/` with a session that the server can restore.
fn recoverable() -> Pair {
    let mut pair = Pair::reconnecting(&[]);
    pair.join("/", 1);
    pair.accept_recoverable("/", "S", "P");
    pair.log();
    pair
}

#[test]
fn s16_a_session_is_restored_with_its_missed_events_in_order() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a",1,"Q8000o1"]"#);
    pair.server_sends(r#"42["b","Q8000o2"]"#);
    assert_eq!(pair.log(), ["event /#1 a [1]", "event /#1 b []"]);
    pair.transport_closes();
    pair.emit("/", r#"["waits"]"#);
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o2"}"#.to_owned()));
    // The missed events come before the reply.
    pair.server_sends(r#"42["c",[1],"Q8000o3"]"#);
    pair.server_sends(r#"451-["d",{"_placeholder":true,"num":0},"Q8000o4"]"#);
    pair.server_sends_binary(b"x");
    assert!(pair.log().is_empty());
    pair.accept_recoverable("/", "S", "P");
    assert_eq!(
        pair.log(),
        [
            "accepted /#1 S recovered",
            "event /#1 c [[1]]",
            "event /#1 d [<x>]",
            r#"send 42["waits"]"#,
            "joined /#1"
        ]
    );
    pair.transport_closes();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o4"}"#.to_owned()));
}

#[test]
fn s16_another_session_starts_without_an_offset() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.transport_closes();
    pair.come_back();
    pair.log();
    pair.accept_recoverable("/", "S2", "P2");
    assert_eq!(pair.log(), ["accepted /#1 S2", "joined /#1"]);
    pair.transport_closes();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P2"}"#.to_owned()));
    pair.accept("/", "S3");
    pair.server_sends(r#"42["a","text"]"#);
    assert_eq!(pair.log(), ["accepted /#1 S3", "joined /#1", r#"event /#1 a ["text"]"#]);
    pair.transport_closes();
    pair.come_back();
    assert!(pair.log().contains(&"send 40".to_owned()));
}

#[test]
fn s16_an_event_that_asks_for_an_answer_has_no_offset() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.server_sends(r#"427["question","text"]"#);
    assert_eq!(pair.log()[1], r#"event /#1 question ["text"] ack 7"#);
    pair.transport_closes();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o1"}"#.to_owned()));
}

#[test]
fn s16_what_the_game_sends_last_stays_and_is_not_the_offset() {
    for own in ["65f0a1b2c3d4e5f6a7b8c9d0", "Warrior", "left"] {
        let mut pair = recoverable();
        let whole = format!(r#"event /#1 own ["{own}"]"#);
        for offset in ["Q8000o1", "Q8000o2"] {
            pair.server_sends(&format!(r#"42["own","{own}"]"#));
            pair.server_sends(&format!(r#"42["a",1,"{offset}"]"#));
            pair.server_sends(&format!(r#"42["own","{own}","{offset}.0"]"#));
            pair.server_sends(&format!(r#"42["own","{own}"]"#));
            assert_eq!(pair.log(), [&*whole, "event /#1 a [1]", &*whole, &*whole]);
        }
        pair.transport_closes();
        pair.come_back();
        assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o2.0"}"#.to_owned()));
        pair.server_sends(&format!(r#"42["own","{own}","Q8000o3"]"#));
        pair.accept_recoverable("/", "S", "P");
        assert_eq!(pair.log(), ["accepted /#1 S recovered", &*whole, "joined /#1"]);
    }
}

#[test]
fn s16_the_offsets_of_another_server_are_sent_and_stay() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a","offset 1"]"#);
    pair.server_sends(r#"42["a","offset 2"]"#);
    assert_eq!(pair.log(), [r#"event /#1 a ["offset 1"]"#, r#"event /#1 a ["offset 2"]"#]);
    pair.transport_closes();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"offset 2"}"#.to_owned()));
}

#[test]
fn s16_without_recovery_nothing_is_taken_off() {
    let mut pair = Pair::joined(&["/"]);
    pair.server_sends(r#"42["a","text"]"#);
    assert_eq!(pair.log(), [r#"event /#1 a ["text"]"#]);
}

#[test]
fn s16_the_games_auth_goes_along_and_its_keys_win() {
    let mut pair = Pair::reconnecting(&[]);
    let auth = Auth::Fixed(Some(r#"{"token":"t","offset":"mine"}"#.into()));
    pair.command(Command::Join(Join { namespace: "/".into(), join: JoinId(1), auth }));
    pair.accept_recoverable("/", "S", "P");
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","token":"t","offset":"mine"}"#.to_owned()));
}

#[test]
fn s16_each_namespace_has_its_own_session() {
    let mut pair = recoverable();
    pair.join("/chat", 2);
    pair.accept_recoverable("/chat", "C", "PC");
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.server_sends(r#"42/chat,["a","Q8000o2"]"#);
    pair.transport_closes();
    pair.log();
    pair.come_back();
    let log = pair.log();
    assert!(log.contains(&r#"send 40{"pid":"P","offset":"Q8000o1"}"#.to_owned()), "{log:?}");
    assert!(log.contains(&r#"send 40/chat,{"pid":"PC","offset":"Q8000o2"}"#.to_owned()), "{log:?}");
}

#[test]
fn s16_a_session_that_was_ended_is_not_asked_for_again() {
    let ends: [fn(&mut Pair); 4] = [
        |pair| pair.leave("/chat"),
        |pair| pair.server_sends("41/chat,"),
        |pair| {
            pair.transport_closes();
            pair.come_back();
            pair.server_sends(r#"44/chat,"no""#);
        },
        |pair| {
            pair.close();
            pair.connect(vec![join("/", 8)]);
            pair.open();
        },
    ];
    for end in ends {
        let mut pair = recoverable();
        pair.join("/chat", 2);
        pair.accept_recoverable("/chat", "C", "P");
        pair.server_sends(r#"42/chat,["a","Q8000o1"]"#);
        end(&mut pair);
        pair.log();
        pair.join("/chat", 9);
        assert_eq!(pair.log().last().unwrap(), "send 40/chat,");
    }
}

#[test]
fn s16_a_lost_session_survives_several_failed_attempts() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.transport_closes();
    pair.advance_seconds(1);
    pair.transport_fails();
    pair.come_back();
    // Missed events that were never confirmed come again.
    pair.server_sends(r#"42["b","Q8000o2"]"#);
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o1"}"#.to_owned()));
    pair.server_sends(r#"42["b","Q8000o2"]"#);
    pair.accept_recoverable("/", "S", "P");
    assert_eq!(pair.log(), ["accepted /#1 S recovered", "event /#1 b []", "joined /#1"]);
}

#[test]
fn s16_half_of_a_packet_moves_no_offset() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.server_sends(r#"451-["b",{"_placeholder":true,"num":0},"Q8000o2"]"#);
    pair.transport_closes();
    pair.log();
    pair.come_back();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o1"}"#.to_owned()));
}

#[test]
fn s16_a_pause_keeps_the_session() {
    let mut pair = recoverable();
    pair.server_sends(r#"42["a","Q8000o1"]"#);
    pair.command(Command::Pause);
    pair.command(Command::Resume);
    pair.log();
    pair.open();
    assert!(pair.log().contains(&r#"send 40{"pid":"P","offset":"Q8000o1"}"#.to_owned()));
}

//! The demo's protocol, spoken to a running server frame by frame.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

#[test]
fn a_player_who_joins_sees_the_others_and_is_seen() {
    let server = Server::start();
    let mut alice = server.player();
    assert_eq!(alice.ask(r##"420["join",{"name":"alice","color":"#ff8800"}]"##)["players"], json!([]));

    let mut bob = server.player();
    let joined = bob.ask(r##"420["join",{"name":"bob","color":"#0088ff"}]"##);
    assert_eq!(joined["you"]["name"], "bob");
    assert_eq!(joined["players"][0]["name"], "alice");
    assert_eq!(alice.event("player_joined")[1], joined["you"]);

    bob.send(r#"42["move",-5,200.5]"#);
    assert_eq!(alice.event("player_moved"), json!(["player_moved", joined["you"]["id"], 0.0, 200.5]));

    bob.socket.close(None).unwrap();
    assert_eq!(alice.event("player_left"), json!(["player_left", joined["you"]["id"]]));
}

#[test]
fn a_picture_comes_back_in_the_ack_and_goes_to_the_others() {
    let server = Server::start();
    let mut alice = server.player();
    alice.ask(r##"420["join",{"name":"alice","color":"#ff8800"}]"##);
    alice.send(r#"451-1["picture",{"_placeholder":true,"num":0}]"#);
    alice.send_bytes(b"\x89PNG");
    assert_eq!(alice.text(), r#"461-1[{"_placeholder":true,"num":0}]"#);
    assert_eq!(alice.bytes(), b"\x89PNG");

    let mut bob = server.player();
    bob.ask(r##"420["join",{"name":"bob","color":"#0088ff"}]"##);
    assert!(bob.text().starts_with(r#"451-["player_picture","#));
    assert_eq!(bob.bytes(), b"\x89PNG");
}

#[test]
fn a_picture_that_is_too_big_is_refused() {
    let server = Server::start();
    let mut alice = server.player();
    alice.ask(r##"420["join",{"name":"alice","color":"#ff8800"}]"##);
    alice.send(r#"451-1["picture",{"_placeholder":true,"num":0}]"#);
    alice.send_bytes(&[0; 256 * 1024 + 1]);
    assert_eq!(alice.text(), "431[null]");
}

#[test]
fn a_die_has_the_sides_that_were_asked_for() {
    let server = Server::start();
    let mut alice = server.player();
    for _ in 0..50 {
        let number = alice.ask(r#"420["roll",6]"#).as_u64().unwrap();
        assert!((1..=6).contains(&number), "{number}");
    }
    assert_eq!(alice.ask(r#"420["roll",0]"#), 1);
}

#[test]
fn a_ready_check_asks_every_player_and_names_those_who_answered() {
    let server = Server::start();
    let mut alice = server.player();
    alice.ask(r##"420["join",{"name":"alice","color":"#ff8800"}]"##);
    let mut silent = server.player();
    silent.ask(r##"420["join",{"name":"silent","color":"#0088ff"}]"##);
    alice.event("player_joined");

    alice.send(r#"427["ready_check"]"#);
    let question = alice.text();
    let id = question.strip_prefix("42").unwrap().strip_suffix(r#"["are_you_ready"]"#).unwrap();
    alice.send(&format!(r#"43{id}["alice"]"#));
    assert_eq!(alice.text(), r#"437[["alice"],2]"#);
}

#[test]
fn the_chat_delivers_to_the_others_and_keeps_its_lines() {
    let server = Server::start();
    let (mut alice, mut bob) = (server.player(), server.player());
    for (player, name) in [(&mut alice, "alice"), (&mut bob, "bob")] {
        let joined = player.ask(&format!(r##"420["join",{{"name":"{name}","color":"#ff8800"}}]"##));
        player.send(&format!(r#"40/chat,{{"player":{}}}"#, joined["you"]["id"]));
        player.text_that_starts_with("40/chat,");
    }
    alice.event("player_joined");

    alice.send(r#"42/chat,3["say","hello"]"#);
    assert_eq!(alice.text(), "43/chat,3[1]");
    let heard = bob.text();
    let line: Value = serde_json::from_str(heard.strip_prefix("42/chat,").unwrap()).unwrap();
    assert_eq!(
        (&line[0], &line[1]["name"], &line[1]["text"]),
        (&json!("said"), &json!("alice"), &json!("hello"))
    );

    bob.send(r#"42/chat,4["history",10]"#);
    let answer = bob.text();
    let lines: Value = serde_json::from_str(answer.strip_prefix("43/chat,4").unwrap()).unwrap();
    assert_eq!(lines, json!([[line[1]]]));
}

#[test]
fn the_chat_refuses_a_connection_without_a_player() {
    let server = Server::start();
    let mut stranger = server.player();
    stranger.send(r#"40/chat,{"player":"nobody"}"#);
    assert_eq!(stranger.text(), r#"44/chat,{"message":"join the room first"}"#);
}

#[test]
fn the_server_ends_when_its_standard_input_closes() {
    let mut server = Server::start();
    drop(server.process.stdin.take());
    for _ in 0..100 {
        if let Some(status) = server.process.try_wait().unwrap() {
            assert!(status.success());
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the server still runs");
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_demo-server"))
            .args(["--port", "0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self { process, address }
    }

    /// A client that has joined `/`, but not the room.
    fn player(&self) -> Player {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", self.address);
        let (socket, _) = tungstenite::connect(url).unwrap();
        let MaybeTlsStream::Plain(stream) = socket.get_ref() else { unreachable!("the URL is ws://") };
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut player = Player { socket };
        assert!(player.text().starts_with('0'));
        player.send("40");
        player.text_that_starts_with("40");
        player
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

struct Player {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
}

impl Player {
    fn send(&mut self, packet: &str) {
        self.socket.send(Message::text(packet)).unwrap();
    }

    fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.send(Message::binary(bytes.to_vec())).unwrap();
    }

    /// Returns the next text frame that is no heartbeat; those it answers.
    fn text(&mut self) -> String {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) if text.as_str() == "2" => self.send("3"),
                Message::Text(text) => return text.to_string(),
                other => panic!("a text frame was expected, not {other:?}"),
            }
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        match self.socket.read().unwrap() {
            Message::Binary(bytes) => bytes.to_vec(),
            other => panic!("a binary frame was expected, not {other:?}"),
        }
    }

    fn text_that_starts_with(&mut self, start: &str) -> String {
        let text = self.text();
        assert!(text.starts_with(start), "{text}");
        text
    }

    /// Sends an event of `/` with the ack id 0 and returns the first argument of the answer.
    fn ask(&mut self, event: &str) -> Value {
        self.send(event);
        let answer = self.text_that_starts_with("430");
        let data: Value = serde_json::from_str(&answer["430".len()..]).unwrap();
        data[0].clone()
    }

    fn event(&mut self, name: &str) -> Value {
        let text = self.text_that_starts_with("42[");
        let data: Value = serde_json::from_str(&text["42".len()..]).unwrap();
        assert_eq!(data[0], name);
        data
    }
}

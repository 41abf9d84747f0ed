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
    assert_eq!(
        alice.ask(r##"420["join",{"id":"a1","name":"alice","color":"#ff8800"}]"##)["players"],
        json!([])
    );

    let mut bob = server.player();
    let joined = bob.ask(r##"420["join",{"id":"b2","name":"bob","color":"#0088ff"}]"##);
    assert_eq!(joined["you"]["name"], "bob");
    assert_eq!(joined["players"][0]["name"], "alice");
    assert_eq!(alice.event("player_joined")[1], joined["you"]);

    bob.send(r#"42["move",-5,200.5]"#);
    for player in [&mut alice, &mut bob] {
        let places = player.event("places");
        assert_eq!(places[1]["b2"], json!([0.0, 200.5]));
        assert_eq!(places[1].as_object().unwrap().len(), 2, "{places}");
    }

    bob.socket.close(None).unwrap();
    assert_eq!(alice.event("player_left"), json!(["player_left", "b2"]));
}

#[test]
fn a_player_who_comes_back_stands_where_it_was() {
    let server = Server::start();
    let mut alice = server.player();
    let you = json!({"id": "a1", "name": "alice", "color": "#ff8800", "x": 12.5, "y": 300.0});
    assert_eq!(alice.ask(&format!(r#"420["join",{you}]"#))["you"], you);
}

#[test]
fn a_player_who_comes_back_takes_the_place_of_the_lost_connection() {
    let server = Server::start();
    let mut bob = server.player();
    bob.ask(r##"420["join",{"id":"b2","name":"bob","color":"#0088ff"}]"##);
    let mut lost = server.chatter("a1", "alice");
    bob.event("player_joined");

    let mut alice = server.player();
    let joined = alice.ask(r##"420["join",{"id":"a1","name":"alice","color":"#ff8800"}]"##);
    assert_eq!(joined["players"].as_array().unwrap().len(), 1, "{joined}");
    assert_eq!(joined["players"][0]["id"], "b2");
    assert_eq!(bob.event("player_joined")[1], joined["you"]);
    let mut ends = [lost.text(), lost.text()];
    ends.sort();
    assert_eq!(ends, ["41", "41/chat,"]);

    // Nobody has left: the next that bob hears is that alice rolled.
    alice.ask(r#"420["roll",1]"#);
    assert_eq!(bob.event("player_rolled"), json!(["player_rolled", "a1", 1]));
}

#[test]
fn a_picture_comes_back_in_the_ack_and_goes_to_the_others() {
    let server = Server::start();
    let mut alice = server.player();
    alice.ask(r##"420["join",{"id":"a1","name":"alice","color":"#ff8800"}]"##);
    alice.send(r#"451-1["picture",{"_placeholder":true,"num":0}]"#);
    alice.send_bytes(b"\x89PNG");
    assert_eq!(alice.text(), r#"461-1[{"_placeholder":true,"num":0}]"#);
    assert_eq!(alice.bytes(), b"\x89PNG");

    let mut bob = server.player();
    bob.ask(r##"420["join",{"id":"b2","name":"bob","color":"#0088ff"}]"##);
    assert!(bob.text().starts_with(r#"451-["player_picture","#));
    assert_eq!(bob.bytes(), b"\x89PNG");
}

#[test]
fn a_picture_that_is_too_big_is_refused() {
    let server = Server::start();
    let mut alice = server.player();
    alice.ask(r##"420["join",{"id":"a1","name":"alice","color":"#ff8800"}]"##);
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
    alice.ask(r##"420["join",{"id":"a1","name":"alice","color":"#ff8800"}]"##);
    let mut silent = server.player();
    silent.ask(r##"420["join",{"id":"s3","name":"silent","color":"#0088ff"}]"##);
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
    let (mut alice, mut bob) = (server.chatter("a1", "alice"), server.chatter("b2", "bob"));
    alice.event("player_joined");
    assert_eq!(alice.ask_chat(r#"["catch_up",{}]"#), json!([[], 0]));

    assert_eq!(alice.ask_chat(r#"["say",1,"hello"]"#), json!([1]));
    let line = json!({"player": "a1", "name": "alice", "color": "#ff8800", "number": 1, "text": "hello"});
    assert_eq!(bob.said(), line);
    assert_eq!(bob.ask_chat(r#"["catch_up",{}]"#), json!([[line], 0]));
    assert_eq!(alice.ask_chat(r#"["catch_up",{}]"#), json!([[line], 1]));
    assert_eq!(bob.ask_chat(r#"["catch_up",{"a1":1}]"#), json!([[], 0]), "nothing is told twice");
}

#[test]
fn a_repeated_line_is_acknowledged_and_goes_no_further() {
    let server = Server::start();
    let (mut alice, mut bob) = (server.chatter("a1", "alice"), server.chatter("b2", "bob"));
    alice.event("player_joined");
    for line in [r#"["say",1,"one"]"#, r#"["say",1,"one"]"#, r#"["say",2,"two"]"#, r#"["say",1,"one"]"#] {
        assert_eq!(alice.ask_chat(line), json!([1]));
    }
    assert_eq!((&bob.said()["text"], &bob.said()["text"]), (&json!("one"), &json!("two")));
    assert_eq!(bob.ask_chat(r#"["catch_up",{}]"#)[0].as_array().unwrap().len(), 2);
}

#[test]
fn a_line_that_overtook_another_is_refused_until_its_turn() {
    let server = Server::start();
    let (mut alice, mut bob) = (server.chatter("a1", "alice"), server.chatter("b2", "bob"));
    alice.event("player_joined");
    assert_eq!(alice.ask_chat(r#"["say",2,"two"]"#), json!([null]));
    for line in [r#"["say",1,"one"]"#, r#"["say",2,"two"]"#] {
        assert_eq!(alice.ask_chat(line), json!([1]));
    }
    assert_eq!((&bob.said()["text"], &bob.said()["text"]), (&json!("one"), &json!("two")));
}

#[test]
fn the_numbers_go_on_after_a_lost_connection() {
    let server = Server::start();
    let mut alice = server.chatter("a1", "alice");
    alice.ask_chat(r#"["say",1,"one"]"#);
    alice.socket.close(None).unwrap();

    let mut alice = server.chatter("a1", "alice");
    assert_eq!(alice.ask_chat(r#"["catch_up",{}]"#)[1], 1);
}

#[test]
fn the_chat_refuses_a_connection_without_a_player() {
    let server = Server::start();
    let mut stranger = server.player();
    stranger.send(r#"40/chat,{"id":"x9"}"#);
    let refusal = r#"{"message":"the chat wants to know who you are: the auth {id, name, color}"}"#;
    assert_eq!(stranger.text(), format!("44/chat,{refusal}"));
}

#[test]
fn many_moves_are_told_together() {
    let server = Server::start();
    let mut alice = server.player();
    alice.ask(r##"420["join",{"id":"a1","name":"alice","color":"#ff8800"}]"##);
    for x in 0..100 {
        alice.send(&format!(r#"42["move",{x},200]"#));
    }
    let mut told = 0;
    while alice.event("places")[1]["a1"] != json!([99.0, 200.0]) {
        told += 1;
    }
    // In which of them the last move is depends on how fast the moves come.
    assert!(told < 50, "the places were told {told} times");
}

#[test]
fn who_says_the_same_word_is_in_the_same_private_room() {
    let server = Server::start();
    let mut alice = server.private_player("alice", "tea");
    assert_eq!(alice.private_event("members"), json!(["members", ["alice"]]));
    let mut bob = server.private_player("bob", "tea");
    assert_eq!(alice.private_event("members"), json!(["members", ["alice", "bob"]]));
    assert_eq!(bob.private_event("members"), json!(["members", ["alice", "bob"]]));
    let mut eve = server.private_player("eve", "coffee");
    assert_eq!(eve.private_event("members"), json!(["members", ["eve"]]));

    alice.send(r#"42/private,7["say","hello"]"#);
    assert_eq!(alice.text(), "43/private,7[1]");
    assert_eq!(bob.private_event("said")[1], json!({"name": "alice", "color": "#ff8800", "text": "hello"}));

    eve.send(r#"42/private,7["say","is anybody here?"]"#);
    assert_eq!(eve.text(), "43/private,7[0]");
    bob.socket.close(None).unwrap();
    assert_eq!(alice.private_event("members"), json!(["members", ["alice"]]), "eve is not heard");
}

#[test]
fn a_private_room_refuses_whoever_has_no_word() {
    let server = Server::start();
    let mut stranger = server.player();
    stranger.send(r##"40/private,{"id":"x9","name":"x","color":"#ff8800","word":""}"##);
    let refusal = "a private room wants to know who you are, and the word: the auth {id, name, color, word}";
    assert_eq!(stranger.text(), format!(r#"44/private,{{"message":"{refusal}"}}"#));
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

    /// A client that has joined the room and the chat.
    fn chatter(&self, id: &str, name: &str) -> Player {
        let mut player = self.player();
        let identity = json!({"id": id, "name": name, "color": "#ff8800"});
        player.ask(&format!(r#"420["join",{identity}]"#));
        player.send(&format!("40/chat,{identity}"));
        player.text_that_starts_with("40/chat,");
        player
    }

    /// A client that has joined a private room.
    fn private_player(&self, name: &str, word: &str) -> Player {
        let mut player = self.player();
        let visitor = json!({"id": name, "name": name, "color": "#ff8800", "word": word});
        player.send(&format!("40/private,{visitor}"));
        player.text_that_starts_with("40/private,");
        player
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

    /// Sends an event of `/chat` with the ack id 7 and returns the answer.
    fn ask_chat(&mut self, event: &str) -> Value {
        self.send(&format!("42/chat,7{event}"));
        let answer = self.text_that_starts_with("43/chat,7");
        serde_json::from_str(&answer["43/chat,7".len()..]).unwrap()
    }

    /// Returns the next line that another player said.
    fn said(&mut self) -> Value {
        let text = self.text_that_starts_with(r#"42/chat,["said","#);
        let data: Value = serde_json::from_str(&text["42/chat,".len()..]).unwrap();
        data[1].clone()
    }

    fn event(&mut self, name: &str) -> Value {
        self.event_of("42", name)
    }

    fn private_event(&mut self, name: &str) -> Value {
        self.event_of("42/private,", name)
    }

    fn event_of(&mut self, start: &str, name: &str) -> Value {
        let text = self.text_that_starts_with(start);
        let data: Value = serde_json::from_str(&text[start.len()..]).unwrap();
        assert_eq!(data[0], name);
        data
    }
}

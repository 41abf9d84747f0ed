//! What the demo game asks of its server: a room at `/` and a chat at `/chat`.
//!
//! `demo/server/server.js` is the same server in JavaScript; its comments and these say the same.
//!
//! | namespace | event | the client sends | it gets back |
//! | --- | --- | --- | --- |
//! | `/` | `join` | `{name, color}` | ack: `{you, players}`, then `player_picture` for each picture there is |
//! | | `move` | `x, y` | |
//! | | `picture` | the bytes of a PNG | ack: the bytes as stored, null when they are too many |
//! | | `roll` | the sides of the die | ack: a number from 1 to the sides |
//! | | `ready_check` | | ack: the names of those who are ready, and how many were asked |
//! | `/chat` | `say` | a text | ack: to how many players it was delivered |
//! | | `history` | how many lines | ack: the newest lines, oldest first |
//!
//! The room tells every other player `player_joined`, `player_moved`, `player_picture`, `player_rolled` and
//! `player_left`, and asks every player `are_you_ready`; the chat tells the others `said`. The auth of `/chat`
//! is `{player}`, the id that `join` gave.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use socketioxide::extract::{AckSender, Data, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{SocketIo, SocketIoBuilder};

use crate::room::{Player, Room, Wish, random_below};

const PICTURE_BYTES: usize = 256 * 1024;
const READY_TIMEOUT: Duration = Duration::from_secs(3);

/// The socketioxide room of those who have joined: nobody else hears of a player.
const PLAYERS: &str = "players";

/// An empty array; socketioxide takes `()` for one argument, null.
const NO_ARGUMENTS: [(); 0] = [];

/// A server that holds the state of the room, still without its events.
pub fn builder() -> SocketIoBuilder {
    SocketIo::builder().with_state(Room::default())
}

/// Registers the events of the room and of the chat on a server made by [`builder`].
pub fn register(io: &SocketIo) {
    io.ns("/", enter_room);
    io.ns("/chat", enter_chat.with(check_player));
}

async fn enter_room(socket: SocketRef) {
    socket.on("join", join);
    socket.on("move", move_to);
    socket.on("picture", picture);
    socket.on("roll", roll);
    socket.on("ready_check", ready_check);
    socket.on_disconnect(leave);
}

async fn join(socket: SocketRef, Data(wish): Data<Wish>, ack: AckSender, State(room): State<Room>) {
    let (you, players) = room.add(socket.id.to_string(), &wish);
    socket.join(PLAYERS);
    // Whoever has gone already needs no answer: here and below a failed send means just that.
    let _ = ack.send(&Joined { you: &you, players: &players });
    for player in &players {
        if let Some(picture) = &player.picture {
            let _ = socket.emit("player_picture", &(&player.id, picture));
        }
    }
    let _ = socket.to(PLAYERS).emit("player_joined", &you).await;
}

async fn move_to(socket: SocketRef, Data((x, y)): Data<(f64, f64)>, State(room): State<Room>) {
    let Some(player) = room.place(socket.id.as_str(), x, y) else { return };
    let _ = socket.to(PLAYERS).emit("player_moved", &(player.id, player.x, player.y)).await;
}

async fn picture(socket: SocketRef, Data(bytes): Data<Bytes>, ack: AckSender, State(room): State<Room>) {
    if bytes.len() > PICTURE_BYTES || !room.set_picture(socket.id.as_str(), bytes.clone()) {
        let _ = ack.send(&());
        return;
    }
    let _ = ack.send(&bytes);
    let _ = socket.to(PLAYERS).emit("player_picture", &(socket.id, bytes)).await;
}

async fn roll(socket: SocketRef, Data(sides): Data<u32>, ack: AckSender) {
    let number = random_below(sides.max(1)) + 1;
    let _ = ack.send(&number);
    let _ = socket.to(PLAYERS).emit("player_rolled", &(socket.id.to_string(), number)).await;
}

async fn ready_check(io: SocketIo, ack: AckSender) {
    let players = io.within(PLAYERS).sockets();
    let asked = players.len();
    // All are asked before the first answer is awaited.
    let questions: Vec<_> = players
        .iter()
        .map(|player| {
            player.timeout(READY_TIMEOUT).emit_with_ack::<_, (String,)>("are_you_ready", &NO_ARGUMENTS)
        })
        .collect();
    let mut ready = Vec::with_capacity(asked);
    for answer in questions.into_iter().flatten() {
        if let Ok((name,)) = answer.await {
            ready.push(name);
        }
    }
    let _ = ack.send(&(ready, asked));
}

async fn leave(socket: SocketRef, State(room): State<Room>) {
    if room.remove(socket.id.as_str()) {
        let _ = socket.to(PLAYERS).emit("player_left", &socket.id).await;
    }
}

/// socketioxide gives a connection the same id in every namespace, so the player's id must be the socket's own.
async fn check_player(
    socket: SocketRef,
    TryData(auth): TryData<ChatAuth>,
    State(room): State<Room>,
) -> Result<(), NotInRoom> {
    let known = auth.is_ok_and(|auth| auth.player == socket.id.as_str()) && room.contains(socket.id.as_str());
    if known { Ok(()) } else { Err(NotInRoom) }
}

async fn enter_chat(socket: SocketRef) {
    socket.on("say", say);
    socket.on("history", history);
}

async fn say(socket: SocketRef, Data(text): Data<String>, ack: AckSender, State(room): State<Room>) {
    let Some(line) = room.say(socket.id.as_str(), &text) else { return };
    let others = socket.broadcast().sockets().len();
    let _ = socket.broadcast().emit("said", &line).await;
    let _ = ack.send(&others);
}

async fn history(Data(count): Data<usize>, ack: AckSender, State(room): State<Room>) {
    // In a tuple, or the lines would be the ack's arguments instead of its first one.
    let _ = ack.send(&(room.history(count),));
}

#[derive(Serialize)]
struct Joined<'a> {
    you: &'a Player,
    players: &'a [Player],
}

#[derive(Deserialize)]
struct ChatAuth {
    player: String,
}

/// The message of the CONNECT_ERROR for a chat without a player.
#[derive(Debug)]
struct NotInRoom;

impl fmt::Display for NotInRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("join the room first")
    }
}

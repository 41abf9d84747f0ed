//! What the demo game asks of its server: a room at `/`, a chat at `/chat` and private rooms at `/private`.
//!
//! `demo/server/server.js` is the same server in JavaScript; its comments and these say the same.
//!
//! | namespace | event | the client sends | it gets back |
//! | --- | --- | --- | --- |
//! | `/` | `join` | `{id, name, color}`, after a lost connection also `x, y` | ack: `{you, players}`, then `player_picture` for each picture there is |
//! | | `move` | `x, y` | |
//! | | `picture` | the bytes of a PNG | ack: the bytes as stored, null when they are too many |
//! | | `roll` | the sides of the die | ack: a number from 1 to the sides |
//! | | `ready_check` | | ack: the names of those who are ready, and how many were asked |
//! | `/chat` | `catch_up` | the number of the last line heard of each player, by the player's id | ack: the lines after these, oldest first, and the number of the last one that this player said |
//! | | `say` | the line's number and its text | ack: to how many players it was delivered, null when it comes too early |
//!
//! | `/private` | `say` | the text | ack: to how many players it was delivered |
//!
//! The room tells every other player `player_joined`, `player_picture`, `player_rolled` and `player_left`, and asks every
//! player `are_you_ready`; the chat tells the others `said`. The auth of `/chat` is `{id, name, color}`, the same as in
//! `join`.
//!
//! Who moves is told to all players together, at most 20 times a second: `places`, `{id: [x, y], ...}`. Each has the places
//! of everybody, so only the newest counts, and a client may drop the others.
//!
//! The auth of `/private` has a word besides, `{id, name, color, word}`. Those who have said the same word are in a room of
//! their own: they are told `members`, the names of all, whenever somebody comes or goes, and `said`, `{name, color,
//! text}`.
//!
//! The players number their lines from 1, and the server takes each player's lines in this order only. One that it
//! has already is acknowledged and goes no further: so a player who does not know what has become of a line says it
//! again, and a server that was restarted gets the lines back that it has forgotten. One that comes too early is
//! refused: it overtook others, which were lost with a connection and will be said again before it.
//!
//! The ids are the players' own and prove nothing: a server for strangers would let them log in.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use socketioxide::extract::{AckSender, Data, Extension, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::{SocketIo, SocketIoBuilder};

use crate::private_room::Visitor;
use crate::room::{Arrival, Identity, Player, Room, Said, Wish, random_below};

const PICTURE_BYTES: usize = 256 * 1024;
const READY_TIMEOUT: Duration = Duration::from_secs(3);

/// How often the places are told at most.
const PLACES_INTERVAL: Duration = Duration::from_millis(50);

/// The socketioxide room of those who have joined: nobody else hears of a player.
const PLAYERS: &str = "players";

/// Where those are whose words begin a private room.
const PRIVATE: &str = "/private";

/// An empty array; socketioxide takes `()` for one argument, null.
const NO_ARGUMENTS: [(); 0] = [];

/// A server that holds the state of the room, still without its events.
pub fn builder() -> SocketIoBuilder {
    SocketIo::builder().with_state(Room::default())
}

/// Registers the events of the room and of the chat on a server made by [`builder`].
pub fn register(io: &SocketIo) {
    io.ns("/", enter_room);
    io.ns("/chat", enter_chat.with(introduce));
    io.ns(PRIVATE, enter_private_room.with(ask_for_word));
}

async fn enter_room(socket: SocketRef) {
    socket.on("join", join);
    socket.on("move", move_to);
    socket.on("picture", picture);
    socket.on("roll", roll);
    socket.on("ready_check", ready_check);
    socket.on_disconnect(leave);
}

async fn join(
    io: SocketIo,
    socket: SocketRef,
    Data(wish): Data<Wish>,
    ack: AckSender,
    State(room): State<Room>,
) {
    let Arrival { you, players, ghost } = room.add(socket.id, &wish);
    // Whoever comes back takes the place of the own lost connection.
    if let Some(ghost) = ghost {
        for socket in io.nsps().iter().filter_map(|space| space.get_socket(ghost)) {
            let _ = socket.disconnect();
        }
    }
    socket.join(PLAYERS);
    // Whoever has gone already needs no answer: here and below a failed send means just that.
    let _ = ack.send(&Joined { you: &you, players: &players });
    for player in &players {
        if let Some(picture) = &player.picture {
            let _ = socket.emit("player_picture", &(&player.identity.id, picture));
        }
    }
    let _ = socket.to(PLAYERS).emit("player_joined", &you).await;
}

async fn move_to(io: SocketIo, socket: SocketRef, Data((x, y)): Data<(f64, f64)>, State(room): State<Room>) {
    // The first to move has the places told in a moment, the others until then are told of with it.
    if room.place(socket.id, x, y) {
        tokio::time::sleep(PLACES_INTERVAL).await;
        let _ = io.within(PLAYERS).emit("places", &room.take_places()).await;
    }
}

async fn picture(socket: SocketRef, Data(bytes): Data<Bytes>, ack: AckSender, State(room): State<Room>) {
    let small = bytes.len() <= PICTURE_BYTES;
    let Some(id) = small.then(|| room.set_picture(socket.id, bytes.clone())).flatten() else {
        let _ = ack.send(&());
        return;
    };
    let _ = ack.send(&bytes);
    let _ = socket.to(PLAYERS).emit("player_picture", &(id, bytes)).await;
}

async fn roll(socket: SocketRef, Data(sides): Data<u32>, ack: AckSender, State(room): State<Room>) {
    let number = random_below(sides.max(1)) + 1;
    let _ = ack.send(&number);
    if let Some(id) = room.player_id(socket.id) {
        let _ = socket.to(PLAYERS).emit("player_rolled", &(id, number)).await;
    }
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
    // A ghost has been removed already: its player is here.
    if let Some(id) = room.remove(socket.id) {
        let _ = socket.to(PLAYERS).emit("player_left", &id).await;
    }
}

async fn introduce(socket: SocketRef, TryData(auth): TryData<Identity>) -> Result<(), Stranger> {
    socket.extensions.insert(auth.map_err(|_| Stranger)?);
    Ok(())
}

async fn enter_chat(socket: SocketRef) {
    socket.on("catch_up", catch_up);
    socket.on("say", say);
}

async fn catch_up(
    Extension(me): Extension<Identity>,
    Data(heard): Data<HashMap<String, u64>>,
    ack: AckSender,
    State(room): State<Room>,
) {
    let _ = ack.send(&room.catch_up(&me.id, &heard));
}

async fn say(
    socket: SocketRef,
    Extension(me): Extension<Identity>,
    Data((number, text)): Data<(u64, String)>,
    ack: AckSender,
    State(room): State<Room>,
) {
    let others = socket.broadcast().sockets().len();
    match room.say(&me, number, &text) {
        Said::New(line) => {
            let _ = socket.broadcast().emit("said", &line).await;
        }
        Said::Repeated => {}
        Said::TooEarly => {
            let _ = ack.send(&());
            return;
        }
    }
    let _ = ack.send(&others);
}

async fn ask_for_word(socket: SocketRef, TryData(auth): TryData<Visitor>) -> Result<(), Wordless> {
    let visitor = auth.ok().filter(|visitor| !visitor.word.is_empty()).ok_or(Wordless)?;
    socket.extensions.insert(visitor);
    Ok(())
}

async fn enter_private_room(io: SocketIo, socket: SocketRef, Extension(me): Extension<Visitor>) {
    socket.join(me.room());
    socket.on("say", say_privately);
    socket.on_disconnect(leave_private_room);
    tell_members(&io, &me).await;
}

async fn say_privately(
    io: SocketIo,
    socket: SocketRef,
    Extension(me): Extension<Visitor>,
    Data(text): Data<String>,
    ack: AckSender,
) {
    let others = members(&io, &me).len().saturating_sub(1);
    let _ = socket.to(me.room()).emit("said", &me.line(&text)).await;
    let _ = ack.send(&others);
}

async fn leave_private_room(io: SocketIo, socket: SocketRef, Extension(me): Extension<Visitor>) {
    // It still is in its rooms.
    socket.leave_all();
    tell_members(&io, &me).await;
}

async fn tell_members(io: &SocketIo, visitor: &Visitor) {
    if let Some(space) = io.of(PRIVATE) {
        // An array in an array: the names are one argument.
        let _ = space.within(visitor.room()).emit("members", &(members(io, visitor),)).await;
    }
}

/// The names of those in a visitor's room.
fn members(io: &SocketIo, visitor: &Visitor) -> Vec<String> {
    let sockets = io.of(PRIVATE).map(|space| space.within(visitor.room()).sockets());
    let visitors = sockets.into_iter().flatten().filter_map(|socket| socket.extensions.get::<Visitor>());
    let mut names: Vec<String> = visitors.map(|visitor| visitor.name()).collect();
    names.sort();
    names
}

#[derive(Serialize)]
struct Joined<'a> {
    you: &'a Player,
    players: &'a [Player],
}

/// The message of the CONNECT_ERROR for somebody whom the chat does not know.
#[derive(Debug)]
struct Stranger;

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the chat wants to know who you are: the auth {id, name, color}")
    }
}

/// The message of the CONNECT_ERROR for somebody without a word.
#[derive(Debug)]
struct Wordless;

impl fmt::Display for Wordless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a private room wants to know who you are, and the word: the auth {id, name, color, word}",
        )
    }
}

//! The state of the demo's room: who is in it, and what was said.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use socketioxide::socket::Sid;

const ROOM_WIDTH: f64 = 896.0;
const ROOM_HEIGHT: f64 = 560.0;
const NAME_LENGTH: usize = 16;
const TEXT_LENGTH: usize = 200;
const HISTORY_LENGTH: usize = 1000;

/// The room, shared by the handlers. Every method is one whole change, so that no lock outlives a call.
#[derive(Clone, Default)]
pub(crate) struct Room(Arc<Mutex<State>>);

/// What a player asks for when joining.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(flatten)]
    identity: Identity,
    /// Where the player was before the connection was lost; a new one is put somewhere.
    x: Option<f64>,
    y: Option<f64>,
}

/// Who a player is. The player chooses all of it and says the same after a lost connection.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) color: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct Player {
    #[serde(flatten)]
    pub(crate) identity: Identity,
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Sent on its own: a packet holds ten attachments at most, a room more players.
    #[serde(skip)]
    pub(crate) picture: Option<Bytes>,
}

/// One line of the chat.
#[derive(Clone, Serialize)]
pub(crate) struct Line {
    player: String,
    name: String,
    color: String,
    number: u64,
    text: String,
}

/// What becomes of a line.
pub(crate) enum Said {
    New(Line),
    /// It is known already.
    Repeated,
    /// One before it is missing.
    TooEarly,
}

/// What a player finds when joining.
pub(crate) struct Arrival {
    pub(crate) you: Player,
    pub(crate) players: Vec<Player>,
    /// The socket of the connection that this player had lost, if the server had not noticed yet.
    pub(crate) ghost: Option<Sid>,
}

impl Identity {
    pub(crate) fn clipped(&self) -> Self {
        Self { name: first_characters(&self.name, NAME_LENGTH), ..self.clone() }
    }
}

impl Room {
    /// Adds a player, in place of the one with the same id.
    pub(crate) fn add(&self, socket: Sid, wish: &Wish) -> Arrival {
        let you = Player {
            identity: wish.identity.clipped(),
            x: wish.x.unwrap_or_else(|| ROOM_WIDTH * random_between(0.2, 0.8)).clamp(0.0, ROOM_WIDTH),
            y: wish.y.unwrap_or_else(|| ROOM_HEIGHT * random_between(0.3, 0.7)).clamp(0.0, ROOM_HEIGHT),
            picture: None,
        };
        let mut state = self.lock();
        state.players.remove(&socket);
        let ghost = state.players.iter().find(|(_, other)| other.identity.id == you.identity.id);
        let ghost = ghost.map(|(socket, _)| *socket);
        if let Some(ghost) = ghost {
            state.players.remove(&ghost);
        }
        let players = state.players.values().cloned().collect();
        state.players.insert(socket, you.clone());
        Arrival { you, players, ghost }
    }

    /// Moves a player, within the walls. Returns whether this is the first move since the places were taken.
    pub(crate) fn place(&self, socket: Sid, x: f64, y: f64) -> bool {
        let mut state = self.lock();
        let Some(player) = state.players.get_mut(&socket) else { return false };
        player.x = x.clamp(0.0, ROOM_WIDTH);
        player.y = y.clamp(0.0, ROOM_HEIGHT);
        !std::mem::replace(&mut state.has_moved, true)
    }

    /// Returns where everybody is, by the players' ids.
    pub(crate) fn take_places(&self) -> HashMap<String, (f64, f64)> {
        let mut state = self.lock();
        state.has_moved = false;
        state.players.values().map(|player| (player.identity.id.clone(), (player.x, player.y))).collect()
    }

    /// Returns the player's id, none when there is no such player.
    pub(crate) fn set_picture(&self, socket: Sid, picture: Bytes) -> Option<String> {
        let mut state = self.lock();
        let player = state.players.get_mut(&socket)?;
        player.picture = Some(picture);
        Some(player.identity.id.clone())
    }

    /// Returns the id of the player on a socket.
    pub(crate) fn player_id(&self, socket: Sid) -> Option<String> {
        self.lock().players.get(&socket).map(|player| player.identity.id.clone())
    }

    /// Returns the id of the player who was removed.
    pub(crate) fn remove(&self, socket: Sid) -> Option<String> {
        self.lock().players.remove(&socket).map(|player| player.identity.id)
    }

    /// Keeps what a player said, if it is the next line of this player.
    pub(crate) fn say(&self, author: &Identity, number: u64, text: &str) -> Said {
        let mut state = self.lock();
        match number.cmp(&(state.last_number(&author.id) + 1)) {
            Ordering::Less => return Said::Repeated,
            Ordering::Greater => return Said::TooEarly,
            Ordering::Equal => {}
        }
        state.last_numbers.insert(author.id.clone(), number);
        let Identity { id, name, color } = author.clipped();
        let line = Line { player: id, name, color, number, text: clip_text(text) };
        if state.lines.len() == HISTORY_LENGTH {
            state.lines.pop_front();
        }
        state.lines.push_back(line.clone());
        Said::New(line)
    }

    /// Returns the lines that a player has not heard, oldest first, and the number of the last one that the player
    /// said. `heard` has the number of the last line heard of each player.
    pub(crate) fn catch_up(&self, player: &str, heard: &HashMap<String, u64>) -> (Vec<Line>, u64) {
        let state = self.lock();
        let is_new = |line: &&Line| heard.get(&line.player).is_none_or(|heard| line.number > *heard);
        (state.lines.iter().filter(is_new).cloned().collect(), state.last_number(player))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No method leaves the state half changed, so what a panicked one held is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct State {
    players: HashMap<Sid, Player>,
    /// Whether anybody has moved since the places were taken.
    has_moved: bool,
    lines: VecDeque<Line>,
    /// The number of the last line that each player said, by the player's id.
    last_numbers: HashMap<String, u64>,
}

impl State {
    fn last_number(&self, player: &str) -> u64 {
        self.last_numbers.get(player).copied().unwrap_or_default()
    }
}

/// Returns what of a text is kept.
pub(crate) fn clip_text(text: &str) -> String {
    first_characters(text, TEXT_LENGTH)
}

fn first_characters(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

/// Returns a number from 0 to `bound` - 1. A game of dice needs no more randomness than what the standard
/// library seeds its hash maps with.
pub(crate) fn random_below(bound: u32) -> u32 {
    let random = RandomState::new().hash_one(0);
    u32::try_from(random % u64::from(bound.max(1))).unwrap_or_default()
}

fn random_between(low: f64, high: f64) -> f64 {
    low + (high - low) * f64::from(random_below(1000)) / 1000.0
}

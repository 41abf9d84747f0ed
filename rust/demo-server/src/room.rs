//! The state of the demo's room: who is in it, and what was said.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

const ROOM_WIDTH: f64 = 896.0;
const ROOM_HEIGHT: f64 = 560.0;
const NAME_LENGTH: usize = 16;
const TEXT_LENGTH: usize = 200;
const HISTORY_LENGTH: usize = 100;

/// The room, shared by the handlers. Every method is one whole change, so that no lock outlives a call.
#[derive(Clone, Default)]
pub(crate) struct Room(Arc<Mutex<State>>);

/// What a player asks for when joining.
#[derive(Deserialize)]
pub(crate) struct Wish {
    name: String,
    color: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct Player {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) color: String,
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
    text: String,
}

impl Room {
    /// Adds a player somewhere in the room. Returns the player and all others.
    pub(crate) fn add(&self, id: String, wish: &Wish) -> (Player, Vec<Player>) {
        let player = Player {
            id: id.clone(),
            name: wish.name.chars().take(NAME_LENGTH).collect(),
            color: wish.color.clone(),
            x: ROOM_WIDTH * random_between(0.2, 0.8),
            y: ROOM_HEIGHT * random_between(0.3, 0.7),
            picture: None,
        };
        let mut state = self.lock();
        let others = state.players.values().filter(|other| other.id != id).cloned().collect();
        state.players.insert(id, player.clone());
        (player, others)
    }

    /// Moves a player, within the walls. Returns the player where it is now.
    pub(crate) fn place(&self, id: &str, x: f64, y: f64) -> Option<Player> {
        let mut state = self.lock();
        let player = state.players.get_mut(id)?;
        player.x = x.clamp(0.0, ROOM_WIDTH);
        player.y = y.clamp(0.0, ROOM_HEIGHT);
        Some(player.clone())
    }

    /// Returns false when there is no such player.
    pub(crate) fn set_picture(&self, id: &str, picture: Bytes) -> bool {
        let mut state = self.lock();
        let Some(player) = state.players.get_mut(id) else { return false };
        player.picture = Some(picture);
        true
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.lock().players.contains_key(id)
    }

    /// Returns false when there was no such player.
    pub(crate) fn remove(&self, id: &str) -> bool {
        self.lock().players.remove(id).is_some()
    }

    /// Keeps what a player said. Returns the line, none when there is no such player.
    pub(crate) fn say(&self, id: &str, text: &str) -> Option<Line> {
        let mut state = self.lock();
        let player = state.players.get(id)?;
        let line = Line {
            player: player.id.clone(),
            name: player.name.clone(),
            color: player.color.clone(),
            text: text.chars().take(TEXT_LENGTH).collect(),
        };
        if state.lines.len() == HISTORY_LENGTH {
            state.lines.pop_front();
        }
        state.lines.push_back(line.clone());
        Some(line)
    }

    /// Returns the newest lines, oldest first.
    pub(crate) fn history(&self, count: usize) -> Vec<Line> {
        let state = self.lock();
        state.lines.iter().skip(state.lines.len().saturating_sub(count)).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No method leaves the state half changed, so what a panicked one held is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct State {
    players: HashMap<String, Player>,
    lines: VecDeque<Line>,
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

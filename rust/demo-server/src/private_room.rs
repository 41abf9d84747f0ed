//! Who is in a private room: all who have said the same word.

use serde::{Deserialize, Serialize};

use crate::room::{Identity, clip_text};

/// A player at the door of a private room.
#[derive(Clone, Deserialize)]
pub(crate) struct Visitor {
    #[serde(flatten)]
    identity: Identity,
    pub(crate) word: String,
}

/// One line of what is said in it.
#[derive(Serialize)]
pub(crate) struct PrivateLine {
    name: String,
    color: String,
    text: String,
}

impl Visitor {
    /// The socketioxide room for the word. Each socket is also in a room of its own id, which nobody can enter so.
    pub(crate) fn room(&self) -> String {
        format!("word {}", self.word)
    }

    pub(crate) fn name(&self) -> String {
        self.identity.clipped().name
    }

    /// What this player says.
    pub(crate) fn line(&self, text: &str) -> PrivateLine {
        PrivateLine { name: self.name(), color: self.identity.color.clone(), text: clip_text(text) }
    }
}

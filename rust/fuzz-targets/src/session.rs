use arbitrary::Unstructured;

use crate::choices::Choices;
use crate::game::{Game, NUMBERED, play};
use crate::pair::Pair;

/// The longest text of the server's own, in bytes.
const MAX_TEXT: u64 = 80;

/// A whole session: whatever the game, the network and the server do in whatever order, the rules of [`Game`] hold,
/// and those of a strict server.
pub fn session(data: &[u8]) {
    let mut choices = Bytes(Unstructured::new(data));
    let mut pair = Pair::new();
    pair.reconnection.enabled = choices.below(4) > 0;
    let mut game = Game::default();
    while !choices.0.is_empty() {
        if choices.below(8) > 0 {
            play(&mut pair, &mut game, &mut choices);
            continue;
        }
        let text = choices.text();
        if !text.contains(NUMBERED) {
            pair.server_sends(&text);
            game.sees_all(&mut pair);
        }
    }
    game.ends(&mut pair);
}

/// The bytes of a fuzzer as decisions. When they are used up, the first of each is taken.
struct Bytes<'a>(Unstructured<'a>);

impl Bytes<'_> {
    fn text(&mut self) -> String {
        let length = usize::try_from(self.below(MAX_TEXT)).unwrap().min(self.0.len());
        String::from_utf8_lossy(self.0.bytes(length).unwrap_or_default()).into_owned()
    }
}

impl Choices for Bytes<'_> {
    fn below(&mut self, limit: u64) -> u64 {
        self.0.int_in_range(0..=limit - 1).unwrap_or_default()
    }
}

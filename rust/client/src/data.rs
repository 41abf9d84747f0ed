//! The form in which the game gets received values.

use socketio_protocol::Values;

/// What received values become for the game. The worker makes it, so that the game's thread need not.
pub trait Data: Send + 'static {
    /// Makes it, on the worker's thread, while about so many bytes wait for the game already. Values that nobody needs any
    /// more, these or others before them, go to `spent`: their memory is used again.
    fn prepare(values: Values, waiting: usize, spent: &mut Vec<Values>) -> Self;

    /// How many bytes it holds, as far as that can be told: they count for what may wait for the game.
    fn size(&self) -> usize;
}

/// The values as they are.
impl Data for Values {
    fn prepare(values: Values, _waiting: usize, _spent: &mut Vec<Values>) -> Self {
        values
    }

    fn size(&self) -> usize {
        self.size()
    }
}

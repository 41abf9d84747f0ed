//! What the game's side asks the worker for.

use std::time::{Duration, Instant};

use socketio_protocol::{Command, Connect, Delivery, Settings};

use crate::site::TransportOptions;
use crate::tap::Feed;

/// A message to the worker.
#[expect(clippy::large_enum_variant, reason = "an allocation for each emit would cost more than the move")]
pub(crate) enum Request {
    Connect(Box<(Connect, TransportOptions)>),
    Configure(Box<(Settings, TransportOptions)>),
    Command(Command),
    /// Note every packet.
    Tap(Box<Feed>),
    /// End the transport as a dying network does.
    DropTransport,
    /// Add that to the round trip.
    AddLatency(Duration),
    /// Let go of something.
    Drop(Box<dyn Send>),
    /// Close and end the thread, until then if there is a time.
    End(Option<Instant>),
    #[cfg(test)]
    Panic,
}

impl Request {
    /// Whether it may be left while the transport is full: nobody is told of it, no time runs, and nothing else changes with it.
    pub(crate) fn can_wait(&self) -> bool {
        match self {
            Self::Command(Command::Emit(emit)) => {
                emit.ack.is_none() && emit.delivery == Delivery::Once && !emit.report
            }
            Self::Command(Command::Answer { .. }) | Self::Drop(_) => true,
            _ => false,
        }
    }

    /// Its bytes that count for the limit.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Command(Command::Emit(emit)) => emit.payload.size(),
            Self::Command(Command::Answer { payload, .. }) => payload.size(),
            _ => 0,
        }
    }
}

//! Calls that cannot be done.

use std::fmt;

use godot::global::Error;

use crate::core::Maker;

/// A call that cannot be done: what it returns, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Error,
    message: String,
}

impl Refusal {
    pub(crate) fn new(code: Error, message: impl Into<String>) -> Self {
        // It becomes the end of a sentence.
        Self { code, message: message.into().trim_end_matches('.').to_owned() }
    }

    /// A namespace outlived its client.
    pub(crate) fn client_freed(maker: Maker) -> Self {
        let why = match maker {
            Maker::Game => {
                "the client of this namespace was freed: keep the SocketIOClient in a member variable while it is used"
            }
            Maker::Node => {
                "the SocketIONode that this namespace is from was freed, and its client with it: get the namespace of a \
                 node that is there"
            }
        };
        Self::new(Error::ERR_UNCONFIGURED, why)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

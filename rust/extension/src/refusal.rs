//! Calls that cannot be done.

use std::fmt;

use godot::global::Error;

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
    pub(crate) fn client_freed() -> Self {
        Self::new(
            Error::ERR_UNCONFIGURED,
            "the client of this namespace was freed: keep the SocketIOClient in a variable while it is used",
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

//! What must hold for any bytes at all. Each function takes what a fuzzer made up, and panics where a promise is broken.
//!
//! `tests/fuzz` runs them with cargo-fuzz, and the tests of this crate run them on the corpora.

mod attachments;
mod endpoint;
mod http;
mod json;
mod packets;
mod payloads;
mod session;
mod summaries;
mod tree;

// The harness of the protocol's own tests.
#[allow(dead_code, reason = "the protocol's tests use more of it")]
#[path = "../../protocol/tests/protocol/choices.rs"]
mod choices;
#[allow(dead_code, reason = "the protocol's tests use more of it")]
#[path = "../../protocol/tests/protocol/game.rs"]
mod game;
#[allow(dead_code, reason = "the protocol's tests use more of it")]
#[path = "../../protocol/tests/protocol/pair.rs"]
mod pair;
#[path = "../../protocol/tests/protocol/render.rs"]
mod render;
#[path = "../../protocol/tests/protocol/server.rs"]
mod server;

pub use attachments::attachments;
pub use endpoint::endpoint;
pub use http::http;
pub use json::json;
pub use packets::packets;
pub use payloads::payloads;
pub use session::session;
pub use summaries::summaries;

/// A target: its name, which is that of its corpus, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 8] = [
    ("attachments", attachments),
    ("endpoint", endpoint),
    ("http", http),
    ("json", json),
    ("packets", packets),
    ("payloads", payloads),
    ("session", session),
    ("summaries", summaries),
];

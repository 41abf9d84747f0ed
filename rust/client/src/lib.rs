//! The network side of the Socket.IO client: DNS, TCP, TLS, WebSocket, HTTP long-polling, and the thread that drives
//! them.
//!
//! A [`Client`] is the game's handle. Behind it one worker thread owns the sockets and a
//! [`socketio_protocol::Session`], which decides everything that the protocol says. The two sides share a
//! mailbox: requests go to the worker, [`Event`]s come back, and no call of the handle ever waits.
//!
//! The way of an event from the socket to the game: `socket.rs` (bytes), `stream.rs` (TLS), `websocket.rs`
//! (WebSocket messages), `worker.rs` (the session), `deliveries.rs` (many at a time), `mailbox.rs` (the game's side takes it).

mod added_latency;
mod answer;
mod buffers;
mod client;
mod clock;
mod closing;
mod connecting;
mod data;
mod deliveries;
mod diagnosis;
mod dialer;
mod flow;
#[doc(hidden)]
pub mod fuzzing;
mod header;
mod http;
mod ledger;
mod long_polling;
mod mailbox;
mod opening;
mod refusal;
mod request;
mod resolver;
mod rest;
mod site;
mod socket;
mod statistics;
mod stream;
mod sync;
pub mod tap;
mod threads;
mod tls;
mod tls_fault;
mod transport;
mod transports;
mod upgrade;
mod waker;
mod websocket;
mod worker;

pub use added_latency::MAX_ADDED_LATENCY;
pub use client::Client;
pub use data::Data;
pub use header::{HeaderError, check_header};
pub use mailbox::Full;
pub use site::TransportOptions;
pub use socketio_protocol::{Command, Connect, Event, Limits};
pub use statistics::{Queue, Statistics};
pub use threads::shut_down;
pub use tls::{Roots, TlsOptions, Verify};

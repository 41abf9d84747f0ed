//! The client side of Engine.IO 4 and Socket.IO 5, as a state machine without I/O.
//!
//! [`Session`] is the whole client: it takes what the game asks for ([`Command`]), what the transport
//! brings ([`Input`]) and the time, and gives out what is to be done ([`Output`]). It has no socket, thread,
//! clock or random source of its own, so that every behaviour can be tested in microseconds and any driver
//! can run it.
//!
//! From the wire to the game the layers are [`engine`] (Engine.IO packets), [`packet`] (Socket.IO packets),
//! [`attachment`] (binary packets put together) and [`session`] (the connection and its namespaces).
//!
//! The numbers S1 to S26 in comments and test names are behaviours of the official JavaScript client that
//! this crate keeps.
#![forbid(unsafe_code)]
// What a peer sends must never stop the game: no panics on this side of the tests.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod attachment;
mod collisions;
pub mod command;
pub mod endpoint;
pub mod engine;
pub mod error;
pub mod event;
pub mod masking;
pub mod packet;
pub mod polling;
pub mod secrets;
pub mod session;
pub mod summary;
pub mod transport;
pub mod values;

pub use command::{
    AckRequest, AckToken, Auth, Command, Connect, ConnectionId, Delivery, Emit, Join, JoinId, Namespace,
    Payload, Reconnection, SessionNumber, Settings,
};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{ConnectError, ConnectErrorCode, DisconnectReason};
pub use event::{Event, EventName, NoAnswer, Received, Unsent};
pub use secrets::Secrets;
pub use session::{Closing, Counters, Detail, Frame, Input, Limits, Output, Session};
pub use summary::{PacketType, Summary};
pub use transport::TransportName;
pub use values::{Node, Values};

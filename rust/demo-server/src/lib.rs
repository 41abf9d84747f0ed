//! The server of the demo game, and of the integration tests: [socketioxide](socketioxide) on loopback, so
//! that neither needs Node.js.
//!
//! [`Contract`] says what a server does for its clients; [`serve`] runs it.

pub mod demo;
mod private_room;
mod room;
pub mod scenario;

use std::io;

use axum::Router;
use axum::serve::ListenerExt;
use socketioxide::{SocketIo, SocketIoBuilder};
use tokio::net::TcpListener;

/// What a server does for the clients that connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The room and the chat of the demo game.
    Demo,
    /// The events that the integration tests ask for.
    Scenario,
}

impl Contract {
    fn builder(self) -> SocketIoBuilder {
        match self {
            Self::Demo => demo::builder(),
            Self::Scenario => scenario::builder(),
        }
    }

    fn register(self, io: &SocketIo) {
        match self {
            Self::Demo => demo::register(io),
            Self::Scenario => scenario::register(io),
        }
    }
}

/// Serves `contract` on `listener` for as long as the returned future is polled.
///
/// Handlers run in the order of their events only on a current-thread runtime, because socketioxide spawns a
/// task for each event.
///
/// # Errors
/// Fails when the listener does.
pub async fn serve(listener: TcpListener, contract: Contract) -> io::Result<()> {
    let (layer, io) = contract.builder().build_layer();
    contract.register(&io);
    // Game events are small: Nagle's algorithm would hold them back for the sake of fuller packets.
    let listener = listener.tap_io(|stream| {
        // A stream that is already dead fails here and again, with its reason, at the first read.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().layer(layer)).await
}

//! The client over real sockets, with a server that each test plays itself.

#[path = "../support/mod.rs"]
mod support;

mod abandoning;
mod barrier;
mod buffers;
mod closing;
mod configuring;
mod connected;
mod diagnosis;
mod falling_back;
mod floods;
mod flow;
mod full;
mod handshake;
mod losing;
mod pausing;
mod polling;
mod reconnecting;
mod secrets;
mod tapping;
mod tls;
mod trying;
mod upgrading;
mod volatile;

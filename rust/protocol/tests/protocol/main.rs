//! The protocol from the outside: texts and packets, and whole sessions with a virtual clock and a strict server.

mod attachments;
mod choices;
mod endpoints;
mod game;
mod json;
mod packets;
mod pair;
mod random;
mod render;
mod server;
mod session;
mod simulation;
mod values;

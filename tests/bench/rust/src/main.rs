//! Clients in Rust as peers of the benchmarks: `bare` is tungstenite with as little of the protocol as it takes,
//! `bare-json` also makes and reads JSON with serde_json, and `rust-socketio` is the crate of that name.

mod bare;
mod measure;
mod options;
mod rust_socketio_peer;

use anyhow::Result;
use options::{Client, Options};

fn main() -> Result<()> {
    let options = Options::parse()?;
    match options.client {
        Client::Bare => bare::run(&options, false),
        Client::BareJson => bare::run(&options, true),
        Client::RustSocketIo => rust_socketio_peer::run(&options),
    }
}

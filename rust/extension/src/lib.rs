//! The GDExtension library: the classes that a game sees, and the only crate that knows Godot.
//!
//! [`client`] and [`namespace`] are the two classes. What arrives goes from [`dispatch`] through
//! [`variant::decode`] to the [`listeners`] and signals; what leaves goes through [`variant::encode`] to the
//! worker. [`main_loop`] makes each client poll once a frame and lets go of the game's callables at exit.

mod acks;
mod argument;
mod callback;
mod client;
mod connection;
mod core;
mod dispatch;
mod emit;
mod enumeration;
mod library;
mod listeners;
mod main_loop;
mod membership;
mod namespace;
mod on_main;
mod refusal;
mod report;
mod signals;
mod tls;
mod variant;

use godot::init::InitStage;
use godot::prelude::*;

struct SocketIoExtension;

// SAFETY: the library has one entry point, and stops all its threads when it is deinitialised.
#[gdextension(entry_symbol = socketio_godot_init)]
unsafe impl ExtensionLibrary for SocketIoExtension {
    fn on_stage_init(stage: InitStage) {
        if stage == InitStage::Scene {
            on_main::remember_main_thread();
            client::ConnectionState::register();
            client::ConnectError::register();
            namespace::ConnectionState::register();
            client::register_singleton();
            main_loop::attach_deferred();
        }
    }

    fn on_stage_deinit(stage: InitStage) {
        if stage == InitStage::Scene {
            main_loop::exit();
            client::unregister_singleton();
            main_loop::stop();
        }
    }
}

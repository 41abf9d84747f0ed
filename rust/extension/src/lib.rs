//! The GDExtension library: the classes that a game sees, and the only crate that knows Godot.
//!
//! [`client`], [`namespace`] and [`reply`] are the three classes, and [`core`] is what stands behind the first two;
//! [`node`] is a client in the scene tree. What arrives goes from [`dispatch`] through [`variant::decode`] to the
//! [`listeners`] and signals; what leaves goes from [`emit`] through [`variant::encode`] to the worker. [`main_loop`] makes
//! each client poll once a frame and lets go of the game's callables at exit. [`editor`] is only in the editor's library.

mod acks;
mod announcement;
mod argument;
mod auth_provider;
mod awaited;
mod callback;
mod client;
mod coalescing;
mod connection;
mod core;
mod dispatch;
#[cfg(feature = "editor")]
mod editor;
mod emit;
mod enumeration;
#[cfg(feature = "editor")]
mod export_help;
mod inspector;
mod library;
mod listener_leak;
mod listeners;
mod main_loop;
mod membership;
mod monitors;
mod namespace;
mod namespaces;
mod node;
mod on_main;
mod options;
mod refusal;
mod reply;
mod report;
mod signals;
mod signature;
mod states;
mod text;
mod tls;
mod unasked;
mod variant;
mod waits;

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
            client::singleton::register();
            main_loop::attach_deferred();
        }
        #[cfg(feature = "editor")]
        if stage == InitStage::Editor {
            editor::show_settings();
        }
    }

    fn on_stage_deinit(stage: InitStage) {
        if stage == InitStage::Scene {
            main_loop::exit();
            client::singleton::unregister();
            main_loop::stop();
        }
    }
}
